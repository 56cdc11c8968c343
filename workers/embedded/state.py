"""The state folder: who runs here, what was started, and what has to be the same next time."""

import fcntl
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pydantic import TypeAdapter, ValidationError

from adapters.folders import STACK_FILE
from workers.embedded.errors import StackError

_LOCK_FILE: Final = "lock"
_MEMORY_FILE: Final = "memory.json"
_PASSWORDS: Final = ("postgres", "app", "worker", "public")


@dataclass(slots=True)
class Part:
    """One child of the stack, as `fristwerk status` shows it.

    Attributes:
        name: Its name.
        where: Address or URL people use.
        pid: Process id; None while it is down.
        restarts: How often the supervisor has brought it up again.
        ready: Whether it answers.
        log: Its log file.
    """

    name: str
    where: str
    pid: int | None
    restarts: int
    ready: bool
    log: str


@dataclass(slots=True)
class StackRecord:
    """What a running stack tells other windows.

    Attributes:
        pid: The supervisor's process id.
        started_at: UTC instant, ISO.
        ready: Whether everything has come up once.
        environment: Variables that lead to the embedded parts.
        parts: The children.
    """

    pid: int
    started_at: str
    ready: bool
    environment: dict[str, str]
    parts: list[Part] = field(default_factory=list)


@dataclass(slots=True)
class Memory:
    """What has to be the same at the next start: ports and passwords."""

    ports: dict[str, int] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)


_RECORD: Final = TypeAdapter(StackRecord)
_MEMORY: Final = TypeAdapter(Memory)


class StateFolder:
    """A state folder; enter it as a context manager to be the only one who runs a stack in it."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    def __enter__(self) -> Self:
        self._make()
        handle = os.open(self.path / _LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise StackError(self._already_running()) from None
        self._lock = handle
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        (self.path / STACK_FILE).unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def private(self, name: str) -> Path:
        """Return a folder inside that only our account may enter, made if missing."""
        folder = self.path / name
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def memory(self) -> Memory:
        """Return ports and passwords of earlier starts; passwords are made at the first.

        Raises:
            StackError: The file was damaged.
        """
        file = self.path / _MEMORY_FILE
        try:
            found = _MEMORY.validate_json(file.read_bytes())
        except FileNotFoundError:
            found = Memory()
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise StackError(
                f"{file} is damaged{f' at {where}' if where else ''}; put it right or remove it"
            ) from None
        for name in _PASSWORDS:
            found.passwords.setdefault(name, secrets.token_urlsafe(24))
        return found

    def remember(self, memory: Memory) -> None:
        """Keep ports and passwords for the next start; readable by us alone."""
        self._write(_MEMORY_FILE, json.dumps(asdict(memory), indent=2))

    def publish(self, record: StackRecord) -> None:
        """Tell other windows what runs here; readable by us alone, because URLs hold passwords."""
        self._write(STACK_FILE, json.dumps(asdict(record), indent=2))

    def running(self) -> StackRecord | None:
        """Return what runs in this folder, or None; a record left by a killed supervisor does not count.

        Raises:
            StackError: The folder belongs to another account, or the record is damaged.
        """
        try:
            handle = os.open(self.path / _LOCK_FILE, os.O_RDWR | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError:
            raise StackError(f"{self.path} belongs to another account") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return self._record()
        finally:
            os.close(handle)
        return None

    def _record(self) -> StackRecord | None:
        try:
            return _RECORD.validate_json((self.path / STACK_FILE).read_bytes())
        except FileNotFoundError:  # it has the lock and is just about to write, or to end
            return None
        except ValidationError:
            raise StackError(
                f"{self.path / STACK_FILE} is damaged; stop the stack with its process id"
            ) from None

    def _already_running(self) -> str:
        record = self._record()
        if record is None:
            return f"a stack is just starting or stopping in {self.path}; try again in a moment"
        where = "".join(f"\n  {part.name:<12} {part.where}" for part in record.parts if part.where)
        return (
            f"the stack already runs in {self.path} (process {record.pid}):{where}\n"
            "See it with `fristwerk status`, end it with `fristwerk stop`."
        )

    def _make(self) -> None:
        # Root's PostgreSQL runs under another account, which has to reach its data below this folder.
        mode = 0o755 if os.geteuid() == 0 else 0o700
        try:
            self.path.mkdir(mode=mode, parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError, PermissionError, OSError) as error:
            raise StackError(
                f"FRISTWERK_STATE: cannot make the folder {self.path} ({error.strerror})"
            ) from None
        if self.path.stat().st_uid != os.geteuid():
            raise StackError(
                f"FRISTWERK_STATE: {self.path} belongs to another account; choose another folder, or "
                "start the stack under the account that made it"
            )

    def _write(self, name: str, content: str) -> None:
        half = self.path / f".{name}.part"
        half.unlink(missing_ok=True)
        half.touch(mode=0o600)
        half.write_text(content, encoding="utf-8")
        half.rename(self.path / name)
