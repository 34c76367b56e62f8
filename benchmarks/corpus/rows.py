"""What is seen of one document, and the bars that all documents have to reach."""

from __future__ import annotations

from attrs import frozen

GENERATED = 0.995
"""The least share of the operations of readable documents that is generated."""
SERVED = 0.95
"""The least share of the generated operations that return a documented success on the sandbox."""

LEFT_OUT = "not asked for"
"""What is said of a contract run that nobody asked for."""


@frozen
class Row:
    """One document; a step that was not reached leaves its value at the default.

    ``unreadable`` says why it is no document at all, ``refused`` why nothing was generated; ``silent`` are operations
    that are gone without a word, ``client`` and ``contract`` are what went wrong there, empty when nothing did.
    """

    name: str
    operations: int = 0
    generated: int = 0
    losses: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    models: int = 0
    paging: int = 0
    paged: int = 0
    client: str = "not reached"
    schemes: int = 0
    served: int = 0
    contract: str = "not reached"
    findings: tuple[str, ...] = ()
    mypy: str = ""
    seconds: float = 0.0
    megabytes: int = 0
    unreadable: str = ""
    refused: str = ""

    @property
    def good(self) -> bool:
        """Whether this document alone is as it has to be."""
        contract = self.contract if self.contract != LEFT_OUT else ""
        return not (self.refused or self.silent or self.client or contract or self.mypy)


@frozen
class Corpus:
    """All documents of a folder."""

    rows: tuple[Row, ...]

    @property
    def readable(self) -> list[Row]:
        """The documents that are data and say which OpenAPI they are."""
        return [row for row in self.rows if not row.unreadable]

    def missed(self) -> list[str]:
        """The bars that were not reached, one sentence each."""
        rows = self.readable
        every, generated = sum(row.operations for row in rows), sum(row.generated for row in rows)
        served = sum(row.served for row in rows)
        found = [f"{row.name} is refused: {row.refused}" for row in rows if row.refused]
        if every and generated / every < GENERATED:
            found.append(f"{generated} of {every} operations are generated, fewer than {GENERATED:.1%}")
        found += [f"{row.name} loses without a word: {', '.join(row.silent)}" for row in rows if row.silent]
        accepted = [row for row in rows if not row.refused]
        found += [f"{row.name}: the client: {row.client}" for row in accepted if row.client]
        found += [
            f"{row.name}: the contract run: {row.contract}" for row in accepted if row.contract not in ("", LEFT_OUT)
        ]
        found += [f"{row.name}: mypy: {row.mypy}" for row in accepted if row.mypy]
        if generated and served / generated < SERVED:
            found.append(f"{served} of {generated} operations return a success on the sandbox, fewer than {SERVED:.0%}")
        return found if rows else ["there is no document"]
