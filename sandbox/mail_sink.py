"""A mail server that keeps what it gets: SMTP in, files and web pages out, on loopback only.

Addresses that begin with `bounce` are refused for good (550), those that begin with `defer` for now (451).
"""

import argparse
import asyncio
import functools
import json
import re
import signal
import sys
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.mail_pages import list_page, mail_page
from sandbox.mailbox import Mailbox

LOOPBACK: Final = "127.0.0.1"
_SHOWN: Final = 200
_ONE_MAIL: Final = re.compile(r"/mails/(\d{1,9})(\.eml)?")
_HEADER_LIMIT: Final = 64
_REQUEST_SECONDS: Final = 10


class Sink:
    """Takes mails the way aiosmtpd hands them over."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_RCPT(  # noqa: N802  the name aiosmtpd looks for
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse `bounce…` for good and `defer…` for now; take everybody else."""
        if address.startswith("bounce"):
            return "550 5.1.1 mailbox unavailable"
        if address.startswith("defer"):
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store the mail before saying that it was taken; without room for it, ask to come again."""
        content = envelope.original_content or b""
        try:
            number = self.mailbox.add(content, [str(one) for one in envelope.rcpt_tos])
        except OSError:
            # The sender hears it; where there is no room, none is left for a line of a log either.
            return "452 4.3.1 insufficient system storage"
        return f"250 OK stored as {number}"


def _answer(mailbox: Mailbox, control: str | None, path: str) -> tuple[HTTPStatus, str, bytes]:
    if path == "/":
        return HTTPStatus.OK, "text/html", list_page(mailbox.newest(_SHOWN), len(mailbox.numbers())).encode()
    if path == "/healthz":
        return HTTPStatus.OK, "text/plain", b"ok\n"
    if path == "/mails.json":
        listed = [asdict(mail) for mail in mailbox.newest(_SHOWN)]
        return HTTPStatus.OK, "application/json", json.dumps(listed, ensure_ascii=False).encode()
    wanted = _ONE_MAIL.fullmatch(path)
    if wanted and mailbox.path(int(wanted[1])).exists():
        number = int(wanted[1])
        if wanted[2]:
            return HTTPStatus.OK, "text/plain", mailbox.path(number).read_bytes()
        return HTTPStatus.OK, "text/html", mail_page(mailbox.read(number), control).encode()
    return HTTPStatus.NOT_FOUND, "text/plain", b"There is no such mail.\n"


async def _serve_page(
    mailbox: Mailbox, control: str | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        async with asyncio.timeout(_REQUEST_SECONDS):
            method, target, *_ = (await reader.readline()).decode("latin-1").split(" ") + [""] * 2
            for _ in range(_HEADER_LIMIT):
                if (await reader.readline()).strip() == b"":
                    break
        if method == "GET":
            status, kind, body = _answer(mailbox, control, urlsplit(target).path)
        else:
            status, kind, body = HTTPStatus.METHOD_NOT_ALLOWED, "text/plain", b"Only GET.\n"
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {kind}; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n"
            "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'\r\n\r\n"
        )
        writer.write(head.encode() + body)
        await writer.drain()
    except (TimeoutError, ConnectionError, ValueError) as error:
        # A browser that went away, or something that is no HTTP: nothing to answer.
        sys.stderr.write(f"page not served: {type(error).__name__}\n")
    finally:
        writer.close()


async def serve(folder: Path, smtp_port: int, http_port: int, control: str | None) -> None:
    """Run both servers until SIGTERM or SIGINT.

    Args:
        folder: Where mails are stored; made if missing.
        smtp_port: Loopback port for mail.
        http_port: Loopback port for the pages.
        control: The sandbox's control, where answers to mails go; None: mails cannot be answered.
    """
    mailbox = Mailbox(folder)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, stop.set)
    smtp = await loop.create_server(
        lambda: SMTP(Sink(mailbox), enable_SMTPUTF8=True, hostname="fristwerk-mail-sink", loop=loop),
        LOOPBACK,
        smtp_port,
    )
    pages = await asyncio.start_server(functools.partial(_serve_page, mailbox, control), LOOPBACK, http_port)
    await stop.wait()
    smtp.close()
    pages.close()


def main() -> None:
    """Run the sink as a process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--control", default=None, help="of the sandbox: answers to mails go there")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(given.folder, given.smtp_port, given.http_port, given.control))


if __name__ == "__main__":
    main()
