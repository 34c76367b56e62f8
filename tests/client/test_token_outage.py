"""A token endpoint that is down: one round of requests fails for all who wait, and is not repeated by each of them."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from accordant import CallOptions
from accordant._flow.sync_driver import ThreadTokenLock
from accordant.dibop import AsyncDibop, Dibop
from accordant.dime_scheduler import AsyncDimeScheduler, DimeScheduler
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.errors import (
    AccordantError,
    APIStatusError,
    CallTimeoutError,
    ConnectError,
    InternalServerError,
    ResponseDecodeError,
    ServiceUnavailableError,
    TooManyRequestsError,
)
from accordant.espace import AsyncEspace, Espace
from accordant.testing import FakeClock, Script, SentRequest
from tests.client.support import AsyncTiny, Player, Tiny, token_answer, token_auth

THING = (200, {"thing": {"id": 7}})
REFUSED = ConnectionRefusedError("refused")
OUTAGES: list[tuple[Any, type[AccordantError], int]] = [
    ((500, None), InternalServerError, 3),
    ((503, None), ServiceUnavailableError, 3),
    ((429, None), TooManyRequestsError, 3),
    (REFUSED, ConnectError, 3),
    (TimeoutError("slow"), CallTimeoutError, 3),
    ((200, b"<html>"), ResponseDecodeError, 1),
]


class Counting(ThreadTokenLock):
    """A lock that tells when so many threads have asked for it."""

    def __init__(self, expected: int) -> None:
        super().__init__()
        self.all_here = threading.Event()
        self._missing = expected
        self._count = threading.Lock()

    def acquire(self, timeout: float | None) -> bool:
        with self._count:
            self._missing -= 1
            if self._missing == 0:
                self.all_here.set()
        return super().acquire(timeout)


def outcome(api: Any) -> Any:
    try:
        return get(api)
    except AccordantError as error:
        return error


def get(api: Any) -> Any:
    return api.request("GET", "/v1/things/7")


def in_threads(make: Any, failure: Any, count: int) -> tuple[list[Any], list[SentRequest]]:
    """What ``count`` threads get that all wait for one token, and the requests that were sent."""
    lock = Counting(count)

    def fail(_sent: SentRequest) -> Any:
        assert lock.all_here.wait(30)
        return failure

    script = Script(fail, repeat=True)
    with make(transport=script, clock=FakeClock()) as api:
        api._session.lock = lock
        with ThreadPoolExecutor(count) as pool:
            waiting = [pool.submit(outcome, api) for _ in range(count)]
            return [item.result() for item in waiting], script.requests


def in_tasks(make: Any, failure: Any, count: int) -> tuple[list[Any], list[SentRequest]]:
    """The same with tasks."""
    script = Script(failure, repeat=True)

    async def transport(*request: Any) -> Any:
        await asyncio.sleep(0)
        return script(*request)

    async def run() -> list[Any]:
        async with make(transport=transport, clock=FakeClock()) as api:
            return await asyncio.gather(*(get(api) for _ in range(count)), return_exceptions=True)

    return asyncio.run(run()), script.requests


def assert_own(errors: list[Any], kind: type[AccordantError]) -> None:
    """Each caller has an error of its own, and all but the first say since when the endpoint fails."""
    kinds: set[type[Any]] = {type(error) for error in errors}
    assert kinds == {kind}
    assert len({id(error) for error in errors}) == len(errors)
    assert len({id(error.__traceback__) for error in errors}) == len(errors)
    told = [error for error in errors if "the token endpoint has failed since 2026-03-01T0" in str(error)]
    assert len(told) == len(errors) - 1
    if issubclass(kind, APIStatusError):
        assert len({id(error.headers) for error in errors}) == len(errors)


@pytest.mark.parametrize(("failure", "kind", "requests"), OUTAGES, ids=str)
def test_one_round_for_all_threads(failure: Any, kind: type[AccordantError], requests: int) -> None:
    """64 threads that wait for a token get the failure of the first one's requests, each as an error of its own."""
    errors, sent = in_threads(partial(Tiny, auth=token_auth()), failure, 64)
    assert len(sent) == requests
    assert_own(errors, kind)


@pytest.mark.parametrize(("failure", "kind", "requests"), OUTAGES, ids=str)
def test_one_round_for_all_tasks(failure: Any, kind: type[AccordantError], requests: int) -> None:
    """500 tasks that wait for a token get the failure of the first one's requests, each as an error of its own."""
    errors, sent = in_tasks(partial(AsyncTiny, auth=token_auth()), failure, 500)
    assert len(sent) == requests
    assert_own(errors, kind)


VENDORS: list[tuple[Any, Any, dict[str, str]]] = [
    (Dispatch, AsyncDispatch, {"client_id": "public", "client_secret": "invented"}),
    (Dispatch, AsyncDispatch, {"refresh_token": "invented"}),
    (
        *(Dispatch, AsyncDispatch),
        {"client_id": "public", "client_secret": "invented", "username": "ann", "password": "invented"},
    ),
    (Espace, AsyncEspace, {"api_key": "invented"}),
    (DimeScheduler, AsyncDimeScheduler, {"username": "ann", "password": "invented"}),
    (Dibop, AsyncDibop, {"email": "ann@example.test", "password": "invented", "instance": "acme"}),
]


@pytest.mark.parametrize(("kind", "twin", "given"), VENDORS, ids=lambda item: getattr(item, "__name__", ""))
def test_every_vendor(kind: Any, twin: Any, given: dict[str, str]) -> None:
    """Whatever way a vendor hands out tokens, one round of requests serves all who wait for its failure."""
    for errors, sent in (
        in_threads(partial(kind, **given), (500, None), 8),
        in_tasks(partial(twin, **given), (500, None), 8),
    ):
        assert len(sent) == 3
        assert_own(errors, InternalServerError)


def test_the_endpoint_cools_down(play: Player) -> None:
    """After a failure the endpoint is left alone for a second: a new call waits for that, and then tries by itself."""
    script = Script(*[REFUSED] * 3, token_answer(), THING, THING)
    api = play.client(script, auth=token_auth())
    with pytest.raises(ConnectError) as first:
        play.do(lambda: api.things.get(7))
    assert "since" not in str(first.value)
    play.clock.slept.clear()
    assert play.do(lambda: api.things.get(7)).id == 7
    assert play.clock.slept == [1.0]
    assert play.do(lambda: api.things.get(7)).id == 7
    assert play.clock.slept == [1.0]


def test_a_call_that_cannot_wait(play: Player) -> None:
    """A call whose deadline is within the cool-down gets the same error at once, with the time since when it fails."""
    script = Script(*[REFUSED] * 3, token_answer(), THING)
    api = play.client(script, auth=token_auth())
    began = play.clock.time()
    with pytest.raises(ConnectError):
        play.do(lambda: api.things.get(7))
    play.clock.slept.clear()
    hurried = api.with_options(deadline=0.5)
    with pytest.raises(ConnectError, match=r"refused \(the token endpoint has failed since .*\+00:00\) \(after 3"):
        play.do(lambda: hurried.things.get(7))
    assert play.clock.slept == []
    assert len(script.requests) == 3
    play.clock.advance(1.0)
    assert play.do(lambda: hurried.things.get(7)).id == 7
    assert play.clock.time() > began


def test_the_cool_down_that_the_vendor_asks_for(play: Player) -> None:
    """Where the endpoint asks for a wait, the cool-down lasts as long, and at most a minute."""
    for asked, slept in (("30", 30.0), ("3000", None)):
        failure = (503, None, {"Retry-After": asked})
        script = Script(failure, token_answer(), THING)
        api = play.client(script, auth=token_auth(), retries=0)
        with pytest.raises(ServiceUnavailableError):
            play.do(partial(api.things.get, 7))
        play.clock.slept.clear()
        assert play.do(partial(api.with_options(deadline=None).things.get, 7)).id == 7
        assert play.clock.slept == [slept or 60.0]


def test_one_probe_after_the_cool_down() -> None:
    """Many tasks that waited for the cool-down try with one round of requests, and all say since when it fails."""
    script = Script((500, None), repeat=True)

    async def transport(*request: Any) -> Any:
        await asyncio.sleep(0)
        return script(*request)

    async def run() -> tuple[list[Any], list[Any]]:
        async with AsyncTiny(auth=token_auth(), transport=transport, clock=FakeClock()) as api:
            first = await asyncio.gather(*(api.things.get(7) for _ in range(20)), return_exceptions=True)
            return first, await asyncio.gather(*(api.things.get(7) for _ in range(20)), return_exceptions=True)

    first, second = asyncio.run(run())
    assert len(script.requests) == 6
    assert_own(first, InternalServerError)
    assert all("the token endpoint has failed since 2026-03-01T09:00:0" in str(error) for error in second)


def test_nobody_pays_for_a_short_deadline(play: Player) -> None:
    """A failure that was due to one call's deadline neither starts a cool-down nor counts for another call."""
    script = Script((500, None), (500, None), token_answer(), THING)
    api = play.client(script, auth=token_auth())
    with pytest.raises(InternalServerError):
        play.do(lambda: api.things.get(7, options=CallOptions(deadline=0.6)))
    assert len(script.requests) == 2
    play.clock.slept.clear()
    assert play.do(lambda: api.things.get(7)).id == 7
    assert play.clock.slept == []


def test_nobody_pays_for_fewer_retries(play: Player) -> None:
    """A call that tries harder than the one that failed tries at once, and the next one profits from its token."""
    script = Script((500, None), token_answer(), THING)
    api = play.client(script, auth=token_auth())
    with pytest.raises(InternalServerError):
        play.do(lambda: api.things.get(7, options=CallOptions(retries=0)))
    play.clock.slept.clear()
    assert play.do(lambda: api.things.get(7)).id == 7
    assert play.clock.slept == []


def test_a_token_that_holds_is_used_during_an_outage(play: Player) -> None:
    """While the present token still holds, calls during the cool-down go on with it and ask for nothing."""
    script = Script(token_answer(1, 3600, "r"), THING, *[(503, None)] * 3, THING, THING)
    api = play.client(script, auth=token_auth())
    play.do(lambda: api.things.get(7))
    play.clock.advance(3560)
    for _ in range(2):
        assert play.do(lambda: api.things.get(7)).id == 7
    assert script.requests[-1].headers["authorization"] == "Bearer access-token-1"


def test_errors_are_independent(play: Player) -> None:
    """Changing one caller's error changes nobody else's."""
    api = play.client(Script((500, {"error": "down"}), repeat=True), auth=token_auth(), retries=0)
    kept: list[InternalServerError] = []
    for _ in range(3):
        with pytest.raises(InternalServerError) as caught:
            play.do(lambda: api.things.get(7, options=CallOptions(deadline=0.5)))
        kept.append(caught.value)
        caught.value.attempts = 99
        caught.value.headers["x"] = "changed"
        caught.value.add_note("changed")
    assert [error.attempts for error in kept] == [99, 99, 99]
    with pytest.raises(InternalServerError) as caught:
        play.do(lambda: api.things.get(7, options=CallOptions(deadline=0.5)))
    assert caught.value.attempts == 1
    assert "x" not in caught.value.headers
    assert not hasattr(caught.value, "__notes__")
    assert caught.value.message.startswith("down (the token endpoint has failed since ")
