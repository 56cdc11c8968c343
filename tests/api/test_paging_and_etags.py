"""Cursors and entity tags: what is ours, and everything else that is sent instead."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from api.etag import Version, parse_if_match, unchanged
from api.paging import Paging, Place, decode_cursor, encode_cursor
from api.problems import ApiError, Kind

PLACES = st.lists(
    st.one_of(
        st.none(),
        st.integers(-(2**63) + 1, 2**63 - 1),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    ),
    min_size=1,
    max_size=4,
)


@given(PLACES)
def test_a_cursor_gives_back_what_it_was_made_of(place: list[Place]) -> None:
    kinds = [str if part is None else type(part) for part in place]
    cursor = encode_cursor(place)
    assert decode_cursor(cursor, kinds) == tuple(place)
    assert cursor.isascii()
    assert "=" not in cursor
    assert Paging(50, cursor).after(*kinds) == tuple(place)


def test_the_first_page_is_after_nothing() -> None:
    assert Paging(50, None).after(str, str) is None


def _packed(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "nonsense!",
        "ü",
        "\0",
        "W10=====",
        urlsafe_b64encode(b"\xff\xfe").decode(),
        urlsafe_b64encode(b"[" * 700).decode(),
        _packed({}),
        _packed([]),
        _packed(["a"]),
        _packed(["a", 1, 2]),
        _packed([1, "a"]),
        _packed(["a", True]),
        _packed(["a", 1.0]),
        _packed(["a", [1]]),
        _packed(["a\0", 1]),
        _packed(["a\ud800", 1]),
        _packed(["a", 2**63]),
        _packed(["a", -(10**30)]),
    ],
)
def test_what_is_no_cursor_of_this_list(cursor: str) -> None:
    with pytest.raises(ApiError) as refused:
        decode_cursor(cursor, (str, int))
    assert refused.value.kind is Kind.UNPROCESSABLE
    (error,) = refused.value.errors
    assert (error.place, error.pointer, error.code) == ("query", "#/cursor", "unknown-cursor")


@pytest.mark.parametrize(
    ("header", "version"),
    [
        (None, None),
        ("*", None),
        (" * ", None),
        ('"7"', Version(7)),
        (' "7" ', Version(7)),
        ('"7.2"', Version(7, 2)),
        ('"0.0"', Version(0, 0)),
    ],
)
def test_what_if_match_demands(header: str | None, version: Version | None) -> None:
    assert parse_if_match(header) == version
    if version is not None:
        assert parse_if_match(str(version)) == version


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ('W/"7"', Kind.REVISION_CONFLICT),
        ('"another"', Kind.REVISION_CONFLICT),
        ('""', Kind.REVISION_CONFLICT),
        ('"-1"', Kind.REVISION_CONFLICT),
        ('"7.2.1"', Kind.REVISION_CONFLICT),
        (f'"{"9" * 40}"', Kind.REVISION_CONFLICT),
        ('"٧"', Kind.UNPROCESSABLE),
        ("7", Kind.UNPROCESSABLE),
        ("", Kind.UNPROCESSABLE),
        ('"7", "8"', Kind.UNPROCESSABLE),
        ('"7', Kind.UNPROCESSABLE),
    ],
)
def test_if_match_that_is_no_state_of_a_lead(header: str, kind: Kind) -> None:
    with pytest.raises(ApiError) as refused:
        parse_if_match(header)
    assert refused.value.kind is kind


@pytest.mark.parametrize(
    ("header", "known"),
    [
        (None, False),
        ('"7.2"', True),
        ('W/"7.2"', True),
        ('"1", "7.2"', True),
        ("*", True),
        ('"7"', False),
        ("7.2", False),
        ("", False),
    ],
)
def test_whether_the_caller_has_it_already(header: str | None, known: bool) -> None:
    headers = [] if header is None else [(b"if-none-match", header.encode())]
    assert unchanged(Request({"type": "http", "headers": headers}), str(Version(7, 2))) is known
