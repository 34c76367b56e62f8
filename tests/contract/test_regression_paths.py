"""Paths of findings in what a regression test sends."""

from __future__ import annotations

import pytest

from accordant_contract.regression.paths import inner, sent_at


@pytest.mark.parametrize("path", ["$", "$[0].title", ""])
def test_a_path_without_a_member(path: str) -> None:
    """A finding about a whole body, or about an item of a list, has no member that a body sent."""
    step = {"json": {"title": "Tap"}}
    assert not sent_at(step, path)
    assert inner(step, path) == path.replace("[0]", "[]")


def test_a_path_with_a_member() -> None:
    """A member is found under its name, and inside the record's own member where the body leaves that out."""
    assert sent_at({"json": {"title": "Tap"}}, "$.title")
    assert sent_at({"json": {"title": "Tap"}}, "$.job.title")
    assert not sent_at({"json": {"title": "Tap"}}, "$.job.status")
    assert inner({"json": {"title": "Tap"}}, "$.job.title") == "$.title"
    assert inner({"json": {"job": {}}}, "$.job.title") == "$.job.title"
