"""The control page: what each stand-in was asked, how it fails, and what can be made to happen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final
from urllib.parse import unquote

from sandbox.acts import open_deliveries
from sandbox.control_texts import TEXTS, Language
from sandbox.erp_records import Kind, Record
from sandbox.requests import Recorded
from sandbox.switches import Failure, Switch, Upstream, failing
from sandbox.world import World

_NAMES: Final = {
    Upstream.OPENAI: "OpenAI",
    Upstream.ANTHROPIC: "Anthropic",
    Upstream.CREDIT: "Credit",
    Upstream.XENTRAL: "Xentral",
    Upstream.IMAP: "IMAP",
}
_LATEST: Final = 25
_ROWS: Final = 40
_PATH: Final = 72
_STYLE: Final = """
:root { color-scheme: light dark; --paper: #f6f5f1; --card: #fff; --ink: #1d2725; --soft: #5b6865;
        --line: #dcdad2; --brand: #1f5c57; --glow: #e3efec; --bad: #a3341f }
@media (prefers-color-scheme: dark) {
  :root { --paper: #131918; --card: #1b2321; --ink: #e6ece9; --soft: #9fb0aa;
          --line: #30403b; --brand: #7fc9bd; --glow: #223430; --bad: #f0937f }
}
* { box-sizing: border-box }
body { margin: 0; padding: 1.5rem 1rem 4rem; font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif;
       color: var(--ink); background: var(--paper) }
main { max-width: 68rem; margin: 0 auto; display: grid; gap: 1.25rem;
       grid-template-columns: minmax(0, 1fr) }
h1 { font-size: 1.6rem; margin: 0; letter-spacing: -.01em } h2 { font-size: 1.1rem; margin: 0 0 .75rem }
p { margin: 0; color: var(--soft) }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: end;
         justify-content: space-between }
section { background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
          padding: 1.1rem 1.25rem }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th { font-weight: 560; color: var(--soft); font-size: .875rem }
td, th { text-align: left; vertical-align: top; padding: .5rem .9rem .5rem 0;
         border-top: 1px solid var(--line) }
tr:first-child th { border-top: 0; padding-top: 0 }
form { display: inline-flex; flex-wrap: wrap; gap: .35rem; align-items: center; margin: 0 .25rem .25rem 0 }
form.tall { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .5rem 1rem;
            margin: .75rem 0 0 }
form.tall button { grid-column: 2; justify-self: start }
button, select, input, textarea { font: inherit; color: inherit; background: var(--card); min-height: 2.5rem;
       border: 1px solid var(--soft); border-radius: .5rem; padding: .3rem .7rem; max-width: 100% }
input[type=number] { width: 6.5rem } textarea { min-height: 6rem }
button { cursor: pointer; font-weight: 560 }
button:hover { border-color: var(--brand); background: var(--glow) }
:focus-visible { outline: 3px solid var(--brand); outline-offset: 2px }
@media (max-width: 46rem) {
  .scroll, .scroll table, .scroll tbody, .scroll tr, .scroll td { display: block }
  .scroll th { display: none }
  .scroll tr { border-top: 1px solid var(--line); padding: .6rem 0 }
  .scroll td { border: 0; padding: .1rem 0 } .scroll code { overflow-wrap: anywhere }
}
.bad { color: var(--bad); font-weight: 560 } .quiet { color: var(--soft) }
code { font: .9em/1.4 ui-monospace, monospace }
p code { overflow-wrap: anywhere }
.told { border-left: 4px solid var(--brand) } .wrong { border-left: 4px solid var(--bad) }
"""


def page(world: World, language: Language, *, told: str = "", wrong: str = "") -> str:
    """The page.

    Args:
        world: what is shown.
        language: of the words.
        told: name of the act that was just done.
        wrong: why an act was not done.
    """
    words = TEXTS[language]
    note = ""
    if wrong:
        why = f"<b>{words['wrong']}</b> <code>{escape(wrong)}</code>"
        note = f'<section class="wrong" role="alert">{why}</section>'
    elif told in words:
        note = f'<section class="told" role="status"><b>{words["done"]}:</b> {words[told]}</section>'
    head = (
        f"<header><div><h1>{words['title']}</h1><p>{words['lead']}</p></div>"
        f"{_form('reset', words['reset'])}</header>"
    )
    parts = (
        _systems(world, words),
        _credit(world, words),
        _orders(world, words),
        _customers(world, words),
        _inbox(world, words),
        _recent(world, words),
    )
    body = f"<main>{head}{note}{''.join(parts)}</main>"
    meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    title = f"<title>{words['title']}</title><style>{_STYLE}</style>"
    return f'<!doctype html><html lang="{language}"><head>{meta}{title}</head><body>{body}</body></html>'


def _form(act: str, label: str, inside: str = "", **hidden: str) -> str:
    fields = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in {"act": act, **hidden}.items()
    )
    return f'<form method="post" action="/act">{fields}{inside}<button>{escape(label)}</button></form>'


def _number(name: str, label: str, value: str, most: int) -> str:
    given = f'name="{name}" value="{value}" min="0" max="{most}"'
    return f'<label><input type="number" {given}> {escape(label)}</label>'


def _table(heads: Iterable[str], rows: Iterable[str]) -> str:
    first = "".join(f"<th>{escape(head)}</th>" for head in heads)
    return f'<div class="scroll"><table><tr>{first}</tr>{"".join(rows)}</table></div>'


def _section(title: str, *inside: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(inside)}</section>"


def _systems(world: World, words: Mapping[str, str]) -> str:
    rows = []
    choices = "".join(f'<option value="{one}">{escape(words[one])}</option>' for one in Failure)
    for upstream in Upstream:
        switch = world.switches.current(upstream)
        state = _state(switch, words)
        seen = f"{len(world.log.of(upstream))} {words['requests']}"
        models = world.models(upstream)
        if models is not None:
            bill = models.bill()
            seen += f"<br>{len(bill.calls)} {words['calls']}, {bill.usd:.4f} USD {words['charged']}"
        label = f"{words['fail']}: {_NAMES[upstream]}"
        select = f'<select name="failure" aria-label="{escape(label)}">{choices}</select>'
        acts = _form("fail", words["fail"], select, upstream=upstream)
        acts += _form(
            "delay",
            words["delay"],
            _number("milliseconds", words["milliseconds"], "500", 60_000),
            upstream=upstream,
        )
        if switch.spoils:
            acts += _form("heal", words["heal"], upstream=upstream)
        where = escape(world.where(upstream))
        rows.append(
            f"<tr><td><b>{_NAMES[upstream]}</b><br><code>{where}</code></td><td>{state}</td>"
            f'<td class="quiet">{seen}</td><td>{acts}</td></tr>'
        )
    heads = (words["system"], words["state"], words["requests"], words["act"])
    return _section(words["systems"], _table(heads, rows))


def _state(switch: Switch, words: Mapping[str, str]) -> str:
    if not switch.spoils:
        return words["well"]
    for failure in Failure:
        if switch == failing(failure):
            return f'<span class="bad">{words[failure]}</span>'
    parts = [
        f"{words['latency']}: {switch.latency_ms} ms" if switch.latency_ms else "",
        f"{switch.error}" if switch.error else "",
    ]
    return f'<span class="bad">{", ".join(part for part in parts if part) or words["fail"]}</span>'


def _credit(world: World, words: Mapping[str, str]) -> str:
    pending = world.credit.pending()
    decide = _form("decide", words["decide"]) if pending else ""
    return _section(
        words["credit"],
        f"<p>{words['who']}</p><p>{words['pending']}: {pending}</p>{decide}",
    )


def _orders(world: World, words: Mapping[str, str]) -> str:
    orders = world.xentral.records.all(Kind.ORDERS)[-_ROWS:][::-1]
    if not orders:
        return _section(words["erp"], f"<p>{words['no orders']}</p>")
    rows = [
        f"<tr><td><b>{escape(one['number'])}</b><br>"
        f'<span class="quiet">{escape(_customer(world, one))}</span></td>'
        f"<td>{escape(one['status'])}</td><td>{_goods(one)}</td>"
        f"<td>{_order_acts(world, one, words)}</td></tr>"
        for one in orders
    ]
    return _section(
        words["erp"], _table((words["order"], words["state"], words["goods"], words["act"]), rows)
    )


def _customer(world: World, order: Record) -> str:
    return str(world.xentral.records.one(Kind.CUSTOMERS, order["customer"]["id"])["name"])


def _goods(order: Record) -> str:
    return "<br>".join(
        f"{one['quantity']} × {escape(one['product']['number'])}" for one in order["positions"]
    )


def _order_acts(world: World, order: Record, words: Mapping[str, str]) -> str:
    days = _number("days_ago", words["days ago"], "0", 400)
    if order["status"] == "on-hold":
        return _form("release", words["release"], days, id=order["id"])
    if order["status"] == "released":
        return (
            _form("ship", words["ship"], days, id=order["id"])
            + _form("hold", words["hold"], id=order["id"])
            + _form("cancel", words["cancel"], id=order["id"])
        )
    return "".join(
        _form("deliver", words["deliver"], days, id=delivery)
        for delivery in open_deliveries(world, order["id"])
    )


def _customers(world: World, words: Mapping[str, str]) -> str:
    customers = world.xentral.records.all(Kind.CUSTOMERS)[-_ROWS:][::-1]
    open_invoices = [one for one in world.xentral.records.all(Kind.INVOICES) if one["status"] == "open"]
    rows = []
    for one in customers:
        acts = _form(
            "invoice", words["invoice"], _number("days_ago", words["days ago"], "0", 400), id=one["id"]
        )
        acts += "".join(
            _form("pay", f"{words['pay']}: {due['number']}", id=due["id"])
            for due in open_invoices
            if due["customer"]["id"] == one["id"]
        )
        since = (one["firstInvoiceAt"] or "–")[:10]
        rows.append(
            f"<tr><td><b>{escape(one['name'])}</b><br><span class='quiet'>{escape(one['number'])}</span></td>"
            f"<td>{escape(one['address']['zipCode'])} {escape(one['address']['city'])}</td><td>{since}</td>"
            f"<td>{acts}</td></tr>"
        )
    fields = "".join(
        f'<input name="{name}" aria-label="{words[name]}" placeholder="{words[name]}">'
        for name in ("name", "zip", "city")
    )
    stock = _form(
        "stock",
        words["stock"],
        _number("products", words["products"], str(len(world.xentral.records.all(Kind.PRODUCTS))), 20_000),
    )
    return _section(
        words["customers"],
        _table((words["customer"], words["place"], words["first invoice"], words["act"]), rows),
        _form("add-customer", words["add-customer"], fields),
        stock,
    )


def _inbox(world: World, words: Mapping[str, str]) -> str:
    fields = "".join(
        f'<label for="{name}">{words[name]}</label><input id="{name}" name="{name}">'
        for name in ("from", "subject")
    )
    text = f'<label for="text">{words["text"]}</label><textarea id="text" name="text"></textarea>'
    form = (
        '<form class="tall" method="post" action="/act"><input type="hidden" name="act" value="mail">'
        f"{fields}{text}<button>{words['mail']}</button></form>"
    )
    return _section(words["inbox"], f"<p>{words['mails']}: {len(world.inbox.numbers())}</p>", form)


def _recent(world: World, words: Mapping[str, str]) -> str:
    latest = sorted(
        (one for upstream in Upstream for one in world.log.of(upstream)[-_LATEST:]),
        key=lambda one: one.number,
        reverse=True,
    )[:_LATEST]
    if not latest:
        return _section(words["recent"], f"<p>{words['none']}</p>")
    heads = (words["when"], words["system"], words["what"], words["answer"])
    return _section(words["recent"], _table(heads, (_request(one, words) for one in latest)))


def _request(one: Recorded, words: Mapping[str, str]) -> str:
    answered = words["no answer"] if one.answered is None else str(one.answered)
    if one.upstream is Upstream.IMAP:
        answered = ""
    asked = f"{one.method} {one.path}{'?' + one.query if one.query else ''}"
    asked = unquote(asked)
    shown = asked if len(asked) <= _PATH else f"{asked[:_PATH]}…"
    return (
        f"<tr><td>{one.at:%H:%M:%S}</td><td>{_NAMES[one.upstream]}</td>"
        f"<td><code>{escape(shown)}</code></td><td>{answered}</td></tr>"
    )
