"""Handing the types of a document to openapi-python-client, and its parse back to us.

The generator sees schemas alone (see ``schemas``). Every operation becomes one object of it, with a property for each
parameter, body and response; how they travel is taken from the effective document itself (see ``methods``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import GeneratorData
from openapi_python_client.parser.properties import ModelProperty

from accordant_runtime import is_object

from ..errors import CodegenError
from ..names import pascal
from ..read.document import METHODS, below, follow, operations
from .media import body_kind, choose_content, stream_kind, successes
from .schemas import DocumentSchemas
from .shapes import Shape
from .streams import value_schema
from .webhook_topics import topic_property


@frozen
class OperationTypes:
    """The generator's properties for what one operation takes, returns and raises: parameters in the document's order,
    responses by status."""

    parameters: tuple[Any, ...]
    body: Any | None
    answers: dict[str, Any]
    problems: dict[str, Any]


@frozen
class WebhookTypes:
    """A webhook: its name in the document, its method, what is said of it, and the generator's property for what it
    carries."""

    name: str
    method: str
    doc: str
    payload: Any


@frozen
class Parsed:
    """The generator's view: its models and enums, and its properties for every operation and received payload.

    ``package`` is the name of the package that is generated.
    """

    package: str
    data: GeneratorData
    config: Config
    schemas: DocumentSchemas
    operations: dict[str, OperationTypes]
    received: tuple[Any, ...]
    webhooks: tuple[WebhookTypes, ...] = ()
    topic: str = ""
    """The property of a webhook's body that says which one it is."""


def parse(document: dict[str, Any], vendor: str, package: str = "accordant_generated") -> Parsed:
    """Parse an effective document; anything that the generator would drop is an error here."""
    config = Config.from_sources(
        ConfigFile(package_name_override=vendor, project_name_override=vendor, post_hooks=[]),
        MetaType.NONE,
        Path(vendor),
        "utf-8",
        overwrite=False,
        output_path=None,
    )
    collected = _collect(document)
    schemas = collected.schemas
    shown = {
        "openapi": "3.1.0",
        "info": {"title": vendor, "version": "1"},
        "paths": {},
        "components": {"schemas": {**schemas.definitions, **collected.holders()}},
    }
    try:
        data = GeneratorData.from_dict(shown, config=config)
    except Exception as error:  # whatever it stumbles over is about the document, and no traceback helps its reader
        raise CodegenError(f"{vendor}: the generator cannot read the document: {error}") from error
    problems = [data] if isinstance(data, GeneratorError) else [*data.errors]
    if isinstance(data, GeneratorError) or problems:
        lines = "\n".join(f"  {_placed(f'{item.header} {item.detail or str()}', schemas)}" for item in problems[:20])
        raise CodegenError(f"{vendor}: the generator cannot read {len(problems)} parts of the document:\n{lines}")
    models = {str(model.class_info.name): model for model in data.models}
    found = {key: _types(models[_holder(index)]) for index, key in enumerate(collected.operations)}
    received = _properties(models[_RECEIVED])
    webhooks = tuple(WebhookTypes(*said, received[key]) for key, said in collected.webhooks.items())
    every = tuple(received.values())
    return Parsed(f"{package}.{vendor}", data, config, schemas, found, every, webhooks, collected.topic)


_RECEIVED = "AccordantReceived"


def _holder(index: int) -> str:
    return f"AccordantOperation{index}"


@define
class _Collected:
    """The shapes of every operation by operationId, and of what arrives unasked."""

    schemas: DocumentSchemas
    operations: dict[str, dict[str, Shape]] = field(factory=dict[str, dict[str, Shape]])
    received: dict[str, Shape] = field(factory=dict[str, Shape])
    problems: dict[str, Shape] = field(factory=dict[str, Shape])
    webhooks: dict[str, tuple[str, str, str]] = field(factory=dict[str, tuple[str, str, str]])
    topic: str = ""

    def holders(self) -> dict[str, Shape]:
        """One object for each operation, and one for what is received."""
        every = {_holder(index): shapes for index, shapes in enumerate(self.operations.values())}
        every[_RECEIVED] = self.received
        return {name: {"type": "object", "properties": shapes} for name, shapes in every.items()}


def _collect(document: dict[str, Any]) -> _Collected:
    found = _Collected(DocumentSchemas(document, []))
    schemas = found.schemas
    for path, method, operation in operations(document):
        shapes: dict[str, Shape] = {}
        place = f"{below('$.paths', path)}.{method}"
        name = pascal(operation["operationId"])
        for index, parameter in enumerate(operation.get("parameters", [])):
            node, inside = _parameter_schema(parameter)
            hint = f"{name}{pascal(parameter['name'])}"
            shapes[f"parameter_{index}"] = schemas.of(node, f"{place}.parameters[{index}]{inside}", hint)
        body = _content(document, operation.get("requestBody"), f"{place}.requestBody", schemas)
        if body is not None:
            shapes["body"] = schemas.of(*body, f"{name}Body")
        codes = successes(operation)
        for status in codes:
            node, spot = operation["responses"][status], below(f"{place}.responses", status)
            answer = _content(document, node, spot, schemas, answered=True)
            if answer is not None:
                hint = f"{name}Answer" if len(codes) == 1 else f"{name}Answer{status}"
                shapes[f"answer_{status}"] = schemas.of(*answer, hint)
        for status, shape in _problems(found, operation, codes, f"{place}.responses"):
            shapes[f"problem_{status}"] = shape
        found.operations[operation["operationId"]] = shapes
    _webhooks(document, found)
    for index, key in enumerate(document.get("x-accordant-models", [])):
        target = schemas.target(f"#/components/schemas/{key}")
        found.received[f"received_{index}"] = schemas.of(target.node, target.place, target.hint)
    schemas.finish()
    for index, shape in enumerate(schemas.contents):
        found.received[f"content_{index}"] = shape
    return found


def _problems(
    found: _Collected, operation: dict[str, Any], successful: list[str], place: str
) -> Iterator[tuple[str, Shape]]:
    """What the errors of an operation hold, by status; inline schemas that say the same are one."""
    document, schemas = found.schemas.document, found.schemas
    for status, node in operation["responses"].items():
        if status in successful or not (status[:1] in "45" or status == "default"):
            continue
        body = _content(document, node, below(place, status), schemas)
        if body is None or body[0] is True:
            continue
        key = json.dumps(body[0], sort_keys=True, default=str)
        if key not in found.problems:
            found.problems[key] = schemas.of(*body, f"{pascal(operation['operationId'])}Error{status.title()}")
        yield status, found.problems[key]


def _parameter_schema(parameter: dict[str, Any]) -> tuple[Any, str]:
    """The schema of a parameter and where it is: under ``schema``, or in the one media type of ``content``."""
    content = parameter.get("content")
    if is_object(content) and content:
        media = next(iter(content))
        return content[media].get("schema", True), f"{below('.content', media)}.schema"
    return parameter.get("schema", True), ".schema"


def _content(
    document: dict[str, Any], holder: Any, place: str, schemas: DocumentSchemas, *, answered: bool = False
) -> tuple[Any, str] | None:
    """The schema of the media type that we speak, and its place; None where it has no type (raw bytes, nothing).

    Of a stream that is ``answered`` it is the schema of one value.
    """
    if is_object(holder) and "$ref" in holder:
        place = schemas.target(str(holder["$ref"])).place
    node = follow(document, holder)
    content = node.get("content") if is_object(node) else None
    chosen = choose_content(content)
    if chosen is None or not is_object(content):
        return None
    media, value = chosen
    others = [name for name in content if name != media]
    if others:
        schemas.lose(place, f"{media} is spoken; {', '.join(others)} is not")
    value = follow(document, value)
    if answered and stream_kind(media) and is_object(value) and "schema" in value:
        return value_schema(document, media, value["schema"], f"{below(f'{place}.content', media)}.schema")
    if body_kind(media) == "bytes" or not (is_object(value) and "schema" in value):
        return None
    return value["schema"], f"{below(f'{place}.content', media)}.schema"


def _webhooks(document: dict[str, Any], found: _Collected) -> None:
    """The payloads of webhooks, which no operation mentions and users meet all the same."""
    webhooks: dict[str, Any] = document.get("webhooks") or {}
    bodies: dict[str, Any] = {}
    for name, item in webhooks.items():
        methods = [method for method in METHODS if is_object(item) and is_object(item.get(method))]
        for method in methods:
            place = f"{below('$.webhooks', name)}.{method}.requestBody"
            body = _content(document, item[method].get("requestBody"), place, found.schemas)
            if body is None:
                found.schemas.lose(place, "it has no JSON, and is not read")
                continue
            key = f"webhook_{len(found.webhooks)}"
            hint = f"{pascal(name)}{'' if len(methods) == 1 else pascal(method)}Payload"
            found.received[key] = found.schemas.of(*body, hint)
            label = name if len(methods) == 1 else f"{name} {method}"
            bodies[label] = body[0]
            found.webhooks[key] = (
                label,
                method,
                str(item[method].get("summary") or item[method].get("description") or ""),
            )
    found.topic = topic_property(document, bodies)


def _types(model: ModelProperty) -> OperationTypes:
    found = _properties(model)
    parameters = [prop for name, prop in found.items() if name.startswith("parameter_")]
    answers = {name.removeprefix("answer_"): prop for name, prop in found.items() if name.startswith("answer_")}
    problems = {name.removeprefix("problem_"): prop for name, prop in found.items() if name.startswith("problem_")}
    return OperationTypes(tuple(parameters), found.get("body"), answers, problems)


def _properties(model: ModelProperty) -> dict[str, Any]:
    listed = [*(model.required_properties or []), *(model.optional_properties or [])]
    return {prop.name.get_untrusted_value(): prop for prop in listed}


def _placed(text: str, schemas: DocumentSchemas) -> str:
    """A complaint of the generator with the document's own places in it, on one line."""

    def place(found: re.Match[str]) -> str:
        facts = schemas.facts.get(found.group(1))
        return facts.place if facts is not None else found.group(0)

    named = re.sub(r"/?components[./]schemas[./](\w+)", place, text)
    return " ".join(re.sub(r"<[\w.]*UntrustedString object at \w+>", "(a name)", named).split())
