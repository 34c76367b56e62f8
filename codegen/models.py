"""The view of models and enums that the templates loop over."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from attrs import frozen
from openapi_python_client.parser.properties import EnumProperty, ModelProperty
from openapi_python_client.schema import Schema
from openapi_python_client.strings import ClassName

from .document import references
from .names import identifier
from .parser import Parsed
from .rules.shape import nodes
from .typed import Typed, decoder, input_text, output_text, typed


@frozen
class Field:
    """One attribute of a model: its declaration, how it is read and how it is written."""

    declaration: str
    name: str
    wire: str
    read: str
    write: str
    doc: str


@frozen
class ModelView:
    """One model module."""

    name: str
    module: str
    doc: str
    fields: tuple[Field, ...]
    extra: str
    extra_read: str
    imports: tuple[str, ...]
    local_imports: tuple[str, ...]
    request_only: bool

    @property
    def locals(self) -> list[str]:
        """The shorthands that the reading lines use."""
        reads = " ".join(item.read for item in self.fields)
        names = (("pop", "data.pop"), ("bad", "notes.mismatch"), ("sub", "notes.field"))
        return [f"{name} = {meaning}" for name, meaning in names if f"{name}(" in reads]


@frozen
class EnumView:
    """One enum module."""

    name: str
    module: str
    doc: str
    base: str
    members: tuple[tuple[str, str], ...]
    literals: str


def properties(model: ModelProperty) -> list[Any]:
    """All properties of a model, required ones first."""
    return [*(model.required_properties or []), *(model.optional_properties or [])]


def model_types(model: ModelProperty) -> list[Typed]:
    """The types that a model mentions."""
    extra = model.additional_properties
    return [typed(prop) for prop in properties(model)] + ([typed(extra)] if extra is not None else [])


class Catalogue:
    """All classes of a parse by name, and what they mention."""

    def __init__(self, parsed: Parsed) -> None:
        self.models = {str(model.class_info.name): model for model in parsed.data.models}
        self.enums: dict[str, EnumProperty] = {
            str(item.class_info.name): item for item in parsed.data.enums if isinstance(item, EnumProperty)
        }

    def module(self, name: str) -> str:
        """The module name of a class."""
        owner = self.models.get(name) or self.enums[name]
        return str(owner.class_info.module_name)

    def reachable(self, roots: list[Typed]) -> tuple[set[str], set[str]]:
        """Models and enums that the given types mention, directly or through models."""
        models: set[str] = set()
        enums: set[str] = set()
        pending = list(roots)
        while pending:
            kind = pending.pop()
            enums |= kind.enums
            for name in kind.models - models:
                models.add(name)
                pending.extend(model_types(self.models[name]))
        return models, enums

    def received_types(self, document: dict[str, Any]) -> list[Typed]:
        """Models that no operation mentions and users meet all the same: the payloads of webhooks, JSON within text
        (``contentSchema``), and those that the document lists in ``x-treaty-models``."""
        places = [document.get("webhooks", {})]
        places += [node["contentSchema"] for node in nodes(document) if "contentSchema" in node]
        keys = [reference.rsplit("/", 1)[-1] for place in places for _, reference in references(place)]
        names = {str(ClassName(key, "")) for key in [*keys, *document.get("x-treaty-models", [])]}
        models = [typed(self.models[name]) for name in sorted(names) if name in self.models]
        return models + [typed(self.enums[name]) for name in sorted(names) if name in self.enums]

    def behind(self, name: str) -> set[str]:
        """The models that a model's own fields lead to."""
        found: set[str] = set()
        pending = [name]
        while pending:
            for kind in model_types(self.models[pending.pop()]):
                fresh = kind.models - found
                found |= fresh
                pending.extend(fresh)
        return found


def view_model(catalogue: Catalogue, name: str, *, request_only: bool) -> ModelView:
    """The view of one model; ``request_only`` models take their enums as plain literals too."""
    model = catalogue.models[name]
    kinds = model_types(model)
    mentioned = frozenset[str]().union(*(kind.models for kind in kinds))
    enums = frozenset[str]().union(*(kind.enums for kind in kinds))
    runtime = {"UNSET", "Model", "RequestModel", "Notes", "compact", "is_object"}
    fields = tuple(_field(model, prop, request_only=request_only, runtime=runtime) for prop in properties(model))
    extra = typed(model.additional_properties) if model.additional_properties is not None else None
    if any("| Unset" in item.declaration for item in fields):
        runtime.add("Unset")
    cyclic = {other for other in mentioned if other != name and name in catalogue.behind(other)}
    modules = {f"import {module}" for kind in kinds for module in kind.modules}
    imports = [*sorted(modules)]
    direct = [*sorted(mentioned - cyclic - {name}), *sorted(enums)]
    imports += [
        f"from .{catalogue.module(other)} import {_with_input(other, catalogue, request_only)}" for other in direct
    ]
    typed_extra = extra is not None and extra.output != "Any"
    if any(field.write.startswith("to_wire") for field in fields):
        runtime.add("to_wire")
    if typed_extra and extra is not None:
        runtime |= {"MapOf", "to_wire"} | extra.runtime
    return ModelView(
        name=name,
        module=catalogue.module(name),
        doc=class_doc(clean(model.description), [(field.name, field.doc) for field in fields]),
        fields=fields,
        extra=f"dict[str, {extra.output}]" if typed_extra and extra is not None else "dict[str, Any]",
        extra_read=f"MapOf({extra.decode})({{**data}}, notes)" if typed_extra and extra is not None else "{**data}",
        imports=(f"from treaty_runtime import {', '.join(sorted(runtime))}", *imports),
        local_imports=tuple(f"from .{catalogue.module(other)} import {other}" for other in sorted(cyclic)),
        request_only=request_only,
    )


def _with_input(name: str, catalogue: Catalogue, request_only: bool) -> str:
    return f"{name}, {name}Input" if request_only and name in catalogue.enums else name


def _field(model: ModelProperty, prop: Any, *, request_only: bool, runtime: set[str]) -> Field:
    kind = typed(prop)
    optional = not prop.required
    name = attribute(model, prop)
    # Arguments of requests may be given as the enum or as its text; models stay models.
    text = (
        input_text(kind, optional=optional)
        if request_only and (kind.enums or "uuid" in kind.modules)
        else output_text(kind, optional=optional)
    )
    wire = quoted(prop.name.get_untrusted_value())
    read = _read(kind, wire, optional, runtime)
    write = f"self.{name}" if kind.check else f"to_wire(self.{name})"
    default = " = UNSET" if optional else ""
    if _is_secret(model, prop):
        default = " = field(default=UNSET, repr=False)" if optional else " = field(repr=False)"
    return Field(f"{name}: {text}{default}", name, wire, read, write, clean(prop.description))


def attribute(model: ModelProperty, prop: Any) -> str:
    """The attribute's name: ``x-treaty-name`` where the document gives one."""
    declared = (model.data.properties or {}).get(prop.name)
    wanted = (declared.model_extra or {}).get("x-treaty-name") if declared is not None else None
    return identifier(wanted) if isinstance(wanted, str) else str(prop.python_name)


def _is_secret(model: ModelProperty, prop: Any) -> bool:
    """``format: password``: such a field never shows in a repr."""
    declared = (model.data.properties or {}).get(prop.name)
    return isinstance(declared, Schema) and declared.schema_format == "password"


def _read(kind: Typed, wire: str, optional: bool, runtime: set[str]) -> str:
    take = f"pop({wire}, UNSET)"
    if kind.output == "Any":
        return take
    if kind.check:
        check = f"type(v := {take}) is {kind.check}"
        absent = (" or v is UNSET" if optional else "") + (" or v is None" if kind.nullable else "")
        return f'v if {check}{absent} else bad(v, {wire}, "{kind.json_name}")'
    runtime |= kind.runtime
    if kind.item is not None:
        runtime |= {"nullable"} if kind.item.nullable else set()
        inner = decoder(kind.item)
        if kind.item.item is None:
            runtime -= {"ListOf"}
        call = f"notes.array({{}}, {wire}, {inner})"
    else:
        call = f"sub({{}}, {wire}, {kind.decode})"
    if not optional and not kind.nullable:
        return call.format(take)
    if optional:
        test = f"(v := {take}) is UNSET" + (" or v is None" if kind.nullable else "")
    else:
        test = f"(v := {take}) is None"
    return f"v if {test} else {call.format('v')}"


def view_enum(enum: EnumProperty) -> EnumView:
    """The view of one enum."""
    values = list(enum.values.items())
    return EnumView(
        name=str(enum.class_info.name),
        module=str(enum.class_info.module_name),
        doc=class_doc(clean(enum.description), []),
        base="OpenIntEnum" if enum.value_type is int else "OpenStrEnum",
        members=tuple(
            (key, value if isinstance(value, str) and enum.value_type is int else literal(value))
            for key, value in values
        ),
        literals=", ".join(literal(value) for _, value in values),
    )


def literal(value: Any) -> str:
    """A Python literal; the generator keeps string values escaped already."""
    if isinstance(value, int):
        return repr(value)
    text = value.get_untrusted_value() if hasattr(value, "get_untrusted_value") else str(value)
    return quoted(text)


def quoted(text: str) -> str:
    """A double-quoted Python string literal."""
    return json.dumps(text, ensure_ascii=False)


def clean(text: Any) -> str:
    if text is None:
        return ""
    raw = text.get_untrusted_value() if hasattr(text, "get_untrusted_value") else str(text)
    return " ".join(raw.split())


def safe(text: str) -> str:
    """Text that may stand in a docstring."""
    return text.replace("\\", "\\\\").replace('"""', "'''")


def class_doc(description: str, attributes: list[tuple[str, str]]) -> str:
    """A class docstring's text: what it is, then its attributes."""
    lines = textwrap.wrap(safe(description), 112) or ["No description."]
    described = [(name, doc) for name, doc in attributes if doc]
    if described:
        lines += ["", "Attributes:"]
        for name, doc in described:
            lines += textwrap.wrap(f"{name}: {safe(doc)}", 112, initial_indent="    ", subsequent_indent="        ")
    text = "\n".join(f"    {line}" if line and index else line for index, line in enumerate(lines))
    text = text + "\n    " if len(lines) > 1 else text
    return text + " " if text.endswith('"') else text
