"""The view of models and enums that the templates loop over."""

from __future__ import annotations

from typing import Any

from attrs import frozen
from openapi_python_client.parser.properties import EnumProperty, ModelProperty

from ..circles import circles
from ..text import clean, docstring, literal, quoted
from ..types.parser import Parsed
from ..types.shapes import FieldFacts
from ..types.typed import ANY, Typed, Types, decoder, input_text, map_of, output_text

_FLIGHT = 40
"""Modules of models that import each other in a row."""


@frozen
class ModelField:
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
    fields: tuple[ModelField, ...]
    extra: str
    extra_read: str
    imports: tuple[str, ...]
    local_imports: tuple[str, ...]
    request_only: bool
    label: str

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


class Catalogue:
    """All classes of a parse by name, and what they mention."""

    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.models = {str(model.class_info.name): model for model in parsed.data.models}
        self.enums: dict[str, EnumProperty] = {
            str(item.class_info.name): item for item in parsed.data.enums if isinstance(item, EnumProperty)
        }
        self.typed = Types(parsed.schemas, self.models).of
        self._types: dict[str, list[Typed]] = {}
        self._groups: dict[str, tuple[int, int]] | None = None

    def fields(self, name: str) -> list[tuple[str, FieldFacts, Any]]:
        """The properties of a model, required ones first: attribute, what the document says, the parse's property."""
        facts = self.parsed.schemas.facts[name].fields
        found = properties(self.models[name])
        return [(key, facts[key], prop) for prop in found for key in [prop.name.get_untrusted_value()]]

    def types(self, name: str) -> list[Typed]:
        """The types that a model mentions."""
        if name not in self._types:
            extra = self.models[name].additional_properties
            props = [*properties(self.models[name]), *([] if extra is None else [extra])]
            self._types[name] = [self.typed(prop) for prop in props]
        return self._types[name]

    def mentioned(self, name: str) -> list[str]:
        """The models that a model's own fields name."""
        return sorted(frozenset[str]().union(*(kind.models for kind in self.types(name))))

    def received(self) -> list[Typed]:
        """The types of what arrives unasked."""
        return [self.typed(prop) for prop in self.parsed.received]

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
                pending.extend(self.types(name))
        return models, enums

    def imports_late(self, name: str, other: str) -> bool:
        """Whether a model must not import another one with its module: the two lead to each other, or the way from
        model to model would become longer than Python imports within each other."""
        if self._groups is None:
            self._groups = self._grouped()
        (group, height), (other_group, other_height) = self._groups[name], self._groups[other]
        return group == other_group or height // _FLIGHT != other_height // _FLIGHT

    def _grouped(self) -> dict[str, tuple[int, int]]:
        """Of every model the number of its circle, and how long the way from there is at most."""
        found: dict[str, tuple[int, int]] = {}
        for number, group in enumerate(circles(self.models, self.mentioned)):
            outside = [found[each][1] for name in group for each in self.mentioned(name) if each in found]
            found |= dict.fromkeys(group, (number, 1 + max(outside, default=-1)))
        return found


def view_model(catalogue: Catalogue, name: str, *, request_only: bool) -> ModelView:
    """The view of one model; ``request_only`` models take their enums as plain literals too."""
    model = catalogue.models[name]
    kinds = catalogue.types(name)
    mentioned = frozenset[str]().union(*(kind.models for kind in kinds))
    enums = frozenset[str]().union(*(kind.enums for kind in kinds))
    runtime = {
        "UNSET",
        "MapOf",
        "Model",
        "RequestModel",
        "Notes",
        "Unset",
        "compact",
        "is_object",
        "nullable",
        "to_wire",
    }
    runtime = runtime.union(*(kind.runtime for kind in kinds))
    fields = tuple(_field(catalogue, *item, request_only) for item in catalogue.fields(name))
    extra = ANY if model.additional_properties is None else catalogue.typed(model.additional_properties)
    cyclic = {other for other in mentioned if other != name and catalogue.imports_late(name, other)}
    direct = [*sorted(mentioned - cyclic - {name}), *sorted(enums)]
    facts = catalogue.parsed.schemas.facts[name]
    return ModelView(
        name=name,
        module=catalogue.module(name),
        doc=docstring(facts.doc or "No description.", 4, [(field.name, field.doc) for field in fields], "Attributes:"),
        fields=fields,
        extra=output_text(extra, optional=False),
        extra_read="{**data}" if extra.output == "Any" else f"{map_of(extra)}({{**data}}, notes)",
        imports=(
            f"from accordant_runtime import {', '.join(sorted(runtime))}",
            *sorted(frozenset[str]().union(*(kind.imports for kind in kinds))),
            *(
                f"from .{catalogue.module(other)} import {_with_input(other, catalogue, request_only)}"
                for other in direct
            ),
        ),
        local_imports=tuple(f"from .{catalogue.module(other)} import {other}" for other in sorted(cyclic)),
        request_only=request_only,
        label=quoted(facts.label) if facts.label else "",
    )


def _with_input(name: str, catalogue: Catalogue, request_only: bool) -> str:
    return f"{name}, {name}Input" if request_only and name in catalogue.enums else name


def _field(catalogue: Catalogue, name: str, facts: FieldFacts, prop: Any, request_only: bool) -> ModelField:
    kind = catalogue.typed(prop)
    optional = not prop.required
    # Arguments of requests may be given as the enum or as its text, ids as text; models stay models.
    loose = request_only and (kind.enums or "identifier" in kind.runtime)
    text = input_text(kind, optional=optional) if loose else output_text(kind, optional=optional)
    wire = quoted(facts.wire)
    write = f"self.{name}" if kind.check else f"to_wire(self.{name})"
    default = " = UNSET" if optional else ""
    if facts.secret:
        default = f" = field({'default=UNSET, ' if optional else ''}repr=False)"
    return ModelField(f"{name}: {text}{default}", name, wire, _read(kind, wire, optional), write, clean(facts.doc))


def _read(kind: Typed, wire: str, optional: bool) -> str:
    take = f"pop({wire}, UNSET)"
    if kind.output == "Any":
        return take
    if kind.check:
        check = f"type(v := {take}) is {kind.check}"
        absent = (" or v is UNSET" if optional else "") + (" or v is None" if kind.nullable else "")
        return f'v if {check}{absent} else bad(v, {wire}, "{kind.json_name}")'
    function = "notes.array" if kind.item is not None else "sub"
    rest = f"{wire}, {decoder(kind.item) if kind.item is not None else kind.decode})"
    if not optional and not kind.nullable:
        return f"{function}({take}, {rest}"
    if optional:
        test = f"(v := {take}) is UNSET" + (" or v is None" if kind.nullable else "")
    else:
        test = f"(v := {take}) is None"
    return f"v if {test} else {function}(v, {rest}"


def view_enum(catalogue: Catalogue, name: str) -> EnumView:
    """The view of one enum."""
    schemas = catalogue.parsed.schemas
    enum, facts = catalogue.enums[name], schemas.facts[name]
    values: list[Any] = schemas.definitions[name]["enum"]
    names: list[str] = schemas.definitions[name].get("x-enum-varnames") or list(enum.values)
    kind = "Int" if enum.value_type is int else "Str"
    return EnumView(
        name=name,
        module=catalogue.module(name),
        doc=docstring(facts.doc or "No description.", 4),
        base=f"Growing{kind}Enum" if facts.open else f"Open{kind}Enum",
        members=tuple(zip(names, map(literal, values), strict=True)),
        literals=", ".join(map(literal, values)),
    )
