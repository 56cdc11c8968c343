"""One trace from a request to what it sets off; and whatever happens, no secret is told."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from adapters.outside_settings import OutsideSettings
from adapters.settings import DEMO_TENANT, Settings
from adapters.trace_settings import TraceSettings
from adapters.variables import FromEnvironment
from tests.traces.collector import Seen
from tests.traces.world import CALLER, PLANTED, Processes, planted, until

COMPANY = f"Gasthof {uuid4().hex[:10]}"


def _above(spans: list[Seen], span: Seen) -> list[str]:
    """The names of what a span is part of, from the nearest on."""
    by_id = {one.span: one for one in spans}
    found: list[str] = []
    while (parent := by_id.get(span.parent)) is not None:
        found.append(parent.name)
        span = parent
    return found


async def test_one_trace_from_the_request_to_the_ledger(processes: Processes) -> None:
    said = {
        "company": COMPANY,
        "city": "Erfurt",
        "postcode": "99084",
        "industry": "HOTEL",
        "source": "REFERRAL",
        "contact": {"name": "Jo Geheimrat", "email": "jo@geheimrat.example", "phone": "+49 361 1234567"},
    }
    answer, trace = await processes.done("/api/leads", said)
    lead = answer.json()["lead"]

    def told(name: str) -> Callable[[], bool]:
        return lambda: any(span.name == name for span in processes.collector.spans(trace))

    for name in ("POST /api/leads", "sql record_ledgers", "activity record-facts"):
        await until(told(name), name)
    spans = processes.collector.spans(trace)
    request = next(span for span in spans if span.name == "POST /api/leads")
    assert (request.service, request.parent, request.failed) == ("fristwerk-api", CALLER, False)
    assert request.span == answer.headers["x-request-id"]
    assert request.attributes["http.response.status_code"] == 201
    assert request.attributes["fristwerk.tenant"] == str(DEMO_TENANT)
    recorded = next(span for span in spans if span.name == "sql record_ledgers")
    activity = next(span for span in spans if span.span == recorded.parent)
    assert (activity.name, activity.service) == ("activity record-facts", "fristwerk-worker")
    assert activity.attributes["temporal.workflow.id"] == f"lead/{DEMO_TENANT}/{lead}"
    # The line is written once the answer is out.
    await until(lambda: f'"trace_id": "{trace}"' in processes.log(), "the request is in the log")
    (logged,) = [
        one for one in processes.lines("api") if one["event"] == "request" and one["trace_id"] == trace
    ]
    assert (logged["route"], logged["request"]) == ("/api/leads", request.span)

    _, trace = await processes.done(f"/api/leads/{lead}/activities", {"kind": "QUALIFIED_CALL", "note": "x"})
    update = "workflow update record-activity"
    for name in ("POST /api/leads/{lead}/activities", update, "activity record-facts", "sql record_ledgers"):
        await until(told(name), name)
    spans = processes.collector.spans(trace)
    recorded = next(span for span in spans if span.name == "sql record_ledgers")
    assert _above(spans, recorded) == [
        "activity record-facts",
        update,
        "temporal update record-activity",
        "POST /api/leads/{lead}/activities",
    ]


async def test_what_is_said_of_a_trace_and_makes_no_sense_begins_a_new_one(processes: Processes) -> None:
    for garbage in ("00-" + "0" * 32 + "-" + "1" * 16 + "-01", "x" * 5_000, "ff-1-2-3"):
        answer = await processes.ask("GET", "/api/me", traceparent=garbage)
        assert answer.status_code == 200
        request = answer.headers["x-request-id"]
        await until(lambda: request in processes.log(), "the request is in the log")  # noqa: B023
        (line,) = [one for one in processes.lines("api") if one.get("request") == request]
        assert len(str(line["trace_id"])) == 32
        assert set(str(line["trace_id"])) != {"0"}


async def test_a_system_outside_is_told_what_its_question_belongs_to(processes: Processes) -> None:
    trace = uuid4().hex
    company = {"company": f"Kantine {uuid4().hex[:8]}", "city": "Weimar", "preregistration": True}
    opened, _ = await processes.done("/api/leads", company)
    asked = await processes.ask(
        "POST",
        "/api/credit/checks",
        {"leadId": opened.json()["lead"], "amount": "2500", "purpose": "FIRST_ORDER", "country": "DE"},
        traceparent=f"00-{trace}-{'b2' * 8}-01",
    )
    assert asked.status_code == 202, asked.text
    heard = [one.headers["traceparent"] for one in processes.outside.log("credit")]
    assert any(said.startswith(f"00-{trace}-") for said in heard)
    await until(
        lambda: any(
            span.name.startswith("http ") and span.failed for span in processes.collector.spans(trace)
        ),
        "the question was followed",
    )
    spans = processes.collector.spans(trace)
    (question, *_) = [span for span in spans if span.name.startswith("http ")]
    assert f"-{question.span}-" in " ".join(heard)
    assert question.attributes["error.type"] == "WrongCredentials"


async def test_a_mailbox_that_refuses_us_is_followed(processes: Processes) -> None:
    def refused() -> list[Seen]:
        return [span for span in processes.collector.spans() if span.name == "imap connect" and span.failed]

    await until(lambda: bool(refused()), "the log-in was followed")
    # Later ones are not tried while the breaker is open, so this is the server's own answer.
    assert refused()[0].attributes == {
        "error.type": "WrongCredentials",
        "fristwerk.fault": "wrong-credentials",
    }


async def test_traces_tell_nothing_personal_and_no_texts_of_errors(processes: Processes) -> None:
    await processes.ask("GET", "/api/leads?q=Geheimrat")
    await processes.ask("GET", "/sign-in?to=/leads%3Fq%3DGeheimrat")
    await until(
        lambda: any(span.name == "GET /api/leads" for span in processes.collector.spans()),
        "the search was followed",
    )
    spans = processes.collector.spans()
    assert all(span.said == "" for span in spans)
    assert not any("/healthz" in span.name for span in spans)
    raw = processes.collector.raw()
    for word in ("Geheimrat", "geheimrat.example", COMPANY, "anna", "1234567", "Erfurt"):
        assert word.encode() not in raw, word
    assert processes.collector.shown() == {f"/v1/traces Bearer {planted('OTLP')}"}


def _secrets_of(*settings: type[FromEnvironment]) -> set[str]:
    return {
        str(field.validation_alias)
        for one in settings
        for field in one.model_fields.values()
        if not field.repr and not str(field.validation_alias).endswith("_FILE")
    }


async def test_no_secret_is_told(processes: Processes) -> None:
    there = _secrets_of(Settings, OutsideSettings, TraceSettings)
    # Both go to the same database as DATABASE_URL; a key for Temporal goes over TLS only: tests/house.
    elsewhere = {"APP_DATABASE_URL", "WORKER_DATABASE_URL", "PUBLIC_DATABASE_URL", "TEMPORAL_API_KEY"}
    assert there - elsewhere == there & set(processes.environment)
    company = {"company": f"Kantine {uuid4().hex}", "city": "Jena", "preregistration": True}
    lead = (await processes.done("/api/leads", company))[0].json()["lead"]
    for asked in ("credit", "xentral", "imap"):
        await until(lambda asked=asked: processes.outside.log(asked) != [], f"{asked} was asked")  # type: ignore[misc]
    refused = [
        await processes.ask("POST", "/api/webhooks/credit", {"id": "1"}),
        await processes.ask("POST", "/api/webhooks/xentral", {"id": "1"}),
        await processes.ask("GET", "/readyz"),
        await processes.ask("GET", "/metrics"),
        await processes.ask("GET", "/api/ai"),
        await processes.ask("GET", f"/api/leads/{lead}"),
    ]
    told = processes.log() + "".join(f"{one.headers} {one.text}" for one in refused)
    assert len(told) > 10_000
    assert PLANTED not in told
    for name in ("FRISTWERK_MASTER_KEY", "FRISTWERK_INDEX_KEY"):
        assert processes.environment[name] not in told
    assert PLANTED.encode() not in processes.collector.raw()
