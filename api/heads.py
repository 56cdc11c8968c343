"""The HTTP protocol of uvicorn with a longest head: httptools itself collects one of any length in memory."""

from __future__ import annotations

from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# Of request line and headers, and of what may follow a chunked body; a token takes up to 8 KiB of it. The
# piece that a head begins or ends in does not count, so that it may be longer by two pieces.
MOST_HEAD_BYTES: Final = 65_536
_TOO_LONG: Final = "The head of the request is too long."


class BoundedHeads(HttpToolsProtocol):
    """Hangs up where a head does not end; says why (400) if nothing else was said yet."""

    _got_on = False
    _waiting = 0

    def on_message_begin(self) -> None:
        """A request begins."""
        self._got_on = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is over."""
        self._got_on = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Some of its body; how long that may be is looked at where it is read."""
        self._got_on = True
        super().on_body(body)

    def data_received(self, data: bytes) -> None:
        """Take what came, until it is more of a head than we take."""
        self._got_on = False
        super().data_received(data)
        self._waiting = 0 if self._got_on else self._waiting + len(data)
        if self._waiting <= MOST_HEAD_BYTES or self.transport.is_closing():
            return
        # None before the first request, whatever its type says.
        if getattr(self.cycle, "response_complete", True):
            self.send_400_response(_TOO_LONG)
        else:
            self.transport.abort()
