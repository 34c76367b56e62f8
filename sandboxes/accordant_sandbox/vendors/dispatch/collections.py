"""The records that Dispatch keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

from accordant_sandbox.derive.tables import Tables
from accordant_sandbox.http.document import Document
from accordant_sandbox.model.collections import Collection, Ref
from accordant_sandbox.model.factories import parent
from accordant_sandbox.model.instants import instant_text
from accordant_sandbox.model.own_collections import CLIENTS, OWN_COLLECTIONS
from accordant_sandbox.ports import Row, Scope, Tx, Visible
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

__all__ = ["ADDRESS", "collections"]

_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
ADDRESS = {"street_1": "1 Main Street", "city": "Boston", "state": "MA", "postal_code": "02110"}
"""Where made-up records live."""


class _Seen(TypedDict):
    visible: Visible
    scope: Scope


class _ByRole(TypedDict, total=False):
    withheld: Mapping[str, frozenset[str]]
    withheld_rule: str
    from_caller: Mapping[str, str]
    from_caller_rule: str


def _phone_of(_: Tx, row: Row) -> Mapping[str, Any]:
    """The number that no two active users may share: a real one, as the documentation means for logging in."""
    number = row.get("phone_number")
    return {"_phone": number if isinstance(number, str) and _E164.fullmatch(number) else None}


def _note_tokens(tx: Tx, row: Row) -> Mapping[str, Any]:
    """Nothing is derived; a stored file token rests on the assumption that nobody checks it."""
    if any(row.get(name) for name in ("file_token", "logo_token", "photo_token")):
        tx.rule("tokens_unchecked")
    return {}


def _organization_of_job(tx: Tx, row: Row) -> Mapping[str, Any]:
    return {"organization_id": tx.table("jobs")[row["job_id"]]["organization_id"]}


def _numbered_contacts(tx: Tx, row: Row) -> Mapping[str, Any]:
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


def _job_view(tx: Tx, row: dict[str, Any]) -> dict[str, Any]:
    """A job with its customer; attributions are left out, contacts are shown without `primary`."""
    del row["marketing_attributions"]
    row["contacts"] = [
        {name: value for name, value in contact.items() if name != "primary"} for contact in row["contacts"]
    ]
    customer = tx.table("customers")[row["customer_id"]]
    names = ("id", "first_name", "last_name", "email", "phone_numbers", "external_ids")
    row["customer"] = {name: customer[name] for name in names if "external_ids" in row or name != "external_ids"}
    return row


def _user_view(_: Tx, row: dict[str, Any]) -> dict[str, Any]:
    row.pop("password", None)
    return row


def _work_order_view(_: Tx, row: dict[str, Any]) -> dict[str, Any]:
    outer = ("id", "created_at", "updated_at")
    data = {name: value for name, value in row.items() if name not in outer}
    return {**{name: row[name] for name in outer}, "data": data}


def _make_job(tx: Tx, number: int) -> Mapping[str, Any]:
    organization_id = parent(tx, "organizations")
    return {
        "title": f"Job {number}",
        "organization_id": organization_id,
        "customer_id": parent(tx, "customers", organization_id=organization_id),
        "address": ADDRESS,
        "status": "unscheduled",
    }


_ACCOUNT: _Seen = {"visible": visible, "scope": scope}
_ORGANIZATION: _Seen = {"visible": visible, "scope": own_organization}
"""Who sees a record: its account, or for those that name one, their organization too."""
_EXTERNAL: _ByRole = {
    "withheld": {"organization_user": frozenset({"external_ids"})},
    "withheld_rule": "external_ids_job_source_only",
}
_OWN = {"organization_id": "organization_id"}
_SIGNED_IN: _ByRole = {**_EXTERNAL, "from_caller": _OWN, "from_caller_rule": "own_organization"}
_OWNED = Ref("organization_id", "organizations", "refuse", "delete_refused")
_BRANDED = Ref("brand_id", "brands", "null", "brand_removed")


def collections(document: Document) -> Mapping[str, Collection]:
    """Every collection by name: as the document describes it, with what differs."""
    kept = Tables(document)
    made = (*_people(kept), *_work(kept), *_files(kept), *_others(kept), CLIENTS, SURVEYS)
    return {**OWN_COLLECTIONS, **{each.name: each for each in made}}


def _people(kept: Tables) -> Iterator[Collection]:
    yield kept.collection(
        "organizations",
        unkept=("create_user", "always_create"),
        loose="logo_token",
        derive=_note_tokens,
        **_EXTERNAL,
        **_ACCOUNT,
        guard=guard_network,
        refusal="forbidden",
        make=lambda _, number: {"name": f"Organization {number}", "email": f"office{number}@example.com"},
    )
    yield kept.collection(
        "users",
        refs=[_OWNED],
        loose="photo_token",
        unique=(("_phone",),),
        derive=_phone_of,
        view=_user_view,
        **_ORGANIZATION,
        soft_delete=True,
        refusal="invalid",
        make=lambda tx, number: {
            "organization_id": parent(tx, "organizations"),
            "first_name": "Toni",
            "last_name": f"Tester {number}",
            "roles": ["technician"],
        },
    )
    yield kept.collection(
        "customers",
        refs=[_OWNED],
        **_SIGNED_IN,
        **_ORGANIZATION,
        guard=guard_network,
        refusal="forbidden",
        make=lambda tx, number: {
            "organization_id": parent(tx, "organizations"),
            "first_name": "Casey",
            "last_name": f"Customer {number}",
            "email": f"casey{number}@example.com",
        },
    )
    yield kept.collection(
        "brands",
        loose="logo_token",
        derive=_note_tokens,
        **_ACCOUNT,
        make=lambda _, number: {"name": f"Brand {number}"},
    )


def _work(kept: Tables) -> Iterator[Collection]:
    yield kept.collection(
        "jobs",
        unkept=("customer", "organization"),
        defaults={"marketing_attributions": list},
        refs=[Ref("customer_id", "customers", "refuse", "delete_refused"), _OWNED, _BRANDED],
        derive=_numbered_contacts,
        view=_job_view,
        **_SIGNED_IN,
        **_ORGANIZATION,
        guard=guard_job,
        lifecycle=JOB_LIFE,
        make=_make_job,
    )
    yield kept.collection(
        "appointments",
        loose="organization_id",
        instants=("time",),
        derive=_organization_of_job,
        **_ORGANIZATION,
        lifecycle=APPOINTMENT_LIFE,
        make=lambda tx, _: {"job_id": parent(tx, "jobs"), "status": "draft", "time": instant_text(tx.now)},
    )
    yield kept.collection(
        "work_orders",
        unkept=("organizations",),
        defaults={
            **dict.fromkeys(("description", "service_type", "brand_id", "external_id", "_job_id")),
            "organizations": list,
        },
        refs=[_BRANDED],
        stamps=("created_at", "updated_at"),
        view=_work_order_view,
        visible=lambda _, principal, row: row.get("_tenant") == principal.tenant,
        scope=lambda _, principal: ("_tenant", (principal.tenant,)),
        make=lambda _, number: {"title": f"Work order {number}"},
    )
    yield kept.collection(
        "time_windows", key="job_id", stamps=("created_at",), refs=[Ref("job_id", "jobs")], **_ACCOUNT
    )


def _files(kept: Tables) -> Iterator[Collection]:
    yield kept.collection(
        "attachments",
        loose="file_token",
        derive=_note_tokens,
        **_ACCOUNT,
        make=lambda tx, number: {
            "entity_type": "Job",
            "entity_id": parent(tx, "jobs"),
            "description": f"Note {number}",
        },
    )
    yield kept.collection(
        "datafiles",
        unkept=("file",),
        make=lambda _, number: {
            "filename": f"note{number}.txt",
            "mime_type": "text/plain",
            "name": "",
            "bucket_id": None,
            "_content": f"note {number}\n".encode(),
        },
    )


def _others(kept: Tables) -> Iterator[Collection]:
    yield kept.collection("sources", make=lambda _, n: {"name": f"source_{n}", "title": f"Source {n}"})
    yield kept.collection(
        "survey_responses",
        refs=[Ref("appointment_id", "appointments", "null")],
        **_ACCOUNT,
        make=lambda tx, _: {"job_id": parent(tx, "jobs"), "appointment_id": None, "rating": 5, "message": "Thank you"},
    )
