"""How the systems outside are configured: nothing is fine, half is named, secrets stay secret."""

import json
from pathlib import Path

import pytest

from adapters import outside_settings
from adapters.folders import STACK_FILE
from adapters.outside_settings import ImapAccount, OutsideSettings, ProviderName
from adapters.settings import DEMO_TENANT, SettingsError

STACK = {
    "OPENAI_API_KEY": "sandbox-openai",
    "OPENAI_BASE_URL": "http://127.0.0.1:8070/openai/v1",
    "ANTHROPIC_API_KEY": "sandbox-anthropic",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:8070/anthropic",
    "CREDIT_URL": "http://127.0.0.1:8070/credit",
    "CREDIT_TOKEN_URL": "http://127.0.0.1:8070/credit/oauth2/token",
    "CREDIT_CLIENT_ID": "fristwerk",
    "CREDIT_CLIENT_SECRET": "sandbox-credit",
    "XENTRAL_URL": "http://127.0.0.1:8070/xentral",
    "XENTRAL_TOKEN": "sandbox-xentral",
    "IMAP_URL": "imaps://inbox:sandbox@127.0.0.1:1993/INBOX",
    "DATABASE_URL": "postgresql://postgres:secret@127.0.0.1:5432/fristwerk",
}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for declared in OutsideSettings.model_fields.values():
        monkeypatch.delenv(str(declared.validation_alias), raising=False)
    for name in ("DATABASE_URL", "APP_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FRISTWERK_STATE", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    return tmp_path


def _running(folder: Path) -> None:
    (folder / "state" / STACK_FILE).write_text(json.dumps({"environment": STACK}))


def test_nothing_configured_is_nothing() -> None:
    found = outside_settings.load()
    found.check()
    accounts = (found.openai(), found.anthropic(), found.credit(), found.xentral(), found.imap())
    assert accounts == (None,) * 5
    assert found.tenant == DEMO_TENANT


def test_the_running_stack_fills_in_whole_systems_only(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _running(alone)
    monkeypatch.setenv("OPENAI_API_KEY", "a-real-key")
    monkeypatch.setenv("CREDIT_CLIENT_ID", "a-real-client")
    found = outside_settings.load()
    openai, anthropic, xentral = found.openai(), found.anthropic(), found.xentral()
    assert openai is not None
    assert openai.base_url == "https://api.openai.com/v1", "a real key never goes to a stand-in"
    assert anthropic is not None
    assert (anthropic.name, anthropic.base_url) == (ProviderName.ANTHROPIC, STACK["ANTHROPIC_BASE_URL"])
    assert found.credit() is None
    assert xentral is not None
    assert xentral.webhook_secret is None
    assert found.imap() == ImapAccount(host="127.0.0.1", port=1993, user="inbox", password="sandbox")
    assert outside_settings.load(embedded=False).anthropic() is None


def test_a_real_database_never_takes_a_stand_in(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _running(alone)
    monkeypatch.setenv("DATABASE_URL", "postgresql://owner:secret@db.example.org/fristwerk")
    assert outside_settings.load().xentral() is None


def test_secrets_come_from_files_and_are_never_shown(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (alone / "key").write_text("key-in-a-file\n")
    (alone / "ca.pem").write_text("certificate")
    monkeypatch.setenv("ANTHROPIC_API_KEY_FILE", str(alone / "key"))
    monkeypatch.setenv("XENTRAL_URL", "https://erp.example.org/")
    monkeypatch.setenv("XENTRAL_TOKEN_FILE", str(alone / "key"))
    monkeypatch.setenv("IMAP_URL", "imaps://sales%40example.org:p%3Ass@imap.example.org/Leads%20in")
    monkeypatch.setenv("OUTSIDE_CA_FILE", str(alone / "ca.pem"))
    found = outside_settings.load()
    anthropic, xentral, imap = found.anthropic(), found.xentral(), found.imap()
    assert anthropic is not None
    assert xentral is not None
    assert imap is not None
    assert (anthropic.api_key, xentral.token) == ("key-in-a-file", "key-in-a-file")
    assert (xentral.url, xentral.ca_file) == ("https://erp.example.org", alone / "ca.pem")
    assert (imap.user, imap.password, imap.port, imap.folder) == (
        "sales@example.org", "p:ss", 993, "Leads in",
    )  # fmt: skip
    for shown in (repr(found), repr(anthropic), repr(xentral), repr(imap)):
        assert "key-in-a-file" not in shown
        assert "p:ss" not in shown
        assert "p%3Ass" not in shown


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("OPENAI_BASE_URL", "ftp://api.example.org", "https://"),
        ("OPENAI_BASE_URL", "https://api.example.org:port/v1", "port"),
        ("ANTHROPIC_BASE_URL", "http://api.example.org", "this machine only"),
        ("CREDIT_URL", "https://user:secret@credit.example.org", "without user"),
        ("CREDIT_TOKEN_URL", "https://credit.example.org/token?x=1", "without user"),
        ("XENTRAL_URL", "https://", "must be an address"),
        ("XENTRAL_TOKEN", "two\nlines", "one line"),
        ("IMAP_URL", "imap://user:secret@imap.example.org", "imaps://"),
        ("IMAP_URL", "imaps://imap.example.org", "imaps://user:password"),
        ("IMAP_URL", "imaps://user:sec%0Aret@imap.example.org", "one line"),
        ("IMAP_URL", "imaps://user:secret@imap.example.org:99999", "65535"),
    ],
)
def test_nonsense_is_named_and_not_repeated(
    name: str, value: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=why) as refused:
        outside_settings.load()
    assert refused.value.field == name
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"CREDIT_URL": "https://c.example.org"}, "CREDIT_TOKEN_URL"),
        (
            {
                "CREDIT_URL": "https://c.example.org",
                "CREDIT_TOKEN_URL": "https://c.example.org/t",
                "CREDIT_CLIENT_ID": "us",
            },
            "CREDIT_CLIENT_SECRET",
        ),
        ({"XENTRAL_URL": "https://erp.example.org"}, "XENTRAL_TOKEN"),
        ({"OPENAI_API_KEY_FILE": "no-such-file"}, "OPENAI_API_KEY_FILE"),
        ({"OPENAI_API_KEY": "key", "OUTSIDE_CA_FILE": "no-such-file"}, "OUTSIDE_CA_FILE"),
    ],
)
def test_half_an_account_names_what_is_missing(
    given: dict[str, str], missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        outside_settings.load().check()
    assert refused.value.field == missing
