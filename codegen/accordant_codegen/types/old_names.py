"""The names that things had before (``x-accordant-deprecated-name``): which there are, and whether they can live on."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import define, field, frozen

from accordant_runtime import OpenIntEnum, OpenStrEnum, is_array, is_object

from ..errors import DocumentError
from ..read.document import below
from ..read.extensions import ADVICE, OLD_NAME, with_old_names
from .subschemas import Leaf

HIDING: Final = frozenset({"construct", "datetime", "deprecated", "field", "overload", "property", "renamed_arguments"})
"""Names that a class with old names needs."""
_TAKEN_MEMBERS: Final = frozenset({*dir(OpenStrEnum), *dir(OpenIntEnum)})


@frozen
class OldName:
    """A name that something had before, and the JSON path of what has it."""

    name: str
    place: str

    def error(self, problem: str) -> OldNameError:
        """What is wrong with it."""
        return OldNameError(self.place, self.name, problem)


class OldNameError(Exception):
    """An old name that cannot live on; whoever knows the document says so with its name."""

    def __init__(self, place: str, name: str, problem: str) -> None:
        super().__init__(problem)
        self.place = place
        self.name = name
        self.problem = problem

    def of(self, document: str) -> DocumentError:
        """The error with the name of the document."""
        return DocumentError(document, below(self.place, OLD_NAME), f"{self.name!r} {self.problem}", ADVICE)


@frozen
class OldNames:
    """The old names at one node: of what it describes, of a class that is made from it, of an enum's values."""

    own: tuple[OldName, ...] = ()
    of_class: tuple[OldName, ...] = ()
    members: tuple[tuple[OldName, Any], ...] = ()


def old_names(node: Any, place: str) -> OldNames:
    """What a node states. Upper case names a class; lower case an operation, an argument or an attribute."""
    stated: Any = node.get(OLD_NAME) if is_object(node) else None
    every: list[Any] = stated if is_array(stated) else [] if stated is None else [stated]
    texts = [OldName(item, place) for item in every if isinstance(item, str)]
    members = [(OldName(name, place), value) for item in every if is_object(item) for name, value in item.items()]
    own = tuple(item for item in texts if not item.name[:1].isupper())
    return OldNames(own, tuple(item for item in texts if item.name[:1].isupper()), tuple(members))


def names_at(place: str, leaves: list[Leaf]) -> OldNames:
    """The old names of a class that is put together from parts: those of the part at its own place."""
    return next((old_names(leaf.node, place) for leaf in leaves if leaf.place == place), OldNames())


def own_names(leaves: list[Leaf]) -> tuple[OldName, ...]:
    """The old names of a property that is described in several parts."""
    return tuple(each for leaf in leaves for each in old_names(leaf.node, leaf.place).own)


@define
class Heard:
    """The old names that generated code has; the others do nothing where they are."""

    _names: set[OldName] = field(factory=set[OldName])

    def usable(self, old: OldName, live: Mapping[str, str] | set[str], what: str) -> str:
        """The name, once it is clear that it hides nothing."""
        if old.name in live:
            raise old.error(f"is the name of another {what}")
        hides = what == "field" and hasattr(builtins, old.name) and old.name != "id"
        if hides or (what != "argument" and old.name in HIDING):
            raise old.error("would hide what the code around it needs")
        self._names.add(old)
        return old.name

    def member(self, old: OldName, value: Any, members: Mapping[Any, str]) -> tuple[str, str]:
        """The old and the new name of an enum's member."""
        if value not in members:
            raise old.error(f"names {value!r}, which is no value of this enum")
        if old.name in _TAKEN_MEMBERS or old.name in members.values():
            raise old.error("is the name of another member")
        self._names.add(old)
        return old.name, members[value]

    def refuse_others(self, document: dict[str, Any]) -> None:
        """Raise for an old name that nothing has listened to."""
        for node, place in with_old_names(document):
            if place.startswith("$.components.parameters"):  # each operation has a copy
                continue
            for old in _every(old_names(node, place)):
                if old not in self._names:
                    raise old.error(f"does nothing here: no {_expected(old)} is made from this place")


def _every(found: OldNames) -> Iterator[OldName]:
    yield from (*found.own, *found.of_class, *(old for old, _ in found.members))


def _expected(old: OldName) -> str:
    return "class or member of an enum" if old.name[:1].isupper() else "method, argument or field"
