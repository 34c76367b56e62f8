"""One row of the table: what was measured, and whether it reaches its goal."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from attrs import frozen

Figures: TypeAlias = Mapping[str, Sequence[float]]
"""What each contender took, round by round."""
Better: TypeAlias = Literal["lower", "higher"]


@frozen
class Goal:
    """A bar for ``ours`` over ``base`` (``lower``) or ``base`` over ``ours`` (``higher``: so many times better)."""

    ratio: float
    base: str = "stock"
    better: Better = "lower"


@frozen
class Row:
    """A finished row.

    ``ours``, ``stock``, ``peer`` and ``limit`` are medians in ``unit``, ``None`` without one. ``ratio`` is
    the median of the rounds' ratios, ``spread`` the distance of their quartiles as a share of it. Without a goal a row
    only informs.
    """

    name: str
    unit: str
    ours: float
    stock: float | None = None
    peer: float | None = None
    limit: float | None = None
    ratio: float | None = None
    spread: float = 0.0
    goal: Goal | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; ``None`` without one."""
        if self.goal is None or self.ratio is None:
            return None
        return self.ratio >= self.goal.ratio if self.goal.better == "higher" else self.ratio <= self.goal.ratio

    def as_json(self) -> dict[str, Any]:
        """The row in the form of ``BENCH_JSON``."""
        return {
            **{"ours": self.ours, "stock": self.stock, "peer": self.peer, "limit": self.limit, "unit": self.unit},
            **{"ratio": self.ratio, "spread": round(self.spread, 3), "met": self.met, "note": self.note},
            "goal": None if self.goal is None else self.goal.ratio,
            "better": None if self.goal is None else self.goal.better,
            "base": None if self.goal is None else self.goal.base,
        }


def compared(
    name: str,
    unit: str,
    figures: Figures,
    goal: Goal,
    *,
    peer: Sequence[str] = (),
    limit: str = "",
    ours: str = "ours",
    note: str = "",
) -> Row:
    """A row from the rounds of several contenders; ``peer`` are candidates, of which the best is shown."""
    base, own = figures[goal.base], figures[ours]
    ratios = [(b / o if goal.better == "higher" else o / b) for b, o in zip(base, own, strict=True)]
    best = min(
        (each for each in peer if each in figures), key=lambda each: statistics.median(figures[each]), default=""
    )
    told = "; ".join(filter(None, (note, f"best peer: {best}" if best else "")))
    return Row(
        name,
        unit,
        statistics.median(own),
        _median(figures, "stock"),
        _median(figures, best),
        _median(figures, limit),
        statistics.median(ratios),
        spread(ratios),
        goal,
        told,
    )


def spread(ratios: Sequence[float]) -> float:
    """The distance of the quartiles as a share of the median."""
    if len(ratios) < 4:
        return 0.0
    first, middle, third = statistics.quantiles(ratios, n=4)
    return (third - first) / middle


def _median(figures: Figures, name: str) -> float | None:
    return statistics.median(figures[name]) if name in figures else None


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| row | unit | stock | best peer | limit | ours | ratio | goal | met |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_line(each) for each in rows]
    return "\n".join(lines)


def _line(row: Row) -> str:
    goal = ""
    if row.goal is not None:
        goal = f"{'>=' if row.goal.better == 'higher' else '<='} {row.goal.ratio:g}"
    ratio = "" if row.ratio is None else f"{row.ratio:.2f} +-{row.spread:.0%}"
    met = {True: "yes", False: "**no**", None: ""}[row.met]
    name = f"{row.name} ({row.note})" if row.note else row.name
    cells = [name, row.unit, *(_shown(each) for each in (row.stock, row.peer, row.limit, row.ours)), ratio, goal, met]
    return f"| {' | '.join(cells)} |"


def _shown(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
