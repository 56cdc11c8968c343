"""The demo issuer's sign-in: the code flow of OpenID Connect with PKCE, for whoever says who he is.

Everything is checked as a real provider checks it: client, address to return to, PKCE, codes that work once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import unquote_plus, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

CLIENT_ID: Final = "fristwerk-pages"
CODE_SECONDS: Final = 60.0
_MOST_CODES: Final = 1_000
_RETURN_PATH: Final = "/sign-in/callback"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

_Opaque = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Asked(BaseModel):
    """What a client asks for at `/authorize`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    client_id: Literal["fristwerk-pages"]
    redirect_uri: Annotated[str, StringConstraints(max_length=500)]
    response_type: Literal["code"]
    scope: Annotated[str, StringConstraints(pattern=r"^(.* )?openid( .*)?$", max_length=200)]
    state: _Opaque
    nonce: _Opaque
    code_challenge: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
    code_challenge_method: Literal["S256"]
    ui_locales: Annotated[str, StringConstraints(max_length=100)] = ""

    @property
    def origin(self) -> str:
        """Scheme and host of the address to return to."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"


class CannotReturn(Exception):
    """The request is not one that may be answered with a redirect; the message says why."""


def asked(fields: Mapping[str, str]) -> Asked:
    """The request of these fields.

    Raises:
        CannotReturn: it makes no sense, or would send people elsewhere than to a Fristwerk on this machine.
    """
    try:
        found = Asked.model_validate(dict(fields))
    except ValidationError as error:
        names = sorted({str(one["loc"][0]) for one in error.errors(include_input=False)})
        raise CannotReturn(f"{', '.join(names)}: makes no sense") from None
    try:
        parts = urlsplit(found.redirect_uri)
        port = parts.port
    except ValueError:
        raise CannotReturn("redirect_uri: is no address") from None
    safe = parts.scheme in {"http", "https"} and parts.hostname in _LOOPBACK and port != 0
    if not safe or parts.path != _RETURN_PATH or parts.query or parts.fragment or parts.username:
        raise CannotReturn(f"redirect_uri: must be {_RETURN_PATH} on this machine")
    return found


@dataclass(frozen=True, slots=True)
class _Code:
    person: str
    request: Asked
    until: float


class Codes:
    """Codes that have been given and not yet been used."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without any.

        Args:
            clock: seconds that only go forward.
        """
        self._clock = clock
        self._given: OrderedDict[str, _Code] = OrderedDict()

    def give(self, person: str, request: Asked, issuer: str) -> str:
        """Where to send the browser of this person, with a code that works once and soon."""
        code = secrets.token_urlsafe(32)
        self._given[code] = _Code(person, request, self._clock() + CODE_SECONDS)
        if len(self._given) > _MOST_CODES:
            self._given.popitem(last=False)
        return f"{request.redirect_uri}?{urlencode({'code': code, 'state': request.state, 'iss': issuer})}"

    def take(self, form: Mapping[str, str]) -> tuple[str, Asked] | None:
        """Who has got this code, and for what; None if it is none, over, used, or somebody else's."""
        given = self._given.pop(form.get("code", ""), None)
        if given is None or self._clock() > given.until:
            return None
        proof = urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        proven = hmac.compare_digest(proof.rstrip(b"="), given.request.code_challenge.encode())
        if not proven or form.get("redirect_uri") != given.request.redirect_uri:
            return None
        return given.person, given.request


def credentials(form: Mapping[str, str], authorization: str) -> tuple[str, str]:
    """Id and secret of a client: from the Authorization header (RFC 6749, 2.3.1), else from the form."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except ValueError:
        return "", ""
    return unquote_plus(name), unquote_plus(secret)
