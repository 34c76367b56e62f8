"""Natural keys, references by several fields, and lists that need not be paged."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_sandbox.model.collections import Collection, Natural, Ref
from accordant_sandbox.model.paging import Pages, Window

JOBS = Collection(name="jobs", kind=Natural(("app", "no")))
BOOKS = Collection(name="books")
OF_JOB = Ref("jobNo", "jobs", fields=("jobApp", "jobNo"))


@pytest.mark.parametrize("row", [{"app": "A"}, {"app": "a", "no": None}, {"app": "A", "no": ""}])
def test_a_natural_key_takes_nothing_as_blank(row: dict[str, Any]) -> None:
    """A key field that is absent, null or blank counts the same."""
    assert JOBS.key_of(row) == ("a", "")


def test_a_reference_by_several_fields() -> None:
    """A reference may be held by several fields, in the order of the other record's key, in any letter case."""
    row = {"jobApp": "BC", "jobNo": "J1"}
    assert OF_JOB.held(row, JOBS) == {"app": "BC", "no": "J1"}
    assert OF_JOB.key_in(row, JOBS) == JOBS.key_of({"app": "bc", "no": "j1"})


@pytest.mark.parametrize("row", [{}, {"jobApp": "BC"}, {"jobApp": "BC", "jobNo": None}])
def test_half_a_reference_is_none(row: dict[str, Any]) -> None:
    """While one of its fields has no value, a reference refers to nothing."""
    assert OF_JOB.key_in(row, JOBS) is None


def test_a_reference_by_one_field() -> None:
    """A reference by one field holds the other record's key as it is."""
    assert Ref("book_id", "books").key_in({"book_id": 7}, BOOKS) == 7


def test_pages_may_be_optional() -> None:
    """Where pages are optional, a list is whole until a page or a size is asked for."""
    pages = Pages("page", "size", default=2, optional=True)
    assert pages.window({}, 5, {}) == Window(0, 5, 5, 5, 1)
    assert pages.window({"page": 2}, 5, {}) == Window(2, 4, 5, 2, 2)
    assert pages.window({}, 0, {}) == Window(0, 0, 0, 1, 1)
