"""A browser for the tests of this folder, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.chromium import Browser, browser, executable
from tests.docs.conftest import site

__all__ = ["chromium", "site", "width"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests; each opens pages of its own."""
    program = executable()
    if program is None:
        pytest.skip("no Chromium: name one in CHROMIUM, or install one (Debian: apt-get install chromium)")
    with browser(program) as running:
        yield running


@pytest.fixture(params=[1280, 400])
def width(request: pytest.FixtureRequest) -> int:
    """The width of a desk's window, and of a telephone's."""
    return int(request.param)
