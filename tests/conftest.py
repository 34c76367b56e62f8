"""What every run of the tests does: while tests are collected, Python looks for no circles among what all stays."""

from __future__ import annotations

import gc

import pytest


def pytest_configure() -> None:
    """Collecting twelve thousand tests makes many objects; looking at them again and again takes seconds."""
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:  # noqa: ARG001 (pytest calls it so)
    """What was collected stays until the end; from here on Python looks at what tests make, as always."""
    gc.freeze()
    gc.enable()
