"""Work orders: one request that becomes an organization, a customer, a job and its suggested times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import where
from accordant_sandbox.ports import Call, Row
from accordant_sandbox.vendors.dispatch.matching import customer_for, organization_for
from accordant_sandbox.vendors.dispatch.operations import OPERATIONS, suggest

__all__: list[str] = []

_SHARED_WITH_JOB = ("title", "description", "service_type", "brand_id")


@OPERATIONS.special("createWorkOrder")
def create_work_order(call: Call) -> Answer:
    """Store a work order and make what it asks for."""
    values = call.values("work_orders", call.body)
    organizations: list[Mapping[str, Any]] = call.body.get("organizations", [])
    if "orchestration" in values and len(organizations) != 1:
        call.rule("work_order_one_organization")
        raise _invalid("organizations", f"{values['orchestration']} takes exactly one organization")
    assigned = [_assign(call, values, each) for each in organizations]
    job_id = _job(call, values, assigned[0]) if assigned else None
    row = call.tx.create("work_orders", {**values, "organizations": assigned, "_job_id": job_id})
    return _answer(call, row)


@OPERATIONS.special("updateWorkOrder")
def update_work_order(call: Call) -> Answer:
    """Change a work order and the same fields of its job; its organization stays."""
    values = call.values("work_orders", call.body, changing=True)
    row = call.tx.update("work_orders", call.path["id"], values)
    shared = {name: values[name] for name in _SHARED_WITH_JOB if name in values}
    if "location" in values:
        shared["address"] = values["location"]
    if row["_job_id"] is not None and shared:
        call.rule("work_order_update")
        call.tx.update("jobs", row["_job_id"], shared)
    return _answer(call, row)


@OPERATIONS.special("cancelWorkOrder")
def cancel_work_order(call: Call) -> Answer:
    """Cancel the job of a work order, and with it the job's appointments."""
    row = call.tx.get("work_orders", call.path["id"])
    call.rule("work_order_cancel")
    if row["_job_id"] is not None:
        call.tx.update("jobs", row["_job_id"], {"status": "canceled"})
    return _answer(call, call.tx.update("work_orders", row["id"], {}))


def _answer(call: Call, row: Row) -> Answer:
    return call.answer(call.tx.show("work_orders", row))


def _assign(call: Call, values: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The organization of a work order, looked up by id, external id, then by what describes it; and its customer."""
    if "id" in wanted:
        organization = call.tx.find("organizations", wanted["id"])
        if organization is None:
            raise _invalid("organizations", f"there is no organization {wanted['id']}")
    else:
        known = where(call.tx.rows("organizations"), "external_ids", "contains", wanted.get("external_id"))
        organization = known[0] if known else organization_for(call, wanted)[0]
    call.rule("work_order_primary")
    primary = [contact for contact in values.get("contacts", []) if contact.get("primary")]
    if len(primary) != 1:
        raise _invalid("contacts", "exactly one contact must be primary")
    customer, _ = customer_for(call, _customer(primary[0], organization["id"]))
    return {"id": organization["id"], "customer_id": customer["id"]}


def _customer(contact: Mapping[str, Any], organization_id: int) -> dict[str, Any]:
    """A customer's values out of a work order's contact."""
    emails = [method["value"] for method in contact.get("email_addresses", []) if "value" in method]
    phones = [
        {"number": method["value"], "primary": bool(method.get("preferred")), "type": method.get("label", "other")}
        for method in contact.get("phone_numbers", [])
        if "value" in method
    ]
    copied = {
        name: contact[name] for name in ("last_name", "company_name", "notes", "billing_address") if name in contact
    }
    return {
        **copied,
        "organization_id": organization_id,
        "first_name": contact.get("first_name") or contact.get("company_name") or "",
        "email": emails[0] if emails else None,
        "phone_numbers": phones,
        "external_ids": [contact["external_id"]] if contact.get("external_id") else [],
    }


def _job(call: Call, values: Mapping[str, Any], assigned: Mapping[str, Any]) -> int:
    call.rule("work_order_job")
    if "location" not in values:
        raise _invalid("location", "the job of a work order needs a location")
    shared = {name: values[name] for name in _SHARED_WITH_JOB if name in values}
    external_ids = [values["external_id"]] if values.get("external_id") else []
    job = call.tx.create(
        "jobs",
        {
            **shared,
            "organization_id": assigned["id"],
            "customer_id": assigned["customer_id"],
            "address": values["location"],
            "external_ids": external_ids,
            "status": "offered" if values.get("orchestration") == "direct_offer" else "unscheduled",
        },
    )
    if values.get("appointment_windows"):
        suggest(call, job["id"], values["appointment_windows"])
    return int(job["id"])


def _invalid(field: str, message: str) -> Problem:
    return Problem("invalid", message, details=[(field, message)])
