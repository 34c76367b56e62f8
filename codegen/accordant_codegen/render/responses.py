"""The view of what operations return."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.union import UnionProperty

from ..errors import CodegenError
from ..read.document import follow
from ..text import quoted
from ..types.code import RUNTIME, CodeText, code, joined, named
from ..types.media import choose_content, is_json, is_text, stream_kind, successes
from ..types.typed import ANY, NULL, Spelling, Typed, decoder, decoding, output_text
from .models import Catalogue

_REDIRECT = Typed(named(RUNTIME, "Redirect"), named(RUNTIME, "Redirect"), decoding("untyped"))


@frozen
class Answers:
    """The successes of one operation: the value of each, what a call returns, and the types that they consist of."""

    values: CodeText
    returns: CodeText
    kinds: tuple[Typed, ...]
    streamed: bool = False


def view_answers(
    document: dict[str, Any], operation: dict[str, Any], catalogue: Catalogue, spelling: Spelling
) -> Answers:
    """The view of an operation's successes; several that differ make the return type a union."""
    types = catalogue.parsed.operations[operation["operationId"]].answers
    values: list[CodeText] = []
    kinds: list[Typed] = []
    followed = {status: follow(document, operation["responses"][status]) for status in successes(operation)}
    streamed = any(map(_is_stream, followed.values()))
    reading = _Reading(operation, catalogue, spelling, streamed)
    for status, response in followed.items():
        value, kind = reading.answer(status, response, types.get(status))
        values.append(value)
        kinds.append(kind)
    results = [output_text(kind, optional=False) for kind in kinds]
    distinct = list(dict.fromkeys(result for result in results if result.text != "None"))
    if not distinct or CodeText("None") in results:
        distinct.append(CodeText("None"))
    returns = ANY.output if ANY.output in distinct else joined(" | ", distinct)
    if streamed:
        returns = joined(" | ", [kind for kind in distinct if kind.text != "None"])
    value = code(joined(", ", values), "," if len(values) == 1 else "")
    return Answers(value, returns, tuple(kinds), streamed)


@frozen
class _Reading:
    """How the successes of one operation are read."""

    operation: dict[str, Any]
    catalogue: Catalogue
    spelling: Spelling
    streamed: bool

    def answer(self, status: str, response: dict[str, Any], prop: Any) -> tuple[CodeText, Typed]:
        """The value of one documented success, and what is returned for it."""
        chosen = choose_content(response.get("content"))
        if status[0] == "3" and status != "304":
            return _value(status, _REDIRECT.decode, ', kind="redirect"'), _REDIRECT
        if chosen is None:
            decode = decoding("untyped") if self.streamed else NULL.decode  # of no values each is as documented
            return _value(status, decode, ', kind="nothing"'), NULL
        content_type, _ = chosen
        if stream_kind(content_type):
            return self._stream(status, prop, content_type)
        if not is_json(content_type):
            reading = "text" if is_text(content_type) else "bytes"
            kind = self._text() if reading == "text" else self._bytes()
            return _value(status, kind.decode, f', kind="{reading}", content_type={quoted(content_type)}'), kind
        if (pagination := self.operation.get("x-accordant-pagination")) is not None:
            row = self._row(prop, pagination["items"])
            return _value(status, decoder(row)), row
        return self._json(status, prop, content_type)

    def _stream(self, status: str, prop: Any, content_type: str) -> tuple[CodeText, Typed]:
        """The values of a stream: each as documented, an event with its data as documented."""
        kind = ANY if prop is None else self._typed(prop)
        reading = stream_kind(content_type)
        if reading == "events":
            reading = "text-events" if kind.decode == decoding("string") else "events"
            inner = output_text(kind, optional=False)
            decode = code(decoding("EventOf"), "(", decoder(kind), ")")
            output = code(named(RUNTIME, "ServerEvent"), "[", inner, "]")
            kind = evolve(kind, output=output, decode=decode, nullable=False)
        return _value(status, decoder(kind), f', kind="{reading}", content_type={quoted(content_type)}'), kind

    def _text(self) -> Typed:
        text = self.spelling.builtin("str")
        return Typed(text, text, decoding("string"))

    def _bytes(self) -> Typed:
        text = self.spelling.builtin("bytes")
        return Typed(text, text, decoding("untyped"))

    def _json(self, status: str, prop: Any, content_type: str) -> tuple[CodeText, Typed]:
        operation = self.operation
        path = operation.get("x-accordant-envelope", "")
        kind = ANY
        if prop is not None:
            inner = _inside(prop, path, self.catalogue)
            kind = self._typed(prop if inner is None else inner)
        if "x-accordant-failure" in operation and operation.get("x-accordant-nullable") is not True:
            kind = evolve(kind, nullable=False)  # null is what the vendor's failures hold, and those raise
        envelope = f", envelope={quoted(path)}" if path else ""
        envelope += f", content_type={quoted(content_type)}" if content_type != "application/json" else ""
        if path and operation.get("x-accordant-bare") is True:
            envelope += ", bare=True"
        return _value(status, decoder(kind), envelope), kind

    def _typed(self, prop: Any) -> Typed:
        return self.catalogue.types_with(self.spelling).of(prop)

    def _row(self, prop: Any, path: str) -> Typed:
        rows = _beside_null(_inside(prop, path, self.catalogue))
        if not isinstance(rows, ListProperty):
            place = f"operation {self.operation['operationId']}"
            raise CodegenError(f"{place}: x-accordant-pagination.items {path!r} does not lead to an array")
        return self._typed(rows.inner_property)


def _is_stream(response: dict[str, Any]) -> bool:
    chosen = choose_content(response.get("content"))
    return chosen is not None and bool(stream_kind(chosen[0]))


def _value(status: str, decode: CodeText, rest: str = "") -> CodeText:
    return code(named(RUNTIME, "Answer"), f"({quoted(status)}, ", decode, f"{rest})")


def _inside(prop: Any, path: str, catalogue: Catalogue) -> Any:
    """The property at a dotted path; None where the documented response has none."""
    found = prop
    for name in path.split(".") if path else ():
        found = _beside_null(found)
        if not isinstance(found, ModelProperty) or not catalogue.is_class(str(found.class_info.name)):
            return None  # no object, or one of which no key is known
        fields = catalogue.fields(str(found.class_info.name))
        found = next((item for _, facts, item in fields if facts.wire == name), None)
    return found


def _beside_null(prop: Any) -> Any:
    """The one alternative beside ``null``, or the property itself."""
    if not isinstance(prop, UnionProperty):
        return prop
    others = [inner for inner in prop.inner_properties if not isinstance(inner, NoneProperty)]
    return others[0] if len(others) == 1 else prop
