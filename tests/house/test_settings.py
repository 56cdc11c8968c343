"""Settings: where they come from, who wins, and how nonsense is named."""

import json
from pathlib import Path

import pytest

from adapters import settings
from adapters.folders import STACK_FILE, default_state_folder, reachable_by_others
from adapters.settings import Role, SettingsError

OWNER = "postgresql://owner:secret@db.example.org/fristwerk"
NAMES = (
    "DATABASE_URL", "APP_DATABASE_URL", "WORKER_DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE",
    "TEMPORAL_UI_URL", "SMTP_URL", "MAIL_FROM", "PUBLIC_URL", "FRISTWERK_TENANT", "LOG_LEVEL",
)  # fmt: skip


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing configured, an empty folder to stand in, a state folder of one's own."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FRISTWERK_STATE", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    return tmp_path


def _running(folder: Path, **environment: str) -> None:
    (folder / "state" / STACK_FILE).write_text(json.dumps({"environment": environment}))


def test_nothing_configured_says_what_is_missing_and_what_to_do() -> None:
    found = settings.load()
    for field, ask in {
        "DATABASE_URL": found.owner_login,
        "APP_DATABASE_URL": found.app_login,
        "WORKER_DATABASE_URL": found.worker_login,
        "TEMPORAL_ADDRESS": found.temporal,
        "SMTP_URL": found.smtp,
    }.items():
        with pytest.raises(SettingsError, match="fristwerk up") as refused:
            ask()
        assert refused.value.field == field


def test_processes_switch_to_their_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", OWNER)
    monkeypatch.setenv("WORKER_DATABASE_URL", OWNER.replace("owner", "worker"))
    found = settings.load()
    assert (found.owner_login().url, found.owner_login().role) == (OWNER, None)
    assert (found.app_login().url, found.app_login().role) == (OWNER, Role.APP)
    assert found.worker_login().role is Role.WORKER
    assert "worker:" in found.worker_login().url
    assert "secret" not in repr(found)


def test_the_environment_wins_over_the_file_and_the_file_over_the_running_stack(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _running(alone, TEMPORAL_ADDRESS="stack:1", SMTP_URL="smtp://stack:1", TEMPORAL_UI_URL="http://stack:1")
    (alone / ".env").write_text("TEMPORAL_ADDRESS=file:2\nSMTP_URL=smtp://file:2\n")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "environment:3")
    found = settings.load()
    assert found.temporal() == "environment:3"
    assert found.smtp() == "smtp://file:2"
    assert found.temporal_ui_url == "http://stack:1"
    assert settings.load(embedded=False).temporal_ui_url is None


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    assert settings.load().database_url is None


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("DATABASE_URL", "mysql://owner:secret@host/x", "postgres://"),
        ("APP_DATABASE_URL", "postgresql://owner:secret@host:port/x", "port"),
        ("WORKER_DATABASE_URL", "postgresql://owner:secret@host:0/x", "port 0"),
        ("TEMPORAL_ADDRESS", ":7233", "host:port"),
        ("TEMPORAL_ADDRESS", "host:65536", "host:port"),
        ("TEMPORAL_NAMESPACE", " ", "one line"),
        ("SMTP_URL", "smtp://", "no host"),
        ("MAIL_FROM", "secret\nBcc: all", "one line"),
        ("MAIL_FROM", "secret", "e-mail"),
        ("PUBLIC_URL", "ftp://secret", "http"),
        ("FRISTWERK_TENANT", "secret", "UUID"),
        ("LOG_LEVEL", "secret", "INFO"),
    ],
)
def test_nonsense_is_refused_by_name_and_never_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        settings.load()
    assert refused.value.field == name
    assert why in refused.value.message
    assert "secret" not in str(refused.value)


def test_a_damaged_stack_file_is_named(alone: Path) -> None:
    for content in ("no json", "[]", '{"environment": 3}', "{}"):
        (alone / "state" / STACK_FILE).write_text(content)
        with pytest.raises(SettingsError, match="cannot be understood") as refused:
            settings.load()
        assert refused.value.field == "FRISTWERK_STATE"


def test_a_private_folder_is_out_of_reach_for_others(tmp_path: Path) -> None:
    (tmp_path / "private" / "deep").mkdir(parents=True)
    (tmp_path / "private").chmod(0o700)
    assert not reachable_by_others(tmp_path / "private" / "deep")
    assert default_state_folder().name.lstrip(".").startswith("fristwerk")
