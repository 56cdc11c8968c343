"""Secrets in files, and how Temporal is reached: who goes first, and how nonsense is named."""

from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from temporalio.service import TLSConfig

from adapters import outside_settings, settings
from adapters.outside_settings import OutsideSettings
from adapters.settings import Settings, SettingsError
from adapters.temporal_settings import TemporalServer

OWNER = "postgresql://owner:hidden@db.example.org/fristwerk"
# What each secret may be; everything else is no secret, which the first test sees to.
SECRETS = {
    "DATABASE_URL": OWNER,
    "APP_DATABASE_URL": OWNER,
    "WORKER_DATABASE_URL": OWNER,
    "PUBLIC_DATABASE_URL": OWNER,
    "SMTP_URL": "smtp+starttls://fristwerk:hidden@mail.example.org:587",
    "OIDC_CLIENT_SECRET": "hidden",
    "FRISTWERK_INDEX_KEY": "hidden",
    "TEMPORAL_API_KEY": "hidden",
}
OUTSIDE = {
    "OPENAI_API_KEY": "hidden",
    "ANTHROPIC_API_KEY": "hidden",
    "CREDIT_CLIENT_SECRET": "hidden",
    "CREDIT_WEBHOOK_SECRET": "hidden",
    "XENTRAL_TOKEN": "hidden",
    "XENTRAL_WEBHOOK_SECRET": "hidden",
    "IMAP_URL": "imaps://inbox:hidden@imap.example.org/INBOX",
}
ALL = SECRETS | OUTSIDE


def _load_outside() -> OutsideSettings:
    return outside_settings.load(embedded=False)


LOADERS: dict[str, Callable[[], Settings | OutsideSettings]] = {
    **dict.fromkeys(SECRETS, settings.load),
    **dict.fromkeys(OUTSIDE, _load_outside),
}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing configured, an empty folder to stand in, a state folder of one's own."""
    for name in (*Settings.variables(), *OutsideSettings.variables()):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FRISTWERK_STATE", str(tmp_path / "state"))
    return tmp_path


def _value(name: str) -> object:
    found = LOADERS[name]()
    return getattr(found, type(found).variables()[name])


def test_every_secret_and_nothing_else_may_lie_in_a_file() -> None:
    files = {
        name.removesuffix("_FILE")
        for kind in (Settings, OutsideSettings)
        for name, field in kind.variables().items()
        if name.endswith("_FILE") and not field.endswith("_file")
    }
    assert files == set(ALL)
    hidden = {
        str(field.validation_alias)
        for kind in (Settings, OutsideSettings)
        for field in kind.model_fields.values()
        if not field.repr
    }
    # Its file has a form of its own: several keys, and the index key.
    assert hidden == {*ALL, "FRISTWERK_MASTER_KEY"}


@pytest.mark.parametrize("name", ALL)
def test_a_secret_is_read_from_its_file_and_never_shown(
    name: str, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = alone / "secret"
    file.write_text(f"{ALL[name]}\n")
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example.org:7233")
    monkeypatch.setenv(f"{name}_FILE", str(file))
    assert _value(name) == ALL[name]
    assert "hidden" not in repr(LOADERS[name]())
    # The value itself goes before the file, which then need not even be there.
    nearer = ALL[name].replace("hidden", "nearer")
    monkeypatch.setenv(name, nearer)
    file.unlink()
    assert _value(name) == nearer


def test_the_environments_file_goes_before_the_value_of_the_env_file(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alone / "near").write_text(OWNER.replace("hidden", "near"))
    (alone / "far").write_text(OWNER.replace("hidden", "far"))
    (alone / ".env").write_text(f"DATABASE_URL={OWNER}\nSMTP_URL_FILE=nothing\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(alone / "near"))
    monkeypatch.setenv("SMTP_URL", SECRETS["SMTP_URL"])
    with pytest.raises(SettingsError, match="SMTP_URL_FILE"):
        # A file that is named is read, even where it is not needed: better than to find out later.
        settings.load()
    (alone / ".env").write_text(f"DATABASE_URL={OWNER}\nAPP_DATABASE_URL_FILE={alone}/far\n")
    found = settings.load()
    assert found.owner_login().url == OWNER.replace("hidden", "near")
    assert found.app_login().url == OWNER.replace("hidden", "far")


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "content", [None, b"", b" \n", b"hidden\nhidden", b"hid\0den", b"\xff\xfehidden", b"h" * 70_000]
)
def test_a_file_that_makes_no_sense_is_named_by_its_variable_and_not_repeated(
    name: str, content: bytes | None, alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = alone / "secret"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv(f"{name}_FILE", str(file))
    with pytest.raises(SettingsError) as refused:
        LOADERS[name]()
    assert refused.value.field == f"{name}_FILE"
    assert "hidden" not in str(refused.value)
    assert "hhh" not in str(refused.value)


def test_a_folder_is_no_file_and_what_is_in_a_file_is_checked_too(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL_FILE", str(alone))
    with pytest.raises(SettingsError, match="DATABASE_URL_FILE"):
        settings.load()
    (alone / "url").write_text("mysql://owner:hidden@host/x")
    monkeypatch.setenv("DATABASE_URL_FILE", str(alone / "url"))
    with pytest.raises(SettingsError, match="postgres://") as refused:
        settings.load()
    assert "hidden" not in str(refused.value)


# ---------------------------------------------------------------- Temporal


def _server(**said: str) -> TemporalServer:
    names = {f"TEMPORAL_{name}": value for name, value in said.items()}
    return Settings.model_validate({"TEMPORAL_ADDRESS": "t.example.org:7233", **names}).temporal_server()


def test_an_own_cluster_needs_nothing_and_a_key_means_tls() -> None:
    assert _server() == TemporalServer(address="t.example.org:7233", namespace="default")
    assert _server(TLS="true").tls == TLSConfig()
    cloud = _server(API_KEY="hidden", NAMESPACE="fristwerk.a1b2c")
    assert (cloud.api_key, cloud.tls, cloud.namespace) == ("hidden", TLSConfig(), "fristwerk.a1b2c")
    assert "hidden" not in repr(cloud)


def test_certificates_are_read_and_belong_together(alone: Path) -> None:
    authority = trustme.CA()
    ours = authority.issue_cert("fristwerk")
    authority.cert_pem.write_to_path(alone / "ca.pem")
    ours.cert_chain_pems[0].write_to_path(alone / "cert.pem")
    ours.private_key_pem.write_to_path(alone / "key.pem")
    found = _server(
        TLS_CLIENT_CERT_PATH=f"{alone}/cert.pem",
        TLS_CLIENT_KEY_PATH=f"{alone}/key.pem",
        TLS_SERVER_CA_CERT_PATH=f"{alone}/ca.pem",
        TLS_SERVER_NAME="temporal.internal",
    )
    assert found.tls == TLSConfig(
        server_root_ca_cert=authority.cert_pem.bytes(),
        domain="temporal.internal",
        client_cert=ours.cert_chain_pems[0].bytes(),
        client_private_key=ours.private_key_pem.bytes(),
    )
    assert "PRIVATE" not in repr(found)


@pytest.mark.parametrize(
    ("said", "named", "why"),
    [
        ({"TLS": "false", "API_KEY": "hidden"}, "TEMPORAL_TLS", "TEMPORAL_API_KEY"),
        ({"TLS": "false", "TLS_SERVER_NAME": "x"}, "TEMPORAL_TLS", "TEMPORAL_TLS_SERVER_NAME"),
        ({"TLS_CLIENT_CERT_PATH": "cert.pem"}, "TEMPORAL_TLS_CLIENT_KEY_PATH", "belong together"),
        ({"TLS_CLIENT_KEY_PATH": "key.pem"}, "TEMPORAL_TLS_CLIENT_CERT_PATH", "belong together"),
        ({"TLS_SERVER_CA_CERT_PATH": "nothing"}, "TEMPORAL_TLS_SERVER_CA_CERT_PATH", "cannot be read"),
        ({"TLS_SERVER_CA_CERT_PATH": "junk"}, "TEMPORAL_TLS_SERVER_CA_CERT_PATH", "no certificate"),
        (
            {"TLS_CLIENT_CERT_PATH": "certificate", "TLS_CLIENT_KEY_PATH": "certificate"},
            "TEMPORAL_TLS_CLIENT_KEY_PATH",
            "no private key",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_by_name(
    said: dict[str, str], named: str, why: str, alone: Path
) -> None:
    (alone / "junk").write_bytes(b"\x00hidden\xff")
    (alone / "certificate").write_text("-----BEGIN CERTIFICATE-----\n")
    with pytest.raises(SettingsError, match=why) as refused:
        _server(**said)
    assert refused.value.field == named
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TEMPORAL_TLS", "perhaps"),
        ("TEMPORAL_TLS_SERVER_NAME", "no name!"),
        ("TEMPORAL_API_KEY", "two\nlines"),
    ],
)
def test_nonsense_about_temporal_is_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        settings.load()
    assert refused.value.field == name


def test_a_key_never_goes_to_the_embedded_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "hidden")
    for embedded in (True, False):
        with pytest.raises(SettingsError, match="TEMPORAL_API_KEY is") as refused:
            settings.load(embedded=embedded)
        assert refused.value.field == "TEMPORAL_ADDRESS"
