"""What an index shows of the wheel."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import hatch_build

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "https://code.example.org/team/accordant"


def test_the_readme_of_an_index_has_no_relative_link() -> None:
    """Where the repository's address is known, every link of the README leads to it or to another site."""
    text = hatch_build.for_index((ROOT / "README.md").read_text(encoding="utf-8"), ADDRESS)
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert f"{ADDRESS}/blob/main/docs/client.md" in links
    assert [link for link in links if not link.startswith("https://")] == []


def test_an_unknown_address_leaves_no_dead_link() -> None:
    """Where no address is known, a relative link becomes its text, and there are no project URLs."""
    text = "See [paging](docs/client.md), [this](#here) and [that](https://example.org/x)."
    assert hatch_build.for_index(text, "") == "See paging, [this](#here) and [that](https://example.org/x)."
    assert hatch_build.urls("") == {}


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, ""),
        ({"ACCORDANT_REPOSITORY": f"{ADDRESS}.git"}, ADDRESS),
        ({"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b"}, "https://github.com/a/b"),
        ({"ACCORDANT_REPOSITORY": ADDRESS, "GITHUB_REPOSITORY": "a/b"}, ADDRESS),
    ],
)
def test_the_address_of_the_repository(environ: dict[str, str], address: str) -> None:
    """The project URLs come from `ACCORDANT_REPOSITORY`, or from the variables of a job on GitHub."""
    assert hatch_build.repository(environ) == address
    assert all(url.startswith(f"{address}") for url in hatch_build.urls(address).values())


def test_an_address_that_is_no_web_address_is_refused() -> None:
    """An address that a browser cannot open stops the build."""
    with pytest.raises(ValueError, match="must be the https:// address"):
        hatch_build.repository({"ACCORDANT_REPOSITORY": "git@code.example.org:team/accordant.git"})


def test_the_wheel_holds_our_packages_and_no_other() -> None:
    """What the wheel installs is named as ours: neither benchmarks nor tests, and no package called codegen."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert sorted(Path(package).name for package in packages) == [
        *("accordant", "accordant_codegen", "accordant_contract", "accordant_documents", "accordant_generated"),
        *("accordant_runtime", "accordant_sandbox"),
    ]
