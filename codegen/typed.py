"""What the generator's properties are in Python: type text, decoder expression, imports.

openapi-python-client parses the document into properties; this module says what each becomes in our generated code.
"""

from __future__ import annotations

import json

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
from openapi_python_client.parser.properties.literal_enum_property import LiteralEnumProperty
from openapi_python_client.parser.properties.model_property import ModelProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty
from openapi_python_client.schema.untrusted_string import UntrustedString

from .errors import CodegenError

_SCALARS: dict[type[object], tuple[str, str, str]] = {
    StringProperty: ("str", "string", "string"),
    IntProperty: ("int", "integer", "integer"),
    FloatProperty: ("float", "number", "number"),
    BooleanProperty: ("bool", "boolean", "boolean"),
}
_PARSED: dict[type[object], tuple[str, str, str]] = {
    DateTimeProperty: ("datetime.datetime", "instant", "datetime"),
    DateProperty: ("datetime.date", "day", "datetime"),
    UuidProperty: ("uuid.UUID", "identifier", "uuid"),
}


@frozen
class Typed:
    """A type: ``output`` as answers give it, ``input`` as arguments take it, ``decode`` an expression.

    ``check`` is the exact Python type that needs no decoding (``int``), empty where decoding is needed. ``models`` and
    ``enums`` name the generated classes that the texts mention, ``runtime`` the names from ``treaty_runtime``, and
    ``modules`` the standard library's.
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
    modules: frozenset[str] = field(default=frozenset())


ANY = Typed("Any", "Any", "untyped", runtime=frozenset({"untyped"}))


def typed(prop: object) -> Typed:
    """The Python side of one property, without regard to whether it may be absent."""
    kind: type[object] = type(prop)
    if kind in _SCALARS:
        text, decode, name = _SCALARS[kind]
        # A JSON number may be written with or without a fraction, so that no one Python type is the right one.
        check = "" if text == "float" else text
        return Typed(text, text, decode, check=check, json_name=name, runtime=frozenset({decode}))
    if kind in _PARSED:
        text, decode, module = _PARSED[kind]
        taken = f"{text} | str" if text == "uuid.UUID" else text  # ids are kept as text as often as not
        return Typed(text, taken, decode, runtime=frozenset({decode}), modules=frozenset({module}))
    if isinstance(prop, ConstProperty):
        return _constant(prop)
    if isinstance(prop, AnyProperty):
        return ANY
    if isinstance(prop, NoneProperty):
        return Typed("None", "None", "null", nullable=True, runtime=frozenset({"null"}))
    if isinstance(prop, FileProperty):
        return Typed("bytes", "FileInput", "untyped", runtime=frozenset({"untyped", "FileInput"}))
    if isinstance(prop, (EnumProperty, LiteralEnumProperty)):
        name = str(prop.class_info.name)
        return Typed(name, f"{name}Input", f"{name}.decode", enums=frozenset({name}))
    if isinstance(prop, ModelProperty):
        name = str(prop.class_info.name)
        return Typed(name, f"{name} | Mapping[str, Any]", f"{name}.decode", models=frozenset({name}))
    if isinstance(prop, ListProperty):
        return _list(typed(prop.inner_property))
    if isinstance(prop, UnionProperty):
        return _union([typed(inner) for inner in prop.inner_properties])
    raise CodegenError(f"property {prop!r} is of a kind that has no Python form: {kind.__name__}")


def _constant(prop: ConstProperty) -> Typed:
    raw: object = prop.value.raw_value
    value = raw.get_untrusted_value() if isinstance(raw, UntrustedString) else raw
    if not isinstance(value, (str, int)):
        return ANY
    literal = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
    text = f"Literal[{literal}]"
    return Typed(text, text, f"exactly({literal})", runtime=frozenset({"exactly"}))


def _list(item: Typed) -> Typed:
    return evolve(
        item,
        output=f"list[{item.output}]",
        input=f"Sequence[{item.input}]",
        decode=f"ListOf({item.decode})",
        check="",
        json_name="",
        nullable=False,
        item=item,
        runtime=item.runtime | {"ListOf"},
    )


def _union(parts: list[Typed]) -> Typed:
    nullable = any(part.nullable for part in parts)
    kept = [part for part in parts if part.output != "None"]
    kept = [part for index, part in enumerate(kept) if part.output not in [other.output for other in kept[:index]]]
    if not kept:
        return Typed("None", "None", "null", nullable=True, runtime=frozenset({"null"}))
    if any(part.output == "Any" for part in kept):
        return ANY
    if len(kept) == 1:
        return evolve(kept[0], nullable=nullable)
    output = " | ".join(part.output for part in kept)
    return Typed(
        output=output,
        input=_alternatives([part.input for part in kept]),
        decode=f'OneOf["{output}"]({", ".join(part.decode for part in kept)})',
        nullable=nullable,
        models=frozenset[str]().union(*(part.models for part in kept)),
        enums=frozenset[str]().union(*(part.enums for part in kept)),
        runtime=frozenset({"OneOf"}).union(*(part.runtime for part in kept)),
        modules=frozenset[str]().union(*(part.modules for part in kept)),
    )


def _alternatives(inputs: list[str]) -> str:
    """Join annotations; the mapping that stands in for any model is named once."""
    mapping = " | Mapping[str, Any]"
    texts = [text.removesuffix(mapping) for text in inputs]
    return " | ".join(dict.fromkeys(texts)) + (mapping if texts != inputs else "")


def output_text(kind: Typed, *, optional: bool) -> str:
    """The annotation of a field that answers give."""
    return _text(kind.output, kind, optional)


def input_text(kind: Typed, *, optional: bool) -> str:
    """The annotation of an argument."""
    return _text(kind.input, kind, optional)


def _text(text: str, kind: Typed, optional: bool) -> str:
    if text in ("Any", "None"):
        return text
    return text + (" | None" if kind.nullable else "") + (" | Unset" if optional else "")


def decoder(kind: Typed) -> str:
    """The decoder expression, ``null`` tolerated where the document allows it."""
    return f"nullable({kind.decode})" if kind.nullable and kind.decode != "null" else kind.decode
