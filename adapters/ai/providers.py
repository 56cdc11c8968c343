"""The providers an installation has accounts at, each behind its breaker."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any, Final, Protocol
from uuid import UUID

from activities.ai.case import Answer
from activities.ai.ports import Completion, Model, Prompt
from activities.upstreams import UpstreamError
from adapters import log
from adapters.ai.speaking import MOST_OUTPUT_TOKENS, Patience
from adapters.breaker import Breaker, Standing
from adapters.outside_settings import Provider, ProviderName

# What a provider adds of its own to a prompt and a schema, in tokens, with room to spare.
_ADDED_TOKENS: Final = {ProviderName.OPENAI: 100, ProviderName.ANTHROPIC: 700}
_log = log.get(__name__)


class _Models(Protocol):
    def schema(self, answer: type[Answer]) -> dict[str, Any]: ...

    async def complete(self, model: Model, prompt: Prompt) -> Completion: ...

    async def aclose(self) -> None: ...


class SdkProviders:
    """Asks through the providers' own SDKs. Closed by whoever made it.

    Args:
        tenant: whose accounts these are; for others nobody is asked.
        accounts: at most one a provider.
        patience: how long an answer may take.
        breakers: makes the breaker of a provider.
    """

    def __init__(
        self,
        tenant: UUID,
        accounts: Sequence[Provider],
        *,
        patience: Patience | None = None,
        breakers: Callable[[str], Breaker] = Breaker,
    ) -> None:
        patience = patience or Patience()
        self._tenant = tenant
        self._models: dict[str, _Models] = {}
        for account in accounts:
            self._models[account.name] = _models_of(account, patience)
        self._breakers = {account.name.value: breakers(account.name) for account in accounts}

    async def aclose(self) -> None:
        """Close all connections."""
        for models in self._models.values():
            await models.aclose()

    def offered(self, tenant: UUID) -> tuple[str, ...]:
        """See `activities.ai.ports.Providers`."""
        return tuple(self._breakers) if tenant == self._tenant else ()

    def standings(self) -> tuple[Standing, ...]:
        """How the breaker of each provider stands."""
        return tuple(breaker.standing for breaker in self._breakers.values())

    def watched(self) -> list[Callable[[], Standing]]:
        """What tells how each breaker stands."""
        return [partial(_standing, breaker) for breaker in self._breakers.values()]

    def reachable(self, provider: str) -> bool:
        """See `activities.ai.ports.Providers`. No while its breaker is open."""
        return self._breakers[provider].would_let_through()

    def most_tokens(self, model: Model, prompt: Prompt) -> tuple[int, int]:
        """See `activities.ai.ports.Providers`. No token is shorter than a byte."""
        schema = json.dumps(self._models[model.provider].schema(prompt.answer))
        told = sum(len(text.encode()) for text in (prompt.system, prompt.told, schema))
        return told + _ADDED_TOKENS[ProviderName(model.provider)], MOST_OUTPUT_TOKENS

    async def complete(self, model: Model, prompt: Prompt) -> Completion:
        """See `activities.ai.ports.Providers`."""
        models = self._models[model.provider]
        try:
            return await self._breakers[model.provider].call(lambda: models.complete(model, prompt))
        except UpstreamError as error:
            _log.info(
                "upstream failed",
                upstream=error.upstream,
                fault=error.fault,
                status=error.status,
                model=model.name,
            )
            raise


def _models_of(account: Provider, patience: Patience) -> _Models:
    """What speaks to a provider. Each SDK takes about a second to load: only where there is an account."""
    models: _Models
    match account.name:
        case ProviderName.OPENAI:
            models = import_module("adapters.ai.openai_models").OpenAiModels(account, patience)
        case ProviderName.ANTHROPIC:
            models = import_module("adapters.ai.anthropic_models").AnthropicModels(account, patience)
    return models


def _standing(breaker: Breaker) -> Standing:
    return breaker.standing
