"""The names of the ``TypedDict``s that arguments take for models."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ..types.naming import RESERVED
from ..types.shapes import ClassFacts

_MODULE = "params"


def param_names(facts: Mapping[str, ClassFacts], models: Collection[str], classes: Collection[str]) -> dict[str, str]:
    """The name of the ``TypedDict`` of every model that has one, by the model's.

    A model has none where the document says that its objects have further keys, which a ``TypedDict`` would refuse, and
    where it has no property that a request may hold.
    """
    taken = {name.casefold() for each in classes for name in (each, f"{each}Input")}
    taken |= {name.casefold() for name in RESERVED}
    found: dict[str, str] = {}
    for model in sorted(facts.keys() & set(models)):
        said = facts[model]
        if said.others == "some" or all(each.only == "read" for each in said.fields.values()):
            continue
        name, count = f"{model}Param", 1
        while name.casefold() in taken:
            count += 1
            name = f"{model}Param{count}"
        taken.add(name.casefold())
        found[model] = name
    return found


def params_module(modules: Iterable[str]) -> str:
    """The module of these names, beside the modules of the models."""
    taken = {name.casefold() for name in modules}
    name = _MODULE
    while name in taken:
        name += "_"
    return name
