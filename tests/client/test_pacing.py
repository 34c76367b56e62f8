"""Rate limits: kept by waiting before a request, not by being refused."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate
from functools import partial
from typing import Any

import pytest
from attrs import evolve

from accordant import CallOptions, MemoryRateLimits
from accordant._call.calls import download
from accordant._flow.commands import Flow, Sleep
from accordant._http.messages import Headers, HttpResponse
from accordant._limits.rate_limits import MemoryRateLimitStore, Pacer, RateLimit
from accordant.errors import (
    AccordantError,
    AmbiguousOutcomeError,
    ConfigurationError,
    DeadlineExceededError,
    ServiceUnavailableError,
    TooManyRequestsError,
)
from accordant.testing import FakeClock, Script, SentRequest
from tests.client.support import BASE_URL, CREATE, FILE, GET, REPLACE, VENDOR, Player, Tiny, token_answer, token_auth

THING = (200, {"thing": {"id": 7}})
REQUESTS = RateLimit("requests", 3, 10)
WRITES = RateLimit("writes", 1, 4, frozenset({"createThing"}))
LIMITED = evolve(VENDOR, rate_limits=(REQUESTS, WRITES))


class Timed:
    """A vendor that notes when it was asked, in seconds since the clock began."""

    def __init__(self, clock: FakeClock, *answers: Any) -> None:
        self.at: list[float] = []
        self._clock = clock
        self._script = Script(*(answers or (THING,)), repeat=True)

    def __call__(self, *request: Any) -> Any:
        self.at.append(round(self._clock.monotonic(), 3))
        return self._script(*request)

    @property
    def requests(self) -> list[SentRequest]:
        return self._script.requests


def limited(play: Player, transport: Any, **settings: Any) -> Any:
    return play.client(transport, vendor=LIMITED, **settings)


def spent(limit: int, remaining: Any, reset: Any, **more: str) -> dict[str, str]:
    """The headers of an answer that tells the vendor's own count."""
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(reset),
        **more,
    }


def test_within_the_limit(play: Player) -> None:
    """The first requests go at once; the one too many waits until the oldest leaves the window."""
    vendor = Timed(play.clock)
    api = limited(play, vendor)
    for _ in range(5):
        play.do(lambda: api.things.get(7))
        play.clock.advance(1)
    assert vendor.at == [0, 1, 2, 10.001, 11.001]


def test_no_window_holds_more() -> None:
    """However calls are spaced, no stretch as long as a limit's window holds more requests than the limit says."""
    clock = FakeClock()
    vendor = Timed(clock, (201, {"thing": {"id": 7}}))
    with Tiny(vendor=LIMITED, transport=vendor, clock=clock) as api:
        for number in range(60):
            clock.advance((number * 7919 % 31) / 7)
            api.things.run(CREATE, body={}) if number % 2 else api.things.run(REPLACE, id=7, body={})
    for limit, times in ((REQUESTS, vendor.at), (WRITES, vendor.at[1::2])):
        for begin in times:
            assert sum(begin <= time <= begin + limit.seconds for time in times) <= limit.limit


def test_an_operation_may_have_two_limits(play: Player) -> None:
    """An operation that two limits cover waits for both; others only for the one that covers them."""
    vendor = Timed(play.clock, (201, {"thing": {"id": 7}}))
    api = limited(play, vendor)
    for _ in range(2):
        play.do(lambda: api.things.create({}))
    play.do(lambda: api.things.run(REPLACE, id=7, body={}))
    assert vendor.at == [0, 4.001, 4.001]


def test_a_place_that_went_stale(play: Player) -> None:
    """A call that had a place in one limit and then waited for another takes a new place in the first."""
    vendor = Timed(play.clock, THING, THING, THING, (201, {"thing": {"id": 7}}))
    api = limited(play, vendor)
    for _ in range(3):
        play.do(lambda: api.things.get(7))
    play.clock.advance(1)
    play.do(lambda: api.things.create({}))
    play.do(lambda: api.things.create({}))
    assert vendor.at == [0, 0, 0, 10.001, 14.002]


def test_waiting_for_one_limit_blocks_no_other() -> None:
    """Calls that wait for a tight limit take no place in a wide one before they go."""
    pacer = Pacer((REQUESTS, WRITES), MemoryRateLimitStore(), FakeClock())
    with pytest.raises(StopIteration):
        next(pacer.turn("createThing", no_deadline))
    waiting = [pacer.turn("createThing", no_deadline) for _ in range(9)]
    assert first_wait(waiting[0]) == 4.001
    assert first_wait(waiting[1]) == 8.002
    assert all(first_wait(flow) > 8 for flow in waiting[2:])
    for _ in range(2):
        with pytest.raises(StopIteration):
            next(pacer.turn("getThing", no_deadline))


def first_wait(flow: Flow[Any]) -> float:
    """How long a turn waits at first."""
    command = next(flow)
    assert isinstance(command, Sleep)
    return command.seconds


def no_deadline() -> None:
    return None


def test_callers_queue_up() -> None:
    """Calls that wait at the same time each get a moment of their own, in the order in which they came."""
    pacer = Pacer((RateLimit("requests", 2, 10),), MemoryRateLimitStore(), FakeClock())
    for _ in range(2):
        with pytest.raises(StopIteration):
            next(pacer.turn("any", no_deadline))
    flows = [pacer.turn("any", no_deadline) for _ in range(5)]
    assert [first_wait(flow) for flow in flows] == [10.001, 10.001, 20.002, 20.002, 30.003]


def test_deadline(play: Player) -> None:
    """A call whose turn would come after its deadline fails at once, unsent, and takes nobody's place."""
    vendor = Timed(play.clock)
    api = limited(play, vendor)
    for _ in range(3):
        play.do(lambda: api.things.get(7))
        play.clock.advance(1)
    with pytest.raises(DeadlineExceededError, match=r"limit of 3 requests in 10 s has no place for 7\.0 s") as caught:
        play.do(lambda: api.things.get(7, options=CallOptions(deadline=5)))
    assert not caught.value.sent
    assert play.clock.slept == []
    play.do(lambda: api.things.get(7))
    assert vendor.at[3:] == [10.001]


def test_overtaken_threads() -> None:
    """A thread that read the clock before others, but books after them, neither gets nor makes a place too many."""
    store = MemoryRateLimitStore()

    def take(moment: int) -> int:
        with pytest.raises(StopIteration) as stop:
            next(store.take(REQUESTS, moment, moment))
        wait: int = stop.value.value
        return wait

    assert [take(5), take(9), take(1)] == [0, 0, 0]
    assert take(3) == 9_999
    assert [take(10_002), take(10_002), take(10_006)] == [0, 4, 0]


def test_a_retry_that_would_come_too_late(play: Player) -> None:
    """When a retry's turn would come after the deadline, the outcome before it stands: nothing is made up."""
    cases: list[tuple[Any, type[AccordantError]]] = [
        ((503, {}), ServiceUnavailableError),
        (ConnectionResetError("broke"), AmbiguousOutcomeError),
    ]
    for answer, error in cases:
        api = limited(play, Timed(play.clock, THING, THING, answer), deadline=5)
        for _ in range(2):
            play.do(partial(api.things.get, 7))
        with pytest.raises(error) as caught:
            play.do(partial(api.things.run, REPLACE, id=7, body={}))
        assert vars(caught.value)["attempts"] == 1


def test_retries_and_tokens_count(play: Player) -> None:
    """Every request counts: retries, and those for a token."""
    vendor = Timed(play.clock, token_answer(), (503, {}), THING)
    api = limited(play, vendor, auth=token_auth())
    play.clock.chance = 0.0
    for _ in range(2):
        play.do(lambda: api.things.get(7))
    assert vendor.at == [0, 0, 0, 10.001]


def test_files_elsewhere_do_not_count(play: Player) -> None:
    """Requests to another host than the vendor's own, as after a redirect to a file, do not count."""
    moved = (302, b"", {"Location": "https://files.test/7"})
    vendor = Timed(play.clock, moved, (200, b"1"), moved, (200, b"2"), moved, (200, b"3"))
    api = limited(play, vendor)
    for _ in range(3):
        play.do(lambda: api._io.run(download(api._session, api._defaults, FILE, {"id": 7}, None, None)))
    assert vendor.at == [0] * 6


@pytest.mark.parametrize("dated", [False, True])
def test_nothing_remaining(play: Player, dated: bool) -> None:
    """After an answer with nothing remaining nothing goes before the reset, by the vendor's own date if it tells it."""
    now = int(play.clock.time()) + (100_000 if dated else 0)
    more = {"Date": formatdate(now, usegmt=True)} if dated else {}
    vendor = Timed(play.clock, (*THING, spent(3, 0, now + 6, **more)), THING)
    api = limited(play, vendor)
    for _ in range(2):
        play.do(lambda: api.things.get(7))
    assert vendor.at == [0, 6]


def test_a_refusal_tells_how_long(play: Player) -> None:
    """After a 429 both the wait that it asks for and the reset are obeyed."""
    now = int(play.clock.time())
    vendor = Timed(play.clock, (429, {}, spent(3, 0, now + 5, **{"Retry-After": "2"})), THING)
    api = limited(play, vendor)
    play.do(lambda: api.things.get(7))
    assert vendor.at == [0, 5]
    api = limited(play, Timed(play.clock, (429, {}, spent(3, 0, now + 20))), deadline=3)
    with pytest.raises(TooManyRequestsError):
        play.do(lambda: api.things.get(7))


def test_the_limit_that_is_meant(play: Player) -> None:
    """The count of one limit holds up the operations of that limit alone; one that is not known holds up all."""
    now = int(play.clock.time())
    created = (201, {"thing": {"id": 7}})
    vendor = Timed(play.clock, (*created, spent(1, 0, now + 4)), THING, created)
    api = limited(play, vendor)
    play.do(lambda: api.things.create({}))
    play.do(lambda: api.things.get(7))
    play.do(lambda: api.things.create({}))
    assert vendor.at == [0, 0, 4.001]
    vendor = Timed(play.clock, (*created, spent(999, 0, now + 8)), THING)
    api = limited(play, vendor)
    play.do(lambda: api.things.create({}))
    play.do(lambda: api.things.get(7))
    assert vendor.at == [4.001, 8]


@pytest.mark.parametrize(
    ("headers", "second"),
    [
        (spent(3, 0, 1_712_582_400), 0),
        (spent(3, 0, 99_999_999_999), 10),
        (spent(3, 1, 1_772_355_605), 0),
        (spent(3, 0, "soon"), 0),
        (spent(3, "none", 1_772_355_605), 0),
        ({"X-RateLimit-Remaining": "0"}, 0),
    ],
)
def test_strange_counts(play: Player, headers: dict[str, str], second: float) -> None:
    """A reset in the past, an unreadable one or none holds nothing up; one far away counts as one whole window."""
    vendor = Timed(play.clock, (*THING, headers), THING)
    api = limited(play, vendor)
    for _ in range(2):
        play.do(lambda: api.things.get(7))
    assert vendor.at == [0, second]


def test_switched_off(play: Player) -> None:
    """With rate_limits=None nothing waits; the vendor decides."""
    vendor = Timed(play.clock)
    api = limited(play, vendor, rate_limits=None)
    for _ in range(9):
        play.do(lambda: api.things.get(7))
    assert vendor.at == [0] * 9


def test_clients_that_share(play: Player) -> None:
    """Clients that are given the same object share the limits of one address, and so do copies of one client."""
    shared = MemoryRateLimits()
    vendor = Timed(play.clock)
    one, other = (limited(play, vendor, rate_limits=shared) for _ in range(2))
    elsewhere = limited(play, vendor, rate_limits=shared, base_url="https://other.test")
    for api in (one, other, one.with_options(timeout=1), elsewhere, other):
        play.do(partial(api.things.get, 7))
    assert vendor.at == [0, 0, 0, 0, 10.001]


@pytest.mark.parametrize("setting", [{"rate_limits": MemoryRateLimits()}, {"catalogue_ttl": 60.0}])
def test_settings_that_do_not_apply(play: Player, setting: dict[str, Any]) -> None:
    """A setting for something that the vendor does not have is refused, not ignored."""
    with pytest.raises(ConfigurationError, match="Tiny"):
        play.client(Script(), **setting)
    play.client(Script(), **dict.fromkeys(setting))


def test_a_hold_while_waiting() -> None:
    """A call that already waits for its turn goes on waiting when the vendor meanwhile has nothing left."""
    clock = FakeClock()
    pacer = Pacer((REQUESTS,), MemoryRateLimitStore(), clock)
    for _ in range(3):
        with pytest.raises(StopIteration):
            next(pacer.turn("any", no_deadline))
    flow = pacer.turn("any", no_deadline)
    assert first_wait(flow) == 10.001
    clock.advance(9)
    answer = HttpResponse(200, Headers(list(spent(3, 0, int(clock.time()) + 5).items())), b"")
    assert list(pacer.heed("any", answer)) == []
    clock.advance(1.001)
    held = flow.send(None)
    assert isinstance(held, Sleep)
    assert held.seconds == pytest.approx(3.999)
    clock.advance(held.seconds)
    with pytest.raises(StopIteration):
        flow.send(None)


def test_a_hold_does_not_shrink(play: Player) -> None:
    """An answer that was overtaken by one with a later reset does not shorten the wait."""
    now = int(play.clock.time())
    vendor = Timed(play.clock, (*THING, spent(3, 0, now + 6)), THING)
    api = play.client(vendor, vendor=LIMITED)
    play.do(lambda: api.things.get(7))
    late = HttpResponse(200, Headers(list(spent(3, 0, now + 2).items())), b"")
    assert list(api._session.pacer.heed("getThing", late)) == []
    play.do(lambda: api.things.get(7))
    assert vendor.at == [0, 6]


def test_scope() -> None:
    """The limits belong to an address: its name tells stores apart."""
    seen: list[tuple[str, bool]] = []

    class Noted(MemoryRateLimits):
        def open(self, scope: str, asynchronous: bool) -> Any:
            seen.append((scope, asynchronous))
            return super().open(scope, asynchronous)

    Tiny(vendor=LIMITED, rate_limits=Noted(), transport=Script())
    assert seen == [(f"tiny:{BASE_URL}", False)]


def test_get_is_covered() -> None:
    """A limit without operations covers all of them."""
    covers: Callable[[str], bool] = REQUESTS.covers
    assert covers(GET.id)
    assert not WRITES.covers(GET.id)
