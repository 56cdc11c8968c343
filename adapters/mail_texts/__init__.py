"""Letters in words: one content for plain text and HTML, English in the source, German in `locales/de.po`."""
