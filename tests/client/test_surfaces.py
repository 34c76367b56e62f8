"""What users see of the package: the same on both sides, documented, free of other libraries' types, light."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import accordant
import accordant.dibop
import accordant.dispatch
import accordant.errors
import accordant.testing
from accordant._client import async_pages, callers, clients, raw
from accordant._client import pages as _pages
from accordant._flow import async_driver, sync_driver
from accordant.dibop import executions, orchestrations, webhooks
from accordant.dispatch import files
from accordant_generated.dispatch.client import AsyncResources, Resources

ROOT = Path(accordant.__file__).parent
PAIRS: list[tuple[type[Any], type[Any]]] = [
    (clients.Client, clients.AsyncClient),
    (_pages.WalkedPages, async_pages.AsyncWalkedPages),
    (callers.SyncOperations, callers.AsyncOperations),
    (raw.Raw, raw.AsyncRaw),
    (accordant.dispatch.Dispatch, accordant.dispatch.AsyncDispatch),
    (files.Datafiles, files.AsyncDatafiles),
    (accordant.dibop.Dibop, accordant.dibop.AsyncDibop),
    (executions.Executions, executions.AsyncExecutions),
    (orchestrations.Orchestrations, orchestrations.AsyncOrchestrations),
    (webhooks.Webhooks, webhooks.AsyncWebhooks),
]
PUBLIC = [accordant, accordant.errors, accordant.testing, accordant.dispatch, accordant.dibop]
RENAMED = {"__enter__": "__aenter__", "__exit__": "__aexit__", "__iter__": "__aiter__"}
WIDER = {
    ("Dispatch", "__init__"): {"token"},
    ("Dibop", "__init__"): {"token"},
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


@pytest.mark.parametrize(("blocking", "asynchronous"), PAIRS, ids=lambda kind: kind.__name__)
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
            first = [item for item in inspect.signature(mine).parameters.values() if item.name not in wider]
            second = [item for item in inspect.signature(other).parameters.values() if item.name not in wider]
            shown = [(item.name, item.kind, item.default) for item in first]
            assert shown == [(item.name, item.kind, item.default) for item in second], name
        if name != "__init__":
            assert inspect.getdoc(mine) == inspect.getdoc(other), name


def test_resources_are_twins() -> None:
    """Every resource of the blocking client is one of the asynchronous client too, with the same methods."""
    blocking = [name for name in vars(Resources) if not name.startswith("_")]
    assert blocking == [name for name in vars(AsyncResources) if not name.startswith("_")]
    sync_api = accordant.dispatch.Dispatch(token="x")
    async_api = accordant.dispatch.AsyncDispatch(token="x")
    for name in blocking:
        kinds: list[Any] = [type(getattr(api, name)) for api in (sync_api, async_api)]
        mine, other = (members(kind) for kind in kinds)
        assert set(mine) == set(other), name


def test_drivers_are_thin() -> None:
    """The two drivers that perform flows have at most 40 lines each; all else is written once."""
    for driver in (sync_driver.SyncIO, async_driver.AsyncIO):
        assert len(inspect.getsource(driver).splitlines()) <= 40


def modules() -> list[ModuleType]:
    return [importlib.import_module(item.name) for item in pkgutil.walk_packages(accordant.__path__, "accordant.")]


@pytest.mark.parametrize("module", PUBLIC, ids=lambda module: module.__name__)
def test_all_is_exact(module: ModuleType) -> None:
    """__all__ names what a public module offers, and nothing else is visible."""
    names = list(module.__all__)
    assert len(names) == len(set(names))
    visible = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and not inspect.ismodule(value)
        and getattr(value, "__module__", module.__name__).partition(".")[0] in ("accordant", "accordant_runtime")
        and not (module is not accordant and getattr(value, "__module__", "") != module.__name__)
    }
    assert visible - set(names) - {"annotations"} <= {"Step"}
    assert all(hasattr(module, name) for name in names)


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
    """No signature outside of the transport's own files names a type of the HTTP library."""
    own = (
        *("connecting", "httpx_transport", "library_errors", "connection"),
        *("routes", "watched_sockets", "async_sockets", "timed_sockets"),
    )
    for module in modules():
        if module.__name__ in {f"accordant._http.{name}" for name in own}:
            continue
        imported = inspect.getsource(module)
        assert "import httpx" not in imported, module.__name__
        assert "import httpcore" not in imported, module.__name__
        for place, text in annotated(module):
            assert "httpx" not in text.replace("Httpx", ""), place
            assert "httpcore" not in text, place


def test_everything_public_is_documented() -> None:
    """Every public module, class, method and function has a docstring that is a sentence."""
    for module in modules():
        assert module.__doc__, module.__name__
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{module.__name__}.{node.name}"


@pytest.mark.parametrize("name", accordant.errors.__all__)
def test_documented_names(name: str) -> None:
    """Every error says in its docstring what happened."""
    doc = inspect.getdoc(getattr(accordant.errors, name)) or ""
    assert doc
    assert doc[0].isupper() or doc[0].isdigit()


def test_sizes() -> None:
    """No hand-written module is longer than 400 lines, no function longer than 60."""
    for path in ROOT.rglob("*.py"):
        source = path.read_text()
        assert len(source.splitlines()) <= 400, path.name
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path.name}: {node.name}"


DIRECT = {"time.time", "time.monotonic", "time.sleep", "random.random", "os.environ", "secrets.token_hex"}
ALLOWED = {"_clock.py": DIRECT - {"os.environ"}, "_environment.py": {"os.environ"}}


def test_the_world_comes_in_through_arguments() -> None:
    """Time, waiting, chance and the environment are asked for in one place each."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute):
                assert ast.unparse(node) not in DIRECT - ALLOWED.get(path.name, set()), f"{path.name}:{node.lineno}"


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
    """A client with rate limits loads the limiter with its first call, and Redis only where that is set."""
    made = imported_by("from accordant.dibop import Dibop\nDibop(api_key='x', instance='acme').executions")
    assert not {"pyrate_limiter", "redis", "asyncio"} & made
    assert not {name for name in made if name.startswith("accordant_generated.") and ".models." in name}
    code = "Dibop(api_key='x', instance='acme', transport=lambda *a: (204, [], b'')).alert_rules.delete('1')"
    called = imported_by(f"from accordant.dibop import Dibop\n{code}")
    assert "pyrate_limiter" in called
    assert not {"redis", "httpx"} & called


def test_a_client_with_its_own_transport_needs_no_http_library() -> None:
    """A client whose transport is a function loads no HTTP library at all."""
    made = "Dispatch(token='x', transport=lambda *a: (204, [], b''))"
    code = f"from accordant.dispatch import Dispatch\n{made}.brands.delete(1)"
    assert not {"httpx", "httpcore", "asyncio"} & imported_by(code)
