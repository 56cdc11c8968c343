"""One log for all: structlog, on standard error, readable on a terminal and JSON elsewhere.

Log ids and instants, never contact data. As a last guard, whatever looks like an e-mail address is blotted
out of every finished line: the texts of SMTP errors, for instance, repeat the recipient.
"""

import json
import logging
import re
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import structlog

from adapters.settings import LogLevel
from adapters.tracing import correlated

# A backslash ends it too: in JSON it belongs to the quotation mark behind it.
_ADDRESS: Final = re.compile(r"[^\s<>\"'(),;:@\[\]\\]+@[^\s<>\"'(),;:@\[\]\\]+")
_BLOTTED: Final = "[address]"

# Takes the fields of one line.
Teller: TypeAlias = "Callable[[dict[str, str | int | float | None]], None]"


class _WithoutAddresses(structlog.stdlib.ProcessorFormatter):
    def __init__(self, *, json_lines: bool, **options: Any) -> None:
        super().__init__(**options)
        self.json_lines = json_lines

    def format(self, record: logging.LogRecord) -> str:
        return without_addresses(super().format(record))


def without_addresses(line: str) -> str:
    """Return a line with everything that looks like an e-mail address blotted out."""
    return _ADDRESS.sub(_BLOTTED, line)


def configure(level: LogLevel, *, as_json: bool | None = None) -> None:
    """Send the log of this process, ours and that of libraries, to standard error.

    Args:
        level: The least level that is shown.
        as_json: One JSON object per line; default: whenever standard error is no terminal.
    """
    json_lines = not sys.stderr.isatty() if as_json is None else as_json
    common: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        correlated,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if json_lines
        else [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _WithoutAddresses(
            json_lines=json_lines,
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    # Its addresses are those of other parts, told once more with every request.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.value)
    structlog.configure(
        processors=[*common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def get(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module; pass `__name__`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def teller(name: str, event: str) -> Teller:
    """Return what writes one kind of line very often, a sixth of the price of a logger where lines are JSON.

    It goes past the guard against addresses: its fields may hold ids, numbers and words of ours only.

    Args:
        name: `__name__` of the module.
        event: What every line is about.
    """
    root = logging.getLogger()
    for handler in root.handlers:
        formatter = handler.formatter
        if (
            isinstance(handler, logging.StreamHandler)
            and isinstance(formatter, _WithoutAddresses)
            and formatter.json_lines
            and root.isEnabledFor(logging.INFO)
        ):
            return _straight(handler, {"event": event, "level": "info", "logger": name})
    logger = get(name)
    return lambda fields: logger.info(event, **fields)


def _straight(handler: "logging.StreamHandler[Any]", standing: dict[str, str]) -> Teller:
    def tell(fields: dict[str, str | int | float | None]) -> None:
        line = {**fields, **standing, "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z")}
        try:
            with handler.lock or nullcontext():
                handler.stream.write(json.dumps(line) + handler.terminator)
                handler.flush()
        except (OSError, ValueError):
            # Nobody reads standard error any more: that must not cost a request, as with any other logger.
            handler.handleError(logging.makeLogRecord({"msg": standing["event"]}))

    return tell
