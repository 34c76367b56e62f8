"""The life of a call: what is sent, what is tried again, what comes out."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest
from attrs import evolve

from accordant import Attempt, CallOptions, Redirect, RetryPolicy
from accordant.errors import (
    AmbiguousOutcomeError,
    APIStatusError,
    CallTimeoutError,
    ConfigurationError,
    ConnectError,
    DeadlineExceededError,
    InternalServerError,
    NetworkError,
    NotFoundError,
    RedirectStatusError,
    RequestError,
    ServerStatusError,
    ServiceUnavailableError,
    TooManyRequestsError,
    UnprocessableEntityError,
)
from accordant.testing import FakeClock, Script, SentRequest
from accordant_runtime import Failure, Operation
from tests.client.support import (
    BASE_URL,
    BYTES,
    CREATE,
    DELETE,
    FILE,
    GET,
    KEY,
    OPEN,
    REPLACE,
    SEARCH,
    TEXT,
    UPDATE,
    AsyncTiny,
    Player,
    Thing,
    Tiny,
)

THING = (200, {"thing": {"id": 7, "name": "seven"}})
MADE = (201, {"thing": {"id": 8}})
WRITES: list[tuple[Operation[Any], Any]] = [(CREATE, MADE), (UPDATE, THING)]
REPEATABLE: list[tuple[Operation[Any], Any]] = [
    (GET, THING),
    (REPLACE, THING),
    (DELETE, (204, None)),
    (SEARCH, (200, [])),
]


def arguments(operation: Operation[Any]) -> dict[str, Any]:
    given: dict[str, Any] = {"id": 7} if operation.parameters else {}
    return {**given, "body": {"name": "x"}} if operation.body else given


def test_success(play: Player) -> None:
    """A success is returned as exactly its type."""
    api = play.client(Script(THING))
    assert play.do(lambda: api.things.get(7)) == Thing(7, "seven")


def test_bare_form(play: Player) -> None:
    """A record is read with and without its envelope."""
    api = play.client(Script((200, {"id": 7, "name": "seven"})))
    assert play.do(lambda: api.things.get(7)) == Thing(7, "seven")


def test_what_is_sent(play: Player) -> None:
    """A request carries the key, the media types, the client's name and the attempt's time limit."""
    script = Script(MADE)
    api = play.client(script, timeout=12)
    play.do(lambda: api.things.create({"name": "x"}))
    [sent] = script.requests
    assert (sent.method, sent.url, sent.json, sent.timeout) == ("POST", f"{BASE_URL}/v1/things", {"name": "x"}, 12)
    assert sent.headers["x-api-key"] == KEY
    assert sent.headers["content-type"] == sent.headers["accept"] == "application/json"
    assert sent.headers["user-agent"].startswith("accordant/")


def test_open_operation(play: Player) -> None:
    """An operation that needs no credentials is sent none."""
    script = Script(THING)
    api = play.client(script)
    play.do(lambda: api.things.run(OPEN))
    assert "x-api-key" not in script.requests[0].headers


def test_other_kinds_of_answers(play: Player) -> None:
    """Text, bytes, nothing and redirects come out as such."""
    api = play.client(
        Script(
            (200, b"\xc3\xa4", {"Content-Type": "text/plain; charset=utf-8"}),
            (200, b"\x89PNG", {"Content-Type": "image/png"}),
            (204, None),
            (302, b"", {"Location": "https://files.test/a"}),
        )
    )
    assert play.do(lambda: api.things.run(TEXT)) == "ä"
    assert play.do(lambda: api.things.run(BYTES)) == b"\x89PNG"
    assert play.do(lambda: api.things.run(DELETE, id=7)) is None
    assert play.do(lambda: api.things.run(FILE, id=7)) == Redirect(302, "https://files.test/a")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize(("operation", "success"), REPEATABLE)
def test_repeatable_operations_are_tried_again(
    play: Player, operation: Operation[Any], success: Any, status: int
) -> None:
    """What may be sent twice is tried again after 429, 500, 502, 503 and 504: twice by default."""
    script = Script((status, None), (status, None), success)
    api = play.client(script)
    play.do(lambda: api.things.run(operation, **arguments(operation)))
    assert len(script.requests) == 3
    assert len({(sent.method, sent.url, sent.body) for sent in script.requests}) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize(("operation", "success"), WRITES)
def test_writes_are_not_tried_again(play: Player, operation: Operation[Any], success: Any, status: int) -> None:
    """A write that may not be sent twice is not, and its error says that it may have been applied."""
    script = Script((status, None, {"Retry-After": "1"}), success)
    api = play.client(script)
    with pytest.raises(ServerStatusError) as caught:
        play.do(lambda: api.things.run(operation, **arguments(operation)))
    assert len(script.requests) == 1
    assert caught.value.may_have_been_applied


@pytest.mark.parametrize(("operation", "success"), WRITES)
def test_refused_writes_are_tried_again(play: Player, operation: Operation[Any], success: Any) -> None:
    """After 429 a write was not applied, so it is tried again."""
    script = Script((429, None, {"Retry-After": "3"}), success)
    api = play.client(script)
    play.do(lambda: api.things.run(operation, **arguments(operation)))
    assert play.clock.slept == [3.0]


@pytest.mark.parametrize(("operation", "success"), WRITES)
def test_unsent_writes_are_tried_again(play: Player, operation: Operation[Any], success: Any) -> None:
    """A write whose connection was refused never left, so it is tried again."""
    script = Script(ConnectionRefusedError("refused"), success)
    api = play.client(script)
    play.do(lambda: api.things.run(operation, **arguments(operation)))
    assert len(script.requests) == 2


@pytest.mark.parametrize("trouble", [ConnectionResetError("reset"), TimeoutError("slow")])
@pytest.mark.parametrize(("operation", "success"), WRITES)
def test_ambiguous_writes(play: Player, operation: Operation[Any], success: Any, trouble: OSError) -> None:
    """A write that got no answer raises AmbiguousOutcomeError, caused by what went wrong, and is not sent again."""
    script = Script(trouble, success)
    api = play.client(script)
    with pytest.raises(AmbiguousOutcomeError, match="may have been applied") as caught:
        play.do(lambda: api.things.run(operation, **arguments(operation)))
    assert len(script.requests) == 1
    assert isinstance(caught.value.__cause__, (NetworkError, CallTimeoutError))
    assert caught.value.operation == operation.id


def test_repeated_write_stays_ambiguous(play: Player) -> None:
    """When the first try of a PUT may have arrived, an unsent second one does not make the outcome certain."""
    script = Script(ConnectionResetError("reset"), ConnectionRefusedError("refused"), repeat=True)
    api = play.client(script, retries=1)
    with pytest.raises(AmbiguousOutcomeError):
        play.do(lambda: api.things.run(REPLACE, id=7, body={}))


def test_delete_that_was_repeated(play: Player) -> None:
    """A 404 to a repeated DELETE says that the first one may have been applied."""
    api = play.client(Script(TimeoutError("slow"), (404, None)))
    with pytest.raises(NotFoundError) as caught:
        play.do(lambda: api.things.run(DELETE, id=7))
    assert caught.value.may_have_been_applied
    assert caught.value.attempts == 2


def test_reads_are_never_ambiguous(play: Player) -> None:
    """A read that gets no answer raises what went wrong, with the operation and the number of attempts."""
    api = play.client(Script(ConnectionResetError("gone away"), repeat=True))
    for operation in (GET, SEARCH):
        with pytest.raises(NetworkError, match=rf"{operation.id}: gone away \(after 3 attempts\)"):
            play.do(partial(api.things.run, operation, **arguments(operation)))


def test_builtin_errors_catch_ours(play: Player) -> None:
    """Code that catches the builtin ConnectionError and TimeoutError catches ours."""
    api = play.client(Script(ConnectionRefusedError(), TimeoutError()), retries=0)
    with pytest.raises(ConnectionError) as refused:
        play.do(lambda: api.things.get(7))
    assert isinstance(refused.value, ConnectError)
    with pytest.raises(TimeoutError) as late:
        play.do(lambda: api.things.get(7))
    assert isinstance(late.value, CallTimeoutError)


def test_waits_grow_with_full_jitter(play: Player) -> None:
    """Without Retry-After the waits are a random part of 0.5, 1, 2... seconds, at most 8."""
    play.clock.chance = 0.5
    api = play.client(Script((503, None), repeat=True), retries=6)
    with pytest.raises(ServiceUnavailableError):
        play.do(lambda: api.things.get(7))
    assert play.clock.slept == [0.25, 0.5, 1.0, 2.0, 4.0, 4.0]


def test_retry_after_date(play: Player) -> None:
    """A Retry-After date is measured against the vendor's own clock."""
    headers = {"Retry-After": "Wed, 21 Oct 2015 07:28:05 GMT", "Date": "Wed, 21 Oct 2015 07:28:00 GMT"}
    api = play.client(Script((503, None, headers), THING))
    play.do(lambda: api.things.get(7))
    assert play.clock.slept == [5.0]


def test_long_retry_after(play: Player) -> None:
    """When the vendor asks for a longer wait than the client is willing to make, the error is raised at once."""
    script = Script((429, None, {"Retry-After": "61"}))
    api = play.client(script)
    with pytest.raises(TooManyRequestsError) as caught:
        play.do(lambda: api.things.get(7))
    assert caught.value.retry_after == 61.0
    assert play.clock.slept == []


def test_retry_count_per_client_and_call(play: Player) -> None:
    """The number of further attempts can be set for a client and for a call."""
    script = Script((503, None), repeat=True)
    api = play.client(script, retries=RetryPolicy(1))
    for options, expected in ((None, 2), (CallOptions(retries=0), 1), (CallOptions(retries=3), 4)):
        script.requests.clear()
        with pytest.raises(ServiceUnavailableError) as caught:
            play.do(partial(api.things.get, 7, options=options))
        assert len(script.requests) == caught.value.attempts == expected


def test_client_errors_are_final(play: Player) -> None:
    """An error of the 400s is not tried again; it carries what the vendor said."""
    body = {"error": "name is required", "code": "invalid"}
    script = Script((422, body, {"X-Request-Id": "req-1"}))
    api = play.client(script)
    with pytest.raises(UnprocessableEntityError) as caught:
        play.do(lambda: api.things.create({}))
    error = caught.value
    assert (error.status, error.code, error.message, error.request_id) == (422, "invalid", "name is required", "req-1")
    assert (error.operation, error.method, error.path, error.attempts) == ("createThing", "POST", "/v1/things", 1)
    assert not error.may_have_been_applied
    expected = "createThing: 422 Unprocessable Content [invalid]: name is required (request id req-1)"
    assert str(error) == expected


def test_error_without_json(play: Player) -> None:
    """An error page that is not JSON is still the right error, with the page as its body."""
    page = b"<html>Bad gateway</html>"
    api = play.client(Script((500, page, {"Content-Type": "text/html"})), retries=0)
    with pytest.raises(InternalServerError) as caught:
        play.do(lambda: api.things.get(7))
    assert caught.value.body == page


def test_hidden_error(play: Player) -> None:
    """Where a vendor says in the body of a 2xx that it failed, that is raised, with the status that the body names."""
    inner = evolve(GET, failure=Failure("status", "words", success=(200, 299)))
    flag = evolve(DELETE, failure=Failure("ok", "words", equals=False))
    api = play.client(
        Script(
            (200, {"status": 404, "words": "no such thing"}),
            (200, {"ok": False, "words": "not now"}),
            (200, {"status": 200, "thing": {"id": 7}}),
            (204, None),
        )
    )
    with pytest.raises(NotFoundError, match="getThing: 404 Not Found: no such thing"):
        play.do(lambda: api.things.run(inner, id=7))
    with pytest.raises(APIStatusError, match="deleteThing: 200 OK: not now"):
        play.do(lambda: api.things.run(flag, id=7))
    assert play.do(lambda: api.things.run(inner, id=7)) == Thing(7)
    assert play.do(lambda: api.things.run(flag, id=7)) is None


def test_undocumented_redirect(play: Player) -> None:
    """A redirect that the document does not promise is an error and never followed."""
    script = Script((301, None, {"Location": "https://elsewhere.test/"}))
    api = play.client(script)
    with pytest.raises(RedirectStatusError) as caught:
        play.do(lambda: api.things.get(7))
    assert caught.value.location == "https://elsewhere.test/"
    assert len(script.requests) == 1


def test_deadline_limits_the_attempt(play: Player) -> None:
    """An attempt gets no more time than the call has left."""
    script = Script((503, None, {"Retry-After": "6"}), THING)
    api = play.client(script, timeout=30, deadline=10)
    play.do(lambda: api.things.get(7))
    assert [sent.timeout for sent in script.requests] == [10, 4]


def test_deadline_forbids_the_wait(play: Player) -> None:
    """When the wait before the next attempt would pass the deadline, the error at hand is raised at once."""
    api = play.client(Script((503, None, {"Retry-After": "6"})), deadline=5)
    with pytest.raises(ServiceUnavailableError):
        play.do(lambda: api.things.get(7))
    assert play.clock.slept == []


def test_deadline_exceeded(play: Player) -> None:
    """An attempt cut off by the deadline raises DeadlineExceededError, one that ran into its own limit does not."""

    def hang(sent: SentRequest) -> BaseException:
        play.clock.advance(sent.timeout or 0)
        return TimeoutError("slow")

    api = play.client(Script(hang, repeat=True), timeout=4, deadline=10, retries=5)
    with pytest.raises(DeadlineExceededError, match="deadline"):
        play.do(lambda: api.things.get(7))
    assert play.clock.monotonic() <= 10
    with pytest.raises(CallTimeoutError) as caught:
        play.do(lambda: api.things.get(7, options=CallOptions(retries=0)))
    assert not isinstance(caught.value, DeadlineExceededError)


def test_no_limits(play: Player) -> None:
    """Without time limits a request is given none."""
    script = Script(THING)
    api = play.client(script, timeout=None, deadline=None)
    play.do(lambda: api.things.get(7))
    assert script.requests[0].timeout is None


def test_retry_budget(play: Player) -> None:
    """All calls of a client and its copies share one purse for retries; when it is empty, failures are final."""
    script = Script((503, None), repeat=True)
    api = play.client(script, retries=1)
    copy = api.with_options(timeout=5)
    for _ in range(100):
        with pytest.raises(ServiceUnavailableError):
            play.do(lambda: api.things.get(7))
    script.requests.clear()
    with pytest.raises(ServiceUnavailableError):
        play.do(lambda: copy.things.get(7))
    assert len(script.requests) == 1


def test_idempotency_key(play: Player) -> None:
    """A write with an idempotency key is tried again, with the same key each time."""
    script = Script((503, None), MADE)
    api = play.client(script)
    play.do(lambda: api.things.create({}, options=CallOptions(idempotency_key="once-1")))
    assert [sent.headers["idempotency-key"] for sent in script.requests] == ["once-1", "once-1"]


def test_attempt_hook(play: Player) -> None:
    """The on_attempt hook hears of every request, its result and the wait after it."""
    seen: list[Attempt] = []
    play.clock.chance = 1.0
    api = play.client(Script((503, None), ConnectionResetError(), THING), on_attempt=seen.append)
    play.do(lambda: api.things.get(7))
    told = [(item.operation, item.path, item.number, item.status, item.error, item.wait) for item in seen]
    assert told == [
        ("getThing", "/v1/things/7", 1, 503, None, 0.5),
        ("getThing", "/v1/things/7", 2, None, "NetworkError", 1.0),
        ("getThing", "/v1/things/7", 3, 200, None, None),
    ]


def test_failing_hook(play: Player, caplog: pytest.LogCaptureFixture) -> None:
    """A hook that raises does not fail the call; the log has it."""

    def broken(_attempt: Attempt) -> None:
        raise ValueError("my own mistake")

    api = play.client(Script(THING), on_attempt=broken)
    assert play.do(lambda: api.things.get(7)).id == 7
    assert "my own mistake" in caplog.text


def test_with_options(play: Player) -> None:
    """A copy has its own limits and headers, and leaves the client as it was."""
    script = Script(THING, repeat=True)
    api = play.client(script)
    copy = api.with_options(timeout=5, deadline=None, retries=0, headers={"X-Trace": "1"})
    play.do(lambda: copy.with_options(headers={"X-More": "2"}).things.get(7))
    play.do(lambda: api.things.get(7))
    first, second = script.requests
    assert (first.timeout, first.headers["x-trace"], first.headers["x-more"]) == (5, "1", "2")
    assert (second.timeout, "x-trace" in second.headers) == (30.0, False)


def test_closed_client(play: Player) -> None:
    """A closed client refuses calls, and so do its copies."""
    script = Script(THING)
    api = play.client(script)
    copy = api.with_options(timeout=5)
    play.do(api.close)
    for closed in (api, copy):
        with pytest.raises(ConfigurationError, match="closed"):
            play.do(partial(closed.things.get, 7))
    assert script.requests == []


def test_context_managers() -> None:
    """Clients are context managers that close themselves."""
    with Tiny(transport=Script(THING)) as api:
        assert api.things.get(7).id == 7
    with pytest.raises(ConfigurationError, match="closed"):
        api.things.get(7)

    async def run() -> AsyncTiny:
        async with AsyncTiny(transport=Script(THING)) as api:
            assert (await api.things.get(7)).id == 7
        return api

    closed = asyncio.run(run())
    with pytest.raises(ConfigurationError, match="closed"):
        asyncio.run(closed.things.get(7))


def test_local_refusals(play: Player) -> None:
    """Arguments that make no request are refused before anything is sent."""
    script = Script(THING)
    api = play.client(script)
    for wrong in ("", "..", "."):
        with pytest.raises(RequestError):
            play.do(partial(api.things.get, wrong))
    assert script.requests == []


def test_custom_clock_is_the_only_one() -> None:
    """Nothing in a call asks the machine for the time: durations are those of the client's clock."""
    clock = FakeClock()

    def slow(_sent: SentRequest) -> Any:
        clock.advance(2.5)
        return THING

    api = Tiny(transport=Script(slow), clock=clock)
    assert api.raw(api.things.get, 1).elapsed.total_seconds() == 2.5
