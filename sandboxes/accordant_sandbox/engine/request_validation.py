"""Request validation: parameters and bodies are typed and held against the document before a handler sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.http.document import Parameter
from accordant_sandbox.http.exchange import Upload
from accordant_sandbox.http.form_fields import read_fields
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.http.multipart import MalformedFormError, parse_form, parse_multipart
from accordant_sandbox.http.schemas import Schemas
from accordant_sandbox.http.styles import is_kind, read_styled, separator_of
from accordant_sandbox.model.operations import Served
from accordant_sandbox.model.paging import LARGEST
from accordant_sandbox.model.problems import Kind, Problem

__all__ = ["validate_body", "validate_parameters"]

_READABLE: Final = re.compile(r"json|^application/x-www-form-urlencoded$|^multipart/form-data$")
"""Media types of bodies that are read; others are taken as bytes."""
_FORM: Final = "application/x-www-form-urlencoded"
_BARE: Final = ("GET", "HEAD")
"""Methods whose requests have no body that means anything: none is demanded, whatever a document says."""
_SECRET: Final = re.compile("passw|pwd|secret|private_?key|api_?key", re.IGNORECASE)
_RANGES: Mapping[str, int] = {"int32": 2**31, "int64": 2**63}


def validate_parameters(call: ActiveCall, served: Served) -> None:
    """Type the call's path, query and header parameters and validate them.

    Raises:
        Problem: `bad_request`, or what the dialect says for path parameters.
    """
    parameters = call.operation.parameters
    given = _query(call, served)
    paging = served.plain.paging if served.plain else None
    own = paging.names if paging else ()
    for parameter in parameters:
        kind: Kind = "bad_request"
        if parameter.where == "path":
            kind = call.dialect.bad_path_parameter
            call.path[parameter.name] = _valid(call, parameter, [str(call.path[parameter.name])], kind)
        elif parameter.where == "query" and parameter.data.get("style") == "deepObject":
            _take_deep(call, parameter)
        elif parameter.where == "query" and parameter.explode and is_kind(parameter, "object"):
            _take_open(call, parameter)
        elif parameter.where == "query" and (texts := _texts(call, parameter, given.get(parameter.name, []))):
            by_paging = parameter.name in own
            call.query[parameter.name] = _valid(call, parameter, texts, kind, validate=not by_paging)
        elif parameter.where == "header" and parameter.name in call.request.headers:
            values = call.request.headers.get_all(parameter.name)
            call.header[parameter.name.lower()] = _valid(call, parameter, values, kind)
        elif parameter.required and parameter.where != "cookie":
            message = f"{parameter.name} is required"
            raise Problem(kind, message, details=[(parameter.name, message)])


def _take_deep(call: ActiveCall, parameter: Parameter) -> None:
    """An object whose members are query parameters each, `filter[name]=x`; its values stay text."""
    pattern = re.compile(rf"{re.escape(parameter.name)}\[([^\]]*)\](.*)")
    matches = [(match, value) for name, value in call.request.query if (match := pattern.match(name))]
    deeper = {match[1] for match, _ in matches if match[2]}
    _take_members(call, parameter, [(match[1], value) for match, value in matches], deeper)


def _take_open(call: ActiveCall, parameter: Parameter) -> None:
    """An object whose members are query parameters by their own names; its values stay text."""
    members: Mapping[str, Any] = parameter.schema.get("properties", {})
    found = [(name, value) for name, value in call.request.query if name in members]
    _take_members(call, parameter, found, set(), optional=not members)


def _take_members(
    call: ActiveCall, parameter: Parameter, pairs: list[tuple[str, str]], deeper: set[str], *, optional: bool = False
) -> None:
    """Keep the members of an object, and hold against the schema those that one text says."""
    found = dict(pairs)
    if not found:
        if parameter.required and not optional:
            message = f"{parameter.name} is required"
            raise Problem("bad_request", message, details=[(parameter.name, message)])
        return
    call.query[parameter.name] = found
    schemas = call.operation.document.schemas
    members: Mapping[str, Any] = parameter.schema.get("properties", {})
    typed = {name: _member(schemas, members.get(name, {}), text) for name, text in found.items()}
    several = {name for name in found if [each for each, _ in pairs].count(name) > 1}
    unsure = deeper | several | {name for name, value in typed.items() if value is None}
    for each in schemas.violations(parameter.pointer, typed):
        name = re.split(r"[.\[]", each.path.removeprefix("$").lstrip("."), maxsplit=1)[0]
        if name not in unsure and not (unsure and not name):
            shown = f"{parameter.name}[{name}]" if name else parameter.name
            raise Problem("bad_request", f"{shown}: {each.message}", details=[(shown, each.message)])


def _member(schemas: Schemas, schema: Any, text: str) -> Any:
    """A member's value of the documented type; `None` for what one text does not say: an object, a list."""
    node = schemas.deref(schema)
    types = node.get("type", ())
    parts = {"object", "array"} & ({types} if isinstance(types, str) else {*types})
    if parts or node.keys() & {"anyOf", "oneOf", "allOf"} or ("type" not in node and node.keys() & {"enum", "const"}):
        return None
    return schemas.coerce(node, text)


def validate_body(call: ActiveCall, served: Served) -> None:
    """Parse the call's body by its media type and validate it.

    Raises:
        Problem: `bad_request` for what cannot be parsed, `unsupported_media`, `invalid` for what breaks the schema.
    """
    operation, request = call.operation, call.request
    content = operation.body_content
    if not content:
        return
    media_type = request.media_type or next(iter(content))
    pointer = _pointer(content, call.dialect.media_aliases.get(media_type, media_type))
    if pointer is None and media_type in served.accepts:
        pointer = content.get("application/json")
    if pointer is None and request.body:
        raise Problem("unsupported_media", f"{media_type} is not supported here")
    needed, kind = operation.body_required and operation.method not in _BARE, request.media_type or ""
    may_be_empty = kind.startswith("text/") or (needed and kind == _FORM)
    if pointer is None or not (request.body or may_be_empty):
        if needed:
            raise Problem("invalid" if pointer else "unsupported_media", "a body is required")
        return
    if not _READABLE.search(media_type):
        call.body = request.body
        return
    body = _parse(media_type, request.headers.get("content-type") or media_type, request.body)
    schemas = operation.document.schemas
    is_form = media_type in (_FORM, "multipart/form-data")
    if not operation.has_schema(pointer):
        call.body = dict(body) if is_form else body
        return
    schema = schemas.at(pointer)
    if is_form:
        body = read_fields(body, schema, operation.encoding(media_type), schemas)
    body = _conform(schemas, schema, body, call)
    violations = schemas.violations(pointer, _without_files(body) if is_form else body)
    if violations:
        hidden = list(_private(body))
        details = [(each.path.removeprefix("$").lstrip("."), _without(hidden, each.message)) for each in violations]
        raise Problem("invalid", "the body does not fit its schema", details=details)
    call.body = body


def _private(value: Any) -> Iterator[str]:
    """The texts of a body that are secrets by their name: a refusal does not repeat them."""
    if is_object(value):
        for name, inner in value.items():
            if isinstance(inner, str) and inner and _SECRET.search(name):
                yield inner
            else:
                yield from _private(inner)
    elif is_array(value):
        for inner in value:
            yield from _private(inner)


def _without(hidden: list[str], message: str) -> str:
    for text in hidden:
        message = message.replace(orjson.dumps(text).decode(), '"***"')
    return message


def _pointer(content: Mapping[str, str], media_type: str) -> str | None:
    """The schema of a media type: its own, that of a range such as `image/*`, or that of one with parameters."""
    if media_type in content:
        return content[media_type]
    plain = {kind.partition(";")[0].strip().lower(): pointer for kind, pointer in content.items()}
    return plain.get(media_type) or plain.get(f"{media_type.partition('/')[0]}/*") or plain.get("*/*")


def _query(call: ActiveCall, served: Served) -> dict[str, list[str]]:
    """Query values by documented name."""
    style = call.dialect.query
    known = {
        (each.name.casefold() if style.any_case else each.name): each.name
        for each in call.operation.parameters
        if each.where == "query"
    }
    if served.plain:
        known |= served.plain.aliases
    given: dict[str, list[str]] = {}
    for name, value in call.request.query:
        documented = style.canonical(name, known)
        if documented is not None:
            if served.plain and name in served.plain.aliases:
                _note(call, served.plain.alias_rule)
            elif documented.casefold() != name.casefold():
                _note(call, style.alias_rule)
            given.setdefault(documented, []).append(value)
        elif style.refuses(name):
            raise Problem("bad_request", f"unknown parameter {name}", details=[(name, "unknown parameter")])
    return given


def _note(call: ActiveCall, rule: str | None) -> None:
    if rule:
        call.rule(rule)


def _valid(call: ActiveCall, parameter: Parameter, values: list[str], kind: Kind, *, validate: bool = True) -> Any:
    schemas = call.operation.document.schemas
    try:
        said = read_styled(parameter, values)
        if is_array(said):
            items = schemas.deref(parameter.schema.get("items", {}))
            value: Any = [_in_range(items, schemas.coerce(items, part)) for part in said]
        elif is_object(said):
            members: Mapping[str, Any] = parameter.schema.get("properties", {})
            value = {name: schemas.coerce(schemas.deref(members.get(name, {})), each) for name, each in said.items()}
        else:
            value = _in_range(parameter.schema, schemas.coerce(parameter.schema, str(said)))
        if isinstance(value, str):
            value = _read(parameter.schema, value, call)
        if not validate and not isinstance(value, int):
            raise ValueError("not an integer")
    except ValueError as problem:
        raise Problem(kind, f"{parameter.name}: {problem}", details=[(parameter.name, str(problem))]) from problem
    violations = schemas.violations(parameter.pointer, value) if validate else []
    if violations:
        details = [(parameter.name, each.message) for each in violations]
        raise Problem(kind, f"{parameter.name}: {violations[0].message}", details=details)
    return value


def _in_range(schema: Mapping[str, Any], value: Any) -> Any:
    """A parameter's value; raises `ValueError` for a number that does not fit into its format."""
    if not _fits(schema, value):
        raise ValueError(_too_large(schema, value))
    return value


def _texts(call: ActiveCall, parameter: Parameter, values: list[str]) -> list[str]:
    """What a query parameter says, in the documented spelling; empty when there is nothing that counts."""
    style, schema = call.dialect.query, parameter.schema
    if values == [""] and parameter.data.get("allowEmptyValue") is True:
        return []
    if schema.get("type") != "array":
        read = style.read(parameter.name, schema, values[-1]) if values else None
        return [] if read is None else [read]
    items = call.operation.document.schemas.deref(schema.get("items", {}))
    parts = (list(read_styled(parameter, values)) or [""]) if values else []
    given = [style.read(parameter.name, items, part) for part in parts]
    known = [part for part in given if part is not None]
    return known if parameter.explode or not known else [separator_of(parameter).join(known)]


def _parse(media_type: str, content_type: str, body: bytes) -> Any:
    try:
        if media_type == "multipart/form-data":
            return parse_multipart(content_type, body)
        if media_type == _FORM:
            return parse_form(body)
        return orjson.loads(body)
    except MalformedFormError as problem:
        raise Problem("bad_request", str(problem)) from problem
    except orjson.JSONDecodeError as problem:
        raise Problem("bad_request", f"the body is not valid JSON: {problem}") from problem


def _conform(schemas: Schemas, schema: Mapping[str, Any], value: Any, call: ActiveCall) -> Any:
    """A body value as the documented types would hold it: 7.0 in an integer field is 7; names in documented spelling;
    texts in the documented form.

    Raises:
        Problem: `invalid`: a whole number that no 64 bits can hold.
    """
    dialect = call.dialect
    if value is None or value is True or value is False:
        return value
    if not _fits(schema, value):
        raise Problem("invalid", "a number is out of range", details=[("", _too_large(schema, value))])
    if isinstance(value, float) and value.is_integer():
        types = schema.get("type", ())
        if "integer" in ([types] if isinstance(types, str) else types):
            if abs(value) > LARGEST:
                raise Problem(
                    "invalid", "a number is out of range", details=[("", f"{value!r} does not fit into 64 bits")]
                )
            return int(value)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(keyword, ()):
            value = _conform(schemas, schemas.deref(part), value, call)
    if isinstance(value, str):
        return _read(schema, value, call)
    if is_array(value) and "items" in schema:
        items = schemas.deref(schema["items"])
        return [_conform(schemas, items, each, call) for each in value]
    if is_object(value) and "properties" in schema:
        properties: Mapping[str, Any] = schema["properties"]
        spelling = {name.casefold(): name for name in properties} if dialect.any_case_bodies else {}
        named = {spelling.get(name.casefold(), name): each for name, each in value.items()}
        if dialect.null_is_absent:
            named = {name: each for name, each in named.items() if each is not None or _nullable(properties.get(name))}
        return {
            name: _conform(schemas, schemas.deref(properties[name]), each, call)
            if name in properties and not (each is None or (each.__class__ is str and not dialect.readings))
            else each
            for name, each in named.items()
        }
    return value


def _fits(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a number fits into the bits that its documented format gives it."""
    limit = _RANGES.get(schema.get("format", ""))
    return limit is None or not isinstance(value, int | float) or -limit <= value < limit


def _too_large(schema: Mapping[str, Any], value: Any) -> str:
    return f"{value!r} does not fit into {str(schema['format']).removeprefix('int')} bits"


def _nullable(schema: Mapping[str, Any] | None) -> bool:
    """Whether a property takes null by its own words."""
    return schema is None or "null" in schema.get("type", ()) or "anyOf" in schema or "oneOf" in schema


def _read(schema: Mapping[str, Any], text: str, call: ActiveCall) -> str:
    """A text in the form that is documented for its format, where the vendor reads others as well."""
    reading = call.dialect.readings.get(schema.get("format", ""))
    if reading is None:
        return text
    try:
        found = reading.read(text)
    except ValueError:
        return text
    if found != text:
        _note(call, reading.rule)
    return found


def _without_files(body: Any) -> Any:
    if is_object(body):
        return {name: _without_files(value) for name, value in body.items()}
    if is_array(body):
        return [_without_files(value) for value in body]
    return "" if isinstance(body, Upload) else body
