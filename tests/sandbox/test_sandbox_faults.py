"""Faults: arming, hooks, and what a faulted answer is exempt from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest

from accordant_sandbox import Sandbox, SandboxError
from accordant_sandbox.engine.auth import Principal
from accordant_sandbox.faults.base import Fault
from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.exchange import Answer, Call, Reply, Request, Wire, WireKind
from accordant_sandbox.model.paging import Window
from accordant_sandbox.model.vendor import Vendor
from tests.sandbox.toy_vendor import toy

BASE = "http://toy.sandbox.localhost/api/v1"


def _lists(operation: Operation, vendor: Vendor) -> bool:
    served = vendor.operations.served[operation.id]
    return served.plain is not None and served.plain.verb == "list"


def _everywhere(operation: Operation, vendor: Vendor) -> bool:
    return bool(operation.id and vendor.name)


def _fault(name: str, applies: Callable[[Operation, Vendor], bool] = _everywhere, **hooks: Any) -> Fault:
    return Fault(name=name, cls="test", sentence="Misbehaves.", oracle="page_walk", applies=applies, **hooks)


def _unavailable(call: Call) -> Answer:
    return call.answer({"code": "down", "message": "down"}, 503)


def _twice(_: Call, run: Callable[[], Answer]) -> Answer:
    run()
    return run()


def _nobody_checks(_: Call, __: Callable[[], Principal | None]) -> Principal:
    return Principal("anyone", "t", "admin")


def _nothing_checked(call: Call, run: Callable[[], bool]) -> bool:
    try:
        return run()
    except Exception:
        call.body = orjson.loads(call.request.body)
        return True


def _reverse(_: Call, rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    return rows[::-1]


def _one_early(_: Call, window: Window) -> Window | None:
    return replace(window, start=window.start - 1, stop=window.stop - 1) if window.start else None


def _without_items(_: Call, answer: Answer) -> Answer | None:
    if answer.status != 200:
        return None
    del answer.body["items"]
    return answer


def _counting(call: Call) -> Answer | None:
    call.memory["calls"] = call.memory.get("calls", 0) + 1
    return _unavailable(call) if call.memory["calls"] > call.options["good"] else None


def _teapot(request: Request, kind: str) -> Answer | None:
    return Answer(200, {"path": request.path}) if kind == "wrong_method" else None


def _reset(_: Call, __: Reply) -> Wire:
    return Wire("reset")


def _slow(_: Call, answer: Answer) -> Answer:
    answer.delay = 10
    return answer


FAULTS = (
    _fault("test_before", before=_unavailable),
    _fault("test_around", around=_twice),
    _fault("test_authenticate", authenticate=_nobody_checks),
    _fault("test_validate", validate=_nothing_checked),
    _fault("test_rows", _lists, rows=_reverse),
    _fault("test_window", _lists, window=_one_early),
    _fault("test_answer", _lists, answer=_without_items),
    _fault("test_memory", before=_counting, options={"good": 5}),
    _fault("test_unrouted", unrouted=_teapot),
    _fault("test_wire", wire=_reset),
    _fault("test_slow", answer=_slow),
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A toy vendor with test faults and five runs."""
    with Sandbox(toy(faults=FAULTS), seed="default:runs=5") as made:
        yield made
        made.raise_defects()


def call(sandbox: Sandbox, method: str = "GET", path: str = "/runs", body: Any = None, key: str = "toy-key") -> Any:
    """Status and parsed body."""
    raw = b"" if body is None else orjson.dumps(body)
    headers = [("X-Key", key), ("Content-Type", "application/json")]
    status, _, content = sandbox.transport(method, BASE + path, headers, raw, 5)
    return status, orjson.loads(content)


def test_before_ends_the_exchange(sandbox: Sandbox) -> None:
    """A fault before the call answers in its place; the journal names it; after the block all is well again."""
    with sandbox.fault("test_before") as armed:
        assert call(sandbox)[0] == 503
    assert armed.acted == 1
    assert call(sandbox)[0] == 200
    assert [entry.faults for entry in sandbox.journal] == [("test_before",), ()]


def test_around_may_run_twice(sandbox: Sandbox) -> None:
    """A fault around the call may run it twice, each time in a transaction of its own."""
    with sandbox.fault("test_around", on="startRun"):
        assert call(sandbox, "POST", "/systems/S1/runs", {})[0] == 201
    assert len(sandbox.state.runs) == 7


def test_authenticate_may_let_anyone_in(sandbox: Sandbox) -> None:
    """A fault around authentication decides who calls."""
    assert call(sandbox, key="junk")[0] == 401
    with sandbox.fault("test_authenticate"):
        assert call(sandbox, key="junk")[0] == 200


def test_validate_may_let_anything_in(sandbox: Sandbox) -> None:
    """A fault around admission lets an invalid body through."""
    body = {"sourceApp": "A", "systemNo": "S", "size": "huge"}
    assert call(sandbox, "POST", "/systems", body)[0] == 400
    with sandbox.fault("test_validate", on="upsertSystem"):
        assert call(sandbox, "POST", "/systems", body)[0] == 200
    assert sandbox.state.systems.one()["size"] == "huge"


def test_rows_and_window_bend_a_list(sandbox: Sandbox) -> None:
    """Faults on rows and window change order and cut of a list, nothing else."""
    codes = [row["code"] for row in call(sandbox, path="/systems/S1/runs?page_size=5")[1]["items"]]
    with sandbox.fault("test_rows", on="listSystemRuns"):
        got = call(sandbox, path="/systems/S1/runs?page_size=5")[1]["items"]
        assert [row["code"] for row in got] == codes[::-1]
    with sandbox.fault("test_window", on="list*"):
        got = call(sandbox, path="/systems/S1/runs?page=2")[1]
        assert [row["code"] for row in got["items"]] == codes[1:3]
        assert got["total"] == 5


def test_answer_is_exempt_and_cannot_reach_the_state(sandbox: Sandbox) -> None:
    """A faulted answer may break the document without being a defect, and changing it leaves the state alone."""
    with sandbox.fault("test_answer"):
        status, body = call(sandbox)
    assert status == 200
    assert "items" not in body
    assert not sandbox.defects
    assert len(call(sandbox)[1]["items"]) == 2


def test_unrouted_answers_for_no_operation(sandbox: Sandbox) -> None:
    """A fault may answer requests that no operation serves."""
    assert call(sandbox, "PATCH")[0] == 405
    with sandbox.fault("test_unrouted") as armed:
        assert call(sandbox, "PATCH")[0] == 200
        assert call(sandbox, "GET", "/nowhere")[0] == 404
    assert armed.acted == 1


def test_memory_and_options(sandbox: Sandbox) -> None:
    """An armed fault has a memory of its own and takes options."""
    with sandbox.fault("test_memory", good=2):
        assert [call(sandbox)[0] for _ in range(4)] == [200, 200, 503, 503]
    with sandbox.fault("test_memory", good=1):
        assert [call(sandbox)[0] for _ in range(2)] == [200, 503]


@pytest.mark.parametrize(
    ("how", "statuses"),
    [
        ({"times": 1}, [503, 200, 200, 200, 200, 200]),
        ({"after": 2}, [200, 200, 503, 503, 503, 503]),
        ({"every": 3}, [503, 200, 200, 503, 200, 200]),
        ({"after": 1, "every": 2, "times": 2}, [200, 503, 200, 503, 200, 200]),
    ],
)
def test_times_after_every(sandbox: Sandbox, how: dict[str, int], statuses: list[int]) -> None:
    """`times`, `after` and `every` say on which matching calls a fault acts."""
    with sandbox.fault("test_before", on="listRuns", **how):
        assert [call(sandbox)[0] for _ in range(6)] == statuses
        assert call(sandbox, path="/systems")[0] == 200


def test_wire_becomes_an_exception_in_process(sandbox: Sandbox) -> None:
    """A broken connection raises, after the request was applied; the exchange is in the journal."""
    with sandbox.fault("test_wire"), pytest.raises(ConnectionResetError):
        call(sandbox, "POST", "/systems/S1/runs", {})
    assert len(sandbox.state.runs) == 6
    assert sandbox.journal[-1].faults == ("test_wire",)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("refuse", ConnectionRefusedError),
        ("empty", ConnectionResetError),
        ("garbage", ConnectionError),
        ("truncate", ConnectionError),
        ("bad_chunk", ConnectionError),
        ("hang", TimeoutError),
        ("hang_after_headers", TimeoutError),
        ("dribble", TimeoutError),
    ],
)
def test_every_disturbance_has_its_exception(kind: WireKind, error: type[Exception]) -> None:
    """Each kind of disturbance raises the matching builtin exception in process."""

    def disturb(_: Call, __: Reply) -> Wire:
        return Wire(kind, 10)

    fault = _fault("test_kind", wire=disturb)
    with Sandbox(toy(faults=(fault,)), faults=["test_kind"]) as sandbox, pytest.raises(error):
        call(sandbox)


def test_delay_runs_on_the_clock(sandbox: Sandbox) -> None:
    """A slow answer moves the sandbox's clock; one slower than the timeout raises at once, after that much time."""
    with sandbox.fault("test_slow"):
        status, _, _ = sandbox.transport("GET", f"{BASE}/runs", [("X-Key", "toy-key")], b"", None)
        assert (status, sandbox.clock.text()) == (200, "2026-03-01T09:00:10Z")
        with pytest.raises(TimeoutError):
            sandbox.transport("GET", f"{BASE}/runs", [("X-Key", "toy-key")], b"", 3)
        assert sandbox.clock.text() == "2026-03-01T09:00:13Z"


@pytest.mark.parametrize(
    ("name", "how", "words"),
    [
        ("test_befor", {}, "unknown fault 'test_befor'; did you mean 'test_before'"),
        ("test_before", {"on": "listRun"}, "unknown operation 'listRun'; did you mean 'listRuns'"),
        ("test_rows", {"on": "startRun"}, "does not apply to 'startRun'; it applies to: listRuns, listSystemRuns"),
        ("test_before", {"times": 0}, "times and every start at 1"),
        ("test_before", {"every": 0}, "times and every start at 1"),
    ],
)
def test_impossible_faults(sandbox: Sandbox, name: str, how: dict[str, Any], words: str) -> None:
    """An unknown fault or operation, one that does not apply, and impossible counts fail at once and say why."""
    with pytest.raises(SandboxError, match=words):
        sandbox.arm(name, **how)


def test_idle_faults_are_reported(sandbox: Sandbox) -> None:
    """A fault that was armed and never acted is listed; one that acted is not."""
    with sandbox.fault("test_before", on="startRun"):
        call(sandbox)
    with sandbox.fault("test_before", on="listRuns"):
        call(sandbox)
    assert [armed.on for armed in sandbox.idle_faults] == [("startRun",)]


def test_catalogue_says_where_faults_apply(sandbox: Sandbox) -> None:
    """The catalogue lists each applicable fault with its operations, class, sentence and oracle."""
    found = {fault.name: fault for fault in sandbox.vendor.catalogue}
    assert found["test_rows"].operations == ("listRuns", "listSystemRuns", "listSystems")
    assert all(fault.sentence and fault.oracle and fault.operations for fault in sandbox.vendor.catalogue)


def test_start_faults_come_back_with_reset() -> None:
    """Faults named at the start are armed, and armed afresh by a reset; others are gone after it."""
    with Sandbox(toy(faults=FAULTS), faults=["test_before"]) as sandbox:
        sandbox.arm("test_around")
        assert call(sandbox)[0] == 503
        sandbox.reset()
        assert [armed.fault.name for armed in sandbox.engine.faults.armed] == ["test_before"]
        assert sandbox.engine.faults.armed[0].acted == 0
