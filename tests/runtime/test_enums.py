"""Enums that survive what the document does not list."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from accordant_runtime import GrowingIntEnum, GrowingStrEnum, Notes, OpenIntEnum, OpenStrEnum, to_wire


class Status(OpenStrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Level(OpenIntEnum):
    LOW = 1
    HIGH = 2


class Slot(GrowingStrEnum):
    AM = "am"


class Kind(GrowingIntEnum):
    BIKE = 1


def test_listed_value() -> None:
    """A listed value is the member itself, known, and equal to its text or number."""
    status, level = Status("open"), Level(2)
    assert status == "open"
    assert status is Status.OPEN
    assert status.is_known
    assert level == 2
    assert level is Level.HIGH
    assert level.is_known


def test_unlisted_value() -> None:
    """An unlisted value is a member of its own: equal to its value, hashed like it, not known, not iterated."""
    lost = Status("lost")
    assert isinstance(lost, Status)
    assert lost == "lost"
    assert lost == Status("lost")
    assert lost != Status.OPEN
    assert hash(lost) == hash("lost")
    counts: dict[str, int] = {lost: 1}
    assert counts["lost"] == 1
    assert not lost.is_known
    assert list(Status) == [Status.OPEN, Status.CLOSED]
    assert str(lost) == "lost"
    assert Level(9) == 9
    assert not Level(9).is_known
    assert len(Level) == 2


def test_unlisted_value_leaves_no_trace() -> None:
    """Meeting an unlisted value does not make it known to the next one who asks."""
    Status("once")
    assert not Status("once").is_known
    assert "once" not in [member.value for member in Status]


def test_wire_form() -> None:
    """Listed or not, a value goes back to the same JSON."""
    assert to_wire([Status.OPEN, Status("lost"), Level.LOW, Level(9)]) == ["open", "lost", 1, 9]


def test_pickle_and_copy() -> None:
    """Listed or not, a value survives pickling and copying."""
    for value in (Status.OPEN, Status("lost"), Level.LOW, Level(9)):
        again = pickle.loads(pickle.dumps(value))
        assert again == value
        assert type(again) is type(value)
        assert again.is_known == value.is_known
        assert copy.deepcopy(value) == value


@pytest.mark.parametrize("value", [1, None, b"a", True])
def test_not_a_text(value: Any) -> None:
    """A string enum is made of text alone."""
    with pytest.raises(ValueError, match="not a valid Status"):
        Status(value)


@pytest.mark.parametrize("value", ["1", None, False, 1.5])
def test_not_a_number(value: Any) -> None:
    """An integer enum is made of integers alone."""
    with pytest.raises(ValueError, match="not a valid Level"):
        Level(value)


def test_decode() -> None:
    """Decoding keeps an unlisted value and notes it with the class that it is not in."""
    notes = Notes()
    assert Status.decode("open", notes) is Status.OPEN
    assert Level.decode(1, notes) is Level.LOW
    assert not notes.items
    assert Status.decode("lost", notes) == "lost"
    assert Level.decode(9, notes) == 9
    assert [(item.kind, item.expected, item.found) for item in notes.items] == [
        ("unknown_enum", "a value of Status", "'lost'"),
        ("unknown_enum", "a value of Level", "9"),
    ]


def test_decode_wrong_type() -> None:
    """What is no text (or no number) is kept as it came and noted as the wrong type."""
    notes = Notes()
    kept: list[Any] = [Status.decode(3, notes), Level.decode("1", notes), Level.decode(True, notes)]
    kept.append(Status.decode(None, notes))
    assert kept == [3, "1", True, None]
    assert [type(value) for value in kept] == [int, str, bool, type(None)]
    assert [(item.kind, item.expected, item.found) for item in notes.items] == [
        ("wrong_type", "string", "integer"),
        ("wrong_type", "integer", "string"),
        ("wrong_type", "integer", "boolean"),
        ("null", "string", "null"),
    ]


def test_growing_enum() -> None:
    """Where the document itself says that there are more values, an unlisted one is no deviation."""
    notes = Notes()
    night = Slot.decode("night", notes)
    assert isinstance(night, Slot)
    assert not night.is_known
    assert Slot.decode("am", notes) is Slot.AM
    assert Kind.decode(7, notes) == 7
    assert not notes.items
    kept: list[Any] = [Slot.decode(1, notes), Kind.decode("1", notes)]
    assert kept == [1, "1"]
    assert [item.kind for item in notes.items] == ["wrong_type", "wrong_type"]
