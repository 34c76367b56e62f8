"""How much of the sandbox's vendors is made by hand; the figures only fall."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.sandbox.vendor_figures import Figures, loops, problems, whole

MOST = Figures(lines=8914, loops=29, problems=24)
"""Of all four vendors; 10,414 lines, 107 loops over rows and 58 `Problem(...)` before the engine had the concepts."""


def test_vendors_state_more_than_they_do(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines, loops over rows and hand-made refusals of all vendors stay below their limits."""
    found = whole()["all"]
    with capsys.disabled():
        sys.stdout.write(f"\nvendors: {found.lines} lines, {found.loops} loops, {found.problems} Problem(...)\n")
    assert (found.lines <= MOST.lines, found.loops <= MOST.loops, found.problems <= MOST.problems) == (True, True, True)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("def f(tx):\n    for row in anything:\n        pass", 1),
        ("def f(tx):\n    return [each['a'] for each in tx.rows('x')]", 1),
        ("def f(tx):\n    found = tx.rows('x')[:2]\n    return {each['a'] for each in found}", 1),
        ("def f(some: Sequence[Row]):\n    return any(each for each in some)", 1),
        ("def f(tx):\n    return [each for each in tx.table('x').values()]", 1),
        ("def f(tx):\n    return [sorted(each) for each in words('a b')]", 0),
        ("def f(tx):\n    return where(tx.rows('x'), 'a', 'eq', 1)", 0),
    ],
)
def test_loops_over_rows_are_found(text: str, count: int) -> None:
    """A loop over rows is counted whatever its variable is called, and other loops are not."""
    assert len(list(loops(ast.parse(text)))) == count


def test_problems_are_found() -> None:
    """A refusal is counted where it is made, also when it is not raised at once."""
    assert len(list(problems(ast.parse("x = Problem('a', 'b')\ndef f():\n    raise problems.Problem('a', 'b')")))) == 2
