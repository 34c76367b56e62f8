"""Rules about what travels: headers that are the client's own, addresses of single operations, files in forms."""

from __future__ import annotations

import copy
from typing import Any

from accordant_runtime import is_array, is_object

from ...types.media import body_kind, choose_content, is_json, is_text
from ...types.subschemas import listed, without
from ..document import METHODS, below, follow, operations, walk

_FRAMING = ("connection", "content-length", "host", "transfer-encoding")
_OWN_HEADERS = ("accept", "authorization", "content-type", *_FRAMING)
_ENDINGS = {
    **{name: f"application/{name}" for name in ("json", "pdf", "xml", "zip")},
    **{"csv": "text/csv", "html": "text/html", "text": "text/plain", "txt": "text/plain"},
}
_SCALARS = ("string", "integer", "number", "boolean", "array")
_TEXTUAL = ("text/", "application/json", "application/xml")


def own_headers(document: dict[str, Any], losses: list[str]) -> None:
    """``Accept``, ``Content-Type`` and ``Authorization`` are no arguments: OpenAPI leaves them to the client. What says
    where a request begins and ends, such as ``Content-Length``, follows from the request.

    Nor is what is a key by the operation's security: a header, a query parameter or a cookie. An operation that names
    ``Authorization`` and no security needs credentials all the same: it gets a scheme of that header.
    """
    found: dict[str, list[str]] = {}
    for path, method, operation in operations(document):
        parameters: list[dict[str, Any]] = operation.get("parameters", [])
        keys = _keys(document, operation)
        own = [
            item
            for item in parameters
            if (item["in"] == "header" and item["name"].lower() in _OWN_HEADERS) or _place(item) in keys
        ]
        if not own:
            continue
        operation["parameters"] = [item for item in parameters if item not in own]
        if not operation["parameters"]:
            del operation["parameters"]
        for item in own:
            noun = {"header": "header", "query": "query parameter"}.get(item["in"], item["in"])
            found.setdefault(f"{noun} {item['name']}", []).append(f"{below('$.paths', path)}.{method}")
            if item["name"].lower() == "authorization" and not any(operation.get("security", [])):
                needed = [{_scheme(document, item): list[str]()}]
                operation["security"] = needed if item.get("required") else [*needed, {}]
    for name, places in found.items():
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        losses.append(f"{places[0]}{more}: the {name} is the client's own, and no argument")


def _place(node: dict[str, Any]) -> tuple[str, str]:
    """Where a parameter or a key travels, and under which name; headers are one in any case."""
    name = str(node.get("name", ""))
    return str(node.get("in", "")), name.lower() if node.get("in") == "header" else name


def _keys(document: dict[str, Any], operation: dict[str, Any]) -> set[tuple[str, str]]:
    """The places of the keys that an operation's security names."""
    components = document.get("components")
    schemes: Any = components.get("securitySchemes") if is_object(components) else None
    named = {name for way in operation.get("security", []) for name in way}
    nodes = [follow(document, schemes[name]) for name in named if is_object(schemes) and name in schemes]
    return {_place(node) for node in nodes if is_object(node) and node.get("type") == "apiKey"}


def _scheme(document: dict[str, Any], parameter: dict[str, Any]) -> str:
    """The name of the scheme that the header belongs to, declared if need be: a bearer token where it says so."""
    schema = follow(document, parameter.get("schema", {}))
    texts = [parameter.get("description"), parameter.get("example"), *map(schema.get, ("example", "description"))]
    bearer = any("bearer " in str(text).lower() for text in texts)
    name = "AuthorizationBearer" if bearer else "AuthorizationHeader"
    scheme = {"type": "http", "scheme": "bearer"}
    if not bearer:
        scheme = {"type": "apiKey", "in": "header", "name": "Authorization"}
    document.setdefault("components", {}).setdefault("securitySchemes", {}).setdefault(name, scheme)
    return name


def own_servers(document: dict[str, Any], losses: list[str]) -> None:
    """Every operation lists the addresses that are for it alone; variables in them have their default values."""
    usual = _addresses(document.get("servers"))
    for path, item in document["paths"].items():
        shared = item.pop("servers", None) if is_object(item) else None
        for method in METHODS if is_object(item) else ():
            operation = item.get(method)
            if not is_object(operation):
                continue
            listed = operation.pop("servers", None) or shared
            addresses = _addresses(listed)
            if not addresses or addresses == usual:
                continue
            if all(address.startswith(("https://", "http://", "/")) for address in addresses):
                operation["servers"] = [{"url": address} for address in addresses]
            else:
                place = f"{below('$.paths', path)}.{method}.servers"
                losses.append(f"{place}: {', '.join(addresses)} names no host; the client's own address is used")


def single_slashes(document: dict[str, Any], losses: list[str]) -> None:
    """A variable of a server whose values begin with the `/` that is before it in the address has them without it:
    servers do not take `//api` for `/api`."""
    held = [("$", document)]
    for path, item in document["paths"].items():
        held += [(below("$.paths", path), item)] if is_object(item) else []
    held += [(f"{below('$.paths', path)}.{method}", operation) for path, method, operation in operations(document)]
    for place, holder in held:
        servers = holder.get("servers")
        for index, server in enumerate(servers if is_array(servers) else ()):
            variables = server.get("variables") if is_object(server) else None
            for name, variable in (variables if is_object(variables) else {}).items():
                if f"/{{{name}}}" in str(server.get("url")) and is_object(variable) and _unslashed(variable):
                    where = below(f"{place}.servers[{index}].variables", name)
                    losses.append(f"{where}: its values begin with the `/` that is before it; they are read without it")


def _unslashed(variable: dict[str, Any]) -> bool:
    """Take the `/` from the beginning of a variable's values, and say whether there was one."""
    values = variable.get("enum")
    said = [variable.get("default"), *(values if is_array(values) else ())]
    if not any(isinstance(each, str) and each.startswith("/") for each in said):
        return False
    variable["default"] = str(variable.get("default", "")).lstrip("/")
    if is_array(values):
        variable["enum"] = [str(each).lstrip("/") for each in values]
    return True


def _addresses(servers: Any) -> list[str]:
    found: list[str] = []
    for server in servers if is_array(servers) else []:
        if not is_object(server) or not isinstance(server.get("url"), str):
            continue
        url = str(server["url"])
        variables = server.get("variables")
        for name, variable in (variables if is_object(variables) else {}).items():
            url = url.replace(f"{{{name}}}", str(variable.get("default", "")) if is_object(variable) else "")
        found.append(url.rstrip("/") or "/")
    return found


def real_media_types(document: dict[str, Any], losses: list[str]) -> None:
    """What is no media type among others (`codecs=opus`, a parameter that was cut off) is left out; what is there alone
    (`PDF`) is the media type of files that end so."""
    for place, holder in list(walk(document)):
        content = holder.get("content")
        if not is_object(content):
            continue
        odd = [name for name, media in content.items() if "/" not in name and is_object(media) and "schema" in media]
        for name in odd:
            media = content.pop(name)
            if content:
                losses.append(f"{place}.content: {name!r} is no media type; it is left out")
                continue
            taken = _ENDINGS.get(name.strip(".").lower(), "application/octet-stream")
            content[taken] = media
            losses.append(f"{place}.content: {name!r} is no media type; {taken} is taken")


def described_bodies(document: dict[str, Any], losses: list[str]) -> None:
    """Every request body has a schema of the kind that its media type can say: a form has fields, a file is bytes."""
    for path, method, operation in operations(document):
        body = follow(document, operation.get("requestBody"))
        content = body.get("content") if is_object(body) else None
        for name, media in (content if is_object(content) else {}).items():
            if not is_object(media):
                continue
            kind = body_kind(name)
            if "schema" not in media:
                media["schema"] = _bare_schema(name, kind)
            stated = follow(document, media["schema"])
            stated = stated.get("type") if is_object(stated) else None
            if kind in ("form", "multipart") and stated in _SCALARS:
                place = below(f"{below('$.paths', path)}.{method}.requestBody.content", name)
                losses.append(f"{place}.schema: a form has fields and is no {stated}; any fields are taken")
                media["schema"] = _bare_schema(name, kind)


def spoken_bodies(document: dict[str, Any], losses: list[str]) -> None:
    """Of several media types of a request body the one that the client speaks comes first: whoever takes the first of
    them sends what the client sends. A form that has no place for a field is not spoken beside a file."""
    for path, method, operation in operations(document):
        body = follow(document, operation.get("requestBody"))
        content = body.get("content") if is_object(body) else None
        if not is_object(content) or len(content) < 2:
            continue
        kinds = {name: body_kind(name) for name in content}
        files = [name for name, kind in kinds.items() if kind == "bytes" and not is_text(name)]
        for name, kind in kinds.items():
            if files and kind in ("form", "multipart") and _without_fields(document, content[name]):
                place = below(f"{below('$.paths', path)}.{method}.requestBody.content", name)
                losses.append(f"{place}: a form without fields carries nothing; {files[0]} is taken")
                del content[name]
        chosen = choose_content(content)
        if chosen is not None and chosen[0] != next(iter(content)):
            body["content"] = {chosen[0]: chosen[1], **content}


def _without_fields(document: dict[str, Any], media: Any) -> bool:
    """Whether the schema of a form says that it is a file: nothing but an object with the format of one."""
    schema = follow(document, media.get("schema")) if is_object(media) else None
    return is_object(schema) and schema.get("format") in ("binary", "file") and "properties" not in schema


def _bare_schema(name: str, kind: str) -> dict[str, Any]:
    """What is known of a body by its media type alone."""
    if kind == "json":
        return {}
    if kind in ("form", "multipart"):
        return {"type": "object"}
    return {"type": "string"} if is_text(name) else {"type": "string", "format": "binary"}


def files_in_forms(document: dict[str, Any], _losses: list[str]) -> None:
    """A part of a multipart body with a ``contentMediaType`` (OpenAPI 3.1) is a file, as with ``format: binary``; one
    with a ``contentEncoding`` is text already."""
    for _, _, operation in operations(document):
        body = follow(document, operation.get("requestBody"))
        content = body.get("content") if is_object(body) else None
        for name, media in (content if is_object(content) else {}).items():
            if name.lower().startswith("multipart/") and is_object(media):
                _mark_files(document, media.get("schema"), set())


def _mark_files(document: dict[str, Any], schema: Any, seen: set[int]) -> None:
    schema = follow(document, schema)
    if not is_object(schema) or id(schema) in seen:
        return
    seen.add(id(schema))
    properties = schema.get("properties")
    for part in (properties if is_object(properties) else {}).values():
        node = follow(document, part)
        items = follow(document, node.get("items")) if is_object(node) and node.get("type") == "array" else node
        if is_object(items) and _is_file(items):
            items["format"] = "binary"
            items.setdefault("type", "string")
    for part in listed(schema, "allOf"):
        _mark_files(document, part, seen)


def _is_file(schema: dict[str, Any]) -> bool:
    media = schema.get("contentMediaType")
    if not isinstance(media, str) or "contentEncoding" in schema or schema.get("type", "string") != "string":
        return False
    return not media.lower().startswith(_TEXTUAL) and not media.lower().endswith(("+json", "+xml"))


def text_in_json(document: dict[str, Any], losses: list[str]) -> None:
    """``format: binary`` within JSON is text, since JSON has no bytes. A schema that a form or a file uses too stays as
    it is."""
    within: dict[int, tuple[str, dict[str, Any]]] = {}
    elsewhere: dict[int, tuple[str, dict[str, Any]]] = {}
    for path, method, operation in operations(document):
        place = f"{below('$.paths', path)}.{method}"
        messages = [("requestBody", operation.get("requestBody"))]
        messages += [(below("responses", str(status)), each) for status, each in operation["responses"].items()]
        for name, message in messages:
            node = follow(document, message)
            content = node.get("content") if is_object(node) else None
            for kind, media in (content if is_object(content) else {}).items():
                if is_object(media):
                    found = within if is_json(str(kind)) else elsewhere
                    at = f"{below(f'{place}.{name}.content', str(kind))}.schema"
                    _reached(document, media.get("schema"), at, found)
    for key, (place, schema) in within.items():
        if key not in elsewhere and schema.get("format") == "binary":
            del schema["format"]
            losses.append(f"{place}: JSON has no bytes; format binary is taken as text")


def _reached(document: dict[str, Any], schema: Any, place: str, found: dict[int, tuple[str, dict[str, Any]]]) -> None:
    """Every schema that one leads to, by its identity, with the first way to it."""
    todo = [(place, schema)]
    while todo:
        place, node = todo.pop()
        node = follow(document, node)
        if not is_object(node) or id(node) in found:
            continue
        found[id(node)] = place, node
        todo += [(f"{place}.{key}", node.get(key)) for key in ("items", "additionalProperties")]
        todo += [
            (f"{place}.{key}[{index}]", each)
            for key in ("allOf", "anyOf", "oneOf", "prefixItems")
            for index, each in enumerate(listed(node, key))
        ]
        properties = node.get("properties")
        todo += [
            (below(f"{place}.properties", name), each)
            for name, each in (properties if is_object(properties) else {}).items()
        ]


def items_of_streams(document: dict[str, Any], _losses: list[str]) -> None:
    """OpenAPI 3.2's ``itemSchema`` is what each value of a stream is."""
    for _, _, operation in operations(document):
        for response in operation["responses"].values():
            content: Any = without(follow(document, response)).get("content")
            for media in (content if is_object(content) else {}).values():
                if is_object(media) and "itemSchema" in media and "schema" not in media:
                    media["schema"] = copy.deepcopy(media.pop("itemSchema"))
