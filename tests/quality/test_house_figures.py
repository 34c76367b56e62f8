"""The table of how the house has changed."""

from __future__ import annotations

import pytest

from tests import house_figures


def test_every_figure_is_measured_now(capsys: pytest.CaptureFixture[str]) -> None:
    """Each row of the table has a figure from before and one that the command has just measured."""
    assert house_figures.main() == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert len(rows) == len(house_figures.FIGURES)
    assert all(len(cell.strip()) for row in rows for cell in row.strip("|").split("|"))
