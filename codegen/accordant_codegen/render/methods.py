"""The view of operations that the templates loop over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen
from openapi_python_client.parser.properties import ModelProperty

from accordant_runtime import SyncResource

from ..names import identifier, module_name, snake
from ..read.document import below, follow, operations
from ..text import clean, marked, quoted, telling
from ..types.code import RUNTIME, CodeText, Need, code, joined, named
from ..types.media import body_kind, choose_content
from ..types.naming import operation_constant
from ..types.old_names import old_names
from ..types.typed import Spelling, Typed, input_text, key_checker, with_texts
from . import operation_values
from .documentation import Shared, method_doc, shared_by
from .encodings import encodings
from .late import LateSpelling
from .models import Catalogue
from .old_methods import Argument, FlatBody, OldArguments, check_arguments, free_name, old_methods
from .problems import MODULE, Problems
from .responses import view_answers

_MODULES = frozenset({"aio", "client", "models", "operations", "received", MODULE, operation_values.DEFAULTS})
_BUILTINS = frozenset({"bool", "bytes", "dict", "float", "int", "list", "str"})
_WIDTH = 112
"""Columns of a line within a method."""


@frozen
class MethodArguments:
    """The arguments that come from one place: positional and keyword ones, the types that they consist of, the lines of
    data that say how they travel, and their names by those on the wire."""

    positional: tuple[Argument, ...] = ()
    keywords: tuple[Argument, ...] = ()
    kinds: tuple[Typed, ...] = ()
    data: tuple[CodeText, ...] = ()
    names: Mapping[str, str] = field(factory=dict[str, str])


@frozen
class MethodView:
    """One operation: its constant and its method."""

    constant: str
    id: str
    resource: str
    name: str
    data: tuple[CodeText, ...]
    positional: tuple[Argument, ...]
    keywords: tuple[Argument, ...]
    returns: CodeText
    paged: bool
    streamed: bool
    doc: str
    shared: Shared
    deprecated: bool = False
    old: tuple[str, ...] = ()
    kinds: tuple[Typed, ...] = ()
    answered: tuple[Typed, ...] = ()
    runtime: frozenset[Need] = field(default=frozenset())

    @property
    def wrapper(self) -> str:
        """What its results come in, one after the other; empty for a single result."""
        return "Pages" if self.paged else "ItemStream" if self.streamed else ""

    @property
    def id_text(self) -> str:
        """The operationId as a literal."""
        return quoted(self.id)

    @property
    def place_text(self) -> str:
        """Its place in the client as a literal."""
        return quoted(f"{self.resource}.{self.name}")

    @property
    def warning(self) -> str:
        """The message of a deprecated method as a literal."""
        return quoted(f"{self.resource}.{self.name} is deprecated: the document says so of {self.id}")

    @property
    def old_arguments(self) -> OldArguments:
        """Its arguments with the names that they had before."""
        return OldArguments(self.positional, self.keywords)

    @property
    def module(self) -> str:
        """The module of its resource, which may not be one that every package has."""
        return module_name(self.resource, _MODULES)

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """All arguments in signature order."""
        return (*self.positional, *self.keywords)

    @property
    def signature_needs(self) -> frozenset[Need]:
        """What its signature and its body need."""
        needs = {(RUNTIME, "CallOptions"), *code(self.returns, *(item.annotation for item in self.arguments)).needs}
        if any(item.default for item in self.arguments):
            needs.add((RUNTIME, "UNSET"))
        if self.deprecated or self.old or self.old_arguments.pairs:
            needs.add((RUNTIME, "deprecated"))
        if self.old_arguments.pairs:
            names = ("UNSET", "Unset", "renamed_arguments")
            needs |= {("typing", "overload"), *((RUNTIME, name) for name in names)}
        if len(self.body("")) > 1:
            needs.add(("typing", "Any"))
        return frozenset(needs)

    def body(self, wait: str) -> list[str]:
        """The statements that run the operation. Where the arguments do not fit into one line, they are put together
        some by some: the formatter would write one a line."""
        # Also where there is nothing to return: raw access gets its response by way of the same method.
        back = "return "
        wait = "" if self.wrapper else wait
        verb = {"Pages": "paginate", "ItemStream": "stream"}.get(self.wrapper, "call")
        call = f"{back}{wait}self._caller.{verb}({self.constant}, %s, options)"
        items = [f"{quoted(item.name)}: {item.name}" for item in self.arguments]
        text = call.replace("%s", f"{{{', '.join(items)}}}")
        if len(text) - len(wait) <= _WIDTH - len("await "):  # the same lines with and without waiting
            return [text]
        given = "given"
        while given in [item.name for item in self.arguments]:
            given += "_"
        lines: list[str] = []
        for argument, item in zip(self.arguments, items, strict=True):
            if lines and len(f"{lines[-1]}, {item}") <= _WIDTH:
                lines[-1] = f"{lines[-1][:-1]}, {item}}}"
                continue
            begun = f"{given} |= {{{item}}}" if lines else f"{given}: dict[str, Any] = {{{item}}}"
            if len(begun) > _WIDTH and lines:  # a pair is not broken in two, an assignment is
                begun = f"{given}[{quoted(argument.name)}] = {argument.name}"
            lines.append(begun)
        return [*lines, call.replace("%s", given)]


class _MethodSpelling(LateSpelling):
    """How a resource's module writes names: its methods hide Python's types, and decoders of classes come late, so that
    no model is imported before it is needed."""

    def __init__(self, methods: frozenset[str]) -> None:
        self._hidden = (methods | {"list"}) & _BUILTINS

    def builtin(self, name: str) -> CodeText:
        """A type of Python itself."""
        return CodeText(f"builtins.{name}", frozenset({("builtins", "")})) if name in self._hidden else CodeText(name)


def view_methods(document: dict[str, Any], catalogue: Catalogue, problems: Problems | None = None) -> list[MethodView]:
    """One view per operation, in document order; ``problems`` collects what their errors hold."""
    problems = problems or Problems(catalogue)
    defaults = operation_values.common_facts(operation for _, _, operation in operations(document))
    groups: dict[str, list[dict[str, Any]]] = {}
    for _, _, operation in operations(document):
        groups.setdefault(operation["x-accordant-resource"], []).append(operation)
    names = {resource: frozenset(map(_method_name, group)) for resource, group in groups.items()}
    live = {resource: {*taken, *dir(SyncResource)} for resource, taken in names.items()}
    old = {
        resource: [each.name for item in group for each in old_names(item, "").own]
        for resource, group in groups.items()
    }
    spellings = {resource: _MethodSpelling(names[resource].union(old[resource])) for resource in groups}
    shared = {resource: shared_by(group) for resource, group in groups.items()}
    views: list[MethodView] = []
    constants = {*catalogue.models, *catalogue.enums}
    for path, method, operation in operations(document):
        resource = operation["x-accordant-resource"]
        constant = operation_constant(operation["operationId"])
        while constant in constants:  # a class is imported beside it, or another operation has it
            constant = f"{constant}_OPERATION"
        constants.add(constant)
        place = f"{below('$.paths', path)}.{method}"
        view = _Viewing(document, catalogue, spellings[resource], operation, place, defaults)
        table = problems.table(operation["operationId"], operation_values.error_statuses(operation))
        shown = view.method(path, method, constant, shared[resource], table)
        views.append(evolve(shown, old=old_methods(operation, place, live[resource], catalogue.heard)))
    return views


def _method_name(operation: dict[str, Any]) -> str:
    """Within the class a method hides the module of its name, which annotations need, and the decorator."""
    name = snake(operation["x-accordant-name"])
    return f"{name}_" if name in ("datetime", "deprecated") else name


@frozen
class _Viewing:
    """Looks at one operation."""

    document: dict[str, Any]
    catalogue: Catalogue
    spelling: Spelling
    operation: dict[str, Any]
    place: str
    defaults: operation_values.CommonFacts

    def method(self, path: str, method: str, constant: str, shared: Shared, problems: str) -> MethodView:
        """The view of the operation; ``problems`` names the table of what its errors hold."""
        operation = self.operation
        given = self._parameters(path)
        body = self._body({item.name for item in (*given.positional, *given.keywords)})
        answers = view_answers(self.document, operation, self.catalogue, self.spelling)
        facts = operation_values.facts(path, method, operation, body.names, self.defaults, problems)
        data = [*map(CodeText, facts), *given.data, *body.data]
        data += [code("answers=(", answers.values, "),")] if answers.values.text else []
        keywords = (*given.keywords, *body.keywords)
        arguments = (*given.positional, *body.positional, *keywords)
        check_arguments(arguments, self.catalogue.heard)
        return MethodView(
            constant=constant,
            id=operation["operationId"],
            resource=operation["x-accordant-resource"],
            name=_method_name(operation),
            data=tuple(data),
            positional=(*given.positional, *body.positional),
            keywords=(*(item for item in keywords if not item.default), *(item for item in keywords if item.default)),
            returns=answers.returns,
            paged="x-accordant-pagination" in operation,
            streamed=answers.streamed,
            doc=method_doc(operation, [(item.name, item.doc) for item in arguments], shared),
            shared=shared,
            deprecated=operation.get("deprecated") is True,
            kinds=(*given.kinds, *body.kinds),
            answered=answers.kinds,
            runtime=operation_values.runtime_needs(operation, self.defaults).union(
                [(f".{MODULE}", problems)] if problems else []
            ),
        )

    def _typed(self, prop: Any) -> Typed:
        return self.catalogue.types_with(self.spelling).of(prop)

    def _parameters(self, path: str) -> MethodArguments:
        """The arguments outside the body; those of the path and the record's key are positional."""
        operation = self.operation
        props = self.catalogue.parsed.operations[operation["operationId"]].parameters
        order = {name: index for index, name in enumerate(re.findall(r"{([^}]+)}", path))}
        items = sorted(
            zip(range(len(props)), operation.get("parameters", []), props, strict=True),
            key=lambda item: order.get(item[1]["name"], len(order)) if item[1]["in"] == "path" else len(order),
        )
        keyed: dict[str, str] = operation.get("x-accordant-key") or {}
        positional: list[Argument] = []
        keywords: list[Argument] = []
        kinds: list[Typed] = []
        for index, item, prop in items:
            kind = self._typed(prop)
            kinds.append(kind)
            optional = not item.get("required", False) or operation_values.set_by_paging(operation, item)
            name = item["x-accordant-name"]
            doc = telling(name, marked(item.get("description"), item, item.get("schema")))
            text = input_text(with_texts(kind, prop, self.spelling), optional=optional)
            old = old_names(item, f"{self.place}.parameters[{index}]").own
            argument = Argument(name, text, " = UNSET" if optional else "", doc, old)
            is_key = not optional and item["name"] == keyed.get("parameter")
            (positional if item["in"] == "path" or is_key else keywords).append(argument)
        data = operation_values.parameters(operation, [key_checker(self._typed(prop), self.spelling) for prop in props])
        return MethodArguments(tuple(positional), tuple(keywords), tuple(kinds), tuple(data))

    def _body(self, taken: set[str]) -> MethodArguments:
        """The arguments of the body: one for each property of an object, else one for the whole."""
        declared = follow(self.document, self.operation.get("requestBody"))
        if not declared:
            return MethodArguments()
        content_type, media = choose_content(declared.get("content")) or ("application/octet-stream", {})
        required = bool(declared.get("required", False))
        kind = body_kind(content_type)
        parts: list[CodeText | str] = []
        parts += [f"content_type={quoted(content_type)}"] if content_type != "application/json" else []
        parts += [f'kind="{kind}"'] if kind != "json" else []
        parts += [] if required else ["required=False"]
        parts += encodings(self.catalogue, f"{self.place}.requestBody", kind, media)
        prop = self.catalogue.parsed.operations[self.operation["operationId"]].body
        shape = self._raw() if prop is None else self._typed(prop)
        model = shape.output.text if isinstance(prop, ModelProperty) and shape.output.text in shape.models else ""
        if not model or not self.catalogue.fields(model):
            name = snake(declared.get("x-accordant-name") or declared.get("x-body-name") or "body")
            while name in taken:
                name = f"{name}_body"
            parts += [f"argument={quoted(name)}"] if name != "body" else []
            parts += [code("takes=", key_checker(shape, self.spelling))] if shape.models else []
            text = input_text(shape, optional=not required)
            argument = Argument(name, text, "" if required else " = UNSET", clean(declared.get("description")))
            return MethodArguments((argument,), (), (shape,), (_body_value(parts),))
        used = {*taken, "options", *(["body"] if kind == "multipart" else [])}
        flat = self._flattened(model, used, required)
        if kind == "multipart":
            parted = {key: value for key, value in flat.names.items() if key != value}
            parts += [f"parts={parted!r}"] if parted else []
            parts += [f"files={operation_values.tuple_text(list(map(quoted, flat.files)))}"] if flat.files else []
            parts += [code("fields={", joined(", ", flat.fields), "}")] if flat.fields else []
        else:
            parts.append(code("model=", self.spelling.decoder(model)))
            parts += [f"renamed={flat.renamed!r}"] if flat.renamed else []
            parts += [f"unsent={operation_values.tuple_text(flat.unsent)}"] if flat.unsent else []
        kinds = (*self.catalogue.types(model), *(() if kind == "multipart" else (shape,)))
        by_wire = {wire: name for name, wire in flat.names.items()}
        return MethodArguments((), tuple(flat.arguments), kinds, (_body_value(parts),), by_wire)

    def _raw(self) -> Typed:
        content = self.spelling.builtin("bytes")
        taken = code(named(RUNTIME, "FileInput"), " | ", self.spelling.builtin("str"))
        return Typed(content, taken, CodeText("untyped"))

    def _flattened(self, model: str, used: set[str], required: bool) -> FlatBody:
        """MethodArguments for the properties of a body."""
        flat = FlatBody()
        stated: dict[str, Any] = self.operation.get("x-accordant-key") or {}
        key = stated.get("body")
        for attribute, facts, prop in self.catalogue.fields(model):
            if facts.only == "read" and facts.wire != key:
                flat.unsent.extend([quoted(attribute)] if prop.required else [])
                continue
            name = free_name(identifier(attribute), used)
            used.add(name)
            if name != attribute:
                flat.renamed[name] = attribute
            kind = self._typed(prop)
            if kind.is_file:
                flat.files.append(name)
            flat.fields.extend([code(quoted(name), ": ", key_checker(kind, self.spelling))] if kind.models else [])
            optional = not (facts.demanded and required)
            text = input_text(kind, optional=optional)
            old = tuple(evolve(each, name=free_name(each.name, used)) for each in facts.old)
            doc = telling(attribute, facts.doc)
            flat.arguments.append(Argument(name, text, " = UNSET" if optional else "", doc, old))
            flat.names[name] = facts.wire
        return flat


def _body_value(parts: list[CodeText | str]) -> CodeText:
    needs = CodeText("", frozenset({(RUNTIME, "Body")}))
    return code(needs, "body=Body(", joined(", ", parts), "),")
