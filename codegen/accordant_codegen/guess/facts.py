"""What the guesses are made of: one operation of a document that is already normal, and what its schemas hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from attrs import define, frozen

from accordant_runtime import is_array, is_object

from ..names import singular, snake
from ..read.document import follow, operations, sent_path
from ..types.media import choose_content

_DEEPEST = 4


@frozen
class Guess:
    """One overlay action: where, what is guessed (one word, for the counts), why, and what it writes."""

    target: str
    kind: str
    reason: str
    update: dict[str, Any]


@frozen
class Unguessed:
    """What was looked at and left as it is: where, what it would have been, and why not."""

    place: str
    kind: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.kind}: {self.why}"


def plain(name: str) -> str:
    """A name without its spelling: ``page[size]``, ``PageSize`` and ``page_size`` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def quoted(key: str) -> str:
    """A key as an RFC 9535 path writes it."""
    escaped = key.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


def _listed(value: Any) -> list[Any]:
    return value if is_array(value) else []


@frozen
class Shape:
    """A schema with its references followed and its parts put together, as far as the generator reads it as one."""

    document: dict[str, Any]
    node: Any

    @cached_property
    def _own(self) -> list[dict[str, Any]]:
        """The schema and its parts."""
        found: list[dict[str, Any]] = []
        waiting, seen = [self.node], 0
        while waiting and seen < 50:
            node = follow(self.document, waiting.pop(0))
            seen += 1
            if not is_object(node):
                continue
            found.append(node)
            waiting += node["allOf"] if is_array(node.get("allOf")) else []
            for keyword in ("anyOf", "oneOf"):
                others = [each for each in _listed(node.get(keyword)) if not self._is_null(each)]
                waiting += others if len(others) == 1 else []
        return found

    def _is_null(self, node: Any) -> bool:
        return is_object(node) and follow(self.document, node).get("type") == "null"

    def repeats(self, other: Shape) -> bool:
        """Whether it is the same schema as another, or begins with it: a tree, a wrapper that says it wraps itself."""
        return any(one is two for one in self._own for two in other._own)

    @cached_property
    def types(self) -> frozenset[str]:
        """The JSON types that it allows; empty where it does not say."""
        found: set[str] = set()
        for node in self._own:
            stated = node.get("type")
            found |= set(stated) if is_array(stated) else {stated} if isinstance(stated, str) else set()
            if any(self._is_null(each) for keyword in ("anyOf", "oneOf") for each in _listed(node.get(keyword))):
                found.add("null")
        if not found - {"null"}:
            found |= {"object"} if self.properties else {"array"} if self.items is not None else set()
        return frozenset(found)

    @cached_property
    def nullable(self) -> bool:
        """Whether it allows null."""
        return "null" in self.types

    @cached_property
    def is_list(self) -> bool:
        """Whether it is an array and nothing else."""
        return self.types - {"null"} == frozenset({"array"})

    @cached_property
    def is_record(self) -> bool:
        """Whether it is an object."""
        return bool(self.properties) or self.types - {"null"} == frozenset({"object"})

    @cached_property
    def is_choice(self) -> bool:
        """Whether it is one of several schemas, which the generator reads as a union."""
        several = [node.get(keyword) for node in self._own for keyword in ("anyOf", "oneOf")]
        return any(is_array(each) and len([one for one in each if not self._is_null(one)]) > 1 for each in several)

    @property
    def choices(self) -> list[Shape]:
        """The schemas that it is one of."""
        several = [_listed(node.get(keyword)) for node in self._own for keyword in ("anyOf", "oneOf")]
        return [Shape(self.document, each) for alternatives in several for each in alternatives]

    @cached_property
    def properties(self) -> dict[str, Shape]:
        """The properties of it and of its parts."""
        found: dict[str, Shape] = {}
        for node in self._own:
            own = node.get("properties")
            for name, schema in (own if is_object(own) else {}).items():
                found.setdefault(name, Shape(self.document, schema))
        return found

    @cached_property
    def shared(self) -> dict[str, Shape]:
        """The properties that it has in any case: its own, and those that every one of its alternatives has."""
        found = dict(self.properties)
        for node in self._own:
            for keyword in ("anyOf", "oneOf"):
                others = [Shape(self.document, each) for each in _listed(node.get(keyword)) if not self._is_null(each)]
                first = others[0].properties if len(others) > 1 else {}
                found |= {name: first[name] for name in first if all(name in each.properties for each in others)}
        return found

    @cached_property
    def items(self) -> Shape | None:
        """The schema of its items, where it has one for all."""
        node = next((node["items"] for node in self._own if is_object(node.get("items"))), None)
        return None if node is None else Shape(self.document, node)

    @cached_property
    def enumerated(self) -> bool:
        """Whether it lists its values."""
        return any(is_array(node.get("enum")) for node in self._own)

    def word(self, key: str) -> Any:
        """What it says under a key, such as ``maximum``."""
        return next((node[key] for node in self._own if key in node), None)

    def may_be(self, *types: str) -> bool:
        """Whether it is of one of these types and of no other, or does not say."""
        return self.types - {"null"} <= set(types) and not self.is_choice

    def walk(self, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Shape]]:
        """Every property below it, the shallow first, through objects only, each with the names that lead to it."""
        level = [(way, self)]
        for _ in range(_DEEPEST):
            inner = [((*path, name), shape) for path, holder in level for name, shape in holder.properties.items()]
            inner = [(path, shape) for path, shape in inner if "." not in path[-1]]
            yield from inner
            level = [(path, shape) for path, shape in inner if shape.is_record and not shape.is_choice]


@define
class Subject:
    """One operation, and what the guesses ask of it."""

    document: dict[str, Any]
    path: str
    method: str
    data: dict[str, Any]
    raw: dict[str, Any]
    """The same operation before normalisation, as an overlay meets it."""
    raw_item: dict[str, Any]
    frame: frozenset[str] = frozenset()
    """What stands beside the data in responses of the whole document, such as ``operation`` and ``service``."""

    @property
    def target(self) -> str:
        """The RFC 9535 path of the operation."""
        return f"$.paths{quoted(self.path)}.{self.method}"

    @property
    def segments(self) -> list[str]:
        """The segments of its path."""
        return [segment for segment in sent_path(self.path).split("/") if segment]

    @property
    def last(self) -> str:
        """The last segment that is no variable."""
        return next((each for each in reversed(self.segments) if "{" not in each), "")

    @property
    def by_id(self) -> bool:
        """Whether the path ends in a variable."""
        return bool(self.segments) and self.segments[-1].startswith("{") and self.segments[-1].endswith("}")

    @property
    def key(self) -> str | None:
        """The last variable of a path that ends in it."""
        return self.segments[-1].strip("{}") if self.by_id else None

    @property
    def query(self) -> list[dict[str, Any]]:
        """Its query parameters."""
        found: Any = self.data.get("parameters", [])
        return [each for each in found if each.get("in") == "query"]

    @property
    def success(self) -> Shape | None:
        """The schema of its first success with JSON content."""
        responses: dict[str, Any] = self.data.get("responses", {})
        codes = sorted(code for code in responses if code.startswith("2"))
        for code in codes or ["default"]:
            found = self._spoken(follow(self.document, responses.get(code, {})).get("content"))
            if found is not None:
                return found
        return None

    @property
    def body(self) -> Shape | None:
        """The schema of its body, where that is JSON."""
        return self._spoken(follow(self.document, self.data.get("requestBody", {})).get("content"))

    def _spoken(self, content: Any) -> Shape | None:
        """The schema of the JSON that the client speaks, among that which has one."""
        told = {
            media: body
            for media, body in (content if is_object(content) else {}).items()
            if "json" in media and is_object(body) and "schema" in body
        }
        chosen = choose_content(told)
        return None if chosen is None else Shape(self.document, chosen[1]["schema"])

    @property
    def nouns(self) -> frozenset[str]:
        """What a response may call the record or the records: words of the path and of the tag, both numbers."""
        words = {plain(snake(each)) for each in [self.last, *self.data.get("tags", [])] if each}
        words |= {plain(part) for part in snake(self.last).split("_")} if self.last else set()
        return frozenset(words | {plain(singular(each)) for each in words} | {f"{each}s" for each in words})

    def unguessed(self, kind: str, why: str) -> Unguessed:
        """A guess about it that is not made."""
        return Unguessed(self.target, kind, why)


def subjects(document: dict[str, Any], raw: dict[str, Any]) -> list[Subject]:
    """Every operation, in document order; ``raw`` is the document before normalisation."""
    found: list[Subject] = []
    for path, method, data in operations(document):
        every: Any = raw.get("paths")
        item: Any = every.get(path) if is_object(every) else None
        own: Any = item.get(method) if is_object(item) else None
        found.append(
            Subject(document, path, method, data, own if is_object(own) else {}, item if is_object(item) else {})
        )
    return found
