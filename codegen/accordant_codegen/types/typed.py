"""What the generator's properties are in Python: type text and decoder expression.

openapi-python-client parses the document into properties; this module says what each becomes in our generated code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

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
from .code import CLASS, INPUT, PARAM, RUNTIME, CodeText, code, joined, named
from .schemas import DocumentSchemas

_SCALARS: dict[type[object], tuple[str, str]] = {
    StringProperty: ("str", "string"),
    IntProperty: ("int", "integer"),
    FloatProperty: ("float", "number"),
    BooleanProperty: ("bool", "boolean"),
}
_PARSED: dict[type[object], tuple[CodeText, str]] = {
    DateTimeProperty: (CodeText("datetime.datetime", frozenset({("datetime", "")})), "instant"),
    DateProperty: (CodeText("datetime.date", frozenset({("datetime", "")})), "day"),
    UuidProperty: (named("uuid", "UUID"), "identifier"),
}


@frozen
class Typed:
    """A type: ``output`` as responses give it, ``input`` as arguments take it, ``decode`` an expression.

    ``models`` and ``enums`` name the generated classes that it consists of. ``plain`` says that the annotation of a
    field tells the decoder, by the rules of ``accordant_runtime._table``.
    """

    output: CodeText
    input: CodeText
    decode: CodeText
    nullable: bool = False
    models: frozenset[str] = field(default=frozenset())
    enums: frozenset[str] = field(default=frozenset())
    plain: bool = True

    @property
    def is_file(self) -> bool:
        """Whether an argument of it is the content of a file."""
        return (RUNTIME, "FileInput") in self.input.needs

    @property
    def is_identifier(self) -> bool:
        """Whether it is or holds a UUID."""
        return (RUNTIME, "identifier") in self.decode.needs


def decoding(name: str) -> CodeText:
    """A decoder of the runtime."""
    return named(RUNTIME, name)


_ANY = named("typing", "Any")
ANY = Typed(_ANY, _ANY, decoding("untyped"))
NULL = Typed(CodeText("None"), CodeText("None"), decoding("null"), nullable=True)
_OR_MAPPING = code(" | ", named("collections.abc", "Mapping"), "[str, ", _ANY, "]")


class Spelling:
    """How one module writes the names that types mention: as they are."""

    states_types: ClassVar[bool] = True
    """Whether decoders say what they give, where checkers cannot infer it."""
    plain_texts: ClassVar[bool] = False
    """Whether dates and times may be given as the text that they are in JSON."""

    def builtin(self, name: str) -> CodeText:
        """A type of Python itself."""
        return CodeText(name)

    def decoder(self, name: str) -> CodeText:
        """The decoder of a generated class."""
        return code(named(CLASS, name), ".decode")

    def stated(self, output: CodeText) -> CodeText:
        """What a decoder says that it gives."""
        return code("[", _ANY, "]") if not self.states_types else CodeText(f"[{quoted(output.text)}]", output.needs)


class Types:
    """Says what properties are in Python; ``models`` are the parse's, by class name, and ``params`` the names of the
    ``TypedDict``s that may be given in their place."""

    def __init__(
        self,
        schemas: DocumentSchemas,
        models: Mapping[str, ModelProperty],
        spelling: Spelling,
        params: Mapping[str, str],
    ) -> None:
        self._schemas = schemas
        self._models = models
        self._params = params
        self._spelling = spelling

    def of(self, prop: object) -> Typed:
        """The Python side of one property, without regard to whether it may be absent."""
        kind: type[object] = type(prop)
        if kind in _SCALARS:
            name, decode = _SCALARS[kind]
            text = self._spelling.builtin(name)
            return Typed(text, text, decoding(decode))
        if kind in _PARSED:
            text, decode = _PARSED[kind]
            # Ids are kept as text as often as not.
            as_text = decode == "identifier" or self._spelling.plain_texts
            taken = code(text, " | ", self._spelling.builtin("str")) if as_text else text
            return Typed(text, taken, decoding(decode))
        if isinstance(prop, ConstProperty):
            return _constant(prop)
        if isinstance(prop, AnyProperty):
            return ANY
        if isinstance(prop, NoneProperty):
            return NULL
        if isinstance(prop, FileProperty):
            return Typed(self._spelling.builtin("bytes"), named(RUNTIME, "FileInput"), decoding("untyped"))
        if isinstance(prop, EnumProperty):
            name = str(prop.class_info.name)
            taken = CodeText(f"{name}Input", frozenset({(INPUT, name)}))
            return Typed(named(CLASS, name), taken, self._spelling.decoder(name), enums=frozenset({name}))
        if isinstance(prop, ModelProperty):
            return self._model(str(prop.class_info.name))
        if isinstance(prop, ListProperty):
            return self._list(self.of(prop.inner_property))
        if isinstance(prop, UnionProperty):
            return self._union([self.of(inner) for inner in prop.inner_properties])
        raise CodegenError(f"property {prop!r} is of a kind that has no Python form: {kind.__name__}")

    def _model(self, name: str) -> Typed:
        if name not in self._schemas.maps:
            output = named(CLASS, name)
            param = self._params.get(name)
            given = code(" | ", CodeText(param, frozenset({(PARAM, param)}))) if param else _OR_MAPPING
            return Typed(output, code(output, given), self._spelling.decoder(name), models=frozenset({name}))
        value = self.of(self._models[name].additional_properties)
        text = self._spelling.builtin("str")
        mapping = named("collections.abc", "Mapping")
        return evolve(
            value,
            output=code(self._spelling.builtin("dict"), "[", text, ", ", output_text(value, optional=False), "]"),
            input=code(mapping, "[", text, ", ", input_text(value, optional=False), "]"),
            decode=code(decoding("MapOf"), self._stated(value), "(", decoder(value), ")"),
            nullable=False,
        )

    def _list(self, item: Typed) -> Typed:
        return evolve(
            item,
            output=code(self._spelling.builtin("list"), "[", output_text(item, optional=False), "]"),
            input=code(named("collections.abc", "Sequence"), "[", input_text(item, optional=False), "]"),
            decode=code(decoding("ListOf"), self._stated(item), "(", decoder(item), ")"),
            nullable=False,
        )

    def _union(self, parts: list[Typed]) -> Typed:
        nullable = any(part.nullable for part in parts)
        kept = [part for part in parts if part.output.text != "None"]
        kept = [part for index, part in enumerate(kept) if part.output not in [other.output for other in kept[:index]]]
        if not kept:
            return NULL
        if any(part.output == _ANY for part in kept):
            return ANY
        if len(kept) == 1:
            return evolve(kept[0], nullable=nullable)
        output = joined(" | ", (part.output for part in kept))
        stated = self._spelling.stated(output)
        decode = code(decoding("OneOf"), stated, "(", joined(", ", (part.decode for part in kept)), ")")
        tag = self._schemas.tags.get(tuple(str(part.output) for part in kept if str(part.output) in part.models))
        if tag is not None:
            choices = joined(
                ", ",
                (code(literal(value), ": ", self._spelling.decoder(name)) for value, name in tag.choices.items()),
            )
            rest = self._spelling.decoder(tag.otherwise) if tag.otherwise else decode
            decode = code(decoding("Tagged"), stated, "(", literal(tag.name), ", {", choices, "}, ", rest, ")")
        return Typed(
            output=output,
            input=_alternatives([part.input for part in kept]),
            decode=decode,
            nullable=nullable,
            models=frozenset[str]().union(*(part.models for part in kept)),
            enums=frozenset[str]().union(*(part.enums for part in kept)),
            plain=tag is None and all(part.plain for part in kept) and not _merged(kept),
        )

    def _stated(self, item: Typed) -> CodeText:
        """The type of a container's items, stated where checkers would infer the literal's own type."""
        output = output_text(item, optional=False)
        return self._spelling.stated(output) if ("typing", "Literal") in output.needs else CodeText("")


def _merged(parts: list[Typed]) -> bool:
    """Whether a union has alternatives of which one may be given for another: texts for ids, constants for enums."""
    needs = code(*(part.output for part in parts if "[" not in part.output.text)).needs
    texts = [part.output.text for part in parts]
    constants = any(text.startswith("Literal[") for text in texts)
    return ("UUID" in texts and "str" in texts) or (constants and any(place == CLASS for place, _ in needs))


def _constant(prop: ConstProperty) -> Typed:
    raw: object = prop.value.raw_value
    value = raw.get_untrusted_value() if isinstance(raw, UntrustedString) else raw
    if not isinstance(value, (str, int)):
        return ANY
    text = code(named("typing", "Literal"), f"[{literal(value)}]")
    return Typed(text, text, code(decoding("exactly"), f"({literal(value)})"))


def _alternatives(inputs: list[CodeText]) -> CodeText:
    """Join annotations; the mapping that may replace any model is named once."""
    bare = [CodeText(text.text.removesuffix(_OR_MAPPING.text), text.needs) for text in inputs]
    result = joined(" | ", dict.fromkeys(bare))
    return code(result, _OR_MAPPING) if bare != inputs else result


def output_text(kind: Typed, *, optional: bool) -> CodeText:
    """The annotation of a field that responses give."""
    return _text(kind.output, kind, optional)


def input_text(kind: Typed, *, optional: bool) -> CodeText:
    """The annotation of an argument."""
    return _text(kind.input, kind, optional)


def with_texts(kind: Typed, prop: object, spelling: Spelling) -> Typed:
    """A list of enum values outside a body takes a ``list[str]`` too: the values a caller read from elsewhere."""
    inner = prop.inner_property if isinstance(prop, ListProperty) else None
    if not isinstance(inner, EnumProperty) or inner.value_type is not str:
        return kind
    texts = code(spelling.builtin("list"), "[", spelling.builtin("str"), "]")
    return evolve(kind, input=code(kind.input, " | ", texts))


def key_checker(kind: Typed, spelling: Spelling) -> CodeText:
    """The decoder that knows the models of an argument, for finding misspelt keys in dicts; that of a model will do for
    lists of it as well. Empty where no model is taken."""
    if len(kind.models) == 1 and (RUNTIME, "MapOf") not in kind.decode.needs:
        return spelling.decoder(next(iter(kind.models)))
    return kind.decode if kind.models else CodeText("")


def _text(text: CodeText, kind: Typed, optional: bool) -> CodeText:
    if text == _ANY:
        return text
    null = " | None" if kind.nullable and text.text != "None" else ""
    return code(text, null, *((" | ", named(RUNTIME, "Unset")) if optional else ()))


def decoder(kind: Typed) -> CodeText:
    """The decoder expression, ``null`` tolerated where the document allows it."""
    return code(decoding("nullable"), "(", kind.decode, ")") if kind.nullable and kind != NULL else kind.decode
