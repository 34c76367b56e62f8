"""The records that Dispatch keeps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from accordant_sandbox.engine.clock import instant_text
from accordant_sandbox.engine.oauth import CLIENTS
from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.model.collections import Collection, Ref, Row, Uuid
from accordant_sandbox.model.factories import parent
from accordant_sandbox.model.vendor import OWN_COLLECTIONS
from accordant_sandbox.vendors.dispatch.rules import (
    APPOINTMENT_LIFE,
    JOB_LIFE,
    SURVEYS,
    guard_job,
    guard_network,
    own_organization,
    scope,
    visible,
)

__all__ = ["COLLECTIONS"]

_JOB_SOURCE_ONLY = {"organization_user": frozenset({"external_ids"})}
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
ADDRESS = {"street_1": "1 Main Street", "city": "Boston", "state": "MA", "postal_code": "02110"}
"""Where made-up records live."""


def _fields(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phone_of(_: Transaction, row: Row) -> Mapping[str, Any]:
    """The number that no two active users may share: a real one, as the documentation means for logging in."""
    number = row.get("phone_number")
    return {"_phone": number if isinstance(number, str) and _E164.fullmatch(number) else None}


def _note_tokens(tx: Transaction, row: Row) -> Mapping[str, Any]:
    """Nothing is derived; a stored file token rests on the assumption that nobody checks it."""
    if any(row.get(name) for name in ("file_token", "logo_token", "photo_token")):
        tx.rule("tokens_unchecked")
    return {}


def _organization_of_job(tx: Transaction, row: Row) -> Mapping[str, Any]:
    return {"organization_id": tx.table("jobs")[row["job_id"]]["organization_id"]}


def _numbered_contacts(tx: Transaction, row: Row) -> Mapping[str, Any]:
    """Contacts and their methods with ids: those that name a known one keep it, the others get the next number."""
    before = tx.table("jobs").get(row["id"], {}).get("contacts", [])
    known = {contact["id"] for contact in before}
    known_methods = {method["id"] for contact in before for method in contact["contact_methods"]}
    contacts: list[dict[str, Any]] = []
    for contact in row["contacts"]:
        number = contact["id"] if contact.get("id") in known else tx.next("job_contacts")
        methods = [
            {
                **method,
                "id": method["id"] if method.get("id") in known_methods else tx.next("job_contact_methods"),
                "contact_id": number,
            }
            for method in contact["contact_methods"]
        ]
        filled = {"relationship": None, "address": None, **contact}
        contacts.append({**filled, "id": number, "contact_methods": methods})
    return {"contacts": contacts}


def _job_view(tx: Transaction, row: dict[str, Any]) -> dict[str, Any]:
    """A job with its customer; attributions are left out, contacts are shown without `primary`."""
    del row["marketing_attributions"]
    row["contacts"] = [
        {name: value for name, value in contact.items() if name != "primary"} for contact in row["contacts"]
    ]
    customer = tx.table("customers")[row["customer_id"]]
    names = ("id", "first_name", "last_name", "email", "phone_numbers", "external_ids")
    row["customer"] = {name: customer[name] for name in names if "external_ids" in row or name != "external_ids"}
    return row


def _user_view(_: Transaction, row: dict[str, Any]) -> dict[str, Any]:
    row.pop("password", None)
    return row


def _work_order_view(_: Transaction, row: dict[str, Any]) -> dict[str, Any]:
    outer = ("id", "created_at", "updated_at")
    data = {name: value for name, value in row.items() if name not in outer}
    return {**{name: row[name] for name in outer}, "data": data}


def _make_job(tx: Transaction, number: int) -> Mapping[str, Any]:
    organization_id = parent(tx, "organizations")
    return {
        "title": f"Job {number}",
        "organization_id": organization_id,
        "customer_id": parent(tx, "customers", organization_id=organization_id),
        "address": ADDRESS,
        "status": "unscheduled",
    }


_ALL = [
    Collection(
        name="organizations",
        fields=_fields("name email external_ids address phone_number logo_token"),
        defaults={"external_ids": list, "address": None, "phone_number": None, "logo_token": None},
        derive=_note_tokens,
        withheld=_JOB_SOURCE_ONLY,
        withheld_rule="external_ids_job_source_only",
        visible=visible,
        scope=scope,
        guard=guard_network,
        refusal="forbidden",
        make=lambda _, number: {"name": f"Organization {number}", "email": f"office{number}@example.com"},
    ),
    Collection(
        name="users",
        fields=_fields("organization_id first_name last_name roles address phone_number email photo_token password"),
        defaults={"address": None, "phone_number": None, "email": None, "photo_token": None},
        refs=(Ref("organization_id", "organizations", "refuse", "delete_refused"),),
        unique=(("_phone",),),
        derive=_phone_of,
        view=_user_view,
        visible=visible,
        scope=own_organization,
        soft_delete=True,
        refusal="invalid",
        make=lambda tx, number: {
            "organization_id": parent(tx, "organizations"),
            "first_name": "Toni",
            "last_name": f"Tester {number}",
            "roles": ["technician"],
        },
    ),
    Collection(
        name="customers",
        fields=_fields(
            "organization_id first_name last_name company_name notes email phone_numbers home_address billing_address "
            "external_ids"
        ),
        fixed=_fields("organization_id"),
        defaults={
            **dict.fromkeys(("last_name", "company_name", "notes", "email", "home_address", "billing_address")),
            "phone_numbers": list,
            "external_ids": list,
        },
        refs=(Ref("organization_id", "organizations", "refuse", "delete_refused"),),
        withheld=_JOB_SOURCE_ONLY,
        withheld_rule="external_ids_job_source_only",
        visible=visible,
        scope=own_organization,
        guard=guard_network,
        refusal="forbidden",
        make=lambda tx, number: {
            "organization_id": parent(tx, "organizations"),
            "first_name": "Casey",
            "last_name": f"Customer {number}",
            "email": f"casey{number}@example.com",
        },
    ),
    Collection(
        name="jobs",
        fields=_fields(
            "title description service_type customer_id organization_id external_ids address brand_id source_id "
            "contacts equipment_descriptions marketing_attributions service_fee service_fee_precollected status "
            "status_message"
        ),
        fixed=_fields("organization_id external_ids brand_id source_id"),
        defaults={
            **dict.fromkeys(
                (
                    "description",
                    "service_type",
                    "brand_id",
                    "source_id",
                    "service_fee",
                    "service_fee_precollected",
                    "status_message",
                )
            ),
            "external_ids": list,
            "contacts": list,
            "equipment_descriptions": list,
            "marketing_attributions": list,
        },
        refs=(
            Ref("customer_id", "customers", "refuse", "delete_refused"),
            Ref("organization_id", "organizations", "refuse", "delete_refused"),
            Ref("brand_id", "brands", "null", "brand_removed"),
            Ref("source_id", "sources"),
        ),
        derive=_numbered_contacts,
        view=_job_view,
        withheld=_JOB_SOURCE_ONLY,
        withheld_rule="external_ids_job_source_only",
        visible=visible,
        scope=own_organization,
        guard=guard_job,
        lifecycle=JOB_LIFE,
        make=_make_job,
    ),
    Collection(
        name="appointments",
        fields=_fields("job_id status time duration user_id"),
        fixed=_fields("job_id"),
        defaults={"time": None, "duration": 7200, "user_id": None},
        instants=("time",),
        refs=(Ref("job_id", "jobs"), Ref("user_id", "users")),
        derive=_organization_of_job,
        visible=visible,
        scope=own_organization,
        lifecycle=APPOINTMENT_LIFE,
        make=lambda tx, _: {"job_id": parent(tx, "jobs"), "status": "draft", "time": instant_text(tx.now)},
    ),
    Collection(
        name="attachments",
        fields=_fields("entity_type entity_id description file_token"),
        fixed=_fields("entity_type entity_id"),
        defaults={"description": None, "file_token": None},
        refs=(Ref("entity_id", "jobs"),),
        derive=_note_tokens,
        visible=visible,
        scope=scope,
        make=lambda tx, number: {
            "entity_type": "Job",
            "entity_id": parent(tx, "jobs"),
            "description": f"Note {number}",
        },
    ),
    Collection(
        name="brands",
        fields=_fields("name phone_number logo_token email"),
        defaults={"phone_number": None, "logo_token": None, "email": None, "external_ids": list},
        derive=_note_tokens,
        visible=visible,
        scope=scope,
        make=lambda _, number: {"name": f"Brand {number}"},
    ),
    Collection(
        name="datafiles",
        kind=Uuid(),
        key="uid",
        stamps=("created_at",),
        make=lambda _, number: {
            "filename": f"note{number}.txt",
            "mime_type": "text/plain",
            "name": "",
            "bucket_id": None,
            "_content": f"note {number}\n".encode(),
        },
    ),
    Collection(name="sources", stamps=(), make=lambda _, n: {"name": f"source_{n}", "title": f"Source {n}"}),
    Collection(
        name="survey_responses",
        key="_id",
        stamps=(),
        refs=(Ref("job_id", "jobs"), Ref("appointment_id", "appointments", "null")),
        visible=visible,
        scope=scope,
        make=lambda tx, _: {"job_id": parent(tx, "jobs"), "appointment_id": None, "rating": 5, "message": "Thank you"},
    ),
    Collection(
        name="time_windows",
        key="job_id",
        stamps=("created_at",),
        refs=(Ref("job_id", "jobs"),),
        visible=visible,
        scope=scope,
    ),
    Collection(
        name="work_orders",
        fields=_fields(
            "title description service_type brand_id orchestration external_id location appointment_windows contacts"
        ),
        defaults={
            **dict.fromkeys(("description", "service_type", "brand_id", "external_id", "_job_id")),
            "appointment_windows": list,
            "contacts": list,
            "organizations": list,
        },
        refs=(Ref("brand_id", "brands", "null", "brand_removed"),),
        view=_work_order_view,
        visible=lambda _, principal, row: row.get("_tenant") == principal.tenant,
        scope=lambda _, principal: ("_tenant", (principal.tenant,)),
        make=lambda _, number: {"title": f"Work order {number}"},
    ),
    CLIENTS,
    SURVEYS,
]

COLLECTIONS: Mapping[str, Collection] = {**OWN_COLLECTIONS, **{each.name: each for each in _ALL}}
