"""Forms: texts become values, and whatever does not is named at its field."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.types import Message

from api.pages.forms import Form, FormModel, Many, Moment, read_form
from api.pages.refusals import refusal_text
from api.pages.render import environment
from api.pages.texts import known_texts, say
from protection.refusal import Code, Refused
from tests.api.shop import Shop

template = environment("en").from_string
LEAD = "0f7e0000-0000-4000-8000-000000000001"


class Kind(StrEnum):
    """Something to choose from."""

    ONE = "ONE"
    TWO = "TWO"


class Whole(FormModel):
    """One field of every kind."""

    name: Annotated[str, StringConstraints(min_length=2, max_length=20)]
    kind: Kind | None = None
    days: Annotated[int, Field(ge=1, le=30)] | None = None
    on: date | None = None
    at: Moment | None = None
    sure: bool = False
    leads: Many[tuple[UUID, ...]] = ()
    kinds: Many[Annotated[tuple[Kind, ...], Field(max_length=2)]] = ()


async def _sent(shop: Shop, fields: list[tuple[str, str]], language: str = "en") -> Form[Whole]:
    body = urlencode(fields).encode()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/trial",
        "query_string": b"",
        "app": shop.api.app,
        "headers": [
            (b"content-type", b"application/x-www-form-urlencoded"),
            (b"accept-language", language.encode()),
        ],
    }
    return await read_form(Request(scope, receive), Whole)


async def test_texts_become_values(shop: Shop) -> None:
    form = await _sent(
        shop,
        [
            ("_act", "key-of-this-act"),
            ("back", "/leads?q=1"),
            ("name", "  Zur Krone \r\n"),
            ("kind", "TWO"),
            ("days", "14"),
            ("on", "2026-11-23"),
            ("at", "2026-11-23T14:30"),
            ("sure", "on"),
            ("leads", LEAD),
            ("leads", LEAD),
            ("kinds", ""),
        ],
    )
    assert (form.ok, form.errors, form.act, form.back) == (True, {}, "key-of-this-act", "/leads?q=1")
    assert form.values == Whole(
        name="Zur Krone",
        kind=Kind.TWO,
        days=14,
        on=date(2026, 11, 23),
        at=datetime(2026, 11, 23, 13, 30, tzinfo=UTC),
        sure=True,
        leads=(UUID(LEAD), UUID(LEAD)),
    )
    assert form.value("leads") == [LEAD, LEAD]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x"),
        ("name", "x" * 21),
        ("name", "nul\x00"),
        ("name", "unit\x1fseparator"),
        ("kind", "THREE"),
        ("kind", "one"),
        ("days", "0"),
        ("days", "31"),
        ("days", "1.5"),
        ("days", "1e9"),
        ("days", "9" * 5000),
        ("on", "23.11.2026"),
        ("on", "2026-02-30"),
        ("on", "2026-11-23T10:00"),
        ("at", "yesterday"),
        ("at", "0001-01-01T00:00"),
        ("at", "9999-12-31T23:59"),
        ("at", "2026-11-23T25:00"),
        ("sure", "perhaps"),
        ("leads", "none"),
        ("leads", f"{LEAD}\x1f{LEAD}"),
        ("kinds", "ONE TWO"),
    ],
)
async def test_nonsense_is_named_at_its_field(shop: Shop, field: str, value: str) -> None:
    given = [("name", "Krone")] if field != "name" else []
    for language in ("en", "de"):
        form = await _sent(shop, [*given, (field, value)], language)
        assert (form.ok, list(form.errors)) == (False, [field])
        # The words are ours: what was typed is not in them, and nothing of pydantic's English.
        assert "nput" not in form.errors[field]
        with pytest.raises(ValueError, match="has no values"):
            _ = form.values


async def test_what_a_form_does_not_have_is_refused_as_a_whole(shop: Shop) -> None:
    form = await _sent(
        shop, [("name", "Krone"), ("owner", "anna"), ("name", "Adler"), ("back", "//evil.example")]
    )
    assert set(form.errors) == {"", "name"}
    assert form.back is None


async def test_a_refusal_of_a_service_stands_at_its_field(shop: Shop) -> None:
    form = await _sent(shop, [("name", "Krone"), ("days", "3")], "de")
    assert form.ok
    form.refuse(Refused(Code.DAYS_OUT_OF_RANGE, "policy.days", "between 1 and 2"))
    form.refuse(Refused(Code.HOLD_EXISTS, "hold", "there is one"))
    form.refuse(Refused(Code.MALFORMED, "company", "no"), company="name")
    assert form.errors == {
        "days": "So viele Tage sind nicht möglich.",
        "": "Eine solche Hemmung gibt es schon.",
        "name": "Das passt nicht.",
    }
    assert not form.ok


@pytest.mark.parametrize("code", list(Code))
def test_every_refusal_has_words_in_both_languages(code: Code) -> None:
    refused = Refused(code, "", "English")
    english = refusal_text(refused, lambda text: say("en", text))
    assert english in known_texts()
    assert refusal_text(refused, lambda text: say("de", text)) != english


def test_a_refused_form_shows_what_was_typed_and_what_is_wrong() -> None:
    form: Form[Any] = Form(lambda text, **values: say("en", text, **values))
    form.given = {"name": '"><b>', "kind": "TWO", "note": "<i>", "sure": "on"}
    form.fail("name", "Please fill this in.")
    form.fail("", "This does not fit.")
    shown = template(
        """{% from "parts/form.html.j2" import field, area, select, choices, check %}
        {% from "parts/form.html.j2" import submit, summary, act_form %}
        {{ summary(form) }}
        {% call act_form("/x", back="/y") %}
          {{ field(form, "name", "Name", hint="How it is called", required=true, hx_get="/x", maxlength=3) }}
          {{ area(form, "note", "Note") }}
          {{ select(form, "kind", "Kind", [("ONE", "1"), ("TWO", "2")], empty="Choose") }}
          {{ choices(form, "kind", "Kind", [("ONE", "1"), ("TWO", "2")]) }}
          {{ check(form, "sure", "Sure") }}{{ submit("Go", "danger") }}
        {% endcall %}"""
    ).render(form=form)
    assert shown.count('name="_act"') == 1
    assert '<input type="hidden" name="back" value="/y">' in shown
    assert '<a href="#name">Please fill this in.</a>' in shown
    assert 'aria-invalid="true" aria-describedby="name-hint name-wrong" value="&#34;&gt;&lt;b&gt;"' in shown
    assert '<option value="TWO" selected>' in shown
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert 'hx-get="/x" maxlength="3"' in shown
