"""Orchestrations, systems, canonical records and alert rules of DIBOP."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_sandbox import Sandbox
from tests.sandbox.dibop_caller import INVENTORY_SYNC, VIN, VIN_DECODE, Api

RULE: dict[str, Any] = {
    "name": "Failures",
    "type": "execution_failure",
    "condition": {},
    "notification": {"email": {"recipients": ["ops@example.com"]}},
}
STEP: dict[str, Any] = {"name": "shape", "type": "transform", "transform_type": "map", "mapping": {"a": 1}}
LISTS = (
    "/orchestrations",
    f"/orchestrations/{VIN_DECODE}/executions",
    "/systems",
    "/systems/nhtsa-vpic/apis",
    "/api-calls",
    "/canonical",
    "/canonical/vehicle",
    "/alert-rules",
)


@pytest.mark.parametrize("target", LISTS)
def test_lists_page(dibop_api: Api, target: str) -> None:
    """Every list pages by `page` and `page_size`, 50 rows by default, and its pages put together are the whole."""
    whole = dibop_api.get(target).body
    assert (whole["page"], whole["page_size"], whole["total"]) == (1, 50, len(whole["items"]))
    pages = [dibop_api.get(f"{target}?page={number}&page_size=2").body for number in range(1, whole["total"] + 1)]
    assert [row for page in pages for row in page["items"]] == whole["items"]
    assert pages[0]["total_pages"] == -(-whole["total"] // 2)
    assert len(whole["items"]) >= 2


@pytest.mark.parametrize("target", LISTS)
@pytest.mark.parametrize("query", ["page=0", "page_size=0", "page_size=201", "page=x", "page_size=1.5"])
def test_pages_refused(dibop_api: Api, target: str, query: str) -> None:
    """A page below 1, a size beyond 1 to 200 and what is no number are 400."""
    got = dibop_api.get(f"{target}?{query}")
    assert (got.status, got.code, got.fields) == (400, "BAD_REQUEST", {query.split("=")[0]})


def test_page_past_the_end(dibop_api: Api) -> None:
    """A page past the end is 200 and empty; 200 rows may be asked for."""
    body = dibop_api.get("/orchestrations?page=99&page_size=200").body
    assert (body["items"], body["page"], body["page_size"]) == ([], 99, 200)


def test_orchestration_defaults(dibop_api: Api) -> None:
    """A new orchestration is a draft with a manual trigger and no steps, and says where it is and who made it."""
    got = dibop_api.post("/orchestrations", {"name": "Only a name", "unknown": 1})
    body = got.body
    assert got.status == 201
    assert got.headers["location"] == f"/api/v1/orchestrations/{body['id']}"
    assert (body["status"], body["trigger"]["type"], body["steps"]) == ("draft", "manual", [])
    assert body["error_handling"]["on_error"] == "abort"
    assert body["created_by"] == "admin@northgate.example.com"
    assert "unknown" not in body
    assert dibop_api.get(f"/orchestrations/{body['id']}").body == body


def test_orchestration_rows(dibop_api: Api) -> None:
    """The list shows a summary with the number of steps, the newest first, and filters by status."""
    made = dibop_api.orchestration(steps=[STEP])
    rows = dibop_api.rows("/orchestrations")
    assert (rows[0]["id"], rows[0]["step_count"]) == (made["id"], 1)
    assert "steps" not in rows[0]
    assert {row["status"] for row in dibop_api.rows("/orchestrations?status=draft")} == {"draft"}
    assert dibop_api.get("/orchestrations?status=asleep").status == 400


def test_names_are_unique_in_an_enterprise(dibop: Sandbox, dibop_api: Api) -> None:
    """A second orchestration of a name is 409; another enterprise may use the name."""
    other = Api(dibop, "other_enterprise")
    for target, body, name in (("/orchestrations", {}, "VIN decode"), ("/alert-rules", RULE, "SLA below 99")):
        got = dibop_api.post(target, {**body, "name": name})
        assert (got.status, got.code, got.fields) == (409, "CONFLICT", {"name"})
        assert other.post(target, {**body, "name": name}).status == 201
    renamed = dibop_api.put(f"/orchestrations/{INVENTORY_SYNC}", {"name": "VIN decode"})
    assert renamed.status == 409


def test_put_replaces_everything(dibop_api: Api) -> None:
    """PUT replaces the whole record: what is left out takes its default, the author and the beginning stay."""
    made = dibop_api.orchestration(description="Before", steps=[STEP])
    dibop_api.sandbox.clock.advance(minutes=5)
    body = dibop_api.put(f"/orchestrations/{made['id']}", {"name": "After"}).body
    assert (body["name"], body["description"], body["status"], body["steps"]) == ("After", None, "draft", [])
    assert (body["created_at"], body["created_by"]) == (made["created_at"], made["created_by"])
    assert body["updated_at"] > made["updated_at"]
    rule = dibop_api.post("/alert-rules", {**RULE, "cooldown_minutes": 5, "description": "Before"}).body
    replaced = dibop_api.put(f"/alert-rules/{rule['id']}", RULE).body
    assert (replaced["cooldown_minutes"], replaced["description"], replaced["enabled"]) == (60, None, True)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"steps": [STEP, STEP]}, "steps"),
        ({"steps": [{**STEP, "name": "parameters"}]}, "steps"),
        ({"trigger": {"type": "scheduled"}}, "trigger"),
    ],
)
def test_contradictions(dibop_api: Api, values: dict[str, Any], field: str) -> None:
    """Step names that stand twice or are reserved, and a schedule without a cron expression, are 422."""
    got = dibop_api.post("/orchestrations", {"name": "x", **values})
    assert (got.status, got.code, got.fields) == (422, "VALIDATION_ERROR", {field})


@pytest.mark.parametrize("name", ["_context", "1st", "two words"])
def test_step_names_are_identifiers(dibop_api: Api, name: str) -> None:
    """A step's name can be used in expressions, so it is an identifier."""
    assert dibop_api.post("/orchestrations", {"name": "x", "steps": [{**STEP, "name": name}]}).status == 422


def test_archived_takes_a_status_alone(dibop_api: Api) -> None:
    """An archived orchestration takes a change of its status and nothing else: 409."""
    made = dibop_api.orchestration(status="archived", steps=[STEP])
    changed = {"name": made["name"], "steps": made["steps"], "status": "archived", "description": "New"}
    got = dibop_api.put(f"/orchestrations/{made['id']}", changed)
    assert (got.status, got.code) == (409, "CONFLICT")
    back = dibop_api.put(f"/orchestrations/{made['id']}", {**changed, "description": None, "status": "active"})
    assert (back.status, back.body["status"]) == (200, "active")


def test_delete(dibop_api: Api) -> None:
    """DELETE answers 204 without a body; the orchestration is gone, its executions can still be read."""
    made = dibop_api.orchestration(steps=[STEP])
    execution = dibop_api.run(made["id"])
    got = dibop_api.delete(f"/orchestrations/{made['id']}")
    assert (got.status, got.content) == (204, b"")
    assert dibop_api.get(f"/orchestrations/{made['id']}").status == 404
    assert dibop_api.get(f"/orchestrations/{made['id']}/executions").status == 404
    assert dibop_api.get(f"/executions/{execution['execution_id']}").body["status"] == "success"
    assert dibop_api.delete(f"/orchestrations/{made['id']}").status == 404


def test_running_is_not_deleted(dibop_api: Api) -> None:
    """An orchestration with a running execution is not deleted (409); once it has ended, it is."""
    made = dibop_api.orchestration(steps=[STEP])
    dibop_api.post(f"/orchestrations/{made['id']}/execute", {})
    assert dibop_api.delete(f"/orchestrations/{made['id']}").status == 409
    dibop_api.sandbox.clock.advance(minutes=1)
    assert dibop_api.delete(f"/orchestrations/{made['id']}").status == 204


def test_systems(dibop: Sandbox, dibop_api: Api) -> None:
    """The catalogue lists published connectors and the caller's own drafts, never a credential; `type` filters."""
    rows = {row["slug"]: row for row in dibop_api.rows("/systems")}
    assert {"nhtsa-vpic", "mercedes-benz-oneapi", "openweathermap", "rest-countries", "dms", "crm"} < rows.keys()
    assert rows["telematics-pilot"]["state"] == "draft"
    assert "telematics-pilot" not in [row["slug"] for row in Api(dibop, "viewer").rows("/systems")]
    assert [row["slug"] for row in dibop_api.rows("/systems?type=dms")] == ["dms"]
    assert (rows["dms"]["is_stub"], rows["rest-countries"]["connected"]) == (True, False)
    assert not any("secret" in key or "credential" in key for row in rows.values() for key in row)


def test_system_apis(dibop_api: Api) -> None:
    """The operations of a system hang under its slug; an unknown one is 404."""
    assert [row["name"] for row in dibop_api.rows("/systems/nhtsa-vpic/apis")] == ["Decode VIN", "Get All Makes"]
    assert dibop_api.get("/systems/unknown/apis").status == 404


@pytest.mark.parametrize(
    ("outcome", "http_status", "health"),
    [
        ("online", 200, "healthy"),
        ("offline", 503, "offline"),
        ("timeout", None, "offline"),
        ("auth_error", 401, "offline"),
    ],
)
def test_ping(dibop: Sandbox, dibop_api: Api, outcome: str, http_status: int | None, health: str) -> None:
    """A ping is 200 whatever the system does, says how it went, and sets the system's health."""
    dibop.act.set_system(system="dms", outcome=outcome)
    got = dibop_api.post("/systems/dms/ping")
    assert (got.status, got.body["system"], got.body["status"]) == (200, "dms", outcome)
    assert got.body["http_status"] == http_status
    [system] = dibop_api.rows("/systems?type=dms")
    assert (system["health"], system["last_checked_at"]) == (health, got.body["checked_at"])


def test_ping_refused(dibop_api: Api) -> None:
    """An unknown system is 404, one that the enterprise has no connection to 409."""
    assert dibop_api.post("/systems/unknown/ping").status == 404
    assert dibop_api.post("/systems/rest-countries/ping").status == 409


def test_domains(dibop_api: Api) -> None:
    """There are 22 domains in four categories, each with its fields, their rules for personal data, and a count."""
    rows = {row["domain"]: row for row in dibop_api.rows("/canonical")}
    assert len(rows) == 22
    assert {row["category"] for row in rows.values()} == {"core_business", "operational", "financial", "recycling_eol"}
    fields = {field["name"]: field for field in rows["customer"]["fields"]}
    assert (fields["customer_id"]["required"], fields["customer_id"]["pii"]) == (True, "none")
    assert (fields["email"]["pii"], fields["created_date"]["type"]) == ("pii", "datetime")
    assert {field["pii"] for field in rows["payroll_run"]["fields"]} == {"none", "sensitive_pii"}
    before = rows["vehicle"]["record_count"]
    dibop_api.post("/canonical/vehicle", {"data": {"vin": "WDB9634031L000777"}})
    after = {row["domain"]: row for row in dibop_api.rows("/canonical")}
    assert (before, after["vehicle"]["record_count"]) == (4, 5)


def test_every_domain_takes_and_shows_records(dibop_api: Api) -> None:
    """Each domain takes a record with nothing but its required fields, and gives it back by its id."""
    for domain in dibop_api.rows("/canonical"):
        keys = {field["name"]: "K" * 17 for field in domain["fields"] if field["required"]}
        got = dibop_api.post(f"/canonical/{domain['domain']}", {"data": keys})
        assert (got.status, got.body["data"], got.body["domain"]) == (201, keys, domain["domain"])
        assert dibop_api.get(f"/canonical/{domain['domain']}/{got.body['id']}").body == got.body


def test_record_fits_its_domain(dibop_api: Api) -> None:
    """A body that does not fit the domain of the path is 422; fields beyond the known ones are kept."""
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("vehicle", {"vin": "TOO SHORT"}),
        ("vehicle", {"vin": VIN, "year": "2003"}),
        ("part", {"name": "Without its number"}),
        ("customer", {"part_number": "P-1"}),
    ]
    for domain, data in wrong:
        got = dibop_api.post(f"/canonical/{domain}", {"data": data})
        assert (got.status, got.code) == (422, "VALIDATION_ERROR"), data
    kept = {"part_number": "P-1", "shelf": {"row": 3}, "name": None}
    assert dibop_api.post("/canonical/part", {"data": kept}).body["data"] == kept


def test_business_key_is_unique(dibop: Sandbox, dibop_api: Api) -> None:
    """A second record with a business key is 409 in the domain; in another enterprise it is free."""
    got = dibop_api.post("/canonical/vehicle", {"data": {"vin": VIN}})
    assert (got.status, got.code) == (409, "CONFLICT")
    assert Api(dibop, "other_enterprise").post("/canonical/vehicle", {"data": {"vin": VIN}}).status == 201


def test_records_by_id(dibop_api: Api) -> None:
    """A record is read by its id, not by its VIN, and only in its own domain; an unknown domain is 404."""
    [row] = dibop_api.rows("/canonical/vehicle?page=1&page_size=1")
    assert dibop_api.get(f"/canonical/vehicle/{row['id']}").body == row
    assert dibop_api.get(f"/canonical/customer/{row['id']}").status == 404
    assert dibop_api.get(f"/canonical/vehicle/{row['data']['vin']}").status == 404
    assert dibop_api.get("/canonical/spaceship").status == 404
    assert dibop_api.post("/canonical/part", {"data": {"part_number": "P"}, "source_system": "nobody"}).status == 422


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("execution_failure", {}, {"trigger_on": "any"}),
        ("sla_breach", {"threshold": 98}, {"metric": "success_rate", "threshold": 98, "window": "P7D"}),
        ("system_down", {}, {"failed_checks": 3}),
        ("latency_threshold", {"threshold_ms": 900}, {"threshold_ms": 900, "window": "PT1H"}),
        ("error_rate_spike", {}, {"threshold": 10, "window": "PT1H"}),
    ],
)
def test_conditions_have_defaults(dibop_api: Api, kind: str, given: dict[str, Any], expected: dict[str, Any]) -> None:
    """A condition takes the defaults of its rule's type for what is left out."""
    body = dibop_api.post("/alert-rules", {**RULE, "type": kind, "condition": given}).body
    assert expected.items() <= body["condition"].items()
    assert (body["severity"], body["cooldown_minutes"], body["scope"]["kind"]) == ("warning", 60, "all")


def test_consecutive_failures_need_orchestrations(dibop_api: Api) -> None:
    """Consecutive failures are counted for named orchestrations that exist: 422 otherwise."""
    rule = {**RULE, "type": "consecutive_failures"}
    scopes: list[dict[str, Any]] = [
        {},
        {"scope": {"kind": "orchestrations"}},
        {"scope": {"kind": "orchestrations", "orchestration_ids": ["unknown"]}},
    ]
    assert {dibop_api.post("/alert-rules", {**rule, **scope}).status for scope in scopes} == {422}
    good = {"kind": "orchestrations", "orchestration_ids": [VIN_DECODE]}
    got = dibop_api.post("/alert-rules", {**rule, "scope": good})
    assert (got.status, got.body["condition"]["threshold"]) == (201, 3)


def test_alert_rules_need_a_channel(dibop_api: Api) -> None:
    """A rule names at least one channel, and an e-mail channel at least one recipient."""
    wrong: list[dict[str, Any]] = [{}, {"email": {"recipients": []}}]
    for notification in wrong:
        assert dibop_api.post("/alert-rules", {**RULE, "notification": notification}).status == 422


def test_alert_rule_is_deleted(dibop_api: Api) -> None:
    """A deleted rule is out of the list, and can be neither changed nor deleted again."""
    rule = dibop_api.post("/alert-rules", RULE).body
    assert rule in dibop_api.rows("/alert-rules")
    assert dibop_api.delete(f"/alert-rules/{rule['id']}").status == 204
    assert rule["id"] not in [row["id"] for row in dibop_api.rows("/alert-rules")]
    assert dibop_api.put(f"/alert-rules/{rule['id']}", RULE).status == 404
    assert dibop_api.delete(f"/alert-rules/{rule['id']}").status == 404
