"""Waiting for a record's status, the same way for every vendor, in a sandbox that takes no time."""

from __future__ import annotations

import asyncio
import datetime
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accordant.dibop import AsyncDibop, Dibop
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.dispatch.models import JobStatus
from accordant.errors import NotFoundError, RequestError, WaitTimeoutError
from accordant.espace import AsyncEspace, Espace
from accordant_sandbox import Sandbox
from tests.sandbox.dibop_caller import VIN, VIN_DECODE

KINDS: dict[str, tuple[Any, Any]] = {
    "dibop": (Dibop, AsyncDibop),
    "dispatch": (Dispatch, AsyncDispatch),
    "espace": (Espace, AsyncEspace),
}
Make = Callable[[Sandbox], Any]
Change = Callable[[Sandbox, Any], object]


def started(sandbox: Sandbox) -> str:
    with Dibop(**sandbox.credentials) as api:
        return api.orchestrations.execute(VIN_DECODE, parameters={"vin": VIN}).execution_id


def accepted(sandbox: Sandbox, job: int) -> None:
    with Dispatch(**sandbox.credentials) as api:
        api.jobs.accept(job)


def visited(sandbox: Sandbox, appointment: int) -> None:
    with Dispatch(**sandbox.credentials) as api:
        api.appointments.update(appointment, status="complete")


def submitted(sandbox: Sandbox) -> int:
    when = datetime.datetime(2026, 5, 10)
    with Espace(**sandbox.credentials) as api:
        made = api.events.create(event_name="Choir", event_date=when, start_time="18:00:00", is_off_site=True)
        return api.events.submit(made.event_id, schedule_id=made.schedule_id).event_id


def approved(sandbox: Sandbox, event: int) -> None:
    sandbox.act.approve_event(event_id=event)


def ordered(sandbox: Sandbox, order: int) -> None:
    with Espace(**sandbox.credentials) as api:
        on_hold = next(each.id for each in api.work_orders.statuses() if each.name == "On Hold")
        api.work_orders.update(work_order_id=order, status_id=on_hold)


def given(collection: str, key: str, **values: Any) -> Make:
    return lambda sandbox: sandbox.given(collection, **values)[0][key]


def nothing(sandbox: Sandbox, key: Any) -> None:
    del sandbox, key


CASES: list[tuple[str, str, Make, Change, list[str], list[str]]] = [
    ("dibop", "executions", started, nothing, ["success", "failed"], ["running"]),
    ("dispatch", "jobs", lambda _: 121, accepted, ["unscheduled", "scheduled"], ["offered"]),
    ("dispatch", "appointments", given("appointments", "id", status="enroute"), visited, ["complete"], ["enroute"]),
    ("espace", "events", submitted, approved, ["Declined", "Approved"], ["Pending"]),
    ("espace", "work_orders", given("work_orders", "Id"), ordered, ["On Hold"], ["Created"]),
    ("espace", "inventory_requests", given("inventory_requests", "Id"), nothing, ["Draft"], ["Draft"]),
]
"""Vendor, resource, how a record is made, what happens to it, the statuses that it then has, those that it had before.

A DIBOP execution ends on the clock alone, while it is waited for.
"""
_OF_CASES = ("sandbox", "resource", "make", "change", "after", "before")
IDS = [f"{vendor}.{resource}" for vendor, resource, *_ in CASES]


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(request.param, seed="default", random_seed=7) as running:
        yield running


def wait(sandbox: Sandbox, vendor: str, kind: str, resource: str, key: Any, **how: Any) -> Any:
    """What `wait_until` of either client returns or raises."""
    if kind == "sync":
        with KINDS[vendor][0](**sandbox.credentials) as api:
            return getattr(api, resource).wait_until(key, **how)

    async def run() -> Any:
        async with KINDS[vendor][1](**sandbox.credentials) as api:
            return await getattr(api, resource).wait_until(key, **how)

    return asyncio.run(run())


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(_OF_CASES, CASES, ids=IDS, indirect=["sandbox"])
def test_a_status_is_waited_for(
    sandbox: Sandbox, kind: str, resource: str, make: Make, change: Change, after: list[str], before: list[str]
) -> None:
    """The record is returned as it is when it has one of the statuses; the sandbox's clock does the waiting."""
    vendor, key = sandbox.name, make(sandbox)
    assert wait(sandbox, vendor, kind, resource, key, status=before[0]).status == before[0]
    change(sandbox, key)
    found = wait(sandbox, vendor, kind, resource, key, status=after, deadline=60)
    assert found.status in after


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("sandbox", ["dispatch"], indirect=True)
def test_a_status_that_does_not_come(sandbox: Sandbox, kind: str) -> None:
    """The error says which record, its last status, what was waited for and how long, and holds the record."""
    begun = sandbox.clock.epoch()
    with pytest.raises(WaitTimeoutError) as caught:
        wait(sandbox, "dispatch", kind, "jobs", 121, status=["scheduled", JobStatus.REJECTED], deadline=90, interval=2)
    assert str(caught.value) == ("job 121 has status 'offered', and did not get 'scheduled' or 'rejected' within 90 s")
    assert (caught.value.last.id, caught.value.last.status) == (121, "offered")
    assert 88 <= sandbox.clock.epoch() - begun <= 90
    with pytest.raises(NotFoundError):
        wait(sandbox, "dispatch", kind, "jobs", 999, status="scheduled")


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("sandbox", ["dispatch"], indirect=True)
def test_a_status_that_does_not_exist(sandbox: Sandbox, kind: str) -> None:
    """A misspelt status, or none, is refused before anything is sent; one that the vendor added is an enum's value."""
    with pytest.raises(RequestError, match=r"jobs have no status 'schedule'; did you mean 'scheduled'\? \(there are: "):
        wait(sandbox, "dispatch", kind, "jobs", 121, status=["offered", "schedule"])
    with pytest.raises(RequestError, match="status is empty; name one to wait for"):
        wait(sandbox, "dispatch", kind, "jobs", 121, status=[])
    assert sandbox.journal.count == 0
    with pytest.raises(WaitTimeoutError, match="did not get 'archived' within 5 s"):
        wait(sandbox, "dispatch", kind, "jobs", 121, status=JobStatus("archived"), deadline=5)


def test_every_vendor_waits_in_one_way() -> None:
    """`wait_until` takes the same arguments everywhere, with the same defaults, in both clients."""
    found: set[str] = set()
    for vendor, resource, *_ in CASES:
        for kind in KINDS[vendor]:
            method = getattr(kind(token="invented", base_url="http://localhost"), resource).wait_until
            _, *others = inspect.signature(method).parameters.values()
            found.add(str([(each.name, each.kind, each.default) for each in others]))
    assert len(found) == 1
