"""Judging one use: is it of something that a version removed, changed, or keeps under its old name alone?"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import cast

from attrs import frozen

from .changes import Changes, UpgradeChange
from .installed import InstalledMethod, InstalledVendor, classes_in, exists


@frozen(order=True)
class Use:
    """One use: where it is, what has happened, what to do instead. ``warning`` marks what still works."""

    file: str
    line: int
    column: int
    what: str
    instead: str
    version: str = ""
    warning: bool = False

    def __str__(self) -> str:
        mark = "warning: " if self.warning else ""
        since = f" (in {self.version})" if self.version else ""
        return f"{self.file}:{self.line}:{self.column}: {mark}{self.what}{since}; {self.instead}"


@frozen
class Judgement:
    """A use before it has a place."""

    what: str
    instead: str
    version: str = ""
    warning: bool = False


class Judge:
    """Holds uses against the changes and against what is installed."""

    def __init__(self, changes: Changes) -> None:
        self.changes = changes

    def _told(self, change: UpgradeChange, subject: str) -> Judgement:
        now = self.changes.latest(change) if change.now else ""
        instead = f"write `{now}`" if now and not change.instead else change.advice
        return Judgement(f"{subject}: {change.text}", instead, change.version, change.kind.endswith("-deprecated"))

    def method(self, vendor: InstalledVendor, path: str) -> Iterator[Judgement]:
        """A method is mentioned."""
        there = vendor.method(path)
        if there is not None and there.warning:
            new = f"{path.partition('.')[0]}.{there.new_name.rpartition('.')[2]}" if there.new_name else ""
            what = f"{path} is an old name" if new else there.warning
            yield Judgement(what, f"write `{new}`" if new else "expect the vendor to take it away", warning=True)
            return
        for change in self.changes.at(
            vendor.name, path, *_kinds("method", "removed", "renamed", "deprecated", "recast")
        ):
            if change.sure or there is None or change.kind == "method-recast":
                yield self._told(change, path)

    def call(
        self, vendor: InstalledVendor, path: str, node: ast.Call, skipped: int = 0
    ) -> Iterator[tuple[ast.AST, Judgement]]:
        """A method is called: its arguments. ``skipped`` of those by position are not the method's own."""
        there = vendor.method(path)
        given = {each.arg: each for each in node.keywords if each.arg}
        places = [
            path,
            *([f"{path.partition('.')[0]}.{there.new_name.rpartition('.')[2]}"] if there and there.new_name else []),
        ]
        places += [self.changes.latest(each) for each in self.changes.at(vendor.name, path, "method-renamed")]
        for place in places:
            for name, keyword in given.items():
                for found in self._argument(vendor, place, name, there):
                    yield keyword.value, found
            open_ended = any(each.arg is None for each in node.keywords) or any(
                isinstance(each, ast.Starred) for each in node.args
            )
            count = len(node.args) - skipped
            yield from ((node, found) for found in self._positions(vendor, place, count, given, open_ended, there))
            for change in self.changes.at(vendor.name, place, "return-changed"):
                yield node, self._told(change, place)
        for name, keyword in given.items():
            if there is not None and isinstance(keyword.value, ast.Constant):
                for enum in classes_in(there.arguments.get(name, ""))[1]:
                    for found in self._value(vendor, enum.removesuffix("Input"), keyword.value.value):
                        yield keyword.value, found

    def _argument(
        self, vendor: InstalledVendor, place: str, name: str, there: InstalledMethod | None
    ) -> Iterator[Judgement]:
        if there is not None and name in there.old_arguments:
            new = there.old_arguments[name]
            yield Judgement(f"{place}: `{name}` is the old name of an argument", f"write `{new}`", warning=True)
            return
        for change in self.changes.at(
            vendor.name, place, *_kinds("argument", "removed", "renamed", "deprecated"), name=name
        ):
            if change.sure or there is None or name not in there.arguments:
                yield self._told(change, place)
        for change in self.changes.at(vendor.name, place, "argument-type-changed", name=name):
            yield self._told(change, place)

    def _positions(
        self,
        vendor: InstalledVendor,
        place: str,
        count: int,
        given: dict[str, ast.keyword],
        open_ended: bool,
        there: InstalledMethod | None,
    ) -> Iterator[Judgement]:
        names = list(there.arguments) if there else []
        by_position = set(names[: min(count, there.positional)]) if there else set[str]()
        for change in self.changes.at(vendor.name, place, "required-argument-added", "argument-became-required"):
            lacks = change.name not in given and change.name not in by_position and not open_ended
            if lacks and (change.sure or there is None or change.name in there.required):
                yield self._told(change, place)
        for change in self.changes.at(vendor.name, place, "argument-moved"):
            if change.name not in given and count > (there.positional if there else 0):
                yield self._told(change, place)

    def model(self, vendor: InstalledVendor, name: str) -> Iterator[Judgement]:
        """A model's class is named."""
        if name in vendor.old_models:
            yield Judgement(f"models.{name} is an old name", f"write `{vendor.old_models[name]}`", warning=True)
            return
        kinds = (*_kinds("class", "removed", "renamed", "deprecated", "kind-changed"), "alias-changed")
        for change in self.changes.at(vendor.name, f"models.{name}", *kinds):
            gone = name not in vendor.model_names
            if change.sure or gone or change.kind in ("class-kind-changed", "alias-changed"):
                yield self._told(change, f"models.{name}")

    def field(self, vendor: InstalledVendor, model: str, name: str, *, given: bool = False) -> Iterator[Judgement]:
        """A field of a model is read, set or given, or a member of an enum is named."""
        there, place = vendor.model(model), f"models.{model}"
        if there is not None and name in there.old:
            yield Judgement(f"{model}.{name} is an old name", f"write `{there.old[name]}`", warning=True)
            return
        members = _kinds("enum-member", "removed", "renamed", "deprecated", "changed")
        for change in self.changes.at(
            vendor.name, place, *_kinds("field", "removed", "renamed", "deprecated"), *members, name=name
        ):
            present = there is not None and (name in there.fields or name in there.members)
            if change.sure or not present or change.kind == "enum-member-changed":
                yield self._told(change, place)
        kinds = ["field-type-changed", *([] if given else ["field-became-optional"])]
        for change in self.changes.at(vendor.name, place, *kinds, name=name):
            yield self._told(change, place)

    def made(self, vendor: InstalledVendor, model: str, node: ast.Call) -> Iterator[tuple[ast.AST, Judgement]]:
        """A model is made."""
        given = {each.arg for each in node.keywords if each.arg}
        for keyword in node.keywords:
            for found in self.field(vendor, model, keyword.arg or "", given=True):
                yield keyword.value, found
        there = vendor.model(model)
        if any(each.arg is None for each in node.keywords):
            return
        for change in self.changes.at(vendor.name, f"models.{model}", "required-field-added", "field-became-required"):
            if change.name not in given and (change.sure or there is None or change.name in there.required):
                yield node, self._told(change, f"models.{model}")

    def _value(self, vendor: InstalledVendor, enum: str, value: object) -> Iterator[Judgement]:
        there = vendor.model(enum)
        for change in self.changes.at(vendor.name, f"models.{enum}", "enum-member-removed"):
            if change.value and change.value == value and (there is None or value not in there.members.values()):
                yield Judgement(f"models.{enum}: the value {value!r} is gone", change.advice, change.version)

    def module(self, name: str) -> Iterator[Judgement]:
        """A module is named."""
        for change in self.changes.at("", name, *_kinds("module", "removed", "renamed")):
            if change.sure or not exists(name):
                yield self._told(change, name)

    def name_in(self, module: str, name: str) -> Iterator[Judgement]:
        """A public name of a module is used."""
        for change in self.changes.at("", module, *_kinds("name", "removed", "renamed"), name=name):
            if change.sure or not exists(module, name):
                yield self._told(change, f"{module}.{name}")

    def setting(self, place: str, name: str) -> Iterator[Judgement]:
        """An argument of a public class or function is given."""
        for change in self.changes.at("", place, *_kinds("argument", "removed", "renamed"), name=name):
            yield self._told(change, place)


def _kinds(what: str, *happened: str) -> tuple[str, ...]:
    return tuple(f"{what}-{each}" for each in happened)


def at_name(node: ast.Attribute) -> ast.AST:
    """A node at the name of an attribute, which may be lines below what it is an attribute of."""
    line, column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return cast("ast.AST", ast.Pass(lineno=line, col_offset=max(column - len(node.attr.encode()), 0)))


def parsed_at(place: ast.expr, text: str) -> ast.expr | None:
    """The expression that a text holds, as if it stood at that place; None where it holds none."""
    try:
        body = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return None
    for each in ast.walk(body):
        ast.copy_location(each, place)
    return body
