"""The locked requirements, and the Pythons that they can be installed with."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKED = sorted(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements/dev.txt").read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("python", ["3.11.0", "3.11.2"])
@pytest.mark.parametrize("name", LOCKED)
def test_the_lock_is_whole_for_the_oldest_pythons(name: str, python: str) -> None:
    """What a locked package needs on Python 3.11.0, or on Debian 12's 3.11.2, is locked too, and may be used there."""
    try:
        package = distribution(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} is not needed on this system")
    assert SpecifierSet(str(package.metadata.json.get("requires_python", ""))).contains(python)
    there = {"python_version": "3.11", "python_full_version": python, "extra": ""}
    needed = [Requirement(each) for each in package.requires or ()]
    missing = [each for each in needed if each.marker is None or each.marker.evaluate(there)]
    assert [str(each) for each in missing if canonicalize_name(each.name) not in LOCKED] == []
