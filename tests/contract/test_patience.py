"""A run keeps to the limits of an account that others use, and tells what was ridden out from what goes on."""

from __future__ import annotations

import datetime
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import define, evolve, field

from accordant_contract.document.document import Operation
from accordant_contract.document.values import Arguments
from accordant_contract.errors import NotJudgedError
from accordant_contract.probes import Probe
from accordant_contract.probes.lists import walk_pages
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import patience as patiences
from accordant_contract.target import senders, targets, vendor
from accordant_contract.target.patience import Limit, Patience
from accordant_sandbox import Sandbox


@define
class Time:
    """Time that passes only when it is waited for."""

    now: float = 1_772_355_600.0
    waits: list[float] = field(factory=list[float])

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def moment(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.now, datetime.UTC)


def patient(time: Time, *limits: Limit) -> Patience:
    return Patience(limits, time.moment, time.wait)


def test_no_window_holds_more_than_the_documented_number() -> None:
    """However fast a run works, no minute sees more requests than the vendor documents, and no more is waited."""
    time = Time()
    manners = patient(time, Limit(300, 60), Limit(60, 60, ("execute*",)))
    sent: list[float] = []
    for _ in range(700):
        manners.turn("listThings")
        sent.append(time.now)
    assert all(later - first >= 60 for first, later in zip(sent, sent[300:], strict=False))
    assert manners.waited == 120
    for _ in range(61):
        manners.turn("executeThing")
    assert manners.waited >= 180


def test_requests_of_the_client_count_too() -> None:
    """What the vendor's own client sends takes places of the same limit."""
    time = Time()
    manners = patient(time, Limit(5, 60))
    for _ in range(4):
        manners.count("listThings")
    manners.turn("listThings")
    assert not time.waits
    manners.turn("listThings")
    assert time.waits == [60]


def test_room_is_waited_for() -> None:
    """Before the client is driven there is room for its next requests, not only for the first one."""
    time = Time()
    manners = patient(time, Limit(5, 60))
    manners.count("listThings")
    manners.turn("listThings", room=3)
    assert not time.waits
    manners.turn("listThings", room=3)
    assert time.waits == [60]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1772355642"}, 42),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "30"}, 30),
        ({"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "30"}, 0),
        ({"RateLimit": '"default";r=0;t=20'}, 20),
        ({"X-RateLimit-Limit": "300", "X-RateLimit-Reset": "30"}, 0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "86400"}, patiences.LONGEST),
        ({}, 0),
    ],
)
def test_what_the_headers_say_remains_is_obeyed(headers: Mapping[str, str], wait: float) -> None:
    """With nothing remaining nothing is sent before the reset; with something left nothing is waited for."""
    time = Time()
    manners = patient(time)
    manners.heed(list(headers.items()))
    manners.turn("listThings")
    assert sum(time.waits) == wait


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "Sun, 01 Mar 2026 09:00:30 GMT"}, 30),
        ({"X-RateLimit-Reset": "12"}, 12),
        ({}, 1),
        ({"Retry-After": "soon"}, 1),
        ({"Retry-After": "86400"}, None),
        ({"Retry-After": "9" * 40}, 1),
    ],
)
def test_a_refusal_for_now_is_sent_again_when_it_says(headers: Mapping[str, str], wait: float | None) -> None:
    """After a 429 the stated wait counts, else a short one; a wait that is too long is not waited for."""
    assert patient(Time()).after(429, list(headers.items()), 0) == wait
    assert patient(Time()).after(200, list(headers.items()), 0) is None
    assert patient(Time()).after(429, list(headers.items()), patiences.TRIES) is None


def at(sandbox: Sandbox) -> targets.Target:
    """A served sandbox as the command reaches it."""
    return targets.remote(vendor.load("dispatch"), sandbox.url, sandbox.env())


def nothing(_number: int, _method: str, _url: str) -> None:
    """No trouble."""


@contextmanager
def dispatch(trouble: Any) -> Generator[Run]:
    """A run at a served sandbox; ``trouble(number, method, url)`` may return or raise something else."""
    with Sandbox("dispatch", real_time=True) as sandbox, at(sandbox) as target:
        send, count = target.send, iter(range(1, 10**6))

        def between(method: str, url: str, *rest: Any) -> senders.Reply:
            found: senders.Reply | None = None if "/_sandbox/" in url else trouble(next(count), method, url)
            return found or send(method, url, *rest)

        target.send = between
        yield Run(target, Settings(PROFILES["quick"], fuzz=False))


def limited(after: str = "1") -> senders.Reply:
    return 429, [("Retry-After", after), ("Content-Type", "text/html")], b"<html>later</html>"


def found(run: Run) -> list[str]:
    return [f"{seen.finding.check} {seen.finding.operation}" for seen in run.results.findings.values()]


def test_a_429_is_judged_as_nothing_else() -> None:
    """A refusal for now whose body and status nobody documents is waited for, and no check says anything of it."""

    def refuse(number: int, _method: str, _url: str) -> senders.Reply | None:
        return limited() if number in (1, 3) else None

    with dispatch(refuse) as run:
        assert run.session.call("listBrands").success
        assert not found(run)
        assert run.results.statuses["listBrands"][429] == 1
        assert run.results.statuses["createToken"][429] == 1


@pytest.mark.parametrize("after", ["0", "1"])
def test_a_wait_that_does_not_help_is_found_where_nobody_else_calls(after: str) -> None:
    """On a sandbox of this machine a call that waited as it was told is served; in a shared account, perhaps not."""

    def refuse(number: int, _method: str, _url: str) -> senders.Reply | None:
        return limited(after) if number in (2, 3) else None

    for exclusive, expected in ((True, ["retry_after listBrands"]), (False, [])):
        with dispatch(refuse) as run:
            run.target.exclusive = exclusive
            assert run.session.call("listBrands").success
            assert found(run) == expected


def test_a_limit_that_never_ends_is_not_judged_as_something_else() -> None:
    """Who is refused however long it waits is told so once; the operation itself is not judged."""

    def refuse(_number: int, method: str, _url: str) -> senders.Reply | None:
        return limited() if method == "GET" else None

    with dispatch(refuse) as run:
        with pytest.raises(NotJudgedError, match="429"):
            run.session.call("listBrands")
        assert found(run) == ["retry_after listBrands"]  # a sandbox of one's own: nobody else can have used it up
        run.target.exclusive = False
        run.results.findings.clear()
        with pytest.raises(NotJudgedError):
            run.session.call("listJobs")
        assert not found(run)


def test_one_dropped_read_is_ridden_out_and_the_second_is_a_finding() -> None:
    """A read without a response is sent again once; an operation that drops connections again is reported."""

    def drop(number: int, _method: str, _url: str) -> None:
        if number in (2, 4):
            raise ConnectionError("reset")

    with dispatch(drop) as run:
        assert run.session.call("listBrands").success
        assert not found(run)
        assert run.session.call("listBrands").response is None
        assert found(run) == ["not_a_server_error listBrands"]


def test_a_probe_whose_write_was_dropped_is_run_again() -> None:
    """A write without a response may have happened or not: its probe begins anew, and only the second drop counts."""
    left = ["first"]

    def drop(_: int, method: str, url: str) -> None:
        if method == "POST" and url.endswith("/v3/brands") and left:
            left.pop()
            raise ConnectionError("reset")

    with dispatch(drop) as run:
        run.settings = evolve(run.settings, focus=("createBrand", "listBrands"))
        run.execute()
        assert not left
        assert not found(run)
        assert run.results.tallies["createBrand", "count_effect"].checked > 0
        assert any("createBrand: one request had no response" in note for note in run.results.skipped)


def growing(sandbox: Sandbox, rows: int) -> Any:
    """A list that others add to while it is read, for so many requests."""
    left = [rows]

    def grow(_: int, method: str, url: str) -> None:
        if method == "GET" and "/brands" in url and left[0]:
            left[0] -= 1
            sandbox.given("brands")

    return grow


@pytest.mark.parametrize(("rows", "judged"), [(0, True), (3, True), (10**6, False)])
def test_a_list_that_grows_while_it_is_walked_is_no_finding(rows: int, judged: bool) -> None:
    """A log grows while it is read: it is walked anew, judged once it holds still, and else named as not judged."""
    with Sandbox("dispatch", real_time=True) as sandbox:
        sandbox.given("brands", 6)
        with at(sandbox) as target:
            send, grow = target.send, growing(sandbox, rows)

            def between(method: str, url: str, *rest: Any) -> senders.Reply:
                grow(0, method, url)
                return send(method, url, *rest)

            target.send = between
            run = Run(target, Settings(PROFILES["quick"], fuzz=False))
            walk_pages(run.context, run.document.operations["listBrands"])
    assert not [each for each in found(run) if each.startswith("page_walk")]
    assert (("listBrands", "page_walk") in run.results.tallies) is judged
    assert any("changed during each of 3 walks" in note for note in run.results.skipped) is not judged


@pytest.mark.parametrize("fault", ["page_overlap", "page_skip"])
def test_pages_that_are_wrong_are_found_all_the_same(fault: str) -> None:
    """A row that comes twice, or never, in a list that holds still is a finding also where others may write."""
    with Sandbox("dispatch", real_time=True, faults=[fault]) as sandbox:
        sandbox.given("brands", 6)
        with at(sandbox) as target:
            run = Run(target, Settings(PROFILES["quick"], fuzz=False))
            walk_pages(run.context, run.document.operations["listBrands"])
    assert "page_walk listBrands" in found(run)


def test_a_token_is_renewed_before_it_ends() -> None:
    """Waiting for limits may outlast a token: it is replaced in time, and no 401 is blamed on the API."""
    with dispatch(nothing) as run:
        first = run.session.credential
        assert first.lifetime is not None
        run.target.wait(first.lifetime * 0.5)
        assert run.session.credential is first
        run.target.wait(first.lifetime * 0.45)
        assert run.session.credential is not first
        assert run.session.call("listBrands", Arguments()).success
        assert not found(run)


def test_a_run_that_is_kept_waiting_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that a run waits for limits does not count against the time that probing may take."""
    ran: list[str] = []

    def wait_long(context: Any, operation: Any) -> None:
        ran.append(operation.id)
        context.session.target.patience.waited += 10_000
        clock[0] += 10_000

    clock = [0.0]
    with dispatch(nothing) as run:
        run.target.control = None
        run.settings = evolve(run.settings, spent=lambda: clock[0])
        probe = Probe("wait", lambda _vendor, _operation: True, wait_long, frozenset())
        steps = [(probe, each) for each in run.document.operations.values()][:3]

        def planned(*_: Any, **__: Any) -> list[tuple[Probe, Operation]]:
            return steps

        monkeypatch.setattr("accordant_contract.run.runner.plan", planned)
        run.execute()
        assert len(ran) == 3
        assert not [seen for seen in run.results.findings.values() if seen.finding.kind == "stopped"]
