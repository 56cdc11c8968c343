"""A credit bureau in the manner of Allianz Trade: OAuth2 client credentials, covers, jobs that take time."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from sandbox.news import News
from sandbox.switches import Upstream
from sandbox.wire import Answer, Asked

_TOKEN_SECONDS: Final = 3600
_VALID: Final = timedelta(days=180)
_MOST: Final = Decimal(10_000_000)
_SLOWLY: Final = Decimal(100_000)
_AT_ONCE: Final = 100
_CENT: Final = Decimal("0.01")
_CODES: Final = {
    400: "invalid_request",
    401: "unauthorized",
    404: "not_found",
    413: "too_large",
    429: "rate_limit_exceeded",
}


class _Wrong(Exception):
    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(slots=True)
class _Job:
    job_id: str
    reference: str
    asked: dict[str, Any]
    callback: str | None
    cover: dict[str, Any] | None = None

    def shown(self) -> dict[str, Any]:
        if self.cover is None:
            where, status = None, "pending"
        else:
            where, status = f"/covers/{self.cover['coverId']}", "processed"
        return {
            "jobId": self.job_id,
            "reference": self.reference,
            "status": status,
            "resourceUrl": where,
        }


class CreditBureau:
    """Plays the credit bureau; decides jobs after `decides_after` seconds, or only when it is told to.

    Attributes:
        everything_later: whether every question becomes a job.
    """

    upstream = Upstream.CREDIT

    def __init__(self, client: str, secret: str, news: News, *, decides_after: float | None = None) -> None:
        self._decides_after = decides_after
        self.everything_later = False
        self._client = client
        self._secret = secret
        self._news = news
        self._tokens: dict[str, float] = {}
        self._jobs: dict[str, _Job] = {}
        self._covers: dict[str, dict[str, Any]] = {}
        self._known: dict[str, dict[str, Any]] = {}
        self._deciding: set[asyncio.Task[None]] = set()

    def refusal(self, status: int) -> Answer:
        """An error as the bureau gives them."""
        code = _CODES.get(status, "internal_error" if status >= 500 else "refused")
        return Answer(status, {"error": {"code": code, "message": f"The request was answered {status}."}})

    def delivered(self, asked: Asked, answer: Answer) -> None:
        """Nothing is charged."""

    async def answer(self, asked: Asked) -> Answer:
        """Answer a request."""
        if (asked.method, asked.path) == ("POST", "/oauth2/token"):
            return self._token(asked)
        if self._tokens.get(asked.bearer(), 0.0) < time.monotonic():
            return self.refusal(401)
        try:
            return self._known_caller(asked)
        except _Wrong as wrong:
            return Answer(400, {"error": _error(wrong)})

    def _known_caller(self, asked: Asked) -> Answer:
        match asked.method, asked.path.strip("/").split("/"):
            case "POST", ["covers"]:
                status, found = self._answered(asked.json(), _callback(asked))
                return Answer(status, found)
            case "POST", ["covers", "bulk"]:
                return self._covers_at_once(asked)
            case "GET", ["covers", cover_id] if cover_id in self._covers:
                return Answer(200, self._covers[cover_id])
            case "GET", ["jobs", job_id] if job_id in self._jobs:
                return Answer(200, self._jobs[job_id].shown())
            case _:
                return self.refusal(404)

    def take_tokens_back(self) -> None:
        """Let no token given so far be good any longer."""
        self._tokens.clear()

    def pending(self) -> int:
        """How many jobs wait for a decision."""
        return sum(job.cover is None for job in self._jobs.values())

    def decide(self) -> int:
        """Decide every job that waits, and send the news; returns how many."""
        waiting = [job for job in self._jobs.values() if job.cover is None]
        for job in waiting:
            self._decide(job)
        return len(waiting)

    def memory(self) -> dict[str, Any]:
        """Everything but tokens, as JSON."""
        return {
            "jobs": [asdict(job) for job in self._jobs.values()],
            "covers": self._covers,
            "known": self._known,
        }

    def recall(self, memory: Mapping[str, Any]) -> None:
        """Know what `memory` gave, and go on deciding; needs a running event loop.

        Raises:
            KeyError: it did not.
            TypeError: it did not.
        """
        self._jobs = {str(one["job_id"]): _Job(**one) for one in memory["jobs"]}
        self._covers, self._known = dict(memory["covers"]), dict(memory["known"])
        for job in self._jobs.values():
            if job.cover is None:
                self._decide_in_time(job)

    def forget(self) -> None:
        """Start anew."""
        for task in self._deciding:
            task.cancel()
        for kept in (self._tokens, self._jobs, self._covers, self._known):
            kept.clear()
        self.everything_later = False
        self._news.forget()

    def _token(self, asked: Asked) -> Answer:
        form = asked.form()
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, shown = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                client, _, secret = base64.b64decode(shown, validate=True).decode().partition(":")
            except ValueError:
                return Answer(401, {"error": "invalid_client"})
            client, secret = unquote(client), unquote(secret)
        if form.get("grant_type") != "client_credentials":
            return Answer(400, {"error": "unsupported_grant_type"})
        if client != self._client or not hmac.compare_digest(secret.encode(), self._secret.encode()):
            return Answer(401, {"error": "invalid_client"})
        token = secrets.token_urlsafe(24)
        self._tokens[token] = time.monotonic() + _TOKEN_SECONDS
        given = {"access_token": token, "token_type": "Bearer", "expires_in": _TOKEN_SECONDS}
        return Answer(200, given, {"cache-control": "no-store"})

    def _covers_at_once(self, asked: Asked) -> Answer:
        body = asked.json()
        several = None if body is None else body.get("covers")
        if not isinstance(several, list) or not 1 <= len(several) <= _AT_ONCE:
            raise _Wrong("covers", f"must be a list of 1 to {_AT_ONCE}")
        results = []
        for one in several:
            reference = one.get("reference") if isinstance(one, dict) else None
            try:
                status, found = self._answered(one, _callback(asked))
                results.append({"reference": reference, "cover" if status == 200 else "job": found})
            except _Wrong as wrong:
                results.append({"reference": reference, "error": _error(wrong)})
        return Answer(200, {"results": results})

    def _answered(self, question: Any, callback: str | None) -> tuple[int, dict[str, Any]]:
        """A cover with 200, or a job with 202."""
        question, amount = _checked(question)
        reference = question["reference"]
        known = self._known.get(reference)
        if known is not None:
            job = self._jobs.get(str(known.get("jobId")))
            if job is None:
                return 200, known
            return (202, job.shown()) if job.cover is None else (200, job.cover)
        name = question["company"]["name"].lower()
        if self.everything_later or amount >= _SLOWLY or any(part in name for part in ("später", "later")):
            job = _Job(f"job-{secrets.token_hex(8)}", reference, question, callback)
            self._jobs[job.job_id] = job
            self._known[reference] = job.shown()
            self._decide_in_time(job)
            return 202, job.shown()
        cover = self._decided(question, amount)
        self._known[reference] = cover
        return 200, cover

    def _decide_in_time(self, job: _Job) -> None:
        if self._decides_after is not None:
            task = asyncio.get_running_loop().create_task(self._decide_later(job, self._decides_after))
            self._deciding.add(task)
            task.add_done_callback(self._deciding.discard)

    async def _decide_later(self, job: _Job, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if job.cover is None:
            self._decide(job)

    def _decide(self, job: _Job) -> None:
        job.cover = self._decided(job.asked, Decimal(job.asked["amount"]))
        if job.callback is None:
            return
        event = {
            "eventId": f"evt-{secrets.token_hex(12)}",
            "eventType": "cover.decided",
            "occurredAt": _instant(datetime.now(UTC)),
            "jobId": job.job_id,
            "reference": job.reference,
            "cover": job.cover,
        }
        self._news.tell(job.callback, event)

    def _decided(self, question: dict[str, Any], amount: Decimal) -> dict[str, Any]:
        status, grade, share = _opinion(question["company"]["name"])
        approved = status == "approved"
        limit = (amount * share).quantize(_CENT)
        halved = "Only half of the amount asked for; invoices within 30 days."
        cover = {
            "coverId": f"cov-{secrets.token_hex(8)}",
            "reference": question["reference"],
            "status": status,
            "limit": {"amount": str(limit), "currency": question["currency"]} if approved else None,
            "grade": grade,
            "conditions": [halved] if approved and share < 1 else [],
            "validUntil": _instant(datetime.now(UTC) + _VALID) if approved else None,
        }
        self._covers[str(cover["coverId"])] = cover
        return cover


def _opinion(company: str) -> tuple[str, str | None, Decimal]:
    """Status, grade, and the share of the amount; the name decides."""
    name = company.lower()
    if any(part in name for part in ("insolven", "pleite")):
        return "declined", "D", Decimal(0)
    if any(part in name for part in ("unbekannt", "unknown")):
        return "requires_review", None, Decimal(0)
    if any(part in name for part in ("prüf", "review")):
        return "requires_review", "C", Decimal(0)
    grade = "AABBBC"[hashlib.sha256(name.encode()).digest()[0] % 6]
    return "approved", grade, Decimal("0.5") if grade == "C" else Decimal(1)


def _checked(question: Any) -> tuple[dict[str, Any], Decimal]:
    if not isinstance(question, dict):
        raise _Wrong("body", "must be an object")
    for field in ("reference", "currency", "purpose"):
        if not isinstance(question.get(field), str) or not question[field]:
            raise _Wrong(field, "is required and must be a text")
    if len(question["currency"]) != 3 or not question["currency"].isupper():
        raise _Wrong("currency", "must be a code of ISO 4217")
    company = question.get("company")
    if not isinstance(company, dict) or not isinstance(company.get("name"), str) or not company["name"]:
        raise _Wrong("company.name", "is required and must be a text")
    if not isinstance(company.get("country"), str) or len(company["country"]) != 2:
        raise _Wrong("company.country", "must be a code of ISO 3166")
    try:
        amount = Decimal(str(question.get("amount")))
    except InvalidOperation as error:
        raise _Wrong("amount", "must be an amount such as 25000.00") from error
    if not amount.is_finite() or not 0 < amount <= _MOST:
        raise _Wrong("amount", f"must be above 0 and at most {_MOST}")
    return question, amount


def _callback(asked: Asked) -> str | None:
    """Where a later decision is told: a header of base64 and JSON."""
    header = asked.headers.get("notification")
    if header is None:
        return None
    try:
        url = json.loads(base64.b64decode(header, validate=True))["callbackUrl"]
        parts = urlsplit(url)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _Wrong("Notification", "must be base64 of a JSON object with callbackUrl") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _Wrong("Notification", "callbackUrl must be an address")
    return str(url)


def _error(wrong: _Wrong) -> dict[str, str]:
    return {"code": "invalid_request", "message": str(wrong), "field": wrong.field}


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
