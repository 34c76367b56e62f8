"""Does the real client get through, and does it see what the probes see?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from attrs import field, frozen

from accordant_runtime import is_array, is_object

from ..document.comparison import changes, short
from ..document.document import Operation
from ..document.values import Exchange, Finding, Findings
from .paging import identities


@frozen
class ClientTurn:
    """One call through the real client.

    ``who`` made it (in words), ``error`` ended it (``""``: it got through), ``trouble`` is what it had to ride out.
    ``due`` is what the probes saw, ``None`` where nothing can be compared, and ``seen`` what the client returned.
    """

    who: str
    error: str = ""
    trouble: Sequence[str] = ()
    due: Any = None
    seen: Any = None
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)


def client_survives(operation: Operation, turn: ClientTurn) -> Findings:
    """The client gets through without trouble, and returns what the probes see."""
    if turn.error:
        text = f"{turn.who} did not get through: {turn.error}"
        yield Finding("client_survives", operation.id, text, kind="error")
        return
    if turn.trouble:
        text = f"{turn.who} got through, after {'; '.join(turn.trouble)}"
        yield Finding("client_survives", operation.id, text, kind="trouble")
    if turn.due is not None and not _equal(operation, turn.due, turn.seen):
        came, seen = _apart(operation, turn.due, turn.seen)
        text = f"{turn.who} sees something else than what came: {seen}, not {came}"
        yield Finding("client_survives", operation.id, text, "", "rows", turn.exchanges, came, seen)


def _apart(operation: Operation, due: Any, seen: Any) -> tuple[str, str]:
    """What came and what the client has, where they differ first."""
    if not is_array(due) or not is_array(seen):
        return short(due), short(seen)
    for came, found in zip_longest(identities(operation, due), identities(operation, seen), fillvalue="no row"):
        if came != found:
            return short(came), short(found)
    return short(due), short(seen)


def _equal(operation: Operation, due: Any, seen: Any) -> bool:
    if is_array(due):
        return is_array(seen) and identities(operation, due) == identities(operation, seen)
    schema = operation.record_schema or {}
    return not is_object(due) or not list(changes(due, seen, schema, operation.schemas))
