"""Shows how far an import is: a bar where somebody watches, plain lines where a file or a pipe does."""

from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

_STEPS: Final = 5  # plain lines per phase


class ProgressView:
    """The progress of one import; use it as a context manager."""

    def __init__(self, console: Console) -> None:
        """Show progress on this console.

        Args:
            console: standard error, usually.
        """
        self._console = console
        self._bars: Progress | None = None
        if console.is_terminal:
            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=console,
                transient=True,
            )
        self._task: TaskID | None = None
        self._name, self._unit = "", ""
        self._done, self._total, self._said = 0, 0, 0

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop showing."""
        if self._bars is not None:
            self._bars.stop()

    def phase(self, name: str, total: int, unit: str) -> None:
        """Begin a phase.

        Args:
            name: what is done now.
            total: how many units it takes.
            unit: what is counted.
        """
        self._name, self._unit = name, unit
        self._done, self._total, self._said = 0, total, 0
        if self._bars is not None:
            if self._task is not None:
                self._bars.remove_task(self._task)
            self._task = self._bars.add_task(f"{name} ({unit})", total=total)

    def advance(self, count: int) -> None:
        """Tell that so many more units are done."""
        self._done += count
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, advance=count)
            return
        step = self._done * _STEPS // self._total if self._total else _STEPS
        if step > self._said:
            self._said = step
            self._console.print(f"{self._name}: {self._done} of {self._total} {self._unit}")
