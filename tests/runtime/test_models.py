"""Models: strict reading with paths, absent and null, and what the document does not know."""

from __future__ import annotations

import copy
import datetime
import pickle
from typing import Any

import pytest
from attrs import define, field

from accordant_runtime import (
    UNSET,
    DecodeError,
    ListOf,
    Model,
    Notes,
    OpenStrEnum,
    RequestModel,
    Unset,
    instant,
    integer,
    nullable,
    string,
)


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


def test_bases_are_abstract_in_spirit() -> None:
    """A model is a request model that can also be read."""
    assert issubclass(Model, RequestModel)
    assert not hasattr(RequestModel, "from_dict")
