"""The values of a stream: how each is read, whether they come one by one or all at once."""

from __future__ import annotations

from typing import Any, Final, Protocol

from accordant_runtime import Answer, EventCutter, Notes, ServerEvent, ValueCutter, loads

from ..errors import ResponseDecodeError
from .session import Session
from .time_zones import aware

STREAMED: Final = ("lines", "events", "text-events")
"""Kinds of responses whose values come one by one."""
_DONE: Final = "[DONE]"
"""The data by which some vendors end a stream of events; it is no value."""


class Reader(Protocol):
    """What reads a response: it judges what was noted of a value, and makes the error for one that cannot be read."""

    session: Session
    notes: Notes

    def judge(self) -> None:
        """Apply the client's policy to what was noted."""
        ...

    def unreadable(self, message: str) -> ResponseDecodeError:
        """The error for a response that is not what was promised."""
        ...


def source_of(answer: Answer[Any]) -> ValueCutter | EventCutter:
    """What cuts the bytes of a response into values."""
    return ValueCutter() if answer.kind == "lines" else EventCutter()


def is_end(value: Any) -> bool:
    """Whether a value only says that no other comes."""
    return bool(getattr(value, "data", None) == _DONE)


def values_in(reader: Reader, answer: Answer[Any], content: bytes) -> list[Any]:
    """The values of a stream that has come as a whole."""
    source = source_of(answer)
    found: list[Any] = [*source.feed(content), *source.end()]
    return [read_value(reader, answer, index, value) for index, value in enumerate(found) if not is_end(value)]


def read_value(reader: Reader, answer: Answer[Any], index: int, value: Any) -> Any:
    """One value as the operation's type; what differs from the document is judged at once."""
    session = reader.session
    notes = reader.notes = Notes(session.vendor.wall_clock, session.redactor.text)
    if answer.kind == "lines":
        try:
            value = loads(value, notes)
        except ValueError as error:
            raise reader.unreadable(f"value {index} is not JSON: {error}") from None
    elif answer.kind == "events":
        value = ServerEvent(_data(answer, value.data, notes), value.event, value.id, value.retry)
    result = answer.decode(value, notes)
    notes.items[:] = [note.below(f"[{index}]") for note in notes.items]
    reader.judge()
    return result if session.zone is None else aware(result, session.zone)


def _data(answer: Answer[Any], data: str, notes: Notes) -> Any:
    """The data of an event: JSON, or as it came; that is a deviation where the document knows more."""
    try:
        return loads(data.encode(), notes)
    except ValueError:
        if not getattr(answer.decode, "is_untyped", False):
            notes.add("bad_value", "JSON", notes.quoted(data))
        return data
