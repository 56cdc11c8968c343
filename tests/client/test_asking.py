"""Tokens, keys, problems, and asking again, over a wire the test holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import uuid4

import httpx
import pytest

from client import Answer, Fristwerk, NotModified, Problem, Retries, Strange, Unreachable, every
from client.facts import ActivityInput
from client.holds import HoldInput
from client.leads import LeadChange, LeadListed
from client.shared import Acted

LEAD = uuid4()
CALL = ActivityInput(kind="QUALIFIED_CALL")
DONE = {
    "lead": str(LEAD),
    "factId": "f",
    "revision": 2,
    "status": "ACTIVE",
    "paused": False,
    "validUntil": "2027-01-22T09:30:00Z",
    "somethingNew": 1,
}
PROBLEM = {
    "type": "urn:fristwerk:problem:hold-exists",
    "title": "It does not fit the present state",
    "status": 409,
    "detail": "There is such a hold.",
    "instance": "urn:fristwerk:request:4d9716c34aa022df",
    "errors": [{"in": "body", "pointer": "#/reason", "code": "hold-exists", "detail": "there is one"}],
}
Reply = httpx.Response | Exception


class Wire:
    """Gives prepared answers and remembers what was asked."""

    def __init__(self, *replies: Reply, token: Callable[[], str] = lambda: "x", attempts: int = 4) -> None:
        self.seen: list[httpx.Request] = []
        self.waited: list[float] = []
        self._replies = list(replies)
        self.api = Fristwerk(
            "http://api.test",
            token,
            retries=Retries(attempts=attempts, longest=15, wait=self.waited.append),
            transport=httpx.MockTransport(self._reply),
        )

    def _reply(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    @property
    def keys(self) -> list[str]:
        return [request.headers["idempotency-key"] for request in self.seen]


def unavailable(seconds: str | None = None) -> httpx.Response:
    headers = {} if seconds is None else {"Retry-After": seconds}
    body = {"type": "urn:fristwerk:problem:unavailable", "title": "x", "status": 503, "instance": "y"}
    return httpx.Response(503, json=body, headers=headers)


def created() -> httpx.Response:
    return httpx.Response(201, json=DONE, headers={"ETag": '"2"', "Location": "/api/leads/x/timeline#f"})


def test_an_answer_is_a_model_with_its_state() -> None:
    wire = Wire(created())
    told = wire.api.facts.log_activity(LEAD, CALL, idempotency_key="k", if_match='"1"')
    assert isinstance(told.value, Acted)
    assert (told.status, told.etag, told.idempotency_key) == (201, '"2"', "k")
    assert told.location == "/api/leads/x/timeline#f"
    assert told.value.valid_until is not None
    assert told.value.valid_until.tzinfo is not None
    assert wire.seen[0].headers["if-match"] == '"1"'
    assert wire.seen[0].content == b'{"kind":"QUALIFIED_CALL"}'


def test_what_is_not_said_is_not_sent_and_null_is() -> None:
    wire = Wire(httpx.Response(200, json={"lead": str(LEAD), "revision": 1, "changed": 1}))
    wire.api.leads.change_lead(LEAD, LeadChange(industry=None))
    assert wire.seen[0].content == b'{"industry":null}'


@pytest.mark.parametrize(
    ("replies", "waited"),
    [
        ([unavailable("3"), unavailable("120"), created()], [3.0, 15.0]),
        ([unavailable(), unavailable("soon"), created()], [0.5, 1.0]),
        ([httpx.ReadTimeout("slow"), httpx.ConnectError("refused"), created()], [0.5, 1.0]),
    ],
)
def test_it_asks_again_under_the_same_key(replies: list[Reply], waited: list[float]) -> None:
    wire = Wire(*replies)
    told = wire.api.facts.log_activity(LEAD, CALL)
    assert told.status == 201
    assert wire.waited == waited
    assert len(wire.keys) == 3
    assert set(wire.keys) == {told.idempotency_key}


def test_every_request_has_a_key_of_its_own() -> None:
    wire = Wire(created(), created())
    wire.api.facts.log_activity(LEAD, CALL)
    wire.api.facts.log_activity(LEAD, CALL)
    assert len(set(wire.keys)) == 2


def test_after_the_last_attempt_it_says_so() -> None:
    wire = Wire(*[unavailable("1") for _ in range(4)])
    with pytest.raises(Problem) as told:
        wire.api.facts.log_activity(LEAD, CALL)
    assert (told.value.status, told.value.code, told.value.retry_after) == (503, "unavailable", 1)
    assert wire.waited == [1.0, 1.0, 1.0]
    wire = Wire(httpx.ReadTimeout("slow"), attempts=1)
    with pytest.raises(Unreachable) as lost:
        wire.api.facts.log_activity(LEAD, CALL, idempotency_key="mine")
    assert lost.value.idempotency_key == "mine"
    assert wire.waited == []


def test_a_no_is_no_reason_to_ask_again() -> None:
    wire = Wire(httpx.Response(409, json=PROBLEM))
    with pytest.raises(Problem) as told:
        wire.api.holds.ask_for_hold(LEAD, HoldInput(reason="OTHER"))
    problem = told.value
    assert len(wire.seen) == 1
    assert (problem.status, problem.code) == (409, "hold-exists")
    assert problem.type == PROBLEM["type"]
    assert problem.instance == PROBLEM["instance"]
    assert str(problem) == "409 urn:fristwerk:problem:hold-exists: There is such a hold."
    (error,) = problem.errors
    assert (error.place, error.pointer, error.code) == ("body", "#/reason", "hold-exists")


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"type": 5}', b"\xff\xfe", b'{"errors": "x"}'])
def test_whatever_stands_in_between_may_say_no_too(content: bytes) -> None:
    wire = Wire(httpx.Response(502, content=content))
    with pytest.raises(Problem) as told:
        wire.api.caller.read_me()
    assert (told.value.status, told.value.type, told.value.errors) == (502, "about:blank", ())


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, content=b"<html>", headers={"Content-Type": "text/html"}),
        httpx.Response(200, json={"user": 5}),
        httpx.Response(200, json=[]),
        httpx.Response(206, json={}),
        httpx.Response(301, headers={"Location": "https://elsewhere.example"}),
    ],
)
def test_an_answer_of_somebody_else_is_no_answer(reply: httpx.Response) -> None:
    wire = Wire(reply)
    with pytest.raises(Strange):
        wire.api.caller.read_me()
    assert len(wire.seen) == 1


def test_nothing_new_is_told_as_such() -> None:
    wire = Wire(httpx.Response(304, headers={"ETag": '"7.1"'}))
    with pytest.raises(NotModified):
        wire.api.protection.get_protection(LEAD, if_none_match='"7.1"')


def test_a_token_may_be_fetched_anew_for_every_request() -> None:
    tokens = iter(["one", "two"])
    wire = Wire(unavailable("1"), created(), token=lambda: next(tokens))
    wire.api.facts.log_activity(LEAD, CALL)
    assert [request.headers["authorization"] for request in wire.seen] == ["Bearer one", "Bearer two"]


def page(names: Iterable[str], cursor: str | None) -> httpx.Response:
    row = dict.fromkeys((LeadListed.model_fields[name].alias for name in LeadListed.model_fields), None)
    fixed = {
        "id": str(LEAD),
        "city": "Erfurt",
        "owner": "anna",
        "createdAt": "2026-01-01T00:00:00Z",
        "status": "ACTIVE",
        "paused": False,
        "activeHolds": [],
        "policyVersion": "p",
        "revision": 1,
        "updatedAt": "2026-01-01T00:00:00Z",
    }
    items = [{**row, **fixed, "company": name} for name in names]
    return httpx.Response(200, json={"items": items, "nextCursor": cursor})


def test_every_row_of_a_list() -> None:
    wire = Wire(page("ab", "next"), page("c", None))
    found = every(lambda cursor: wire.api.leads.list_leads_page(mine=True, cursor=cursor))
    assert [row.company for row in found] == ["a", "b", "c"]
    assert [dict(request.url.params) for request in wire.seen] == [
        {"mine": "true"},
        {"mine": "true", "cursor": "next"},
    ]


def test_text_is_text() -> None:
    wire = Wire(httpx.Response(200, text="id,company\n"))
    told: Answer[str] = wire.api.leads.list_leads_page_csv(city="Erfurt & Umland")
    assert told.value == "id,company\n"
    assert wire.seen[0].url.params["city"] == "Erfurt & Umland"


def test_what_the_client_is_given_is_looked_at() -> None:
    with pytest.raises(ValueError, match="reason"):
        HoldInput.model_validate({"reason": "BECAUSE"})
    with pytest.raises(ValueError, match="nonsense"):
        HoldInput.model_validate({"reason": "OTHER", "nonsense": 1})
