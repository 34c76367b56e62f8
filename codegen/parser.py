"""Handing an effective document to openapi-python-client, and its parse back to us.

The generator refuses or silently drops several legal things. It therefore sees a simplified copy: what it must know for
types and nothing else. How arguments travel is taken from the effective document itself (see ``operations``).
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from attrs import frozen
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint, GeneratorData

from treaty_runtime import is_array, is_object

from .document import follow, operations
from .errors import CodegenError
from .rules.shape import nodes

_PLAIN = {"string", "integer", "number", "boolean"}


@frozen
class Parsed:
    """The generator's view: models and enums, and its endpoint for each operationId."""

    data: GeneratorData
    config: Config
    endpoints: dict[str, Endpoint]


def parse(document: dict[str, Any], vendor: str) -> Parsed:
    """Parse an effective document; anything that the generator would drop is an error here."""
    config = Config.from_sources(
        ConfigFile(package_name_override=vendor, project_name_override=vendor, post_hooks=[]),
        MetaType.NONE,
        Path(vendor),
        "utf-8",
        overwrite=False,
        output_path=None,
    )
    data = GeneratorData.from_dict(simplified(document), config=config)
    if isinstance(data, GeneratorError):
        raise CodegenError(f"{vendor}: the generator refuses the document: {data.header} {data.detail or ''}".strip())
    problems = [*data.errors]
    for collection in data.endpoint_collections_by_tag.values():
        problems.extend(collection.parse_errors)
    if problems:
        lines = "\n".join(f"  {item.header}: {item.detail}" for item in problems[:20])
        raise CodegenError(f"{vendor}: the generator would drop {len(problems)} parts of the document:\n{lines}")
    endpoints = {
        str(endpoint.name): endpoint
        for collection in data.endpoint_collections_by_tag.values()
        for endpoint in collection.endpoints
    }
    found: dict[str, Endpoint] = {}
    for _, _, operation in operations(document):
        endpoint = endpoints.get(_endpoint_name(operation["operationId"], config))
        if endpoint is None:
            raise CodegenError(f"{vendor}: operation {operation['operationId']!r} was not generated")
        found[operation["operationId"]] = endpoint
    return Parsed(data, config, found)


def _endpoint_name(operation_id: str, config: Config) -> str:
    from openapi_python_client.strings import PythonIdentifier

    return str(PythonIdentifier(operation_id, config.field_prefix))


def simplified(document: dict[str, Any]) -> dict[str, Any]:
    """A copy with only what types need: one body, one success content, plain path, header and cookie parameters."""
    result: dict[str, Any] = copy.deepcopy(document)
    result.pop("webhooks", None)
    result.get("components", {}).pop("responses", None)
    for node in nodes(result):
        if node.get("format") == "local-date-time":
            node["format"] = "date-time"
        if is_array(node.get("x-treaty-known-values")) and "enum" not in node:
            # The schema stays open for everybody but the generator, whose enums keep unlisted values anyway.
            node["enum"] = node["x-treaty-known-values"]
    for _, _, operation in operations(result):
        operation["tags"] = ["all"]
        operation["parameters"] = [_plain_parameter(document, item) for item in operation.get("parameters", [])]
        body = operation.get("requestBody")
        if body is not None:
            operation["requestBody"] = _one_content(document, body)
        responses = operation["responses"]
        operation["responses"] = {
            status: _one_content(document, response)
            for status, response in responses.items()
            if status[0] in "23" or (status == "default" and not any(key[0] in "23" for key in responses))
        } or {"default": {"description": "No success is documented."}}
    return result


def _plain_parameter(document: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    schema = follow(document, parameter.get("schema") or {})
    kept: dict[str, Any] = {
        key: parameter[key] for key in ("name", "in", "required", "description") if key in parameter
    }
    if "content" in parameter or parameter.get("style") == "deepObject":
        return {**kept, "schema": {}}
    simple = schema.get("type") in _PLAIN and not (
        schema.get("format") in ("date", "date-time", "uuid") or "enum" in schema
    )
    if parameter["in"] != "query" and not simple:
        values = schema.get("enum")
        typed_enum = is_array(values) and "$ref" in parameter["schema"]
        return {**kept, "schema": parameter["schema"] if typed_enum else {"type": "string"}}
    return {**kept, "schema": parameter.get("schema", {})}


def _one_content(document: dict[str, Any], holder: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = copy.deepcopy(follow(document, holder))
    kept = {key: value for key, value in found.items() if key in ("description", "required")}
    chosen = choose_content(found.get("content"))
    if chosen is not None:
        content_type, media = chosen
        if is_json(content_type) or content_type.startswith(("multipart/", "application/x-www-form")):
            # The media type is named in its plain form: the generator knows no vendor suffixes or parameters.
            plain = "application/json" if is_json(content_type) else content_type.split(";")[0]
            kept["content"] = {plain: {"schema": media.get("schema", {})}}
    kept.setdefault("description", "")
    return kept


def choose_content(content: Any) -> tuple[str, dict[str, Any]] | None:
    """The media type that we speak: JSON before multipart, forms, and whatever comes first."""
    if not is_object(content) or not content:
        return None
    ranked = sorted(content, key=lambda name: (not is_json(name), "multipart" not in name, "form" not in name))
    return ranked[0], content[ranked[0]]


def is_json(content_type: str) -> bool:
    """Whether a media type is JSON."""
    plain = content_type.split(";")[0].strip().lower()
    return plain == "application/json" or plain.endswith("+json") or plain == "text/json"
