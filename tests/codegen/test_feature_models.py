"""The models of the feature document, as they are generated: reading, writing, names."""

from __future__ import annotations

import datetime
import sys
import uuid
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from attrs import fields
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accordant_runtime import UNSET, DecodeError, GrowingStrEnum, Notes, OpenIntEnum, OpenStrEnum, RequestModel


@pytest.fixture
def models(feature: str) -> Any:
    """The package of models."""
    return import_module(f"{feature}.models")


ORDER: dict[str, Any] = {
    "id": 1,
    "status": "open",
    "priority": -1,
    "payment": {"kind": "bill", "days": 14},
    "lines": [{"no": 1, "order": {"id": 2, "status": "paid"}}],
    "tags": {"a": "b"},
    "stock": {"x": 1, "y": None},
    "answer": 3,
    "color": "blue_green",
    "slot": "am",
    "due": "2026-03-01",
    "made": "2026-03-01T09:00:00Z",
    "price": 2.5,
    "secret": "hush",
    "parent": None,
    "anything": [{"x": None}],
    "matrix": [[1, None], []],
    "unknown": {"kept": True},
}


def test_everything_at_once(models: Any) -> None:
    """An answer with every kind of field is read into Python's types and goes back as it came."""
    order = models.Order.from_dict(ORDER)
    assert order.status is models.OrderStatus.OPEN
    assert order.priority is models.Priority.LOW
    assert isinstance(order.payment, models.Invoice)
    assert isinstance(order.lines[0], models.Line)
    assert order.lines[0].order.status == "paid"
    assert order.due == datetime.date(2026, 3, 1)
    assert order.made == datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)
    assert order.stock == {"x": 1, "y": None}
    assert order.parent is None
    assert order.additional_properties == {"unknown": {"kept": True}}
    assert order.to_dict() == ORDER


def test_least(models: Any) -> None:
    """Only what is required has to come; the rest is UNSET and is not written back."""
    order = models.Order.from_dict({"id": 1, "status": "paid"})
    assert order.payment is UNSET
    assert order.parent is UNSET
    assert order.to_dict() == {"id": 1, "status": "paid"}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"id": "1"}, "$.id: expected integer, found string"),
        ({"status": None}, "$.status: expected string, found null"),
        ({"priority": "high"}, "$.priority: expected integer, found string"),
        ({"payment": {"kind": "card", "digits": 4}}, "$.payment.digits: expected string, found integer"),
        ({"lines": [{"no": 1}, {"no": None}]}, "$.lines[1].no: expected integer, found null"),
        ({"lines": None}, "$.lines: expected array, found null"),
        ({"tags": {"a": 1}}, "$.tags.a: expected string, found integer"),
        ({"stock": {"a": "1"}}, "$.stock.a: expected integer, found string"),
        ({"answer": "maybe"}, "$.answer: expected 'yes', found 'maybe'"),
        ({"color": "green"}, "$.color: expected a value of OrderColor, found 'green'"),
        ({"due": "2026-03-01T00:00:00Z"}, "$.due: expected date, found '2026-03-01T00:00:00Z'"),
        ({"matrix": [[1], [2, "x"]]}, "$.matrix[1][1]: expected integer, found string"),
        ({"parent": {"status": "open"}}, "$.parent.id: expected integer, found nothing"),
    ],
)
def test_strict_errors(change: dict[str, Any], place: str, models: Any) -> None:
    """What does not fit is one error with the JSON path of the field, and what was promised and found."""
    with pytest.raises(DecodeError) as caught:
        models.Order.from_dict({**ORDER, **change})
    assert str(caught.value) == f"Order: {place}"


def test_lenient(models: Any) -> None:
    """Reading leniently keeps what does not fit as it came, and writes it back the same."""
    odd = {**ORDER, "status": "lost", "priority": 9, "due": "soon", "lines": "none", "payment": 5, "slot": "night"}
    notes = Notes()
    order = models.Order.decode(odd, notes)
    assert order.to_dict() == odd
    assert [item.path for item in notes.items] == ["$.status", "$.priority", "$.payment", "$.lines", "$.due"]
    assert not order.status.is_known


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*ORDER, "kind", "no", "x"]), inner),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(st.sampled_from([*ORDER, "children", "by_name", "value", "order"]), JSON))
def test_anything(data: dict[str, Any], models: Any) -> None:
    """Whatever object arrives, reading never fails, and writing gives it back unchanged."""
    for kind in (models.Order, models.Tree, models.OrderPaid, models.Extra):
        assert kind.decode(data, Notes()).to_dict() == data


class TestEnums:
    def test_kinds(self, models: Any) -> None:
        """Texts, numbers and lists that stay open each have their base."""
        assert issubclass(models.OrderStatus, OpenStrEnum)
        assert issubclass(models.Priority, OpenIntEnum)
        assert issubclass(models.OrderSlot, GrowingStrEnum)

    def test_members(self, models: Any) -> None:
        """No value is lost to another of the same name; documented names are used."""
        assert [item.value for item in models.OrderColor] == ["RED", "red", "", "blue-green", "blue_green"]
        assert {item.name: item.value for item in models.Priority} == {"LOW": -1, "NORMAL": 0, "HIGH": 1}


class TestUnions:
    @pytest.mark.parametrize(
        ("payment", "name"),
        [
            ({"kind": "card"}, "Card"),
            ({"kind": "bill"}, "Invoice"),
            ({"kind": "bill", "digits": "4"}, "Invoice"),
            ({"kind": "new"}, "Card"),
        ],
    )
    def test_discriminator(self, payment: dict[str, Any], name: str, models: Any) -> None:
        """The discriminator decides, not the order; an unmapped value falls back to what fits."""
        order = models.Order.from_dict({**ORDER, "payment": payment})
        assert type(order.payment).__name__ == name
        assert order.to_dict()["payment"] == payment

    def test_recursive(self, models: Any) -> None:
        """A model that holds itself in lists and maps is read to any depth."""
        tree = {"children": [{"by_name": {"a": {"value": ["x", ["y"]]}}}]}
        found = models.Tree.from_dict(tree)
        assert found.children[0].by_name["a"].value == ["x", ["y"]]
        assert found.to_dict() == tree


class TestNames:
    def test_reserved(self, models: Any) -> None:
        """Properties that are called like Python's or the model's own words have attributes all the same."""
        data = {
            "class": "a",
            "id": 1,
            "Id": "b",
            "self": "c",
            "options": "d",
            "list": ["e"],
            "field": "f",
            "uuid": "00000000-0000-0000-0000-000000000001",
            "decode": "g",
            "additional_properties": "h",
            "@type": "i",
            "notes": "j",
            "cls": "k",
            "ModeL": {"name": "l"},
            "else": "kept",
        }
        odd = models.Odd.from_dict(data)
        assert (odd.class_, odd.id, odd.id_2, odd.self_, odd.list_, odd.field_) == ("a", 1, "b", "c", ["e"], "f")
        assert odd.uuid == uuid.UUID(int=1)
        assert odd.additional_properties_ == "h"
        assert odd.additional_properties == {"else": "kept"}
        assert odd.to_dict() == data

    def test_component_called_model(self, models: Any) -> None:
        """A component that is called like the base of all models gets another class."""
        odd = models.Odd.from_dict({"class": "a", "ModeL": {"name": "l"}})
        assert type(odd.mode_l).__name__ == "ModelType"
        assert "Model" not in models.__all__


class TestTables:
    def test_names_on_the_wire(self, models: Any) -> None:
        """Whatever a property is called, it is read and written under that name."""
        sent: dict[str, Any] = {
            **{"class": "a", 'say "it"': "2026-03-01T09:00:00Z", "a\\b": "2026-03-01", "new\nline": True, "$it": 1.5},
            **{"größe": "b", "list[int": [1, "c"], "x # type: ignore[": "d", "datetime": None, "date": "2026-03-02"},
            **{"annotated": "e", "literal": "Literal", "str": 1, "int": "f"},
        }
        odd = models.Odd.from_dict(sent)
        assert odd.additional_properties == {}
        assert (odd.it, odd.datetime_, odd.str_, odd.int_) == (1.5, None, 1, "f")
        assert (odd.say_it.year, odd.date) == (2026, datetime.date(2026, 3, 2))
        assert odd.to_dict() == sent

    def test_types_that_name_each_other(self, models: Any) -> None:
        """Models in a circle read each other, whether called like a builtin or like a word of annotations."""
        sent: dict[str, Any] = {"class": "a", "Annotated": {"Warning": {"about": {}, "more": {"class": "b"}}}}
        odd = models.Odd.from_dict({**sent, "Annotated": {**sent["Annotated"], "odds": [sent]}})
        kinds = odd.annotated_2, odd.annotated_2.warning, odd.annotated_2.warning.about, odd.annotated_2.odds[0]
        assert [type(each).__name__ for each in kinds] == ["AnnotatedType", "WarningType", "AnnotatedType", "Odd"]
        assert isinstance(odd.annotated_2.warning.additional_properties["more"], models.Odd)

    def test_a_script_without_capitals(self, models: Any) -> None:
        """A class that cannot be spelt otherwise than its module is found, whichever of them was imported first."""
        odd = models.Odd.from_dict({"class": "a", "工場": {"odd": {"class": "b"}, "車": {"name": "c"}}})
        assert isinstance(odd.工場.odd, models.Odd)
        assert (type(odd.工場), type(odd.工場.車)) == (models.工場, models.車)

    def test_alternatives(self, models: Any) -> None:
        """Alternatives of which one may stand for another are read as the document says, in its order."""
        for name, value, kind in (
            ("id_or_text", "0d1f4b0e-8a43-4c1e-9f3a-2b6f6a0c7d11", uuid.UUID),
            ("id_or_text", "a", str),
            ("status_or_none", "open", models.OrderStatus),
            ("status_or_none", "none", str),
        ):
            assert type(getattr(models.Odd.from_dict({"class": "a", name: value}), name)) is kind
        for name, first in (("text_or_number", "string"), ("number_or_text", "integer")):
            with pytest.raises(DecodeError, match=f"expected {first}, found boolean"):
                models.Odd.from_dict({"class": "a", name: True})


class TestKinds:
    def test_request_only(self, models: Any) -> None:
        """What is only sent can be written and not read; what is answered can be both."""
        assert issubclass(models.OrderCreate, RequestModel)
        assert not hasattr(models.OrderCreate, "from_dict")
        assert hasattr(models.Order, "from_dict")

    def test_label(self, models: Any) -> None:
        """What a request names by its label carries it, and is only sent, like everything inside it."""
        command = models.Command(no=1, step=models.Step(name="a"))
        assert command.LABEL == "runCommand"
        assert command.to_dict() == {"no": 1, "step": {"name": "a"}}
        assert issubclass(models.Step, RequestModel)
        assert not hasattr(models.Command, "from_dict")
        assert not hasattr(models.Step, "from_dict")

    def test_secret(self, models: Any) -> None:
        """A password is not in the repr of an answer or a request."""
        assert "hush" not in repr(models.Order.from_dict(ORDER))
        assert "hush" not in repr(models.Login(user="a", password="hush"))

    def test_typed_extras(self, models: Any) -> None:
        """A model that is a map has typed values, and writes them back as JSON."""
        data = {"a": {"no": 1, "order": {"id": 1, "status": "open"}}}
        extra = models.Extra.from_dict(data)
        assert isinstance(extra.additional_properties["a"], models.Line)
        assert extra.to_dict() == data
        with pytest.raises(DecodeError, match=r"Extra: \$\.b: expected object, found integer"):
            models.Extra.from_dict({"b": 1})

    def test_webhook_payload(self, models: Any) -> None:
        """The payload of a webhook has a model, although no operation mentions it."""
        assert models.OrderPaid.from_dict({"order": {"id": 1, "status": "paid"}}).order.id == 1

    def test_unmentioned(self, models: Any) -> None:
        """A component that nothing mentions has no model."""
        assert "Unused" not in models.__all__
        with pytest.raises(AttributeError, match="Unused"):
            _ = models.Unused

    def test_documented(self, models: Any) -> None:
        """Classes say what the document says of them, and below each attribute stands what it says of the property."""
        assert models.OrderStatus.__doc__ == "Status of an order."
        assert models.Order.__doc__.startswith("An order.")
        source = Path(import_module(models.Order.__module__).__file__ or "").read_text()
        assert '    status: OrderStatus\n    """Where it stands."""\n' in source


def test_lazy(feature: str) -> None:
    """Importing the models imports no model; asking for one imports it and those that it needs."""
    for name in [name for name in sys.modules if name.startswith(f"{feature}.models")]:
        del sys.modules[name]
    models = import_module(f"{feature}.models")
    assert not [name for name in sys.modules if name.startswith(f"{feature}.models.")]
    assert set(models.__all__) <= set(dir(models))
    assert models.Stored is models.Stored
    assert [name for name in sys.modules if name.startswith(f"{feature}.models.")] == [f"{feature}.models.stored"]


def test_all_models(models: Any) -> None:
    """Every name of the package is a class of that name."""
    for name in models.__all__:
        kind = getattr(models, name)
        assert kind.__name__ == name
        if issubclass(kind, RequestModel):
            assert all(item.kw_only for item in fields(kind))
