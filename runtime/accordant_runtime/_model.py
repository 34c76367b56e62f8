"""The base of generated models.

A model is a table: its fields, and for each field its name on the wire and how its value is read. The types of the
fields say it (see ``_table``). Reading and writing are the same for all models, and are written here once; at its first
use every model gets separate straight-line functions for them, made from the table (see ``_straight_reading``,
``_straight_writing``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Self, TypeAlias, cast

from ._json import dumps, native_dumps, writes_natively
from ._notes import Decode, Notes

Wire: TypeAlias = Mapping[str, tuple[str, Decode[Any]]]
"""The fields of a model by attribute: the name on the wire, and how the value is read."""

Read: TypeAlias = Callable[[type[Any], Any, Notes], Any]
"""Reads an object of a model, or of a class that was derived from it: class, value, notes."""


class _FromFields:
    """A class attribute of models that is made from their fields when it is first asked for, and kept on the class."""

    def __init__(self, made: Callable[[type[Any]], Any]) -> None:
        self._made = made

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    def __get__(self, instance: object, kind: type[Any]) -> Any:
        owner = table_owner(kind)
        found = self._made(owner)
        if owner not in _ROOTS:
            setattr(owner, self._name, found)
        return found


def _table(model: type[Any]) -> Wire:
    from ._table import table_of

    return table_of(model)


def _rest(model: type[Any]) -> Decode[Any]:
    from ._table import rest_decoder

    return rest_decoder(model)


class OddValueError(Exception):
    """A value is not what its model's table says, and has to be looked at."""


class RequestModel:
    """A JSON object that only requests carry: absent fields are ``UNSET`` and left out."""

    __slots__ = ()
    WIRE: ClassVar[Wire] = cast("Wire", _FromFields(_table))
    """Its fields by attribute: the name on the wire, and how the value is read."""
    REST: ClassVar[Decode[Any]] = cast("Decode[Any]", _FromFields(_rest))
    """How the values of ``additional_properties`` are read."""
    CLOSED: ClassVar[bool] = False
    """Whether the document allows no keys beside its fields."""

    @classmethod
    def decode(cls, value: Any, notes: Notes) -> Self:
        """Read parsed JSON; what does not fit is kept as it came and noted."""
        return cast("Self", reading_of(table_owner(cls))(cls, value, notes))

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: absent fields left out, unknown ones included."""
        from ._straight_writing import writer

        owner = table_owner(type(self))
        return cast("dict[str, Any]", made_for(owner, "_write", writer, method="to_dict")(self))

    def to_json(self) -> bytes:
        """The JSON form as UTF-8 text without blanks, in one go.

        Raises ``TypeError`` with the path for what JSON cannot say, such as NaN.
        """
        written = written_at_once(self)
        return dumps(self.to_dict()) if written is None else written


class Model(RequestModel):
    """A JSON object with named fields.

    Fields that a response did not have are ``UNSET``; those that the document does not know are kept in
    ``additional_properties`` and written back by :meth:`to_dict`.
    """

    __slots__ = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read a JSON object; raises :class:`DecodeError` naming the path of whatever does not fit."""
        notes = Notes()
        result = cls.decode(dict(data), notes)
        notes.raise_any(cls.__name__)
        return result


_ROOTS: Final[frozenset[type[Any]]] = frozenset({RequestModel, Model})


def written_at_once(model: RequestModel) -> bytes | None:
    """The JSON form in the fast way; None where a value is odd, and each has to be looked at."""
    if not writes_natively():
        return None
    native = vars(type(model)).get("_native") or _native_of(type(model))
    try:
        return native_dumps(native(model))
    except (OddValueError, TypeError):
        return None


def table_owner(kind: type[Any]) -> type[Any]:
    """The class whose table a model uses: itself, or the model that it was derived from."""
    return next(base for base in kind.__mro__ if "WIRE" in vars(base) or _says_its_table(base))


def _says_its_table(kind: type[Any]) -> bool:
    return "__attrs_attrs__" in vars(kind) and not _ROOTS.isdisjoint(kind.__bases__)


Within: TypeAlias = tuple[type[Any], ...]
"""The models whose functions are being made, each for the one before."""


def made_for(
    owner: type[Any],
    private: str,
    make: Callable[[type[Any], Within], Callable[..., Any]],
    within: Within = (),
    method: str = "",
) -> Callable[..., Any]:
    """A straight-line function of a model, made when it is first asked for and kept on the class; with ``method``, in
    the place of the method that looks for it too. A model that holds itself calls its function when it is there."""
    if owner in within:
        return lambda *arguments: vars(owner)[private](*arguments)
    function: Callable[..., Any] | None = vars(owner).get(private)
    if function is None:
        function = make(owner, (*within, owner))
        setattr(owner, private, function)
        if method and method not in vars(owner):
            setattr(owner, method, function)
    return function


def _native_of(kind: type[Any]) -> Callable[..., Any]:
    from ._straight_writing import native_writer

    return made_for(table_owner(kind), "_native", native_writer)


def reading_of(owner: type[Any], within: Within = ()) -> Read:
    """The function that reads objects of a model."""
    from ._straight_reading import reader

    read = made_for(owner, "_read", reader, within)
    if owner not in within and "decode" not in vars(owner):
        owner.decode = classmethod(read)
    return read


def has_own_decode(model: type[Any]) -> bool:
    """Whether somebody has written another ``decode`` for a model."""
    found = vars(model).get("decode")
    return found is not None and getattr(found, "__func__", None) is not vars(model).get("_read")
