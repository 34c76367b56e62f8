"""The view of what the bodies of errors hold: tables that a package's operations share."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import define, field, frozen

from ..text import quoted
from ..types.code import RUNTIME, CodeText, Need, code
from ..types.typed import ANY, Typed, decoder
from .imports import import_lines
from .late import LateSpelling
from .models import Catalogue

MODULE = "problems"
_NAME = "PROBLEMS"
_UNKNOWN = CodeText("")


class _TableSpelling(LateSpelling):
    """How the module of tables writes decoders: without what they give."""

    states_types = False


@frozen
class ProblemTable:
    """One table: its name, and each decoder with its statuses."""

    name: str
    entries: tuple[tuple[str, str], ...]


@define
class Problems:
    """Collects what the errors of operations hold; most packages need one table, since a status means one thing.

    ``kinds`` are the types that they consist of.
    """

    catalogue: Catalogue
    kinds: list[Typed] = field(factory=list[Typed])
    _tables: list[dict[str, CodeText]] = field(factory=list[dict[str, CodeText]])

    def table(self, operation_id: str, statuses: Iterable[str]) -> str:
        """The name of the table that says what the errors of an operation hold; empty where nothing is known of any.

        ``statuses`` are all that it documents: a table that knows more of one than the document says is not its own.
        """
        found: dict[str, CodeText] = dict.fromkeys(statuses, _UNKNOWN)
        types = self.catalogue.types_with(_TableSpelling())
        for status, prop in self.catalogue.parsed.operations[operation_id].problems.items():
            kind = types.of(prop)
            if kind != ANY:
                self.kinds.append(kind)
                found[status] = decoder(kind)
        if set(found.values()) <= {_UNKNOWN}:
            return ""
        for index, table in enumerate(self._tables):
            if all(table.get(status, decode) == decode for status, decode in found.items()):
                table.update(found)
                return _named(index)
        self._tables.append(found)
        return _named(len(self._tables) - 1)

    def tables(self) -> tuple[ProblemTable, ...]:
        """The tables for the template."""
        views: list[ProblemTable] = []
        for index, table in enumerate(self._tables):
            statuses: dict[str, list[str]] = {}
            for status, decode in sorted((status, decode) for status, decode in table.items() if decode != _UNKNOWN):
                statuses.setdefault(decode.text, []).append(status)
            entries = tuple((decode, _listed(found)) for decode, found in statuses.items())
            views.append(ProblemTable(_named(index), entries))
        return tuple(views)

    def imports(self) -> tuple[str, ...]:
        """The import lines of the module of tables."""
        decodes = [decode for table in self._tables for decode in table.values()]
        needs: set[Need] = {(RUNTIME, "ErrorTable"), ("typing", "Final"), *code(*decodes).needs}
        return import_lines(needs, self.catalogue.module)


def _named(index: int) -> str:
    return _NAME if index == 0 else f"{_NAME}_{index + 1}"


def _listed(statuses: list[str]) -> str:
    return f"({', '.join(map(quoted, statuses))},)" if len(statuses) == 1 else f"({', '.join(map(quoted, statuses))})"
