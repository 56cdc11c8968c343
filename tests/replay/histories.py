"""Recorded histories, and what of them a replay does not compare."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from temporalio.client import WorkflowHistory

FOLDER: Final = Path(__file__).parent / "histories"
_ACTIVITY: Final = "activityTaskScheduledEventAttributes"
_TIMER: Final = "timerStartedEventAttributes"
_TIMEOUTS: Final = (
    "scheduleToCloseTimeout",
    "scheduleToStartTimeout",
    "startToCloseTimeout",
    "heartbeatTimeout",
    "retryPolicy",
)


def recorded() -> list[Path]:
    """The golden histories."""
    return sorted(FOLDER.glob("*.json"))


def events(path: Path) -> list[dict[str, Any]]:
    """The events of a golden history as JSON: quicker than as the Replayer takes it."""
    listed: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["history"]["events"]
    return listed


def read(path: Path) -> WorkflowHistory:
    """A golden history, as the Replayer takes it."""
    held = json.loads(path.read_text(encoding="utf-8"))
    return WorkflowHistory.from_json(held["workflow_id"], held["history"])


def _anonymous(value: Any) -> Any:
    """The same without the name of the machine and the process it was recorded on."""
    if isinstance(value, list):
        return [_anonymous(item) for item in value]
    if isinstance(value, dict):
        return {
            key: "worker" if key == "identity" else _anonymous(item)
            for key, item in value.items()
            if key != "stackTrace"
        }
    return value


def write(name: str, history: WorkflowHistory) -> Path:
    """Keeps a history under this name."""
    path = FOLDER / f"{name}.json"
    held = {"workflow_id": history.workflow_id, "history": _anonymous(history.to_json_dict())}
    path.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _days(duration: str) -> int:
    """A timer's length in whole days: what of it is the workflow's doing, not daylight saving's."""
    return round(timedelta(seconds=float(duration.removesuffix("s"))) / timedelta(days=1))


def summary(history: WorkflowHistory) -> list[dict[str, Any]]:
    """Activities with queue, timeouts and retries, and timers with their length: replay ignores both."""
    listed: list[dict[str, Any]] = []
    for event in history.to_json_dict()["events"]:
        if scheduled := event.get(_ACTIVITY):
            listed.append(
                {
                    "activity": scheduled["activityType"]["name"],
                    "queue": scheduled["taskQueue"]["name"],
                    **{name: scheduled[name] for name in _TIMEOUTS if name in scheduled},
                }
            )
        elif started := event.get(_TIMER):
            listed.append({"timer": _days(started["startToFireTimeout"])})
    return listed
