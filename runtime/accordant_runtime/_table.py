"""The table of a model, from its fields: the type of a field says how its value is read.

``Annotated`` says in the same line what the type does not: the name on the wire where it is not the attribute's, and a
decoder where several would fit the type. Annotations are texts, and are read when a model is first used; until then a
class that they name need not be imported.
"""

from __future__ import annotations

import builtins
import datetime
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
from uuid import UUID

from attrs import fields, has

from ._decoders import (
    Lazy,
    ListOf,
    MapOf,
    Nullable,
    OneOf,
    boolean,
    day,
    exactly,
    identifier,
    instant,
    integer,
    null,
    number,
    string,
    untyped,
)
from ._enums import OpenIntEnum, OpenStrEnum
from ._notes import Decode
from ._unset import Unset

_REST: Final = "additional_properties"
_BUILTIN: Final = {kind.__name__: kind for kind in (str, int, float, bool, bytes, list, dict)}
_DECODERS: Final[Mapping[Any, Decode[Any]]] = {
    **{str: string, int: integer, float: number, bool: boolean, bytes: untyped, Any: untyped, NoneType: null},
    **{datetime.datetime: instant, datetime.date: day, UUID: identifier},
}


def table_of(model: type[Any]) -> dict[str, tuple[str, Decode[Any]]]:
    """The fields of a model by attribute: the name on the wire, and how the value is read.

    Raises ``TypeError`` for a type that does not say how its values are read, ``NameError`` for an unknown name.
    """
    said = _said(model, [item.name for item in fields(model) if item.name != _REST] if has(model) else [])
    return {name: _row(model, name, each) for name, each in said.items()}


def rest_decoder(model: type[Any]) -> Decode[Any]:
    """How the values of ``additional_properties`` are read."""
    said = _said(model, [_REST] if has(model) else [])
    decode: Any = _row(model, _REST, said[_REST])[1] if said else MapOf(untyped)
    values: Decode[Any] = decode.inner
    return values


def _row(model: type[Any], name: str, said: Any) -> tuple[str, Decode[Any]]:
    wire = next((each for each in _stated(said)[1] if isinstance(each, str)), name)
    try:
        return wire, _decoder(said)
    except TypeError as error:
        raise TypeError(f"{model.__module__}.{model.__qualname__}.{name}: {error}") from None


def _said(model: type[Any], names: list[str]) -> dict[str, Any]:
    """What the annotations of some fields say, each read where its class was written."""
    found: dict[str, Any] = dict.fromkeys(names)
    for base in reversed(model.__mro__):
        own: Any = vars(base).get("__attrs_attrs__", ())
        said: dict[str, Any] = {item.name: item.type for item in own if item.name in found and not item.inherited}
        found |= said
        texts = {name: each for name, each in said.items() if isinstance(each, str)}
        if texts:  # one compilation for all of them is much cheaper than one for each
            line = f"({', '.join(texts.values())},)"
            place = f"<annotations of {base.__module__}.{base.__qualname__}>"
            read: Any = eval(compile(line, place, "eval"), {}, _Names(base))  # noqa: S307 - the class's own source
            found |= zip(texts, read, strict=True)
    return found


class _Names(dict[str, Any]):
    """What names in annotations mean: what they mean in the module of the class, else the class of that name in the
    package of models, which is not imported before it is needed."""

    def __init__(self, model: type[Any]) -> None:
        super().__init__()
        self._module = vars(sys.modules[model.__module__])
        self._package = model.__module__.rpartition(".")[0]

    def __missing__(self, name: str) -> Any:
        if name in self._module:
            return _STAND_INS.get(id(self._module[name]), self._module[name])
        if name in _BUILTIN:
            return _BUILTIN[name]
        if name in getattr(sys.modules.get(self._package), "__all__", ()):
            return _Late(self._package, name)
        return getattr(builtins, name) if hasattr(builtins, name) else self._unknown(name)

    def _unknown(self, name: str) -> Any:
        raise NameError(f"name {name!r} is not defined", name=name)


class _Term:
    """What takes the place of a type that does not exist yet, or that ``typing`` would replace by an equal one, whose
    alternatives may come in another order."""

    def __or__(self, other: Any) -> _Term:
        return _Either(self, other)

    def __ror__(self, other: Any) -> _Term:
        return _Either(other, self)


class _Either(_Term):
    """A union with one of these terms."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts


class _Late(_Term):
    """A class that is imported when a value of it is read."""

    def __init__(self, package: str, name: str) -> None:
        self.decode = Lazy[Any](package, name)


class _Exactly(_Term):
    """``Literal``."""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def __class_getitem__(cls, said: Any) -> _Term:
        several: bool = isinstance(said, tuple)
        return cls(*said) if several else cls(said)


class _Stated(_Term):
    """``Annotated``."""

    def __init__(self, kind: Any, extras: tuple[Any, ...]) -> None:
        self.kind = kind
        self.extras = extras

    def __class_getitem__(cls, said: tuple[Any, ...]) -> _Term:
        return cls(said[0], said[1:])


_STAND_INS: Final[Mapping[int, Any]] = {id(Annotated): _Stated, id(Literal): _Exactly}


def _stated(said: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type, and what ``Annotated`` adds to it."""
    if isinstance(said, _Stated):
        return said.kind, said.extras
    return (said.__origin__, said.__metadata__) if get_origin(said) is Annotated else (said, ())


def _decoder(said: Any) -> Decode[Any]:
    """What reads a value of a type; ``UNSET`` is none."""
    kind, extras = _stated(said)
    for extra in extras:
        if callable(extra):
            decode: Decode[Any] = extra
            return decode
    parts = [part for part in _alternatives(kind) if part is not Unset]
    kept = [part for part in parts if part is not None and part is not NoneType]
    if len(kept) > 1:
        kept = _read(kept)
    if not kept:
        return null
    found = _one(kept[0]) if len(kept) == 1 else OneOf[Any](*map(_one, kept))
    return Nullable(found) if None in parts or NoneType in parts else found


def _alternatives(kind: Any) -> Iterator[Any]:
    """The alternatives of a union; of any other type itself."""
    if isinstance(kind, _Either) or get_origin(kind) in (Union, UnionType):
        for part in kind.parts if isinstance(kind, _Either) else get_args(kind):
            yield from _alternatives(part)
    else:
        yield kind


def _read(kinds: list[Any]) -> list[Any]:
    """The alternatives that values are read as: an enum may be given as one of its values, and an id as its text."""
    if any(isinstance(kind, type) and issubclass(kind, (OpenStrEnum, OpenIntEnum)) for kind in kinds):
        kinds = [kind for kind in kinds if not _values(kind)]
    return [kind for kind in kinds if kind is not str] if UUID in kinds else kinds


def _values(kind: Any) -> tuple[Any, ...]:
    """The values of a ``Literal``."""
    return kind.values if isinstance(kind, _Exactly) else get_args(kind) if get_origin(kind) is Literal else ()


def _one(kind: Any) -> Decode[Any]:
    """What reads a value of one alternative; raises ``TypeError`` where the type does not say it."""
    found: Any = _DECODERS.get(kind)
    if found is None and isinstance(kind, (type, _Late)):
        found = getattr(kind, "decode", None)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (list, Sequence):
        found = ListOf(_decoder(inner[0]))
    elif origin in (dict, Mapping):
        found = MapOf(_decoder(inner[1]))
    elif values := _values(kind):
        found = exactly(values[0]) if len(values) == 1 else OneOf[Any](*map(exactly, values))
    elif _stated(kind)[1]:
        found = _decoder(kind)
    if found is None:
        raise TypeError(f"the type {kind} does not say how its values are read: say it with Annotated")
    decode: Decode[Any] = found
    return decode
