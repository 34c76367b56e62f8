"""The base of generated models.

A model is a table: its fields, and for each field its name on the wire and how its value is read. Reading and writing
are the same for all models, and are written here once; at its first use every model gets straight-line functions of its
own for them, made from the table (see ``_straight_reading``, ``_straight_writing``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self, TypeAlias, cast

from ._decoders import untyped
from ._notes import Decode, Notes

Wire: TypeAlias = Mapping[str, tuple[str, Decode[Any]]]
"""The fields of a model by attribute: the name on the wire, and how the value is read."""


class RequestModel:
    """A JSON object that only requests carry: absent fields are ``UNSET`` and left out."""

    __slots__ = ()
    WIRE: ClassVar[Wire] = {}
    """Its fields by attribute: the name on the wire, and how the value is read."""
    REST: ClassVar[Decode[Any]] = untyped
    """How the values of ``additional_properties`` are read."""

    @classmethod
    def decode(cls, value: Any, notes: Notes) -> Self:
        """Read parsed JSON; what does not fit is kept as it came and noted."""
        owner = table_owner(cls)
        read = vars(owner).get("_read")
        if read is None:
            from ._straight_reading import reader

            read = reader(owner)
            _keep(owner, "_read", "decode", read, classmethod(read))
        return cast("Self", read(cls, value, notes))

    def to_dict(self) -> dict[str, Any]:
        """The JSON form: absent fields left out, unknown ones included."""
        owner = table_owner(type(self))
        write = vars(owner).get("_write")
        if write is None:
            from ._straight_writing import writer

            write = writer(owner)
            _keep(owner, "_write", "to_dict", write, write)
        return cast("dict[str, Any]", write(self))


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


def table_owner(kind: type[Any]) -> type[Any]:
    """The class whose table a model uses: itself, or the model that it was derived from."""
    return next(base for base in kind.__mro__ if "WIRE" in vars(base))


def _keep(owner: type[Any], private: str, public: str, made: object, method: object) -> None:
    """Keep a straight-line function on its class, in the place of the method that looks for it."""
    setattr(owner, private, made)
    if public not in vars(owner) and owner not in (RequestModel, Model):
        setattr(owner, public, method)
