"""The view of operations and resource classes that the templates loop over."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen
from openapi_python_client.parser.properties import ModelProperty

from ..names import identifier, module_name, snake
from ..read.document import follow, operations
from ..text import clean, docstring, quoted
from ..types.media import body_kind, choose_content
from ..types.naming import operation_constant
from ..types.typed import Typed, input_text
from . import operation_values
from .models import Catalogue
from .responses import view_answers

_MODULES = frozenset({"client", "models", "operations"})
_RAW = Typed("bytes", "bytes | str", "untyped")


@frozen
class Argument:
    """One argument of a method."""

    name: str
    annotation: str
    default: str
    doc: str

    @property
    def text(self) -> str:
        """Its place in a signature."""
        return f"{self.name}: {self.annotation}{self.default}"


@frozen
class MethodArguments:
    """The arguments that come from one place: positional and keyword ones, every type that they mention, the lines of
    data that say how they travel, and their names by those on the wire."""

    positional: tuple[Argument, ...] = ()
    keywords: tuple[Argument, ...] = ()
    kinds: tuple[Typed, ...] = ()
    data: tuple[str, ...] = ()
    names: Mapping[str, str] = field(factory=dict[str, str])


@frozen
class MethodView:
    """One operation: its constant and its method."""

    constant: str
    id: str
    resource: str
    name: str
    data: tuple[str, ...]
    positional: tuple[Argument, ...]
    keywords: tuple[Argument, ...]
    returns: str
    paged: bool
    doc: str
    kinds: tuple[Typed, ...] = ()
    answered: Typed = field(default=_RAW)
    runtime: frozenset[str] = field(default=frozenset())

    @property
    def id_text(self) -> str:
        """The operationId as a literal."""
        return quoted(self.id)

    @property
    def module(self) -> str:
        """The module of its resource, which may not be one that every package has."""
        return module_name(self.resource, _MODULES)

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """All arguments in signature order."""
        return (*self.positional, *self.keywords)

    @property
    def call(self) -> str:
        """The arguments of the call that runs the operation, filled to the line length (the formatter would write
        one argument a line)."""
        items = ", ".join(f"{quoted(item.name)}: {item.name}" for item in self.arguments)
        text = f"({self.constant}, {{{items}}}, options)"
        if len(text) < 85:
            return text
        lines = textwrap.wrap(text, 104, break_long_words=False, break_on_hyphens=False)
        return "\n            ".join(lines) + "  # fmt: skip"


def view_methods(document: dict[str, Any], catalogue: Catalogue) -> list[MethodView]:
    """One view per operation, in document order."""
    return [_view(document, catalogue, *item) for item in operations(document)]


def _view(
    document: dict[str, Any], catalogue: Catalogue, path: str, method: str, operation: dict[str, Any]
) -> MethodView:
    given = _parameters(operation, path, catalogue)
    body = _body(document, operation, catalogue, {item.name for item in (*given.positional, *given.keywords)})
    answers = view_answers(document, operation, catalogue)
    texts = [f"answers={operation_values.tuple_text(list(answers.texts))},"] if answers.texts else []
    data = (
        *operation_values.facts(path, method, operation, body.names),
        *operation_values.parameters(operation),
        *body.data,
        *texts,
    )
    keywords = (*given.keywords, *body.keywords)
    arguments = (*given.positional, *body.positional, *keywords)
    return MethodView(
        constant=operation_constant(operation["operationId"]),
        id=operation["operationId"],
        resource=operation["x-accordant-resource"],
        name=_method_name(snake(operation["x-accordant-name"])),
        data=data,
        positional=(*given.positional, *body.positional),
        keywords=(*(item for item in keywords if not item.default), *(item for item in keywords if item.default)),
        returns=answers.returns,
        paged="x-accordant-pagination" in operation,
        doc=_doc(operation, arguments),
        kinds=(*given.kinds, *body.kinds),
        answered=answers.kind,
        runtime=operation_values.runtime_names(operation, data),
    )


def _method_name(name: str) -> str:
    """Within the class a method hides the module of its name, which annotations need."""
    return f"{name}_" if name == "datetime" else name


def _parameters(operation: dict[str, Any], path: str, catalogue: Catalogue) -> MethodArguments:
    """The arguments outside the body; those of the path and the record's key are positional."""
    props = catalogue.parsed.operations[operation["operationId"]].parameters
    order = {name: index for index, name in enumerate(re.findall(r"{([^}]+)}", path))}
    items = sorted(
        zip(operation.get("parameters", []), props, strict=True),
        key=lambda item: order.get(item[0]["name"], len(order)) if item[0]["in"] == "path" else len(order),
    )
    keyed: dict[str, str] = operation.get("x-accordant-key") or {}
    positional: list[Argument] = []
    keywords: list[Argument] = []
    kinds: list[Typed] = []
    for item, prop in items:
        kind = catalogue.typed(prop)
        kinds.append(kind)
        optional = not item.get("required", False) or operation_values.set_by_paging(operation, item)
        argument = Argument(
            item["x-accordant-name"],
            input_text(kind, optional=optional),
            " = UNSET" if optional else "",
            clean(item.get("description")),
        )
        is_key = not optional and item["name"] == keyed.get("parameter")
        (positional if item["in"] == "path" or is_key else keywords).append(argument)
    return MethodArguments(tuple(positional), tuple(keywords), tuple(kinds))


def _body(
    document: dict[str, Any], operation: dict[str, Any], catalogue: Catalogue, taken: set[str]
) -> MethodArguments:
    """The arguments of the body: one for each property of an object, else one for the whole."""
    declared = follow(document, operation.get("requestBody"))
    if not declared:
        return MethodArguments()
    content_type, _ = choose_content(declared.get("content")) or ("application/octet-stream", {})
    required = bool(declared.get("required", False))
    kind = body_kind(content_type)
    parts = [f"content_type={quoted(content_type)}"] if content_type != "application/json" else []
    parts += [f'kind="{kind}"'] if kind != "json" else []
    parts += [] if required else ["required=False"]
    prop = catalogue.parsed.operations[operation["operationId"]].body
    shape = _RAW if prop is None else catalogue.typed(prop)
    model = shape.output if isinstance(prop, ModelProperty) and shape.output in shape.models else ""
    if not model or not catalogue.fields(model):
        text = input_text(shape, optional=not required)
        name = snake(declared.get("x-accordant-name") or declared.get("x-body-name") or "body")
        while name in taken:
            name = f"{name}_body"
        parts += [f"argument={quoted(name)}"] if name != "body" else []
        argument = Argument(name, text, "" if required else " = UNSET", clean(declared.get("description")))
        return MethodArguments((argument,), (), (shape,), (_body_text(parts),))
    used = {*taken, "options", *(["body"] if kind == "multipart" else [])}
    arguments, renamed, names, files = _flattened(model, catalogue, used, required)
    if kind == "multipart":
        parted = {key: value for key, value in names.items() if key != value}
        parts += [f"parts={parted!r}"] if parted else []
        parts += [f"files={operation_values.tuple_text([quoted(name) for name in files])}"] if files else []
    else:
        parts.append(f"model={model}.decode")
        parts += [f"renamed={renamed!r}"] if renamed else []
    kinds = (*catalogue.types(model), *(() if kind == "multipart" else (shape,)))
    by_wire = {wire: name for name, wire in names.items()}
    return MethodArguments((), tuple(arguments), kinds, (_body_text(parts),), by_wire)


def _body_text(parts: list[str]) -> str:
    return f"body=Body({', '.join(parts)}),"


def _flattened(
    model: str, catalogue: Catalogue, used: set[str], required: bool
) -> tuple[list[Argument], dict[str, str], dict[str, str], list[str]]:
    """Arguments for the properties of a body, the renamed ones, the wire names, and which are files."""
    arguments: list[Argument] = []
    renamed: dict[str, str] = {}
    names: dict[str, str] = {}
    files: list[str] = []
    for attribute, facts, prop in catalogue.fields(model):
        name = identifier(attribute)
        while name in used:
            name = f"{name.rstrip('_')}_body"
        used.add(name)
        if name != attribute:
            renamed[name] = attribute
        kind = catalogue.typed(prop)
        if "FileInput" in kind.runtime:
            files.append(name)
        optional = not (prop.required and required)
        default = " = UNSET" if optional else ""
        arguments.append(Argument(name, input_text(kind, optional=optional), default, clean(facts.doc)))
        names[name] = facts.wire
    return arguments, renamed, names, files


def _doc(operation: dict[str, Any], arguments: tuple[Argument, ...]) -> str:
    errors = [status for status in operation["responses"] if status[0] in "45"]
    evidence = operation.get("x-evidence")
    closing = [f"Raises an APIStatusError for {', '.join(errors)}."] if errors else []
    closing += [f"Source: {evidence}."] if evidence else []
    return docstring(
        operation.get("summary") or operation["operationId"],
        8,
        [(item.name, item.doc) for item in arguments],
        "Args:",
        more=operation.get("description") or "",
        last=" ".join(closing),
    )
