"""The ``TypedDict``s that arguments take in place of models: the view that the template loops over."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

from attrs import frozen

from ..text import quoted
from ..types.code import PARAM, Need, code, named
from ..types.typed import Spelling, input_text
from .imports import import_lines
from .models import Catalogue


@frozen
class ParamKey:
    """One key: its name as a literal, and the type of its value."""

    name: str
    literal: str
    type: str


@frozen
class ParamView:
    """One ``TypedDict``; it is written as a class where all its keys can be written as attributes."""

    name: str
    keys: tuple[ParamKey, ...]

    @property
    def as_class(self) -> bool:
        """Whether no key is a word of Python, is changed by it, or hides a name that the types mention."""
        mentioned = {"Required", *re.findall(r"\w+", " ".join(key.type for key in self.keys))}
        return not any(
            keyword.iskeyword(key.name)
            or not key.name.isidentifier()
            or not key.name.isascii()
            or key.name.startswith("__")
            or key.name in mentioned
            for key in self.keys
        )

    @property
    def pairs(self) -> str:
        """The keys and their types as a dict."""
        return "{" + ", ".join(f"{key.literal}: {quoted(key.type)}" for key in self.keys) + "}"


@frozen
class ParamsView:
    """The module of them."""

    params: tuple[ParamView, ...]
    imports: tuple[str, ...]
    type_imports: tuple[str, ...]


class _JsonSpelling(Spelling):
    """How a dict says what a model would: dates as text too."""

    plain_texts = True


def view_params(catalogue: Catalogue, needs: Iterable[Need]) -> ParamsView:
    """The ``TypedDict``s that these needs name, and those that are inside them."""
    owners = {param: model for model, param in catalogue.params.items()}
    found: dict[str, ParamView] = {}
    mentioned: set[Need] = {("typing", "TypedDict")}
    pending = [name for place, name in needs if place == PARAM]
    while pending:
        name = pending.pop()
        if name in found:
            continue
        found[name], inside = _param(catalogue, name, owners[name])
        mentioned |= inside
        pending += [other for place, other in inside if place == PARAM]
    typed = {need for need in mentioned if need[0] not in ("typing", PARAM)}
    mentioned |= {("typing", "TYPE_CHECKING")} if typed else set[Need]()
    eager = {need for need in mentioned if need[0] == "typing"}
    params = tuple(found[name] for name in sorted(found))
    return ParamsView(params, import_lines(eager, catalogue.module), import_lines(typed, catalogue.module))


def _param(catalogue: Catalogue, name: str, model: str) -> tuple[ParamView, frozenset[Need]]:
    typed = catalogue.types_with(_JsonSpelling()).of
    keys: list[ParamKey] = []
    needs: set[Need] = set()
    for _, facts, prop in catalogue.fields(model):
        if facts.only == "read":
            continue
        text = input_text(typed(prop), optional=False)
        text = code(named("typing", "Required"), "[", text, "]") if facts.demanded else text
        keys.append(ParamKey(facts.wire, quoted(facts.wire), text.text))
        needs |= text.needs
    return ParamView(name, tuple(keys)), frozenset(needs)
