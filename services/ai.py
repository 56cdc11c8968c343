"""AI on somebody's behalf: asking a use case directly, and what AI costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel, ValidationError

from activities.ai.asking import Answered, Asker, NotConfigured
from activities.ai.case import Answer, UseCase
from activities.ai.cases import CASES
from activities.ai.router import Router
from adapters.ai.rules import month_cap
from adapters.ai.usage import Budget, Usage, budgets_of, usage_of
from protection.permission import Act
from services import words
from services.ai_rights import RIGHTS
from services.asking import Asking
from services.desk import Desk
from services.door import relation, stand
from services.errors import Forbidden

# Whoever may enter leads may ask about none in particular; who only examines the books spends nothing.
_WITHOUT_LEAD: Final = Act.REGISTER


async def ask(
    router: Router | None,
    desk: Desk,
    asking: Asking,
    use_case: UseCase,
    given: Mapping[str, Any],
    *,
    lead: UUID | None = None,
) -> Answered[Answer]:
    """Answer a use case with what the caller tells.

    Args:
        router: None where no provider is connected.
        given: the case's input.
        lead: what it is about, if it is about one; names kept of it are not told to the model.

    Raises:
        NotFound: there is no such lead for this caller.
        Forbidden: the caller may not ask this.
        Refused: a value of the input makes no sense.
        AiError: there is no answer.
    """
    if lead is None:
        asking.require(_WITHOUT_LEAD)
    else:
        async with desk.looking(asking) as connection:
            whose = relation(await stand(connection, asking, lead))
        acts = RIGHTS[use_case]
        if not any(asking.may(act, whose) for act in acts):
            raise Forbidden(acts[0])
    case = CASES[use_case]
    told = _checked(case.input, given)
    if router is None or not router.configured(asking.tenant):
        raise NotConfigured
    caller = asking.caller
    asker = Asker(tenant=caller.tenant, user=caller.user, org=caller.org, lead=lead)
    return await router.ask(case, told, asker=asker)


async def usage(desk: Desk, asking: Asking, month: str | None = None) -> Usage:
    """What AI did and cost in a month, for whoever reads the settings.

    Args:
        month: such as 2026-11, a UTC month; None is this one.

    Raises:
        Forbidden: the caller may not.
        Refused: that is no month.
    """
    asking.require(Act.READ_SETTINGS)
    wanted = _month(month, desk.now())
    caller = asking.caller
    caps = await month_cap(desk.registry, Asker(tenant=caller.tenant, user=caller.user))

    async def org_cap(org: str) -> Any:
        held = await month_cap(desk.registry, Asker(tenant=caller.tenant, user=caller.user, org=org))
        return held.org

    async with desk.looking(asking) as connection:
        return await usage_of(connection, asking.tenant, wanted, cap=caps.tenant, org_cap=org_cap)


async def budget_now(desk: Desk, asking: Asking) -> Budget:
    """The tenant's budget of this month.

    Raises:
        Forbidden: the caller may not.
    """
    asking.require(Act.READ_SETTINGS)
    caller = asking.caller
    caps = await month_cap(desk.registry, Asker(tenant=caller.tenant, user=caller.user))
    async with desk.looking(asking) as connection:
        held = await budgets_of(connection, asking.tenant, _month(None, desk.now()))
    booked, reserved = held.get("", (Decimal(0), Decimal(0)))
    return Budget(org=None, cap=caps.tenant, booked=booked, reserved=reserved)


def _month(text: str | None, now: datetime) -> date:
    if text is None:
        return now.astimezone(UTC).date().replace(day=1)
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise words.malformed("month", "a month is a text such as 2026-11") from None


def _checked(form: type[BaseModel], given: Mapping[str, Any]) -> BaseModel:
    try:
        return form.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in ("input", *first["loc"]))
        raise words.malformed(where, first["msg"].removeprefix("Value error, ")) from None
