"""The figures that DIBOP shows of executions and calls, and the data sets of its sandbox."""

from __future__ import annotations

import orjson
import pytest

from accordant_sandbox import Sandbox
from accordant_sandbox.model.collections import Uuid
from tests.sandbox.dibop_caller import VIN, VIN_DECODE, Api

# Figures


def test_sla(dibop: Sandbox, dibop_api: Api) -> None:
    """The SLA is the share of executions that succeeded within 7 days; running ones do not count."""
    body = dibop_api.get("/observability/sla").body
    counts = [body[f"{kind}_executions"] for kind in ("successful", "failed", "partial")]
    ended = [row for row in dibop.state.executions.all() if row["status"] != "running"]
    assert counts == [sum(row["status"] == kind for row in ended) for kind in ("success", "failed", "partial")]
    assert body["current"] == round(100 * counts[0] / sum(counts), 2)
    assert (body["target"], body["status"]) == (99.0, "breached")
    assert (body["from"], body["to"]) == ("2026-02-22T09:00:00Z", "2026-03-01T09:00:00Z")
    assert sum(row["executions"] for row in body["orchestrations"]) == sum(counts)
    empty = dibop_api.get("/observability/sla?to=2001-01-01T00:00:00Z").body
    assert (empty["current"], empty["status"], empty["last_failure_at"]) == (None, "met", None)


def test_sla_at_risk() -> None:
    """An SLA within half a point above its target is at risk."""
    with Sandbox("dibop", seed="empty", settings={"sla_target": 75.0}) as sandbox:
        sandbox.given("executions", 3, status="success")
        sandbox.given("executions", 1, status="failed")
        api = Api(sandbox)
        body = api.get("/observability/sla?to=2026-03-02T00:00:00Z").body
        assert (body["current"], body["status"]) == (75.0, "at_risk")
        sandbox.raise_defects()


def test_metrics(dibop_api: Api) -> None:
    """The charts cover a day by the hour unless asked otherwise; their points sum up to the period's calls."""
    day = dibop_api.get("/observability/metrics").body
    assert (day["from"], day["granularity"]) == ("2026-02-28T09:00:00Z", "hour")
    week = dibop_api.get("/observability/metrics?from=2026-02-20T00:00:00Z&granularity=day").body
    calls = dibop_api.rows("/api-calls?from=2026-02-20T00:00:00Z&to=2026-03-01T09:00:00Z")
    assert sum(point["success"] for point in week["api_calls"]) == sum(row["status"] == "success" for row in calls)
    assert {point["timestamp"][10:] for point in week["api_calls"]} == {"T00:00:00Z"}
    assert week["errors"] == {
        "auth": 1,
        "not_found": 1,
        "rate_limit": 1,
        "server_error": sum(row["status_code"] == 503 for row in calls),
        "timeout": sum(row["status"] == "timeout" for row in calls),
        "other": 0,
    }
    assert (week["usage"]["api_calls_quota"], week["usage"]["executions_limit"]) == (100_000, 50_000)
    assert {card["system"] for card in week["system_health"]} >= {"dms", "crm"}
    mondays = dibop_api.get("/observability/metrics?from=2026-02-20T00:00:00Z&granularity=week").body["executions"]
    assert [point["timestamp"] for point in mondays] == ["2026-02-23T00:00:00Z"]
    assert dibop_api.get("/observability/metrics?granularity=year").status == 400


def test_statistics_of_systems(dibop_api: Api) -> None:
    """Every system has its row of statistics, without calls null instead of a rate; a period may be given."""
    rows = {row["system"]: row for row in dibop_api.get("/api-calls/systems").body["items"]}
    calls = dibop_api.rows("/api-calls?system=nhtsa-vpic")
    row = rows["nhtsa-vpic"]
    assert row["total_calls"] == len(calls) == row["success_count"] + row["error_count"] + row["timeout_count"]
    assert row["success_rate"] == round(100 * row["success_count"] / len(calls), 2)
    assert row["p95_duration_ms"] == max(call["duration_ms"] for call in calls)
    assert (rows["crm"]["total_calls"], rows["crm"]["success_rate"], rows["crm"]["last_call_at"]) == (0, None, None)
    late = {
        each["system"]: each for each in dibop_api.get("/api-calls/systems?from=2026-03-01T00:00:00Z").body["items"]
    }
    assert 0 < late["nhtsa-vpic"]["total_calls"] < row["total_calls"]


@pytest.mark.parametrize("target", ["/observability/sla", "/observability/metrics", "/api-calls/systems"])
@pytest.mark.parametrize("query", ["to=0001-01-01T00:00:00Z", "from=9999-12-31T23:59:59Z", "from=0001-01-01T00:00:00Z"])
def test_figures_at_the_ends_of_time(dibop_api: Api, target: str, query: str) -> None:
    """A period at either end of the calendar is a period like any other."""
    assert dibop_api.get(f"{target}?{query}").status == 200


# Seeds


def test_seeds() -> None:
    """`empty` has accounts, systems and domains; `busy_month` has lists of many pages."""
    with Sandbox("dibop", seed="empty") as sandbox:
        api = Api(sandbox)
        assert api.rows("/orchestrations") == api.rows("/api-calls") == api.rows("/canonical/vehicle") == []
        assert len(api.rows("/canonical")) == 22
    with Sandbox("dibop", seed="busy_month:executions=450,records=210,orchestrations=205") as sandbox:
        api = Api(sandbox)
        for target in (
            "/orchestrations",
            f"/orchestrations/{VIN_DECODE}/executions",
            "/api-calls",
            "/canonical/vehicle",
        ):
            first = api.get(f"{target}?page_size=200").body
            assert (len(first["items"]), first["total"] > 200) == (200, True), target
        sandbox.raise_defects()


def test_every_collection_makes_rows(dibop: Sandbox, dibop_api: Api) -> None:
    """`given` makes valid rows of every collection that has a maker, and the API shows them."""
    for name, collection in dibop.vendor.collections.items():
        if collection.make is not None:
            assert isinstance(collection.kind, Uuid)
            assert len(dibop.given(name, 2)) == 2
    assert dibop_api.get("/orchestrations?page_size=200").status == 200
    assert "TEST" in dibop_api.rows("/canonical/vehicle")[0]["data"]["vin"]


def test_enough_faults_apply() -> None:
    """At least 25 faults of the catalogue can be switched on, each at an operation that is served."""
    faults = Sandbox.catalogue("dibop")
    assert len(faults) >= 25
    assert all(fault.operations for fault in faults)


def test_same_seed_same_answers() -> None:
    """The same seed and the same calls give the same answers, ids included."""
    answers: list[bytes] = []
    for _ in range(2):
        with Sandbox("dibop", random_seed=3) as sandbox:
            api = Api(sandbox)
            answers.append(orjson.dumps([api.run(vin=VIN), api.orchestration(), api.rows("/api-calls")]))
    assert answers[0] == answers[1]


def test_executions_never_end_before_they_begin(dibop: Sandbox, dibop_api: Api) -> None:
    """A made-up execution of another time ends at or after its start, wherever the clock stands."""
    for start in ("2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z"):
        [made] = dibop.given("executions", 1, started_at=start, status="success")
        body = dibop_api.get(f"/executions/{made['execution_id']}").body
        assert body["started_at"] == start
        assert body["completed_at"] >= start
