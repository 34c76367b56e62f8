"""The built site, where it was built from the pages as they are."""

from __future__ import annotations

import filecmp
from pathlib import Path

import pytest

from release.site import SITE, SOURCE, stage


def different(one: Path, other: Path) -> bool:
    """Whether two folders differ in a file or in its content."""
    names = [sorted(path.relative_to(folder) for path in folder.rglob("*.md")) for folder in (one, other)]
    return names[0] != names[1] or any(not filecmp.cmp(one / name, other / name, shallow=False) for name in names[0])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site; `make docs` makes it."""
    if not (SITE / "index.html").exists():
        pytest.skip("the documentation site is not built: run `make docs`")
    now = tmp_path_factory.mktemp("site") / "source"
    stage(now, "")
    if different(now, SOURCE):
        pytest.skip("the documentation has changed since the site was built: run `make docs`")
    return SITE
