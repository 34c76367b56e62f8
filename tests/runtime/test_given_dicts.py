"""Dicts in place of models: what is certainly misspelt is refused, and everything else is sent as it is."""

from __future__ import annotations

import datetime
from collections import UserDict
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from attrs import define, field

import accordant_runtime._json as written
import accordant_runtime._model as models
from accordant_runtime import (
    UNSET,
    Body,
    Entity,
    Lazy,
    ListOf,
    MapOf,
    OneOf,
    Operation,
    Parameter,
    RequestError,
    RequestModel,
    Tagged,
    Unset,
    build_request,
    exactly,
    instant,
    loads,
    nullable,
    string,
    untyped,
)

MODULE = "accordant_given_dicts_example"
LAZY_PLACE: Lazy[Any] = Lazy(MODULE, "Place")
LAZY_ORDER: Lazy[Any] = Lazy(MODULE, "Order")


@define(kw_only=True)
class Place(RequestModel):
    """An address, as the generator would write it."""

    street_1: str | Unset = UNSET
    street_2: str | Unset | None = UNSET
    postal_code: str | Unset = UNSET
    from_: datetime.datetime | Unset = UNSET
    id: str | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


Place.WIRE = {
    "street_1": ("street_1", string),
    "street_2": ("street_2", nullable(string)),
    "postal_code": ("postalCode", string),
    "from_": ("from", instant),
    "id": ("id", string),
}


@define(kw_only=True)
class Exact(RequestModel):
    """An object whose document allows no further keys."""

    colour: str | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


Exact.WIRE = {"colour": ("colour", string)}
Exact.CLOSED = True


@define(kw_only=True)
class Call(RequestModel):
    """A step of one kind."""

    kind: str | Unset = UNSET
    connection: str | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


Call.WIRE = {"kind": ("kind", exactly("call")), "connection": ("connection", string)}


@define(kw_only=True)
class Change(RequestModel):
    """A step of another kind."""

    kind: str | Unset = UNSET
    mapping: Any = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


Change.WIRE = {"kind": ("kind", exactly("change")), "mapping": ("mapping", untyped)}


@define(kw_only=True)
class Labels(RequestModel):
    """An object that is a map of texts as well."""

    title: str | Unset = UNSET
    additional_properties: dict[str, str] = field(factory=dict[str, Any])


Labels.WIRE = {"title": ("title", string)}
Labels.REST = string


@define(kw_only=True)
class Order(RequestModel):
    """A body with everything in it."""

    place: Any = UNSET
    places: Any = UNSET
    named: Any = UNSET
    exact: Any = UNSET
    step: Any = UNSET
    tagged: Any = UNSET
    labels: Any = UNSET
    meta: Any = UNSET
    order: Any = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


EITHER: OneOf[Any] = OneOf(Call.decode, Change.decode)
Order.WIRE = {
    "place": ("place", nullable(Place.decode)),
    "places": ("places", ListOf(ListOf(Place.decode))),
    "named": ("named", MapOf(Place.decode)),
    "exact": ("exact", Exact.decode),
    "step": ("step", OneOf(string, Call.decode, Change.decode)),
    "tagged": ("tagged", ListOf(Tagged[Any]("kind", {"call": Call.decode, "change": Change.decode}, EITHER))),
    "labels": ("labels", Labels.decode),
    "meta": ("meta", untyped),
    "order": ("order", LAZY_ORDER),
}


@pytest.fixture(autouse=True)
def module(monkeypatch: pytest.MonkeyPatch) -> None:
    """The models, where lazy decoders find them."""
    made = ModuleType(MODULE)
    vars(made).update(Order=Order, Place=Place)
    monkeypatch.setitem(__import__("sys").modules, MODULE, made)


@pytest.fixture(params=[True, False], ids=["orjson", "json"], autouse=True)
def native(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of writing JSON."""
    if not request.param:
        monkeypatch.setattr(models, "writes_natively", lambda: False)


def operation(body: Body | None, *parameters: Parameter) -> Operation[Any]:
    """An operation with a body."""
    made: Operation[Any] = Operation(
        id="createOrder",
        method="POST",
        path="/orders",
        resource="orders",
        name="create",
        entity=Entity("order", "create"),
        body=body,
        parameters=parameters,
    )
    return made


FLAT = operation(Body(model=LAZY_ORDER))
WHOLE = operation(Body(takes=LAZY_PLACE))


def sent(made: Operation[Any] = FLAT, **arguments: Any) -> Any:
    """The JSON that is sent."""
    return loads(build_request(made, arguments).content or b"")


def refused(made: Operation[Any] = FLAT, **arguments: Any) -> str:
    """The message of the error that is raised instead."""
    with pytest.raises(RequestError) as caught:
        build_request(made, arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("stret_1", "street_1"),
        ("Street_1", "street_1"),
        ("street1", "street_1"),
        ("postal_code", "postalCode"),
        ("PostalCode", "postalCode"),
        ("postlaCod", "postalCode"),
        ("from_", "from"),
        ("fron", "from"),
        ("ID", "id"),
    ],
)
def test_a_misspelt_key_is_refused_with_its_path_and_what_was_meant(key: str, meant: str) -> None:
    """A letter or two, case, underscores, or the name of the attribute in Python: the error names place and key."""
    said = "createOrder: the body cannot be sent: "
    assert refused(place={key: "x"}).startswith(f"{said}$.place: Place has no key {key!r}: did you mean {meant!r}?")


@pytest.mark.parametrize("key", ["country", "street_3", "ip", "code", "zip", "streets_of_1"])
def test_another_unknown_key_is_sent_as_it_is(key: str) -> None:
    """A key that resembles no absent field is sent: another number is another name, and short names tell nothing."""
    assert sent(place={key: "x"}) == {"place": {key: "x"}}


def test_a_key_beside_the_field_that_it_resembles_is_sent() -> None:
    """Where the field itself is given as well, the other key is meant."""
    both = {"postalCode": "1", "postal_code": "2"}
    assert sent(place=both) == {"place": both}


def test_a_model_is_the_way_to_send_such_a_key_all_the_same() -> None:
    """The error names the way round: what is in a model's additional_properties is sent whatever its name."""
    assert "(Place(additional_properties=...) sends any key)" in refused(place={"stret_1": "x"})
    assert sent(place=Place(additional_properties={"stret_1": "x"})) == {"place": {"stret_1": "x"}}


def test_no_further_key_where_the_document_allows_none() -> None:
    """With additionalProperties: false every unknown key is refused, and the error says which ones there are."""
    assert refused(exact={"size": 1}) == (
        "createOrder: the body cannot be sent: $.exact: Exact has no key 'size', "
        "and the document allows none but 'colour'"
    )
    assert refused(exact={"color": 1}).endswith("$.exact: Exact has no key 'color': did you mean 'colour'?")
    assert sent(exact={"colour": "red"}) == {"exact": {"colour": "red"}}


def test_dicts_are_found_wherever_they_are() -> None:
    """In lists of lists, in maps, inside other dicts, in models, in mappings that are no dict, and in tuples."""
    bad = {"stret_1": "x"}
    assert "$.places[0][1]: " in refused(places=[[{"street_1": "x"}, bad]])
    assert "$.places[1][0]: " in refused(places=((Place(),), (bad,)))
    assert "$.named.home: " in refused(named={"home": bad})
    assert "$.order.order.place: " in refused(order={"order": Order(place=bad)})
    assert "$.place: " in refused(place=UserDict(bad))
    assert refused(named={"a\n": bad}).count("\n") == 0


def test_what_has_no_fields_is_not_looked_at() -> None:
    """The keys of a map, of any JSON and of an object that is a map as well are the caller's."""
    given: dict[str, Any] = {"named": {"stret_1": {}}, "meta": {"stret_1": {"Place": 1}}, "labels": {"titel": "x"}}
    assert sent(**given) == given


def test_of_a_union_the_alternative_counts_that_was_meant() -> None:
    """A discriminator or a constant says which model a dict is; where nothing does, it is sent unless all refuse it."""
    wrong = {"kind": "call", "conection": "x"}
    cases: list[dict[str, Any]] = [{"step": wrong}, {"tagged": [{"kind": "change"}, wrong]}]
    for given in cases:
        assert "Call has no key 'conection': did you mean 'connection'?" in refused(**given)
    assert "Change has no key 'maping'" in refused(step={"kind": "change", "maping": {}})
    fine: list[dict[str, Any]] = [{"kind": "change", "conection": "x"}, {"conection": "x"}, {"kind": "other"}]
    for step in fine:
        assert sent(step=step, tagged=[step]) == {"step": step, "tagged": [step]}
    assert sent(step="text") == {"step": "text"}


def test_a_whole_body_is_checked_and_so_is_a_list_of_bodies() -> None:
    """A body that is one argument is checked as one record and as a list of records, models among them."""
    good = {"street_1": "x", "from": datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)}
    assert refused(WHOLE, body={"stret_1": "x"}).startswith("createOrder: the body cannot be sent: $: Place has no key")
    assert "$[2]: " in refused(WHOLE, body=[good, Place(street_1="x"), {"stret_1": "x"}])
    assert sent(WHOLE, body=[good, Place(street_1="x")])[1] == {"street_1": "x"}
    assert sent(WHOLE, body=Place(street_1="x")) == {"street_1": "x"}


def test_forms_and_parts_are_checked() -> None:
    """A urlencoded form, the parts of a multipart body and a parameter are checked like a JSON body."""
    form = operation(Body(model=LAZY_ORDER, kind="form", content_type="application/x-www-form-urlencoded"))
    assert "$.place: Place has no key 'stret_1'" in refused(form, place={"stret_1": "x"})
    assert build_request(form, {"place": {"street_1": "x"}}).form == (("place", '{"street_1":"x"}'),)
    parts = operation(
        Body(
            kind="multipart",
            content_type="multipart/form-data",
            parts={"where": "Where"},
            fields={"where": LAZY_PLACE},
        )
    )
    assert "$.Where: Place has no key 'stret_1'" in refused(parts, where={"stret_1": "x"})
    assert "$.Where[1]: Place has no key 'stret_1'" in refused(parts, where=[{}, {"stret_1": "x"}])
    assert build_request(parts, {"where": {"street_1": "x"}}).form == (("Where", '{"street_1":"x"}'),)
    query = operation(None, Parameter("at", "at", style="deepObject", takes=LAZY_PLACE))
    message = refused(query, at={"stret_1": "x"})
    assert message.startswith("createOrder: argument 'at' cannot be sent: $: Place has no key 'stret_1'")
    assert build_request(query, {"at": {"street_1": "x"}}).query == (("at[street_1]", "x"),)


def test_a_circle_is_an_error_and_an_iterator_is_not_used_up() -> None:
    """A dict that holds itself is refused as nested too deeply; what can be read only once is left for the writer."""
    circle: dict[str, Any] = {}
    circle["order"] = circle
    assert "nested too deeply" in refused(order=circle)

    def once() -> Iterator[Any]:
        yield [{"street_1": "x"}]

    assert sent(places=once()) == {"places": [[{"street_1": "x"}]]}


@pytest.mark.skipif(not written.writes_natively(), reason="without orjson, values are written one by one")
@pytest.mark.parametrize("native", [True], indirect=True)
def test_models_alone_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body of models is written at once where orjson is installed: nothing is checked that the models say already."""

    def checked(_model: RequestModel) -> None:
        pytest.fail("it was checked")

    monkeypatch.setattr("accordant_runtime._request.refuse_misspelt_in", checked)
    order: dict[str, Any] = {"exact": Exact(colour="red"), "labels": Labels(title="x")}
    assert sent(**order) == {"exact": {"colour": "red"}, "labels": {"title": "x"}}
