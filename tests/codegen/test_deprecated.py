"""What a document calls deprecated is deprecated in Python: for editors, type checkers and whoever runs it."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import accordant_generated
from tests.codegen.checkouts import Checkout
from tests.codegen.type_checks import Complaint
from tests.codegen.typed_packages import OLD_USES

ROOT = Path(__file__).parents[2]


class Caller:
    """Returns nothing to whatever is called."""

    def call(self, *_: Any) -> Any:
        """A response without content."""


class AsyncCaller:
    """Returns nothing to whatever is called, asynchronously."""

    async def call(self, *_: Any) -> Any:
        """A response without content."""


@pytest.fixture(scope="module")
def old(typed_checkout: Checkout) -> Iterator[Path]:
    """The folder of a package with deprecated operations, which can be imported."""
    place = str(typed_checkout.generated / "accordant_generated")
    accordant_generated.__path__.append(place)
    yield typed_checkout.generated
    accordant_generated.__path__.remove(place)
    for name in [name for name in sys.modules if name.startswith("accordant_generated.old")]:
        del sys.modules[name]


@pytest.mark.usefixtures("old")
def test_a_call_warns() -> None:
    """A call of a deprecated operation gives a DeprecationWarning at the caller's line, blocking and asynchronous."""
    blocking = importlib.import_module("accordant_generated.old.toys").Toys(Caller())
    with pytest.warns(
        DeprecationWarning, match=r"toys\.list_toys is deprecated: the document says so of listToys"
    ) as said:
        blocking.list_toys(page=1)
    assert said[0].filename == __file__
    asynchronous = importlib.import_module("accordant_generated.old.aio.toys").AsyncToys(AsyncCaller())
    with pytest.warns(DeprecationWarning, match="listToys") as said:
        asyncio.run(asynchronous.list_toys(page=1))
    assert said[0].filename == __file__


@pytest.mark.usefixtures("old")
def test_other_calls_do_not() -> None:
    """An operation that is not deprecated does not warn, whatever it is called; signatures stay what they are."""
    toys = importlib.import_module("accordant_generated.old.toys").Toys
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        toys(Caller()).deprecated_(age=1)
    assert list(inspect.signature(toys.list_toys).parameters) == ["self", "size", "page", "options"]
    assert toys.list_toys.__deprecated__.startswith("toys.list_toys")


def test_it_is_said(old: Path) -> None:
    """Docstrings say of methods, arguments and fields that they are deprecated."""
    toys = importlib.import_module("accordant_generated.old.toys").Toys
    assert "Deprecated: the vendor may take it away." in toys.list_toys.__doc__
    assert "size: Deprecated. How large." in toys.list_toys.__doc__
    assert "Deprecated" not in toys.deprecated_.__doc__.replace("name: Deprecated.", "")
    assert "name: Deprecated." in toys.deprecated_.__doc__
    model = (old / "accordant_generated" / "old" / "models" / "toy.py").read_text()
    assert 'name: str | Unset = UNSET\n    """Deprecated."""' in model


def test_type_checkers_see_it(complaints: Callable[[str], list[Complaint]]) -> None:
    """A type checker reports the use of a deprecated method, blocking and asynchronous, and no other."""
    said = [each for each in complaints("basedpyright") if each.file == "uses_old.py"]
    assert [each.line for each in said] == OLD_USES
    assert all("deprecated" in each.message for each in said)


def test_nothing_more_is_installed_for_it() -> None:
    """The runtime needs no package for it: what type checkers know it by is not imported."""
    code = "import sys; sys.modules['typing_extensions'] = None; import accordant_runtime as r; print(r.deprecated)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
