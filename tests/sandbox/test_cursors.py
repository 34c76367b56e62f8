"""Lists of a sandbox that page by cursor, and pages that are counted from another number than 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from accordant_sandbox.model.paging import Cursors, Pages, Window, placed
from accordant_sandbox.model.problems import Problem

ROWS = [{"id": f"r{number}"} for number in range(5)]


def walked(paging: Cursors) -> list[str]:
    """The ids of a walk with pages of two."""
    query: Mapping[str, Any] = {"limit": 2}
    seen: list[str] = []
    while True:
        window = paging.window(placed(paging, query, ROWS), len(ROWS), {})
        page = ROWS[window.start : window.stop]
        seen += [row["id"] for row in page]
        if window.stop >= window.total:
            assert window.cursor is None
            return seen
        query = {"limit": 2, "cursor": page[-1]["id"] if paging.row else window.cursor}


@pytest.mark.parametrize("paging", [Cursors(), Cursors(numeric=True), Cursors(row="id")], ids=["text", "number", "row"])
def test_a_walk_by_cursor(paging: Cursors) -> None:
    """Every page gives the cursor of the next, or its last row does, and the last page gives none."""
    assert walked(paging) == ["r0", "r1", "r2", "r3", "r4"]


@pytest.mark.parametrize("cursor", ["nonsense", "after-", "after-99", "after--1", -1, 6, "9" * 40])
def test_a_cursor_that_no_page_gave(cursor: Any) -> None:
    """A cursor that no page gave is refused."""
    with pytest.raises(Problem):
        Cursors().window({"cursor": cursor}, 5, {})


def test_a_row_that_is_not_there() -> None:
    """A cursor that names no row of the list is refused."""
    paging = Cursors(row="id")
    with pytest.raises(Problem):
        paging.window(placed(paging, {"cursor": "r9"}, ROWS), 5, {})


def test_sizes_of_cursor_pages() -> None:
    """A limit above the maximum is lowered to it, below 1 it is refused; pages without one have the default size."""
    assert Cursors(maximum=3).window({"limit": 9}, 5, {}) == Window(0, 3, 5, 3, 0, lowered=True, cursor="after-3")
    assert Cursors(limit="", default=4).window({}, 5, {}).stop == 4
    with pytest.raises(Problem):
        Cursors().window({"limit": 0}, 5, {})


def test_pages_from_zero() -> None:
    """Where pages are counted from 0, the first one is 0, and a number below it is refused."""
    pages = Pages("page", "size", first=0)
    assert pages.window({"size": 2}, 5, {}) == Window(0, 2, 5, 2, 0)
    assert pages.window({"size": 2, "page": 1}, 5, {}) == Window(2, 4, 5, 2, 1)
    with pytest.raises(Problem):
        pages.window({"page": -1}, 5, {})


def test_pages_without_a_size() -> None:
    """Where no parameter says the size, pages have the default one, and only the page is read."""
    pages = Pages("page", "", default=2)
    assert pages.names == ("page",)
    assert pages.window({"page": 2}, 5, {}) == Window(2, 4, 5, 2, 2)
