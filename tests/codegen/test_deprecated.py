"""What a document calls deprecated is deprecated in Python: for editors, type checkers and whoever runs it."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import accordant_generated
from tests.codegen.checkouts import Checkout

ROOT = Path(__file__).parents[2]
DOCUMENT = """\
openapi: 3.1.0
info: {title: Old, version: "1"}
paths:
  /toys:
    get:
      operationId: listToys
      tags: [toys]
      deprecated: true
      parameters:
        - {name: size, in: query, deprecated: true, description: How large., schema: {type: integer}}
        - {name: page, in: query, schema: {type: integer}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Toy"}}}}
        "404": {description: None.}
    post:
      operationId: makeToy
      x-accordant-name: deprecated
      tags: [toys]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Toy"}}}}
      responses: {"204": {description: ok}}
    put: {operationId: putToys, tags: [toys], deprecated: true, responses: {"204": {description: ok}}}
components:
  schemas:
    Toy:
      type: object
      properties: {name: {type: string, deprecated: true}, age: {type: integer, description: In years.}}
"""
PROGRAM = """\
from accordant_generated.old.client import AsyncResources, Resources

def use(api: Resources) -> None:
    api.toys.list_toys(page=1)
    api.toys.deprecated_(age=1)

async def use_async(api: AsyncResources) -> None:
    await api.toys.list_toys(page=1)
"""


class Caller:
    """Returns nothing to whatever is called."""

    def call(self, *_: Any) -> Any:
        """A response without content."""


class AsyncCaller:
    """Returns nothing to whatever is called, asynchronously."""

    async def call(self, *_: Any) -> Any:
        """A response without content."""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a package with deprecated operations, which can be imported."""
    checkout = Checkout(tmp_path_factory.mktemp("deprecated"))
    checkout.add("old", DOCUMENT)
    assert checkout.run("regenerate") == 0
    place = str(checkout.generated / "accordant_generated")
    accordant_generated.__path__.append(place)
    yield checkout.generated
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


def test_type_checkers_see_it(old: Path, tmp_path: Path) -> None:
    """A type checker reports the use of a deprecated method, blocking and asynchronous, and no other."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    paths = [str(old), str(ROOT / "runtime")]
    config = {"extraPaths": paths, "pythonVersion": "3.11", "reportDeprecated": "error", "typeCheckingMode": "standard"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config))
    command = [str(Path(sys.executable).with_name("basedpyright")), "--outputjson", "-p", str(tmp_path), str(program)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    found = [each for each in json.loads(done.stdout)["generalDiagnostics"] if each["severity"] == "error"]
    assert [each["range"]["start"]["line"] for each in found] == [3, 7]
    assert all("deprecated" in each["message"] for each in found)


def test_nothing_more_is_installed_for_it() -> None:
    """The runtime needs no package for it: what type checkers know it by is not imported."""
    code = "import sys; sys.modules['typing_extensions'] = None; import accordant_runtime as r; print(r.deprecated)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
