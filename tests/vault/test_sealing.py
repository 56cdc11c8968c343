"""What is sealed opens only where it belongs, whole, and with its own key."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.keyring import Keyring, KeyUnknown
from adapters.sealing import SHORTEST, NotOpened, new_key, rewrap, unwrap
from tests.vaultfixtures import RING

TENANT, LEAD, ROW = UUID(int=1), UUID(int=2), UUID(int=3)
WRAPPED = new_key(RING, TENANT, LEAD)
KEY = unwrap(RING, WRAPPED)
SEALED = KEY.seal("note", ROW, "Frau Geheim")


@given(st.text())
def test_it_opens_to_what_was_said(text: str) -> None:
    sealed = KEY.seal("note", ROW, text)
    assert KEY.open("note", ROW, sealed) == text
    assert sealed != KEY.seal("note", ROW, text)
    assert len(sealed) == SHORTEST + len(text.encode())


def test_elsewhere_it_does_not_open() -> None:
    other_lead = unwrap(RING, new_key(RING, TENANT, uuid4()))
    other_tenant = replace(KEY, tenant=uuid4())
    for key, column, row in (
        (KEY, "name", ROW),
        (KEY, "note", uuid4()),
        (other_lead, "note", ROW),
        (other_tenant, "note", ROW),
        (replace(KEY, lead=uuid4()), "note", ROW),
    ):
        with pytest.raises(NotOpened):
            key.open(column, row, SEALED)


@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_a_single_changed_byte_is_noticed(place: int, by: int) -> None:
    changed = bytearray(SEALED)
    changed[place] ^= by
    with pytest.raises(NotOpened):
        KEY.open("note", ROW, bytes(changed))


@given(st.binary(max_size=80))
def test_garbage_does_not_open(garbage: bytes) -> None:
    with pytest.raises(NotOpened):
        KEY.open("note", ROW, garbage)


def test_a_wrapped_key_is_its_leads_alone() -> None:
    for moved in (
        replace(WRAPPED, lead=uuid4()),
        replace(WRAPPED, tenant=uuid4()),
        replace(WRAPPED, id=uuid4()),
        replace(WRAPPED, wrapped=WRAPPED.wrapped[:-1]),
    ):
        with pytest.raises(NotOpened):
            unwrap(RING, moved)
    with pytest.raises(KeyUnknown):
        unwrap(Keyring.new(), WRAPPED)


def test_rotation_leaves_what_is_sealed_as_it_is() -> None:
    turned = RING.with_new_key()
    moved = rewrap(turned, WRAPPED)
    assert moved.kek_id == turned.newest.id != WRAPPED.kek_id
    assert unwrap(turned, moved).open("note", ROW, SEALED) == "Frau Geheim"
    retired = Keyring.of([turned.newest], RING.with_new_key().newest)
    assert unwrap(retired, moved).open("note", ROW, SEALED) == "Frau Geheim"
    with pytest.raises(KeyUnknown):
        unwrap(retired, WRAPPED)
