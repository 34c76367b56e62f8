"""Data sets of the Dispatch sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from accordant_sandbox.model.instants import instant_text
from accordant_sandbox.ports import Tx
from accordant_sandbox.vendors.dispatch.collections import ADDRESS

__all__ = ["CREDENTIALS", "SEEDS"]

CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "default": {"client_id": "public_key", "client_secret": "secret_key"},
    "third_party": {"client_id": "third_party_key", "client_secret": "third_party_secret"},
    "organization_user": {
        "client_id": "public_key",
        "client_secret": "secret_key",
        "username": "dispatcher@example.com",
        "password": "dispatcher-password",
    },
}
"""A first-party job source with every right, a third-party network with its own records, a user of organization 3."""

_ACCOUNT = "account:public_key"
_NETWORK = "account:third_party_key"
_STREETS = ("Beacon Street", "Tremont Street", "Boylston Street", "Newbury Street", "Charles Street")
_SERVICES = ("plumbing", "hvac", "electrical", "appliance", "roofing")


def empty(tx: Tx) -> None:
    """Nothing but the accounts that can log in."""
    for name, tenant, role in (("default", _ACCOUNT, "first_party"), ("third_party", _NETWORK, "third_party")):
        tx.put("_principals", {"name": name, "tenant": tenant, "role": role})
        login = CREDENTIALS[name]
        tx.put("_clients", {**login, "principal": name})


def default(tx: Tx) -> None:
    """Some of everything but appointments and attachments, whose ids count from 1.

    Organization 3, job 123, the technicians 456 and 789, brands 1 and 2 are those of the documentation's samples.
    """
    empty(tx)
    _organizations(tx)
    _own(tx, "sources", id=1, name="homeowner_app", title="Homeowner app")
    _own(tx, "sources", id=2, name="warranty_portal", title="Warranty portal")
    _own(tx, "brands", name="Acme Home Services", phone_number="+16175550101", email="hello@acme.example.com")
    _own(tx, "brands", name="Blue Door Repairs", phone_number="+16175550102")
    customer = _own(
        tx, "customers", organization_id=3, first_name="Jamie", last_name="Rivera", email="jamie@example.com",
        phone_numbers=[{"number": "+16175550120", "primary": True, "type": "mobile"}], home_address=ADDRESS,
        external_ids=["crm-1001"],
    )  # fmt: skip
    _own(
        tx, "customers", organization_id=3, first_name="Robin", company_name="Robin's Bakery", email="robin@example.com"
    )
    _own(tx, "customers", organization_id=4, first_name="Sascha", last_name="Lind")
    _jobs(tx, customer)
    _own(tx, "survey_responses", job_id=120, appointment_id=None, rating=5, message="On time and friendly")
    _own(tx, "survey_responses", job_id=122, appointment_id=None, rating=3, message=None)
    _own(tx, "time_windows", job_id=122, time_windows=[_window(tx, 48, 2)])
    logo = {"filename": "logo.svg", "mime_type": "image/svg+xml", "name": "", "bucket_id": None}
    _own(tx, "datafiles", **logo, _content=b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    order = {"title": "Boiler inspection", "location": ADDRESS, "orchestration": "direct_assign"}
    _own(tx, "work_orders", **order, organizations=[{"id": 3, "customer_id": customer}], _job_id=120)


def busy_day(tx: Tx, appointments: int = 2000, technicians: int = 40, jobs: int = 400) -> None:
    """The day of a large organization: its technicians, jobs, and thousands of appointments in every status."""
    default(tx)
    people = [
        _own(
            tx, "users", organization_id=3, first_name="Technician", last_name=f"{number:03d}", roles=["technician"],
            email=f"technician{number}@example.com", phone_number=f"+1617556{number:04d}",
        )
        for number in range(technicians)
    ]  # fmt: skip
    customers = [
        _own(
            tx, "customers", organization_id=3, first_name="Customer", last_name=f"{number:04d}",
            email=f"customer{number}@example.com", external_ids=[f"crm-{2000 + number}"],
        )
        for number in range(max(1, jobs // 2))
    ]  # fmt: skip
    work = [
        _own(
            tx, "jobs", organization_id=3, customer_id=customers[number % len(customers)], status="unscheduled",
            title=f"{_SERVICES[number % len(_SERVICES)]} visit {number}", source_id=1 + number % 2,
            service_type=_SERVICES[number % len(_SERVICES)],
            address={**ADDRESS, "street_1": f"{number + 1} {_STREETS[number % len(_STREETS)]}"},
        )
        for number in range(max(1, jobs))
    ]  # fmt: skip
    morning = tx.now.replace(hour=7, minute=0, second=0, microsecond=0)
    statuses = ("scheduled", "scheduled", "scheduled", "enroute", "started", "complete", "canceled", "draft")
    for number in range(appointments):
        start = morning + timedelta(minutes=15 * (number % 48), days=number // 2000)
        unassigned = number % 10 == 9 or not people
        _own(
            tx, "appointments", job_id=work[number % len(work)], status=statuses[tx.random.randrange(len(statuses))],
            time=None if number % 50 == 49 else instant_text(start), duration=1800 * (1 + number % 6),
            user_id=None if unassigned else people[number % len(people)],
        )  # fmt: skip


def _organizations(tx: Tx) -> None:
    _own(
        tx, "organizations", id=3, name="Rivera Plumbing", email="office@rivera.example.com", address=ADDRESS,
        phone_number="+16175550103", external_ids=["org-3"],
    )  # fmt: skip
    _own(tx, "organizations", name="Harbor Electric", email="office@harbor.example.com", phone_number="+16175550104")
    network = {"_tenant": _NETWORK, "_by": "dispatch"}
    tx.create("organizations", {**network, "name": "Granite Roofing", "email": "office@granite.example.com"})
    staff: dict[str, Any] = {"organization_id": 3, "roles": ["technician"]}
    _own(tx, "users", **staff, id=456, first_name="Morgan", last_name="Hale", phone_number="+16175550456")
    _own(tx, "users", **staff, id=789, first_name="Riley", last_name="Stone", email="riley@example.com")
    login = CREDENTIALS["organization_user"]
    _own(
        tx, "users", id=790, organization_id=3, first_name="Drew", last_name="Dispatcher", roles=["dispatcher"],
        email=login["username"], password=login["password"],
    )  # fmt: skip
    tx.create(
        "users", {**network, "organization_id": 5, "first_name": "Noor", "last_name": "Roof", "roles": ["technician"]}
    )


def _jobs(tx: Tx, customer: int) -> None:
    shared: dict[str, Any] = {"organization_id": 3, "address": ADDRESS}
    _own(
        tx, "jobs", **shared, id=120, customer_id=customer, title="Boiler inspection", status="complete", source_id=1,
        service_type="hvac", external_ids=["wo-120"],
    )  # fmt: skip
    _own(tx, "jobs", **shared, id=121, customer_id=customer, title="Dishwasher offer", status="offered", brand_id=2)
    _own(tx, "jobs", **shared, id=122, customer_id=customer, title="Roof estimate", status="paused")
    methods = [{"method": "phone", "value": "+16175550121", "notify": True}]
    tenant = {"first_name": "Alex", "last_name": "Rivera", "primary": True, "relationship": "tenant"}
    _own(
        tx, "jobs", **shared, id=123, customer_id=customer, title="Leaking kitchen tap", status="unscheduled",
        description="Under the sink, **left** side.", service_type="plumbing", brand_id=1, source_id=1,
        contacts=[{**tenant, "contact_methods": methods}],
        equipment_descriptions=[{"manufacturer": "Delta", "equipment_type": "tap"}],
        marketing_attributions=[{"source": "newsletter", "campaign": "spring"}],
    )  # fmt: skip


def _own(tx: Tx, collection: str, **values: Any) -> Any:
    """A record of the default account; returns its key."""
    row = tx.create(collection, {"_tenant": _ACCOUNT, "_by": "default", **values})
    return tx.key_of(collection, row)


def _window(tx: Tx, hours: int, length: int) -> dict[str, str]:
    start = tx.now + timedelta(hours=hours)
    return {"start_time": instant_text(start), "end_time": instant_text(start + timedelta(hours=length))}


SEEDS = {"default": default, "empty": empty, "busy_day": busy_day}
