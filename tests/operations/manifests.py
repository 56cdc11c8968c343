"""deploy/kubernetes as Kubernetes' own schemas read it: what `make check` asks.

python -m tests.operations.manifests
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import kubernetes_validate  # type: ignore[import-untyped]  # it has no types
import yaml

from tests.operations.compose import PROJECT, Refused

FOLDER: Final = PROJECT / "deploy/kubernetes"
# The oldest and the newest minor version that the package knows and that is in use.
VERSIONS: Final = ("1.31", kubernetes_validate.latest_version())
_KUSTOMIZATION: Final = "kustomization.yaml"


def documents(file: Path) -> Iterator[dict[str, Any]]:
    """The resources of a file.

    Raises:
        Refused: it holds something else.
    """
    try:
        for one in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            if not isinstance(one, dict):
                raise Refused(f"{file}: holds something that is no resource")
            yield one
    except yaml.YAMLError as error:
        raise Refused(f"{file}: {error}") from error


def manifests() -> list[Path]:
    """The files with resources; exactly those that the kustomization names.

    Raises:
        Refused: it names another one, or leaves one out.
    """
    (kustomization,) = documents(FOLDER / _KUSTOMIZATION)
    named = {FOLDER / name for name in kustomization["resources"]}
    there = set(FOLDER.glob("*.yaml")) - {FOLDER / _KUSTOMIZATION}
    if named != there:
        raise Refused(
            f"{_KUSTOMIZATION}: {sorted(file.name for file in named ^ there)} there or named, not both"
        )
    return sorted(there)


def check(file: Path) -> int:
    """Check every resource of a file; returns how many there are.

    Raises:
        Refused: a schema refuses one.
    """
    number = 0
    for number, resource in enumerate(documents(file), start=1):
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(resource, version, strict=True)
            except (
                kubernetes_validate.ValidationError,
                kubernetes_validate.SchemaNotFoundError,
                kubernetes_validate.InvalidSchemaError,
            ) as error:
                raise Refused(f"{file.name}, resource {number}, Kubernetes {version}: {error}") from error
    return number


def main() -> None:
    """Exit status 0: all of them are accepted; 1: one is not, standard error says why."""
    try:
        number = sum(check(file) for file in manifests())
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    sys.stdout.write(
        f"deploy/kubernetes: {number} resources, valid for Kubernetes {' and '.join(VERSIONS)}.\n"
    )


if __name__ == "__main__":
    main()
