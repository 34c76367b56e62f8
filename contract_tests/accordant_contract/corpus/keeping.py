"""Which of a run's generated requests are worth keeping: those that show something that none before them showed."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import define, evolve, field

from accordant_runtime import is_array, is_object, loads

from ..document.document import Operation
from ..document.references import references
from ..document.values import ABSENT, Arguments, Exchange
from ..target.request_builder import build
from .file import KeptCase

MOST: Final = 16
"""So many cases of an operation are kept, findings apart."""
_LARGEST: Final = 1500
"""The characters of the largest case that is kept."""
_SHORTEST: Final = 4
"""Shorter secrets are in any text."""
_LONG: Final = 256
_BEYOND: Final = 2**31


@define(eq=False)
class Keeper:
    """Collects the cases of a run that are worth keeping.

    A case is one if it is the first success of its operation, or has a status, a shape of the response or a sort of
    value in the request that no kept case of the operation has, or if it led to a finding.
    """

    names: Container[str]
    """The names of all documented properties: those that a generator makes up are all alike."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    cases: dict[str, list[KeptCase]] = field(factory=dict[str, list[KeptCase]], init=False)
    _seen: dict[str, set[str]] = field(factory=dict[str, set[str]], init=False)

    def offer(self, operation: Operation, exchange: Exchange, known: Mapping[str, set[str]], finding: str = "") -> None:
        """Keep a case, if it is worth it; ``known`` are the records that were there, ``finding`` the check it fails."""
        seen, kept = self._seen.setdefault(operation.id, set()), self.cases.setdefault(operation.id, [])
        exchange = evolve(exchange, arguments=_documented(operation, exchange.arguments))
        new = [each for each in features(exchange, self.names) if each not in seen]
        if not (new or finding) or (len(kept) >= MOST and not finding) or not self._keeps(operation, exchange):
            return
        named = references(operation, exchange.arguments)
        there = tuple((entity, value) for entity, value in named if str(value) in known.get(entity, ()))
        why = f"finding: {finding}" if finding else new[0]
        kept.append(KeptCase(operation.id, exchange.arguments, there, why))
        seen.update(new)

    def replayed(self, case: KeptCase, exchange: Exchange) -> None:
        """A case that was kept before: it stays, and what it shows is not new any more."""
        self._seen.setdefault(case.operation, set()).update(features(exchange, self.names))
        self.cases.setdefault(case.operation, []).append(case)

    def _keeps(self, operation: Operation, exchange: Exchange) -> bool:
        """Whether a case can be sent again as it was, is not too large, and shows no secret."""
        if not same_request(operation, exchange):
            return False
        text = json.dumps(KeptCase(operation.id, exchange.arguments).data())
        return len(text) <= _LARGEST and not any(len(secret) >= _SHORTEST and secret in text for secret in self.secrets)


def _documented(operation: Operation, arguments: Arguments) -> Arguments:
    """The arguments without header fields that are no parameters: credentials are sent anew."""
    names = {each.name for each in operation.parameters if each.where == "header"}
    header = {name: value for name, value in arguments.header.items() if name in names}
    return evolve(arguments, header=header, raw=None, media_type=None)


def same_request(operation: Operation, exchange: Exchange) -> bool:
    """Whether the arguments of an exchange, which a file can hold, make the same request again."""
    try:
        json.dumps(
            [dict(exchange.arguments.given), None if exchange.arguments.body is ABSENT else exchange.arguments.body]
        )
        again = build(operation, exchange.arguments, "")
        sent, made = urlsplit(exchange.request.url), urlsplit(again.url)
        same = unquote(sent.path).endswith(unquote(made.path)) and _pairs(sent.query) == _pairs(made.query)
        if not exchange.request.body or not again.body:
            return same and bool(exchange.request.body) == bool(again.body)
        kind = (exchange.request.header("content-type") or "").partition(";")[0]
        first = next(iter(operation.body), "")
        return same and kind == first and "json" in kind and bool(loads(exchange.request.body) == loads(again.body))
    except (ValueError, TypeError, AttributeError):
        return False


def _pairs(query: str) -> list[tuple[str, str]]:
    return sorted(parse_qsl(query, keep_blank_values=True))


def features(exchange: Exchange, names: Container[str]) -> Iterator[str]:
    """What a case shows: its outcome, the shape of its response, the sort of each value in its request."""
    yield "the first success" if exchange.success else f"status {exchange.status}"
    yield f"status {exchange.status}"
    document = exchange.document
    if document is not ABSENT:
        yield f"response {exchange.status} {shape(document)}"
    given = exchange.arguments
    for place, values in (("path", given.path), ("query", given.query), ("header", given.header)):
        for name, value in values.items():
            yield from _sorts(f"{place} {name}", value, names)
    if given.body is not ABSENT:
        yield from _sorts("body", given.body, names)


def shape(value: Any) -> str:
    """The names and types in a JSON value, items of a list taken together."""
    if is_object(value):
        return "{" + ",".join(f"{name}:{shape(value[name])}" for name in sorted(value)) + "}"
    if is_array(value):
        return "[" + "|".join(sorted({shape(each) for each in value})) + "]"
    return type(value).__name__


def _sorts(path: str, value: Any, names: Container[str]) -> Iterator[str]:
    if is_object(value):
        for name, each in value.items():
            if name in names:
                yield from _sorts(f"{path}.{name}", each, names)
            else:
                yield f"{path} has a further property"
    elif is_array(value):
        yield f"{path} is a list of {min(len(value), 2)}"
        for each in value[:2]:
            yield from _sorts(f"{path}[]", each, names)
    else:
        yield f"{path} is {_sort(value)}"


def _sort(value: Any) -> str:
    if isinstance(value, str):
        if not value:
            return "an empty text"
        long = "a long text" if len(value) >= _LONG else "a text"
        return long if value.isascii() and value.isprintable() else f"{long} beyond ASCII"
    if isinstance(value, bool) or value is None:
        return str(value)
    large = "large " if abs(value) >= _BEYOND else ""
    sign = "zero" if value == 0 else "negative" if value < 0 else "positive"
    return f"a {large}{sign} {type(value).__name__}"
