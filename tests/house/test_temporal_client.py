"""The client factory and the search attributes of a namespace."""

import asyncio
import uuid
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, RemoveSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from adapters.search_attributes import SEARCH_ATTRIBUTES
from adapters.settings import Settings
from adapters.temporal_client import (
    DATA_CONVERTER,
    SearchAttributeMismatch,
    connect,
    ensure_search_attributes,
)


async def _new_namespace(environment: WorkflowEnvironment) -> Client:
    name = f"house-{uuid.uuid4().hex[:8]}"
    request = RegisterNamespaceRequest(namespace=name)
    request.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    await environment.client.workflow_service.register_namespace(request)
    address = environment.client.service_client.config.target_host
    return await connect(Settings.model_validate({"TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": name}))


async def _eventually_ensured(client: Client) -> list[str]:
    """A new namespace is known to every part of the server only after a moment."""
    for _ in range(1200):
        try:
            return await ensure_search_attributes(client)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            await asyncio.sleep(0.1)
    raise AssertionError("the namespace did not appear")


async def test_the_client_is_made_as_configured(temporal_env: WorkflowEnvironment) -> None:
    address = temporal_env.client.service_client.config.target_host
    client = await connect(Settings.model_validate({"TEMPORAL_ADDRESS": address}))
    assert client.namespace == "default"
    assert client.data_converter == DATA_CONVERTER
    assert await client.service_client.check_health()


async def test_missing_attributes_are_added_once(temporal_env: WorkflowEnvironment) -> None:
    client = await _new_namespace(temporal_env)
    assert await _eventually_ensured(client) == sorted(SEARCH_ATTRIBUTES)
    assert await ensure_search_attributes(client) == []


async def test_a_name_taken_by_another_type_is_refused(temporal_env: WorkflowEnvironment) -> None:
    client = await _new_namespace(temporal_env)
    await _eventually_ensured(client)
    names = list(SEARCH_ATTRIBUTES)
    await client.operator_service.remove_search_attributes(
        RemoveSearchAttributesRequest(namespace=client.namespace, search_attributes=names)
    )
    taken = {"LeadStatus": IndexedValueType.INDEXED_VALUE_TYPE_INT}
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes=taken)
    )
    with pytest.raises(SearchAttributeMismatch, match="LeadStatus"):
        await ensure_search_attributes(client)


async def test_nobody_at_the_address_is_an_error() -> None:
    with pytest.raises(RuntimeError):
        await connect(Settings.model_validate({"TEMPORAL_ADDRESS": "127.0.0.1:1"}))
