"""Data sets of the DIBOP sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from accordant_sandbox.engine.auth import issue
from accordant_sandbox.model.instants import instant_text
from accordant_sandbox.model.names import words
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.dibop.canonical_domains import domains
from accordant_sandbox.vendors.dibop.collections import NORTHGATE
from accordant_sandbox.vendors.dibop.executions import begun
from accordant_sandbox.vendors.dibop.system_apis import APIS, SYSTEMS
from accordant_sandbox.vendors.dibop.systems import FAILING, SILENT

__all__ = ["CREDENTIALS", "SEEDS"]

VIN_DECODE: Final = "a0000000-0000-4000-8000-000000000001"
INVENTORY_SYNC: Final = "a0000000-0000-4000-8000-000000000002"
VEHICLE_EVENT: Final = "a0000000-0000-4000-8000-000000000003"
SOUTHBANK: Final = "b0000000-0000-4000-8000-000000000002"
VIN: Final = "1HGCM82633A004352"

CREDENTIALS: Final[Mapping[str, Mapping[str, str]]] = {
    "default": {"email": "admin@northgate.example.com", "password": "northgate-admin"},
    "api_key": {"api_key": "dibop_northgate_automation_key"},
    "viewer": {"email": "viewer@northgate.example.com", "password": "northgate-viewer"},
    "platform_admin": {"email": "platform@dibop.example.com", "password": "platform-admin"},
    "other_enterprise": {"api_key": "dibop_southbank_automation_key"},
    "webhook": {"webhook_id": "c0000000-0000-4000-8000-000000000001", "webhook_secret": "northgate-webhook-secret"},
}
"""The administrator of the enterprise Northgate, its API key, its viewer, the platform's admin, another enterprise's
API key, and what another system needs to send Northgate a webhook."""


def empty(tx: Tx) -> None:
    """Nothing but the accounts that can log in, the catalogue of systems and the canonical domains."""
    for key, name in ((NORTHGATE, "Northgate Motors"), (SOUTHBANK, "Southbank Cars")):
        tx.create("enterprises", {"id": key, "name": name})
    admin = _user(tx, "default", "Avery Admin", "enterprise_admin", NORTHGATE)
    _user(tx, "viewer", "Vera Viewer", "viewer", NORTHGATE)
    _user(tx, "platform_admin", "Pat Platform", "platform_admin", NORTHGATE)
    _user(tx, None, "Sam Single-Sign-On", "viewer", NORTHGATE, email="sso@northgate.example.com")
    other = _user(tx, None, "Sol South", "enterprise_admin", SOUTHBANK, email="admin@southbank.example.com")
    for principal, holder in (("api_key", admin), ("other_enterprise", other)):
        key = CREDENTIALS[principal]["api_key"]
        issue(tx, holder, kind="api_key", text=lambda _, key=key: key)  # type: ignore[misc]
    for system in SYSTEMS:
        tx.create("systems", {**system, "_tenant": NORTHGATE, "_by": admin})
    for api in APIS:
        tx.create("system_apis", api)
    connected = [(NORTHGATE, slug) for slug in words("nhtsa-vpic mercedes-benz-oneapi openweathermap dms crm")]
    for tenant, slug in (*connected, (SOUTHBANK, "nhtsa-vpic")):
        tx.create("connections", {"id": f"{tenant}/{slug}", "system": slug, "_tenant": tenant})
    for domain in domains(tx.document).values():
        tx.create("canonical_domains", domain.row)


def default(tx: Tx) -> None:
    """Some of everything: five orchestrations, executions of every outcome, records, two alert rules, one webhook."""
    empty(tx)
    draft = {"slug": "telematics-pilot", "name": "Telematics Pilot", "type": "telematics", "state": "draft"}
    _own(tx, "systems", **draft, scope="enterprise", base_url="https://telematics.example.com", _by=_admin(tx))
    _orchestrations(tx)
    _history(tx)
    _records(tx)
    _alert_rules(tx)
    key, secret = CREDENTIALS["webhook"].values()
    _own(tx, "webhooks", id=key, name="Vehicle updates", secret=secret, orchestration_id=VEHICLE_EVENT)
    row = tx.get("orchestrations", VIN_DECODE)
    tx.create("executions", begun(tx, row, {"vin": VIN}, "api"))
    other = {"name": "Southbank VIN decode", "status": "active", "steps": _DECODE[:1], "_tenant": SOUTHBANK}
    tx.create("orchestrations", other)


def busy_month(tx: Tx, executions: int = 1500, records: int = 600, orchestrations: int = 250) -> None:
    """A month of a large enterprise: many orchestrations, executions with their calls, and canonical records."""
    default(tx)
    for number in range(orchestrations):
        status = ("active", "paused", "draft", "archived")[number % 4]
        _own(tx, "orchestrations", name=f"Sync {number:04d}", status=status, steps=_SYNC, description=f"Run {number}")
    rows = [tx.get("orchestrations", VIN_DECODE), tx.get("orchestrations", INVENTORY_SYNC)]
    for number in range(executions):
        vin = FAILING if number % 17 == 16 else SILENT if number % 41 == 40 else f"VIN{number:014d}"
        _past(tx, rows[number % 2], 1 + number * 700 / max(1, executions), {"vin": vin}, "api")
    for number in range(records):
        colour = ("black", "white", "red")[number % 3]
        _record(tx, "vehicle", {"vin": f"BUSY{number:013d}", "make": "Volvo", "exterior_colour": colour, "year": 2020})


_DECODE: Final[list[dict[str, Any]]] = [
    {
        "name": "decode_vin", "type": "api_call", "connection": "nhtsa-vpic", "operation": "Decode VIN",
        "parameters": {"vin": "${parameters.vin}"},
    },
    {
        "name": "extract_fields", "type": "transform", "transform_type": "map", "input": ["${decode_vin.response}"],
        "mapping": {"vin": "${decode_vin.response.vin}", "make": "${decode_vin.response.make}"},
    },
]  # fmt: skip
_SYNC: Final[list[dict[str, Any]]] = [
    {
        "name": "search_vehicles", "type": "api_call", "connection": "mercedes-benz-oneapi",
        "operation": "Search Vehicles", "parameters": {"country": "CA", "vin": "${parameters.vin}"},
        "on_error": "continue",
    },
    {
        "name": "write_to_dms", "type": "api_call", "connection": "dms", "operation": "Write Vehicle",
        "parameters": {"vehicle": "${search_vehicles.response.vehicles[0]}"},
    },
]  # fmt: skip


def _orchestrations(tx: Tx) -> None:
    _own(tx, "orchestrations", name="Lead intake", status="draft", description="Under construction.")
    _own(tx, "orchestrations", name="Recall letters 2025", status="archived", steps=_DECODE[:1])
    vin = {"name": "vin", "type": "string", "required": True, "description": "17 characters"}
    _own(
        tx, "orchestrations", id=VIN_DECODE, name="VIN decode", status="active", parameters=[vin], steps=_DECODE,
        description="Looks a vehicle up by its VIN and picks what the data model needs.",
    )  # fmt: skip
    _own(
        tx, "orchestrations", id=INVENTORY_SYNC, name="Inventory sync", status="active", steps=_SYNC,
        description="Copies the manufacturer's stock to the dealer's system.",
        trigger={"type": "scheduled", "cron": "0 6 * * *", "timezone": "America/Toronto"},
        parameters=[{**vin, "required": False}],
        error_handling={"on_error": "abort", "max_retries": 2, "retry_delay_ms": 500},
    )  # fmt: skip
    webhook = {"type": "event", "webhook_id": CREDENTIALS["webhook"]["webhook_id"]}
    _own(
        tx, "orchestrations", id=VEHICLE_EVENT, name="Vehicle updated", status="active", trigger=webhook, steps=_DECODE
    )


def _history(tx: Tx) -> None:
    """Executions of the last days, of every outcome, and calls that no orchestration made."""
    decode, sync = tx.get("orchestrations", VIN_DECODE), tx.get("orchestrations", INVENTORY_SYNC)
    decoded = {150: VIN, 96: "WDB9634031L000001", 70: FAILING, 30: VIN, 5: "YV1RS592962560001", 3: SILENT}
    for hours, vin in decoded.items():
        _past(tx, decode, hours, {"vin": vin}, "api")
    for hours in (99, 75, 51, 27, 4):
        _past(tx, sync, hours, {"vin": FAILING} if hours == 51 else {}, "scheduled")
    _past(tx, decode, 2, {"vin": VIN}, "manual")
    _past(tx, tx.get("orchestrations", VEHICLE_EVENT), 1, {"event": "vehicle_updated", "vin": VIN}, "event")
    for hours, status_code in ((20, 404), (19, 429), (18, 401), (17, 204)):
        failed = status_code >= 400
        _own(
            tx, "api_calls", timestamp=_ago(tx, hours), system="openweathermap", system_name="OpenWeatherMap",
            is_stub=False, method="GET", endpoint="/data/2.5/weather", status="error" if failed else "success",
            status_code=status_code, error=f"the system answered {status_code}" if failed else None,
        )  # fmt: skip


def _records(tx: Tx) -> None:
    vehicles: Sequence[tuple[str, str, str, int]] = (
        (VIN, "Honda", "Accord", 2003),
        ("YV1RS592962560001", "Volvo", "S60", 2006),
        ("WDD2050071F000001", "Mercedes-Benz", "C 200", 2018),
        ("1FTFW1ET5DFC10312", "Ford", "F-150", 2013),
    )
    for number, (vin, make, model, year) in enumerate(vehicles):
        values = {"vin": vin, "make": make, "model": model, "year": year, "mileage_km": 12000.5 * (number + 1)}
        _record(tx, "vehicle", {**values, "status": "In Stock", "currency": "CAD", "list_price": 21999.0}, "dms")
    for number, name in enumerate(("Ada", "Grace", "Katherine"), 1):
        email = f"{name.lower()}@example.com"
        address = {"city": "Toronto", "country": "CA", "postal_code": "M5V 2T6"}
        values = {"customer_id": f"C-{number:04d}", "first_name": name, "email": email, "customer_type": "Individual"}
        _record(tx, "customer", {**values, **address, "created_date": _ago(tx, 24 * number)}, "crm")
    for name, domain in domains(tx.document).items():
        if name not in ("vehicle", "customer"):
            _record(tx, name, {domain.key: f"{name.upper()}-1"})


def _alert_rules(tx: Tx) -> None:
    _own(
        tx, "alert_rules", name="Any failed execution", description="Somebody should look.", type="execution_failure",
        severity="critical", condition={"trigger_on": "any"},
        notification={
            "webhook": {"url": "http://127.0.0.1:9/alerts"}, "email": {"recipients": ["ops@northgate.example.com"]},
        },
    )  # fmt: skip
    recipients = ["sla@northgate.example.com", "ops@northgate.example.com"]
    _own(
        tx, "alert_rules", name="SLA below 99", type="sla_breach", condition={"threshold": 99},
        notification={"email": {"recipients": recipients}}, cooldown_minutes=24 * 60, enabled=False,
    )  # fmt: skip


def _user(tx: Tx, principal: str | None, name: str, role: str, tenant: str, *, email: str | None = None) -> str:
    """A user that can log in when it is one of the credentials; returns its id."""
    login = CREDENTIALS[principal] if principal else {}
    address = login.get("email", email)
    values = {"name": name, "email": address, "password": login.get("password"), "role": role, "_tenant": tenant}
    user = tx.create("users", values)
    tx.put("_principals", {"name": user["id"], "tenant": tenant, "role": role, "data": {"email": address}})
    return str(user["id"])


def _admin(tx: Tx) -> str:
    return str(tx.rows("users", email=CREDENTIALS["default"]["email"])[0]["id"])


def _own(tx: Tx, collection: str, **values: Any) -> Row:
    """A record of the enterprise of the default credentials."""
    author = {"created_by": CREDENTIALS["default"]["email"]} if collection == "orchestrations" else {}
    return tx.create(collection, {"_tenant": NORTHGATE, **author, **values})


def _record(tx: Tx, domain: str, data: Mapping[str, Any], source: str | None = None) -> None:
    _own(tx, "canonical_records", domain=domain, data=dict(data), source_system=source)


def _past(tx: Tx, orchestration: Row, hours: float, parameters: Mapping[str, Any], by: str) -> None:
    """An execution that has ended, some hours ago."""
    values = begun(tx, orchestration, parameters, by)
    status = values["_simulation"].status
    tx.create("executions", {**values, "started_at": _ago(tx, hours), "status": status})


def _ago(tx: Tx, hours: float) -> str:
    return instant_text((tx.now - timedelta(hours=hours)).replace(microsecond=0))


SEEDS = {"default": default, "empty": empty, "busy_month": busy_month}
