"""The 26 operations of DIBOP: plain ones a line each, special ones a function each."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

from accordant_sandbox.engine.auth import issue
from accordant_sandbox.engine.jwt import jwt_text
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.names import words
from accordant_sandbox.model.operations import Operations, Within
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.query import Period, plain
from accordant_sandbox.model.several import picked, there, where
from accordant_sandbox.ports import Call, Row
from accordant_sandbox.vendors.dibop import alert_rules, executions, orchestrations
from accordant_sandbox.vendors.dibop.dialect import PAGING
from accordant_sandbox.vendors.dibop.observability import platform_metrics, sla_metrics, system_stats
from accordant_sandbox.vendors.dibop.systems import OUTCOMES, connection_of

__all__ = ["OPERATIONS"]

OPERATIONS = Operations(PAGING)
_SIGNING_SECRET = "the sandbox's own"
_PERIOD = Period()

OPERATIONS.list(
    "listOrchestrations",
    "orchestrations",
    filters=plain(status=("status", "eq")),
    row=orchestrations.summary,
    newest_first=True,
)
OPERATIONS.create("createOrchestration", "orchestrations")
OPERATIONS.get("getOrchestration", "orchestrations")
OPERATIONS.replace("updateOrchestration", "orchestrations")
OPERATIONS.delete("deleteOrchestration", "orchestrations")

OPERATIONS.list(
    "listOrchestrationExecutions",
    "executions",
    within=Within("orchestrations", "id", "orchestration_id"),
    filters=plain(
        status=("status", "eq"),
        triggered_by=("triggered_by", "eq"),
        from_=("started_at", "gteq"),
        to=("started_at", "lt"),
    ),
    period=_PERIOD,
    order=lambda row: row["started_at"],
    newest_first=True,
    row=executions.summary,
)
OPERATIONS.get("getExecution", "executions")

OPERATIONS.list(
    "listSystems", "systems", filters=plain(type=("type", "eq")), order=lambda row: str(row["name"]).casefold()
)
OPERATIONS.list("listSystemApis", "system_apis", within=Within("systems", "slug", "system"))

OPERATIONS.list(
    "listApiCalls",
    "api_calls",
    filters=plain(
        system=("system", "eq"), status=("status", "eq"), from_=("timestamp", "gteq"), to=("timestamp", "lt")
    ),
    period=_PERIOD,
    order=lambda row: row["timestamp"],
    newest_first=True,
)

OPERATIONS.list("listCanonicalDomains", "canonical_domains")
_IN_DOMAIN = Within("canonical_domains", "domain", "domain")
OPERATIONS.list("listCanonicalRecords", "canonical_records", within=_IN_DOMAIN, newest_first=True)
OPERATIONS.create("createCanonicalRecord", "canonical_records", within=_IN_DOMAIN)
OPERATIONS.get("getCanonicalRecord", "canonical_records", within=_IN_DOMAIN)

OPERATIONS.list("listAlertRules", "alert_rules", newest_first=True)
OPERATIONS.create("createAlertRule", "alert_rules")
OPERATIONS.replace("updateAlertRule", "alert_rules")
OPERATIONS.delete("deleteAlertRule", "alert_rules")


@OPERATIONS.special("login")
def login(call: Call) -> Answer:
    """A JWT for a user who is active and has a password."""
    password = str(call.body["password"])
    user = next(iter(where(call.tx.rows("users"), "email", "eq_any_case", call.body["email"])), None)
    good = (
        user is not None
        and user["status"] == "active"
        and user["password"] is not None
        and hmac.compare_digest(str(user["password"]).encode(), password.encode())
    )
    wrong = "the e-mail address or the password is wrong"
    user = there(user if good else None, wrong, "login_refused", "unauthenticated")
    call.rule("login")
    lifetime = int(call.settings["token_lifetime"])
    row = issue(call.tx, user["id"], lifetime=lifetime, text=lambda text: _jwt(call, user, lifetime, text))
    call.tx.update("users", user["id"], {"last_login_at": call.tx.now_text})
    return call.answer({"access_token": row["token"], "token_type": "bearer", "expires_in": lifetime})


@OPERATIONS.special("executeOrchestration")
def execute_orchestration(call: Call) -> Answer:
    """Begin an execution with the parameters of the body."""
    row = call.tx.get("orchestrations", call.path["id"])
    given: dict[str, Any] = call.body.get("parameters", {}) if is_object(call.body) else {}
    return call.answer(_started(executions.start(call.tx, row, executions.accepted(row, given), "api")))


@OPERATIONS.special("getExecutionTrace")
def get_execution_trace(call: Call) -> Answer:
    """What every finished step of an execution got and brought."""
    return call.answer(executions.trace(call.tx, call.tx.read("executions", call.path["execution_id"])))


@OPERATIONS.special("pingSystem")
def ping_system(call: Call) -> Answer:
    """Check a system through the enterprise's connection."""
    system = call.tx.get("systems", call.path["slug"])
    connection = connection_of(call.tx, call.principal.tenant if call.principal else "", system["slug"])
    connection = there(connection, "the enterprise has no connection to this system", "ping_unconnected", "conflict")
    call.rule("ping_in_body")
    call.rule("ping_health")
    status, http_status, message = OUTCOMES[connection["outcome"]]
    now = call.tx.now_text
    good = status == "online"
    failed = 0 if good else connection["failed_checks"] + 1
    health = {"health": "healthy" if good else "offline", "last_checked_at": now, "failed_checks": failed}
    checked = call.tx.update("connections", connection["id"], health)
    alert_rules.system_pinged(call.tx, checked)
    return call.answer(
        {
            "system": system["slug"],
            "status": status,
            "latency_ms": None if http_status is None else 1200,
            "http_status": http_status,
            "message": message or None,
            "checked_at": now,
        }
    )


@OPERATIONS.special("listApiCallSystemStats")
def list_api_call_system_stats(call: Call) -> Answer:
    """Statistics of the calls to each system."""
    return call.many("items", system_stats(call))


@OPERATIONS.special("getSlaMetrics")
def get_sla_metrics(call: Call) -> Answer:
    """The SLA of a period."""
    return call.answer(sla_metrics(call))


@OPERATIONS.special("getPlatformMetrics")
def get_platform_metrics(call: Call) -> Answer:
    """The charts of a period."""
    return call.answer(platform_metrics(call))


@OPERATIONS.special("receiveWebhook")
def receive_webhook(call: Call) -> Answer:
    """Begin an execution because another system says that something happened."""
    call.rule("webhook_secret")
    webhook = call.tx.get("webhooks", call.path["webhook_id"])
    row = call.tx.find("orchestrations", webhook["orchestration_id"])
    event = row["trigger"]["event"] if row else None
    if not webhook["enabled"] or row is None or row["status"] != "active":
        raise Problem("conflict", "the webhook is off, or has no active orchestration", rule="webhook_refused")
    if event is not None and call.body.get("event") != event:
        message = f"the trigger takes {event!r} alone"
        raise Problem("conflict", message, details=[("event", message)], rule="webhook_refused")
    call.rule("webhook_parameters")
    parameters = executions.accepted(row, call.body, "bad_request")
    started = executions.start(call.tx, row, parameters, "event")
    return call.answer({"accepted": True, "execution_id": started["execution_id"]})


def _started(execution: Row) -> dict[str, Any]:
    return picked(execution, words("execution_id orchestration_id status triggered_by started_at"))


def _jwt(call: Call, user: Row, lifetime: int, number: str) -> str:
    claims = {
        **picked(user, ("email", "role")),
        "sub": user["id"],
        "enterprise_id": user["_tenant"],
        "iat": int(call.now.timestamp()),
        "exp": int((call.now + timedelta(seconds=lifetime)).timestamp()),
        "jti": number,
    }
    return jwt_text(claims, _SIGNING_SECRET)
