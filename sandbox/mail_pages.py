"""Web pages of the mail sink: a list of mails and one mail. Nothing in a mail can run here."""

from html import escape

from sandbox.mailbox import StoredMail

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       color: #1c2430; background: #fbfaf7 }
a { color: #17527a }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0;
         border-bottom: 1px solid #ddd8cc }
pre { white-space: pre-wrap; background: #fff; border: 1px solid #ddd8cc; padding: 1rem }
iframe { width: 100%; height: 40rem; border: 1px solid #ddd8cc; background: #fff }
dl { display: grid; grid-template-columns: 8rem 1fr; gap: .2rem } dt { font-weight: 600 } dd { margin: 0 }
"""
_META = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'


def _page(title: str, body: str) -> str:
    head = f"{_META}<title>{escape(title)}</title><style>{_STYLE}</style>"
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'


def list_page(mails: list[StoredMail], total: int) -> str:
    """Return the page that lists mails, the newest first.

    Args:
        mails: The mails to show.
        total: How many there are in all.

    Returns:
        HTML.
    """
    rows = "".join(
        f'<tr><td><a href="/mails/{mail.number}">{mail.number}</a></td><td>{escape(mail.date)}</td>'
        f"<td>{escape(', '.join(mail.recipients))}</td>"
        f'<td><a href="/mails/{mail.number}">{escape(mail.subject) or "(no subject)"}</a></td></tr>'
        for mail in mails
    )
    what = f"{total} mails" if total != 1 else "1 mail"
    shown = f", the newest {len(mails)} shown" if total > len(mails) else ""
    table = f"<table><tr><th>No.<th>Date<th>To<th>Subject</tr>{rows}</table>" if mails else ""
    note = "Everything this installation sends ends here; nothing leaves this machine."
    return _page("Mails", f"<h1>Mails</h1><p>{what}{shown}. {note}</p>{table}")


def mail_page(mail: StoredMail, control: str | None = None) -> str:
    """Return the page of one mail; its HTML part is shown in a frame that may do nothing.

    Args:
        mail: the mail.
        control: where answers go, the control of the sandbox; None: nowhere.
    """
    heads = {
        "From": mail.sender,
        "To": ", ".join(mail.recipients),
        "Date": mail.date,
        "Message-ID": mail.message_id,
    }
    listed = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in heads.items())
    frame = f'<iframe sandbox="" title="HTML" srcdoc="{escape(mail.html)}"></iframe>' if mail.html else ""
    text = f"<pre>{escape(mail.text)}</pre>" if mail.text else ""
    reply = "" if control is None else _reply(mail, control)
    links = f'<p><a href="/">All mails</a> · <a href="/mails/{mail.number}.eml">Source</a></p>'
    return _page(mail.subject, f"{links}<h1>{escape(mail.subject)}</h1><dl>{listed}</dl>{frame}{text}{reply}")


def _reply(mail: StoredMail, control: str) -> str:
    """A form that puts an answer into the inbox, in the name of whoever got the mail."""
    told = {
        "act": "mail",
        "from": mail.recipients[0] if mail.recipients else "",
        "to": mail.sender,
        "subject": mail.subject if mail.subject.lower().startswith("re:") else f"Re: {mail.subject}",
        "in_reply_to": mail.message_id,
    }
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in told.items()
    )
    kinds = "".join(
        f'<option value="{kind}">{words}</option>'
        for kind, words in (
            ("answer", "as a person"),
            ("automatic", "as an automatic answer"),
            ("bounce", "as a report that it was not delivered"),
        )
    )
    return (
        f'<h2>Reply</h2><form method="post" action="{escape(control)}/act">{hidden}'
        '<p><textarea name="text" aria-label="Text" rows="6" cols="60" required>'
        "Gern, bitte schicken Sie uns ein Muster.</textarea></p>"
        f'<p><select name="kind" aria-label="Kind">{kinds}</select> <button>Reply</button></p></form>'
    )
