"""Master keys: where they come from, how they turn over, and how nonsense is named."""

from __future__ import annotations

import base64
from pathlib import Path
from uuid import UUID

import pytest

from adapters.keyring import BadKey, Keyring, KeyUnknown, MasterKey, keyring, write_key_file
from adapters.settings import Settings, SettingsError
from tests.vaultfixtures import KEY_ENVIRONMENT, RING, key_of

HERE, THERE = UUID(int=1), UUID(int=2)
ONE, TWO, INDEX = (key_of(name).base64() for name in ("one", "two", "index"))
FILE = "FRISTWERK_MASTER_KEY_FILE"


def _settings(**environment: str) -> Settings:
    return Settings.model_validate(environment)


def test_a_written_file_gives_the_same_ring_and_only_we_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    ring = Keyring.new().with_new_key()
    write_key_file(file, ring)
    assert keyring(_settings(**{FILE: str(file)})) == ring
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_the_environment_gives_the_newest_first() -> None:
    ring = keyring(_settings(FRISTWERK_MASTER_KEY=f"{TWO}, {ONE}", FRISTWERK_INDEX_KEY=INDEX))
    assert ring.newest == key_of("two")
    assert set(ring.keys) == {key_of("one").id, key_of("two").id}
    assert keyring(_settings(**KEY_ENVIRONMENT)) == RING


def test_a_new_key_leaves_the_old_ones_and_the_index_as_they_are() -> None:
    turned = RING.with_new_key()
    assert turned.newest.id not in RING.keys
    assert turned.key(RING.newest.id) == RING.newest
    assert turned.index == RING.index
    with pytest.raises(KeyUnknown, match="not configured"):
        RING.key(turned.newest.id)


def test_the_blind_index_tells_tenants_columns_and_rings_apart() -> None:
    words = {
        ring.blind_index(tenant, column, "a@b.example")
        for ring in (RING, Keyring.new())
        for tenant in (HERE, THERE)
        for column in ("email", "phone")
    }
    assert len(words) == 8
    assert RING.blind_index(HERE, "email", "x") == RING.with_new_key().blind_index(HERE, "email", "x")


def test_nothing_secret_is_shown() -> None:
    shown = repr(RING) + repr(RING.newest) + repr(_settings(**KEY_ENVIRONMENT))
    assert ONE not in shown
    assert repr(key_of("one").secret)[2:-1] not in shown
    assert INDEX not in shown


SHORT = base64.b64encode(b"x" * 31).decode()


@pytest.mark.parametrize(
    ("environment", "field", "why"),
    [
        ({}, FILE, "keys generate"),
        ({"FRISTWERK_MASTER_KEY": ONE}, "FRISTWERK_INDEX_KEY", "not set"),
        ({"FRISTWERK_MASTER_KEY": "?", "FRISTWERK_INDEX_KEY": INDEX}, "FRISTWERK_MASTER_KEY", "base64"),
        ({"FRISTWERK_MASTER_KEY": "ü", "FRISTWERK_INDEX_KEY": INDEX}, "FRISTWERK_MASTER_KEY", "base64"),
        ({"FRISTWERK_MASTER_KEY": SHORT, "FRISTWERK_INDEX_KEY": INDEX}, "FRISTWERK_MASTER_KEY", "32 bytes"),
        ({"FRISTWERK_MASTER_KEY": f"{ONE},", "FRISTWERK_INDEX_KEY": INDEX}, "FRISTWERK_MASTER_KEY", "32"),
        ({"FRISTWERK_MASTER_KEY": ONE, "FRISTWERK_INDEX_KEY": SHORT}, "FRISTWERK_INDEX_KEY", "32 bytes"),
        ({"FRISTWERK_MASTER_KEY": ONE, "FRISTWERK_INDEX_KEY": ONE}, "FRISTWERK_MASTER_KEY", "twice"),
        (
            {"FRISTWERK_MASTER_KEY": f"{ONE},{ONE}", "FRISTWERK_INDEX_KEY": INDEX},
            "FRISTWERK_MASTER_KEY",
            "twice",
        ),
        ({"FRISTWERK_MASTER_KEY": ONE, FILE: "/nowhere"}, FILE, "one of the two"),
        ({FILE: "/nowhere/keys"}, FILE, "cannot be read"),
    ],
)
def test_nonsense_in_the_environment_is_named_and_not_repeated(
    environment: dict[str, str], field: str, why: str
) -> None:
    with pytest.raises(SettingsError, match=why) as refused:
        keyring(_settings(**environment))
    assert refused.value.field == field
    assert ONE not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "index"),
        (f"index {INDEX}", "no key"),
        (f"key {ONE}", "index"),
        (f"key {ONE}\nindex {INDEX}\nindex {TWO}", "one line"),
        (f"# a file\n\nkey {ONE}\nkey\nindex {INDEX}", "line 4"),
        (f"key {ONE}\nlock {TWO}\nindex {INDEX}", "line 2"),
        (f"key {ONE}\nindex {SHORT}", "line 2: must be 32 bytes"),
        (f"key {ONE}\nkey {ONE}\nindex {INDEX}", "twice"),
        (f"key {ONE}\nindex ü{INDEX}", "plain text"),
    ],
)
def test_a_file_of_nonsense_is_named_by_line(text: str, why: str, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=why) as refused:
        keyring(_settings(**{FILE: str(file)}))
    assert (refused.value.field, ONE in str(refused.value)) == (FILE, False)


def test_a_key_is_32_bytes_in_base64() -> None:
    assert MasterKey.from_base64(f" {ONE}\n") == key_of("one")
    for text in ("", "x", ONE[:-1], ONE + "=", base64.urlsafe_b64encode(b"\xff" * 32).decode()):
        with pytest.raises(BadKey):
            MasterKey.from_base64(text)
