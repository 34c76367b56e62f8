"""The keys that the operations of the four vendors name, against their sandboxes: no false alarm, none missed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from accordant.dibop import Dibop
from accordant.dime_scheduler import DimeScheduler
from accordant.dispatch import Dispatch
from accordant.errors import ResponseDecodeError
from accordant.espace import Espace
from accordant_runtime import Operation
from accordant_sandbox import Sandbox

CLIENTS: dict[str, type[Any]] = {
    "dibop": Dibop,
    "dime_scheduler": DimeScheduler,
    "dispatch": Dispatch,
    "espace": Espace,
}
NOTICED = {"other_record", "repeated", "total", "incomplete"}


def operations(vendor: str) -> list[Operation[Any]]:
    return list(import_module(f"accordant_generated.{vendor}.operations").OPERATIONS.values())


def noticed(api: Any) -> list[str]:
    """What the client noticed about keys and totals."""
    return [str(note) for report in api.deviations for note in report.deviations if note.kind in NOTICED]


def walk(api: Any, operation: Operation[Any], size: int) -> list[Any]:
    """All rows of a list that needs no argument but its page size."""
    paging = operation.pagination
    assert paging is not None
    limit = next((item.name for item in operation.parameters if item.wire == paging.limit), None)
    method = getattr(getattr(api, operation.resource), operation.name)
    rows: list[Any] = method(**({limit: size} if limit else {})).collect()
    return rows


@pytest.mark.parametrize("vendor", CLIENTS)
@pytest.mark.parametrize("size", [1, 7])
def test_lists(vendor: str, size: int) -> None:
    """A list that nobody changes repeats no row, loses none, and keeps its total."""
    with Sandbox(vendor, random_seed=7) as sandbox, CLIENTS[vendor](**sandbox.credentials) as api:
        walked = 0
        for operation in operations(vendor):
            if operation.pagination and not any(item.required for item in operation.parameters):
                walked += len(walk(api, operation, size))
        assert walked > 10
        assert noticed(api) == []


@pytest.mark.parametrize("vendor", CLIENTS)
def test_records(vendor: str) -> None:
    """Every record that a list shows comes back under its own id."""
    with Sandbox(vendor, random_seed=7) as sandbox, CLIENTS[vendor](**sandbox.credentials) as api:
        compared = 0
        every = operations(vendor)
        known = {each.entity.name: each for each in every if each.entity.action == "list" and each.method == "GET"}
        for operation in every:
            listed = known.get(operation.entity.name)
            required = [item.name for item in operation.parameters if item.required]
            asks = operation.entity.action == "get" and operation.entity.returned
            if not asks or listed is None or required != [operation.entity.key_parameter]:
                continue
            if any(item.required for item in listed.parameters):
                continue
            resource = getattr(api, operation.resource)
            rows: Any = getattr(getattr(api, listed.resource), listed.name)()
            rows = rows.collect(5) if listed.pagination else rows
            for row in rows[:5]:
                key = getattr(row, snake(operation.entity.key_field or ""))
                getattr(resource, operation.name)(key)
                compared += 1
        assert compared or vendor == "dime_scheduler"  # which lists no records that it also returns one by one
        assert noticed(api) == []


def snake(name: str) -> str:
    """The attribute of a field."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


@pytest.mark.parametrize("policy", ["lenient", "strict"])
def test_other_record(policy: Any) -> None:
    """A vendor that shows another record than the one that was asked for is found out."""
    with Sandbox("dispatch", random_seed=7) as sandbox, Dispatch(**sandbox.credentials, deviations=policy) as api:
        sandbox.given("appointments", 3)
        asked = api.appointments.list().collect(1)[0].id
        with sandbox.fault("get_other_id"):
            if policy == "strict":
                with pytest.raises(ResponseDecodeError, match="as asked for"):
                    api.appointments.get(asked)
            else:
                assert api.appointments.get(asked).id != asked
                assert len(noticed(api)) == 1


def test_deleted_while_walked() -> None:
    """Who deletes a record while a walk is under way loses no other."""
    with Sandbox("dispatch", random_seed=7) as sandbox, Dispatch(**sandbox.credentials) as api:
        sandbox.given("appointments", 30, status="draft")
        pages = api.appointments.list(status_in=["draft"], limit=7)
        before = [row.id for row in pages]
        found: list[int] = []
        for page in pages.pages():
            found += [row.id for row in page.items]
            if len(found) == 7:
                api.appointments.delete(found[0])
                api.appointments.delete(found[3])
        assert found == before
        assert len(noticed(api)) == 1
