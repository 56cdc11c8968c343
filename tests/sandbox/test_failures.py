"""Every way to fail, over real sockets, and every recovery; what is written down of it."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator

import httpx
import pytest

from sandbox.switches import Failure, Switch, SwitchError, Upstream, failing
from tests.outsidefixtures import Outside


@pytest.fixture
def client(outside: Outside) -> Iterator[httpx.Client]:
    """Asks the credit bureau for a token over verified TLS."""
    trust = ssl.create_default_context(cafile=str(outside.ca_file))
    with httpx.Client(verify=trust, timeout=60) as made:
        yield made


def ask(client: httpx.Client, outside: Outside, seconds: float = 60) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": outside.accounts.credit_client,
        "client_secret": outside.accounts.credit_secret,
    }
    return client.post(outside.https_credit_token_url, data=form, timeout=seconds)


REFUSED = {
    Failure.TOO_MANY_REQUESTS: 429,
    Failure.SERVER_ERROR: 500,
    Failure.WRONG_CREDENTIALS: 401,
}
BROKEN = {
    Failure.SLOW: (httpx.ReadTimeout, None),
    Failure.DOWN: (httpx.ConnectError, None),
    Failure.HALF_ANSWER: (httpx.RemoteProtocolError, "without sending complete message body"),
    Failure.UNTRUSTED_CERTIFICATE: (httpx.ConnectError, "certificate verify failed"),
}


@pytest.mark.parametrize("failure", Failure)
def test_a_stand_in_fails_as_it_is_told_and_recovers(
    failure: Failure, client: httpx.Client, outside: Outside
) -> None:
    assert ask(client, outside).status_code == 200
    outside.fail("credit", failure)
    if failure in BROKEN:
        error, words = BROKEN[failure]
        with pytest.raises(error, match=words):
            ask(client, outside, 1.5 if failure is Failure.SLOW else 60)
    elif failure is Failure.MALFORMED:
        answer = ask(client, outside)
        assert answer.status_code == 200
        with pytest.raises(json.JSONDecodeError):
            answer.json()
    else:
        answer = ask(client, outside)
        assert answer.status_code == REFUSED[failure]
        assert answer.headers.get("retry-after") == ("2" if failure is Failure.TOO_MANY_REQUESTS else None)
    outside.switch("credit")
    assert ask(client, outside).status_code == 200
    reached = failure not in {Failure.DOWN, Failure.UNTRUSTED_CERTIFICATE}
    assert len(outside.log("credit")) == (3 if reached else 2)


def test_plain_http_is_spoken_on_the_same_port(outside: Outside) -> None:
    for url in (outside.credit_url, outside.xentral_url, outside.anthropic_url, outside.openai_url):
        assert httpx.get(f"{url}/nothing", timeout=120).status_code == 401


def test_errors_come_in_their_share_and_so_many_times(client: httpx.Client, outside: Outside) -> None:
    outside.switch("credit", error=503, error_rate=0.25)
    assert [ask(client, outside).status_code for _ in range(8)] == [200, 200, 200, 503, 200, 200, 200, 503]
    outside.switch("credit", error=429, retry_after=7, times=2)
    answers = [ask(client, outside) for _ in range(3)]
    assert [one.status_code for one in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "7"
    outside.switch("credit", latency_ms=20)
    assert ask(client, outside).elapsed.total_seconds() >= 0.02


def test_the_log_holds_no_secret(client: httpx.Client, outside: Outside) -> None:
    token = ask(client, outside).json()["access_token"]
    client.get(f"{outside.https_credit_url}/jobs/7?x=1", headers={"Authorization": f"Bearer {token}"})
    asked, answered = outside.log("credit")
    assert (asked.method, asked.path, asked.answered) == ("POST", "/oauth2/token", 200)
    assert (answered.path, answered.query, answered.answered) == ("/jobs/7", "x=1", 404)
    shown = f"{asked.headers}{asked.body}{answered.headers}{answered.body}"
    assert outside.accounts.credit_secret not in shown
    assert token not in shown
    outside.reset()
    assert outside.log("credit") == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("latency_ms", -1), ("error", 200), ("error_rate", 1.5), ("retry_after", -3), ("times", 0)],
)
def test_a_switch_that_makes_no_sense_is_named(field: str, value: float, outside: Outside) -> None:
    with pytest.raises(SwitchError) as refused:
        outside.switch("credit", **{field: value})
    assert refused.value.field == field


def test_no_way_to_fail_is_nothing() -> None:
    assert all(failing(failure).spoils for failure in Failure)
    assert not Switch().spoils
    assert len({failing(failure) for failure in Failure}) == len(Failure) == 8
    assert set(Upstream) == {"openai", "anthropic", "credit", "xentral", "imap"}


def test_a_body_without_end_is_refused(outside: Outside) -> None:
    answer = httpx.post(f"{outside.openai_url}/responses", content=b"x" * 4_100_000, timeout=120)
    assert answer.status_code == 413
