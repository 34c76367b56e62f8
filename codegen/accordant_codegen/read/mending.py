"""Making good what is wrong in a document: one bad node costs a field, a parameter or at most its own operation.

Whatever is given up is reported with its JSON path. Overlays come first: what they put right is not wrong any more.
"""

from __future__ import annotations

import copy
import re
from collections import deque
from functools import reduce
from typing import Any, Final

from attrs import define, field

from accordant_runtime import is_array, is_object

from .closed import open_whole
from .document import below, pointer, resolve, walk
from .grammar import OPENAPI3, SWAGGER2, Grammar, ListNode, MapNode, PartNode, SchemaNode, Tables
from .odd_enums import mended_enum
from .values import GONE, is_pattern, kind, mended_value

_PLACES: Final = frozenset({"path", "query", "header", "cookie"})
_NOUNS: Final = {
    "operation": "the operation",
    "path": "the path with its operations",
    "parameter": "the parameter",
    "tag": "the tag",
    "server": "the server",
}
_NEEDED: Final = {"tag": "name", "server": "url", "variable": "default", "discriminator": "propertyName"}
_ANY: Final = "any value is taken there"
_ARRAY: Final = frozenset({"type", "anyOf", "minItems", "maxItems", "uniqueItems", "additionalItems"})
"""Beside a list of schemas under `items`, each of these says that it is an array or takes the place of them."""
_OBJECT: Final = frozenset({"properties", "additionalProperties", "allOf", "anyOf", "oneOf", "$ref"})
"""Each of these says what an object holds."""
_FORMS: Final = {
    **dict.fromkeys(
        ("application/form-data", "application/formdata", "form-data", "multipart/form", "multipart/formdata"),
        "multipart/form-data",
    ),
    **dict.fromkeys(
        ("application/form-urlencoded", "application/www-form-urlencoded", "application/x-www-form-urlencode"),
        "application/x-www-form-urlencoded",
    ),
}
"""Media types that nobody has registered, and what everybody means by them."""
_MOST_ROUNDS: Final = 5
"""How often a document is looked through: what is left out may be what something else refers to."""


def mend(document: dict[str, Any], losses: list[str]) -> None:
    """Make the document one that reading can rely on, in place; its ``paths`` have to be an object."""
    for _ in range(_MOST_ROUNDS):
        before = len(losses)
        _Mender(document, losses, SWAGGER2 if "swagger" in document else OPENAPI3).everything()
        if len(losses) == before:
            return


@define
class _Mender:
    """Goes through a document once, and through whatever its references lead to."""

    document: dict[str, Any]
    losses: list[str]
    tables: Tables
    _pending: deque[tuple[str, Any, Grammar]] = field(factory=deque[tuple[str, Any, Grammar]])
    _seen: dict[int, Any] = field(factory=dict[int, Any])

    def everything(self) -> None:
        """The document, then what is referred to at odd places, then references at places that nobody knows."""
        self._keys(self.document, "document", "$")
        while self._pending:
            reference, node, grammar = self._pending.popleft()
            if id(node) not in self._seen:
                keys = pointer(reference)
                if self._value(node, grammar, reduce(below, keys, "$")) is GONE:
                    resolve(self.document, "#/" + "/".join(reference.removeprefix("#/").split("/")[:-1])).pop(keys[-1])
        for place, node in list(walk(self.document)):
            if isinstance(node.get("$ref"), str) and self._target(node["$ref"]) is GONE:
                self._lose(place, f"{_dangling(node.pop('$ref'))}; {_ANY}")

    def _lose(self, place: str, what: str) -> None:
        self.losses.append(f"{place}: {what}")

    def _value(self, node: Any, grammar: Grammar, place: str) -> Any:
        """The node as it should be; GONE where nothing can be made of it."""
        if isinstance(grammar, ListNode):
            return self._list(node, grammar, place)
        if isinstance(grammar, MapNode):
            return self._map(node, grammar, place)
        if isinstance(grammar, SchemaNode):
            return self._schema(node, grammar, place)
        if isinstance(grammar, PartNode):
            return self._part(node, grammar, place)
        version = str(self.document.get("openapi", "2.0"))
        value, problem = mended_value(node, grammar, old=version.startswith(("2.", "3.0")))
        if problem:
            self._lose(place, f"{problem}; it is left out" if value is GONE else problem)
        return value

    def _wrong(self, node: Any, wanted: str, place: str) -> Any:
        self._lose(place, f"it is {kind(node)}, not {wanted}; it is left out")
        return GONE

    def _list(self, node: Any, grammar: ListNode, place: str) -> Any:
        if not is_array(node):
            return self._wrong(node, "a list", place)
        if grammar.filled and not node:
            self._lose(place, "it is empty; it is left out")
            return GONE
        found = [self._value(item, grammar.item, f"{place}[{index}]") for index, item in enumerate(node)]
        node[:] = [item for item in found if item is not GONE]
        return node

    def _map(self, node: Any, grammar: MapNode, place: str) -> Any:
        if not is_object(node):
            return self._wrong(node, "an object", place)
        extended = isinstance(grammar.item, PartNode) and grammar.item.table in ("path", "response")
        for key in [key for key in node if not (extended and key.startswith("x-"))]:
            if grammar.item == "texts" and node[key] is None:
                node[key] = []  # a security scheme without scopes
            _put(node, key, self._value(node[key], grammar.item, below(place, key)))
        return node

    def _keys(self, node: dict[str, Any], table: str, place: str) -> None:
        """Everything below an object."""
        self._seen[id(node)] = node
        if table == "document":
            self._slashes(node["paths"])
        if table == "operation" and is_object(node.get("responses")):
            self._statuses(node["responses"], f"{place}.responses")
        if table == "body" and is_object(node.get("content")):
            self._forms(node["content"], f"{place}.content")
        known = self.tables[table]
        for key in [key for key in node if key in known]:
            _put(node, key, self._value(node[key], known[key], below(place, key)))
        if table == "discriminator":
            self._mapping(node.get("mapping", {}), f"{place}.mapping")

    # Parts

    def _part(self, node: Any, grammar: PartNode, place: str) -> Any:
        otherwise: Any = GONE
        if grammar.otherwise is not None and (node is not None or grammar.table != "body"):
            otherwise = copy.deepcopy(dict(grammar.otherwise))
        if is_object(node) and "$ref" in node and grammar.refers:
            target = self._end(node["$ref"])
            if is_object(target):
                return self._referred(node, target, grammar, place)
            problem = _dangling(node["$ref"])
        elif is_object(node):
            self._keys(node, grammar.table, place)
            problem = self._problem(node, grammar.table)
            otherwise = GONE
        else:
            problem = f"it is {kind(node)}, not an object"
        if not problem:
            return node
        noun = _NOUNS.get(grammar.table, "it")
        self._lose(place, f"{problem}; " + (f"{noun} is left out" if otherwise is GONE else "nothing is known of it"))
        return otherwise

    def _referred(self, node: dict[str, Any], target: dict[str, Any], grammar: PartNode, place: str) -> Any:
        if grammar.table != "path":
            self._pending.append((node["$ref"], target, grammar))
            return node
        # A path item is written out where it is used; what is beside the reference comes first.
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return self._part({**copy.deepcopy(target), **beside}, grammar, place)

    def _problem(self, node: dict[str, Any], table: str) -> str:
        """What makes a part of no use; empty where nothing does."""
        needed = _NEEDED.get(table)
        if needed is not None and needed not in node:
            return f"it has no `{needed}`"
        if table == "server" and node["url"] and not re.search(r"[\w/{]", str(node["url"])):
            return f"{node['url']!r} is no address"
        if table != "parameter":
            return ""
        if not node.get("name"):
            return "a parameter needs a `name`"
        allowed = _PLACES | {"body", "formData"} if "swagger" in self.document else _PLACES
        return "" if node.get("in") in allowed else f"{node.get('in')!r} is no place for a parameter"

    def _slashes(self, paths: dict[str, Any]) -> None:
        for path in [path for path in paths if not path.startswith(("/", "x-"))]:
            item, place = paths.pop(path), below("$.paths", path)
            if f"/{path}" in paths:
                self._lose(
                    place, f"a path must start with '/', and there is '/{path}' too; {_NOUNS['path']} is left out"
                )
            else:
                self._lose(place, f"a path must start with '/'; it is taken as '/{path}'")
                paths[f"/{path}"] = item

    def _statuses(self, responses: dict[str, Any], place: str) -> None:
        for status in [status for status in responses if not status.startswith("x-")]:
            plain = status.strip().upper().replace("DEFAULT", "default")
            if not re.fullmatch(r"default|[1-5](\d\d|XX)", plain):
                self._lose(below(place, status), "it is neither a status nor `default`; the response is left out")
                del responses[status]
            elif plain != status:
                responses.setdefault(plain, responses.pop(status))

    def _forms(self, content: dict[str, Any], place: str) -> None:
        for name in [name for name in content if name.strip().lower() in _FORMS]:
            meant = _FORMS[name.strip().lower()]
            self._lose(below(place, name), f"there is no such media type; it is taken as {meant}")
            content.setdefault(meant, content.pop(name))

    # Schemas

    def _object_with_items(self, node: dict[str, Any], place: str) -> None:
        """An object whose only schema is under `items`, which is for arrays alone: that schema is its own."""
        items = node.get("items")
        if node.get("type") != "object" or not is_object(items) or _OBJECT & node.keys():
            return
        schema = self._end(items["$ref"]) if "$ref" in items else items
        if is_object(schema) and (schema.get("type") == "object" or "properties" in schema):
            self._lose(place, "an object has no `items`; it is read as what they are said to be")
            del node["items"], node["type"]
            node.update(items)

    def _null_among_others(self, node: dict[str, Any], place: str) -> None:
        """`type: "null"` beside alternatives, which no value could be at once: null is one more of them."""
        for keyword in ("oneOf", "anyOf"):
            others: Any = node.get(keyword)
            if node.get("type") != "null" or not is_array(others) or not others:
                continue
            ends = [self._end(each["$ref"]) if is_object(each) and "$ref" in each else each for each in others]
            if all(is_object(each) and _is_typed(each) and not _allows_null(each) for each in ends):
                self._lose(place, f"its type is null, and none of its `{keyword}` is; null is one more of them")
                node[keyword] = [*others, {"type": "null"}]
                del node["type"]

    def _schema(self, node: Any, grammar: SchemaNode, place: str) -> Any:
        if isinstance(node, bool):
            return node if grammar.flag else {} if node else {"not": {}}
        if not is_object(node):
            self._lose(place, f"it is {kind(node)}, not a schema; {_ANY}")
            return {}
        if id(node) in self._seen:
            return node
        if is_array(node.get("items")) and node["items"] and not _ARRAY & node.keys():
            self._lose(place, "it lists schemas under `items` and is not said to be an array; they are alternatives")
            node["anyOf"] = node.pop("items")
        if is_array(node.get("items")) and node["items"]:
            node["prefixItems"] = node.pop("items")
            if "additionalItems" in node:
                node["items"] = node.pop("additionalItems")
        if (odd := mended_enum(node)) is not None:
            self._lose(place, odd)
        self._object_with_items(node, place)
        self._null_among_others(node, place)
        if open_whole(node, self._end):
            self._lose(place, "it forbids properties that its own parts have; they are allowed")
        given = node.get("patternProperties")
        patterns: dict[str, Any] = given if is_object(given) else {}
        for pattern in [each for each in patterns if not is_pattern(each)]:
            self._lose(below(f"{place}.patternProperties", pattern), "it is no regular expression; it is left out")
            del patterns[pattern]
        if isinstance(node.get("discriminator"), str):
            node["discriminator"] = {"propertyName": node["discriminator"]}
        self._keys(node, "schema", place)
        if "$ref" in node:
            target = self._target(node["$ref"])
            if is_object(target):
                self._pending.append((node["$ref"], target, SchemaNode()))
            elif not isinstance(target, bool):
                self._lose(place, f"{_dangling(node.pop('$ref'))}; {_ANY}")
        return node

    def _mapping(self, mapping: dict[str, Any], place: str) -> None:
        """The values of a discriminator: each names a schema of the document, by its name or by a reference."""
        shared = self.document if "swagger" in self.document else self.document.get("components", {})
        schemas = shared.get("definitions" if "swagger" in self.document else "schemas", {})
        for value, target in list(mapping.items()):
            stem = target.rsplit("/", 1)[-1].split(".")[0]
            if target in schemas or is_object(self._target(target)):
                continue
            if not target.startswith("#") and is_object(schemas) and stem in schemas:
                mapping[value] = stem
                continue
            self._lose(below(place, value), f"{target!r} names no schema; the value is left out")
            del mapping[value]

    # References

    def _target(self, reference: Any) -> Any:
        """What a reference points at; GONE where that is nothing of this document."""
        if not isinstance(reference, str) or not reference.startswith("#"):
            return GONE
        try:
            return resolve(self.document, reference)
        except KeyError:
            return GONE

    def _end(self, reference: Any) -> Any:
        """What a reference points at in the end; GONE where it goes round in a circle."""
        seen: set[str] = set()
        while isinstance(reference, str) and reference not in seen:
            seen.add(reference)
            target = self._target(reference)
            if not is_object(target) or "$ref" not in target:
                return target
            reference = target["$ref"]
        return GONE


def _is_typed(schema: dict[str, Any]) -> bool:
    return isinstance(schema.get("type"), str) or is_array(schema.get("type"))


def _allows_null(schema: dict[str, Any]) -> bool:
    return schema.get("nullable") is True or "null" in schema["type"]


def _put(node: dict[str, Any], key: str, value: Any) -> None:
    if value is GONE:
        del node[key]
    else:
        node[key] = value


def _dangling(reference: Any) -> str:
    if isinstance(reference, str) and not reference.startswith("#"):
        return f"$ref {reference!r} points outside the document, which has to be bundled into one file first"
    return f"$ref {reference!r} points at nothing"
