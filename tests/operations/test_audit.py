"""An audit says what it knows, and says loudly that it knows nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.operations.audit import LOCK, Verdict, _here, audited, judged

PINNED = "tzdata==2026.1 \\\n    --hash=sha256:" + "0" * 64 + "\n"
KNOWN = {"id": "OSV-2026-1", "affected": [], "summary": "x", "published": "2026-01-01T00:00:00Z"}


@contextmanager
def advisories(answer: dict[str, Any] | None) -> Iterator[str]:
    """Who knows about vulnerabilities, on loopback; None: he has trouble himself."""

    class _Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            body = json.dumps(answer or {}).encode()
            self.send_response(200 if answer is not None else 500)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Nothing to tell."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)


def test_a_real_audit_of_each_kind(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(PINNED)
    with advisories({}) as well, advisories({"vulns": [KNOWN]}) as known, advisories(None) as troubled:

        def ask(url: str) -> tuple[Verdict, str]:
            return audited(lock, ["-s", "osv", "--osv-url", url, "--cache-dir", str(tmp_path / "cache")])

        with ThreadPoolExecutor(3) as threads:
            fine, bad, away = threads.map(ask, (well, known, troubled))
    assert fine == (Verdict.WELL, "1 packages, none known to be vulnerable")
    assert (bad[0], bad[1].splitlines()[0]) == (
        Verdict.VULNERABLE,
        "tzdata 2026.1: OSV-2026-1, mended in no version",
    )
    assert away[0] is Verdict.NOT_AUDITED


@pytest.mark.parametrize(
    "report",
    [
        "",
        "null",
        "{}",
        "[]",
        '{"dependencies": []}',
        '{"dependencies": [{"version": "1"}]}',
        '{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}',
        '{"dependencies": [{"name": "a", "skip_reason": "no"}, {"name": "b", "version": "1", "vulns": []}]}',
    ],
)
def test_what_was_not_asked_is_not_well(report: str) -> None:
    assert judged(report, pins=2)[0] is Verdict.NOT_AUDITED


def test_the_lock_file_is_read_whole() -> None:
    assert _here(LOCK) > 60
