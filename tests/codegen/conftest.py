"""Checkouts to generate in, the feature document's generated package, and what type checkers say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import accordant_generated
from accordant_codegen import gates
from tests import warm
from tests.codegen import typed_packages
from tests.codegen.checkouts import HERE, MINIMAL, OVERLAY, Checkout
from tests.codegen.type_checks import Complaint, basedpyright, mypy


@pytest.fixture(scope="package", autouse=True)
def gates_begin_warm() -> Iterator[None]:
    """The process that imports what was generated is forked from one that has loaded the libraries: it is started for
    every generation here. `make check-generated` starts it as users do."""

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        assert command[:3] == [sys.executable, "-B", "-c"]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        return warm.run(command[2:], cwd=Path.cwd(), env=environment, libraries=warm.GENERATED)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gates, "subprocess", SimpleNamespace(run=run))
        yield


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """An empty checkout."""
    return Checkout(tmp_path)


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with one generated vendor, to be copied."""
    checkout = Checkout(tmp_path_factory.mktemp("generated"))
    checkout.add("shop", MINIMAL, OVERLAY)
    assert checkout.run("regenerate") == 0
    return checkout


@pytest.fixture
def shop(generated: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Checkout:
    """A checkout with one generated vendor."""
    shutil.copytree(generated.root, tmp_path / "shop")
    capsys.readouterr()
    return Checkout(tmp_path / "shop")


@pytest.fixture(scope="session")
def feature_checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with the feature document, generated."""
    checkout = Checkout(tmp_path_factory.mktemp("feature"))
    folder = HERE / "feature"
    checkout.add("feature", (folder / "openapi.yaml").read_text(), (folder / "spec.overlay.yaml").read_text())
    assert checkout.run("regenerate") == 0
    return checkout


@pytest.fixture(scope="session")
def typed_checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with the packages that type checkers judge, generated."""
    checkout = Checkout(tmp_path_factory.mktemp("typed"))
    for name, document, overlay in typed_packages.EVERY:
        checkout.add(name, document, overlay)
    assert checkout.run("regenerate") == 0
    return checkout


@pytest.fixture(scope="session")
def complaints(
    tmp_path_factory: pytest.TempPathFactory, feature_checkout: Checkout, typed_checkout: Checkout
) -> Callable[[str], list[Complaint]]:
    """What ``mypy`` and ``basedpyright`` say of the feature package, of those of :mod:`typed_packages`, and of their
    programs: each begins once, since that takes it longer than all of them."""
    folder = tmp_path_factory.mktemp("judged").resolve()
    for checkout in (feature_checkout, typed_checkout):
        shutil.copytree(checkout.generated, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.pyc"))
    for name, program in typed_packages.PROGRAMS.items():
        (folder / name).write_text(program)

    @cache
    def said(tool: str) -> list[Complaint]:
        return mypy(folder) if tool == "mypy" else basedpyright(folder)

    return said


@pytest.fixture(scope="module")
def feature(feature_checkout: Checkout) -> Iterator[str]:
    """The name under which the generated package of the feature document can be imported."""
    place = str(feature_checkout.generated / "accordant_generated")
    accordant_generated.__path__.append(place)
    yield "accordant_generated.feature"
    accordant_generated.__path__.remove(place)
    for name in [name for name in sys.modules if name.startswith("accordant_generated.feature")]:
        del sys.modules[name]
    if hasattr(accordant_generated, "feature"):
        delattr(accordant_generated, "feature")
