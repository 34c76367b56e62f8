"""Does a response show more than it may: secrets, or fields that the document does not know?"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from attrs import frozen

from accordant_runtime import is_array, is_object

from ..document.document import Operation
from ..document.schemas import Schemas, types_of
from ..document.values import ABSENT, Exchange, Finding, Findings, Response

_SHORTEST_TOKEN: Final = 12

SHORTEST: Final = 8
"""Characters from which a secret can be told from an ordinary word."""
_DEEPEST: Final = 12
_HANDED_OUT: Final = re.compile("token|secret|key", re.IGNORECASE)
"""Documented fields that exist to hand a secret out: the login's token, the secret of a new webhook."""
_NEVER_SHOWN: Final = re.compile(
    "passw|pwd|secret|private_?key|api_?key|access_?token|refresh_?token|credential|_hash$|digest$|^salt$",
    re.IGNORECASE,
)
_INSTANTS: Final = frozenset({"date", "time", "date-time", "local-date-time", "local-time", "duration"})
_PRIVATE: Final = re.compile("passw|pwd|secret|private_?key|api_?key", re.IGNORECASE)


def secret_leak(
    operation: Operation, exchange: Exchange, secrets: Collection[str] = (), *, documented_shows: bool = False
) -> Findings:
    """No response holds a secret that the run has sent, nor an undocumented field that is called like one.

    Honest exceptions are documented fields that hand a secret out (a token, a new secret or key); with
    ``documented_shows``, where nobody has said anything of the vendor but its document, all that it calls secrets.
    """
    if exchange.response is None:
        return

    def finding(text: str, path: str, kind: str) -> Finding:
        return Finding("secret_leak", operation.id, text, path, kind, (exchange,))

    # One character again and again, as a fuzzer fills a text to its full length, fills other fields just as well.
    sent = [each for each in private_texts(exchange.arguments.body, operation) if len(set(each)) > 1]
    response = exchange.response
    headers = "\n".join([value for _, value in response.headers])
    long = {each for each in (*secrets, *sent) if len(each) >= SHORTEST}
    inside = _inside(response, long)
    seen = [each for each in long if each in inside or each in headers]
    if seen:
        # A fuzzer takes texts from anywhere: what this very request said in a plain field is no secret any more.
        said = {text for _, text in _all_texts(exchange.arguments.body, "$")} - {*sent}
        seen = [each for each in seen if each not in said]
    for name, value in exchange.response.headers if seen else ():
        if any(each in value for each in seen) and name.lower() != "set-cookie":
            yield finding(f"the header {name} holds a secret that this run sent", "", f"header {name}")
    seen = [each for each in seen if each in inside]
    document, schema = exchange.document, _schema(operation, exchange)
    if seen and document is ABSENT:
        yield finding("the response holds a secret that this run sent", "", "body")
    elif seen:
        for path, value, documented in _texts(operation, document, schema):
            name = path.rsplit(".", 1)[-1]
            shown = _HANDED_OUT.search(name) or (documented_shows and _NEVER_SHOWN.search(name))
            honest = documented and shown and exchange.success
            if not honest and any(each in value for each in seen):
                yield finding("it holds a secret that this run sent", path, f"value {_plain(path)}")
    for path, value in undocumented(operation, exchange):
        name = path.rsplit(".", 1)[-1]
        if _NEVER_SHOWN.search(name) and isinstance(value, str) and value:
            yield finding(f"the undocumented field {name!r} shows a secret", path, f"field {_plain(path)}")


def _inside(response: Response, secrets: set[str]) -> set[str]:
    """The secrets that a body holds, whether it is JSON or not. Those that it does not hold are looked for once."""
    text = response.facts.once("text", lambda: response.body.decode("utf-8", errors="replace"))
    absent = response.facts.once("absent", set[str])
    new = secrets - absent
    found = {each for each in new if each in text or _quoted(each) in text}
    absent |= new - found
    return found


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    """A text as JSON writes it within quotes."""
    return json.dumps(text)[1:-1]


def undocumented_field(operation: Operation, exchange: Exchange) -> Findings:
    """A success shows only the fields that the document knows."""
    for path, value in undocumented(operation, exchange):
        text = f"the document does not know this field ({json_type(value)})"
        yield Finding("undocumented_field", operation.id, text, path, exchanges=(exchange,))


def undocumented(operation: Operation, exchange: Exchange) -> Sequence[tuple[str, Any]]:
    """The fields of a success that its schema does not name, where it names any, with their JSON paths."""
    schema, response = _schema(operation, exchange), exchange.response
    if not exchange.success or schema is None or response is None or response.document is ABSENT:
        return ()
    key = "undocumented", operation.id, response.status
    return response.facts.once(key, lambda: tuple(_strays(operation.schemas, response.document, schema)))


def json_type(value: Any) -> str:
    """The JSON type of a value."""
    if value is None:
        return "null"
    names = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"))
    return next((name for kind, name in names if isinstance(value, kind)), "object")


def private_texts(value: Any, operation: Operation) -> Iterator[str]:
    """The texts of an operation's body that are secrets by their name; what its schema says to be an instant or one of
    a few values, such as when a password was changed, is none."""
    yield from _private_in(operation.schemas, value, operation.body_schema)


def _private_in(schemas: Schemas, value: Any, schema: Any) -> Iterator[str]:
    known = schemas.remembered(_known, schema) if schema is not None else _Known({}, True, ())
    if is_object(value):
        for name, inner in value.items():
            if isinstance(inner, str):
                if _PRIVATE.search(name) and not any(_is_told(schemas, part) for part in known.named.get(name, ())):
                    yield inner
            elif is_object(inner) or is_array(inner):
                parts = known.named.get(name, ())
                yield from _private_in(schemas, inner, parts[0] if len(parts) == 1 else None)
    elif is_array(value):
        for inner in value:
            yield from _private_in(schemas, inner, next(iter(known.items), None))


def _is_told(schemas: Schemas, schema: Any) -> bool:
    """Whether a text is an instant or one of a few values, which are known to everyone."""
    every = list(_alternatives(schemas, schema))
    return any({"enum", "const"} & each.keys() or each.get("format") in _INSTANTS for each in every)


def _strays(schemas: Schemas, value: Any, schema: Any) -> Iterator[tuple[str, Any]]:
    """The fields that a schema does not know, with their paths. Few responses have any, which is seen without paths."""
    return iter(()) if _all_known(schemas, value, schema, 0) else _unknown(schemas, value, schema, "$", 0)


def _all_known(schemas: Schemas, value: Any, schema: Any, depth: int) -> bool:
    """Whether a schema surely knows every field; where several are for one place, one of them has to know all."""
    if depth > _DEEPEST:
        return True
    known = schemas.remembered(_known, schema)
    if is_array(value):
        return not known.items or all(
            _one_knows(schemas, inner, known.items, depth) for inner in value if isinstance(inner, (dict, list))
        )
    if is_object(value):
        named, strict = known.named, bool(known.named) and not known.free
        for name, inner in value.items():
            if name not in named:
                if strict:
                    return False
            elif isinstance(inner, (dict, list)) and not _one_knows(schemas, inner, named[name], depth):
                return False
    return True


def _one_knows(schemas: Schemas, value: Any, parts: Sequence[Any], depth: int) -> bool:
    """Whether one of several schemas for the same place surely knows every field; most often there is but one."""
    first = _all_known(schemas, value, parts[0], depth + 1)
    return first or any(_all_known(schemas, value, part, depth + 1) for part in parts[1:])


def _unknown(schemas: Schemas, value: Any, schema: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > _DEEPEST:
        return
    known = schemas.remembered(_known, schema)
    if is_array(value):
        for index, inner in enumerate(value if known.items else ()):
            if is_object(inner) or is_array(inner):
                yield from _unknown_in(schemas, inner, known.items, f"{path}[{index}]", depth)
    elif is_object(value):
        for name, inner in value.items():
            if name in known.named:
                if is_object(inner) or is_array(inner):
                    yield from _unknown_in(schemas, inner, known.named[name], f"{path}.{name}", depth)
            elif known.named and not known.free:
                yield f"{path}.{name}", inner


def _unknown_in(schemas: Schemas, value: Any, parts: Sequence[Any], path: str, depth: int) -> Iterator[tuple[str, Any]]:
    """What none of several schemas for the same place knows."""
    if len(parts) == 1:
        yield from _unknown(schemas, value, parts[0], path, depth + 1)
        return
    found = [dict(_unknown(schemas, value, each, path, depth + 1)) for each in parts]
    for place, inner in found[0].items() if found else ():
        if all(place in other for other in found):
            yield place, inner


@frozen
class _Known:
    """What a schema or its alternatives say of what may be there."""

    named: Mapping[str, list[Any]]
    """The schemas of each property that they name."""
    free: bool
    """Whether they allow any name expressly."""
    items: Sequence[Any]
    """The schemas of a list's items."""


def _known(schemas: Schemas, schema: Any) -> _Known:
    named: dict[str, list[Any]] = {}
    free = False
    alternatives = list(_alternatives(schemas, schema))
    for each in alternatives:
        for name, part in each.get("properties", {}).items():
            named.setdefault(name, []).append(part)
        open_ended = not each.get("properties") and "object" in types_of(each)
        free = free or open_ended or bool(each.get("additionalProperties")) or "patternProperties" in each
    return _Known(named, free, [each["items"] for each in alternatives if is_object(each.get("items"))])


def _alternatives(schemas: Schemas, schema: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if not is_object(schema):
        return
    plain = schemas.schema(schema)
    yield plain
    for keyword in ("anyOf", "oneOf"):
        for part in plain.get(keyword, ()) if depth < _DEEPEST else ():
            yield from _alternatives(schemas, part, depth + 1)


def _texts(operation: Operation, value: Any, schema: Any, path: str = "$") -> Iterator[tuple[str, str, bool]]:
    """Every text with its path, and whether the document names its field."""
    stray = [place for place, _ in _strays(operation.schemas, value, schema)] if schema is not None else ["$"]
    for place, text in _all_texts(value, path):
        yield place, text, not any(place == each or place.startswith((f"{each}.", f"{each}[")) for each in stray)


def _all_texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif is_object(value):
        for name, inner in value.items():
            yield from _all_texts(inner, f"{path}.{name}")
    elif is_array(value):
        for index, inner in enumerate(value):
            yield from _all_texts(inner, f"{path}[{index}]")


def _schema(operation: Operation, exchange: Exchange) -> Any:
    found = operation.response(exchange.status)
    content: Mapping[str, Any] = found[0].get("content", {}) if found else {}
    return content.get("application/json", {}).get("schema")


def _plain(path: str) -> str:
    return re.sub(r"\[\d+\]", "", path)


def login_texts(value: Any) -> Iterator[str]:
    """The texts of a login's response that may be tokens."""
    if is_object(value):
        for each in value.values():
            yield from login_texts(each)
    elif isinstance(value, str) and len(value) >= _SHORTEST_TOKEN:
        yield value
