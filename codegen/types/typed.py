"""What the generator's properties are in Python: type text, decoder expression, imports.

openapi-python-client parses the document into properties; this module says what each becomes in our generated code.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen
from openapi_python_client.parser.properties.any import AnyProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.const import ConstProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.enum_property import EnumProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty
from openapi_python_client.schema.untrusted_string import UntrustedString

from ..errors import CodegenError
from ..text import literal, quoted
from .schemas import DocumentSchemas

_SCALARS: dict[type[object], tuple[str, str, str]] = {
    StringProperty: ("str", "string", "string"),
    IntProperty: ("int", "integer", "integer"),
    FloatProperty: ("float", "number", "number"),
    BooleanProperty: ("bool", "boolean", "boolean"),
}
_PARSED: dict[type[object], tuple[str, str, str]] = {
    DateTimeProperty: ("datetime.datetime", "instant", "import datetime"),
    DateProperty: ("datetime.date", "day", "import datetime"),
    UuidProperty: ("UUID", "identifier", "from uuid import UUID"),
}


@frozen
class Typed:
    """A type: ``output`` as answers give it, ``input`` as arguments take it, ``decode`` an expression.

    ``check`` is the exact Python type that needs no decoding (``int``), empty where decoding is needed. ``models`` and
    ``enums`` name the generated classes that the texts mention, ``runtime`` the names from ``accordant_runtime``, and
    ``imports`` the import lines of the standard library.
    """

    output: str
    input: str
    decode: str
    check: str = ""
    json_name: str = ""
    nullable: bool = False
    item: Typed | None = None
    models: frozenset[str] = field(default=frozenset())
    enums: frozenset[str] = field(default=frozenset())
    runtime: frozenset[str] = field(default=frozenset())
    imports: frozenset[str] = field(default=frozenset())


ANY = Typed("Any", "Any", "untyped", runtime=frozenset({"untyped"}))
NULL = Typed("None", "None", "null", nullable=True, runtime=frozenset({"null"}))
_OR_MAPPING = " | Mapping[str, Any]"


class Types:
    """Says what properties are in Python; ``models`` are the parse's, by class name."""

    def __init__(self, schemas: DocumentSchemas, models: Mapping[str, ModelProperty]) -> None:
        self._schemas = schemas
        self._models = models

    def of(self, prop: object) -> Typed:
        """The Python side of one property, without regard to whether it may be absent."""
        kind: type[object] = type(prop)
        if kind in _SCALARS:
            text, decode, name = _SCALARS[kind]
            # A JSON number may be written with or without a fraction, so that no one Python type is the right one.
            check = "" if text == "float" else text
            return Typed(text, text, decode, check=check, json_name=name, runtime=frozenset({decode}))
        if kind in _PARSED:
            text, decode, line = _PARSED[kind]
            taken = f"{text} | str" if text == "UUID" else text  # ids are kept as text as often as not
            return Typed(text, taken, decode, runtime=frozenset({decode}), imports=frozenset({line}))
        if isinstance(prop, ConstProperty):
            return _constant(prop)
        if isinstance(prop, AnyProperty):
            return ANY
        if isinstance(prop, NoneProperty):
            return NULL
        if isinstance(prop, FileProperty):
            return Typed("bytes", "FileInput", "untyped", runtime=frozenset({"untyped", "FileInput"}))
        if isinstance(prop, EnumProperty):
            name = str(prop.class_info.name)
            return Typed(name, f"{name}Input", f"{name}.decode", enums=frozenset({name}))
        if isinstance(prop, ModelProperty):
            return self._model(str(prop.class_info.name))
        if isinstance(prop, ListProperty):
            return _list(self.of(prop.inner_property))
        if isinstance(prop, UnionProperty):
            return self._union([self.of(inner) for inner in prop.inner_properties])
        raise CodegenError(f"property {prop!r} is of a kind that has no Python form: {kind.__name__}")

    def _model(self, name: str) -> Typed:
        if name not in self._schemas.maps:
            return Typed(name, f"{name}{_OR_MAPPING}", f"{name}.decode", models=frozenset({name}))
        value = self.of(self._models[name].additional_properties)
        return evolve(
            value,
            output=f"dict[str, {output_text(value, optional=False)}]",
            input=f"Mapping[str, {input_text(value, optional=False)}]",
            decode=map_of(value),
            check="",
            json_name="",
            nullable=False,
            item=None,
            runtime=value.runtime | {"MapOf"} | ({"nullable"} if value.nullable else set()),
        )

    def _union(self, parts: list[Typed]) -> Typed:
        nullable = any(part.nullable for part in parts)
        kept = [part for part in parts if part.output != "None"]
        kept = [part for index, part in enumerate(kept) if part.output not in [other.output for other in kept[:index]]]
        if not kept:
            return NULL
        if any(part.output == "Any" for part in kept):
            return ANY
        if len(kept) == 1:
            return evolve(kept[0], nullable=nullable)
        output = " | ".join(part.output for part in kept)
        decode = f"OneOf[{quoted(output)}]({', '.join(part.decode for part in kept)})"
        tag = self._schemas.tags.get(tuple(part.output for part in kept if part.output in part.models))
        if tag is not None:
            choices = ", ".join(f"{literal(value)}: {name}.decode" for value, name in tag.choices.items())
            decode = f"Tagged[{quoted(output)}]({literal(tag.name)}, {{{choices}}}, {decode})"
        return Typed(
            output=output,
            input=_alternatives([part.input for part in kept]),
            decode=decode,
            nullable=nullable,
            models=frozenset[str]().union(*(part.models for part in kept)),
            enums=frozenset[str]().union(*(part.enums for part in kept)),
            runtime=frozenset[str]({"OneOf", "Tagged"}).union(*(part.runtime for part in kept)),
            imports=frozenset[str]().union(*(part.imports for part in kept)),
        )


def _constant(prop: ConstProperty) -> Typed:
    raw: object = prop.value.raw_value
    value = raw.get_untrusted_value() if isinstance(raw, UntrustedString) else raw
    if not isinstance(value, (str, int)):
        return ANY
    text = f"Literal[{literal(value)}]"
    return Typed(text, text, f"exactly({literal(value)})", runtime=frozenset({"exactly"}))


def _stated(item: Typed) -> str:
    """The type of a container's items, stated where checkers would infer the literal's own type."""
    return f"[{quoted(output_text(item, optional=False))}]" if "Literal[" in item.output else ""


def map_of(value: Typed) -> str:
    """The decoder of a map of such values."""
    return f"MapOf{_stated(value)}({decoder(value)})"


def _list(item: Typed) -> Typed:
    return evolve(
        item,
        output=f"list[{output_text(item, optional=False)}]",
        input=f"Sequence[{input_text(item, optional=False)}]",
        decode=f"ListOf{_stated(item)}({decoder(item)})",
        check="",
        json_name="",
        nullable=False,
        item=item,
        runtime=item.runtime | {"ListOf"} | ({"nullable"} if item.nullable else set()),
    )


def _alternatives(inputs: list[str]) -> str:
    """Join annotations; the mapping that stands in for any model is named once."""
    texts = [text.removesuffix(_OR_MAPPING) for text in inputs]
    return " | ".join(dict.fromkeys(texts)) + (_OR_MAPPING if texts != inputs else "")


def output_text(kind: Typed, *, optional: bool) -> str:
    """The annotation of a field that answers give."""
    return _text(kind.output, kind, optional)


def input_text(kind: Typed, *, optional: bool) -> str:
    """The annotation of an argument."""
    return _text(kind.input, kind, optional)


def _text(text: str, kind: Typed, optional: bool) -> str:
    if text == "Any":
        return text
    return text + (" | None" if kind.nullable and text != "None" else "") + (" | Unset" if optional else "")


def decoder(kind: Typed) -> str:
    """The decoder expression, ``null`` tolerated where the document allows it."""
    return f"nullable({kind.decode})" if kind.nullable and kind.decode != "null" else kind.decode
