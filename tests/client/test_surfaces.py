"""What users see of the package: the same on both sides, documented, free of other libraries' types, light."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import accordant
import accordant.errors
from accordant._flow import async_driver, sync_driver
from tests.client.vendors import classes, made, modules, vendors

ROOT = Path(accordant.__file__).parent
LONE = {"AsyncWire": "the network backend of the HTTP library, which has one interface for each side"}
"""Asynchronous classes that have no blocking twin with the same members, and why."""
SAYS_MORE = {
    ("SyncIO", "run"): "a task can be cancelled",
    ("NetworkTransport", "close"): "connections belong to event loops",
    ("FunctionTransport", "send"): "an asynchronous function is awaited",
}
"""Methods whose asynchronous docstring says something that is not true of the blocking one, and what."""


def pairs() -> list[tuple[type[Any], type[Any]]]:
    """Every asynchronous class of the package with its blocking twin: the same name without ``Async``, or ``Sync``."""
    known = {kind.__name__: kind for kind in classes()}
    found: list[tuple[type[Any], type[Any]]] = []
    for name, kind in known.items():
        if name.startswith("Async") and name not in LONE:
            plain_name = name.removeprefix("Async")
            found.append((known.get(plain_name) or known[f"Sync{plain_name}"], kind))
    return found


def public() -> list[ModuleType]:
    """The modules that users import: the package, each vendor's, and any other that says what it offers."""
    shown = [module for module in modules() if not any(part.startswith("_") for part in module.__name__.split("."))]
    return [accordant, *(module for module in shown if hasattr(module, "__all__") or hasattr(module, "__path__"))]


RENAMED = {"__enter__": "__aenter__", "__exit__": "__aexit__", "__iter__": "__aiter__"}
WIDER = {
    ("SyncOperations", "__init__"): {"io", "pages"},
    ("WalkedPages", "__init__"): {"io"},
}


def members(kind: type[Any]) -> dict[str, Any]:
    """Public methods and properties, and the special methods that a twin must have."""
    found: dict[str, Any] = {}
    for name in dir(kind):
        if name.startswith("_") and name not in RENAMED and name not in RENAMED.values() and name != "__init__":
            continue
        value = inspect.getattr_static(kind, name)
        if name != "__init__" or "__init__" in vars(kind):
            found[name] = value
    return found


def plain(value: Any) -> Any:
    """The function behind a member."""
    if isinstance(value, property):
        return value.fget
    return getattr(value, "__func__", getattr(value, "func", value))


@pytest.mark.parametrize(("blocking", "asynchronous"), pairs(), ids=lambda kind: kind.__name__)
def test_twins(blocking: type[Any], asynchronous: type[Any]) -> None:
    """Blocking and asynchronous classes have the same members with the same parameters, defaults and docstrings."""
    ours, theirs = members(blocking), members(asynchronous)
    assert {RENAMED.get(name, name) for name in ours} == set(theirs)
    for name, value in ours.items():
        twin = theirs[RENAMED.get(name, name)]
        assert type(value) is type(twin), name
        mine, other = plain(value), plain(twin)
        if inspect.isfunction(mine) and inspect.isfunction(other):
            wider = WIDER.get((blocking.__name__, name), set())
            assert parameters(mine, wider) == parameters(other, wider), name
        if name != "__init__" and (blocking.__name__, name) not in SAYS_MORE:
            assert inspect.getdoc(mine) == inspect.getdoc(other), name


@pytest.mark.parametrize("vendor", vendors())
def test_resources_are_twins(vendor: str) -> None:
    """Every resource of a vendor's blocking client is one of its asynchronous client too, with the same methods."""
    blocking, asynchronous = (resources(made(kind, vendor)) for kind in vendors()[vendor])
    assert list(blocking) == list(asynchronous)
    assert len(blocking) > 2
    for name, kind in blocking.items():
        mine, other = members(kind), members(asynchronous[name])
        assert set(mine) == set(other), name
        for method, value in mine.items():
            first, second = plain(value), plain(other[method])
            if inspect.isfunction(first) and method != "__init__":
                assert parameters(first) == parameters(second), f"{name}.{method}"
                assert inspect.getdoc(first) == inspect.getdoc(second), f"{name}.{method}"


def resources(api: Any) -> dict[str, type[Any]]:
    """The classes of a client's resources by their names."""
    client: type[Any] = api.__class__
    names = (name for name in dir(client) if not name.startswith("_"))
    held = {name: getattr(api, name) for name in names if not inspect.isfunction(inspect.getattr_static(client, name))}
    return {name: type(value) for name, value in held.items() if hasattr(value, "_caller")}


def parameters(function: Any, without: Collection[str] = ()) -> list[tuple[str, Any, Any]]:
    """What can be given to a function: names, kinds and defaults."""
    found = inspect.signature(function).parameters.values()
    return [(item.name, item.kind, item.default) for item in found if item.name not in without]


def test_drivers_are_thin() -> None:
    """The two drivers that perform flows have at most 40 lines each; all else is written once."""
    for driver in (sync_driver.SyncIO, async_driver.AsyncIO):
        assert len(inspect.getsource(driver).splitlines()) <= 40


@pytest.mark.parametrize("module", public(), ids=lambda module: module.__name__)
def test_all_is_exact(module: ModuleType) -> None:
    """__all__ names what a public module offers, and nothing else is visible."""
    names = list(module.__all__)
    assert len(names) == len(set(names))
    own = ("accordant", "accordant_runtime") if module is accordant else (module.__name__,)
    visible = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not inspect.ismodule(value) and _is_from(value, own)
    }
    assert visible <= set(names)
    assert all(hasattr(module, name) for name in names)


def _is_from(value: Any, packages: Collection[str]) -> bool:
    home = str(getattr(value, "__module__", ""))
    return any(home == name or home.startswith(f"{name}.") for name in packages)


def test_every_vendor_offers_its_clients() -> None:
    """Each vendor's package has both clients in __all__; the names differ in ``Async`` alone."""
    assert len(vendors()) > 3
    for name, (blocking, asynchronous) in vendors().items():
        module = importlib.import_module(f"accordant.{name}")
        assert module in public()
        assert {blocking.__name__, asynchronous.__name__} <= set(module.__all__)
        assert asynchronous.__name__ == f"Async{blocking.__name__}"


@cache
def parsed(path: Path) -> ast.Module:
    """A module as a tree, for all who look into it."""
    return ast.parse(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module", autouse=True)
def _nothing_stays() -> Iterator[None]:
    """The trees are a million objects, which Python would look at again and again during all tests after these."""
    yield
    parsed.cache_clear()


def annotated(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Every annotation of a public function, method or attribute of a module's source, as text."""
    tree = ast.parse(inspect.getsource(module))
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            for item in (*(argument.annotation for argument in arguments), node.returns):
                if item is not None:
                    yield f"{module.__name__}.{node.name}", ast.unparse(item)
        elif isinstance(node, ast.AnnAssign):
            yield f"{module.__name__}.{ast.unparse(node.target)}", ast.unparse(node.annotation)


def test_no_foreign_types() -> None:
    """No signature outside of the one module that loads the HTTP libraries names a type of theirs."""
    for module in modules():
        if module.__name__ == "accordant._http.library":
            continue
        imported = inspect.getsource(module)
        assert "import httpx" not in imported, module.__name__
        assert "import httpcore" not in imported, module.__name__
        for place, text in annotated(module):
            assert "httpx" not in text, place
            assert "httpcore" not in text, place


@pytest.mark.parametrize("name", accordant.errors.__all__)
def test_documented_names(name: str) -> None:
    """Every error says in its docstring what happened."""
    doc = inspect.getdoc(getattr(accordant.errors, name)) or ""
    assert doc
    assert doc[0].isupper() or doc[0].isdigit()


def test_sizes() -> None:
    """No hand-written module is longer than 400 lines, no function longer than 60."""
    for path in ROOT.rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 400, path.name
        for node in ast.walk(parsed(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path.name}: {node.name}"


DIRECT = {"time.time", "time.monotonic", "time.sleep", "random.random", "os.environ", "secrets.token_hex"}
ALLOWED = {
    "_clock.py": DIRECT - {"os.environ"},
    "_environment.py": {"os.environ"},
    "project.py": {"os.environ"},  # what the commands of a project hand to the processes that they start
}


def test_the_world_comes_in_through_arguments() -> None:
    """Time, waiting, chance and the environment are asked for in one place each."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                asked = f"{node.value.id}.{node.attr}"
                assert asked not in DIRECT - ALLOWED.get(path.name, set()), f"{path.name}:{node.lineno}"


def imported_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has after running some code."""
    script = f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(run.stdout.split())


def test_import_budget() -> None:
    """Importing a client loads no generated model, no HTTP library and no asyncio; making one loads no model either."""
    found = imported_by("import accordant.dispatch")
    assert not {name for name in found if name.startswith("accordant_generated.") and ".models." in name}
    assert not {"httpx", "httpcore", "asyncio", "anyio", "click", "rich"} & found
    third_party = {name.partition(".")[0] for name in found} & {"attr", "attrs", "orjson", "httpx", "certifi", "h11"}
    assert third_party <= {"attr", "attrs", "orjson"}
    made = imported_by("from accordant.dispatch import Dispatch\nDispatch(token='x').appointments")
    assert not {name for name in made if name.startswith("accordant_generated.") and ".models." in name}


def test_import_budget_of_extras() -> None:
    """A client with rate limits loads neither Redis nor the library that counts in it, unless Redis is set."""
    made = imported_by("from accordant.dibop import Dibop\nDibop(api_key='x', instance='acme').executions")
    assert not {"pyrate_limiter", "redis", "asyncio"} & made
    assert not {name for name in made if name.startswith("accordant_generated.") and ".models." in name}
    code = "Dibop(api_key='x', instance='acme', transport=lambda *a: (204, [], b'')).alert_rules.delete('1')"
    called = imported_by(f"from accordant.dibop import Dibop\n{code}")
    assert not {"pyrate_limiter", "redis", "httpx"} & called


def test_a_client_with_its_own_transport_needs_no_http_library() -> None:
    """A client whose transport is a function loads no HTTP library at all."""
    made = "Dispatch(token='x', transport=lambda *a: (204, [], b''))"
    code = f"from accordant.dispatch import Dispatch\n{made}.brands.delete(1)"
    assert not {"httpx", "httpcore", "asyncio"} & imported_by(code)
