"""The sign-in with OpenID Connect: the code flow with PKCE, against any provider that describes itself.

What the browser carries between leaving for the provider and coming back lies in one short-lived cookie that
no script sees: state, nonce, the secret of PKCE, and where to go afterwards.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from adapters import log
from adapters.database import Caller
from adapters.settings import SignIn
from api.auth import TokenVerifier
from api.pages.paths import local_path

CALLBACK: Final = "/sign-in/callback"
# How long somebody may take at the provider.
FLOW_SECONDS: Final = 600
_DESCRIBED_SECONDS: Final = 600.0
_MOST_BYTES: Final = 200_000
_RANDOM_BYTES: Final = 32
_WELL_KNOWN: Final = "/.well-known/openid-configuration"

_log = log.get(__name__)

_Random = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]


class ProviderAway(Exception):
    """The provider does not answer, or not as OpenID Connect has it; nobody can sign in at the moment."""


class SignInFailed(Exception):
    """What came back from the provider is not the end of a sign-in that was begun here."""


class Flow(BaseModel):
    """A sign-in that has begun.

    Attributes:
        state: comes back from the provider, and so ties the answer to this browser.
        nonce: comes back in the id token, and so ties the token to this sign-in.
        verifier: the secret of PKCE; whoever only has the code gets no token.
        to: where to go afterwards, a path of ours.
        began: seconds since 1970.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    state: _Random
    nonce: _Random
    verifier: _Random
    to: Annotated[str, StringConstraints(max_length=1_000)]
    began: float

    def kept(self) -> str:
        """As the cookie holds it."""
        return base64.urlsafe_b64encode(self.model_dump_json().encode()).decode("ascii")

    @classmethod
    def read(cls, cookie: str | None) -> Flow | None:
        """From a cookie; None if it holds none."""
        if cookie is None:
            return None
        try:
            raw = base64.b64decode(cookie.encode("ascii"), altchars=b"-_", validate=True)
            return cls.model_validate_json(raw)
        except (ValueError, binascii.Error):
            return None


class _Description(BaseModel):
    """What a provider says about itself; what else it says is its own business."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Given(BaseModel):
    """What the token endpoint gives. Only who has signed in is of interest; access tokens are not kept."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id_token: Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Came:
    """What the provider sent back with the browser.

    Attributes:
        state: of the sign-in.
        code: to be changed for tokens.
        issuer: who says so, where the provider tells (RFC 9207).
    """

    state: str
    code: str
    issuer: str | None = None


class Provider:
    """The provider people sign in at."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        sign_in: SignIn,
        *,
        issuer: str,
        tokens: TokenVerifier,
        public_url: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Prepare; nothing is fetched yet.

        Args:
            http: client with a timeout; closed by whoever made it.
            sign_in: as what we ask.
            issuer: the provider's `iss`, exactly; it describes itself below this address.
            tokens: takes id tokens that are meant for us.
            public_url: where people reach us.
            clock: seconds since 1970.
        """
        self._http = http
        self._sign_in = sign_in
        self._issuer = issuer
        self._tokens = tokens
        self._redirect = public_url.rstrip("/") + CALLBACK
        self._clock = clock
        self._lock = asyncio.Lock()
        self._described: tuple[float, _Description] | None = None

    async def begin(self, to: str, language: str) -> tuple[str, Flow]:
        """Where to send the browser, and what it has to bring back.

        Args:
            to: where to go afterwards, a path of ours.
            language: what the person reads.

        Raises:
            ProviderAway: it does not describe itself.
        """
        described = await self._description()
        state, nonce, verifier = (secrets.token_urlsafe(_RANDOM_BYTES) for _ in range(3))
        address: str = prepare_grant_uri(
            described.authorization_endpoint,
            self._sign_in.client_id,
            "code",
            redirect_uri=self._redirect,
            scope=self._sign_in.scopes,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            ui_locales=language,
        )
        return address, Flow(state=state, nonce=nonce, verifier=verifier, to=to, began=self._clock())

    async def finish(self, flow: Flow | None, came: Came) -> Caller:
        """Who has signed in.

        Raises:
            SignInFailed: the browser did not begin this sign-in, or it is over, or the code is none.
            NotAuthenticated: the id token is not one to be taken.
            ProviderAway: it does not answer.
            KeysAway: its keys are unknown and cannot be asked for.
        """
        if flow is None or not 0 <= self._clock() - flow.began <= FLOW_SECONDS:
            raise SignInFailed
        if not hmac.compare_digest(flow.state.encode(), came.state.encode()):
            raise SignInFailed
        if came.issuer is not None and came.issuer != self._issuer:
            raise SignInFailed
        return await self._tokens.identity(await self._id_token(came.code, flow.verifier), flow.nonce)

    async def _id_token(self, code: str, verifier: str) -> str:
        described = await self._description()
        body: str = prepare_token_request(
            "authorization_code", redirect_uri=self._redirect, code=code, code_verifier=verifier
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        address, headers, body = self._signed(described, headers, body)
        try:
            answer = await self._http.post(address, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            _log.warning("the provider gave no tokens", error=type(error).__name__)
            raise ProviderAway from error
        if answer.is_server_error:
            _log.warning("the provider gave no tokens", status=answer.status_code)
            raise ProviderAway
        if answer.is_error or len(answer.content) > _MOST_BYTES:
            _log.warning("the provider did not take a code", status=answer.status_code)
            raise SignInFailed
        try:
            return _Given.model_validate_json(answer.content).id_token
        except ValidationError:
            raise SignInFailed from None

    def _signed(
        self, described: _Description, headers: dict[str, str], body: str
    ) -> tuple[str, dict[str, str], str]:
        secret = self._sign_in.client_secret
        if secret is None:
            method = "none"
        elif "client_secret_basic" in described.token_endpoint_auth_methods_supported:
            method = "client_secret_basic"
        else:
            method = "client_secret_post"
        auth = ClientAuth(self._sign_in.client_id, secret, method)
        signed: tuple[str, dict[str, str], str] = auth.prepare(
            "POST", described.token_endpoint, headers, body
        )
        return signed

    async def _description(self) -> _Description:
        async with self._lock:
            if self._described is not None and self._clock() - self._described[0] < _DESCRIBED_SECONDS:
                return self._described[1]
            found = await self._ask()
            self._described = (self._clock(), found)
            return found

    async def _ask(self) -> _Description:
        try:
            answer = await self._http.get(
                self._issuer.rstrip("/") + _WELL_KNOWN, headers={"Accept": "application/json"}
            )
            answer.raise_for_status()
            if len(answer.content) > _MOST_BYTES:
                raise ValueError("the description is too large")
            found = _Description.model_validate_json(answer.content)
            self._trust(found)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            _log.warning("the provider does not describe itself", error=type(error).__name__)
            raise ProviderAway from error
        return found

    def _trust(self, found: _Description) -> None:
        """A description is of the issuer that was asked, and leads nowhere less safe than there."""
        if found.issuer != self._issuer:
            raise ValueError("it describes another issuer")
        schemes = {"https", urlsplit(self._issuer).scheme}
        for address in (found.authorization_endpoint, found.token_endpoint):
            if urlsplit(address).scheme not in schemes or not urlsplit(address).hostname:
                raise ValueError("an address in it leads nowhere safe")


def afterwards(flow: Flow) -> str:
    """Where to go after a sign-in; a cookie may hold anything."""
    return local_path(flow.to) or "/"
