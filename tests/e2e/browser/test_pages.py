"""Everything that is tried in a browser.

Test processes are handed one file after the other; what is collected here shares one stack and one browser.
"""

from tests.e2e.browser.strangers import test_the_way_in_is_shown_in_both_languages

__all__ = ["test_the_way_in_is_shown_in_both_languages"]
