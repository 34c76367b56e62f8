"""What reaches DIBOP from outside, what it tells others, and the figures that it shows."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import orjson
import pytest

from accordant_sandbox import Sandbox
from accordant_sandbox.http.response_validation import validate_webhook
from tests.sandbox.dibop_caller import (
    FAILING,
    INVENTORY_SYNC,
    SECRET,
    VEHICLE_EVENT,
    VIN,
    VIN_DECODE,
    WEBHOOK,
    Api,
    Got,
)

EVENT: dict[str, Any] = {"event": "vehicle_updated", "vin": VIN, "timestamp": "2026-04-08T10:30:00Z"}
HOOK = "http://127.0.0.1:9/alerts"


def send(
    sandbox: Sandbox, body: Any = None, secret: str | None = SECRET, webhook: str = WEBHOOK, raw: bytes = b""
) -> Got:
    """Send an incoming webhook, without any bearer token."""
    headers = {} if secret is None else {"X-Webhook-Secret": secret}
    return Api(sandbox, None).call("POST", f"/webhooks/{webhook}", body, headers, raw)


def rule(api: Api, kind: str, condition: dict[str, Any] | None = None, **more: Any) -> Any:
    """A new alert rule with a webhook channel."""
    notification = {"webhook": {"url": HOOK}}
    values = {"name": f"Test {kind}", "type": kind, "condition": condition or {}, "notification": notification}
    got = api.post("/alert-rules", {**values, **more})
    assert got.status == 201, got.content
    return got.body


def alerts(sandbox: Sandbox, name: str) -> list[Any]:
    """The alerts that a rule sent."""
    return [each.body for each in sandbox.outbox.deliveries if each.body.get("alert_rule") == name]


# Incoming webhooks


def test_webhook_starts_an_execution(dibop: Sandbox, dibop_api: Api) -> None:
    """A webhook with its secret is 202 and runs its orchestration; the body's keys are the parameters."""
    got = send(dibop, EVENT)
    assert (got.status, got.body["accepted"]) == (202, True)
    started = dibop_api.get(f"/executions/{got.body['execution_id']}").body
    assert (started["orchestration_id"], started["triggered_by"]) == (VEHICLE_EVENT, "event")
    assert started["parameters"] == EVENT


@pytest.mark.parametrize("secret", [None, "wrong", ""])
def test_webhook_secret(dibop: Sandbox, secret: str | None) -> None:
    """A missing or wrong secret is 401; an administrator's token does not replace it."""
    got = send(dibop, EVENT, secret)
    assert (got.status, got.code) == (401, "UNAUTHORIZED")
    assert Api(dibop).post(f"/webhooks/{WEBHOOK}", EVENT).status == 401


def test_unknown_webhook(dibop: Sandbox) -> None:
    """An unknown webhook is 404."""
    assert send(dibop, EVENT, webhook="unknown").status == 404


@pytest.mark.parametrize("raw", [b"{", b"[]", b'"text"', b"7"])
def test_webhook_body_is_an_object(dibop: Sandbox, raw: bytes) -> None:
    """A body that is no JSON object is 400."""
    got = send(dibop, raw=raw)
    assert (got.status, got.code) == (400, "BAD_REQUEST")


def test_webhook_conflicts(dibop: Sandbox, dibop_api: Api) -> None:
    """Another event than the trigger's, a webhook that is off, and an orchestration that is not active are 409."""
    row = dibop_api.get(f"/orchestrations/{VEHICLE_EVENT}").body
    dibop_api.put(f"/orchestrations/{VEHICLE_EVENT}", {**row, "trigger": {**row["trigger"], "event": "vehicle_sold"}})
    assert send(dibop, EVENT).status == 409
    assert send(dibop, {**EVENT, "event": "vehicle_sold"}).status == 202
    dibop_api.put(f"/orchestrations/{VEHICLE_EVENT}", row)
    dibop.act.set_webhook(webhook_id=WEBHOOK, enabled=False)
    assert send(dibop, EVENT).status == 409
    dibop.act.set_webhook(webhook_id=WEBHOOK, enabled=True)
    dibop_api.put(f"/orchestrations/{VEHICLE_EVENT}", {**row, "status": "paused"})
    assert send(dibop, EVENT).status == 409


def test_webhook_parameters_are_checked(dibop: Sandbox) -> None:
    """A webhook whose body lacks a required parameter of the orchestration is 400."""
    [made] = dibop.given("webhooks", 1, orchestration_id=VIN_DECODE, secret="s")
    assert send(dibop, {"event": "x"}, "s", made["id"]).status == 400
    assert send(dibop, {"vin": VIN}, "s", made["id"]).status == 202


# Outgoing alerts


def test_failure_is_told(dibop: Sandbox, dibop_api: Api) -> None:
    """A failed execution posts the documented JSON to the URL of the rule's webhook channel."""
    made = rule(dibop_api, "execution_failure", severity="critical")
    ended = dibop_api.run(vin=FAILING)
    [alert] = alerts(dibop, made["name"])
    assert alert["link"].endswith(ended["execution_id"])
    assert {name: alert[name] for name in ("severity", "metric", "threshold", "actual_value")} == {
        "severity": "critical",
        "metric": "failed_executions",
        "threshold": 1.0,
        "actual_value": 1.0,
    }
    changed = next(row for row in dibop_api.rows("/alert-rules") if row["id"] == made["id"])
    assert changed["last_triggered_at"] == alert["triggered_at"]


def test_critical_failures_only(dibop: Sandbox, dibop_api: Api) -> None:
    """With `trigger_on=critical` a failure that error handling recovered from is not told."""
    made = rule(dibop_api, "execution_failure", {"trigger_on": "critical"}, cooldown_minutes=0)
    assert dibop_api.run(INVENTORY_SYNC, vin=FAILING)["status"] == "partial"
    assert alerts(dibop, made["name"]) == []
    dibop_api.run(vin=FAILING)
    assert len(alerts(dibop, made["name"])) == 1


def test_cooldown(dibop: Sandbox, dibop_api: Api) -> None:
    """A rule that fired is silent until its cooldown is over."""
    made = rule(dibop_api, "execution_failure", cooldown_minutes=10)
    for _ in range(3):
        dibop_api.run(vin=FAILING)
    assert len(alerts(dibop, made["name"])) == 1
    dibop.clock.advance(minutes=10)
    dibop_api.run(vin=FAILING)
    assert len(alerts(dibop, made["name"])) == 2


def test_scope_and_switch(dibop: Sandbox, dibop_api: Api) -> None:
    """A rule looks at the orchestrations of its scope alone, and not at all when it is off."""
    scope = {"kind": "orchestrations", "orchestration_ids": [INVENTORY_SYNC]}
    made = rule(dibop_api, "execution_failure", scope=scope)
    off = rule(dibop_api, "execution_failure", name="Off", enabled=False)
    dibop_api.run(vin=FAILING)
    assert alerts(dibop, made["name"]) == alerts(dibop, off["name"]) == []
    dibop_api.run(INVENTORY_SYNC, vin=FAILING)
    assert len(alerts(dibop, made["name"])) == 1


def test_consecutive_failures(dibop: Sandbox, dibop_api: Api) -> None:
    """So many failures in a row of one orchestration fire; a success in between starts the count anew."""
    scope = {"kind": "orchestrations", "orchestration_ids": [VIN_DECODE]}
    made = rule(dibop_api, "consecutive_failures", {"threshold": 2}, scope=scope, cooldown_minutes=0)
    for vin, fired in ((FAILING, 0), (VIN, 0), (FAILING, 0), (FAILING, 1)):
        dibop_api.run(vin=vin)
        assert len(alerts(dibop, made["name"])) == fired
    assert alerts(dibop, made["name"])[0]["actual_value"] == 2.0


def test_sla_breach(dibop: Sandbox, dibop_api: Api) -> None:
    """Too small a share of successes in the window fires once there are enough executions."""
    few = rule(dibop_api, "sla_breach", {"minimum_executions": 1000})
    enough = rule(dibop_api, "sla_breach", {"threshold": 95}, name="Enough")
    dibop_api.run(vin=VIN)
    assert alerts(dibop, few["name"]) == []
    [alert] = alerts(dibop, enough["name"])
    assert (alert["metric"], alert["threshold"], alert["window"]) == ("success_rate", 95.0, "P7D")
    assert alert["actual_value"] < 95


@pytest.mark.parametrize(("threshold", "fired"), [(50, 0), (50.01, 1)])
def test_sla_at_its_threshold(threshold: float, fired: int) -> None:
    """A share of successes that equals the threshold is no breach."""
    with Sandbox("dibop", seed="empty", settings={"progress": "at_once"}) as sandbox:
        api = Api(sandbox)
        step = {"name": "call", "type": "api_call", "connection": "nhtsa-vpic", "operation": "Get All Makes"}
        sandbox.given("executions", 1, status="success")
        made = rule(api, "sla_breach", {"threshold": threshold, "minimum_executions": 2})
        bad = api.orchestration(steps=[{**step, "parameters": {"vin": FAILING}}])
        assert api.run(bad["id"])["status"] == "failed"
        assert len(alerts(sandbox, made["name"])) == fired
        sandbox.raise_defects()


def test_system_down(dibop: Sandbox, dibop_api: Api) -> None:
    """So many failed pings in a row fire; a good one starts the count anew."""
    made = rule(dibop_api, "system_down", {"failed_checks": 2}, scope={"kind": "systems", "systems": ["dms"]})
    for outcome, fired in (("offline", 0), ("online", 0), ("timeout", 0), ("auth_error", 1)):
        dibop.act.set_system(system="dms", outcome=outcome)
        dibop_api.post("/systems/dms/ping")
        assert len(alerts(dibop, made["name"])) == fired


def test_latency_and_error_rate(dibop: Sandbox, dibop_api: Api) -> None:
    """Calls that are too slow, or fail too often, within the window fire; rules of other systems stay silent."""
    slow = rule(dibop_api, "latency_threshold", {"threshold_ms": 200})
    errors = rule(dibop_api, "error_rate_spike", {"threshold": 40, "window": "PT1M"}, name="Errors")
    scope = {"kind": "systems", "systems": ["crm"]}
    other = rule(dibop_api, "latency_threshold", {"threshold_ms": 0}, name="Other", scope=scope)
    dibop_api.run(vin=VIN)
    [alert] = alerts(dibop, slow["name"])
    assert (alert["metric"], alert["actual_value"]) == ("avg_duration_ms", 245.0)
    assert alerts(dibop, errors["name"]) == []
    dibop_api.run(vin=FAILING)
    assert alerts(dibop, errors["name"])[0]["actual_value"] == 100.0
    assert alerts(dibop, other["name"]) == []


def test_channels(dibop: Sandbox, dibop_api: Api) -> None:
    """An alert goes to every channel: a post to the webhook, a line to Slack, the e-mail's recipients in the event."""
    notification = {
        "webhook": {"url": HOOK},
        "slack": {"webhook_url": "http://127.0.0.1:9/slack"},
        "email": {"recipients": ["ops@example.com"]},
    }
    rule(dibop_api, "execution_failure", name="All", notification=notification)
    dibop_api.run(vin=FAILING)
    urls = [each.url for each in dibop.outbox.deliveries]
    assert "http://127.0.0.1:9/slack" in urls
    event = next(each for each in dibop.outbox.events if each.payload["alert"]["alert_rule"] == "All")
    assert event.payload["channels"]["email"]["recipients"] == ["ops@example.com"]
    [notice] = [each for each in dibop.outbox.notices if each.payload["alert_rule"] == "All"]
    assert (notice.topic, notice.channel, notice.to) == ("alertFired", "email", "ops@example.com")


@contextmanager
def receiver() -> Generator[tuple[str, list[Any]]]:
    """A loopback server that keeps what is posted to it."""
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(orjson.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/alerts", received
        finally:
            server.shutdown()
            thread.join()


def test_delivered_to_loopback(dibop: Sandbox, dibop_api: Api) -> None:
    """The outbox posts an alert to a receiver on this machine, once."""
    with receiver() as (url, received):
        rule(dibop_api, "execution_failure", name="Here", notification={"webhook": {"url": url}})
        dibop_api.run(vin=FAILING)
        here = [each for each in dibop.outbox.deliver() if each.url == url]
        dibop.outbox.deliver()
    assert [(each.status, each.delivered) for each in here] == [(204, True)]
    assert [each["alert_rule"] for each in received] == ["Here"]


def test_delivered_to_a_list(dibop: Sandbox, dibop_api: Api) -> None:
    """A function given to the outbox gets the alerts instead, whatever their host."""
    sent: list[str] = []

    def take(url: str, headers: Any, body: bytes) -> int:
        del headers, body
        sent.append(url)
        return 200

    rule(dibop_api, "execution_failure", name="Far", notification={"webhook": {"url": "https://far.example.com/a"}})
    dibop_api.run(vin=FAILING)
    dibop.outbox.deliver(take)
    assert "https://far.example.com/a" in sent
    assert dibop.outbox.pending == []


def test_alerts_are_held_against_the_document(dibop: Sandbox) -> None:
    """A webhook that the document forbids is a defect of the sandbox; topics without an entry are free."""
    document = dibop.vendor.document
    defect = validate_webhook(document, "alertFired", {"alert_rule": "x", "severity": "grave"})
    assert defect is not None
    assert (defect.operation, defect.path) == ("alertFired", "$.severity")
    assert validate_webhook(document, "alertFired", {"alert_rule": "x", "severity": "info"}) is None
    assert validate_webhook(document, "somethingElse", {}) is None
    with dibop.engine.lock:
        tx = dibop.engine.transaction()
        tx.emit("alertFired", {"alert": {"severity": "info"}, "channels": {"webhook": {"url": HOOK}}})
        tx.commit()
    assert [each.operation for each in dibop.defects] == ["alertFired"]
    dibop.defects.clear()


def test_control_plane_keeps_secrets(dibop: Sandbox) -> None:
    """What the control plane shows of users and webhooks has neither passwords nor secrets."""
    for collection in ("users", "webhooks"):
        url = f"{dibop.credentials['base_url'].removesuffix('/api/v1')}/_sandbox/state/{collection}"
        status, _, content = dibop.transport("GET", url, [], b"", 5.0)
        assert status == 200
        assert orjson.loads(content)["total"] >= 1
        assert SECRET.encode() not in content
        assert b"northgate-admin" not in content
