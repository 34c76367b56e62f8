"""What the pages of this folder are opened in: the built site, and windows of two widths."""

from __future__ import annotations

import pytest

from tests.docs.conftest import site

__all__ = ["site", "width"]


@pytest.fixture(params=[1280, 400])
def width(request: pytest.FixtureRequest) -> int:
    """The width of a desk's window, and of a telephone's."""
    return int(request.param)
