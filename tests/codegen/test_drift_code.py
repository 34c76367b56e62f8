"""What a change does to code that calls a client: the generated packages of two documents compared."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.drift.annotations import covers
from accordant_codegen.drift.api import compare_packages
from accordant_codegen.drift.lines import Impact, worst
from accordant_codegen.drift.surface import Texts, surface
from accordant_codegen.drift.versions import rendered
from accordant_codegen.read.effective import prepare
from accordant_codegen.read.load import parse
from accordant_codegen.vendors import VendorFolder
from tests.codegen.drift_documents import MODERN, Edit, add, all_of, at, cut, move, put, set_to

LIST = "paths>/things>get"
MAKE = "paths>/things>post"
ONE = "paths>/things/{id}"
GIVEN = f"{LIST}>parameters"
WRITE = "components>schemas>ThingWrite"
READ = "components>schemas>Thing"
VENDOR = VendorFolder("shop", Path("/nowhere"), Path("/nowhere/specs/shop/openapi.yaml"))
B, A = Impact.BREAKING, Impact.ADDITIVE


def package(document: dict[str, Any]) -> Texts:
    return rendered(VENDOR, prepare(document, [], "document").document)


@cache
def today() -> Texts:
    return package(parse(MODERN, "document"))


def changed(edit: Edit) -> dict[str, Impact]:
    """What an edit changes in the package: each sentence with its impact."""
    document = copy.deepcopy(parse(MODERN, "document"))
    edit(document)
    lines = compare_packages(today(), package(document))
    return {line.sentence: line.impact for line in lines}


EXTRA = {"name": "extra", "in": "query", "schema": {"type": "string"}}
CHANGES: dict[str, tuple[Edit, str, Impact]] = {
    "method gone": (cut(f"{ONE}>delete"), "things.delete: is gone", B),
    "method new": (
        put(ONE, put={"operationId": "swapThing", "tags": ["things"], "responses": {"204": {"description": "x"}}}),
        "things.replace: is new",
        A,
    ),
    "method renamed": (
        put(LIST, operationId="findThings"),
        "things.list_things: is called things.find_things now",
        B,
    ),
    "resource renamed": (
        put(f"{ONE}>delete", tags=["bin"]),
        "things.delete: is called bin.delete now",
        B,
    ),
    "name taken by another operation": (
        all_of(
            move(LIST, "head"),
            put("paths>/things>head", operationId="listAllThings"),
            put(
                "paths>/things",
                get={"operationId": "x", "tags": ["things"], "responses": {"204": {"description": "x"}}},
            ),
            put("paths>/things>head", **{"x-accordant-name": "list_all"}),
            put("paths>/things>get", **{"x-accordant-name": "list_things"}),
        ),
        "things.list_things: returns `None` (it was `list[Thing]`)",
        B,
    ),
    "argument gone": (cut(f"{GIVEN}>3"), "things.list_things: argument `since` is gone", B),
    "argument new": (add(GIVEN, EXTRA), "things.list_things: argument `extra` is new", A),
    "required argument new": (
        add(GIVEN, {**EXTRA, "required": True}),
        "things.list_things: argument `extra` is new and required",
        B,
    ),
    "argument required": (
        put(f"{GIVEN}>3", required=True),
        "things.list_things: argument `since` is required now",
        B,
    ),
    "argument optional": (
        put(f"{GIVEN}>6", required=False),
        "things.list_things: argument `needed` is optional now",
        A,
    ),
    "argument type": (
        put(f"{GIVEN}>3>schema", format="date-time"),
        "things.list_things: argument `since` takes `datetime.datetime` (it was `datetime.date`)",
        B,
    ),
    "argument type wider": (
        put(f"{GIVEN}>0>schema", type="number"),
        "things.list_things: argument `limit` takes `float` (it was `int`)",
        A,
    ),
    "argument in Python renamed": (
        put(f"{GIVEN}>3", **{"x-accordant-name": "after"}),
        "things.list_things: argument `since` is called `after` now",
        B,
    ),
    "path argument renamed": (
        all_of(move(ONE, "/things/{key}"), put("paths>/things/{key}>parameters>0", name="key")),
        "things.get: argument `id` is called `key` now",
        B,
    ),
    "body field required": (
        add(f"{WRITE}>required", "size"),
        "things.create: argument `size` is required now",
        B,
    ),
    "body field gone": (cut(f"{WRITE}>properties>size"), "things.create: argument `size` is gone", B),
    "returned value": (
        cut(f"{ONE}>get>responses>200>content"),
        "things.get: returns `None` (it was `Thing`)",
        B,
    ),
    "model field gone": (cut(f"{READ}>properties>price"), "models.Thing: field `price` is gone", B),
    "model field new": (put(f"{READ}>properties", color={"type": "string"}), "models.Thing: field `color` is new", A),
    "model field new and always there": (
        all_of(put(f"{READ}>properties", color={"type": "string"}), add(f"{READ}>required", "color")),
        "models.Thing: field `color` is new",
        A,
    ),
    "model field renamed in Python": (
        put(f"{READ}>properties>price", **{"x-accordant-name": "cost"}),
        "models.Thing: field `price` is called `cost` now",
        B,
    ),
    "model field renamed": (
        move(f"{READ}>properties>price", "cost"),
        "models.Thing: field `price` is gone; `cost` is new and of the same type",
        B,
    ),
    "model field optional": (
        set_to(f"{READ}>required", ["id", "kind"]),
        "models.Thing: field `name` is optional now: it may be UNSET",
        B,
    ),
    "model field always there": (add(f"{READ}>required", "price"), "models.Thing: field `price` is required now", A),
    "model field null": (
        put(f"{READ}>properties>name", type=["string", "null"]),
        "models.Thing: field `name` is `str | None` (it was `str`)",
        B,
    ),
    "model field never null": (
        put(f"{READ}>properties>note", type="string"),
        "models.Thing: field `note` is `str` (it was `str | None`)",
        A,
    ),
    "model field of another type": (
        put(f"{READ}>properties>name", type="string", format="date-time"),
        "models.Thing: field `name` is `datetime.datetime` (it was `str`)",
        B,
    ),
    "enum value new": (add("components>schemas>State>enum", "lost"), "models.State: LOST is new", A),
    "enum value gone": (set_to("components>schemas>State>enum", ["open"]), "models.State: CLOSED is gone", B),
    "class renamed": (
        all_of(
            move("components>schemas>State", "Condition"),
            put(f"{GIVEN}>1>schema", **{"$ref": "#/components/schemas/Condition"}),
        ),
        "models.State: is called Condition now",
        B,
    ),
    "class gone": (
        set_to(f"{ONE}>get>responses", {"204": {"description": "x"}}),
        "things.get: returns `None` (it was `Thing`)",
        B,
    ),
    "model for both directions required": (
        add("components>schemas>Owner>required", "email"),
        "models.Owner: field `email` is required now",
        B,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_told(change: str) -> None:
    """A change of the document is told by the name that it has in code, with what it does to a caller."""
    edit, sentence, impact = CHANGES[change]
    found = changed(edit)
    assert found.get(sentence) is impact, found
    assert max(found.values()) is impact


UNSEEN: list[Edit] = [
    put(f"{ONE}>get", description="Another text."),
    move(ONE, "/items/{id}"),
    put("servers>0", url="https://x.example"),
    put(f"{GIVEN}>0>schema", maximum=10),
    put("components>securitySchemes>key", name="K"),
    put(f"{LIST}>responses", **{"409": {"description": "No."}}),
    lambda document: at(document, f"{READ}>required").reverse(),
]


@pytest.mark.parametrize("edit", UNSEEN)
def test_not_told(edit: Edit) -> None:
    """What code cannot see is no change of it."""
    assert changed(edit) == {}


def test_same_package() -> None:
    """A package is no change of itself."""
    assert compare_packages(today(), today()) == []


BEFORE = """\
LIST_THINGS: Final[Operation[Thing]] = Operation(
    id="listThings",
    resource="things",
    name="list",
    method="GET",
    path="/things",
    parameters=(Parameter("since[]", "since", "query"),),
)


class Things(SyncResource):
    def list(self, *, since: str | Unset = UNSET, options: CallOptions | None = None) -> Thing:
        return self._caller.call(LIST_THINGS, {"since": since}, options)
"""
NOW = """\
LIST_THINGS: Final[Operation[Thing]] = operation(
    "listThings",
    "things.list",
    "GET /things",
    parameters=(Parameter("since[]", "since", "query"),),
)


class Things(SyncResource):
    def list(self, *, since: str | Unset = UNSET, options: CallOptions | None = None) -> Thing:
        return self._caller.call(LIST_THINGS, {"since": since}, options)
"""
MODEL_BEFORE = """\
class Thing(Model):
    LABEL: ClassVar[str] = "thing"
    name: str
    made_at: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


Thing.WIRE = {"name": ("name", string), "made_at": ("madeAt", instant)}
"""
MODEL_NOW = """\
class Thing(Model):
    LABEL: ClassVar[str] = "thing"
    name: str
    made_at: Annotated[datetime.datetime | Unset, "madeAt"] = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])
"""


def test_the_form_of_earlier_packages() -> None:
    """A package that was generated in the earlier form offers the same: its operations, its fields, their names."""
    assert surface(BEFORE) == surface(NOW)
    assert surface(MODEL_BEFORE) == surface(MODEL_NOW)
    operation = surface(NOW)["Things"].methods["list"].operation
    assert (operation.id, operation.calls, operation.parameters) == (
        "listThings",
        "GET /things",
        {"since": "since[] query"},
    )
    fields = surface(MODEL_NOW)["Thing"].fields
    assert {name: (each.annotation, each.wire) for name, each in fields.items()} == {
        "name": ("str", "name"),
        "made_at": ("datetime.datetime | Unset", "madeAt"),
    }


def test_no_resource_left() -> None:
    """A package that has lost everything breaks everything."""
    lines = compare_packages(today(), {})
    assert worst(lines) is Impact.BREAKING
    assert {"things.list_things: is gone", "models.Thing: is gone"} <= {line.sentence for line in lines}


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        ("str | None", "str"),
        ("float", "int"),
        ("Any", "dict[str, int]"),
        ("Sequence[str | None]", "list[str]"),
        ("A | B | C", "C | A"),
        ('Literal["a", "b", "c"]', 'Literal["a", "c"]'),
        ('str | Literal["a"]', 'Literal["a"]'),
        ("str", 'Literal["a"]'),
        ("Mapping[str, float]", "dict[str, int]"),
        ("builtins.list[A | B]", "list[A]"),
    ],
)
def test_covers(wide: str, narrow: str) -> None:
    """An annotation covers another one that allows less, and is not covered by it."""
    assert covers(wide, narrow)
    assert not covers(narrow, wide)


@pytest.mark.parametrize(("one", "other"), [("str", "int"), ("list[str]", "list[int]"), ("A[", "B"), ("A", "list[A]")])
def test_covers_not(one: str, other: str) -> None:
    """Annotations that have nothing to do with each other do not cover each other."""
    assert not covers(one, other)
    assert not covers(other, one)
