"""Carries the trace through Temporal: client → message → workflow → activity, in a header beside payloads.

The library's own interceptor hangs all that a workflow does under its start, which here may lie half a year
back, and puts the texts of errors into spans. This one hangs an activity under the message that caused it.
A workflow only hands the header on, and reads it in a way that no garbage can stop.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

from opentelemetry.trace import Span, SpanKind
from structlog.contextvars import bound_contextvars
from temporalio import activity, client, worker, workflow
from temporalio.api.common.v1 import Payload

from adapters import tracing

_HEADER: Final = tracing.TRACEPARENT
_TRACEPARENT: Final = re.compile(rb"\b00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\b")
_MOST: Final = 8
_LONGEST: Final = 1_000
# What a workflow does later than this after a message was not caused by it alone, in seconds of its clock.
_CAUSE_COUNTS: Final = 3_600.0

_OPENED: Final = "__fristwerk_span_opened"
_ENDED: Final = "__fristwerk_span_ended"


class _WithHeaders(Protocol):
    headers: Mapping[str, Payload]


def _write(told: Sequence[str]) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(list(told)).encode("ascii"))


def _read(headers: Mapping[str, Payload]) -> list[str]:
    payload = headers.get(_HEADER)
    if payload is None:
        return []
    return [found.decode("ascii") for found in _TRACEPARENT.findall(payload.data[:_LONGEST])[:_MOST]]


def _add(message: _WithHeaders, told: Sequence[str]) -> None:
    if told:
        message.headers = {**message.headers, _HEADER: _write(told)}


class TraceInterceptor(client.Interceptor, worker.Interceptor):
    """For the client factory: a worker takes it from its client."""

    def intercept_client(self, next: client.OutboundInterceptor) -> client.OutboundInterceptor:  # noqa: A002
        """Part of the library's interface."""
        return _Asking(next)

    def intercept_activity(
        self,
        next: worker.ActivityInboundInterceptor,  # noqa: A002
    ) -> worker.ActivityInboundInterceptor:
        """Part of the library's interface."""
        return _Acting(next)

    def workflow_interceptor_class(
        self,
        input: worker.WorkflowInterceptorClassInput,  # noqa: A002
    ) -> type[worker.WorkflowInboundInterceptor]:
        """Part of the library's interface."""
        input.unsafe_extern_functions.update({_OPENED: tracing.opened, _ENDED: tracing.ended})
        return _Working


class _Asking(client.OutboundInterceptor):
    async def start_workflow(self, input: client.StartWorkflowInput) -> client.WorkflowHandle[Any, Any]:  # noqa: A002
        with _asked(f"start {input.workflow}", input.id, input):
            return await super().start_workflow(input)

    async def signal_workflow(self, input: client.SignalWorkflowInput) -> None:  # noqa: A002
        with _asked(f"signal {input.signal}", input.id, input):
            await super().signal_workflow(input)

    async def query_workflow(self, input: client.QueryWorkflowInput) -> Any:  # noqa: A002
        with _asked(f"query {input.query}", input.id, input):
            return await super().query_workflow(input)

    async def start_workflow_update(
        self,
        input: client.StartWorkflowUpdateInput,  # noqa: A002
    ) -> client.WorkflowUpdateHandle[Any]:
        with _asked(f"update {input.update}", input.id, input):
            return await super().start_workflow_update(input)

    async def start_update_with_start_workflow(
        self,
        input: client.StartWorkflowUpdateWithStartInput,  # noqa: A002
    ) -> client.WorkflowUpdateHandle[Any]:
        start, update = input.start_workflow_input, input.update_workflow_input
        with _asked(f"update {update.update}", start.id, start, update):
            return await super().start_update_with_start_workflow(input)


@contextmanager
def _asked(what: str, workflow_id: str, *messages: _WithHeaders) -> Iterator[None]:
    here = tracing.traceparent()
    with tracing.begun(
        f"temporal {what}",
        SpanKind.CLIENT,
        () if here is None else (here,),
        {"temporal.workflow.id": workflow_id},
    ):
        told = tracing.traceparent()
        for message in messages:
            _add(message, () if told is None else (told,))
        yield


class _Acting(worker.ActivityInboundInterceptor):
    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:  # noqa: A002
        info = activity.info()
        attributes: dict[str, str | int | bool] = {
            "temporal.workflow.id": info.workflow_id or "",
            "temporal.workflow.run_id": info.workflow_run_id or "",
            "temporal.attempt": info.attempt,
        }
        with (
            bound_contextvars(workflow=info.workflow_id, activity=info.activity_type, attempt=info.attempt),
            tracing.begun(
                f"activity {info.activity_type}", SpanKind.SERVER, _read(input.headers), attributes
            ),
        ):
            return await super().execute_activity(input)


class _Causes:
    """Which messages a workflow is busy with; knows only what its history says."""

    def __init__(self) -> None:
        self._in_hand: list[list[str]] = []
        self._last: list[str] = []
        self._heard = 0.0

    def heard(self, told: list[str]) -> None:
        """Something came that needs no answer."""
        self._last, self._heard = told, workflow.time()

    @contextmanager
    def in_hand(self, told: list[str]) -> Iterator[None]:
        """Something came that is answered when this ends."""
        self.heard(told)
        self._in_hand.append(told)
        try:
            yield
        finally:
            self._in_hand.remove(told)

    def told(self) -> list[str]:
        """What whatever is done now belongs to: the oldest first."""
        if self._in_hand:
            return [one for told in self._in_hand for one in told][:_MOST]
        return self._last if workflow.time() - self._heard <= _CAUSE_COUNTS else []


class _Working(worker.WorkflowInboundInterceptor):
    def __init__(self, next: worker.WorkflowInboundInterceptor) -> None:  # noqa: A002
        super().__init__(next)
        self._causes = _Causes()

    def init(self, outbound: worker.WorkflowOutboundInterceptor) -> None:
        super().init(_Ordering(outbound, self._causes))

    async def execute_workflow(self, input: worker.ExecuteWorkflowInput) -> Any:  # noqa: A002
        if told := _read(input.headers):
            self._causes.heard(told)
        return await super().execute_workflow(input)

    async def handle_signal(self, input: worker.HandleSignalInput) -> None:  # noqa: A002
        with _followed(f"workflow signal {input.signal}", _read(input.headers)) as told:
            self._causes.heard(told)
            await super().handle_signal(input)

    async def handle_update_handler(self, input: worker.HandleUpdateInput) -> Any:  # noqa: A002
        with (
            _followed(f"workflow update {input.update}", _read(input.headers)) as told,
            self._causes.in_hand(told),
        ):
            return await super().handle_update_handler(input)


@contextmanager
def _followed(name: str, told: list[str]) -> Iterator[list[str]]:
    """A span around a handler, but not when its history is read again; yields what it causes belongs to."""
    span: Span | None = None
    outside = workflow.extern_functions()
    if not workflow.unsafe.is_replaying():
        info = workflow.info()
        attributes = {"temporal.workflow.id": info.workflow_id, "temporal.workflow.run_id": info.run_id}
        span = outside[_OPENED](name, told, attributes)
    if span is None:
        yield told
        return
    here = tracing.traceparent(span)
    error: BaseException | None = None
    try:
        yield told if here is None else [here]
    except Exception as raised:
        error = raised
        raise
    finally:
        outside[_ENDED](span, error)


class _Ordering(worker.WorkflowOutboundInterceptor):
    def __init__(self, next: worker.WorkflowOutboundInterceptor, causes: _Causes) -> None:  # noqa: A002
        super().__init__(next)
        self._causes = causes

    def start_activity(self, input: worker.StartActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002
        _add(input, self._causes.told())
        return super().start_activity(input)

    def start_local_activity(
        self,
        input: worker.StartLocalActivityInput,  # noqa: A002
    ) -> workflow.ActivityHandle[Any]:
        _add(input, self._causes.told())
        return super().start_local_activity(input)

    async def start_child_workflow(
        self,
        input: worker.StartChildWorkflowInput,  # noqa: A002
    ) -> workflow.ChildWorkflowHandle[Any, Any]:
        _add(input, self._causes.told())
        return await super().start_child_workflow(input)

    async def signal_external_workflow(self, input: worker.SignalExternalWorkflowInput) -> None:  # noqa: A002
        _add(input, self._causes.told())
        await super().signal_external_workflow(input)

    async def signal_child_workflow(self, input: worker.SignalChildWorkflowInput) -> None:  # noqa: A002
        _add(input, self._causes.told())
        await super().signal_child_workflow(input)
