"""One log for all: structlog, on standard error, readable on a terminal and JSON elsewhere.

Log ids and instants, never contact data. As a last guard, whatever looks like an e-mail address is blotted
out of every finished line: the texts of SMTP errors, for instance, repeat the recipient.
"""

import logging
import re
import sys
from typing import Final

import structlog

from adapters.settings import LogLevel

# A backslash ends it too: in JSON it belongs to the quotation mark behind it.
_ADDRESS: Final = re.compile(r"[^\s<>\"'(),;:@\[\]\\]+@[^\s<>\"'(),;:@\[\]\\]+")
_BLOTTED: Final = "[address]"


class _WithoutAddresses(structlog.stdlib.ProcessorFormatter):
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
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.value)
    structlog.configure(
        processors=[*common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def get(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module; pass `__name__`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
