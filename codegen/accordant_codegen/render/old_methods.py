"""Arguments of methods, and the names that methods and arguments had before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from ..text import quoted
from ..types.code import RUNTIME, CodeText, code, named
from ..types.old_names import Heard, OldName, old_names


@frozen
class Argument:
    """One argument of a method; ``old`` are the names that it had before."""

    name: str
    annotation: CodeText
    default: str
    doc: str
    old: tuple[OldName, ...] = ()

    @property
    def text(self) -> str:
        """Its place in a signature."""
        return f"{self.name}: {self.annotation}{self.default}"

    @property
    def optional(self) -> CodeText:
        """Its annotation where it may be given by another name."""
        plain = self.default or self.annotation.text == "Any"
        return self.annotation if plain else code(self.annotation, " | ", named(RUNTIME, "Unset"))


@frozen
class OldArguments:
    """The arguments of a method under all their names."""

    positional: tuple[Argument, ...]
    keywords: tuple[Argument, ...]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Old and new names."""
        return tuple((old.name, item.name) for item in (*self.positional, *self.keywords) for old in item.old)

    @property
    def signature(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Arguments by position and by keyword, each under every name: what follows an argument that may be left out
        because it is given by its old name is given by keyword."""
        count = next((index for index, item in enumerate(self.positional) if item.old), len(self.positional))
        first, others = self.positional[:count], (*self.positional[count:], *self.keywords)
        named_all = [item for item in others if not item.old and not item.default]
        named_all += [item for item in others if item.old or item.default]
        return tuple(item.text for item in first), tuple(text for item in named_all for text in _texts(item))

    def passed(self) -> str:
        """The arguments as they are handed on."""
        return ", ".join([*(item.name for item in self.positional), *(f"{it.name}={it.name}" for it in self.keywords)])

    def warning(self, place: str) -> str:
        """The message for type checkers as a literal."""
        return quoted("; ".join(f"{place}: `{old}` is the old name of `{new}`" for old, new in self.pairs))

    def decorator(self, place: str) -> str:
        """What lets the method take the old names too."""
        return f"renamed_arguments({quoted(place)}, {', '.join(f'{old}={quoted(new)}' for old, new in self.pairs)})"


def _texts(item: Argument) -> list[str]:
    if not item.old:
        return [item.text]
    return [f"{name}: {item.optional} = UNSET" for name in (item.name, *(old.name for old in item.old))]


def check_arguments(arguments: Iterable[Argument], heard: Heard) -> None:
    """Each old name of an argument is no name of another one; raises ``OldNameError``."""
    every = list(arguments)
    taken = {"options", "self", *(item.name for item in every)}
    for item in every:
        for old in item.old:
            heard.usable(old, taken, "argument")
            taken.add(old.name)


def old_methods(operation: dict[str, Any], place: str, live: set[str], heard: Heard) -> tuple[str, ...]:
    """The old names of a method; ``live`` are those of its resource that are taken."""
    found: list[str] = []
    for each in old_names(operation, place).own:
        found.append(heard.usable(each, live, "method"))
        live.add(each.name)
    return tuple(found)


def free_name(name: str, used: set[str]) -> str:
    """The name of an argument that no other one has."""
    while name in used:
        name = f"{name.rstrip('_')}_body"
    return name


@frozen
class FlatBody:
    """The properties of a body as arguments: the renamed ones, the wire names, which are files, what those of models
    take, and the attributes that a response has and a request has not."""

    arguments: list[Argument] = field(factory=list[Argument])
    renamed: dict[str, str] = field(factory=dict[str, str])
    names: dict[str, str] = field(factory=dict[str, str])
    files: list[str] = field(factory=list[str])
    fields: list[CodeText] = field(factory=list[CodeText])
    unsent: list[str] = field(factory=list[str])
