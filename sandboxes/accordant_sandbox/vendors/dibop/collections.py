"""The records that DIBOP keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from accordant_sandbox.model.choices import ValueChoice
from accordant_sandbox.model.collections import Collection, Ref, Uuid
from accordant_sandbox.model.factories import parent
from accordant_sandbox.model.names import names, nulls
from accordant_sandbox.model.own_collections import OWN_COLLECTIONS
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.dibop import alert_rules, executions, orchestrations
from accordant_sandbox.vendors.dibop.canonical_domains import domains, masked, personal
from accordant_sandbox.vendors.dibop.observability import call_facts
from accordant_sandbox.vendors.dibop.rules import scope, visible
from accordant_sandbox.vendors.dibop.systems import connection_of, of_system

__all__ = ["COLLECTIONS", "NORTHGATE"]

NORTHGATE = "b0000000-0000-4000-8000-000000000001"
"""The enterprise of the seeded credentials, and of records that tests make up."""


_OWN: Final[Any] = {"visible": visible, "scope": scope, "scope_rule": "enterprise_scope"}
"""What is said of records that belong to an enterprise."""


def _system_view(tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
    """A system with the state of the caller's connection to it."""
    connection = connection_of(tx, tx.principal.tenant if tx.principal else NORTHGATE, row["slug"])
    row["connected"] = connection is not None
    row["health"] = connection["health"] if connection else "unchecked"
    row["last_checked_at"] = connection["last_checked_at"] if connection else None
    return row


def _own_drafts(tx: Tx, principal: Any, row: Row) -> bool:
    if row["state"] == "draft" and row.get("_by") != principal.name:
        tx.rule("drafts_hidden")
        return False
    return row["scope"] == "global" or visible(tx, principal, row)


def _domain_view(tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
    tx.rule("domains")
    row["record_count"] = len(tx.rows("canonical_records", domain=row["domain"]))
    return row


def _call_view(tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
    """A call with its payloads, personal data masked."""
    tx.rule("pii_masked")
    hidden = personal(tx.document)
    for payload in ("request_payload", "response_payload"):
        row[payload] = masked(row[payload], hidden)
    return row


def _business_key(tx: Tx, row: Row) -> Mapping[str, Any]:
    """The business key of a canonical record, once its data fits the domain."""
    document = tx.document
    domain = domains(document)[row["domain"]]
    violations = document.schemas.violations(domain.pointer, row["data"])
    if violations:
        details = [(f"data{each.path.removeprefix('$')}", each.message) for each in violations]
        raise Problem("invalid", f"the data does not fit the domain {domain.path}", details=details, rule="domain_fit")
    return {"_business_key": row["data"][domain.key]}


def _make_orchestration(tx: Tx, number: int) -> Mapping[str, Any]:
    del tx
    steps = [{"name": "shape", "type": "transform", "transform_type": "map", "mapping": {"number": number}}]
    return {"name": f"Orchestration {number}", "status": "active", "steps": steps, "_tenant": NORTHGATE}


def _make_execution(tx: Tx, _: int) -> Mapping[str, Any]:
    row = tx.get("orchestrations", parent(tx, "orchestrations", status="active"))
    return executions.begun(tx, row, {}, "api")


def _make_system(_: Tx, number: int) -> Mapping[str, Any]:
    slug = f"system-{number}"
    return {"slug": slug, "name": f"System {number}", "base_url": f"https://{slug}.example.com", "_tenant": NORTHGATE}


def _make_connection(tx: Tx, _: int) -> Mapping[str, Any]:
    slug = parent(tx, "systems")
    return {"id": f"{NORTHGATE}/{slug}", "system": slug, "_tenant": NORTHGATE}


def _make_call(tx: Tx, number: int) -> Mapping[str, Any]:
    system = of_system(tx.table("systems")[parent(tx, "systems")])
    made = {"timestamp": tx.now_text, "method": "GET", "endpoint": f"/operations/{number}", "_tenant": NORTHGATE}
    return {**system, **made}


def _make_record(_: Tx, number: int) -> Mapping[str, Any]:
    return {"domain": "vehicle", "data": {"vin": f"TEST{number:013d}", "make": "Saab"}, "_tenant": NORTHGATE}


def _make_rule(_: Tx, number: int) -> Mapping[str, Any]:
    told = {"email": {"recipients": ["ops@northgate.example.com"]}}
    whole = {"type": "execution_failure", "condition": {}, "notification": told, "_tenant": NORTHGATE}
    return {"name": f"Alert rule {number}", **whole}


_ALL = [
    Collection(
        name="enterprises",
        kind=Uuid(),
        stamps=(),
        defaults={"api_calls_quota": 100_000, "executions_limit": 50_000},
        make=lambda _, number: {"name": f"Enterprise {number}"},
    ),
    Collection(
        name="users",
        kind=Uuid(),
        stamps=("created_at",),
        defaults={"password": None, "status": "active", "last_login_at": None},
        unique=(("email",),),
        make=lambda _, number: {
            "name": f"User {number}", "email": f"user{number}@northgate.example.com", "role": "viewer",
            "_tenant": NORTHGATE,
        },
    ),
    Collection(
        name="orchestrations",
        kind=Uuid(),
        fields=names("name description status trigger parameters steps error_handling"),
        fixed=names("created_by last_execution_at"),
        defaults={
            "description": None, "status": "draft", "trigger": lambda: {"type": "manual"}, "parameters": list,
            "steps": list, "error_handling": dict,
        },
        unique=(("name", "_tenant"),),
        unique_rule="orchestration_name",
        derive=orchestrations.completed,
        **_OWN,
        make=_make_orchestration,
    ),
    Collection(
        name="executions",
        kind=Uuid(),
        key="execution_id",
        stamps=(),
        refs=(Ref("_running_of", "orchestrations", "refuse", "running_not_deleted"),),
        derive=executions.run_state,
        view=executions.detail,
        **_OWN,
        lifecycle=executions.EXECUTION_LIFE,
        instants=("started_at",),
        make=_make_execution,
    ),
    Collection(
        name="systems",
        kind=Uuid(),
        key="slug",
        stamps=(),
        defaults={
            **nulls("description icon_url documentation_url"), "type": "general", "auth_type": "none",
            "version": "1.0.0", "state": "published", "scope": "global", "is_stub": False,
        },
        view=_system_view,
        visible=_own_drafts,
        make=_make_system,
    ),
    Collection(
        name="system_apis",
        kind=Uuid(),
        stamps=(),
        defaults={
            **nulls("description response_schema"), "method": "GET", "parameters": list, "_sample": dict,
            "_latency_ms": 180,
        },
        refs=(Ref("system", "systems"),),
        make=lambda tx, n: {
            "system": parent(tx, "systems"), "name": f"Operation {n}", "endpoint": f"/operations/{n}",
        },
    ),
    Collection(
        name="connections",
        kind=Uuid(),
        stamps=(),
        defaults={"outcome": "online", "health": "unchecked", "last_checked_at": None, "failed_checks": 0},
        refs=(Ref("system", "systems"),),
        make=_make_connection,
    ),
    Collection(
        name="api_calls",
        kind=Uuid(),
        stamps=(),
        defaults={
            **nulls("orchestration_id orchestration_name execution_id error request_payload response_payload"),
            "status": "success", "status_code": 200, "duration_ms": 180,
        },
        derive=call_facts,
        instants=("timestamp",),
        view=_call_view,
        **_OWN,
        make=_make_call,
    ),
    Collection(name="canonical_domains", kind=Uuid(), key="domain", stamps=(), view=_domain_view),
    Collection(
        name="canonical_records",
        kind=Uuid(),
        fields=names("data source_system"),
        defaults={"source_system": None},
        refs=(Ref("source_system", "systems"),),
        unique=(("_business_key", "domain", "_tenant"),),
        unique_rule="business_key",
        derive=_business_key,
        **_OWN,
        make=_make_record,
    ),
    Collection(
        name="alert_rules",
        kind=Uuid(),
        fields=names("name description type severity scope condition notification cooldown_minutes enabled"),
        fixed=names("last_triggered_at"),
        defaults={
            **nulls("description last_triggered_at"), "severity": "warning", "scope": lambda: {"kind": "all"},
            "cooldown_minutes": 60, "enabled": True,
        },
        choices=(
            ValueChoice("scope.orchestration_ids", "orchestrations", "alert_scope", missing="{among} has no {value!r}"),
            ValueChoice("scope.systems", "systems", "alert_scope", missing="{among} has no {value!r}"),
        ),
        unique=(("name", "_tenant"),),
        unique_rule="alert_name",
        derive=alert_rules.completed_rule,
        **_OWN,
        make=_make_rule,
    ),
    Collection(
        name="webhooks",
        kind=Uuid(),
        defaults={"enabled": True},
        refs=(Ref("orchestration_id", "orchestrations"),),
        **_OWN,
        make=lambda tx, number: {
            "name": f"Webhook {number}", "secret": f"secret-{number}", "_tenant": NORTHGATE,
            "orchestration_id": parent(tx, "orchestrations", status="active"),
        },
    ),
]  # fmt: skip

COLLECTIONS: Mapping[str, Collection] = {**OWN_COLLECTIONS, **{each.name: each for each in _ALL}}
