"""What `make wheel-test` does before it installs anything; the installs themselves are its own."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

import pytest

from release import environments, wheel_test


def test_the_wheel_holds_the_seven_packages(tmp_path: Path) -> None:
    """The built wheel has accordant's packages with their templates, and no test or overlay beside them."""
    with ZipFile(environments.build_wheel(tmp_path)) as wheel:
        names = wheel.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == environments.PACKAGES
    assert [name for name in names if name.endswith(".overlay.yaml")] == []
    assert "accordant/py.typed" in names
    assert "accordant_codegen/render/templates/model.py.jinja" in names


def test_a_wheel_with_a_tool_in_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is not accordant's fails the wheel test by name."""
    monkeypatch.setattr(environments, "PACKAGES", environments.PACKAGES - {"accordant_sandbox"})
    with pytest.raises(environments.EnvironmentFailedError, match="the wheel installs accordant_sandbox beside"):
        environments.build_wheel(tmp_path)


def test_the_lowest_dependencies_are_the_declared_ones() -> None:
    """The constraints hold each requirement, those of extras too, at exactly its lower bound."""
    found = environments.lowest(wheel_test.EXTRAS)
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", line) for line in found)
    assert "python-multipart==0.0.33" in found
    assert {"attrs", "httpcore", "httpx", "orjson", "redis", "uvicorn"} <= {line.partition("==")[0] for line in found}


def test_this_python_is_among_those_that_are_tried() -> None:
    """The wheel is tried with the Python that runs the command, bare and full, lowest dependencies, zipped, frozen."""
    found = environments.pythons()
    names = [trial.name for trial in wheel_test.trials(Path("accordant.whl"), found)]
    assert names[:2] == [f"{next(iter(found))} bare", f"{next(iter(found))} newest"]
    last = ["lowest", "zip", "frozen", "workbench", "workbench lowest"]
    assert [name.partition(" ")[2] for name in names[-5:]] == last
    assert set(found) <= set(environments.VERSIONS)


def test_an_unknown_environment_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """`ONLY=` with a name that no environment has is an error, not a pass with nothing tried."""
    assert wheel_test.main(["--only", "2.7"]) == 1
    assert "no environment has '2.7' in its name" in capsys.readouterr().err
