"""Swagger 2.0 to OpenAPI 3.1: the same API in the newer form, with nothing added and nothing corrected.

What the newer form words differently is translated: definitions become component schemas, body and form parameters
request bodies by media type, ``collectionFormat`` a ``style``, a host with schemes a list of servers. The name of a
body parameter, which OpenAPI 3 has no place for, is kept as ``x-body-name``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from attrs import frozen

from accordant_runtime import is_array, is_object

from ..errors import DocumentError
from .swagger2_schemas import BUNDLE, SECTIONS, Swagger2Schemas, copied

_JSON = "application/json"
_BYTES = "application/octet-stream"
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_SHARED_BY_BOTH = ("tags", "summary", "description", "externalDocs", "operationId", "deprecated", "security")
_FLOWS = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}
# How the values of an array travel, as (style, explode), where OpenAPI 3 can still say it.
_STYLES: dict[str, dict[str, tuple[str, bool]]] = {
    "query": {
        "csv": ("form", False),
        "multi": ("form", True),
        "ssv": ("spaceDelimited", False),
        "pipes": ("pipeDelimited", False),
    },
    "formData": {"csv": ("form", False), "multi": ("form", True)},
    "path": {"csv": ("simple", False)},
    "header": {"csv": ("simple", False)},
}
_BY_HAND = "Describe the operation in OpenAPI 3 instead"

_Made = TypeVar("_Made")
# A node and its JSON path.
_Placed = tuple[Any, str]


def to_openapi3(document: dict[str, Any], *, source: str, losses: list[str] | None = None) -> dict[str, Any]:
    """The OpenAPI 3.1 form of a Swagger 2.0 document, which stays as it is.

    ``source`` is the file that errors name. What has no counterpart in OpenAPI 3 is left out and joins the ``losses``:
    a parameter that need not be sent, a shared part, or the operation. Without a list for them it raises
    :class:`DocumentError` with the JSON path, as it does for what is not Swagger 2.0 in the first place.
    """
    if str(document.get("swagger")) != "2.0":
        raise DocumentError(source, "$.swagger", "it is not a Swagger 2.0 document", "Only version 2.0 is converted")
    media = (_texts(document.get("consumes")), _texts(document.get("produces")))
    return _Converter(document, Swagger2Schemas.of(document, source), *media, losses).whole()


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if is_array(value) else ()


@frozen
class _Converter:
    """One document on its way, with the media types that its operations use unless they say otherwise."""

    root: dict[str, Any]
    schemas: Swagger2Schemas
    consumes: tuple[str, ...]
    produces: tuple[str, ...]
    losses: list[str] | None = None

    def tried(self, what: Callable[[], _Made], left_out: str) -> _Made | None:
        """What is made, or None and a line of the report where it has no counterpart."""
        try:
            return what()
        except DocumentError as error:
            if self.losses is None:
                raise
            self.losses.append(f"{error.path}: {error.problem}; {left_out} is left out")
            return None

    # The document

    def whole(self) -> dict[str, Any]:
        root = self.root
        result: dict[str, Any] = {"openapi": "3.1.0", "info": copy.deepcopy(root.get("info", {}))}
        servers = self.servers(_texts(root.get("schemes")))
        if servers:
            result["servers"] = servers
        result |= copied(root, "tags", "externalDocs", "security")
        paths = self.schemas.mapping(root.get("paths"), "$.paths")
        result["paths"] = {
            path: copy.deepcopy(item) if path.startswith("x-") else self.path_item(item, f"$.paths['{path}']")
            for path, item in paths.items()
        }
        components = self.components()
        if components:
            result["components"] = components
        return result

    def servers(self, schemes: tuple[str, ...]) -> list[dict[str, Any]]:
        base = str(self.root.get("basePath", "")).rstrip("/")
        host = self.root.get("host")
        if host is None:
            return [{"url": base}] if base else []
        return [{"url": f"{scheme}://{host}{base}"} for scheme in schemes or ("https",)]

    def components(self) -> dict[str, Any]:
        result: dict[str, Any] = {}
        forms: dict[str, Callable[[Any, str], dict[str, Any] | None]] = {
            "definitions": self.schemas.schema,
            "parameters": self.shared_parameter,
            "responses": lambda node, place: self.response(node, self.produces, place),
        }
        for section, form in forms.items():
            names = self.schemas.names[section]
            nodes = self.schemas.section(section)
            found = {
                names[name]: self.tried(partial(form, node, place), place)
                for name, node in nodes.items()
                for place in [f"$.{section}['{name}']"]
            }
            kept = {name: node for name, node in found.items() if node is not None}
            if kept:
                result[SECTIONS[section]] = kept
        schemes = self.schemas.section("securityDefinitions")
        if schemes:
            made = {
                name: self.tried(partial(self.security_scheme, node, place), place)
                for name, node in schemes.items()
                for place in [f"$.securityDefinitions['{name}']"]
            }
            result["securitySchemes"] = {name: scheme for name, scheme in made.items() if scheme is not None}
        return result

    def security_scheme(self, node: Any, place: str) -> dict[str, Any]:
        scheme = self.schemas.mapping(node, place)
        kind = scheme.get("type")
        common = copied(scheme, "description")
        if kind == "basic":
            return {"type": "http", "scheme": "basic", **common}
        if kind == "apiKey":
            return {"type": "apiKey", **copied(scheme, "name", "in", extensions=False), **common}
        if kind != "oauth2":
            raise self.schemas.error(f"{place}.type", f"{kind!r} is not a kind of security that Swagger 2.0 has")
        flow = str(scheme.get("flow"))
        if flow not in _FLOWS:
            raise self.schemas.error(f"{place}.flow", f"{flow!r} is not an OAuth flow that Swagger 2.0 has")
        details = copied(scheme, "authorizationUrl", "tokenUrl", "scopes", extensions=False)
        details.setdefault("scopes", {})
        return {"type": "oauth2", "flows": {_FLOWS[flow]: details}, **common}

    # Paths and operations

    def path_item(self, node: Any, place: str) -> dict[str, Any]:
        item = self.schemas.mapping(node, place)
        if "$ref" in item:
            raise self.schemas.error(place, "a path item by reference cannot be converted", BUNDLE)
        plain, bodies = self.parameters(item, place)
        result = copied(item)
        if plain:
            result["parameters"] = self.every_parameter(plain)
        for method in [method for method in _METHODS if method in item]:
            at = f"{place}.{method}"
            operation = self.tried(partial(self.operation, item[method], bodies, at), f"the operation {at}")
            if operation is not None:
                result[method] = operation
        return result

    def parameters(self, holder: dict[str, Any], place: str) -> tuple[list[_Placed], list[_Placed]]:
        """The parameters of a path or operation: those that stay parameters, and those that make up a body."""
        nodes = self.schemas.listing(holder.get("parameters", []), f"{place}.parameters")
        placed = [(node, f"{place}.parameters[{index}]") for index, node in enumerate(nodes)]
        plain = [item for item in placed if not self.is_body(*item)]
        return plain, [item for item in placed if self.is_body(*item)]

    def is_body(self, node: Any, place: str) -> bool:
        return self.schemas.followed(node, place).get("in") in ("body", "formData")

    def operation(self, node: Any, shared: list[_Placed], place: str) -> dict[str, Any]:
        operation = self.schemas.mapping(node, place)
        consumes = _texts(operation["consumes"]) if "consumes" in operation else self.consumes
        produces = _texts(operation["produces"]) if "produces" in operation else self.produces
        plain, bodies = self.parameters(operation, place)
        result = copied(operation, *_SHARED_BY_BOTH)
        if operation.get("schemes") and self.root.get("host") is not None:
            result["servers"] = self.servers(_texts(operation["schemes"]))
        if plain:
            result["parameters"] = self.every_parameter(plain)
        body = self.request_body(self.own_over_shared(bodies, shared), consumes, place)
        if body is not None:
            result["requestBody"] = body
        if "responses" in operation:
            responses = self.schemas.mapping(operation["responses"], f"{place}.responses")
            result["responses"] = {
                status: copy.deepcopy(item)
                if status.startswith("x-")
                else self.response(item, produces, f"{place}.responses['{status}']")
                for status, item in responses.items()
            }
        return result

    def own_over_shared(self, own: list[_Placed], shared: list[_Placed]) -> list[_Placed]:
        """Body parameters of an operation before those of its path: a body replaces a body, a field its namesake."""

        def key(parameter: dict[str, Any]) -> str | None:
            return None if parameter.get("in") == "body" else str(parameter.get("name"))

        mine = [(self.schemas.followed(node, at), at) for node, at in own]
        taken = {key(parameter) for parameter, _ in mine}
        others = [(self.schemas.followed(node, at), at) for node, at in shared]
        return [*mine, *((parameter, at) for parameter, at in others if key(parameter) not in taken)]

    # Parameters

    def shared_parameter(self, node: Any, place: str) -> dict[str, Any] | None:
        """A shared parameter; None for those of a body, which are written out where they are used."""
        return None if self.is_body(node, place) else self.parameter(node, place)

    def every_parameter(self, nodes: list[_Placed]) -> list[dict[str, Any]]:
        """The parameters; one that cannot be said costs the operation only where it has to be sent."""
        made: list[dict[str, Any] | None] = []
        for node, at in nodes:
            needed = self.schemas.followed(node, at).get("required")
            made.append(
                self.parameter(node, at) if needed else self.tried(partial(self.parameter, node, at), "the parameter")
            )
        return [parameter for parameter in made if parameter is not None]

    def parameter(self, node: Any, place: str) -> dict[str, Any]:
        parameter = self.schemas.mapping(node, place)
        if "$ref" in parameter:
            return {"$ref": self.schemas.reference(str(parameter["$ref"]), place)}
        where = parameter.get("in")
        if where not in ("query", "path", "header"):
            raise self.schemas.error(f"{place}.in", f"{where!r} is not a place that Swagger 2.0 has for a parameter")
        result = copied(parameter, "name", "in", "description", "required", "allowEmptyValue")
        return {**result, **self.style(parameter, str(where), place), "schema": self.value(parameter, place)}

    def style(self, parameter: dict[str, Any], where: str, place: str) -> dict[str, Any]:
        """``style`` and ``explode`` of an array."""
        if parameter.get("type") != "array":
            return {}
        items = self.schemas.mapping(parameter.get("items", {}), f"{place}.items")
        if items.get("type") == "array":
            problem = "OpenAPI 3 has no style for an array of arrays outside a body"
            raise self.schemas.error(f"{place}.items", problem, _BY_HAND)
        given = str(parameter.get("collectionFormat", "csv"))
        if given not in _STYLES[where]:
            problem = f"OpenAPI 3 has no style for collectionFormat {given!r} in {where}"
            raise self.schemas.error(f"{place}.collectionFormat", problem, _BY_HAND)
        style, explode = _STYLES[where][given]
        return {"style": style, "explode": explode}

    def value(self, parameter: dict[str, Any], place: str) -> dict[str, Any]:
        """The schema of a parameter, form field or header, which Swagger 2.0 spreads over the thing itself."""
        outside = ("name", "in", "description", "required", "allowEmptyValue", "collectionFormat")
        kept = {
            key: item
            for key, item in parameter.items()
            if key not in outside and (key == "x-nullable" or not key.startswith("x-"))
        }
        if is_object(kept.get("items")):
            kept["items"] = {key: item for key, item in kept["items"].items() if key != "collectionFormat"}
        value: dict[str, Any] = self.schemas.schema(kept, place)
        return value

    # Bodies

    def request_body(self, parameters: list[_Placed], consumes: tuple[str, ...], place: str) -> dict[str, Any] | None:
        if not parameters:
            return None
        bodies = [item for item in parameters if item[0]["in"] == "body"]
        if not bodies:
            return self.form(parameters, consumes)
        if len(parameters) > 1:
            raise self.schemas.error(place, "an operation takes one body or form fields, not both or several", _BY_HAND)
        body, at = bodies[0]
        schema = self.schemas.schema(body.get("schema", {}), f"{at}.schema")
        content = {media: {"schema": copy.deepcopy(schema)} for media in consumes or (_JSON,)}
        name = {"x-body-name": body["name"]} if "name" in body else {}
        return {**copied(body, "description", "required"), **name, "content": content}

    def form(self, parameters: list[_Placed], consumes: tuple[str, ...]) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        encoding: dict[str, Any] = {}
        required: list[str] = []
        for field, at in parameters:
            name = str(field.get("name"))
            properties[name] = {**copied(field, "description"), **self.value(field, at)}
            style = self.style(field, "formData", at)
            if style:
                encoding[name] = style
            if field.get("required"):
                required.append(name)
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        content: dict[str, Any] = {"schema": schema}
        if encoding:
            content["encoding"] = encoding
        # A file travels in multipart alone, whatever the document says.
        has_file = any(field.get("type") == "file" for field, _ in parameters)
        spoken = [_MULTIPART] if has_file else [item for item in consumes if item in (_URLENCODED, _MULTIPART)]
        media = {item: copy.deepcopy(content) for item in spoken or [_URLENCODED]}
        return {"required": bool(required), "content": media}

    # Answers

    def response(self, node: Any, produces: tuple[str, ...], place: str) -> dict[str, Any]:
        response = self.schemas.mapping(node, place)
        if "$ref" in response:
            if produces == self.produces:
                return {"$ref": self.schemas.reference(str(response["$ref"]), place)}
            # A shared answer speaks the document's media types; an operation with its own needs a copy in those.
            return self.response(self.schemas.followed(response, place), produces, place)
        result: dict[str, Any] = {"description": response.get("description", ""), **copied(response)}
        headers = self.schemas.mapping(response.get("headers", {}), f"{place}.headers")
        if headers:
            result["headers"] = {
                name: self.header(header, f"{place}.headers['{name}']") for name, header in headers.items()
            }
        content = self.content(response, produces, place)
        return {**result, "content": content} if content else result

    def content(self, response: dict[str, Any], produces: tuple[str, ...], place: str) -> dict[str, Any]:
        """The schema and examples of a response by media type."""
        examples = self.schemas.mapping(response.get("examples", {}), f"{place}.examples")
        content: dict[str, Any] = {}
        if "schema" in response:
            given = self.schemas.mapping(response["schema"], f"{place}.schema")
            schema = self.schemas.schema(given, f"{place}.schema")
            spoken = produces or (_BYTES if given.get("type") == "file" else _JSON,)
            content = {media: {"schema": copy.deepcopy(schema)} for media in (*spoken, *examples)}
        for media, example in examples.items():
            content.setdefault(media, {})["example"] = copy.deepcopy(example)
        return content

    def header(self, node: Any, place: str) -> dict[str, Any]:
        header = self.schemas.mapping(node, place)
        style = self.style(header, "header", place)
        return {**copied(header, "description"), **style, "schema": self.value(header, place)}
