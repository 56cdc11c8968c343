"""The one place that makes Temporal clients, so that every process reads and writes payloads alike."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode

from adapters.search_attributes import SEARCH_ATTRIBUTES
from adapters.settings import Settings
from adapters.temporal_tracing import TraceInterceptor

DATA_CONVERTER: Final = DataConverter.default

_TYPES: Final[Mapping[str, IndexedValueType.ValueType]] = MappingProxyType(
    {
        "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
        "Bool": IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
        "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
        "KeywordList": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
    }
)


class TemporalAway(RuntimeError):
    """Nobody answers at the frontend's address."""


class SearchAttributeMismatch(Exception):
    """A search attribute exists under our name with another type; workflows could not be started."""

    def __init__(self, name: str, wanted: str) -> None:
        super().__init__(f"search attribute {name} exists in this namespace, but is no {wanted}")
        self.name = name
        self.wanted = wanted


async def connect(settings: Settings, *, runtime: Runtime | None = None, lazy: bool = False) -> Client:
    """Connect to the Temporal frontend of the settings.

    Args:
        settings: Address, namespace, and what the server is shown.
        runtime: SDK runtime with its own telemetry; default: the process-wide one.
        lazy: Connect with the first call instead of now.

    Returns:
        A client with the product's data converter.

    Raises:
        SettingsError: No address is configured and no embedded stack runs, or what is said about TLS makes no
            sense.
        TemporalAway: Nobody answers at the address.
    """
    server = settings.temporal_server()
    try:
        return await Client.connect(
            server.address,
            namespace=server.namespace,
            api_key=server.api_key,
            tls=server.tls or False,
            data_converter=DATA_CONVERTER,
            interceptors=[TraceInterceptor()],
            runtime=runtime,
            lazy=lazy,
        )
    except RuntimeError as error:
        raise TemporalAway(str(error)) from error


async def ensure_search_attributes(client: Client) -> list[str]:
    """Register the search attributes that are missing in the client's namespace.

    Args:
        client: Client whose namespace gets them.

    Returns:
        The names that were added, sorted.

    Raises:
        SearchAttributeMismatch: One of our names is taken by another type.
    """
    operator = client.operator_service
    known = (
        await operator.list_search_attributes(ListSearchAttributesRequest(namespace=client.namespace))
    ).custom_attributes
    missing: dict[str, IndexedValueType.ValueType] = {}
    for name, wanted in SEARCH_ATTRIBUTES.items():
        if name not in known:
            missing[name] = _TYPES[wanted]
        elif known[name] != _TYPES[wanted]:
            raise SearchAttributeMismatch(name, wanted)
    if missing:
        try:
            await operator.add_search_attributes(
                AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
            )
        except RPCError as error:
            # Somebody else added them at the same moment; they were checked to be missing just now.
            if error.status is not RPCStatusCode.ALREADY_EXISTS:
                raise
    return sorted(missing)
