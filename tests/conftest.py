"""What every run of the tests does: Python seldom looks for circles, and files are in memory.

And the browser, which the tests of several folders share.
"""

from __future__ import annotations

import gc
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.chromium import Browser

OF_SOME_MACHINES = re.compile(
    "PYTHONUNBUFFERED|PYTHONDONTWRITEBYTECODE|[a-z]+_proxy|[a-z_]*(force|no)_color|clicolor.*", re.IGNORECASE
)
"""Variables that change what a test sees: how a program behaves at its end, how it writes, how it reaches servers."""
ALLOCATIONS = 50_000
"""How many objects tests make before Python looks for circles among them; of its own accord it looks every 700."""
MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory."""
ROOM = 1 << 30
"""How many bytes must be free there; one run needs a tenth of it."""


def pytest_configure() -> None:
    """Collecting twelve thousand tests makes many objects; looking at them again and again takes seconds."""
    gc.disable()
    for name in filter(OF_SOME_MACHINES.fullmatch, list(os.environ)):
        del os.environ[name]
    if "TMPDIR" not in os.environ and _has_room(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def _has_room(place: Path) -> bool:
    """Whether tests can write there and start what they have written. They write tens of thousands of small files; on
    a disk each costs ten times as much as in memory, and removing it waits for the disk."""
    if not os.access(place, os.W_OK):
        return False
    figures = os.statvfs(place)
    return figures.f_bavail * figures.f_frsize >= ROOM and not figures.f_flag & os.ST_NOEXEC


def pytest_collection_finish(session: pytest.Session) -> None:  # noqa: ARG001 (pytest calls it so)
    """What was collected stays until the end; from here on Python looks at what tests make."""
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, 10, 10)
    gc.enable()


def pytest_sessionfinish() -> None:
    """At the end pytest looks for circles five times, and so does Python: once over what the tests left is enough."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests; each opens pages of its own."""
    from tests.browser.chromium import browser, executable

    program = executable()
    if program is None:
        pytest.skip("no Chromium: name one in CHROMIUM, or install one (Debian: apt-get install chromium)")
    with browser(program) as running:
        yield running
