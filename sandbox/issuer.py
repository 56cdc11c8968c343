"""An issuer of tokens for the people of the demo tenant, on loopback only, beside an embedded database only.

It runs as a child of `fristwerk up` and nothing else: whoever gets a token here is whoever he says he is.
So it refuses to start wherever a real database or a real issuer is configured.
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import secrets
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.people import DemoPerson, read_people
from sandbox.sign_in import CLIENT_ID, Asked, CannotReturn, Codes, asked, credentials
from sandbox.sign_in_page import broken_page, language_of, people_page
from sandbox.signing_keys import KeyRing, write_secret

LOOPBACK: Final = "127.0.0.1"
AUDIENCE: Final = "fristwerk"
TOKEN_SECONDS: Final = 3600
CLIENT_FILE: Final = "client"
_STACK_FILE: Final = "stack.json"
_REAL: Final = ("DATABASE_URL", "APP_DATABASE_URL", "WORKER_DATABASE_URL", "OIDC_ISSUER", "OIDC_JWKS_URL")
_MOST_BYTES: Final = 4096


class NotEmbedded(Exception):
    """This is no place for tokens that anybody may have; the message says why."""


def refuse_outside_embedded_mode(state: Path, environment: Mapping[str, str], parent: int) -> None:
    """Make sure that this is a child of a running `fristwerk up` with a database of its own.

    Args:
        state: state folder of the stack.
        environment: our environment, without what the stack adds for its other parts.
        parent: process id of whoever started us.

    Raises:
        NotEmbedded: it is not.
    """
    real = [name for name in _REAL if environment.get(name)]
    if real:
        raise NotEmbedded(f"{', '.join(real)} is set: tokens for real data come from a real issuer")
    try:
        record = json.loads((state / _STACK_FILE).read_text(encoding="utf-8"))
        pid, database = record["pid"], record["environment"].get("DATABASE_URL")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotEmbedded(f"no stack runs in {state}; start one: fristwerk up") from error
    if pid != parent:
        raise NotEmbedded(f"only the stack that runs in {state} may start this; use: fristwerk up")
    if not database:
        raise NotEmbedded("the stack's database is not embedded")


class Issuer:
    """Gives tokens to whoever knows the folder's secret."""

    def __init__(self, folder: Path, url: str) -> None:
        """Read or make keys and secret.

        Args:
            folder: keys, secret and people; only we may read it.
            url: our own address, the `iss` of every token.
        """
        self.url = url
        self.keys = KeyRing(folder / "keys")
        self.codes = Codes()
        self.people = {person.name: person for person in read_people(folder)}
        secret = folder / CLIENT_FILE
        if not secret.exists():
            write_secret(secret, secrets.token_urlsafe(32).encode())
        self._secret = secret.read_bytes()

    def token(self, person: DemoPerson) -> str:
        """A token that says this is the person, for an hour from now."""
        return self._signed(person, {"aud": AUDIENCE, "jti": secrets.token_urlsafe(12)})

    def id_token(self, person: DemoPerson, request: Asked) -> str:
        """What tells the client of a sign-in who has signed in."""
        return self._signed(person, {"aud": CLIENT_ID, "nonce": request.nonce, "auth_time": int(time.time())})

    def _signed(self, person: DemoPerson, more: Mapping[str, Any]) -> str:
        now = int(time.time())
        return self.keys.current.sign(
            {
                "iss": self.url,
                "sub": person.name,
                "tenant": person.tenant,
                "roles": list(person.roles),
                "iat": now,
                "exp": now + TOKEN_SECONDS,
                **more,
            }
        )

    def app(self) -> Starlette:
        """The issuer as an application."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/jwks.json", self._jwks),
                Route("/authorize", self._show, methods=["GET"]),
                Route("/authorize", self._authorize, methods=["POST"]),
                Route("/token", self._give, methods=["POST"]),
                Route("/rotate", self._rotate, methods=["POST"]),
            ],
            # A foreign name that leads here (DNS rebinding) is nobody's sign-in.
            middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[LOOPBACK, "localhost"])],
        )

    async def _configuration(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/jwks.json",
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "grant_types_supported": ["authorization_code", "password"],
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
                "scopes_supported": ["openid"],
                "claims_supported": ["sub", "tenant", "roles"],
                "ui_locales_supported": ["de", "en"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            }
        )

    async def _jwks(self, _: Request) -> Response:
        return JSONResponse({"keys": self.keys.published()}, headers={"Cache-Control": "max-age=60"})

    async def _show(self, request: Request) -> Response:
        fields = dict(request.query_params)
        language = language_of(fields.get("ui_locales", ""), request.headers.get("accept-language", ""))
        try:
            wanted = asked(fields)
        except CannotReturn as error:
            return _html(broken_page(str(error), language), status=400)
        return _html(people_page(list(self.people.values()), wanted, language), then=wanted.origin)

    async def _authorize(self, request: Request) -> Response:
        form = await _form(request)
        person = self.people.get(form.get("person", ""))
        language = language_of(form.get("ui_locales", ""), request.headers.get("accept-language", ""))
        try:
            wanted = asked(form)
        except CannotReturn as error:
            return _html(broken_page(str(error), language), status=400)
        if person is None:
            return _html(broken_page("person: is not known here", language), status=400)
        return RedirectResponse(self.codes.give(person.name, wanted, self.url), status_code=303)

    async def _give(self, request: Request) -> Response:
        form = await _form(request)
        client, secret = credentials(form, request.headers.get("authorization", ""))
        if not self._knows_secret(secret):
            return _no("invalid_client", 401)
        given: dict[str, Any] = {"token_type": "Bearer", "expires_in": TOKEN_SECONDS}
        match form.get("grant_type"):
            case "password":
                person = self.people.get(form.get("username", ""))
            case "authorization_code":
                if client != CLIENT_ID:
                    return _no("invalid_client", 401)
                taken = self.codes.take(form)
                person = None if taken is None else self.people.get(taken[0])
                if taken is not None and person is not None:
                    given["id_token"] = self.id_token(person, taken[1])
            case _:
                return _no("unsupported_grant_type", 400)
        if person is None:
            return _no("invalid_grant", 400)
        given["access_token"] = self.token(person)
        return JSONResponse(given, headers={"Cache-Control": "no-store"})

    async def _rotate(self, request: Request) -> Response:
        if not self._knows_secret((await _form(request)).get("client_secret", "")):
            return _no("invalid_client", 401)
        return JSONResponse({"kid": self.keys.rotate().key_id})

    def _knows_secret(self, secret: str) -> bool:
        return hmac.compare_digest(secret.encode(), self._secret)


def _html(page: str, *, status: int = 200, then: str = "") -> Response:
    """A page that runs nothing; its form may lead on to where it was asked from."""
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; form-action 'self' {then}; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return HTMLResponse(page, status_code=status, headers=headers)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; what is no form, or too long for one, has none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            return {}
    try:
        found = parse_qs(body.decode("utf-8", errors="replace"), max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in found.items()}


def _no(error: str, status: int) -> Response:
    return JSONResponse({"error": error}, status_code=status, headers={"Cache-Control": "no-store"})


def main() -> None:
    """Run the issuer as a process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    try:
        refuse_outside_embedded_mode(given.state, os.environ, os.getppid())
        issuer = Issuer(given.folder, f"http://{LOOPBACK}:{given.port}")
    except (NotEmbedded, OSError, ValueError) as error:
        sys.exit(f"The demo issuer does not start: {error}")
    uvicorn.run(issuer.app(), host=LOOPBACK, port=given.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
