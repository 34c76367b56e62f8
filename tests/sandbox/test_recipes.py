"""The recipes of the documentation are tests, and pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests import warm

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"


def test_the_recipes_pass(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sample of the page is a test that passes as it is written, with the pytest plugin alone."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    pytester.makepyfile(test_recipes="\n\n".join(blocks))
    words = ["-m", "pytest", f"--basetemp={pytester.path / 'base'}", "-p", "no:cacheprovider"]
    words += ["-p", "accordant_sandbox.server.pytest_plugin"]
    done = warm.run(words, cwd=pytester.path, libraries=warm.PYTEST)
    result = pytest.RunResult(done.returncode, done.stdout.splitlines(), done.stderr.splitlines(), 0)
    result.assert_outcomes(passed=len(re.findall(r"^def test_", "\n".join(blocks), re.MULTILINE)))
