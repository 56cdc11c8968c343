"""Who calls: bearer tokens, checked against the issuer's keys, and what they must say."""

from __future__ import annotations

import hmac
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Final
from uuid import UUID

import jwt
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from adapters.database import Caller
from api.keys import ALGORITHMS, JwksKeys
from api.schemas.base import Id
from protection.permission import Role

LEEWAY_SECONDS: Final = 30
LONGEST_TOKEN: Final = 8192
# A token taken once is taken again without looking, but no longer than this.
REMEMBERED_SECONDS: Final = 60.0
REMEMBERED: Final = 4096
_REQUIRED: Final = ("exp", "iat", "iss", "aud", "sub")


class Why(StrEnum):
    """Why a token was not taken; told to the caller, and stable."""

    MISSING = "token-missing"
    TOO_LONG = "token-too-long"
    MALFORMED = "token-malformed"
    EXPIRED = "token-expired"
    NOT_YET = "token-not-yet-valid"
    WRONG_AUDIENCE = "token-for-another-audience"
    WRONG_ISSUER = "token-of-another-issuer"
    UNKNOWN_KEY = "token-signed-by-an-unknown-key"
    BAD_SIGNATURE = "token-signature-wrong"
    OTHER_SIGN_IN = "token-of-another-sign-in"
    CLAIM_MISSING = "token-claim-missing"
    CLAIM_MALFORMED = "token-claim-malformed"


class NotAuthenticated(Exception):
    """The token does not say who calls.

    Attributes:
        why: the stable reason.
        claim: the claim at fault, where one is.
    """

    def __init__(self, why: Why, claim: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.claim = claim


class _Claims(BaseModel):
    """What we read in a token; anything else in it is the issuer's business."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    sub: Id
    tenant: UUID
    roles: Annotated[tuple[Role, ...], Field(min_length=1, max_length=10)]
    org: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    exp: float
    aud: str | tuple[str, ...]
    nonce: Annotated[str, StringConstraints(max_length=200)] | None = None
    azp: Annotated[str, StringConstraints(max_length=200)] | None = None

    def caller(self) -> Caller:
        """Whom the token stands for."""
        return Caller(self.tenant, self.sub, tuple(dict.fromkeys(self.roles)), self.org)


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a token must be.

    Attributes:
        issuer: its `iss`, exactly.
        audience: in its `aud`.
    """

    issuer: str
    audience: str


class TokenVerifier:
    """Turns bearer tokens into callers."""

    def __init__(
        self,
        keys: JwksKeys,
        expected: Expectations,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Prepare; nothing is fetched yet.

        Args:
            keys: the issuer's keys.
            expected: what a token must be.
            clock: seconds since 1970.
        """
        self._keys = keys
        self._expected = expected
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()

    async def caller(self, authorization: bytes | None) -> Caller:
        """Who calls, by the Authorization header.

        Raises:
            NotAuthenticated: the token is missing, or not one to be taken.
            KeysAway: the issuer's keys are unknown and cannot be asked for.
        """
        scheme, _, token = (authorization or b"").partition(b" ")
        token = token.strip()
        if scheme.lower() != b"bearer" or not token:
            raise NotAuthenticated(Why.MISSING)
        if len(token) > LONGEST_TOKEN:
            raise NotAuthenticated(Why.TOO_LONG)
        mark = blake2b(token, digest_size=16).digest()
        now = self._clock()
        remembered = self._known.get(mark)
        if remembered is not None and now < remembered[0]:
            return remembered[1]
        claims = await self._claims(token)
        caller = claims.caller()
        self._remember(mark, min(claims.exp, now + REMEMBERED_SECONDS), caller)
        return caller

    async def identity(self, id_token: str, nonce: str) -> Caller:
        """Who has signed in, by the id token of an OpenID Connect sign-in.

        Args:
            id_token: as the issuer's token endpoint gave it.
            nonce: what this one sign-in was begun with.

        Raises:
            NotAuthenticated: the token is not one to be taken, or of another sign-in.
            KeysAway: the issuer's keys are unknown and cannot be asked for.
        """
        if len(id_token) > LONGEST_TOKEN:
            raise NotAuthenticated(Why.TOO_LONG)
        claims = await self._claims(id_token.encode("utf-8", errors="replace"))
        if claims.nonce is None or not hmac.compare_digest(claims.nonce.encode(), nonce.encode()):
            raise NotAuthenticated(Why.OTHER_SIGN_IN, "nonce")
        # Of a token for several, the one it was made for is named (OpenID Connect Core, 3.1.3.7).
        if claims.azp is None and not isinstance(claims.aud, str) and len(claims.aud) > 1:
            raise NotAuthenticated(Why.CLAIM_MISSING, "azp")
        if claims.azp is not None and claims.azp != self._expected.audience:
            raise NotAuthenticated(Why.WRONG_AUDIENCE, "azp")
        return claims.caller()

    async def check(self) -> None:
        """Make sure that tokens can be checked.

        Raises:
            KeysAway: the issuer's keys are unknown and cannot be asked for.
        """
        await self._keys.check()

    def _remember(self, mark: bytes, until: float, caller: Caller) -> None:
        self._known[mark] = (until, caller)
        self._known.move_to_end(mark)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def _claims(self, token: bytes) -> _Claims:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise NotAuthenticated(Why.MALFORMED) from None
        key_id = header.get("kid")
        if header.get("alg") not in ALGORITHMS or not isinstance(key_id, str):
            raise NotAuthenticated(Why.UNKNOWN_KEY)
        key = await self._keys.get(key_id)
        if key is None:
            raise NotAuthenticated(Why.UNKNOWN_KEY)
        try:
            claims = jwt.decode(
                token,
                key,
                # The key decides how it is used, never the token.
                algorithms=[key.algorithm_name],
                issuer=self._expected.issuer,
                audience=self._expected.audience,
                leeway=LEEWAY_SECONDS,
                options={"require": list(_REQUIRED)},
            )
            return _Claims.model_validate(claims)
        except jwt.PyJWTError as error:
            raise _why(error) from None
        except (ValidationError, OverflowError) as error:
            raise NotAuthenticated(Why.CLAIM_MALFORMED, _claim(error)) from None


_WHY: Final[tuple[tuple[type[jwt.PyJWTError], Why], ...]] = (
    (jwt.ExpiredSignatureError, Why.EXPIRED),
    (jwt.ImmatureSignatureError, Why.NOT_YET),
    (jwt.InvalidAudienceError, Why.WRONG_AUDIENCE),
    (jwt.InvalidIssuerError, Why.WRONG_ISSUER),
    (jwt.InvalidSignatureError, Why.BAD_SIGNATURE),
    (jwt.InvalidAlgorithmError, Why.BAD_SIGNATURE),
)


def _why(error: jwt.PyJWTError) -> NotAuthenticated:
    if isinstance(error, jwt.MissingRequiredClaimError):
        return NotAuthenticated(Why.CLAIM_MISSING, error.claim)
    known = next((why for kind, why in _WHY if isinstance(error, kind)), Why.MALFORMED)
    return NotAuthenticated(known)


def _claim(error: ValidationError | OverflowError) -> str:
    if isinstance(error, OverflowError):
        return "exp"
    return str(error.errors(include_input=False, include_url=False)[0]["loc"][0])
