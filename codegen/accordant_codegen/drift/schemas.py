"""Two schemas compared, for what a caller sends or for what it reads.

A request may be widened and a response narrowed without harm; the other way round breaks. Component schemas are
compared once for each direction, and every change names the operations that it reaches.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from attrs import evolve, frozen

from accordant_runtime import is_array, is_object

from .constraints import constraints
from .lines import WIRE, DriftLine, Impact
from .views import (
    ANYTHING,
    ONLY,
    REQUEST,
    RESPONSE,
    Direction,
    alike,
    branches,
    component,
    covers,
    named_types,
    properties,
    types,
    view,
)


@frozen
class Spot:
    """Where two schemas are: in an operation or a component, in which direction, below which field."""

    owner: tuple[str, str]
    where: str
    direction: Direction
    path: str = ""

    def below(self, name: str) -> Spot:
        """The field of that name."""
        return evolve(self, path=f"{self.path}.{name}" if self.path else name)

    def item(self) -> Spot:
        """An item of a list."""
        return evolve(self, path=f"{self.path}[]")

    @property
    def subject(self) -> str:
        """What a sentence about it begins with."""
        return f"field `{self.path}`" if self.path else "the value"


class SchemaComparison:
    """Compares what it is given and the components that are reached from there."""

    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self.old, self.new = old, new
        self._found: list[tuple[Spot, str, Impact, str, bool]] = []
        self._users: dict[tuple[str, str], set[tuple[str, str]]] = {}
        self._pending: deque[tuple[str, Direction]] = deque()
        self._compared: set[tuple[int, int, tuple[str, str], Direction]] = set()

    def note(self, spot: Spot, kind: str, impact: Impact, text: str, *, tolerated: bool = False) -> None:
        """Keep a change at a place."""
        self._found.append((spot, f"{spot.direction}-{kind}", impact, text, tolerated))

    def either(self, spot: Spot, kind: str, text: str, *, request: Impact, response: Impact) -> None:
        """Keep a change that means something else to what is sent than to what is read."""
        self.note(spot, kind, request if spot.direction == REQUEST else response, text)

    def lines(self) -> list[DriftLine]:
        """Everything found, the components that are left included."""
        while self._pending:
            name, direction = self._pending.popleft()
            what = "what is sent" if direction == REQUEST else "what is returned"
            spot = Spot((name, direction), f"schema {name} ({what})", direction)
            self._values(self._schema(self.old, name), self._schema(self.new, name), spot)
        unique = dict.fromkeys(self._found)
        return [
            DriftLine(kind, impact, WIRE, spot.where, text, tolerated, self._operations(spot.owner))
            for spot, kind, impact, text, tolerated in unique
        ]

    def _schema(self, document: dict[str, Any], name: str) -> Any:
        return document.get("components", {}).get("schemas", {}).get(name, ANYTHING)

    def _operations(self, owner: tuple[str, str]) -> tuple[str, ...]:
        """The operations from which a component is reached; none for what an operation holds itself."""
        if owner[1] == "operation":
            return ()
        seen, pending = {owner}, [owner]
        while pending:
            fresh = self._users.get(pending.pop(), set()) - seen
            seen |= fresh
            pending += fresh
        return tuple(sorted(name for name, kind in seen if kind == "operation"))

    def compare(self, old: Any, new: Any, spot: Spot) -> None:
        """Compare two schemas at one place."""
        first = component(old)
        if first is not None and first == component(new):
            self._enqueue(first, spot)
            return
        # The same two nodes are met again where a schema holds itself, and where it is shared: they say the same there.
        pair = (id(old), id(new), spot.owner, spot.direction)
        if pair not in self._compared:
            self._compared.add(pair)
            self._values(old, new, spot)

    def _enqueue(self, name: str, spot: Spot) -> None:
        target = (name, spot.direction)
        if target not in self._users:
            self._users[target] = set()
            self._pending.append((name, spot.direction))
        if target != spot.owner:
            self._users[target].add(spot.owner)

    def _values(self, old: Any, new: Any, spot: Spot) -> None:
        before, after = view(self.old, old), view(self.new, new)
        self._null(before, after, spot)
        first, second = branches(before), branches(after)
        if first or second:
            self._union(first or [before.get(ONLY, old)], second or [after.get(ONLY, new)], spot)
            self._discriminator(before, after, spot, {component(item) for item in second})
            if not (first and second):
                return
        elif not self._types(before, after, spot):
            return
        for kind, request, response, text, tolerated in constraints(before, after):
            impact = request if spot.direction == REQUEST else response
            told = tolerated and spot.direction == RESPONSE
            self.note(spot, kind, impact, f"{spot.subject} {text}", tolerated=told)
        self._fields(before, after, spot)
        self._parts(before, after, spot)

    def _null(self, before: dict[str, Any], after: dict[str, Any], spot: Spot) -> None:
        was, now = bool(before.get("nullable")), bool(after.get("nullable"))
        anything = (not types(before) and not branches(before)) or (not types(after) and not branches(after))
        if was == now or anything:
            return
        if now:
            self.either(
                spot,
                "became-nullable",
                f"{spot.subject} may be null now",
                request=Impact.ADDITIVE,
                response=Impact.BREAKING,
            )
        else:
            self.either(
                spot,
                "null-gone",
                f"{spot.subject} may not be null any more",
                request=Impact.BREAKING,
                response=Impact.ADDITIVE,
            )

    def _types(self, before: dict[str, Any], after: dict[str, Any], spot: Spot) -> bool:
        """Note another type; returns whether the two can be compared any further."""
        was, now = types(before), types(after)
        if was == now:
            return True
        wider, narrower = covers(now, was), covers(was, now)
        text = f"{spot.subject} is {named_types(now)} (it was {named_types(was)})"
        if wider:
            self.either(spot, "type-widened", text, request=Impact.ADDITIVE, response=Impact.BREAKING)
        elif narrower:
            self.either(spot, "type-narrowed", text, request=Impact.BREAKING, response=Impact.ADDITIVE)
        else:
            self.note(spot, "type-changed", Impact.BREAKING, text)
        return wider or narrower

    def _union(self, first: list[Any], second: list[Any], spot: Spot) -> None:
        """Alternatives are matched by what they refer to, then by what they are, then one that is left with another."""
        pairs: list[tuple[Any, Any]] = []
        left, fresh = list(first), list(second)
        for same in (_same_component, _same_text, _same_shape):
            for item in list(left):
                match = next((other for other in fresh if same(item, other)), None)
                if match is not None:
                    pairs.append((item, match))
                    left.remove(item)
                    fresh.remove(match)
        if len(left) == len(fresh) == 1:
            pairs.append((left.pop(), fresh.pop()))
        for item, other in pairs:
            self.compare(item, other, spot)
        for item in left:
            text = f"{spot.subject} is no longer {_called(item)}"
            self.either(spot, "alternative-removed", text, request=Impact.BREAKING, response=Impact.ADDITIVE)
        for item in fresh:
            text = f"{spot.subject} may be {_called(item)} now"
            self.either(spot, "alternative-added", text, request=Impact.ADDITIVE, response=Impact.BREAKING)

    def _discriminator(self, before: dict[str, Any], after: dict[str, Any], spot: Spot, left: set[str | None]) -> None:
        was, now = (_discriminator(each) for each in (before, after))
        if was[0] != now[0]:
            text = f"{spot.subject} is told apart by {now[0] or 'nothing'} (it was {was[0] or 'nothing'})"
            loose = not was[0]
            self.either(
                spot,
                "discriminator-changed",
                text,
                request=Impact.BREAKING,
                response=Impact.ADDITIVE if loose else Impact.BREAKING,
            )
        for value in [each for each in was[1] if each in now[1] and was[1][each] != now[1][each]]:
            text = f"{spot.subject} with {was[0]} {value!r} is {now[1][value]} (it was {was[1][value]})"
            self.note(spot, "discriminator-mapping-changed", Impact.BREAKING, text)
        for value in [each for each, kind in was[1].items() if now[1] and each not in now[1] and kind in left]:
            text = f"{spot.subject} has no {was[0]} {value!r} any more"
            self.either(spot, "discriminator-value-removed", text, request=Impact.BREAKING, response=Impact.ADDITIVE)

    def _fields(self, before: dict[str, Any], after: dict[str, Any], spot: Spot) -> None:
        was, now = properties(before, spot.direction), properties(after, spot.direction)
        needed = [_required(before), _required(after)]
        for name in was:
            inside = spot.below(name)
            if name not in now:
                self._gone(inside, name in (after.get("properties") or {}))
                continue
            if name in needed[0] and name not in needed[1]:
                text = f"{inside.subject} may be absent now"
                self.either(inside, "field-became-optional", text, request=Impact.ADDITIVE, response=Impact.BREAKING)
            elif name in needed[1] and name not in needed[0]:
                text = (
                    f"{inside.subject} is required now"
                    if spot.direction == REQUEST
                    else f"{inside.subject} is always there now"
                )
                self.either(inside, "field-became-required", text, request=Impact.BREAKING, response=Impact.ADDITIVE)
            self.compare(was[name], now[name], inside)
        for name in now:
            if name not in was:
                inside = spot.below(name)
                required = name in needed[1] and spot.direction == REQUEST
                word = "required-field-added" if required else "field-added"
                text = f"{inside.subject} is new{' and required' if required else ''}"
                self.note(inside, word, Impact.BREAKING if required else Impact.ADDITIVE, text)
        for name in needed[1] - needed[0] if spot.direction == REQUEST else ():
            if name not in (after.get("properties") or {}):  # required, though nothing says what it is
                text = f"{spot.below(name).subject} is required now"
                self.note(spot.below(name), "field-became-required", Impact.BREAKING, text)

    def _gone(self, spot: Spot, hidden: bool) -> None:
        if not hidden:
            self.note(spot, "field-removed", Impact.BREAKING, f"{spot.subject} is gone")
        elif spot.direction == REQUEST:
            self.note(spot, "field-became-read-only", Impact.BREAKING, f"{spot.subject} can only be read now")
        else:
            self.note(spot, "field-became-write-only", Impact.BREAKING, f"{spot.subject} can only be written now")

    def _parts(self, before: dict[str, Any], after: dict[str, Any], spot: Spot) -> None:
        """Items, values of maps."""
        if "items" in before or "items" in after:
            self.compare(before.get("items", ANYTHING), after.get("items", ANYTHING), spot.item())
        for index, (first, second) in enumerate(zip(_tuple(before), _tuple(after), strict=False)):
            self.compare(first, second, evolve(spot, path=f"{spot.path}[{index}]"))
        was, now = (each.get("additionalProperties", True) for each in (before, after))
        if "object" not in types(after) or (alike(was, now) and component(was) is None and not is_object(was)):
            return
        if was is False or now is False:
            if was is not now:
                words = "does not take other fields" if now is False else "takes other fields now"
                closed = now is False
                self.either(
                    spot,
                    "closed" if closed else "opened",
                    f"{spot.subject} {words}",
                    request=Impact.BREAKING if closed else Impact.ADDITIVE,
                    response=Impact.NONE if closed else Impact.ADDITIVE,
                )
            return
        self.compare(was if is_object(was) else ANYTHING, now if is_object(now) else ANYTHING, spot.below("*"))


def _same_component(first: Any, second: Any) -> bool:
    return component(first) is not None and component(first) == component(second)


def _same_text(first: Any, second: Any) -> bool:
    return alike(first, second)


def _same_shape(first: Any, second: Any) -> bool:
    """Whether two alternatives written in place are of one type, and objects have a field in common."""
    if not is_object(first) or not is_object(second) or component(first) or component(second):
        return False
    names = [set(each.get("properties") or {}) for each in (first, second)]
    return types(first) == types(second) and (not (names[0] or names[1]) or bool(names[0] & names[1]))


def _required(schema: dict[str, Any]) -> set[str]:
    names: Any = schema.get("required")
    return {str(name) for name in names} if is_array(names) else set()


def _tuple(schema: dict[str, Any]) -> list[Any]:
    return schema["prefixItems"] if is_array(schema.get("prefixItems")) else []


def _called(node: Any) -> str:
    return component(node) or named_types(types(node) if is_object(node) else frozenset())


def _discriminator(schema: dict[str, Any]) -> tuple[str, dict[str, str]]:
    found: Any = schema.get("discriminator")
    if not is_object(found):
        return "", {}
    mapping: Any = found.get("mapping")
    names = (
        {str(value): str(target).rpartition("/")[2] for value, target in mapping.items()} if is_object(mapping) else {}
    )
    return str(found.get("propertyName") or ""), names
