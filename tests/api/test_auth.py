"""Who gets in, and everything that does not."""

from __future__ import annotations

import asyncio
import base64
import functools
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from adapters.settings import DEMO_TENANT
from api.auth import REMEMBERED, Expectations, NotAuthenticated, TokenVerifier, Why
from api.keys import OLD_SECONDS, REFRESH_SECONDS, RETRY_SECONDS, JwksKeys, KeysAway
from sandbox.issuer import AUDIENCE
from tests.api.house import ISSUER, Callers

EXPECTED = Expectations(ISSUER, AUDIENCE)
JWKS = f"{ISSUER}/jwks.json"


class Clock:
    """Seconds that only go forward when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Line:
    """A way to the issuer that counts, and can be cut."""

    def __init__(self, callers: Callers) -> None:
        self.callers = callers
        self.asked = 0
        self.answer: Callable[[], httpx.Response] | None = None
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self._pass))

    async def _pass(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.answer is not None:
            return self.answer()
        async with self.callers.http() as there:
            return await there.get(request.url)


def _cut() -> httpx.Response:
    raise httpx.ConnectError("nobody there")


@pytest.fixture
def line(callers: Callers) -> Line:
    return Line(callers)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(line: Line, clock: Clock) -> JwksKeys:
    return JwksKeys(line.http, JWKS, clock=clock)


@pytest.fixture
def verifier(keys: JwksKeys) -> TokenVerifier:
    return TokenVerifier(keys, EXPECTED)


async def _refused(verifier: TokenVerifier, token: str | bytes) -> tuple[Why, str]:
    raw = token if isinstance(token, bytes) else token.encode()
    with pytest.raises(NotAuthenticated) as refused:
        await verifier.caller(b"Bearer " + raw)
    return refused.value.why, refused.value.claim


async def test_a_good_token_says_who_calls(verifier: TokenVerifier, callers: Callers, line: Line) -> None:
    token = callers.token("anna", "agent", "manager", "agent", org="north", unknown_claim=1)
    caller = await verifier.caller(f"Bearer {token}".encode())
    assert (caller.tenant, caller.user, caller.roles) == (DEMO_TENANT, "anna", ("agent", "manager"))
    assert (await verifier.caller(f"bearer  {token}".encode())) is caller
    assert line.asked == 1


async def test_both_algorithms_are_taken_and_a_new_key_needs_no_restart(tmp_path: Path, clock: Clock) -> None:
    callers = Callers(tmp_path)
    line = Line(callers)
    verifier = TokenVerifier(JwksKeys(line.http, JWKS, clock=clock), EXPECTED)
    old = callers.token("anna", "agent")
    assert callers.issuer.keys.current.algorithm == "RS256"
    await verifier.caller(f"Bearer {old}".encode())
    assert callers.issuer.keys.rotate().algorithm == "ES256"
    new = callers.token("ben", "agent")
    assert await _refused(verifier, new) == (Why.UNKNOWN_KEY, "")
    clock.now += REFRESH_SECONDS + 1
    assert (await verifier.caller(f"Bearer {new}".encode())).user == "ben"
    assert (await verifier.caller(f"Bearer {callers.token('anna', 'agent')}".encode())).user == "anna"
    assert line.asked == 2


async def test_strangers_keys_cost_one_refresh_a_minute(
    verifier: TokenVerifier, callers: Callers, line: Line, clock: Clock
) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    await verifier.caller(f"Bearer {callers.token('anna', 'agent')}".encode())
    said = callers.claims("anna", "agent")
    tokens = [
        jwt.encode(said, stranger, "RS256", headers={"kid": f"stranger-{number}"}) for number in range(20)
    ]
    for token in tokens:
        assert await _refused(verifier, token) == (Why.UNKNOWN_KEY, "")
    assert line.asked == 1
    clock.now += REFRESH_SECONDS + 1
    for token in tokens:
        assert await _refused(verifier, token) == (Why.UNKNOWN_KEY, "")
    assert line.asked == 2


async def test_callers_who_wait_for_the_keys_share_one_fetch(
    verifier: TokenVerifier, callers: Callers, line: Line
) -> None:
    tokens = [callers.token(f"agent-{number}", "agent") for number in range(20)]
    found = await asyncio.gather(*(verifier.caller(f"Bearer {token}".encode()) for token in tokens))
    assert [caller.user for caller in found] == [f"agent-{number}" for number in range(20)]
    assert line.asked == 1


async def test_a_withdrawn_key_is_forgotten(tmp_path: Path, clock: Clock) -> None:
    callers = Callers(tmp_path)
    keys = JwksKeys(Line(callers).http, JWKS, clock=clock)
    first = callers.issuer.keys.current.key_id
    assert await keys.get(first) is not None
    callers.issuer.keys.rotate()
    callers.issuer.keys.rotate()
    assert await keys.get(first) is not None
    clock.now += OLD_SECONDS + 1
    assert await keys.get(first) is None


@pytest.mark.parametrize(
    "answer",
    [
        _cut,
        lambda: httpx.Response(500),
        lambda: httpx.Response(302, headers={"Location": "http://elsewhere.test/"}),
        lambda: httpx.Response(200, text="no json"),
        lambda: httpx.Response(200, json=["no object"]),
        lambda: httpx.Response(200, json={"keys": "none"}),
        lambda: httpx.Response(200, json={"keys": []}),
        lambda: httpx.Response(200, json={"keys": [{"kty": "RSA", "kid": "x", "n": "A", "e": 3}]}),
        lambda: httpx.Response(200, content=b"[" * 100_000),
        lambda: httpx.Response(200, content=b" " * 600_000),
    ],
)
async def test_an_issuer_that_is_away_or_talks_nonsense_is_no_fault_of_the_caller(
    callers: Callers, line: Line, clock: Clock, answer: Any
) -> None:
    keys = JwksKeys(line.http, JWKS, clock=clock)
    verifier = TokenVerifier(keys, EXPECTED)
    line.answer = answer
    header = f"Bearer {callers.token('anna', 'agent')}".encode()
    for _ in range(3):
        with pytest.raises(KeysAway):
            await verifier.caller(header)
    with pytest.raises(KeysAway):
        await keys.check()
    assert line.asked == 1
    line.answer = None
    clock.now += RETRY_SECONDS + 1
    assert (await verifier.caller(header)).user == "anna"
    await verifier.check()


async def test_known_keys_outlive_the_issuer(
    verifier: TokenVerifier, callers: Callers, line: Line, clock: Clock
) -> None:
    await verifier.check()
    line.answer = _cut
    clock.now += OLD_SECONDS + 1
    caller = await verifier.caller(f"Bearer {callers.token('anna', 'agent')}".encode())
    assert (caller.user, line.asked) == ("anna", 2)


async def test_keys_that_sign_nothing_we_take_are_no_keys(callers: Callers, line: Line, clock: Clock) -> None:
    good = callers.issuer.keys.current.public()
    secret = {
        "kty": "oct",
        "kid": "shared",
        "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I",
        "alg": "HS256",
    }
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()  # noqa: S505
    weak = {**jwt.algorithms.RSAAlgorithm.to_jwk(small, as_dict=True), "kid": "weak"}
    for_encryption = {**good, "kid": "encryption", "use": "enc"}
    nameless = {name: value for name, value in good.items() if name != "kid"}
    listed = [secret, weak, for_encryption, nameless, {**good, "kid": "ps", "alg": "PS256"}, good]
    line.answer = lambda: httpx.Response(200, json={"keys": listed})
    keys = JwksKeys(line.http, JWKS, clock=clock)
    for name in ("shared", "weak", "encryption", "ps"):
        assert await keys.get(name) is None
    assert await keys.get(good["kid"]) is not None


def _forged(header: dict[str, Any], claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    def packed(value: bytes) -> bytes:
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    body = packed(json.dumps(header).encode()) + b"." + packed(json.dumps(claims).encode())
    return (body + b"." + packed(sign(body))).decode()


def _shared(secret: bytes, body: bytes) -> bytes:
    return hmac.new(secret, body, hashlib.sha256).digest()


async def test_no_signature_and_the_public_key_as_a_secret(verifier: TokenVerifier, callers: Callers) -> None:
    current = callers.issuer.keys.current
    claims = callers.claims("anna", "admin")
    for name in ("none", "None", "nOnE", ""):
        token = _forged({"alg": name, "kid": current.key_id}, claims, lambda _: b"")
        assert (await _refused(verifier, token))[0] is Why.UNKNOWN_KEY
    public = current.private.public_key()
    for form in (
        (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
    ):
        secret = public.public_bytes(*form)
        token = _forged(
            {"alg": "HS256", "kid": current.key_id},
            claims,
            functools.partial(_shared, secret),
        )
        assert (await _refused(verifier, token))[0] is Why.UNKNOWN_KEY


async def test_another_key_and_a_changed_word(verifier: TokenVerifier, callers: Callers) -> None:
    kid = {"kid": callers.issuer.keys.current.key_id}
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = jwt.encode(callers.claims("anna", "admin"), stranger, "RS256", headers=kid)
    assert await _refused(verifier, token) == (Why.BAD_SIGNATURE, "")
    head, _, tail = callers.token("anna", "agent").split(".")
    promoted = (
        base64.urlsafe_b64encode(json.dumps(callers.claims("anna", "admin")).encode()).decode().rstrip("=")
    )
    assert await _refused(verifier, f"{head}.{promoted}.{tail}") == (Why.BAD_SIGNATURE, "")
    # A key of one kind is not used as another.
    mixed = _forged({"alg": "ES256", **kid}, callers.claims("anna", "admin"), lambda _: b"0" * 64)
    assert await _refused(verifier, mixed) == (Why.BAD_SIGNATURE, "")


@pytest.mark.parametrize(
    ("claims", "why", "claim"),
    [
        ({"exp": int(time.time()) - 31}, Why.EXPIRED, ""),
        ({"exp": None}, Why.CLAIM_MISSING, "exp"),
        ({"iat": None}, Why.CLAIM_MISSING, "iat"),
        ({"iat": int(time.time()) + 86_400}, Why.NOT_YET, ""),
        ({"nbf": int(time.time()) + 86_400}, Why.NOT_YET, ""),
        ({"aud": "another"}, Why.WRONG_AUDIENCE, ""),
        ({"aud": None}, Why.CLAIM_MISSING, "aud"),
        ({"iss": "http://127.0.0.1:9/"}, Why.WRONG_ISSUER, ""),
        ({"iss": None}, Why.CLAIM_MISSING, "iss"),
        ({"sub": None}, Why.CLAIM_MISSING, "sub"),
        ({"sub": "anna@agents.example"}, Why.CLAIM_MALFORMED, "sub"),
        ({"sub": "anna muster"}, Why.CLAIM_MALFORMED, "sub"),
        ({"sub": "a" * 101}, Why.CLAIM_MALFORMED, "sub"),
        ({"tenant": None}, Why.CLAIM_MALFORMED, "tenant"),
        ({"tenant": "demo"}, Why.CLAIM_MALFORMED, "tenant"),
        ({"tenant": [str(DEMO_TENANT)]}, Why.CLAIM_MALFORMED, "tenant"),
        ({"roles": None}, Why.CLAIM_MALFORMED, "roles"),
        ({"roles": []}, Why.CLAIM_MALFORMED, "roles"),
        ({"roles": ["king"]}, Why.CLAIM_MALFORMED, "roles"),
        ({"roles": ["agent,admin"]}, Why.CLAIM_MALFORMED, "roles"),
        ({"roles": "admin"}, Why.CLAIM_MALFORMED, "roles"),
        ({"roles": ["agent"] * 11}, Why.CLAIM_MALFORMED, "roles"),
        ({"org": ""}, Why.CLAIM_MALFORMED, "org"),
        ({"org": 7}, Why.CLAIM_MALFORMED, "org"),
    ],
)
async def test_what_a_token_must_say(
    verifier: TokenVerifier, callers: Callers, claims: dict[str, Any], why: Why, claim: str
) -> None:
    assert await _refused(verifier, callers.token("anna", "agent", **claims)) == (why, claim)


async def test_clocks_may_differ_by_half_a_minute(verifier: TokenVerifier, callers: Callers) -> None:
    now = int(time.time())
    for claims in ({"exp": now - 20}, {"iat": now + 20}, {"aud": ["another", AUDIENCE]}):
        token = callers.token("anna", "agent", **claims)
        assert (await verifier.caller(f"Bearer {token}".encode())).user == "anna"


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (None, Why.MISSING),
        (b"", Why.MISSING),
        (b"Bearer", Why.MISSING),
        (b"Bearer   ", Why.MISSING),
        (b"Basic YW5uYTphbm5h", Why.MISSING),
        (b"Bearer x", Why.MALFORMED),
        (b"Bearer a.b.c", Why.MALFORMED),
        (b"Bearer \xff\xfe.\x00.\x01", Why.MALFORMED),
        (b"Bearer e30.e30.e30", Why.UNKNOWN_KEY),
        (b"Bearer " + b"[" * 8000, Why.MALFORMED),
        (b"Bearer " + base64.urlsafe_b64encode(b'{"alg":' * 700) + b".e30.e30", Why.MALFORMED),
        (b"Bearer " + base64.urlsafe_b64encode(b'{"alg":"RS256","kid":7}') + b".e30.e30", Why.MALFORMED),
        (
            b"Bearer " + base64.urlsafe_b64encode(b'{"alg":["RS256"],"kid":"x"}') + b".e30.e30",
            Why.UNKNOWN_KEY,
        ),
        (b"Bearer " + b"a" * 8193, Why.TOO_LONG),
    ],
)
async def test_garbage(verifier: TokenVerifier, header: bytes | None, why: Why) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        await verifier.caller(header)
    assert refused.value.why is why


async def test_a_token_is_remembered_a_minute_at_most_and_never_past_its_end(
    callers: Callers, line: Line
) -> None:
    clock = Clock()
    clock.now = time.time()
    verifier = TokenVerifier(JwksKeys(line.http, JWKS), EXPECTED, clock=clock)
    long, short = (
        f"Bearer {callers.token('anna', 'agent', exp=int(clock.now) + seconds)}".encode()
        for seconds in (600, 10)
    )
    first, brief = await verifier.caller(long), await verifier.caller(short)
    clock.now += 9
    assert await verifier.caller(long) is first
    assert await verifier.caller(short) is brief
    clock.now += 3
    assert await verifier.caller(short) is not brief
    clock.now += 50
    assert await verifier.caller(long) is not first


async def test_only_so_many_tokens_are_remembered(verifier: TokenVerifier, callers: Callers) -> None:
    token = f"Bearer {callers.token('anna', 'agent')}".encode()
    first = await verifier.caller(token)
    for number in range(REMEMBERED):
        verifier._remember(number.to_bytes(16, "big"), time.time() + 60, first)
    assert len(verifier._known) == REMEMBERED
    assert await verifier.caller(token) is not first
