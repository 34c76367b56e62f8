"""The names that generated code gives to schemas and their properties.

A document may name things as it likes; a Python package may not. Every class gets a name and a separate module, and
none of them is a name that the templates need for themselves.
"""

from __future__ import annotations

import hashlib
import unicodedata
from itertools import groupby
from typing import Any

from openapi_python_client.strings import ClassName, PythonIdentifier, snake_case

import accordant_runtime
from accordant_runtime import is_array, is_object

from ..names import DEVICES, constant, identifier, normal, shortened, snake

PREFIX = "field_"
# What the templates import or define at module level beside the runtime's names.
_TEMPLATES = (
    *("Annotated", "Any", "ClassVar", "Final", "Literal", "Mapping", "None", "PROBLEMS", "Resources"),
    *("Sequence", "TypeAlias", "UUID"),
)
RESERVED = frozenset({*accordant_runtime.__all__, *_TEMPLATES, "AsyncResources", "TYPE_CHECKING", "False", "True"})
# What a model class defines itself, or mentions in its body.
OWN_ATTRIBUTES = frozenset({"additional_properties", "decode", "define", "field", "from_dict", "to_dict", "to_json"})
_LONGEST_CLASS = 100
"""Bytes of a class name; its module's has an underscore more for each word."""


class Classes:
    """Hands out class names: each once, each with a separate module, none of the templates' own."""

    def __init__(self, losses: list[str]) -> None:
        self._losses = losses
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def claim(self, wanted: str, place: str, *, enum: bool = False) -> str:
        """A free class name as near to ``wanted`` as possible; a component that has to change it is reported."""
        full = _stable(wanted)
        plain = _stable(shortened(full, wanted, _LONGEST_CLASS))
        name, count = plain, self._counts.get(plain, 1)
        while not self._free(name, enum):
            count += 1
            name = _stable(f"{plain.rstrip('_')}{'Type' if count == 2 else count - 1}")
        self._counts[plain] = count if name != plain and not enum else self._counts.get(plain, 1)
        self._taken |= _keys(name, enum)
        if name != plain:
            self._losses.append(f"{place}: its class is called {name}, since {plain} is taken")
        elif plain != full:
            self._losses.append(f"{place}: its class is called {name}, since its name has {len(full)} characters")
        return name

    def _free(self, name: str, enum: bool) -> bool:
        names = (name, f"{name}Input") if enum else (name,)
        reserved = any(item in RESERVED or item.endswith("_") or item.lower() in DEVICES for item in names)
        return not reserved and self._taken.isdisjoint(_keys(name, enum))


def _stable(text: str) -> str:
    """The generator's own spelling of a class name, which it then leaves alone."""
    name = normal(str(ClassName(normal(text), PREFIX)))
    for _ in range(20):
        again = normal(str(ClassName(name, PREFIX)))
        if again == name:
            return name
        name = again
    return f"Class{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:8]}"


def _keys(name: str, enum: bool) -> set[str]:
    """What two classes may not share: the name, the module, and for an enum the name of what arguments take."""
    folded = normal(name.casefold())
    keys = {folded, f"{normal(PythonIdentifier(name, PREFIX).casefold())}.py"}
    return keys | {f"{folded}input"} if enum else keys


def attributes(properties: dict[str, Any]) -> dict[str, str]:
    """A Python attribute for every property of an object, by wire name; ``x-accordant-name`` in lower case wins."""
    wanted = {name: _attribute(name, node) for name, node in properties.items()}
    # Among namesakes the property that is spelt like the attribute keeps it.
    order = sorted(wanted, key=lambda name: wanted[name] != name)
    taken: set[str] = set()
    counts: dict[str, int] = {}
    result: dict[str, str] = {}
    for name in order:
        attribute, base = wanted[name], wanted[name].rstrip("_")
        while attribute in taken:
            counts[base] = counts.get(base, 1) + 1
            attribute = f"{base}_{counts[base]}"
        taken.add(attribute)
        result[name] = attribute
    return {name: result[name] for name in properties}


def _attribute(name: str, node: Any) -> str:
    stated = node.get("x-accordant-name") if is_object(node) else None
    named = isinstance(stated, str) and stated[:1].islower()
    if named:
        attribute = identifier(str(stated))
    elif name.isascii():
        attribute = shortened(str(PythonIdentifier(name, PREFIX)), name)
    else:
        attribute = snake(name)
        attribute = str(PythonIdentifier(attribute, PREFIX)) if attribute.isascii() else attribute
    return f"{attribute}_" if attribute in OWN_ATTRIBUTES else attribute


def operation_constant(operation_id: str) -> str:
    """The constant of an operation: no name of the runtime, and none that an argument may have (in a script without
    capitals the two would be spelt alike)."""
    name = constant(operation_id)
    return f"{name}_OPERATION" if name in RESERVED or name == snake(operation_id) else name


def member_names(names: Any, every: list[Any], values: list[Any]) -> list[str] | None:
    """Names for the members of an enum: the document's own (``x-enum-varnames``) where they are usable, None where the
    generator's are. A name depends on its value and on namesakes before it alone: values that join at the end change
    none. Where the document has fewer names than values, those that it has are of the first ones."""
    if is_array(names) and 0 < len(names) <= len(every):
        stated = [*names, *map(_of_value, every[len(names) :])]
        chosen = [constant(str(name)) for name, value in zip(stated, every, strict=True) if value in values]
        if len({normal(name) for name in chosen}) == len(values) and all(name.isidentifier() for name in chosen):
            return chosen
    if not all(isinstance(value, str) for value in values):
        return None
    own = [_generator_name(value) for value in values]
    plain = [_member(value) for value in values]
    if plain == own and len(set(plain)) == len(plain):
        return None
    found: list[str] = []
    taken: set[str] = set()
    for value, name in zip(values, plain, strict=True):
        choices = (name, f"{name}{_case(value)}", _member(_spelt(value)), f"{name}_{_digest(value)}")
        free = (choice for choice in choices if choice not in taken)
        found.append(next(free, f"{name}_{_digest(value, 32)}"))
        taken.add(found[-1])
    return found


def _of_value(value: Any) -> str:
    """The name of a member that the document gives none."""
    return _member(value) if isinstance(value, str) else f"VALUE_{value}".replace("-", "NEGATIVE_")


def _generator_name(value: str) -> str:
    return snake_case(value.upper()).upper() if value[:1].isalpha() else ""


def _member(value: str) -> str:
    """The name of one text: its words; what has no letters or digits is spelt."""
    words = value if any(map(str.isalnum, value)) else _spelt(value) or "empty"
    name = snake_case(words.upper()).upper()
    name = name if words[:1].isalpha() else f"VALUE_{name.lstrip('_')}"
    name = shortened(normal(name), value)
    return name if name.isidentifier() else f"VALUE_{_digest(value)}"


def _spelt(value: str) -> str:
    """A text with the names of the characters that are no letters and no digits: ``<=`` is two signs."""
    return " ".join(
        "".join(part) if isalnum else " ".join(_character(character) for character in part)
        for isalnum, part in groupby(value, str.isalnum)
    )


def _character(character: str) -> str:
    return unicodedata.name(character, f"u{ord(character):x}").replace("-", " ")


def _case(value: str) -> str:
    return "_LOWER" if value.islower() else "_UPPER" if value.isupper() else "_MIXED"


def _digest(value: str, length: int = 6) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()[:length].upper()
