"""The few forms in which the generator sees schemas, and what it is not told of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from .old_names import OldName, OldNames

Shape = dict[str, Any]
NULL: Shape = {"type": "null"}


@frozen
class FieldFacts:
    """One property of a class: its name on the wire, what the document says of it, and whether it is a secret
    (``format: password``), which never shows in a repr.

    ``only`` is ``read`` for what only the vendor sends and ``write`` for what only requests hold; ``demanded`` says
    that the document requires it, in the one direction in which the property travels; ``old`` are the names that it had
    before.
    """

    wire: str
    doc: str
    secret: bool = False
    only: str = ""
    demanded: bool = False
    old: tuple[OldName, ...] = ()


@frozen
class ClassFacts:
    """What the generator is not told of a class: where it is, and its properties by attribute.

    ``open`` marks an enum whose document knows that there are more values than it lists; ``label`` is what a request
    names it by (``x-accordant-label``). ``others`` is what the document says of keys that are no property: ``none``
    (``additionalProperties: false``), ``some`` where it speaks of them, empty where it says nothing.
    ``old`` are the names that it and its members had before.
    """

    place: str
    doc: str
    fields: Mapping[str, FieldFacts] = field(factory=dict[str, FieldFacts])
    open: bool = False
    label: str = ""
    old: OldNames = field(factory=OldNames)
    others: str = ""


@frozen
class Tag:
    """A discriminator: the property whose value names the class; ``otherwise`` is the class for any other value, or
    empty."""

    name: str
    choices: Mapping[str, str]
    otherwise: str = ""

    @property
    def classes(self) -> tuple[str, ...]:
        """Its classes, each once; the one for any other value comes last."""
        named = dict.fromkeys(name for name in self.choices.values() if name != self.otherwise)
        return (*named, self.otherwise) if self.otherwise else tuple(named)


def to_class(name: str) -> Shape:
    """A reference to a class."""
    return {"$ref": f"#/components/schemas/{name}"}


def class_name(shape: Shape) -> str | None:
    """The class that a shape refers to; None for any other shape."""
    reference = shape.get("$ref")
    return reference.rsplit("/", 1)[-1] if isinstance(reference, str) else None


def any_of(shapes: list[Shape]) -> Shape:
    """Any of several shapes: each once, null last, anything if one of them is."""
    flat = [part for shape in shapes for part in shape.get("anyOf", [shape])]
    if {} in flat or not flat:
        return {}
    kept = [part for index, part in enumerate(flat) if part != NULL and part not in flat[:index]]
    kept += [NULL] if NULL in flat else []
    return kept[0] if len(kept) == 1 else {"anyOf": kept}
