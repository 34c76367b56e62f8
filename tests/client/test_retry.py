"""Retry decisions, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from accordant import RetryPolicy
from accordant._http.messages import Headers, HttpResponse
from accordant._limits.retries import RetryBudget, asked_wait, retry_after
from accordant.errors import CallTimeoutError, ConnectError, NetworkError, ProtocolError, TransportError

NOW = 1_445_412_480.0  # Wed, 21 Oct 2015 07:28:00 GMT


def answer(status: int, broken: str | None = None, **headers: str) -> HttpResponse:
    return HttpResponse(
        status, Headers((name.replace("_", "-"), value) for name, value in headers.items()), b"", broken
    )


REPEATABLE: list[tuple[Any, bool]] = [
    *((answer(status), True) for status in (408, 425, 429, 500, 502, 503, 504)),
    *((answer(status), False) for status in (200, 201, 204, 302, 400, 401, 403, 404, 409, 422, 501, 505)),
    (answer(200, broken="cut"), True),
    (answer(404, broken="cut"), False),
    (ConnectError("x", sent=False), True),
    (NetworkError("x"), True),
    (ProtocolError("x"), True),
    (CallTimeoutError("x"), True),
    (ConnectError("certificate", sent=False, final=True), False),
]
WRITES: list[tuple[Any, bool]] = [
    (answer(429), True),
    (answer(425), True),
    *((answer(status), False) for status in (200, 401, 408, 500, 502, 503, 504)),
    (answer(503, retry_after="1"), False),
    (answer(201, broken="cut"), False),
    (ConnectError("x", sent=False), True),
    (NetworkError("x", sent=False), True),
    (NetworkError("x", sent=True), False),
    (CallTimeoutError("x", sent=True), False),
    (CallTimeoutError("x", sent=False), True),
]


@pytest.mark.parametrize(("outcome", "again"), REPEATABLE, ids=str)
def test_repeatable(outcome: HttpResponse | TransportError, again: bool) -> None:
    """What may be applied twice is tried again after passing trouble only."""
    assert (RetryPolicy().wait(outcome, 1, True, 1.0, NOW) is not None) is again


@pytest.mark.parametrize(("outcome", "again"), WRITES, ids=str)
def test_writes(outcome: HttpResponse | TransportError, again: bool) -> None:
    """What may not be applied twice is tried again only when it certainly was not applied."""
    assert (RetryPolicy().wait(outcome, 1, False, 1.0, NOW) is not None) is again


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("-1", None),
        ("inf", None),
        ("nan", None),
        ("soon", None),
        ("1_0", None),
        ("1e1", None),
        (".5", None),
        ("+1", None),
        ("\u0661\u0662", None),
        ("\uff17", None),
        ("9" * 400, None),
        ("", None),
        ("Wed, 21 Oct 2015 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2015 07:27:30 GMT", 0.0),
        ("Wednesday, 21-Oct-15 07:28:30 GMT", 30.0),
        ("Wed, 99 Oct 2015 07:28:30 GMT", None),
    ],
)
def test_retry_after(text: str, seconds: float | None) -> None:
    """Retry-After is understood as seconds and as a date; anything else counts as absent."""
    assert retry_after(Headers([("Retry-After", text)]), NOW) == seconds


RESETS: list[tuple[dict[str, str], float | None]] = [
    ({"X_RateLimit_Reset": "1445412510"}, 30.0),
    ({"X_RateLimit_Reset": "1445412510.5"}, 30.5),
    ({"X_RateLimit_Reset": "1445412510000"}, 30.0),
    ({"X_RateLimit_Reset": "30"}, 30.0),
    ({"X_Rate_Limit_Reset": " 30 "}, 30.0),
    ({"X_RateLimit_Reset_After": "0.25"}, 0.25),
    ({"RateLimit_Reset": "30"}, 30.0),
    ({"RateLimit_Reset": "1445412510"}, 30.0),
    ({"X_RateLimit_Reset": "Wed, 21 Oct 2015 07:28:30 GMT"}, 30.0),
    ({"X_RateLimit_Reset": "2015-10-21T07:28:30Z"}, 30.0),
    ({"X_RateLimit_Reset": "10, 30"}, 30.0),
    ({"X_RateLimit_Reset": "1445412510", "Date": "Wed, 21 Oct 2015 07:28:10 GMT"}, 20.0),
    ({"X_RateLimit_Reset": "30", "X_RateLimit_Remaining": "0"}, 30.0),
    ({"X_RateLimit_Reset": "30", "X_RateLimit_Remaining": "5, 0"}, 30.0),
    ({"X_RateLimit_Reset": "30", "X_RateLimit_Remaining": "5"}, None),
    ({"RateLimit": '"default";r=0;t=30'}, 30.0),
    ({"RateLimit": '"day";r=0;t=40, "minute";r=0;t=30, "hour";r=7;t=50'}, 40.0),
    ({"RateLimit": '"default";r=5;t=30'}, None),
    ({"RateLimit": "limit=10, remaining=0, reset=30"}, 30.0),
    ({"RateLimit": "limit=10, remaining=5, reset=30"}, None),
    ({"X_RateLimit_Reset": "1445412470"}, None),
    ({"X_RateLimit_Reset": "0"}, None),
    ({"X_RateLimit_Reset": "-5"}, None),
    ({"X_RateLimit_Reset": "soon"}, None),
    ({"X_RateLimit_Reset": "\u0661\u0662"}, None),
    ({"X_RateLimit_Reset": "9" * 400}, None),
    ({}, None),
]


@pytest.mark.parametrize(("headers", "seconds"), RESETS, ids=str)
def test_rate_limit_reset(headers: dict[str, str], seconds: float | None) -> None:
    """Without Retry-After a 429 or 503 waits until the exhausted limit begins anew, in whatever form that is said."""
    for status in (429, 503):
        assert asked_wait(answer(status, **headers), NOW) == seconds
        assert RetryPolicy().wait(answer(status, **headers), 1, True, 0.5, NOW) == (
            0.25 if seconds is None else seconds
        )
        assert asked_wait(answer(status, Retry_After="7", **headers), NOW) == 7
    assert asked_wait(answer(500, **headers), NOW) is None


def test_a_reset_that_is_far_away() -> None:
    """A limit that begins anew later than the longest acceptable wait ends the call."""
    far = answer(429, X_RateLimit_Reset="61")
    assert RetryPolicy().wait(far, 1, True, 1.0, NOW) is None
    assert RetryPolicy(longest_wait=61).wait(far, 1, True, 1.0, NOW) == 61


def test_limits() -> None:
    """After the last retry the outcome stands, and a wait beyond the longest acceptable one is not made."""
    policy = RetryPolicy(retries=1, longest_wait=10)
    assert policy.wait(answer(503), 1, True, 0.5, NOW) == 0.25
    assert policy.wait(answer(503), 2, True, 0.5, NOW) is None
    assert policy.wait(answer(503, retry_after="10"), 1, True, 0.5, NOW) == 10
    assert policy.wait(answer(503, retry_after="11"), 1, True, 0.5, NOW) is None


def test_budget() -> None:
    """A retry costs 5, after a timeout 10; success at once gives back 1, success after retries its price."""
    budget = RetryBudget()
    assert budget.take(answer(503)) == 5
    assert budget.take(CallTimeoutError("x")) == 10
    assert budget.left == 485
    budget.give_back(10)
    budget.give_back(0)
    assert budget.left == 496
    for _ in range(99):
        budget.take(answer(503))
    assert budget.left == 1
    assert budget.take(answer(503)) == 0
    for _ in range(600):
        budget.give_back(0)
    assert budget.left == 500
