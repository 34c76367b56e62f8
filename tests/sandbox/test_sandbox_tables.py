"""Tables and their growth: what a call costs in a sandbox that holds many records, counted in rows and in steps."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from random import Random
from types import FrameType
from typing import Any

import pytest

from accordant_sandbox import Sandbox, vendors
from accordant_sandbox.engine.auth import Principal
from accordant_sandbox.engine.tables import Table
from accordant_sandbox.model.collections import Int
from tests.sandbox.dispatch_caller import Api

FEW, MANY = 500, 4000
STEPS = 500
"""How many more lines of the sandbox's code a call may run among eight times as many records: three or four for each
piece of 256 rows, none for each row."""


class Watched(Mapping[str, Any]):
    """A row that notes that somebody read it."""

    def __init__(self, values: Mapping[str, Any], read: set[int]) -> None:
        self._values, self._read = values, read

    def __getitem__(self, name: str) -> Any:
        self._read.add(id(self))
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        self._read.add(id(self))
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def work(sandbox: Sandbox, collection: str, call: Callable[[], Any]) -> tuple[int, int]:
    """How many rows a call reads, and how many lines of the sandbox's code it runs, once it was made before."""
    call()
    read: set[int] = set()
    table = sandbox.engine.state.tables[collection]
    watched = Table.of({key: Watched(row, read) for key, row in table.items()})
    sandbox.engine.state.tables[collection] = watched
    call()  # the first question makes an index
    read.clear()
    lines = 0

    def count(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal lines
        del argument
        if "accordant_sandbox" not in frame.f_code.co_filename:
            return None
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        call()
    finally:
        sys.settrace(before)
    return len(read), lines


CALLS: dict[str, Callable[[Api], Any]] = {
    "get": lambda api: api.get("/v3/appointments/3"),
    "first page": lambda api: api.get("/v3/appointments?limit=20"),
    "late page": lambda api: api.get(f"/v3/appointments?limit=20&offset={FEW - 40}"),
    "create": lambda api: api.post("/v3/appointments", {"job_id": 123, "status": "draft"}),
    "update": lambda api: api.patch("/v3/appointments/5", {"duration": 60}),
    "move": lambda api: api.patch("/v3/appointments/5", {"status": "scheduled"}),
    "refused": lambda api: api.post("/v3/appointments", {"job_id": 999, "status": "draft"}),
}


@pytest.fixture(scope="module")
def sizes() -> Iterator[list[Sandbox]]:
    """A sandbox with few appointments and one with many."""
    with Sandbox("dispatch") as few, Sandbox("dispatch") as many:
        few.given("appointments", FEW)
        many.given("appointments", MANY)
        yield [few, many]


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("principal", ["default", "organization_user"])
def test_a_call_costs_the_same_among_many_records(sizes: list[Sandbox], name: str, principal: str) -> None:
    """Reading, creating and changing a record and showing a page look at no more rows among 4,000 than among 500."""
    found: list[tuple[int, int]] = []
    for sandbox in sizes:
        api = Api(sandbox, principal)
        assert CALLS[name](api).status == (422 if name == "refused" else 201 if name == "create" else 200)
        found.append(work(sandbox, "appointments", lambda: CALLS[name](api)))  # noqa: B023 - called at once
    (few_rows, few_steps), (many_rows, many_steps) = found
    assert many_rows <= max(few_rows, 25)
    assert many_steps - few_steps < STEPS


def test_unique_fields_and_references_cost_the_same_among_many_records() -> None:
    """Whether a value is taken, and who refers to a deleted record, is looked up, not searched for."""
    found: list[tuple[int, int]] = []
    for count in (FEW, MANY):
        with Sandbox("dispatch") as sandbox:
            for number in range(count):
                sandbox.given("users", phone_number=f"+1617{number:07}")
            api = Api(sandbox)
            numbers = iter(range(100))

            def write(api: Api = api, numbers: Iterator[int] = numbers) -> None:
                number = next(numbers)
                user = {"organization_id": 3, "first_name": "A", "last_name": "B", "roles": ["technician"]}
                taken = api.post("/v3/users", {**user, "email": "a@example.com", "phone_number": "+16170000001"})
                assert taken.status == 422
                free = api.post("/v3/users", {**user, "email": "a@example.com", "phone_number": f"+1618{number:07}"})
                assert free.status == 201
                made = api.post("/v3/brands", {"name": "Gone"}).body["brand"]
                assert api.call("DELETE", f"/v3/brands/{made['id']}").status in (200, 204)

            found.append(work(sandbox, "users", write))
    (few_rows, few_steps), (many_rows, many_steps) = found
    assert many_rows <= few_rows + 5
    assert many_steps - few_steps < 6 * STEPS


@pytest.mark.parametrize("seed", range(20))
def test_a_table_is_a_dictionary_in_order(seed: int) -> None:
    """After any writes a table holds what a dictionary would, in its order; every part and index of it agrees."""
    random = Random(seed)
    table = Table()
    plain: dict[int, dict[str, Any]] = {}
    versions: list[tuple[Table, dict[int, dict[str, Any]]]] = []
    for step in range(1200):
        key = random.randrange(900) if seed % 2 else step
        if random.random() < 0.25 and plain:
            key = random.choice(list(plain)[-20:])
            table = table.without(key)
            plain = {each: row for each, row in plain.items() if each != key}
        else:
            value: Any = random.choice([None, 1, "a", ["no key"]])
            row: dict[str, Any] = {"n": step, "kind": value, "shared": step % 3}
            table = table.put(key, row)
            plain = {**plain, key: row}
        if step % 100 == 0:
            versions.append((table, plain))
            assert list(table.where(("kind", "shared"), ("a", 1))) == [
                row for row in plain.values() if (row["kind"], row["shared"]) == ("a", 1)
            ]
    for held, expected in [*versions, (table, plain)]:
        rows = list(expected.values())
        assert (list(held.items()), list(held.values()), len(held)) == (list(expected.items()), rows, len(expected))
        assert all(held[key] is row and key in held for key, row in expected.items())
        for wanted in (None, 1, "a", ["no key"]):
            some = [row for row in rows if row["kind"] == wanted]
            found = held.where(("kind",), (wanted,))
            assert (list(found), len(found)) == (some, len(some))
            assert found[::-1][3:9] == some[::-1][3:9]
            assert found[-5:] == some[-5:]
        either = [row for row in rows if row["shared"] in (0, 2)]
        assert list(held.where(("shared",), (0,), (2,))) == either
        for start in range(0, len(rows), 97):
            assert held.rows()[start : start + 50] == rows[start : start + 50]
        assert held.last() == (rows[-1] if rows else None)
        assert not held.in_key_order or list(held) == sorted(held)


def test_a_table_answers_after_too_many_kinds_of_question() -> None:
    """Beyond the indexes that a table keeps, it still finds the rows with given values."""
    table = Table.of({key: {f"f{each}": key % 7 for each in range(40)} for key in range(50)})
    for each in range(40):
        assert len(table.where((f"f{each}",), (3,))) == 7
    assert len(table.put(50, {"f39": 3}).where(("f39",), (3,))) == 8


@pytest.mark.parametrize("vendor", vendors())
def test_scopes_pick_what_is_visible(vendor: str) -> None:
    """What a collection says as data of who sees what, and what it says as a function, are the same rows."""
    with Sandbox(vendor) as sandbox:
        for name, collection in sandbox.vendor.collections.items():
            if collection.make and isinstance(collection.kind, Int):
                sandbox.given(name, 2)
        for row in sandbox.engine.state.tables["_principals"].values():
            principal = Principal.of(row)
            tx = sandbox.engine.transaction(principal)
            for name, collection in sandbox.vendor.collections.items():
                if collection.visible is not None:
                    seen = [each for each in tx.table(name).values() if collection.visible(tx, principal, each)]
                    assert list(tx.rows(name)) == [each for each in seen if not each.get("_deleted")], name
