"""Does the generated client read what came, all of it, and write back the same?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from accordant_runtime import UNSET, Answer, Notes, Operation, descend, is_array, is_object, to_wire

from ..document.comparison import moment
from ..document.values import ABSENT, Exchange, Finding, Findings


def client_truth(operation: Operation[Any], exchange: Exchange) -> Findings:
    """A success decodes in the generated client without a note, and encodes back to the same JSON."""

    def finding(text: str, path: str = "", kind: str = "") -> Finding:
        return Finding("client_truth", operation.id, text, path, kind, (exchange,))

    answer, response = operation.answer(exchange.status), exchange.response
    if answer is None:
        yield finding(f"the client knows no success with status {exchange.status}", kind=str(exchange.status))
    elif answer.kind == "redirect":
        if response and not response.header("location"):
            yield finding("a redirect without a Location is no answer to the client", kind="location")
    elif answer.kind == "json" and response is not None and response.document is not ABSENT:
        key = "client_truth", operation.id, answer
        for text, path, kind in response.facts.once(key, lambda: tuple(_misread(operation, answer, response.document))):
            yield finding(text, path, kind)


def _misread(operation: Operation[Any], answer: Answer[Any], document: Any) -> Iterator[tuple[str, str, str]]:
    """What the client notes in a response, and what it does not write back: the text, the path, the kind."""
    for prefix, part, item in _parts(operation, answer, document):
        notes = Notes()
        result = part.read(item, notes)
        for note in notes.items:
            yield f"the client expected {note.expected}, found {note.found}", prefix + note.path[1:], ""
        wire, written = part.part(item), to_wire(result)
        for path in () if _same(wire, written) else _unequal(wire, written):
            yield "the client does not write back what it has read", f"{prefix}{path}", f"round trip {_last(path)}"


def client_noted(operation: Operation[Any], who: str, noted: Sequence[str]) -> Findings:
    """A response that the client itself received, as ``who`` (in words), has no deviation for it to note."""
    for each in dict.fromkeys(noted):
        yield Finding("client_truth", operation.id, f"{who} notes {each}", kind=each)


def _parts(operation: Operation[Any], answer: Answer[Any], document: Any) -> Iterator[tuple[str, Answer[Any], Any]]:
    """What the client decodes: the rows of a page one by one, else the response as a whole."""
    if operation.pagination is None:
        yield "$", answer, document
        return
    rows = descend(document, operation.pagination.items)
    if rows is UNSET or not is_array(rows):
        return
    way = f"$.{operation.pagination.items}" if operation.pagination.items else "$"
    yield from ((f"{way}[{index}]", answer, row) for index, row in enumerate(rows))


def _same(wire: Any, written: Any) -> bool:
    """Whether two values are the same to the last type, as most are: to say where they differ takes far longer."""
    return bool(wire == written) and _same_types(wire, written)


def _same_types(one: Any, other: Any) -> bool:
    """Whether equal values have the same types too: ``True`` equals 1."""
    if type(one) is not type(other):
        return False
    if is_object(one):
        pairs = [(value, other[name]) for name, value in one.items()]
    elif is_array(one):
        pairs = list(zip(one, other, strict=True))
    else:
        return True
    for each, twin in pairs:  # a loop, as most members are plain values, and there are many
        kind = each.__class__
        if kind is not twin.__class__ or ((kind is dict or kind is list) and not _same_types(each, twin)):
            return False
    return True


def _unequal(wire: Any, written: Any, path: str = "") -> Iterator[str]:
    if is_object(wire) and is_object(written):
        for name in dict.fromkeys([*wire, *written]):
            yield from _unequal(wire.get(name, ABSENT), written.get(name, ABSENT), f"{path}.{name}")
    elif is_array(wire) and is_array(written) and len(wire) == len(written):
        for index, (one, other) in enumerate(zip(wire, written, strict=True)):
            yield from _unequal(one, other, f"{path}[{index}]")
    elif not _equal(wire, written):
        yield path


def _equal(wire: Any, written: Any) -> bool:
    if isinstance(wire, bool) or isinstance(written, bool):
        return wire is written
    if wire == written and wire is not ABSENT:
        return True
    if isinstance(wire, str) and isinstance(written, str):
        one, other = moment(wire), moment(written)
        if one is not None and other is not None:
            return one == other
        return wire.lower() == written and len(wire) == 36  # a UUID is written in lower case
    return False


def _last(path: str) -> str:
    return path.rsplit(".", 1)[-1].split("[", 1)[0]
