"""Dicts that are given in place of models: a key that is certainly misspelt is refused before anything is sent.

A dict may hold keys that the document does not know: documents are behind their vendors. So a key is refused only where
it resembles a field that is not there, or where the document says that there are no others. The way round is a model
with the key in its ``additional_properties``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, TypeGuard
from weakref import WeakKeyDictionary

from ._careful import shown
from ._decoders import Lazy, ListOf, MapOf, Nullable, OneOf, Tagged, untyped
from ._encode import is_mapping, to_wire
from ._json_types import is_object
from ._model import RequestModel, table_owner
from ._notes import Decode, Notes
from ._spelling import bare_name, misspelt
from ._straight import class_of
from ._unset import Unset

_SCALARS: Final = frozenset({str, int, float, bool, bytes, type(None), Unset})
_SHORT: Final = 4
"""Names with fewer letters are too alike to tell which was meant, unless only case and ``_`` differ."""

_NESTED: Final[WeakKeyDictionary[type, tuple[tuple[str, str, Any], ...]]] = WeakKeyDictionary()
_FIELDS: Final[WeakKeyDictionary[type, dict[str, Any]]] = WeakKeyDictionary()

Trouble: TypeAlias = tuple[str, str]
"""The path of an object below where the search began, built on the way back, and what is wrong with a key of it."""


def refuse_misspelt(value: Any, decode: Decode[Any], path: str = "$") -> None:
    """Raise ``ValueError`` for the first key of a dict that is certainly a mistake, with its JSON path.

    ``decode`` reads the models that the value consists of; of a model it is enough for lists of it.
    """
    _raise(path, _trouble(value, decode))


def refuse_misspelt_in(model: RequestModel) -> None:
    """The same for what the fields of a model hold."""
    _raise("$", _in_model(model))


def _raise(path: str, trouble: Trouble | None) -> None:
    if trouble is not None:
        raise ValueError(f"{path}{trouble[0]}: {trouble[1]}")


def _trouble(value: Any, decode: Any) -> Trouble | None:
    """What is wrong with the first key that is a mistake; None if nothing is."""
    if type(value) in _SCALARS:
        return None
    if is_object(value) or is_mapping(value):
        return _in_object(value, decode)
    if isinstance(value, RequestModel):
        return _in_model(value)
    return _in_list(value, decode) if _is_list(value) else None


def _is_list(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray))


def _in_list(items: Sequence[Any], decode: Any) -> Trouble | None:
    if all(kind in _SCALARS or (issubclass(kind, RequestModel) and not _nested(kind)) for kind in {*map(type, items)}):
        return None
    inner: list[Any] = [_inner(each) for each in _alternatives(decode, items) if isinstance(each, ListOf)]
    either = inner[0] if len(inner) == 1 else OneOf(*inner) if inner else decode
    either = _model(either) or either  # looked up once for all of them
    for index, item in enumerate(items):
        if (trouble := _trouble(item, either)) is not None:
            return f"[{index}]{trouble[0]}", trouble[1]
    return None


def _in_model(model: RequestModel) -> Trouble | None:
    """What is in its own ``additional_properties`` is meant so."""
    for attribute, wire, decode in _nested(type(model)):
        if (trouble := _trouble(getattr(model, attribute), decode)) is not None:
            return _below(wire, trouble)
    return None


def _nested(kind: type[RequestModel]) -> tuple[tuple[str, str, Any], ...]:
    """The fields of a model that may hold objects: the attribute, the name on the wire and how it is read."""
    owner = table_owner(kind)
    found = _NESTED.get(owner)
    if found is None:
        table = owner.WIRE.items()
        found = tuple((name, wire, decode) for name, (wire, decode) in table if any(_holders(decode)))
        _NESTED[owner] = found
    return found


def _fields(owner: type[RequestModel]) -> dict[str, Any]:
    """How the fields of a model are read, by their names on the wire."""
    found = _FIELDS.get(owner)
    if found is None:
        found = _FIELDS[owner] = dict(owner.WIRE.values())
    return found


def _in_object(value: Mapping[Any, Any], decode: Any) -> Trouble | None:
    """What is wrong with an object whichever of the alternatives it is."""
    found = [decode] if isinstance(decode, type) else [*_alternatives(decode, value)]
    models = [each for each in map(_model, found) if each is not None]
    if len(models) > 1:
        ranks = [_strangeness(each, value) for each in models]
        models = [each for each, rank in zip(models, ranks, strict=True) if rank == min(ranks)]
    troubles = [_in_fields(value, each) for each in models]
    troubles += [_in_map(value, _inner(each)) for each in found if isinstance(each, MapOf)]
    return troubles[0] if troubles and all(troubles) else None


def _in_map(value: Mapping[Any, Any], inner: Any) -> Trouble | None:
    for key, item in value.items():
        if (trouble := _trouble(item, inner)) is not None:
            return _below(key, trouble)
    return None


def _in_fields(value: Mapping[Any, Any], owner: type[RequestModel]) -> Trouble | None:
    fields = _fields(owner)
    for key, item in value.items():
        known = key in fields
        if known and type(item) in _SCALARS:
            continue
        trouble = _trouble(item, fields[key] if known else owner.REST)
        if trouble is not None:
            return _below(key, trouble)
        if not known and type(key) is str and owner.REST is untyped and (text := _unknown(key, owner, value)):
            return "", text
    return None


def _unknown(key: str, owner: type[RequestModel], value: Mapping[Any, Any]) -> str:
    """What is wrong with a key that is no field; empty if nothing is."""
    meant = _meant(key, owner, [wire for wire in _fields(owner) if wire not in value])
    begin = f"{owner.__name__} has no key {shown(key)}"
    if meant is not None:
        way = "" if owner.CLOSED else f" ({owner.__name__}(additional_properties=...) sends any key)"
        return f"{begin}: did you mean {meant!r}?{way}"
    every = ", ".join(map(repr, _fields(owner)))
    return f"{begin}, and the document allows none but {every}" if owner.CLOSED else ""


def _meant(key: str, owner: type[RequestModel], absent: list[str]) -> str | None:
    """The field that a key certainly means: it is its attribute in Python, or differs by a letter or two."""
    attribute, _ = owner.WIRE.get(key, ("", None))
    same = [wire for wire in absent if wire == attribute or bare_name(wire) == bare_name(key)]
    alike = [wire for wire in absent if len(wire) >= _SHORT and _digits(wire) == _digits(key)]
    return same[0] if same else misspelt(key, alike)


def _digits(name: str) -> str:
    """Another number is another name: ``street_1`` is no misspelt ``street_2``."""
    return "".join(filter(str.isdigit, name))


def _strangeness(owner: type[RequestModel], value: Mapping[Any, Any]) -> tuple[int, int]:
    """How far an object is from a model, for choosing among several: the values that it may not have, then the keys
    that are no fields. What is missing may be what is misspelt."""
    notes = Notes()
    owner.decode(to_wire(value), notes)
    unlike = sum(note.kind != "missing" for note in notes.items)
    return unlike, len(value.keys() - _fields(owner).keys())


def _alternatives(decode: Any, value: Any) -> Iterator[Any]:
    """What a value may be read by, unions taken apart; a discriminator chooses."""
    if isinstance(decode, Nullable):
        yield from _alternatives(_inner(decode), value)
    elif isinstance(decode, OneOf):
        for choice in _any(decode).choices:
            yield from _alternatives(choice, value)
    elif isinstance(decode, Tagged):
        tagged = _any(decode)
        tag: Any = to_wire(value.get(tagged.name)) if is_mapping(value) else None
        yield from _alternatives(tagged.choices.get(tag, tagged.rest) if type(tag) is str else tagged.rest, value)
    else:
        yield decode


def _holders(decode: Any) -> Iterator[Any]:
    """The decoders of objects within a decoder."""
    if isinstance(decode, (ListOf, MapOf, Nullable)):
        yield from _holders(_inner(decode))
    elif isinstance(decode, (OneOf, Tagged)):
        for choice in _alternatives(decode, None):
            yield from _holders(choice)
    elif _model(decode) is not None:
        yield decode


def _model(decode: Any) -> type[RequestModel] | None:
    """The model that a decoder reads; None for any other."""
    if isinstance(decode, type):
        return decode
    if isinstance(decode, Lazy):
        target: Any = _any(decode).target
        return target if issubclass(target, RequestModel) else None
    return class_of(decode, RequestModel)


def _inner(decode: Any) -> Any:
    return decode.inner


def _any(decode: Any) -> Any:
    """A generic decoder whose type parameter nobody knows."""
    return decode


def _below(key: Any, trouble: Trouble) -> Trouble:
    """The same trouble seen from one level up."""
    name = str(key)
    return f".{name}{trouble[0]}" if name.isprintable() else f"[{shown(name)}]{trouble[0]}", trouble[1]
