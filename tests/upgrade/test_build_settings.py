"""Which build a worker is: the default, what may be said, and garbage."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.common import VersioningBehavior

from adapters import build_settings
from adapters.build_settings import RELEASE
from adapters.settings import SettingsError
from workers.versions import Build


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FRISTWERK_BUILD", raising=False)
    monkeypatch.delenv("FRISTWERK_DEPLOYMENT", raising=False)


def test_a_build_is_the_release_and_takes_whatever_work_there_is() -> None:
    build = Build.of(build_settings.load())
    config = build.config()
    assert (build.name, build.deployment, config.version.build_id) == (RELEASE, None, RELEASE)
    assert (config.use_worker_versioning, config.default_versioning_behavior) == (
        False,
        VersioningBehavior.UNSPECIFIED,
    )


def test_in_a_deployment_workflows_go_on_on_the_current_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRISTWERK_BUILD", "1.4.0+3f2a")
    monkeypatch.setenv("FRISTWERK_DEPLOYMENT", "fristwerk-eu")
    config = Build.of(build_settings.load()).config()
    assert config.version.to_canonical_string() == "fristwerk-eu.1.4.0+3f2a"
    assert (config.use_worker_versioning, config.default_versioning_behavior) == (
        True,
        VersioningBehavior.AUTO_UPGRADE,
    )


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("FRISTWERK_BUILD", "1.4 beta"),
        ("FRISTWERK_BUILD", "-1"),
        ("FRISTWERK_BUILD", "a:b"),
        ("FRISTWERK_BUILD", "1" * 101),
        ("FRISTWERK_BUILD", "1.4\n"),
        ("FRISTWERK_DEPLOYMENT", "Fristwerk"),
        ("FRISTWERK_DEPLOYMENT", "frist.werk"),
        ("FRISTWERK_DEPLOYMENT", "frist:werk"),
        ("FRISTWERK_DEPLOYMENT", "a" * 64),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as refused:
        build_settings.load()
    assert refused.value.field == variable
    assert value not in str(refused.value)
