"""Whether something answers over HTTP with a good status: what a container asks about itself.

`python -m adapters.probe http://127.0.0.1:9100/readyz`; standard library only, because it runs often.
"""

import sys
from http.client import HTTPConnection, HTTPException
from typing import Final
from urllib.parse import urlsplit

_SECONDS: Final = 5.0


def answers_well(url: str) -> bool:
    """Whether GET is answered with a status of 200 to 299 within five seconds; never by way of a proxy.

    Raises:
        ValueError: the address makes no sense.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname or parts.username is not None:
        raise ValueError("must be an address such as http://127.0.0.1:9100/readyz")
    connection = HTTPConnection(parts.hostname, parts.port, timeout=_SECONDS)
    try:
        connection.request("GET", parts.path or "/")
        return 200 <= connection.getresponse().status < 300
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def main() -> None:
    """Exit status 0: it answers well; 1: it does not; 2: the call makes no sense."""
    try:
        (url,) = sys.argv[1:]
        good = answers_well(url)
    except ValueError as error:
        sys.stderr.write(f"python -m adapters.probe URL: {error}\n")
        sys.exit(2)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
