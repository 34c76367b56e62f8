"""The view of operations and resource classes that the templates loop over."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from attrs import evolve, field, frozen
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.union import UnionProperty

from treaty_runtime import is_object

from .document import follow, operations
from .errors import CodegenError
from .models import Catalogue, attribute, clean, literal, properties, quoted, safe
from .names import constant, snake
from .parser import Parsed, choose_content, is_json
from .typed import ANY, Typed, decoder, input_text, output_text, typed

NOTHING = Typed("None", "None", "null", nullable=True, runtime=frozenset({"null"}))


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
    runtime: frozenset[str] = field(default=frozenset())

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


class Methods:
    """Builds method views from an effective document and the generator's parse of it."""

    def __init__(self, document: dict[str, Any], parsed: Parsed, catalogue: Catalogue) -> None:
        self.document = document
        self.parsed = parsed
        self.catalogue = catalogue

    def all(self) -> list[MethodView]:
        """One view per operation, in document order."""
        return [self.view(path, method, item) for path, method, item in operations(self.document)]

    def view(self, path: str, method: str, operation: dict[str, Any]) -> MethodView:
        """The view of one operation."""
        endpoint = self.parsed.endpoints[operation["operationId"]]
        positional, keywords, kinds = self._arguments(operation, endpoint)
        taken = {argument.name for argument in (*positional, *keywords)}
        body, body_positional, body_keywords, body_kinds = self._body(operation, endpoint, taken)
        answers, result, kind = self._answers(operation, endpoint)
        paged = "x-treaty-pagination" in operation
        required = [item for item in (*keywords, *body_keywords) if not item.default]
        optional = [item for item in (*keywords, *body_keywords) if item.default]
        view = MethodView(
            constant=constant(operation["operationId"]),
            id=operation["operationId"],
            resource=operation["x-treaty-resource"],
            name=snake(operation["x-treaty-name"]),
            data=(*_facts(path, method, operation), *_parameters(operation), *body, *answers),
            positional=(*positional, *body_positional),
            keywords=(*required, *optional),
            returns=result,
            paged=paged,
            doc="",
            kinds=(*kinds, *body_kinds, kind),
            runtime=_runtime_names(operation, paged, kind, answers),
        )
        return _with_doc(view, operation)

    def _arguments(
        self, operation: dict[str, Any], endpoint: Endpoint
    ) -> tuple[list[Argument], list[Argument], list[Typed]]:
        props = {(str(where), prop.name.get_untrusted_value()): prop for where, prop in _all_parameters(endpoint)}
        positional: list[Argument] = []
        keywords: list[Argument] = []
        kinds: list[Typed] = []
        order = {name: index for index, name in enumerate(re.findall(r"{([^}]+)}", endpoint_path(operation)))}
        items = sorted(operation.get("parameters", []), key=lambda item: order.get(item["name"], len(order)))
        for item in items:
            kind = typed(props[item["in"], item["name"]])
            kinds.append(kind)
            optional = not item.get("required", False) or _pages_by(operation, item)
            argument = Argument(
                item["x-treaty-name"],
                input_text(kind, optional=optional),
                " = UNSET" if optional else "",
                clean(item.get("description")),
            )
            is_key = not optional and item["name"] == (operation.get("x-treaty-key") or {}).get("parameter")
            (positional if item["in"] == "path" or is_key else keywords).append(argument)
        return positional, keywords, kinds

    def _body(
        self, operation: dict[str, Any], endpoint: Endpoint, taken: set[str]
    ) -> tuple[list[str], list[Argument], list[Argument], list[Typed]]:
        declared = follow(self.document, operation.get("requestBody"))
        if not declared:
            return [], [], [], []
        content_type, _ = choose_content(declared.get("content")) or ("application/octet-stream", {})
        required = bool(declared.get("required", False))
        kind = _body_kind(content_type)
        parts = [f"content_type={quoted(content_type)}"] if content_type != "application/json" else []
        parts += [f'kind="{kind}"'] if kind != "json" else []
        parts += [] if required else ["required=False"]
        prop = endpoint.bodies[0].prop if endpoint.bodies else None
        if not isinstance(prop, ModelProperty) or not properties(prop):
            shape = typed(prop) if prop is not None else Typed("bytes", "bytes | str", "untyped")
            text = input_text(shape, optional=not required)
            name = snake(declared.get("x-treaty-name") or declared.get("x-body-name") or "body")
            name = f"{name}_body" if name in taken else name
            parts += [f"argument={quoted(name)}"] if name != "body" else []
            argument = Argument(name, text, "" if required else " = UNSET", clean(declared.get("description")))
            return [f"body=Body({', '.join(parts)}),"], [argument], [], [shape]
        arguments, renamed, names, files = _flattened(prop, taken, required)
        if kind == "multipart":
            names = {key: value for key, value in names.items() if key != value}
            parts += [f"parts={names!r}"] if names else []
            parts += [f"files=({', '.join(map(quoted, files))},)"] if files else []
        else:
            parts.append(f"model={prop.class_info.name}.decode")
            parts += [f"renamed={renamed!r}"] if renamed else []
        kinds = [typed(inner) for inner in properties(prop)] + ([typed(prop)] if kind != "multipart" else [])
        return [f"body=Body({', '.join(parts)}),"], [], arguments, kinds

    def _answers(self, operation: dict[str, Any], endpoint: Endpoint) -> tuple[list[str], str, Typed]:
        texts: list[str] = []
        results: list[str] = []
        kinds: list[Typed] = []
        props = {item.status_code.pattern: item.prop for item in endpoint.responses.patterns}
        if endpoint.responses.default is not None:
            props["default"] = endpoint.responses.default.prop
        for status, response in operation["responses"].items():
            if status[0] not in "23" and not (status == "default" and len(operation["responses"]) == 1):
                continue
            prop = next((prop for pattern, prop in props.items() if str(pattern).upper() == status.upper()), None)
            text, kind = self._answer(operation, status, follow(self.document, response), prop)
            texts.append(text)
            kinds.append(kind)
            results.append(output_text(kind, optional=False))
        distinct = list(dict.fromkeys(result for result in results if result != "None")) or ["None"]
        if len(distinct) < len(set(results)):
            distinct.append("None")
        kind = next((item for item in kinds if item.output != "None"), NOTHING)
        merged = Typed(
            kind.output,
            kind.input,
            kind.decode,
            nullable=kind.nullable,
            models=frozenset[str]().union(*(item.models for item in kinds)),
            enums=frozenset[str]().union(*(item.enums for item in kinds)),
            runtime=frozenset[str]().union(*(item.runtime for item in kinds)),
            modules=frozenset[str]().union(*(item.modules for item in kinds)),
        )
        return [f"answers={_tuple(texts)},"] if texts else [], " | ".join(distinct), merged

    def _answer(self, operation: dict[str, Any], status: str, response: dict[str, Any], prop: Any) -> tuple[str, Typed]:
        chosen = choose_content(response.get("content"))
        if status[0] == "3":
            redirect = Typed("Redirect", "Redirect", "untyped", runtime=frozenset({"Redirect", "untyped"}))
            return f'Answer({quoted(status)}, untyped, kind="redirect")', redirect
        if chosen is None:
            return f'Answer({quoted(status)}, null, kind="nothing")', NOTHING
        content_type, _ = chosen
        if not is_json(content_type):
            kind = Typed("bytes", "bytes", "untyped", runtime=frozenset({"untyped"}))
            reading = "bytes"
            if content_type.startswith("text/"):
                kind, reading = Typed("str", "str", "string", "str", runtime=frozenset({"string"})), "text"
            return (
                f'Answer({quoted(status)}, {kind.decode}, kind="{reading}", content_type={quoted(content_type)})',
                kind,
            )
        path = operation.get("x-treaty-envelope", "")
        pagination = operation.get("x-treaty-pagination")
        if pagination is not None:
            row = self._row(operation, prop, pagination["items"])
            return f"Answer({quoted(status)}, {decoder(row)})", row
        kind = typed(self._inside(prop, path)) if prop is not None else ANY
        if "x-treaty-failure" in operation and operation.get("x-treaty-nullable") is not True:
            kind = evolve(kind, nullable=False)  # null is what the vendor's failures hold, and those raise
        envelope = f", envelope={quoted(path)}" if path else ""
        return f"Answer({quoted(status)}, {decoder(kind)}{envelope})", kind

    def _inside(self, prop: Any, path: str) -> Any:
        """The property at a dotted path, or the property itself where the documented answer is bare."""
        found = prop
        for name in path.split(".") if path else ():
            inner = _not_null(found)
            if not isinstance(inner, ModelProperty):
                return prop
            model = self.catalogue.models.get(str(inner.class_info.name), inner)
            found = next((item for item in properties(model) if item.name.get_untrusted_value() == name), None)
            if found is None:
                return prop
        return found

    def _row(self, operation: dict[str, Any], prop: Any, path: str) -> Typed:
        rows = _not_null(self._inside(prop, path))
        if not isinstance(rows, ListProperty):
            raise CodegenError(
                f"operation {operation['operationId']}: x-treaty-pagination.items {path!r} does not lead to an array"
            )
        return typed(rows.inner_property)


def endpoint_path(operation: dict[str, Any]) -> str:
    """The path parameters of an operation in template order."""
    return "".join("{" + item["name"] + "}" for item in operation.get("parameters", []) if item["in"] == "path")


def _all_parameters(endpoint: Endpoint) -> list[tuple[str, Any]]:
    return [(str(where.value), prop) for where, prop in endpoint.iter_all_parameters()]


def _not_null(prop: Any) -> Any:
    """What a nullable property holds when it is not null."""
    if isinstance(prop, UnionProperty):
        kept = [inner for inner in prop.inner_properties if not isinstance(inner, NoneProperty)]
        return kept[0] if len(kept) == 1 else prop
    return prop


def _body_kind(content_type: str) -> str:
    if is_json(content_type):
        return "json"
    if content_type.startswith("multipart/"):
        return "multipart"
    return "form" if content_type.startswith("application/x-www-form") else "bytes"


def _flattened(
    model: ModelProperty, taken: set[str], required: bool
) -> tuple[list[Argument], dict[str, str], dict[str, str], list[str]]:
    """Arguments for the properties of a body, the renamed ones, the wire names, and which are files."""
    arguments: list[Argument] = []
    renamed: dict[str, str] = {}
    names: dict[str, str] = {}
    files: list[str] = []
    for prop in properties(model):
        own = attribute(model, prop)
        name = own if own not in taken and own != "options" else f"{own}_body"
        if name != own:
            renamed[name] = own
        kind = typed(prop)
        if "FileInput" in kind.runtime:
            files.append(name)
        optional = not (prop.required and required)
        arguments.append(
            Argument(name, input_text(kind, optional=optional), " = UNSET" if optional else "", clean(prop.description))
        )
        names[name] = prop.name.get_untrusted_value()
    return arguments, renamed, names, files


def _facts(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    key: dict[str, str | None] = operation.get("x-treaty-key") or {}
    entity = [quoted(operation["x-treaty-entity"]), quoted(operation["x-treaty-action"])]
    parameter = key.get("parameter") or key.get("body")
    if parameter:
        entity.append(f"key_parameter={quoted(parameter)}")
    field_name = key.get("field")
    if field_name:
        entity.append(f"key_field={quoted(field_name)}")
    errors = [status for status in operation["responses"] if status[0] in "45" or status == "default"]
    security = [_tuple([quoted(name) for name in item]) for item in operation.get("security", [])]
    idempotent = operation.get("x-treaty-idempotent", method in ("get", "head", "put", "delete", "options"))
    lines = [
        f"method={quoted(method.upper())},",
        f"path={quoted(path)},",
        f"entity=Entity({', '.join(entity)}),",
        f"errors={_tuple([quoted(status) for status in sorted(errors)])},",
        f"security={_tuple(security)},",
    ]
    lines += ["idempotent=True,"] if idempotent else []
    failure = operation.get("x-treaty-failure")
    lines += [f"failure={_failure(failure)},"] if failure is not None else []
    pagination = operation.get("x-treaty-pagination")
    return [*lines, f"pagination={_pagination(pagination)},"] if pagination is not None else lines


_PAGE_KEYS = {
    "limit": "limit",
    "size": "limit",
    "offset": "position",
    "page": "position",
    "cursor": "position",
    "from": "position",
    "total": "total",
    "next": "next",
    "max-limit": "max_limit",
    "start": "start",
}


def _failure(value: dict[str, Any]) -> str:
    parts = [quoted(value["field"]), quoted(value["message"])]
    parts += [f"equals={value['equals']!r}"] if "equals" in value else []
    parts += [f"success=({value['success'][0]}, {value['success'][1]})"] if "success" in value else []
    return f"Failure({', '.join(parts)})"


def _pagination(value: dict[str, Any]) -> str:
    parts = [quoted(value["style"]), quoted(value["items"])]
    extra: dict[str, Any] = {}
    for key, item in value.items():
        if key in _PAGE_KEYS:
            parts.append(f"{_PAGE_KEYS[key]}={literal(item)}")
        elif key not in ("style", "items"):
            extra[key] = item
    if extra:
        parts.append(f"extra={extra!r}")
    return f"Pagination({', '.join(parts)})"


def _pages_by(operation: dict[str, Any], parameter: dict[str, Any]) -> bool:
    """Whether the walk over the pages sets this parameter, so that a caller need not."""
    pagination: dict[str, Any] = operation.get("x-treaty-pagination") or {}
    return parameter["name"] in [pagination.get(key) for key in ("limit", "size", "offset", "page", "cursor")]


def _parameters(operation: dict[str, Any]) -> list[str]:
    texts: list[str] = []
    for item in operation.get("parameters", []):
        parts = [quoted(item["name"]), quoted(item["x-treaty-name"]), quoted(item["in"])]
        default_style = "form" if item["in"] in ("query", "cookie") else "simple"
        style = item.get("style", default_style)
        parts += ["required=True"] if item.get("required") and not _pages_by(operation, item) else []
        parts += [f"style={quoted(style)}"] if style != "form" else []
        parts += ["explode=False"] if item.get("explode", style in ("form", "deepObject")) is False else []
        rule = item.get("x-treaty-filter")
        parts += [f"filter=({quoted(rule['field'])}, {quoted(rule['predicate'])})"] if is_object(rule) else []
        texts.append(f"Parameter({', '.join(parts)}),")
    return ["parameters=(", *texts, "),"] if texts else []


def _tuple(items: list[str]) -> str:
    """A tuple literal without the trailing comma that would make the formatter write one item a line."""
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def _runtime_names(operation: dict[str, Any], paged: bool, kind: Typed, answers: list[str]) -> frozenset[str]:
    names = {"AsyncCaller", "CallOptions", "Entity", "Operation", "SyncCaller"}
    names |= {"Parameter"} if operation.get("parameters") else set()
    names |= {"Body"} if operation.get("requestBody") else set()
    names |= {"Pagination", "Pages", "AsyncPages"} if paged else set()
    names |= {"Answer"} if answers else set()
    names |= {"Failure"} if "x-treaty-failure" in operation else set()
    text = " ".join(answers)
    return frozenset(names | {name for name in kind.runtime | {"null", "nullable"} if re.search(rf"\b{name}\b", text)})


def _with_doc(view: MethodView, operation: dict[str, Any]) -> MethodView:
    lines = textwrap.wrap(safe(clean(operation.get("summary") or operation["operationId"])), 108)
    more = clean(operation.get("description"))
    if more:
        lines += ["", *textwrap.wrap(safe(more), 108)]
    described = [(argument.name, argument.doc) for argument in view.arguments if argument.doc]
    if described:
        lines += ["", "Args:"]
        for name, doc in described:
            lines += textwrap.wrap(f"{name}: {safe(doc)}", 108, initial_indent="    ", subsequent_indent="        ")
    errors = [status for status in operation["responses"] if status[0] in "45"]
    raises = [f"Raises an APIStatusError for {', '.join(errors)}."] if errors else []
    evidence = operation.get("x-evidence")
    source = [f"Source: {evidence}."] if evidence else []
    if raises or source:
        lines += ["", " ".join([*raises, *source])]
    text = "\n".join(f"        {line}" if line and index else line for index, line in enumerate(lines))
    text = text + "\n        " if len(lines) > 1 else text
    return evolve(view, doc=text + " " if text.endswith('"') else text)
