"""Two documents compared, operation by operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from accordant_runtime import is_object

from ..read.document import METHODS, follow
from .exchange import ExchangeComparison
from .lines import CODE, WIRE, DriftLine, Impact
from .schemas import SchemaComparison
from .security import SecurityComparison, servers
from .views import RESPONSE


@frozen
class Told:
    """An operation as it is told."""

    path: str
    method: str
    node: dict[str, Any]

    @property
    def label(self) -> str:
        """Method and path."""
        return f"{self.method.upper()} {self.path}"

    @property
    def shape(self) -> tuple[str, str]:
        """What it is on the wire: the names of path variables do not count."""
        return self.method, re.sub(r"{[^{}]*}", "{}", self.path)

    @property
    def id(self) -> str:
        """The operationId, where it has one."""
        return str(self.node.get("operationId") or "")


def compare_documents(old: dict[str, Any], new: dict[str, Any]) -> list[DriftLine]:
    """Everything that a newer document changes on the wire."""
    schemas = SchemaComparison(old, new)
    found: list[DriftLine] = []
    security = SecurityComparison(old, new)
    for before, after in _pairs(_told(old, "paths"), _told(new, "paths"), found):
        _identity(before, after, found)
        exchange = ExchangeComparison(old, new, schemas, found, after.label)
        exchange.operation(before.node, after.node, variables=(_variables(before.path), _variables(after.path)))
        found += security.operation(before.node, after.node, after.label)
        if "servers" in before.node or "servers" in after.node:
            found += servers(before.node.get("servers"), after.node.get("servers"), after.label)
        _callbacks(before, after, exchange, schemas, found)
    _webhooks(old, new, schemas, found)
    found += servers(old.get("servers"), new.get("servers"), "servers")
    found += security.schemes()
    return [*found, *schemas.lines()]


def _told(document: dict[str, Any], section: str) -> list[Told]:
    items: Any = document.get(section)
    return [
        Told(path, method, {**_shared(item), **item[method]})
        for path, item in (items.items() if is_object(items) else ())
        if is_object(item)
        for method in METHODS
        if is_object(item.get(method))
    ]


def _shared(item: dict[str, Any]) -> dict[str, Any]:
    return {"servers": item["servers"]} if "servers" in item else {}


def _pairs(old: list[Told], new: list[Told], found: list[DriftLine]) -> Iterator[tuple[Told, Told]]:
    """Operations that are the same: by method and path, or else by operationId; the rest is gone or new."""
    by_shape = {told.shape: told for told in new}
    left = [told for told in old if told.shape not in by_shape]
    fresh = {told.shape for told in new} - {told.shape for told in old}
    by_id = {told.id: told for told in new if told.shape in fresh and told.id}
    for told in old:
        if told.shape in by_shape:
            yield told, by_shape[told.shape]
    for told in left:
        moved = by_id.get(told.id)
        if moved is not None and moved.shape in fresh:
            fresh.discard(moved.shape)
            text = f"is at {moved.label} now"
            found.append(DriftLine("path-changed", Impact.BREAKING, WIRE, told.label, text))
            yield told, moved
        else:
            found.append(DriftLine("operation-removed", Impact.BREAKING, WIRE, told.label, "is gone"))
    added = [told.label for told in new if told.shape in fresh]
    found += [DriftLine("operation-added", Impact.ADDITIVE, WIRE, label, "is new") for label in added]


def _identity(before: Told, after: Told, found: list[DriftLine]) -> None:
    def note(kind: str, text: str, *, layer: Any = WIRE) -> None:
        found.append(DriftLine(kind, Impact.ADDITIVE, layer, after.label, text))

    if before.id != after.id and before.id and after.id:
        note("operation-id-changed", f"its operationId is {after.id} (it was {before.id})", layer=CODE)
    was, now = bool(before.node.get("deprecated")), bool(after.node.get("deprecated"))
    if now and not was:
        note("operation-deprecated", "is deprecated")
    elif was and not now:
        note("operation-no-longer-deprecated", "is no longer deprecated")
    for word in ("x-sunset", "x-sunset-date"):
        if after.node.get(word) and before.node.get(word) != after.node.get(word):
            note("operation-sunset", f"goes on {after.node[word]}")


def _variables(path: str) -> list[str]:
    return re.findall(r"{([^{}]+)}", path)


def _callbacks(
    before: Told, after: Told, exchange: ExchangeComparison, schemas: SchemaComparison, found: list[DriftLine]
) -> None:
    was, now = (_flat_callbacks(exchange, each.node, old) for each, old in ((before, True), (after, False)))
    _received(was, now, f"{after.label}: callback", schemas, exchange, found)


def _flat_callbacks(exchange: ExchangeComparison, node: dict[str, Any], old: bool) -> dict[str, dict[str, Any]]:
    document = exchange.old if old else exchange.new
    result: dict[str, dict[str, Any]] = {}
    callbacks: Any = node.get("callbacks")
    for name, item in callbacks.items() if is_object(callbacks) else ():
        for address, path_item in (_followed(document, item) or {}).items():
            for method in METHODS:
                if is_object(path_item) and is_object(path_item.get(method)):
                    result[f"{name} {method.upper()} {address}"] = path_item[method]
    return result


def _webhooks(old: dict[str, Any], new: dict[str, Any], schemas: SchemaComparison, found: list[DriftLine]) -> None:
    was, now = (
        {f"{told.path} {told.method.upper()}": told.node for told in _told(each, "webhooks")} for each in (old, new)
    )
    _received(was, now, "webhook", schemas, ExchangeComparison(old, new, schemas, found, "webhook"), found)


def _received(
    was: dict[str, dict[str, Any]],
    now: dict[str, dict[str, Any]],
    what: str,
    schemas: SchemaComparison,
    exchange: ExchangeComparison,
    found: list[DriftLine],
) -> None:
    """Calls that the vendor makes: what they carry is read by us, and what we return is sent."""
    gone, fresh = ([f"{what} {each}" for each in one if each not in other] for one, other in ((was, now), (now, was)))
    found += [DriftLine("webhook-removed", Impact.BREAKING, WIRE, place, "is gone") for place in gone]
    found += [DriftLine("webhook-added", Impact.ADDITIVE, WIRE, place, "is new") for place in fresh]
    for name in [each for each in was if each in now]:
        call = ExchangeComparison(exchange.old, exchange.new, schemas, found, f"{what} {name}")
        call.body(was[name].get("requestBody"), now[name].get("requestBody"), RESPONSE)


def _followed(document: dict[str, Any], node: Any) -> dict[str, Any] | None:
    try:
        target: Any = follow(document, node)
    except KeyError:
        return None
    return target if is_object(target) else None
