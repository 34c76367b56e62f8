"""Do texts come back as they were sent, whatever characters they hold and however long they are?"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from ..document.document import Operation
from ..document.values import ABSENT, Exchange, Finding, Findings
from ..records.texts import marked

_AROUND = 24


def text_truth(operation: Operation, written: Exchange, readings: Sequence[Exchange]) -> Findings:
    """A text that a response shows is the text that was written, to its last character.

    It is known again by its token, wherever it is shown; what no response shows is not judged.
    """
    sent = {token: (name, text) for token, name, text in marked(written.arguments.body)}
    echoes = _echoes(operation)
    for exchange in (written, *readings):
        if not exchange.success or exchange.document is ABSENT:
            continue
        for token, name, text in marked(exchange.document):
            if token not in sent or text == sent[token][1]:
                continue
            own, wanted = sent[token]
            if name == own or name in echoes.get(own, ()):
                expected, seen = difference(wanted, text)
                where = "the answer" if exchange is written else f"{exchange.operation}"
                message = f"{own} came back as another text in {where}: {seen}, not {expected}"
                kind = f"{own} {'answer' if exchange is written else 'reading'}"
                involved = (written,) if exchange is written else (written, exchange)
                yield Finding("text_truth", operation.id, message, f"$.{own}", kind, involved, expected, seen)


def text_is_shown(
    operation: Operation, written: Exchange, readings: Sequence[Exchange], fields: Container[str]
) -> Findings:
    """A text that was written is shown by one of the readings that have a field of its name; ``fields`` are those."""
    read = [each for each in readings if each.success and each.document is not ABSENT]
    seen = {token for exchange in read for token, _, _ in marked(exchange.document)}
    for token, name, text in marked(written.arguments.body):
        if read and name in fields and token not in seen:
            message = f"{name} was accepted, and no reading shows it: {text[:_AROUND]!r}"
            involved = (written, *read[:1])
            yield Finding("text_truth", operation.id, message, f"$.{name}", f"{name} nowhere", involved)


def difference(one: str, other: str) -> tuple[str, str]:
    """The part of two texts around the first place where they differ."""
    shared = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    at = min(len(one), len(other)) if shared is None else shared
    return _part(one, at), _part(other, at)


def _part(text: str, at: int) -> str:
    start, end = max(0, at - _AROUND), at + _AROUND
    return f"{'...' if start else ''}{text[start:end]!r}{'...' if end < len(text) else ''} ({len(text)} characters)"


def _echoes(operation: Operation) -> Mapping[str, Sequence[str]]:
    """The other names under which a response shows a property of the body (``x-accordant-echo``)."""
    return dict(_moved(operation)) if operation.body_schema is not None else {}


def _moved(operation: Operation) -> Iterator[tuple[str, Sequence[str]]]:
    properties: Mapping[str, Mapping[str, Any]] = operation.schemas.properties(operation.body_schema)
    for name, part in properties.items():
        echo = part.get("x-accordant-echo")
        if isinstance(echo, str):
            yield name, (echo.rsplit(".", 1)[-1],)
