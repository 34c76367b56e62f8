"""When a call is sent again: statuses, rate limits that say when they begin anew, idempotency keys."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from attrs import evolve

from accordant import CallOptions
from accordant.errors import (
    AmbiguousOutcomeError,
    ClientStatusError,
    RequestError,
    RequestTimeoutError,
    ServiceUnavailableError,
    TooManyRequestsError,
)
from accordant.testing import Script
from accordant_runtime import Parameter
from tests.client.support import CREATE, VENDOR, Player, token_answer, token_auth

THING, MADE = (200, {"thing": {"id": 7}}), (201, {"thing": {"id": 7}})
LOST = ConnectionResetError("reset after sending")
KEYED = evolve(CREATE, idempotency_header="Idempotency-Key")
UNKEYED_VENDOR = evolve(VENDOR, idempotency_header=None)


def keys(script: Script) -> list[str | None]:
    return [sent.headers.get("idempotency-key") for sent in script.requests]


@pytest.mark.parametrize("status", [408, 425])
def test_reads_are_repeated(play: Player, status: int) -> None:
    """A read is repeated after 408 and 425, and so is a token request, which says nothing of the credentials."""
    api = play.client(Script((status, None), THING))
    assert play.do(lambda: api.things.get(7)).id == 7
    other = play.client(Script((status, None), token_answer(), THING), auth=token_auth())
    assert play.do(lambda: other.things.get(7)).id == 7


def test_a_write_after_425(play: Player) -> None:
    """A write is repeated after 425, for the vendor says that it did not process it."""
    script = Script((425, None), MADE)
    api = play.client(script)
    assert play.do(lambda: api.things.create({})).id == 7
    refused = play.client(Script((425, None), repeat=True))
    with pytest.raises(ClientStatusError) as caught:
        play.do(lambda: refused.things.create({}))
    assert not caught.value.may_have_been_applied


def test_a_write_after_408(play: Player) -> None:
    """A write is not repeated after 408, which gateways send as well: the error says that it may have been applied."""
    script = Script((408, None))
    api = play.client(script)
    with pytest.raises(RequestTimeoutError, match="may have been applied") as caught:
        play.do(lambda: api.things.create({}))
    assert caught.value.may_have_been_applied
    assert len(script.requests) == 1


def test_a_limit_that_begins_anew(play: Player) -> None:
    """A 429 without Retry-After waits until X-RateLimit-Reset, and the error tells the seconds."""
    headers = {"X-RateLimit-Reset": str(int(play.clock.time()) + 20), "X-RateLimit-Remaining": "0"}
    api = play.client(Script((429, None, headers), THING))
    assert play.do(lambda: api.things.get(7)).id == 7
    assert play.clock.slept == [20.0]
    far = play.client(Script((503, None, {"RateLimit": "limit=10, remaining=0, reset=3600"})))
    with pytest.raises(ServiceUnavailableError) as caught:
        play.do(lambda: far.things.get(7))
    assert caught.value.retry_after == 3600
    plain = play.client(Script((429, None)), retries=0)
    with pytest.raises(TooManyRequestsError) as other:
        play.do(lambda: plain.things.get(7))
    assert other.value.retry_after is None


@pytest.mark.parametrize("vendor", [VENDOR, UNKEYED_VENDOR])
def test_one_key_for_all_attempts(play: Player, vendor: Any) -> None:
    """An operation that takes a key gets one per call, the same in all attempts, and is repeated like a read."""
    script = Script(LOST, (500, None), MADE, MADE)
    api = play.client(script, vendor=vendor)
    for _ in range(2):
        assert play.do(lambda: api.things.run(KEYED, body={})).id == 7
    first, second, third, fourth = keys(script)
    assert first == second == third != fourth
    assert first is not None
    assert len(first) == 32
    assert fourth is not None


def test_the_key_survives_a_new_token(play: Player) -> None:
    """The attempt after a 401 carries the same key."""
    script = Script(token_answer(1), (401, None), token_answer(2), MADE)
    api = play.client(script, auth=token_auth())
    play.do(lambda: api.things.run(KEYED, body={}))
    [_, first, _, second] = keys(script)
    assert first == second is not None


def test_a_key_of_the_caller(play: Player) -> None:
    """The caller's own key is sent instead, whether it is an option, a header of the call or a documented parameter."""
    documented = evolve(KEYED, parameters=(Parameter("Idempotency-Key", "key", "header"),))
    script = Script(LOST, MADE, LOST, MADE, LOST, MADE)
    api = play.client(script, vendor=UNKEYED_VENDOR)
    for operation, arguments, options in (
        (KEYED, {}, CallOptions(idempotency_key="mine")),
        (KEYED, {}, CallOptions(headers={"idempotency-key": "mine"})),
        (documented, {"key": "mine"}, None),
    ):
        given: dict[str, Any] = {"body": {}, **arguments}
        assert play.do(partial(api.things.run, operation, options=options, **given)).id == 7
    assert keys(script) == ["mine"] * 6


def test_without_a_key(play: Player) -> None:
    """A write without a key goes out once when its outcome is unknown; an empty key is refused."""
    script = Script(LOST, repeat=True)
    api = play.client(script)
    with pytest.raises(AmbiguousOutcomeError):
        play.do(lambda: api.things.create({}))
    assert keys(script) == [None]
    with pytest.raises(RequestError, match="idempotency_key is empty"):
        play.do(lambda: api.things.create({}, options=CallOptions(idempotency_key=" ")))
