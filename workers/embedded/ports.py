"""Chooses loopback ports: the one used last time, else the standard one, else any that is free."""

import socket
from collections.abc import Iterable
from typing import Final

LOOPBACK: Final = "127.0.0.1"


def choose(*wanted: int, taken: Iterable[int] = ()) -> int:
    """Return the first wanted port that is free on loopback, or a free one if none of them is.

    Args:
        wanted: Ports in order of preference.
        taken: Ports already promised to somebody else.

    Returns:
        A port nobody listens on at this moment.
    """
    promised = set(taken)
    for port in wanted:
        if port not in promised and is_free(port):
            return port
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port = probe.getsockname()[1]
        if port not in promised:
            return int(port)


def is_free(port: int) -> bool:
    """Tell whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are just fading away counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return not answers(port)


def answers(port: int, timeout: float = 0.2) -> bool:
    """Tell whether somebody accepts connections on this loopback port.

    Args:
        port: The port.
        timeout: Seconds to wait for the handshake.

    Returns:
        True if a connection could be made.
    """
    try:
        with socket.create_connection((LOOPBACK, port), timeout=timeout):
            return True
    except OSError:
        return False
