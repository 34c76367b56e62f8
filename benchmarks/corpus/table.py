"""The table: for a terminal, and as a page of the documentation."""

from __future__ import annotations

from collections.abc import Sequence

from .rows import LEFT_OUT, Corpus, Row

HEAD = (
    *("document", "operations", "generated", "losses", "models", "paged", "client", "served", "contract"),
    *("seconds", "MB"),
)
INTRODUCTION = """\
# Any document

Written by `make corpus DIR=` over a folder of public OpenAPI documents, as their vendors publish them. Each goes
through `make vendor` in a temporary place, with no line written by hand: it is fetched, guessed about, generated and
formatted; its client is constructed with credentials of every security scheme; its sandbox serves it, and the contract
tests run over that sandbox.

- *operations* are counted in the file itself, by a counter that shares nothing with the generator.
- *losses* are what the generator gave up, each reported with its path. An operation that is gone without a report fails
  the table.
- *paged*: the lists that page, of the GETs whose parameters look like paging.
- *client*: the security schemes with whose credentials a client was constructed.
- *served*: the operations that returned a documented success to a valid request on the sandbox.
- *contract*: the findings of a contract run in the quick profile; `green` is none.

The command ends with 1 when a document is refused, fewer than 99.5 % of the operations are generated, one is lost
without a report, a client cannot be constructed, fewer than 95 % of the operations are served, or a contract run has a
finding. `ONLY=` takes documents whose names hold a text, `CONTRACT=0` leaves the contract tests out, `MYPY=1` adds
`mypy --strict` over what was generated.
"""


def text(corpus: Corpus) -> str:
    """The table for a terminal, and below it what was missed."""
    rows = [HEAD, *(_cells(row) for row in corpus.rows), _sums(corpus)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    unread = [f"unreadable {row.name}: {row.unreadable}" for row in corpus.rows if row.unreadable]
    return "\n".join((*lines, "", *unread, *(f"MISSED {each}" for each in corpus.missed())))


def page(corpus: Corpus) -> str:
    """The table as Markdown."""
    lines = [_markdown(HEAD), "|".join(("", *("---" for _ in HEAD), ""))]
    lines += [_markdown(_cells(row)) for row in corpus.rows] + [_markdown(_sums(corpus))]
    missed = corpus.missed()
    whole = all(row.contract != LEFT_OUT for row in corpus.rows)
    reached = (
        "All bars are reached."
        if whole
        else "All bars but that of the contract tests, which were left out, are reached."
    )
    verdict = [reached] if not missed else ["Missed:", "", *(f"- {each}" for each in missed)]
    return "\n".join((INTRODUCTION, *lines, "", *verdict, ""))


def _markdown(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Row) -> tuple[str, ...]:
    ends = (f"{row.seconds:.0f}", str(row.megabytes))
    if row.unreadable or row.refused:
        why = "unreadable" if row.unreadable else "refused"
        return (row.name, str(row.operations or ""), why, "", "", "", "", "", "", *ends)
    return (
        row.name,
        str(row.operations),
        str(row.generated),
        str(len(row.losses)) + (f", {len(row.silent)} silent" if row.silent else ""),
        str(row.models),
        f"{row.paged} of {row.paging}",
        "FAILED" if row.client else f"{row.schemes} schemes",
        f"{row.served} of {row.generated}",
        _contract(row),
        *ends,
    )


def _contract(row: Row) -> str:
    if row.contract == LEFT_OUT:
        return "left out"
    return "green" if not row.contract else f"{len(row.findings)} findings" if row.findings else "no result"


def _sums(corpus: Corpus) -> tuple[str, ...]:
    rows = corpus.readable
    total = {name: sum(getattr(row, name) for row in rows) for name in ("operations", "generated", "models", "served")}
    losses, schemes = sum(len(row.losses) for row in rows), sum(row.schemes for row in rows)
    tested = [row for row in rows if row.contract != LEFT_OUT]
    return (
        f"{len(rows)} documents",
        str(total["operations"]),
        str(total["generated"]),
        str(losses),
        str(total["models"]),
        f"{sum(row.paged for row in rows)} of {sum(row.paging for row in rows)}",
        f"{schemes} schemes",
        f"{total['served']} of {total['generated']}",
        f"{sum(not row.contract for row in tested)} of {len(tested)} green" if tested else "left out",
        f"{sum(row.seconds for row in rows):.0f}",
        str(max((row.megabytes for row in rows), default=0)),
    )
