"""Faults in how written texts are stored."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import key_field, sibling
from accordant_sandbox.faults.document_fields import Field, body_fields, place, records
from accordant_sandbox.faults.effects import good, own, put_row, tables
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_array, is_object

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS", "stored_as", "texts_shown"]

registry = FaultRegistry("text")
TRUTH = "text_truth"
MOST = 255
_WRITES = ("create", "upsert", "update", "replace")


def _texts(operation: Operation, vendor: Vendor) -> list[Field]:
    """The free texts of a body that its response shows again, or that another operation reads."""
    if operation.action not in _WRITES or not operation.secured:
        return []
    shown: set[str] = set()
    for other in (operation, sibling(operation, vendor, "get"), sibling(operation, vendor, "list")):
        where = place(other) if other is not None else None
        shown |= {field.name for field in where.fields if not field.read_only} if where else set()
    identity: Mapping[str, Any] = operation.data.get("x-accordant-key") or {}
    named = {identity.get("body"), *identity.get("scope", ())}
    return [field for field in body_fields(operation) if field.text() and field.name in shown - named]


def texts_shown(operation: Operation, vendor: Vendor) -> bool:
    """Writes of a free text that some response shows again."""
    return bool(_texts(operation, vendor))


def _bounded(operation: Operation, vendor: Vendor) -> bool:
    """The same with a text whose length the document bounds."""
    schemas = operation.document.schemas
    return any("maxLength" in schemas.at(field.pointer) for field in _texts(operation, vendor))


def _unbounded(operation: Operation, vendor: Vendor) -> bool:
    schemas = operation.document.schemas
    return any("maxLength" not in schemas.at(field.pointer) for field in _texts(operation, vendor))


def stored_as(call: ActiveCall, run: Callable[[], None], change: Callable[[str], str]) -> bool:
    """Admit the call, then change every text of its body that `change` makes a difference to."""
    run()
    other = _changed(call.body, change)
    if other == call.body:
        call.skip()
    call.body = other
    return True


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if is_object(value):
        return {name: _changed(item, change) for name, item in value.items()}
    if is_array(value):
        return [_changed(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


@registry.validate(does="`& < > \" '` are stored as entities.", oracle=TRUTH, where=texts_shown)
def html_escaped(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A text is stored as it was sent, and not as markup."""
    return stored_as(call, run, html.escape)


@registry.validate(
    name="html_escaped.undone", does="Entities in a text are stored as their characters.", oracle=TRUTH,
    where=texts_shown,
)  # fmt: skip
def html_unescaped(call: ActiveCall, run: Callable[[], None]) -> bool:
    """What looks like markup in a text is text."""
    return stored_as(call, run, html.unescape)


@registry.validate(does="A backslash in a text is lost.", oracle=TRUTH, where=texts_shown)
def backslash_lost(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A backslash is a character like any other."""
    return stored_as(call, run, lambda text: text.replace("\\", ""))


@registry.validate(does="Line breaks in a text become spaces.", oracle=TRUTH, where=texts_shown)
def lines_joined(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A text keeps its lines."""
    return stored_as(call, run, lambda text: text.replace("\r\n", " ").replace("\n", " "))


@registry.validate(
    name="lines_joined.unix", does="The line breaks of Windows become those of Unix.", oracle=TRUTH, where=texts_shown
)
def carriage_returns_lost(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A text keeps its line breaks as they were sent."""
    return stored_as(call, run, lambda text: text.replace("\r\n", "\n"))


@registry.validate(
    does="Spaces at both ends of a text are cut off.", oracle=TRUTH, where=lambda op, vendor: _unbounded(op, vendor)
)
def spaces_trimmed(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A text keeps the spaces at its ends."""
    return stored_as(call, run, str.strip)


@registry.validate(
    name="spaces_trimmed.inner", does="Two spaces in a text become one.", oracle=TRUTH,
    where=lambda op, vendor: _unbounded(op, vendor),
)  # fmt: skip
def spaces_folded(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A text keeps the spaces within it."""
    return stored_as(call, run, lambda text: text.replace("  ", " "))


@registry.validate(does="Accents sent as separate characters are stored as one (NFC).", oracle=TRUTH, where=texts_shown)
def unicode_composed(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A text is stored in the normal form that it was sent in."""
    return stored_as(call, run, lambda text: unicodedata.normalize("NFC", text))


@registry.validate(
    name="unicode_composed.astral", does="Characters beyond the basic plane are stored as `?`.", oracle=TRUTH,
    where=texts_shown,
)  # fmt: skip
def astral_lost(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A text may hold any character."""
    return stored_as(call, run, lambda text: "".join("?" if ord(each) > 0xFFFF else each for each in text))


@registry.validate(
    does="Of a longer text only the first 255 characters are stored.", oracle=TRUTH,
    where=lambda op, vendor: _unbounded(op, vendor),
)  # fmt: skip
def text_cut_at_255(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A text is stored to its last character."""
    return stored_as(call, run, lambda text: text[:MOST])


@registry.around(
    name="text_cut_at_255.silently",
    does="Of a longer text only the first 255 characters are stored, and the answer shows it whole.",
    oracle=TRUTH,
    where=lambda op, vendor: _unbounded(op, vendor) and _echoed(op) and sibling(op, vendor, "get", "list") is not None,
)
def text_cut_silently(call: ActiveCall, run: Callable[[], Answer]) -> Answer | None:
    """What a response to a write shows is what was stored."""
    answer = run()
    found = records(call.operation, own(answer).body) if good(call, answer) else []
    if not found or not is_object(call.body) or call.plain is None:
        call.skip()
        return answer
    long = {name: text for name, text in call.body.items() if isinstance(text, str) and len(text) > MOST}
    collection = call.vendor.collections[call.plain.collection]
    key = found[0].get(collection.key)
    row = tables(call)[collection.name].get(key) if collection.name in tables(call) else None
    if not long or row is None or not long.keys() & row.keys():
        call.skip()
        return answer
    put_row(call, collection, collection.key_of(row), {**row, **{name: text[:MOST] for name, text in long.items()}})
    return answer


def _echoed(operation: Operation) -> bool:
    where = place(operation)
    return where is not None and not where.many and key_field(operation) is not None


@registry.validate(
    does="The last character of a text as long as the document allows is lost.", oracle=TRUTH, where=_bounded
)
def text_one_short(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A text may be as long as the document says."""
    run()
    schemas = call.operation.document.schemas
    cut = False
    bodies: list[Any] = call.body if is_array(call.body) else [call.body]
    for field in body_fields(call.operation):
        longest = schemas.at(field.pointer).get("maxLength")
        for body in filter(is_object, bodies):
            text = body.get(field.name)
            if isinstance(text, str) and longest is not None and field.text() and len(text) == longest:
                body[field.name], cut = text[:-1], True
    if not cut:
        call.skip()
    return True


FAULTS = registry.faults
