"""From an address to an operation of a document, and from a request to the arguments that fill it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from email import message_from_bytes
from email.policy import HTTP
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import field, frozen

from accordant_runtime import is_object, loads

from ..document.document import Document, Operation
from ..document.facts import Parameter
from ..document.schemas import Schemas, types_of
from ..document.values import ABSENT, Arguments, Pairs, Part
from .masked import at, hides

_MOST: Final = 10_000
"""How many addresses a matcher keeps."""
_SEPARATORS: Final = {"spaceDelimited": " ", "pipeDelimited": "|"}
_PARAMETER: Final = re.compile(r"\{([^{}]*)\}")
_LOCAL: Final = re.compile(r"(?:https?)://(?:localhost|127\.0\.0\.1|\[::1\]|[a-z0-9.-]+\.localhost)(?::\d+)?")
_WHOLE, _REAL = re.compile(r"-?\d{1,300}"), re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


@frozen
class Called:
    """The operation that a request was sent to, and the parameters in its path, as text."""

    operation: Operation
    path: Mapping[str, str]


@frozen
class Matcher:
    """Finds the operation of an address.

    ``base`` is the address of the API where the caller knows it. Without it these are the document's servers, any
    server on this machine, and with ``anywhere`` any other.
    """

    document: Document
    base: str = ""
    anywhere: bool = False
    _known: dict[tuple[str, str], Called | None] = field(factory=dict[Any, Any], init=False, repr=False, eq=False)
    """The addresses of late: each is asked for several times."""

    @cached_property
    def _routes(self) -> list[tuple[re.Pattern[str], tuple[str, ...], Mapping[str, Operation]]]:
        methods: dict[str, dict[str, Operation]] = {}
        for each in self.document.operations.values():
            methods.setdefault(each.path, {})[each.method] = each
        # What is written out wins over a parameter: /jobs/factory before /jobs/{id}.
        ordered = sorted(methods, key=lambda path: [_PARAMETER.search(part) is not None for part in path.split("/")])
        return [(_pattern(path), tuple(_PARAMETER.findall(path)), methods[path]) for path in ordered]

    def find(self, method: str, url: str) -> Called | None:
        """The operation that a request is sent to; ``None`` where it is none of this document's."""
        asked = method, url
        if asked not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[asked] = self._found(method, url)
        return self._known[asked]

    def _found(self, method: str, url: str) -> Called | None:
        for path in self.paths(url):
            for pattern, names, methods in self._routes:
                found = pattern.fullmatch(path)
                if found is not None and method in methods:
                    values = zip(names, map(unquote, found.groups()), strict=True)
                    return Called(methods[method], dict(values))
        return None

    def paths(self, url: str) -> Iterator[str]:
        """What of an address may be a path of the document: what follows the address of a server."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return  # what is no address is nobody's
        place = f"{parts.scheme.lower()}://{_host(parts.scheme, parts.netloc)}"
        if self.base:
            own = urlsplit(self.base)
            if place == f"{own.scheme.lower()}://{_host(own.scheme, own.netloc)}":
                yield from _after(own.path.rstrip("/"), parts.path)
            return
        for host, path in self._servers:
            if host.fullmatch(place) or self.anywhere or _LOCAL.fullmatch(place):
                yield from _after(path, parts.path)
        if self.anywhere or _LOCAL.fullmatch(place):
            yield parts.path

    @cached_property
    def _servers(self) -> list[tuple[re.Pattern[str], str]]:
        found: list[tuple[re.Pattern[str], str]] = []
        for server in self.document.data.get("servers") or [{"url": ""}]:
            parts = urlsplit(str(server.get("url", "")))
            place = f"{parts.scheme}://{_host(parts.scheme, parts.netloc)}"
            found.append((re.compile(_templated(place, r"[^/]+")), parts.path.rstrip("/")))
        return found


def arguments_of(called: Called, url: str, headers: Pairs, body: bytes | None) -> Arguments:
    """What a request carries: parameters by their names, with the types of their schemas, and the body."""
    operation = called.operation
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    fields = {name.lower(): value for name, value in headers}
    given = {
        each.name: _value(fields[each.name.lower()], each.schema, operation.schemas)
        for each in operation.parameters
        if each.where == "header" and each.name.lower() in fields
    }
    path = {
        name: _value(text, known.schema if (known := operation.parameter(name)) else {}, operation.schemas)
        for name, text in called.path.items()
    }
    kind = fields.get("content-type", "")
    value, raw = _body(operation, body or b"", kind)
    media = kind.partition(";")[0].strip().lower() or None
    return Arguments(path, _query(operation, query), given, value, media if body else None, raw)


def problems(operation: Operation, arguments: Arguments, *, body_known: bool = True) -> Iterator[str]:
    """What the document forbids in a request: a parameter or a body that is missing or does not fit its schema."""
    schemas = operation.schemas
    for parameter, pointer in _pointers(operation):
        value = arguments.given.get(parameter.name, ABSENT)
        if value is ABSENT:
            if parameter.required and parameter.where == "query":
                yield f"the parameter {parameter.name} is missing"
        elif parameter.schema and parameter.where != "header" and not hides(value):
            yield from (f"the parameter {parameter.name}: {each.rule}" for each in schemas.violations(pointer, value))
    if not body_known or not operation.body:
        return
    if arguments.body is ABSENT:
        if operation.body_required and arguments.raw is None:
            yield "the body is missing"
        return
    kinds = {media: pointer for media, pointer in operation.body.items() if "json" in media}
    if arguments.media_type in kinds:
        for each in schemas.violations(kinds[arguments.media_type], arguments.body):
            if hides(at(arguments.body, each.path)):
                continue
            yield f"the body at {each.path}: {each.rule}"


def _pointers(operation: Operation) -> Iterator[tuple[Parameter, str]]:
    """The parameters with the pointers of their schemas; those that are none (``content``) are left out."""
    above = operation.pointer.rsplit("/", 1)[0]
    item, _ = operation.schemas.follow({"$ref": f"#{above}"})
    found: dict[str, str] = {}
    for place, nodes in (
        (above, item.get("parameters", [])),
        (operation.pointer, operation.data.get("parameters", [])),
    ):
        for index, raw in enumerate(nodes):
            node, pointer = operation.schemas.follow(raw, f"{place}/parameters/{index}")
            if "schema" in node:
                found[str(node["name"])] = f"{pointer}/schema"
    yield from ((each, found[each.name]) for each in operation.parameters if each.name in found)


def _query(operation: Operation, pairs: Sequence[tuple[str, str]]) -> dict[str, Any]:
    values: dict[str, list[str]] = {}
    for name, text in pairs:
        values.setdefault(name, []).append(text)
    result: dict[str, Any] = {}
    for parameter in operation.parameters:
        if parameter.where != "query":
            continue
        schema, deep = operation.schemas.schema(parameter.schema), f"{parameter.name}["
        parts = operation.schemas.properties(schema)
        inner = {name[len(deep) : -1]: values.pop(name)[-1] for name in list(values) if name.startswith(deep)}
        if inner:
            result[parameter.name] = {
                name: _value(text, parts.get(name, {}), operation.schemas) for name, text in inner.items()
            }
        elif parameter.name in values:
            found = values.pop(parameter.name)
            if "array" in types_of(schema):
                split = _SEPARATORS.get(parameter.style, ",")
                texts = found if parameter.explode else [each for text in found for each in text.split(split)]
                result[parameter.name] = [_value(text, schema.get("items", {}), operation.schemas) for text in texts]
            else:
                result[parameter.name] = _value(found[-1], schema, operation.schemas)
    return {**result, **{name: texts[-1] for name, texts in values.items()}}


def _body(operation: Operation, body: bytes, kind: str) -> tuple[Any, bytes | None]:
    media = kind.partition(";")[0].strip().lower()
    if not body:
        return ABSENT, None
    if "json" in media or (not media and any("json" in each for each in operation.body)):
        try:
            return loads(body), None
        except ValueError:
            return ABSENT, body
    if media == "application/x-www-form-urlencoded":
        parts = operation.schemas.properties(operation.body_schema) if operation.body_schema else {}
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: _value(text, parts.get(name, {}), operation.schemas) for name, text in pairs}, None
    if media == "multipart/form-data":
        found = _multipart(body, kind)
        return (found, None) if found else (ABSENT, body)
    return ABSENT, body


def _multipart(body: bytes, kind: str) -> dict[str, Any]:
    message = message_from_bytes(b"Content-Type: " + kind.encode("utf-8", "replace") + b"\r\n\r\n" + body, policy=HTTP)
    result: dict[str, Any] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name: Any = part.get_param("name", header="content-disposition")
        content: Any = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        filename = part.get_filename()
        text = content.decode("utf-8", "replace")
        result[name] = text if filename is None else Part(filename, part.get_content_type(), content)
    return result


def _value(text: str, schema: Mapping[str, Any], schemas: Schemas) -> Any:
    """A text as the value that its schema speaks of; the text itself where it is none."""
    plain = schemas.schema(schema)
    kinds = {*types_of(plain)}
    for keyword in ("anyOf", "oneOf"):
        kinds |= {kind for part in plain.get(keyword, ()) for kind in types_of(schemas.schema(part))}
    if kinds & {"integer", "number"} and _WHOLE.fullmatch(text):
        return int(text)
    if "number" in kinds and _REAL.fullmatch(text):
        return float(text)
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    if kinds & {"object", "array"} and text[:1] in ("{", "["):
        try:
            found = loads(text.encode())
        except ValueError:
            return text
        return found if is_object(found) or "array" in kinds else text
    return text


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(_templated(path, "([^/]+)"))


def _templated(text: str, hole: str) -> str:
    pieces = _PARAMETER.split(text)
    return "".join(hole if place % 2 else re.escape(piece) for place, piece in enumerate(pieces))


def _host(scheme: str, netloc: str) -> str:
    host = netloc.rpartition("@")[2].lower()
    return host.removesuffix({"http": ":80", "https": ":443"}.get(scheme.lower(), ":"))


def _after(base: str, path: str) -> Iterator[str]:
    if path.startswith(f"{base}/"):
        yield path[len(base) :]
