"""The log goes to standard error and never shows an address."""

import json
import logging

import pytest

from adapters import log
from adapters.log import without_addresses
from adapters.settings import LogLevel


@pytest.mark.parametrize(
    "line",
    [
        "550 <anna.muster@example.org>: user unknown",
        "recipients=['anna.muster@example.org']",
        "mailto:anna.muster@example.org;",
        '{"to": "anna.muster+tag@sub.example.org"}',
    ],
)
def test_addresses_are_blotted_out(line: str) -> None:
    assert "anna" not in without_addresses(line)
    assert "example" not in without_addresses(line)
    assert "[address]" in without_addresses(line)


def test_ours_and_a_librarys_lines_are_json_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(LogLevel.INFO, as_json=True)
    log.get("ours").info("lead recorded", lead="4711", revision=3)
    logging.getLogger("theirs").warning("refused %s", "anna@example.org")
    logging.getLogger("theirs").debug("not shown")
    try:
        raise ValueError("no mail to bert@example.org")
    except ValueError:
        log.get("ours").exception("failed")
    shown = capsys.readouterr()
    assert shown.out == ""
    first, second, third = [json.loads(line) for line in shown.err.splitlines()]
    assert (first["event"], first["lead"], first["revision"], first["level"]) == (
        "lead recorded",
        "4711",
        3,
        "info",
    )
    assert (second["event"], second["logger"]) == ("refused [address]", "theirs")
    assert "ValueError: no mail to [address]" in third["exception"]
    assert third["timestamp"].endswith("Z")


def test_a_terminal_gets_readable_lines(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(LogLevel.INFO, as_json=False)
    logging.getLogger("theirs").info("hello")
    assert "hello" in capsys.readouterr().err


def test_a_line_told_often_is_the_same_json_and_obeys_the_level(capsys: pytest.CaptureFixture[str]) -> None:
    for level, as_json in ((LogLevel.INFO, True), (LogLevel.WARNING, True), (LogLevel.INFO, False)):
        log.configure(level, as_json=as_json)
        log.teller("ours", "request")({"status": 200, "tenant": None, "ms": 0.5})
        logging.getLogger("httpx").info("GET somewhere")
    line, readable = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert told.pop("timestamp").endswith("Z")
    assert told == {
        "event": "request",
        "level": "info",
        "logger": "ours",
        "status": 200,
        "tenant": None,
        "ms": 0.5,
    }
    assert "request" in readable
    assert "status=200" in readable
