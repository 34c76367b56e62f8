"""Executions of DIBOP: how they begin, go on and end."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_sandbox import Sandbox, SandboxError
from tests.sandbox.dibop_caller import FAILING, INVENTORY_SYNC, SILENT, VIN, VIN_DECODE, Api

EXECUTE = f"/orchestrations/{VIN_DECODE}/execute"
CALL: dict[str, Any] = {
    "name": "decode",
    "type": "api_call",
    "connection": "nhtsa-vpic",
    "operation": "Decode VIN",
    "parameters": {"vin": "${parameters.vin}"},
}


def shape(name: str, mapping: Any, **more: Any) -> dict[str, Any]:
    """A transform step."""
    return {"name": name, "type": "transform", "transform_type": "map", "mapping": mapping, **more}


def output_of(api: Api, steps: list[dict[str, Any]], **parameters: Any) -> Any:
    """What an orchestration of these steps brings."""
    made = api.orchestration(steps=steps)
    output = api.run(made["id"], **parameters)["output"]
    api.delete(f"/orchestrations/{made['id']}")
    return output


# The three ways of progress


def test_execute_answers_at_once(dibop: Sandbox, dibop_api: Api) -> None:
    """Execute answers 202 with a running execution of the API; it ends when its time on the clock is over."""
    started = dibop_api.post(EXECUTE, {"parameters": {"vin": VIN}})
    body = started.body
    assert (started.status, body["status"], body["triggered_by"]) == (202, "running", "api")
    assert (body["orchestration_id"], body["started_at"]) == (VIN_DECODE, "2026-03-01T09:00:00Z")
    target = f"/executions/{body['execution_id']}"
    running = dibop_api.get(target).body
    assert (running["status"], running["completed_at"], running["duration_ms"]) == ("running", None, None)
    assert (running["steps_completed"], running["steps_total"], running["output"]) == (0, 2, None)
    dibop.clock.advance(seconds=1.1)
    assert [step["status"] for step in dibop_api.get(target).body["step_results"]] == ["running"]
    dibop.clock.advance(seconds=0.15)
    assert dibop_api.get(target).body["steps_completed"] == 1
    dibop.clock.advance(seconds=1)
    ended = dibop_api.get(target).body
    assert (ended["status"], ended["steps_completed"], ended["duration_ms"]) == ("success", 2, 1257)
    assert ended["output"] == {"vin": VIN, "make": "HONDA"}


def test_progress_at_once() -> None:
    """With `progress=at_once` an execution has ended when execute answers."""
    with Sandbox("dibop", settings={"progress": "at_once"}) as sandbox:
        api = Api(sandbox)
        started = api.post(EXECUTE, {"parameters": {"vin": VIN}}).body
        assert started["status"] == "success"
        assert api.get(f"/executions/{started['execution_id']}").body["completed_at"] == started["started_at"]
        sandbox.raise_defects()


def test_progress_after_reads() -> None:
    """With `progress=reads:3` it ends with the third reading; lists do not count, the trace does, time does not."""
    with Sandbox("dibop", settings={"progress": "reads:3"}) as sandbox:
        api = Api(sandbox)
        target = f"/executions/{api.post(EXECUTE, {'parameters': {'vin': VIN}}).body['execution_id']}"
        sandbox.clock.advance(minutes=10)
        assert api.get(target).body["status"] == "running"
        assert api.rows(f"/orchestrations/{VIN_DECODE}/executions")[0]["status"] == "running"
        assert api.get(f"{target}/trace").body["status"] == "running"
        assert [api.get(target).body["status"] for _ in range(2)] == ["success", "success"]
        sandbox.raise_defects()


@pytest.mark.parametrize("progress", ["soon", "reads:0", "reads:x", "3"])
def test_progress_is_checked(progress: str) -> None:
    """Another value of `progress` is refused when the sandbox is made."""
    with pytest.raises(SandboxError, match="time, at_once or reads:n"):
        Sandbox("dibop", settings={"progress": progress})


# Beginning


@pytest.mark.parametrize("status", ["draft", "paused", "archived"])
def test_only_active_runs(dibop_api: Api, status: str) -> None:
    """Only an active orchestration runs: 409."""
    made = dibop_api.orchestration(status=status)
    got = dibop_api.post(f"/orchestrations/{made['id']}/execute", {})
    assert (got.status, got.code) == (409, "CONFLICT")


def test_parameters_are_checked(dibop_api: Api) -> None:
    """A required parameter that is missing or a value of another type is 422; undeclared ones are let through."""
    for parameters in ({}, {"vin": None}, {"vin": 7}):
        got = dibop_api.post(EXECUTE, {"parameters": parameters})
        assert (got.status, got.code, got.fields) == (422, "VALIDATION_ERROR", {"parameters.vin"})
    assert dibop_api.run(vin=VIN, colour="red")["parameters"] == {"vin": VIN, "colour": "red"}


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("string", "x", 1),
        ("number", 1.5, "1.5"),
        ("integer", 3, 3.5),
        ("boolean", True, 1),
        ("datetime", "2026-01-01T00:00:00Z", "yesterday"),
        ("array", [1], {}),
        ("object", {"a": 1}, [1]),
    ],
)
def test_parameter_types(dibop_api: Api, kind: str, good: Any, bad: Any) -> None:
    """A parameter takes values of its type, and its default when it is left out."""
    parameter = {"name": "it", "type": kind, "required": True}
    made = dibop_api.orchestration(parameters=[parameter])
    target = f"/orchestrations/{made['id']}/execute"
    assert dibop_api.post(target, {"parameters": {"it": good}}).status == 202
    assert dibop_api.post(target, {"parameters": {"it": bad}}).status == 422
    relaxed = dibop_api.orchestration(name="Default", parameters=[{**parameter, "default": good}])
    assert dibop_api.run(relaxed["id"])["parameters"] == {"it": good}


def test_last_execution(dibop_api: Api) -> None:
    """An orchestration says when it ran last."""
    made = dibop_api.orchestration()
    assert made["last_execution_at"] is None
    started = dibop_api.run(made["id"])["started_at"]
    assert dibop_api.get(f"/orchestrations/{made['id']}").body["last_execution_at"] == started


# Ending


def test_failed(dibop_api: Api) -> None:
    """A step that fails ends the execution as failed: the steps after it are skipped, the error names the step."""
    ended = dibop_api.run(vin=FAILING)
    assert (ended["status"], ended["steps_completed"]) == ("failed", 0)
    assert [step["status"] for step in ended["step_results"]] == ["failed", "skipped"]
    assert ended["error"] == {"step": "decode_vin", "code": "UPSTREAM_ERROR", "message": "503 Service Unavailable"}


def test_timeout(dibop_api: Api) -> None:
    """A system that does not answer costs the step its timeout, and fails it without a status."""
    made = dibop_api.orchestration(steps=[{**CALL, "timeout_ms": 700}])
    ended = dibop_api.run(made["id"], vin=SILENT)
    assert (ended["status"], ended["error"]["code"], ended["step_results"][0]["duration_ms"]) == (
        "failed",
        "TIMEOUT",
        700,
    )
    [step] = dibop_api.get(f"/executions/{ended['execution_id']}/trace").body["steps"]
    assert (step["http_status"], step["output"]) == (None, None)


def test_partial(dibop_api: Api) -> None:
    """An execution that goes on after a failed step ends as partial."""
    ended = dibop_api.run(INVENTORY_SYNC, vin=FAILING)
    assert (ended["status"], ended["steps_completed"], ended["steps_total"]) == ("partial", 1, 2)
    assert [step["status"] for step in ended["step_results"]] == ["failed", "success"]


@pytest.mark.parametrize(("backoff", "duration"), [("fixed", 245 * 3 + 200), ("exponential", 245 * 3 + 300)])
def test_retries(dibop_api: Api, backoff: str, duration: int) -> None:
    """Under `retry` a failing step is tried again as often as said, after growing waits; each try is a logged call."""
    handling = {"on_error": "retry", "max_retries": 2, "retry_delay_ms": 100, "backoff": backoff}
    made = dibop_api.orchestration(steps=[CALL], error_handling=handling)
    ended = dibop_api.run(made["id"], vin=FAILING)
    [step] = ended["step_results"]
    assert (ended["status"], step["attempts"], step["duration_ms"]) == ("failed", 3, duration)
    calls = [row for row in dibop_api.rows("/api-calls") if row["execution_id"] == ended["execution_id"]]
    assert [(row["status"], row["status_code"]) for row in calls] == [("error", 503)] * 3


@pytest.mark.parametrize(
    ("action", "status", "steps"),
    [("continue", "partial", ["failed", "success", "success"]), ("abort", "failed", ["failed", "skipped", "skipped"])],
)
def test_error_handler(dibop_api: Api, action: str, status: str, steps: list[str]) -> None:
    """An error handler decides about the failure of the steps that it names, and may stand in for their output."""
    handler = {
        "name": "rescue",
        "type": "error_handler",
        "handles": ["decode"],
        "action": action,
        "fallback_output": {"make": "unknown"},
    }
    made = dibop_api.orchestration(steps=[CALL, handler, shape("after", {"make": "${decode.output.make}"})])
    ended = dibop_api.run(made["id"], vin=FAILING)
    assert (ended["status"], [step["status"] for step in ended["step_results"]]) == (status, steps)
    assert ended["output"] == ({"make": "unknown"} if action == "continue" else None)
    fine = dibop_api.run(made["id"], vin=VIN)
    assert [step["status"] for step in fine["step_results"]] == ["success", "skipped", "success"]


@pytest.mark.parametrize(
    ("size", "statuses"), [(10, ["success", "success", "skipped"]), (3, ["success", "skipped", "success"])]
)
def test_conditional(dibop_api: Api, size: int, statuses: list[str]) -> None:
    """Of the two branches of a condition the steps of one are skipped."""
    condition = {
        "name": "big",
        "type": "conditional",
        "condition": "${parameters.size} > 5",
        "then_steps": ["large"],
        "else_steps": ["small"],
    }
    made = dibop_api.orchestration(steps=[condition, shape("large", {"is": "large"}), shape("small", {"is": "small"})])
    ended = dibop_api.run(made["id"], size=size)
    assert [step["status"] for step in ended["step_results"]] == statuses
    assert ended["status"] == "success"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"connection": "rest-countries"}, "CONNECTION_MISSING"),
        ({"connection": "nobody"}, "CONNECTION_MISSING"),
        ({"operation": "Fly"}, "UNKNOWN_OPERATION"),
    ],
)
def test_calls_that_cannot_be_made(dibop_api: Api, changes: dict[str, str], code: str) -> None:
    """A step without a connection or with an unknown operation fails, and no call is logged."""
    made = dibop_api.orchestration(steps=[{**CALL, **changes}])
    ended = dibop_api.run(made["id"], vin=VIN)
    assert (ended["status"], ended["error"]["code"]) == ("failed", code)
    assert ended["execution_id"] not in [row["execution_id"] for row in dibop_api.rows("/api-calls")]


# Expressions and transforms


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("${parameters.car.vin}", "V1"),
        ("car ${parameters.car.vin}, ${parameters.count} of ${parameters.none}", "car V1, 2 of "),
        ("${parameters.list[0].id}", 1),
        ("${parameters.list[-1].id}", 2),
        ("${parameters.list[*].id}", [1, 2]),
        ("${parameters.list[?(@.state=='active')].id}", [2]),
        ("${parameters.list[?(@.state!='active')].id}", [1]),
        ("${parameters.list[9].id}", None),
        ("${parameters.car}", {"vin": "V1"}),
        ("${_context.timestamp}", "2026-03-01T09:00:00Z"),
        ("${unknown.field}", None),
        ("${not an expression", "${not an expression"),
    ],
)
def test_expressions(dibop_api: Api, expression: str, value: Any) -> None:
    """`${...}` reaches parameters and context by names, indexes, wildcards and filters; what is not there is null."""
    items = [{"id": 1, "state": "sold"}, {"id": 2, "state": "active"}]
    output = output_of(dibop_api, [shape("one", {"it": expression})], car={"vin": "V1"}, count=2, none=None, list=items)
    assert output == {"it": value}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("${parameters.a} == 'x'", True),
        ("${parameters.a} != 'x'", False),
        ("${parameters.n} >= 2", True),
        ("${parameters.n} < ${parameters.a}", False),
        ("${parameters.list[?(@.s=='on')].s}", True),
        ("${parameters.list[?(@.s=='off')].s}", False),
        ("${parameters.missing}", False),
        ("true", True),
        ("${parameters.missing} == null", True),
    ],
)
def test_conditions(dibop_api: Api, condition: str, holds: bool) -> None:
    """A condition compares two operands, or asks whether one is there."""
    step = {"name": "it", "type": "conditional", "condition": condition, "then_steps": ["yes"], "else_steps": ["no"]}
    output = output_of(
        dibop_api, [step, shape("yes", {"is": True}), shape("no", {"is": False})], a="x", n=2, list=[{"s": "on"}]
    )
    assert output == {"is": holds}


@pytest.mark.parametrize(
    ("kind", "mapping", "output"),
    [
        ("map", {"b": "${first.output.a}"}, {"b": 1}),
        ("merge", {"c": 3}, {"a": 1, "x": 2, "c": 3}),
        ("extract", {}, {"a": 1}),
        ("filter", {"a": 1}, [{"a": 1}]),
    ],
)
def test_transforms(dibop_api: Api, kind: str, mapping: dict[str, Any], output: Any) -> None:
    """A transform maps, merges, extracts or filters the outputs of earlier steps."""
    step = shape("second", mapping, transform_type=kind, input=["${first.output}", "${parameters.more}"])
    assert output_of(dibop_api, [shape("first", {"a": 1}), step], more={"x": 2}) == output


# Showing


def test_list_of_executions(dibop_api: Api) -> None:
    """The executions of an orchestration come newest first, filtered by status, trigger and start."""
    target = f"/orchestrations/{VIN_DECODE}/executions"
    rows = dibop_api.rows(target)
    starts = [row["started_at"] for row in rows]
    assert starts == sorted(starts, reverse=True)
    assert {row["status"] for row in rows} == {"running", "success", "failed"}
    assert {row["status"] for row in dibop_api.rows(f"{target}?status=failed")} == {"failed"}
    assert {row["triggered_by"] for row in dibop_api.rows(f"{target}?triggered_by=manual")} == {"manual"}
    assert [row["started_at"] for row in dibop_api.rows(f"{target}?from={starts[2]}&to={starts[0]}")] == starts[1:3]
    assert "step_results" not in rows[0]


@pytest.mark.parametrize("target", [f"/orchestrations/{VIN_DECODE}/executions", "/api-calls", "/observability/sla"])
@pytest.mark.parametrize(
    "query", ["from=yesterday", "to=2026-13-01T00:00:00Z", "from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z"]
)
def test_periods_refused(dibop_api: Api, target: str, query: str) -> None:
    """An instant that is none, and a period that ends before it begins, are 400."""
    got = dibop_api.get(f"{target}?{query}")
    assert (got.status, got.code) == (400, "BAD_REQUEST")


def test_trace(dibop_api: Api) -> None:
    """A trace has every step in order with what it got and brought; a skipped one has no times."""
    ended = dibop_api.run(vin=VIN)
    body = dibop_api.get(f"/executions/{ended['execution_id']}/trace").body
    first, second = body["steps"]
    assert (first["index"], first["name"], first["input"]) == (1, "decode_vin", {"vin": VIN})
    assert first["target"] == {"system": "nhtsa-vpic", "system_name": "NHTSA VPIC", "operation": "Decode VIN"}
    assert (first["output"]["status_code"], first["http_status"], first["duration_ms"]) == (200, 200, 245)
    assert second["input"] == [first["output"]["response"]]
    failed = dibop_api.run(vin=FAILING)
    skipped = dibop_api.get(f"/executions/{failed['execution_id']}/trace").body["steps"][1]
    assert (skipped["status"], skipped["started_at"], skipped["duration_ms"]) == ("skipped", None, None)


def test_unknown_executions(dibop_api: Api) -> None:
    """An unknown execution is 404, in detail and as a trace."""
    assert dibop_api.get("/executions/unknown").status == 404
    assert dibop_api.get("/executions/unknown/trace").status == 404


def test_personal_data_is_masked(dibop_api: Api) -> None:
    """Personal data is `***` in traces and call logs, and readable in canonical records."""
    step = {**CALL, "connection": "crm", "operation": "Find Customer", "parameters": {"email": "${parameters.email}"}}
    made = dibop_api.orchestration(steps=[step])
    ended = dibop_api.run(made["id"], email="ada@example.com")
    [traced] = dibop_api.get(f"/executions/{ended['execution_id']}/trace").body["steps"]
    [call] = [row for row in dibop_api.rows("/api-calls") if row["execution_id"] == ended["execution_id"]]
    assert traced["input"] == call["request_payload"] == {"email": "***"}
    assert call["response_payload"]["first_name"] == traced["output"]["response"]["first_name"] == "***"
    assert [row["data"]["email"] for row in dibop_api.rows("/canonical/customer")][-1] == "ada@example.com"


def test_calls_are_logged(dibop_api: Api) -> None:
    """Every call of a step is a row of the log with its orchestration and execution, filtered by system and status."""
    ended = dibop_api.run(vin=VIN)
    call = dibop_api.rows("/api-calls")[0]
    assert (call["system"], call["method"], call["status"], call["status_code"]) == (
        "nhtsa-vpic",
        "GET",
        "success",
        200,
    )
    assert (call["execution_id"], call["orchestration_id"]) == (ended["execution_id"], VIN_DECODE)
    assert call["duration_ms"] == 245
    for query, field, value in (("system=dms", "system", "dms"), ("status=timeout", "status", "timeout")):
        rows = dibop_api.rows(f"/api-calls?{query}")
        assert {row[field] for row in rows} == {value}
    assert dibop_api.rows("/api-calls?system=nobody") == []
    assert dibop_api.rows("/api-calls?status=timeout")[0]["status_code"] is None
    stamps = [row["timestamp"] for row in dibop_api.rows("/api-calls")]
    assert stamps == sorted(stamps, reverse=True)
    inside = dibop_api.rows(f"/api-calls?from={stamps[3]}&to={stamps[0]}")
    assert {row["timestamp"] for row in inside} == {stamp for stamp in stamps if stamps[3] <= stamp < stamps[0]}


def test_people_and_schedules_run_too(dibop: Sandbox, dibop_api: Api) -> None:
    """What a person or a schedule runs is told apart by `triggered_by`."""
    for triggered_by in ("manual", "scheduled"):
        key = dibop.act.run(orchestration_id=VIN_DECODE, triggered_by=triggered_by, parameters={"vin": VIN})
        assert dibop_api.get(f"/executions/{key}").body["triggered_by"] == triggered_by


def test_systems_out_of_order_fail_steps(dibop: Sandbox, dibop_api: Api) -> None:
    """A system that is set to refuse credentials fails the steps that call it."""
    dibop.act.set_system(system="nhtsa-vpic", outcome="auth_error")
    assert dibop_api.run(vin=VIN)["error"]["message"] == "401 Unauthorized"
