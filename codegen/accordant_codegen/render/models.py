"""The view of models and enums that the templates loop over."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from attrs import evolve, frozen
from openapi_python_client.parser.properties import EnumProperty, ModelProperty

from accordant_runtime import Model

from ..circles import circles
from ..text import docstring, literal, quoted, telling
from ..types.code import CLASS, PARAM, RUNTIME, CodeText, Need, code, joined, named
from ..types.naming import OWN_ATTRIBUTES
from ..types.old_names import HIDING, Heard
from ..types.parser import Parsed
from ..types.shapes import FieldFacts
from ..types.typed import ANY, Spelling, Typed, Types, decoder, decoding, input_text, output_text
from .imports import import_lines
from .param_names import param_names, params_module

_FLIGHT = 40
"""Modules of models that import each other in a row."""


@frozen
class ModelField:
    """One attribute of a model: its type, what its declaration says with it, its default and its documentation."""

    name: str
    annotation: str
    said: str
    default: str
    doc: str
    needs: frozenset[Need]
    old: tuple[str, ...] = ()

    @property
    def declaration(self) -> str:
        """Its line in the class."""
        return f"{self.name}: {self.said}{self.default}"

    @property
    def given(self) -> str:
        """Its place among the arguments of a constructor that says which names are old."""
        return f"{self.name}: {self.annotation}{' = ...' if self.default and 'UNSET' in self.default else ''}"

    def given_as(self, name: str) -> str:
        """Its place among the arguments of a constructor in which it may have its old name as well."""
        plain = self.annotation in ("Any", "object") or self.annotation.endswith("Unset")
        return f"{name}: {self.annotation}{'' if plain else ' | Unset'} = ..."


@frozen
class ModelView:
    """One model module."""

    name: str
    module: str
    doc: str
    fields: tuple[ModelField, ...]
    extra: str
    rest: str
    imports: tuple[str, ...]
    type_imports: tuple[str, ...]
    request_only: bool
    label: str
    closed: bool
    params: frozenset[Need]

    @property
    def renamed(self) -> tuple[tuple[str, ModelField], ...]:
        """The fields that had other names before, by those."""
        return tuple((old, item) for item in self.fields for old in item.old)

    @property
    def given(self) -> str:
        """The arguments of its constructor."""
        return ", ".join(item.given for item in self.fields)

    @property
    def given_with_old(self) -> str:
        """The arguments of its constructor, old names included."""
        every = [
            [item.given_as(name) for name in (item.name, *item.old)] if item.old else [item.given]
            for item in self.fields
        ]
        return ", ".join(each for names in every for each in names)


class _ModelSpelling(Spelling):
    """How a model's module writes decoders: some classes are imported at their first use only, and a decoder does not
    say what it gives, since the annotation that it is part of does."""

    states_types = False

    def __init__(self, late: Collection[str], catalogue: Catalogue) -> None:
        self._late = late
        self._catalogue = catalogue

    def decoder(self, name: str) -> CodeText:
        """The decoder of a generated class."""
        if name not in self._late:
            return super().decoder(name)
        place = quoted(f"{self._catalogue.parsed.package}.models.{self._catalogue.module(name)}")
        return code(decoding("Lazy"), "[", named("typing", "Any"), f"]({place}, {quoted(name)})")


@frozen
class EnumView:
    """One enum module."""

    name: str
    module: str
    doc: str
    base: str
    members: tuple[tuple[str, str], ...]
    literals: str
    renamed: tuple[tuple[str, str], ...] = ()
    """The old and the new names of members."""


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
        classes = {*self.models, *self.enums}
        self.params = param_names(parsed.schemas.facts, self.models, classes)
        self.params_module = params_module(map(self.module, classes))
        self.typed = self.types_with(Spelling()).of
        self.heard = Heard()
        self._types: dict[str, list[Typed]] = {}
        self._groups: dict[str, tuple[int, int]] | None = None

    def types_with(self, spelling: Spelling) -> Types:
        """The types as a module with its own spelling writes them."""
        return Types(self.parsed.schemas, self.models, spelling, self.params)

    def is_class(self, name: str) -> bool:
        """Whether a model is a class with fields: a map is none."""
        return name not in self.parsed.schemas.maps

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
        """The module name of a class, or of what may be given in its place."""
        owner = self.models.get(name) or self.enums.get(name)
        if owner is None:
            return self.params_module
        module = str(owner.class_info.module_name)
        # In a script without capitals the two are spelt alike: the package would have the module in the class's place.
        return f"{module}_" if module == name else module

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
    late = {other for other in catalogue.mentioned(name) if other != name and catalogue.imports_late(name, other)}
    typed = catalogue.types_with(_ModelSpelling(late, catalogue)).of
    fields = tuple(
        _field(typed(prop), attribute, said, optional=_may_lack(said, prop, request_only), request_only=request_only)
        for attribute, said, prop in catalogue.fields(name)
    )
    additional = catalogue.models[name].additional_properties
    extra = ANY if additional is None else typed(additional)
    values = output_text(extra, optional=False)
    others = code("dict[str, ", values, "]")
    rest = others if extra.plain else _annotated(others, code(decoding("MapOf"), "(", decoder(extra), ")"))
    base = "RequestModel" if request_only else "Model"
    facts = catalogue.parsed.schemas.facts[name]
    fields = _with_old(catalogue, name, fields)
    own = {(RUNTIME, base), ("attrs", "define"), ("attrs", "field"), ("typing", "Any")}
    own |= {("typing", "ClassVar")} if facts.label else set()
    own |= _FOR_OLD_NAMES if any(item.old for item in fields) else set()
    needs = own.union(rest.needs, *(item.needs for item in fields))
    needs -= {(CLASS, name)}
    params = {need for need in needs if need[0] == PARAM}
    postponed = {(place, other) for place, other in needs if place == CLASS and other in late} | params
    direct = {*(needs - postponed), *([("typing", "TYPE_CHECKING")] if postponed else [])}
    return ModelView(
        name=name,
        module=catalogue.module(name),
        doc=docstring(facts.doc or "No description.", 4),
        fields=fields,
        extra=values.text,
        rest=rest.text,
        imports=import_lines(direct, catalogue.module),
        type_imports=import_lines(postponed, catalogue.module),
        request_only=request_only,
        label=quoted(facts.label) if facts.label else "",
        closed=facts.others == "none",
        params=frozenset(params),
    )


_FOR_OLD_NAMES: Final = frozenset(
    {(RUNTIME, "Unset"), (RUNTIME, "construct"), (RUNTIME, "deprecated"), ("typing", "overload")}
)


def _with_old(catalogue: Catalogue, name: str, fields: tuple[ModelField, ...]) -> tuple[ModelField, ...]:
    """The fields with the names that they had before, each of which is no name of another one."""
    taken = {*(item.name for item in fields), *OWN_ATTRIBUTES, *dir(Model)}
    result: list[ModelField] = []
    for item, (_, facts, _) in zip(fields, catalogue.fields(name), strict=True):
        old: list[str] = []
        for each in facts.old:
            if hiding := HIDING.intersection(item.name for item in fields):
                raise each.error(f"cannot live on beside {sorted(hiding)[0]!r}")
            old.append(catalogue.heard.usable(each, taken, "field"))
            taken.add(each.name)
        result.append(evolve(item, old=tuple(old)))
    return tuple(result)


def _may_lack(facts: FieldFacts, prop: Any, request_only: bool) -> bool:
    """Whether an object may be without a property: one that is made for requests need not say what the vendor says."""
    if request_only:
        return facts.only == "read" or not facts.demanded
    return not prop.required


def _field(kind: Typed, name: str, facts: FieldFacts, *, optional: bool, request_only: bool) -> ModelField:
    # Arguments of requests may be given as the enum or as its text, ids as text; models stay models.
    loose = request_only and (kind.enums or kind.is_identifier)
    text = input_text(kind, optional=optional) if loose else output_text(kind, optional=optional)
    unset = [named(RUNTIME, "UNSET")] if optional else []
    default = " = UNSET" if optional else ""
    if facts.secret:
        default = f" = field({'default=UNSET, ' if optional else ''}repr=False)"
    said: list[CodeText | str] = [] if facts.wire == name else [quoted(facts.wire)]
    # What requests take in place of a model or a file is not what is read.
    told = kind.plain and not (loose and (kind.models or kind.is_file))
    said += [] if told else [decoder(kind)]
    declared = _annotated(text, *said) if said else text
    return ModelField(
        name=name,
        annotation=text.text,
        said=declared.text,
        default=default,
        doc=docstring(doc, 4) if (doc := telling(name, facts.doc)) else "",
        needs=code(declared, *unset).needs,
    )


def _annotated(kind: CodeText, *said: CodeText | str) -> CodeText:
    """A type with what it does not say itself: a name on the wire, a decoder."""
    return code(named("typing", "Annotated"), "[", joined(", ", (kind, *said)), "]")


def view_enum(catalogue: Catalogue, name: str) -> EnumView:
    """The view of one enum."""
    schemas = catalogue.parsed.schemas
    enum, facts = catalogue.enums[name], schemas.facts[name]
    values: list[Any] = schemas.definitions[name]["enum"]
    names: list[str] = schemas.definitions[name].get("x-enum-varnames") or list(enum.values)
    by_value = dict(zip(values, names, strict=True))
    kind = "Int" if enum.value_type is int else "Str"
    return EnumView(
        name=name,
        module=catalogue.module(name),
        doc=docstring(facts.doc or "No description.", 4),
        base=f"Growing{kind}Enum" if facts.open else f"Open{kind}Enum",
        members=tuple(zip(names, map(literal, values), strict=True)),
        literals=", ".join(map(literal, values)),
        renamed=tuple(catalogue.heard.member(old, value, by_value) for old, value in facts.old.members),
    )
