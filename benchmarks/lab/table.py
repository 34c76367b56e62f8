"""The table: for people, as JSON, and as a page of the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from .cases import GROUPS, TWINS, VENDORS, Case, Row
from .clients import LAB_VENDORS
from .peer_runs import PEERS

PeerCells = Mapping[tuple[str, str], str]
INTRODUCTION = """\
# How the clients behave

Written by `make lab`, whose servers send everything that a server should not. One row a case: what the documentation
promises, and whether the clients of the four vendors keep it (`ok`: the blocking and the asynchronous one). A client
that does something else is shown with what it does. Beside them, what other clients do in the same case, in their own
words and with their own settings but for the time limit; they decide nothing, and many cases promise what they never
promised. An empty cell means that the case does not apply.

`or` separates results that are equally right. The times are small ones of the lab, not those of the defaults.
"""


@frozen
class Table:
    """All that was seen."""

    cases: Sequence[Case]
    rows: Sequence[Row]
    peers: PeerCells

    @property
    def missed(self) -> list[Row]:
        """The rows that are not as promised."""
        return [row for row in self.rows if not row.ok]

    @property
    def summary(self) -> str:
        """One line about all of it."""
        missed = len(self.missed)
        rows = f"{len(self.cases)} cases, {len(self.rows)} rows: {len(self.rows) - missed} as promised, {missed} missed"
        compared = len({case for case, _ in self.peers})
        return f"{rows}; {compared} cases beside {', '.join(PEERS)}" if compared else rows

    def text(self) -> str:
        """The table for a terminal."""
        return "\n".join((*self._lines(), "", self.summary))

    def page(self) -> str:
        """The table as Markdown, the same text for the same behaviour."""
        return "\n".join((INTRODUCTION, *self._sections(), f"{self.summary}.", ""))

    def data(self) -> Any:
        """The table for programs."""
        by_id = {case.id: case for case in self.cases}
        rows = [{"group": by_id[row.case].group, "title": by_id[row.case].title, **asdict(row)} for row in self.rows]
        peers = [{"case": case, "peer": peer, "seen": seen} for (case, peer), seen in self.peers.items()]
        return {"cases": len(self.cases), "missed": len(self.missed), "rows": rows, "peers": peers}

    def write_json(self, path: Path) -> None:
        """Write the data."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.data(), indent=1) + "\n", encoding="utf-8")

    def _lines(self) -> Iterator[str]:
        for group, cases in self._grouped():
            yield f"\n{group}"
            for case in cases:
                rows = [row for row in self.rows if row.case == case.id]
                good = all(row.ok for row in rows)
                names = sorted({LAB_VENDORS[row.vendor].title for row in rows if row.ok})
                yield f"  {'ok  ' if good else 'MISS'} {case.title:<58} {case.expect.text()}"
                if not good:
                    yield f"         [{case.id}] as promised: {', '.join(names) or 'nobody'}"
                yield from (f"         {row.vendor} {row.twin}: {row.seen}" for row in rows if not row.ok)
                told = [f"{peer}: {self.peers[case.id, peer]}" for peer in PEERS if (case.id, peer) in self.peers]
                if told:
                    yield f"         ({' | '.join(told)})"

    def _sections(self) -> Iterator[str]:
        titles = [LAB_VENDORS[vendor].title for vendor in VENDORS]
        for group, cases in self._grouped():
            with_peers = any((case.id, PEERS[0]) in self.peers for case in cases)
            heads = ["case", "promised", *titles, *(PEERS if with_peers else ())]
            yield f"## {group[0].upper()}{group[1:]}\n"
            yield _line(heads)
            yield "|".join(("", *("---" for _ in heads), ""))
            for case in cases:
                cells = [case.title, case.expect.text(), *(self._cell(case, vendor) for vendor in VENDORS)]
                yield _line([*cells, *(self.peers.get((case.id, peer), "") for peer in PEERS if with_peers)])
            yield ""

    def _cell(self, case: Case, vendor: str) -> str:
        found = {row.twin: row for row in self.rows if (row.case, row.vendor) == (case.id, vendor)}
        if not found:
            return ""
        wrong = [f"{twin}: {found[twin].seen}" for twin in TWINS if twin in found and not found[twin].ok]
        return f"**MISS** {'; '.join(wrong)}" if wrong else "ok"

    def _grouped(self) -> Iterator[tuple[str, list[Case]]]:
        for group in GROUPS:
            cases = [case for case in self.cases if case.group == group]
            if cases:
                yield group, cases


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(escaped(cell) for cell in cells) + " |"


def escaped(text: str) -> str:
    """A text as the cell of a Markdown table."""
    for mark in "\\|<>*_[":
        text = text.replace(mark, f"\\{mark}") if mark != "*" or not text.startswith("**MISS**") else text
    return " ".join(text.split())
