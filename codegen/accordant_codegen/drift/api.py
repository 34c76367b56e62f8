"""What breaks the code of callers, and what it gains: two generated packages compared."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

from attrs import evolve

from .annotations import covers
from .lines import CODE, DriftLine, Impact
from .surface import ClassSurface, FieldSurface, MethodSurface, Texts, old_classes, surface

_WORD = re.compile(r"[A-Za-z_]\w*")
_ATTRIBUTE = re.compile(r"def (\w+)\(self\) -> (\w+):")
_MODELS = "models/"
_NO_SURFACE = ("aio/", "__init__.py", "models/__init__.py", "operations.py", "client.py")


def compare_packages(old: Texts, new: Texts) -> list[DriftLine]:
    """Every change of what the package offers. The asynchronous twins are the same and not told twice."""
    names = [name for name in dict.fromkeys([*old, *new]) if _is_surface(name) and old.get(name) != new.get(name)]
    before, after = ({name: surface(texts[name]) for name in names if name in texts} for texts in (old, new))
    comparison = _Comparison(_Roles(old, new), old_classes(new.get("models/__init__.py", "")))
    comparison.resources(_resources(before, old), _resources(after, new))
    comparison.models(_models(before), _models(after))
    return list(dict.fromkeys(comparison.found))


def _is_surface(name: str) -> bool:
    return name.endswith(".py") and not name.startswith("aio/") and name not in _NO_SURFACE


def _resources(
    modules: Mapping[str, Mapping[str, ClassSurface]], package: Texts
) -> dict[str, dict[str, MethodSurface]]:
    """The methods of each resource by the attribute of the client."""
    attributes = {name: home for home, name in _ATTRIBUTE.findall(package.get("client.py", ""))}
    return {
        attributes.get(told.name, name.removesuffix(".py")): told.methods
        for name, classes in modules.items()
        if not name.startswith(_MODELS)
        for told in classes.values()
    }


def _models(modules: Mapping[str, Mapping[str, ClassSurface]]) -> dict[str, ClassSurface]:
    return {
        told.name: told for name, classes in modules.items() if name.startswith(_MODELS) for told in classes.values()
    }


class _Roles:
    """Which models callers make, and which they get; worked out when the first model has changed."""

    def __init__(self, *packages: Texts) -> None:
        self._packages = packages
        self._known: tuple[frozenset[str], frozenset[str]] | None = None

    def of(self, name: str) -> tuple[bool, bool]:
        """Whether a model is sent, and whether it is read; one that nothing shows is taken to be both."""
        if self._known is None:
            self._known = self._reach()
        sent, read = name in self._known[0], name in self._known[1]
        return (sent, read) if sent or read else (True, True)

    def _reach(self) -> tuple[frozenset[str], frozenset[str]]:
        inside: dict[str, set[str]] = {}
        sent: set[str] = set()
        read: set[str] = set()
        for package in self._packages:
            for name, text in package.items():
                if name.startswith(_MODELS) and name.endswith(".py") and name != "models/__init__.py":
                    for told in surface(text).values():
                        words = [each.annotation for each in told.fields.values()] + [told.annotation]
                        inside.setdefault(told.name, set()).update(_WORD.findall(" ".join(words)))
                elif _is_surface(name):
                    for told in surface(text).values():
                        for method in told.methods.values():
                            read.update(_WORD.findall(method.returns))
                            for argument in method.arguments.values():
                                sent.update(_WORD.findall(argument.annotation))
        return _closure(sent, inside), _closure(read, inside)


def _closure(start: set[str], inside: Mapping[str, set[str]]) -> frozenset[str]:
    seen, pending = set(start), list(start)
    while pending:
        fresh = inside.get(pending.pop(), set()) - seen
        seen |= fresh
        pending += fresh
    return frozenset(seen)


class _Comparison:
    def __init__(self, roles: _Roles, old_names: Mapping[str, str]) -> None:
        self._roles = roles
        self._old_names = old_names
        self._enums: set[str] = set()
        self.found: list[DriftLine] = []

    def _note(self, kind: str, impact: Impact, place: str, text: str, name: str = "", now: str = "") -> None:
        self.found.append(DriftLine(kind, impact, CODE, place, text, name=name, now=now))

    def _renamed(self, what: str, place: str, name: str, now: str, *, lives_on: bool = False) -> None:
        """Something is called ``now``; its old name may live on."""
        subject = f"{what} `{name}`" if what in ("argument", "field") else name if what == "enum-member" else ""
        called = f"`{now}`" if what in ("argument", "field") else now
        text = f"{subject} is called {called} now".strip() + ("; the old name lives on" if lives_on else "")
        kind = f"{what}-{'deprecated' if lives_on else 'renamed'}"
        self._note(kind, Impact.ADDITIVE if lives_on else Impact.BREAKING, place, text, name if subject else "", now)

    def _kinds(self, old: str, new: str) -> tuple[str, str]:
        """Two annotations without what says that a value may be absent, and with the new names of classes."""

        def now(found: re.Match[str]) -> str:
            name = found.group()
            plain = name.removesuffix("Input")
            return self._old_names.get(name) or f"{self._old_names.get(plain, plain)}{name[len(plain) :]}"

        return _without_unset(_WORD.sub(now, old) if self._old_names else old), _without_unset(new)

    # resources

    def resources(self, old: dict[str, dict[str, MethodSurface]], new: dict[str, dict[str, MethodSurface]]) -> None:
        """Methods are matched by resource and name, or else by the operation that they call."""
        fresh = {(home, name): told for home, methods in new.items() for name, told in methods.items()}
        pairs: list[tuple[str, MethodSurface, MethodSurface]] = []
        left: list[tuple[str, MethodSurface]] = []
        for home, methods in old.items():
            for name, told in methods.items():
                other = new.get(home, {}).get(name)
                if other is not None and other.new_name and other.new_name != told.new_name:
                    self._renamed("method", f"{home}.{name}", "", f"{home}.{other.new_name}", lives_on=True)
                    pairs.append((f"{home}.{name}", told, new[home][other.new_name]))
                    del fresh[home, name]
                    fresh.pop((home, other.new_name), None)
                elif other is not None and _same_call(told, other):
                    pairs.append((f"{home}.{name}", told, other))
                    del fresh[home, name]
                else:
                    left.append((home, told))
        for home, told in left:
            place = f"{home}.{told.name}"
            match = next((each for each, other in fresh.items() if told.calls and _shape(other) == _shape(told)), None)
            match = match or next((each for each, other in fresh.items() if _same_operation(told, other)), None)
            match = match or ((home, told.name) if (home, told.name) in fresh else None)
            if match is None:
                self._note("method-removed", Impact.BREAKING, place, "is gone")
                continue
            other = fresh.pop(match)
            if match != (home, told.name):
                self._renamed("method", place, "", ".".join(match))
            elif told.operation.id != other.operation.id:
                self._note("method-recast", Impact.BREAKING, place, f"calls {other.calls} now (it was {told.calls})")
            pairs.append((".".join(match), told, other))
        for home, name in fresh:
            self._note("method-added", Impact.ADDITIVE, f"{home}.{name}", "is new")
        for place, told, other in pairs:
            self._method(place, told, other)

    def _method(self, place: str, old: MethodSurface, new: MethodSurface) -> None:
        gone = [name for name in old.arguments if name not in new.arguments]
        fresh = [name for name in new.arguments if name not in old.arguments]
        for name in list(gone):
            sent = old.operation.parameters.get(name)
            now = next((each for each, wire in new.operation.parameters.items() if wire == sent), None)
            now = new.old_arguments.get(name) or now or _variable(name, old, new)
            if now in fresh:
                self._renamed("argument", place, name, str(now), lives_on=name in new.old_arguments)
                gone.remove(name)
                fresh.remove(str(now))
                self._argument(place, old, new, name, str(now))
        for name in gone:
            self._note("argument-removed", Impact.BREAKING, place, f"argument `{name}` is gone", name)
        for name in fresh:
            required = new.arguments[name].required
            kind = "required-argument-added" if required else "argument-added"
            text = f"argument `{name}` is new{' and required' if required else ''}"
            self._note(kind, Impact.BREAKING if required else Impact.ADDITIVE, place, text, name)
        for name in [each for each in old.arguments if each in new.arguments]:
            self._argument(place, old, new, name, name)
        kinds = self._kinds(old.returns, new.returns)
        if kinds[0] != kinds[1]:
            impact = Impact.ADDITIVE if covers(*kinds) else Impact.BREAKING
            self._note("return-changed", impact, place, f"returns `{new.returns}` (it was `{old.returns}`)")

    def _argument(self, place: str, old: MethodSurface, new: MethodSurface, name: str, now: str) -> None:
        was, is_now = old.arguments[name], new.arguments[now]
        if was.required != is_now.required:
            became = "required" if is_now.required else "optional"
            impact = Impact.BREAKING if is_now.required else Impact.ADDITIVE
            self._note(f"argument-became-{became}", impact, place, f"argument `{now}` is {became} now", now)
        if was.position is not None and was.position != is_now.position:
            text = f"argument `{now}` has another position"
            if is_now.position is None:
                text = f"argument `{now}` is given by its name only"
            self._note("argument-moved", Impact.BREAKING, place, text, now)
        kinds = self._kinds(was.annotation, is_now.annotation)
        if kinds[0] != kinds[1]:
            impact = Impact.ADDITIVE if covers(kinds[1], kinds[0]) else Impact.BREAKING
            text = f"argument `{now}` takes `{kinds[1]}` (it was `{kinds[0]}`)"
            self._note("argument-type-changed", impact, place, text)

    # models

    def models(self, old: dict[str, ClassSurface], new: dict[str, ClassSurface]) -> None:
        """Classes are matched by name, or else by what they are."""
        fresh = [name for name in new if name not in old]
        self._enums = {name for each in (old, new) for name, told in each.items() if told.kind == "enum"}
        for name, told in old.items():
            if name in new:
                self._model(name, told, new[name])
                continue
            if name.removesuffix("Input") in self._old_names and name not in self._old_names:
                continue  # what arguments take for an enum that has another name now; no package exports it
            match = self._old_names.get(name) or next((each for each in fresh if _alike(told, new[each])), None)
            if match is not None and match in fresh:
                fresh.remove(match)
                self._renamed("class", f"models.{name}", "", match, lives_on=name in self._old_names)
                if name in self._old_names:
                    self._model(name, told, new[match])
            else:
                self._note("class-removed", Impact.BREAKING, f"models.{name}", "is gone")
        for name in fresh:
            self._note("class-added", Impact.ADDITIVE, f"models.{name}", "is new")

    def _model(self, name: str, old: ClassSurface, new: ClassSurface) -> None:
        place = f"models.{name}"
        families = [each.kind.removeprefix("request ") for each in (old, new)]
        if families[0] != families[1]:
            text = f"is an {new.kind} (it was an {old.kind})".replace("an model", "a model").replace(
                "an request", "a request"
            )
            self._note("class-kind-changed", Impact.BREAKING, place, text)
            return
        self._members(place, old, new)
        if old.annotation != new.annotation:
            wider = covers(new.annotation, old.annotation)
            if name.removesuffix("Input") not in self._enums:  # what an enum takes is told with its values
                text = f"takes `{new.annotation}` (it was `{old.annotation}`)"
                self._note("alias-changed", Impact.ADDITIVE if wider else Impact.BREAKING, place, text)
        sent, read = self._roles.of(name) if old.fields != new.fields else (True, True)
        self._fields(place, old, new, sent=sent, read=read)

    def _members(self, place: str, old: ClassSurface, new: ClassSurface) -> None:
        fresh = [name for name in new.members if name not in old.members]
        for name, value in old.members.items():
            now = new.old.get(name) or next((each for each in fresh if new.members[each] == value), None)
            if name not in new.members and now is not None:
                self._renamed("enum-member", place, name, now, lives_on=name in new.old)
            elif name not in new.members:
                self._note("enum-member-removed", Impact.BREAKING, place, f"{name} is gone", name)
                self.found[-1] = evolve(self.found[-1], value=str(ast.literal_eval(value)))
            elif value != new.members[name]:
                text = f"{name} is {new.members[name]} (it was {value})"
                self._note("enum-member-changed", Impact.BREAKING, place, text)
        for name in new.members:
            if name not in old.members:
                self._note("enum-member-added", Impact.ADDITIVE, place, f"{name} is new")

    def _fields(self, place: str, old: ClassSurface, new: ClassSurface, *, sent: bool, read: bool) -> None:
        gone = [name for name in old.fields if name not in new.fields]
        fresh = [name for name in new.fields if name not in old.fields]
        for name in list(gone):
            now = next((each for each in fresh if new.fields[each].wire == old.fields[name].wire), None)
            now = new.old.get(name) or now
            if now in fresh:
                self._renamed("field", place, name, str(now), lives_on=name in new.old)
                gone.remove(name)
                fresh.remove(str(now))
                self._field(place, old.fields[name], new.fields[str(now)], sent=sent, read=read)
        for name in gone:
            hint = _hint(old.fields[name], [new.fields[each] for each in fresh])
            self._note("field-removed", Impact.BREAKING, place, f"field `{name}` is gone{hint}", name)
        for name in fresh:
            required = new.fields[name].required and sent
            text = f"field `{name}` is new{' and required' if required else ''}"
            kind = "required-field-added" if required else "field-added"
            self._note(kind, Impact.BREAKING if required else Impact.ADDITIVE, place, text, name)
        for name in [each for each in old.fields if each in new.fields]:
            self._field(place, old.fields[name], new.fields[name], sent=sent, read=read)

    def _field(self, place: str, old: FieldSurface, new: FieldSurface, *, sent: bool, read: bool) -> None:
        if old.required != new.required:
            became = "required" if new.required else "optional"
            breaks = sent if new.required else read
            text = f"field `{new.name}` is {became} now{'' if new.required else ': it may be UNSET'}"
            self._note(f"field-became-{became}", Impact.BREAKING if breaks else Impact.ADDITIVE, place, text)
        kinds = self._kinds(old.annotation, new.annotation)
        if kinds[0] != kinds[1]:
            breaks = (sent and not covers(kinds[1], kinds[0])) or (read and not covers(kinds[0], kinds[1]))
            text = f"field `{new.name}` is `{kinds[1]}` (it was `{kinds[0]}`)"
            self._note("field-type-changed", Impact.BREAKING if breaks else Impact.ADDITIVE, place, text)


def _shape(method: MethodSurface) -> str:
    return re.sub(r"{[^{}]*}", "{}", method.calls)


def _same_operation(old: MethodSurface, new: MethodSurface) -> bool:
    return bool(old.operation.id) and old.operation.id == new.operation.id


def _same_call(old: MethodSurface, new: MethodSurface) -> bool:
    return not old.calls or not new.calls or _shape(old) == _shape(new)


def _variable(name: str, old: MethodSurface, new: MethodSurface) -> str | None:
    """The argument that fills the same variable of the path."""
    names = _path_arguments(old)
    if _shape(old) != _shape(new) or name not in names:
        return None
    return _path_arguments(new)[names.index(name)]


def _path_arguments(method: MethodSurface) -> list[str]:
    variables: list[str] = re.findall(r"{([^{}]*)}", method.calls)
    names = {wire.partition(" path")[0]: name for name, wire in method.operation.parameters.items()}
    return [names.get(variable, variable) for variable in variables]


def _without_unset(annotation: str) -> str:
    return " | ".join(part for part in annotation.split(" | ") if part != "Unset")


def _alike(old: ClassSurface, new: ClassSurface) -> bool:
    return old.kind == new.kind and (
        bool(old.fields or old.members) and (old.fields, old.members) == (new.fields, new.members)
    )


def _hint(old: FieldSurface, fresh: list[FieldSurface]) -> str:
    """A guess where a field went: the only new one of its type."""
    same = [each.name for each in fresh if each.annotation == old.annotation]
    return f"; `{same[0]}` is new and of the same type" if len(same) == 1 else ""
