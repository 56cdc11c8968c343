"""Settings: where they come from, who wins, and how nonsense is named."""

import json
from pathlib import Path

import pytest

from adapters import settings
from adapters.folders import STACK_FILE, default_state_folder, reachable_by_others
from adapters.settings import Oidc, Role, SettingsError, SignIn

OWNER = "postgresql://owner:secret@db.example.org/fristwerk"
NAMES = (
    "DATABASE_URL", "APP_DATABASE_URL", "WORKER_DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE",
    "TEMPORAL_UI_URL", "SMTP_URL", "MAIL_FROM", "PUBLIC_URL", "FRISTWERK_TENANT", "LOG_LEVEL", "API_HOST",
    "API_PORT", "OIDC_ISSUER", "OIDC_AUDIENCE", "OIDC_JWKS_URL", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET",
    "OIDC_CLIENT_SECRET_FILE", "OIDC_SCOPES",
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
        "OIDC_ISSUER": found.oidc,
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


DEMO = {
    "DATABASE_URL": "postgresql://postgres:secret@127.0.0.1:5432/fristwerk",
    "OIDC_ISSUER": "http://127.0.0.1:8090",
    "OIDC_AUDIENCE": "demo",
    "OIDC_JWKS_URL": "http://127.0.0.1:8090/jwks.json",
    "PUBLIC_URL": "http://127.0.0.1:8081",
}


def test_the_stacks_address_and_issuer_are_found(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.load().public_url == "http://127.0.0.1:8080"
    _running(alone, **DEMO)
    found = settings.load()
    assert found.public_url == DEMO["PUBLIC_URL"]
    assert found.oidc() == Oidc(DEMO["OIDC_ISSUER"], "demo", DEMO["OIDC_JWKS_URL"])
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:8080")
    assert settings.load().public_url == "http://127.0.0.1:8080"


@pytest.mark.parametrize("name", ["DATABASE_URL", "APP_DATABASE_URL"])
def test_a_real_database_never_takes_the_demo_issuer(
    alone: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    _running(alone, **DEMO)
    monkeypatch.setenv(name, OWNER)
    found = settings.load()
    assert (found.oidc_issuer, found.oidc_jwks_url, found.oidc_audience) == (None, None, "fristwerk")
    with pytest.raises(SettingsError, match="OIDC_ISSUER"):
        found.oidc()


def test_an_issuer_needs_its_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_ISSUER", "https://login.example.org/realms/fristwerk")
    with pytest.raises(SettingsError, match="OIDC_JWKS_URL"):
        settings.load().oidc()


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
        ("API_HOST", "http://secret", "host name"),
        ("API_HOST", "secret host", "host name"),
        ("API_PORT", "secret", "integer"),
        ("API_PORT", "0", "greater than or equal to 1"),
        ("API_PORT", "65536", "less than or equal to 65535"),
        ("OIDC_ISSUER", "secret", "http"),
        ("OIDC_JWKS_URL", "file:///secret", "http"),
        ("OIDC_AUDIENCE", " ", "one line"),
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


def test_people_sign_in_as_a_client_whose_secret_may_lie_in_a_file(
    monkeypatch: pytest.MonkeyPatch, alone: Path
) -> None:
    assert settings.load().sign_in() is None
    monkeypatch.setenv("OIDC_CLIENT_ID", "pages")
    assert settings.load().sign_in() == SignIn("pages", None, "openid")
    file = alone / "secret"
    monkeypatch.setenv("OIDC_CLIENT_SECRET_FILE", str(file))
    for content in (None, b"", b" \n", b"two\nlines", b"\xff\xfe"):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(SettingsError) as refused:
            settings.load().sign_in()
        assert refused.value.field == "OIDC_CLIENT_SECRET_FILE"
    file.write_text("hidden\n")
    found = settings.load().sign_in()
    assert found is not None
    assert found.client_secret == "hidden"
    assert "hidden" not in repr(found)
    # What stands in the environment itself goes before the file.
    monkeypatch.setenv("OIDC_CLIENT_SECRET", "nearer")
    found = settings.load().sign_in()
    assert found is not None
    assert found.client_secret == "nearer"
    assert "nearer" not in repr(settings.load())


@pytest.mark.parametrize(
    ("name", "value"),
    [("OIDC_CLIENT_ID", "two\nlines"), ("OIDC_CLIENT_SECRET", " "), ("OIDC_SCOPES", "profile email")],
)
def test_a_client_that_makes_no_sense_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        settings.load()
    assert refused.value.field == name
    assert value.strip() == "" or value not in str(refused.value)
