"""What a decoder found that the document does not promise.

A decoder never stops at a surprise. It keeps the value as it came, writes a :class:`Deviation` into the :class:`Notes`
that travel with it, and goes on; whoever asked decides afterwards whether that is an error. Paths are built on the way
back up, so that a response without surprises pays nothing for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from attrs import frozen

from ._careful import shown as quoted
from ._errors import DecodeError
from ._unset import UNSET

__all__ = ["Decode", "Deviation", "Notes", "quoted", "whole"]

T = TypeVar("T")
Decode = Callable[[Any, "Notes"], T]

_EXACT: Final = 2**53
_JSON_NAMES: dict[type, str] = {
    dict: "object",
    list: "array",
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


@frozen
class Deviation:
    """One place where a response differs from the document.

    ``path`` is a JSON path (``$.appointments[3].time``); ``kind`` is ``missing``, ``null``, ``wrong_type``,
    ``bad_value``, ``unknown_enum``, ``envelope`` (the record came without the key around it), ``duplicate`` (a key came
    more than once), ``precision`` (a float has fewer digits than came), ``encoding``, ``status`` or ``other_record``
    (not the one that was asked for), and of a walk over a list ``repeated`` (a row that came before), ``total`` (one
    that moves or is too low) or ``incomplete`` (fewer rows than were counted). ``expected`` and ``found`` say what the
    document promises and what came (a JSON type, or a short literal for values).
    """

    path: str
    kind: str
    expected: str
    found: str

    def __str__(self) -> str:
        text = f"{self.path}: expected {self.expected}, found {self.found}"
        return text if text.isascii() else text.encode(errors="backslashreplace").decode()

    def below(self, segment: str) -> Deviation:
        """The same deviation seen from one level up."""
        return Deviation(f"${segment}{self.path[1:]}", self.kind, self.expected, self.found)


class Notes:
    """Collects the deviations of one response; the methods are the slow paths of generated decoders.

    ``wall_clock`` says that the vendor names times without an offset, so that one without is no deviation. ``shown``
    makes a text of the response fit to be shown, such as by masking credentials in it.
    """

    __slots__ = ("_shown", "items", "wall_clock")

    def __init__(self, wall_clock: bool = True, shown: Callable[[str], str] = str) -> None:
        self.items: list[Deviation] = []
        self.wall_clock = wall_clock
        self._shown = shown

    def trial(self) -> Notes:
        """Empty notes of the same kind, for an attempt whose deviations may not count."""
        return Notes(self.wall_clock, self._shown)

    def quoted(self, value: str) -> str:
        """A short literal of a text of the response."""
        return quoted(self._shown(value))  # masked before it is cut: half a credential is one that nobody recognises

    def mismatch(self, value: Any, name: str, expected: str) -> Any:
        """Note that field ``name`` (``""``: the value itself) is not ``expected``; returns the value unchanged.

        A float without a fraction is an integer in JSON, whatever Python calls it, and is returned as one.
        """
        if expected == "integer" and type(number := whole(value)) is int:
            return number
        self.add(_kind(value), expected, _found(value), f".{name}" if name else "")
        return value

    def add(self, kind: str, expected: str, found: str, segment: str = "") -> None:
        """Note one deviation at ``segment`` of the place that is being decoded."""
        self.items.append(Deviation(f"${segment}", kind, expected, found))

    def raise_any(self, what: str, body: bytes | None = None) -> None:
        """Raise :class:`DecodeError` when anything was noted."""
        if self.items:
            more = f" (and {len(self.items) - 1} more)" if len(self.items) > 1 else ""
            raise DecodeError(f"{what}: {self.items[0]}{more}", deviations=self.items, body=body)


def _kind(value: object) -> str:
    if value is UNSET:
        return "missing"
    return "null" if value is None else "wrong_type"


def _found(value: object) -> str:
    if value is UNSET:
        return "nothing"
    kind: type[object] = type(value)
    return _JSON_NAMES.get(kind, kind.__name__)


def whole(value: Any) -> Any:
    """The integer that a float without a fraction is, as ``1.0`` is in JSON; every other value as it came.

    Beyond 2**53 a float does not know its own last digits: that number stays what it is.
    """
    return int(value) if type(value) is float and value.is_integer() and abs(value) <= _EXACT else value
