"""Models: strict reading with paths, absent and null, and what the document does not know."""

from __future__ import annotations

import copy
import datetime
import inspect
import itertools
import pickle
from typing import Any, cast

import pytest
from attrs import define, evolve, field

from accordant_runtime import (
    UNSET,
    DecodeError,
    ListOf,
    Model,
    Notes,
    OpenStrEnum,
    RequestModel,
    Unset,
    boolean,
    dumps,
    instant,
    integer,
    nullable,
    number,
    string,
    untyped,
)
from accordant_runtime._plain import read


class Status(OpenStrEnum):
    OPEN = "open"


@define(kw_only=True)
class Line(Model):
    """One line, as the generator would write it."""

    number: int
    texts: list[str] | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


Line.WIRE = {"number": ("number", integer), "texts": ("texts", ListOf(string))}


@define(kw_only=True)
class Job(Model):
    """One job, as the generator would write it."""

    id: int
    status: Status
    note: str | Unset | None = UNSET
    time: datetime.datetime | Unset = UNSET
    lines: list[Line] | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


Job.WIRE = {
    "id": ("id", integer),
    "status": ("status", Status.decode),
    "note": ("note", nullable(string)),
    "time": ("time", instant),
    "lines": ("lines", ListOf(Line.decode)),
}


def test_absent_null_and_unknown() -> None:
    """A field that did not come is UNSET, null is None, an unknown field is kept, and all go back as they came."""
    sent = {"id": 1, "status": "lost", "note": None, "lines": [{"number": 2, "x": {"y": 1}}], "extra": [1, None]}
    with pytest.raises(DecodeError, match="a value of Status"):
        Job.from_dict(sent)
    notes = Notes()
    job = Job.decode(sent, notes)
    assert job.note is None
    assert job.time is UNSET
    assert job.status == "lost"
    assert job.additional_properties == {"extra": [1, None]}
    assert job.to_dict() == sent
    assert [item.kind for item in notes.items] == ["unknown_enum"]


def test_reading_leaves_the_input_alone() -> None:
    """Reading takes nothing away from the data that it reads."""
    sent = {"id": 1, "status": "open", "lines": [{"number": 1}]}
    before = copy.deepcopy(sent)
    Job.from_dict(sent)
    assert sent == before


def test_strict_error_names_the_path() -> None:
    """Strict reading raises one error that names the model, the path, and what was promised and found there."""
    with pytest.raises(DecodeError) as caught:
        Job.from_dict({"id": 1, "status": "open", "lines": [{"number": 1}, {"number": "2", "texts": ["a", None]}]})
    assert str(caught.value) == "Job: $.lines[1].number: expected integer, found string (and 1 more)"
    assert [str(item) for item in caught.value.deviations] == [
        "$.lines[1].number: expected integer, found string",
        "$.lines[1].texts[1]: expected string, found null",
    ]
    assert caught.value.path == "$.lines[1].number"


@pytest.mark.parametrize(
    ("data", "path", "kind"),
    [
        ({"status": "open"}, "$.id", "missing"),
        ({"id": None, "status": "open"}, "$.id", "null"),
        ({"id": 1.5, "status": "open"}, "$.id", "wrong_type"),
        ({"id": 1, "status": "open", "time": "soon"}, "$.time", "bad_value"),
        ({"id": 1, "status": "open", "lines": None}, "$.lines", "null"),
        ({"id": 1, "status": "open", "lines": ["x"]}, "$.lines[0]", "wrong_type"),
        ({"id": 1}, "$.status", "missing"),
    ],
)
def test_kinds_of_deviation(data: dict[str, Any], path: str, kind: str) -> None:
    """What is missing, null, of another type or of a bad value is each told apart, with its place."""
    with pytest.raises(DecodeError) as caught:
        Job.from_dict(data)
    assert [(item.path, item.kind) for item in caught.value.deviations] == [(path, kind)]


@pytest.mark.parametrize("value", [None, [], "x", 3])
def test_no_object(value: Any) -> None:
    """Anything but an object is kept and noted at the root."""
    notes = Notes()
    kept: Any = Job.decode(value, notes)
    assert kept is value
    assert [item.path for item in notes.items] == ["$"]


def test_other_keys_are_written() -> None:
    """Absent fields are left out, null stays, and extra keys are written in their JSON form."""
    when = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
    job = Job(id=1, status=Status.OPEN, note=None, additional_properties={"when": when, "line": Line(number=3)})
    assert job.to_dict() == {
        "id": 1,
        "status": "open",
        "note": None,
        "when": "2026-03-01T00:00:00Z",
        "line": {"number": 3},
    }


def test_values_compare_and_pickle() -> None:
    """Models compare by value and survive pickling."""
    job = Job(id=1, status=Status.OPEN, lines=[Line(number=2)])
    assert job == Job.from_dict({"id": 1, "status": "open", "lines": [{"number": 2}]})
    assert pickle.loads(pickle.dumps(job)) == job


def test_slots() -> None:
    """A misspelt attribute is an error, not a field that nobody sends."""
    job: Any = Job(id=1, status=Status.OPEN)
    with pytest.raises(AttributeError):
        job.statsu = Status.OPEN


def test_objects_share_nothing_with_what_they_were_read_from() -> None:
    """Changing an object leaves the JSON that it was read from, or written as, alone."""
    sent = {"number": 1, "texts": ["a"]}
    line = Line.from_dict(sent)
    assert isinstance(line.texts, list)
    line.texts.append("b")
    written = line.to_dict()
    written["texts"].append("c")
    assert sent == {"number": 1, "texts": ["a"]}
    assert line.texts == ["a", "b"]


@define(kw_only=True)
class Span(Model):
    """A model with several date-times."""

    begin: datetime.datetime
    end: datetime.datetime
    seen: datetime.datetime | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


Span.WIRE = {"begin": ("begin", instant), "end": ("end", instant), "seen": ("seen", instant)}

DAY = "2026-03-01T09:00:00Z"
ODD_TIMES: tuple[Any, ...] = (
    DAY,
    DAY,
    "2026-03-01T10:00:00Z",
    "2026-03-01T09:00:00.000Z",
    "2026-13-01T09:00:00Z",
    "",
    None,
    5,
    [DAY],
    {},
)


def test_date_times_that_come_again() -> None:
    """Date-times of one object are read in the same way whether or not one came before, and so is what is no date."""
    for times in itertools.product(ODD_TIMES, repeat=3):
        sent = dict(zip(("begin", "end", "seen"), times, strict=True))
        notes, plainly = Notes(), Notes()
        span = Span.decode(sent, notes)
        assert span == read(Span, sent, plainly)
        assert notes.items == plainly.items
        assert span.to_dict() == sent
    span = Span.from_dict({"begin": DAY, "end": DAY})
    assert span.begin is span.end


def test_other_keys_keep_their_order() -> None:
    """Several keys that the document does not know are written back in the order in which they came."""
    names = [f"x{number}" for number in range(20)]
    for count in range(20):
        sent = {"number": 1, **dict.fromkeys(reversed(names[:count]))}
        assert list(Line.from_dict(sent).to_dict()) == list(sent)


def test_other_keys_can_be_added() -> None:
    """An object that was read without other keys takes them afterwards, and is equal to one that was made with them."""
    line = Line.from_dict({"number": 1})
    assert line.additional_properties == {}
    line.additional_properties["x"] = 1
    assert line.to_dict() == {"number": 1, "x": 1}
    assert line == Line(number=1, additional_properties={"x": 1}) == copy.deepcopy(line) == evolve(line)
    assert Line.from_dict({"number": 1}) == Line(number=1)
    assert "additional_properties={}" in repr(Line.from_dict({"number": 1}))


def test_derived_models() -> None:
    """A class derived from a model is read through its own constructor, and written as the model is."""

    @define(kw_only=True)
    class Numbered(Line):
        def __attrs_post_init__(self) -> None:
            self.number += 1

    line = Numbered.from_dict({"number": 1, "texts": ["a"], "x": None})
    assert type(line) is Numbered
    assert line.to_dict() == {"number": 2, "texts": ["a"], "x": None}
    assert line.to_json() == b'{"number":2,"texts":["a"],"x":null}'
    assert type(Line.from_dict({"number": 1})) is Line


def test_own_way_of_reading() -> None:
    """A model whose decode somebody has written is read by that, also inside of others."""

    @define(kw_only=True)
    class Loud(Line):
        @classmethod
        def decode(cls, value: Any, notes: Notes) -> Loud:
            line = super().decode(value, notes)
            line.number *= 10
            return line

    @define(kw_only=True)
    class Holder(Model):
        line: Loud
        lines: list[Loud]
        additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    Holder.WIRE = {"line": ("line", Loud.decode), "lines": ("lines", ListOf(Loud.decode))}
    holder = Holder.from_dict({"line": {"number": 1}, "lines": [{"number": 2}]})
    assert [holder.line.number, holder.lines[0].number] == [10, 20]


@define(kw_only=True)
class Point(Model):
    """A model so small that it is read where it lies."""

    x: float
    label: str | None
    main: bool | Unset = UNSET
    data: Any = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


Point.WIRE = {
    "x": ("x", number),
    "label": ("label", nullable(string)),
    "main": ("main", boolean),
    "data": ("data", untyped),
}


@define(kw_only=True)
class Shape(Model):
    """A model that holds small ones."""

    centre: Point | Unset | None = UNSET
    points: list[Point] | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


Shape.WIRE = {"centre": ("centre", nullable(Point.decode)), "points": ("points", ListOf(Point.decode))}
POINT: dict[str, Any] = {"x": 1.5, "label": "a", "main": True, "data": [1]}
ODD_POINTS: tuple[Any, ...] = (
    {**POINT, "x": 2},
    {**POINT, "label": None, "data": None},
    {"x": 1, "label": "a"},
    {**POINT, "more": 1},
    {"x": 1, "label": "a", "main": False, "more": 1},
    {**POINT, "x": True},
    {**POINT, "x": None},
    {**POINT, "label": 3, "main": 1},
    {"label": "a"},
    {},
    [],
    "a",
    None,
)


@pytest.mark.parametrize("odd", ODD_POINTS, ids=str)
def test_small_models_inside_of_others(odd: Any) -> None:
    """A small model inside of another is read as by itself: as a field and in a list, wherever it stands. What is
    noted has its place, and objects that are changed afterwards share nothing."""
    alone = Notes()
    point = Point.decode(odd, alone)
    for sent, place in (
        ({"centre": odd}, "$.centre"),
        ({"points": [POINT, odd, POINT]}, "$.points[1]"),
        ({"points": [odd]}, "$.points[0]"),
    ):
        before = copy.deepcopy(sent)
        notes = Notes()
        shape = Shape.decode(sent, notes)
        assert sent == before
        assert shape.to_dict() == sent
        if odd is None and "centre" in sent:
            assert shape.centre is None
            assert not notes.items
            continue
        assert [(item.path, item.kind) for item in notes.items] == [
            (f"{place}{item.path[1:]}", item.kind) for item in alone.items
        ]
        found: list[Any] = [shape.centre] if "centre" in sent else [*cast("list[Any]", shape.points)]
        assert found[min(1, len(found) - 1)] == point
        assert [type(item) for item in found] == [
            Point if len(found) == 3 and at != 1 else type(point) for at in range(len(found))
        ]
    twice = Shape.from_dict({"points": [POINT, POINT]})
    first, second = cast("list[Point]", twice.points)
    first.additional_properties["mine"] = 1
    assert (first.to_dict(), second.to_dict()) == ({**POINT, "mine": 1}, POINT)


@define(kw_only=True)
class Tree(Model):
    """A model that holds itself."""

    leaf: Tree | Unset = UNSET
    trees: list[Tree] | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


Tree.WIRE = {"leaf": ("leaf", Tree.decode), "trees": ("trees", ListOf(Tree.decode))}


def test_models_that_hold_themselves() -> None:
    """A model may hold itself; paths lead to the depth where something is wrong."""
    sent: dict[str, Any] = {"trees": [{"leaf": {}}, {"trees": [{}, {"leaf": 3}]}]}
    notes = Notes()
    tree = Tree.decode(sent, notes)
    assert [item.path for item in notes.items] == ["$.trees[1].trees[1].leaf"]
    assert tree.to_dict() == sent
    assert tree.to_json() == b'{"trees":[{"leaf":{}},{"trees":[{},{"leaf":3}]}]}'


def test_json_in_one_go() -> None:
    """Writing an object as bytes gives what writing its JSON form gives, whatever its fields hold."""
    zone = datetime.timezone(datetime.timedelta(hours=2))
    for time in (
        datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC),
        datetime.datetime(2026, 3, 1, 9, 0, 0, 120, tzinfo=datetime.UTC),
        datetime.datetime(9, 3, 1, tzinfo=datetime.UTC),
        datetime.datetime(2026, 3, 1, 9, tzinfo=zone),
        datetime.datetime(2026, 3, 1, 9),
    ):
        for status in (Status.OPEN, "open", Status("lost")):
            plain: Any = status
            job = Job(id=1, status=plain, note=None, time=time, lines=[Line(number=2, texts=["ü"])])
            assert job.to_json() == dumps(job.to_dict())


def test_text_beyond_unicode_is_refused_with_its_path() -> None:
    """Writing an object as bytes names the path of what JSON cannot say."""
    with pytest.raises(TypeError, match=r"^\$\.lines\[0\]\.texts\[0\]: a text with a lone surrogate"):
        Job(id=1, status=Status.OPEN, lines=[Line(number=1, texts=["\ud800"])]).to_json()


def test_tracebacks_show_the_lines() -> None:
    """The functions that are made for a model have lines that tracebacks and debuggers show."""
    Line.from_dict({"number": 1})
    found: Any = Line.decode
    assert any("self.number = " in line for line in inspect.getsource(found.__func__).splitlines())


def test_bases_are_abstract_in_spirit() -> None:
    """A model is a request model that can also be read."""
    assert issubclass(Model, RequestModel)
    assert not hasattr(RequestModel, "from_dict")
