"""The names that generated code gives to schemas and their properties.

A document may name things as it likes; a Python package may not. Every class gets a name and a module of its own, and
none of them is a name that the templates need for themselves.
"""

from __future__ import annotations

from typing import Any

from openapi_python_client.strings import ClassName, PythonIdentifier, snake_case

import treaty_runtime
from treaty_runtime import is_array, is_object

from .names import constant, identifier

PREFIX = "field_"
# What the templates import or define at module level beside the runtime's names.
_TEMPLATES = ("Any", "Final", "Literal", "Mapping", "None", "Resources", "Sequence", "TypeAlias", "UUID")
RESERVED = frozenset({*treaty_runtime.__all__, *_TEMPLATES, "AsyncResources", "TYPE_CHECKING", "False", "True"})
# What a model class defines itself, or mentions in its body.
_OWN_ATTRIBUTES = frozenset({"additional_properties", "decode", "define", "field", "from_dict", "to_dict"})


class Classes:
    """Hands out class names: each once, each with a module of its own, none of the templates' own."""

    def __init__(self, losses: list[str]) -> None:
        self._losses = losses
        self._taken: set[str] = set()

    def claim(self, wanted: str, place: str, *, enum: bool = False) -> str:
        """A free class name as near to ``wanted`` as possible; a component that has to change it is reported."""
        plain = _stable(wanted)
        name, count = plain, 1
        while not self._free(name, enum):
            count += 1
            name = _stable(f"{plain.rstrip('_')}{'Type' if count == 2 else count - 1}")
        self._taken |= _keys(name, enum)
        if name != plain:
            self._losses.append(f"{place}: its class is called {name}, since {plain} is taken")
        return name

    def _free(self, name: str, enum: bool) -> bool:
        names = (name, f"{name}Input") if enum else (name,)
        reserved = any(item in RESERVED or item.endswith("_") for item in names)
        return not reserved and self._taken.isdisjoint(_keys(name, enum))


def _stable(text: str) -> str:
    """The generator's own spelling of a class name, which it then leaves alone."""
    name = str(ClassName(text, PREFIX))
    while (again := str(ClassName(name, PREFIX))) != name:
        name = again
    return name


def _keys(name: str, enum: bool) -> set[str]:
    """What two classes may not share: the name, the module, and for an enum the name of what arguments take."""
    keys = {name.lower(), f"{PythonIdentifier(name, PREFIX)}.py"}
    return keys | {f"{name.lower()}input"} if enum else keys


def attributes(properties: dict[str, Any]) -> dict[str, str]:
    """A Python attribute for every property of an object, by wire name; ``x-treaty-name`` in lower case wins."""
    wanted = {name: _attribute(name, node) for name, node in properties.items()}
    # Among namesakes the property that is spelt like the attribute keeps it.
    order = sorted(wanted, key=lambda name: wanted[name] != name)
    taken: set[str] = set()
    result: dict[str, str] = {}
    for name in order:
        attribute, count = wanted[name], 1
        while attribute in taken:
            count += 1
            attribute = f"{wanted[name].rstrip('_')}_{count}"
        taken.add(attribute)
        result[name] = attribute
    return {name: result[name] for name in properties}


def _attribute(name: str, node: Any) -> str:
    stated = node.get("x-treaty-name") if is_object(node) else None
    named = isinstance(stated, str) and stated[:1].islower()
    attribute = identifier(str(stated)) if named else str(PythonIdentifier(name, PREFIX))
    return f"{attribute}_" if attribute in _OWN_ATTRIBUTES else attribute


def member_names(names: Any, every: list[Any], values: list[Any]) -> list[str] | None:
    """Names for the members of an enum: the document's own (``x-enum-varnames``) where they are usable, None where the
    generator's are, numbered ones where those would make two values one."""
    if is_array(names) and len(names) == len(every):
        chosen = [constant(str(name)) for name, value in zip(names, every, strict=True) if value in values]
        if len(set(chosen)) == len(values) and all(name.isidentifier() for name in chosen):
            return chosen
    if not all(isinstance(value, str) for value in values):
        return None
    keys = [value if value[:1].isalpha() else f"value_{index}" for index, value in enumerate(values)]
    plain = [snake_case(key.upper()).upper() for key in keys]
    if len(set(plain)) == len(plain) and all(name.isidentifier() for name in plain):
        return None
    return _numbered([name if name.isidentifier() else "VALUE" for name in plain])


def _numbered(names: list[str]) -> list[str]:
    """The names, those that stand several times with a number that makes them different from all others."""
    taken = {name for name in names if names.count(name) == 1}
    result: list[str] = []
    for name in names:
        chosen, count = name, 0
        while names.count(name) > 1 and (chosen == name or chosen in taken):
            count += 1
            chosen = f"{name}_{count}"
        taken.add(chosen)
        result.append(chosen)
    return result
