"""From a request to the service: who asks, under which key, and the desk that does it."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends

from api.dependencies import CurrentCaller, CurrentWiring, IdempotencyKey, IfMatch
from api.etag import Version
from api.problems import ETAG, LOCATION, WITH_ETAG
from api.schemas.acts import Acted
from services.asking import Asking
from services.desk import Desk
from services.door import Done

_LOCATION: Final = {"Location": LOCATION}
_ETAG: Final = {"ETag": ETAG}
# What routes declare besides their problems.
LOCATED: Final[dict[int | str, dict[str, Any]]] = {201: {"headers": _LOCATION}}
CREATED: Final[dict[int | str, dict[str, Any]]] = {201: {"headers": {**_LOCATION, **_ETAG}}}
ACTED: Final = WITH_ETAG


async def _desk(wiring: CurrentWiring) -> Desk:
    return Desk(
        pool=wiring.app,
        gateway=wiring.gateway,
        vault=wiring.vault,
        registry=wiring.registry,
        within=wiring.patience,
    )


async def _asking(caller: CurrentCaller, seen: IfMatch, key: IdempotencyKey = None) -> Asking:
    return Asking.of(caller, key=key, if_revision=None if seen is None else seen.revision)


async def _stateless(caller: CurrentCaller, key: IdempotencyKey = None) -> Asking:
    return Asking.of(caller, key=key)


async def _plain(caller: CurrentCaller) -> Asking:
    return Asking.of(caller)


async def _keyless(caller: CurrentCaller, seen: IfMatch) -> Asking:
    return Asking.of(caller, if_revision=None if seen is None else seen.revision)


CurrentDesk = Annotated[Desk, Depends(_desk)]
# Of a POST: with its Idempotency-Key and If-Match.
CurrentAsking = Annotated[Asking, Depends(_asking)]
# Of a POST that depends on no state of a lead: with its Idempotency-Key.
StatelessAsking = Annotated[Asking, Depends(_stateless)]
# Of a DELETE that depends on no state of a lead.
PlainAsking = Annotated[Asking, Depends(_plain)]
# Of a PUT, PATCH or DELETE: with its If-Match; repeating them is harmless by itself.
KeylessAsking = Annotated[Asking, Depends(_keyless)]


def acted(done: Done) -> dict[str, Any]:
    """The fields of `Acted` and its kin."""
    return {
        "lead": done.lead,
        "fact_id": done.fact_id,
        "revision": done.revision,
        "status": done.status,
        "paused": done.paused,
        "valid_until": done.valid_until,
        **done.detail,
    }


def plainly(done: Done) -> Acted:
    """What came of an act that leaves nothing behind but its fact."""
    return Acted(**acted(done))


def etag(done: Done) -> dict[str, str]:
    """The header of an answer that shows this state."""
    return {} if done.revision is None else {"ETag": str(Version(done.revision))}
