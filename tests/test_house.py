"""The rules of the house: who may import whom, how long things may be, what is locked."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest

from tests.sources import statements

ROOT = Path(__file__).resolve().parent.parent
LONG = {("seeds.py", "_events"): "a table of records, one call a row"}
"""Functions that may be longer, and why."""
LONG_MODULES = {
    "codegen/accordant_codegen/types/schemas.py": "reads every kind of schema, by methods that call each other",
}
"""Modules that may be longer than 350 lines, and why. One that is short again is taken off this list."""
MAY = {
    "runtime/accordant_runtime": {"attrs", "orjson", "typing_extensions"},  # the last for type checkers alone
    "generated/accordant_documents": set[str](),
    "generated/accordant_generated": {"attrs", "accordant_runtime"},
    "overlays/accordant": {
        *("attrs", "httpx", "httpcore", "httpx2", "httpcore2", "httptools"),
        *("opentelemetry", "pyrate_limiter", "redis", "PyInstaller"),
        *("mcp", "anyio"),  # the command's server for assistants
        *("accordant_runtime", "accordant_generated"),
        *("accordant_documents", "accordant_sandbox"),  # the command and the helpers for tests alone, below
        *("accordant_codegen", "accordant_contract"),  # the command alone, when one of theirs is used
    },
    "sandboxes/accordant_sandbox": {
        *("accordant_documents", "jsonschema_rs", "orjson", "pytest", "python_multipart", "uvicorn"),
    },
    "codegen/accordant_codegen": {
        *(
            "attrs",
            "httpx",
            "jinja2",
            "jsonpath_rfc9535",
            "openapi_python_client",
            "ruff",
            "accordant_runtime",
            "tomlkit",
            "yaml",
        ),
    },
}
ABOVE = {"accordant_documents", "accordant_sandbox", "accordant_codegen", "accordant_contract"}
"""What the command of the clients hands over to, and no client imports."""
HAND_WRITTEN = ("runtime", "overlays", "sandboxes", "codegen", "contract_tests", "benchmarks", "release")
PACKAGES = {
    "accordant_runtime": "runtime",
    "accordant": "overlays",
    "accordant_sandbox": "sandboxes",
    "accordant_codegen": "codegen",
    "accordant_contract": "contract_tests",
}
"""Hand-written packages, and the folder under which each stands."""
CIRCLES_LEFT = {
    "accordant_runtime": {
        frozenset({"accordant_runtime._careful", "accordant_runtime._errors", "accordant_runtime._notes"}): (
            "type-only: an error names its deviation, and a deviation raises the error"
        ),
        frozenset(f"accordant_runtime.{name}" for name in ("_model", "_straight_reading", "_straight_writing")): (
            "a model's reader and writer are made at its first use, out of those of the models that it holds"
        ),
    },
}
"""Circles of imports that stand, each with the reason. One that is gone is taken off this list."""
DOUBLES = {
    "sandboxes": {
        *("Answer", "Clock", "Document", "Headers", "Operation", "Pages", "Paging", "Parameter"),
        *("Place", "Problem", "Procedure", "Request", "Rows", "Schemas", "Upload", "Vendor", "Violation", "Wire"),
    },
    "contract_tests": {"Document", "Operation", "Paging", "Parameter", "Request", "Schemas", "Violation"},
}
"""Class names that mean something else elsewhere, for independence: the sandbox and the judges read the document, and
what travels, by themselves, so that one misreading cannot hide in the client and in what it is held against."""
SANDBOX_ROOMS = ("errors", "http", "ports", "model", "engine", "derive", "faults", "vendors", "server")
"""The rooms of the sandbox from the ground up: each imports those before it, never one behind it."""


def modules(folder: str) -> Iterator[Path]:
    yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "__pycache__" not in path.parts)


def imported(path: Path) -> Iterator[str]:
    """The top names of every absolute import, those inside functions included."""
    for node in statements(path):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def import_graph(package: str) -> dict[str, set[str]]:
    """The modules of a package, each with those of the same package that it imports, for the type checker alone too."""
    base = ROOT / PACKAGES[package]
    paths = {_module(path, base): path for path in modules(str(base / package))}
    return {name: set(_targets(name, path, paths.keys())) - {name} for name, path in paths.items()}


def _module(path: Path, base: Path) -> str:
    parts = path.relative_to(base).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _targets(name: str, path: Path, known: Collection[str]) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in statements(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *(node.module or "").split(".")]).strip(".")
            for alias in node.names:
                found = next((each for each in (f"{source}.{alias.name}", source) if each in known), None)
                if found:
                    yield found


def circles(graph: Mapping[str, set[str]]) -> set[frozenset[str]]:
    """The groups of modules that reach each other."""
    reach = {name: _reached(graph, name) for name in graph}
    groups = {frozenset(each for each in found if name in reach[each]) for name, found in reach.items()}
    return {group for group in groups if len(group) > 1}


def _reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    open_ends = [start]
    while open_ends:
        fresh = graph[open_ends.pop()] - found
        found |= fresh
        open_ends += fresh
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_no_imports_in_a_circle(package: str) -> None:
    """Any module can be read without one that leads back to it: imports for the type checker alone count as well."""
    assert circles(import_graph(package)) == set(CIRCLES_LEFT.get(package, {}))


def test_circles_are_found() -> None:
    """A circle of any length is reported once, with its members and nobody else."""
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": {"f"}, "f": {"e"}, "g": set[str]()}
    assert circles(graph) == {frozenset("abc"), frozenset("ef")}


def test_rooms_of_the_client_import_one_way() -> None:
    """No two rooms of the client know each other: each can be read after those that it imports."""
    graph = import_graph("accordant")
    rooms: dict[str, set[str]] = {}
    for name, targets in graph.items():
        rooms.setdefault(_room(name), set()).update(_room(target) for target in targets)
    assert len(rooms) > 15
    assert circles(rooms) == set()


def _room(name: str) -> str:
    """The folder of a module, or the module itself where it stands beside the folders."""
    return ".".join(name.split(".")[:2])


def test_a_class_name_means_one_thing() -> None:
    """A class name is used once in the hand-written code; the doubles that independence asks for are listed."""
    places: dict[str, list[str]] = {}
    for home in ("runtime", "overlays", "codegen", "contract_tests", "sandboxes"):
        for path in modules(home):
            for node in statements(path):
                if isinstance(node, ast.ClassDef):
                    places.setdefault(node.name, []).append(home)
    doubles = {name: homes for name, homes in places.items() if len(homes) > 1}
    independent = {home: {name for name, homes in doubles.items() if home in homes} for home in DOUBLES}
    assert independent == DOUBLES
    unexplained = {name for name, homes in doubles.items() if len(set(homes) - set(DOUBLES)) > 1}
    assert not unexplained | {name for name, homes in doubles.items() if len(set(homes)) < len(homes)}


def test_rooms_of_the_sandbox_import_downwards() -> None:
    """A room of the sandbox knows the rooms under it alone, so that a vendor or a fault is read from the ground up."""
    graph = import_graph("accordant_sandbox")
    rooms = {name: name.split(".")[1] for name in graph if name.count(".") and not name.endswith("__main__")}
    assert set(rooms.values()) == set(SANDBOX_ROOMS)
    upwards = [
        f"{name} -> {target}"
        for name, room in rooms.items()
        for target in graph[name]
        if target in rooms and SANDBOX_ROOMS.index(rooms[target]) > SANDBOX_ROOMS.index(room)
    ]
    assert not upwards


@pytest.mark.parametrize("folder", MAY)
def test_imports_go_down_only(folder: str) -> None:
    """A package imports itself, the standard library and what its floor allows, and nothing else."""
    allowed = MAY[folder] | {Path(folder).name} | set(sys.stdlib_module_names)
    wrong = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in modules(folder)
        for name in imported(path)
        if name not in allowed
    }
    assert not wrong


@pytest.mark.parametrize("folder", MAY)
def test_every_permission_is_used(folder: str) -> None:
    """What a floor allows and no module imports is taken off the list: an unused permission is an invitation."""
    used = {name for path in modules(folder) for name in imported(path)}
    assert MAY[folder] <= used


def test_http_libraries_are_loaded_in_one_place() -> None:
    """Only one module imports an HTTP library, and only one the parser of the fast transport."""
    users: dict[str, set[str]] = {}
    for path in modules("overlays/accordant"):
        for name in {"httpx", "httpcore", "httpx2", "httpcore2", "httptools"} & set(imported(path)):
            users.setdefault(name, set()).add(path.name)
    assert users == {
        **{name: {"library.py"} for name in ("httpx", "httpcore", "httpx2", "httpcore2")},
        "httptools": {"response_reading.py"},
    }


def test_clients_do_without_sandboxes_and_documents() -> None:
    """A client imports neither sandbox, document nor tool: the command and one helper for tests do, when used."""
    users: dict[str, set[str]] = {}
    for path in modules("overlays/accordant"):
        for name in ABOVE & set(imported(path)):
            users.setdefault(name, set()).add(str(path.relative_to(ROOT / "overlays/accordant")))
    assert users == {
        "accordant_documents": {
            *("_cli/main.py", "_cli/methods.py", "_cli/project.py", "_cli/schemas.py", "evidence.py"),
            "_cli/upgrade/installed.py",
        },
        "accordant_codegen": {"_cli/workbench.py"},
        "accordant_sandbox": {"_cli/sandboxes.py", "testing.py"},
        "accordant_contract": {"_cli/proxy.py", "_cli/workbench.py"},
    }
    graph = import_graph("accordant")
    assert {name for name, found in graph.items() if "accordant._cli" in {_room(each) for each in found}} <= {
        "accordant.__main__",
        *(name for name in graph if _room(name) == "accordant._cli"),
    }


@pytest.mark.parametrize("folder", HAND_WRITTEN)
def test_modules_and_functions_are_short(folder: str) -> None:
    """Hand-written modules have at most 350 lines and functions at most 60; the excused are listed, and no others."""
    wrong: list[str] = []
    for path in modules(folder):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT).as_posix()
        if (text.count("\n") > 350) is not (name in LONG_MODULES):
            wrong.append(f"{name}: {text.count(chr(10))} lines")
        for node in statements(path):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno is not None:
                length = node.end_lineno - node.lineno + 1
                if length > 60 and (path.name, node.name) not in LONG:
                    wrong.append(f"{path.relative_to(ROOT)}: {node.name} has {length} lines")
    assert not wrong


def test_the_lock_is_hashed_and_names_no_index() -> None:
    """Requirements are pinned with hashes, and no package index is named."""
    text = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    pins = re.findall(r"^([a-z0-9][a-z0-9._-]*)==\S+ \\$", text, re.MULTILINE | re.IGNORECASE)
    assert len(pins) > 40
    assert text.count("--hash=sha256:") >= len(pins)
    assert "index" not in re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    assert "://" not in text
    assert "openapi-python-client==0.29.1" in text
    assert "ruff==0.17.6" in text


def test_generated_files_name_no_place_on_a_machine() -> None:
    """Generated code and effective documents hold no absolute path of the machine that made them."""
    for folder in ("generated/accordant_generated", "generated/accordant_documents"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".json"):
                assert str(ROOT) not in path.read_text(encoding="utf-8"), path


def test_every_test_says_what_it_proves() -> None:
    """Each test has a docstring: the sentence that a user relies on."""
    silent: list[str] = []
    for path in (*modules("tests"), *modules("contract_tests")):
        for node in statements(path):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or not node.name.startswith("test_"):
                continue
            if path.name.startswith("test_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not silent


def _own_files() -> Iterator[Path]:
    """The files of the repository, without those that were made and those of hidden folders, which are many."""
    for top in sorted(ROOT.iterdir()):
        if top.name in ("build", "dist") or (top.name.startswith(".") and top.name not in (".ci", ".github")):
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else (top,):
            if "__pycache__" not in path.parts and path.is_file():
                yield path


def test_the_former_name_is_gone() -> None:
    """The project has one name. The changelog, and the data that finds the other one in callers' code, alone may tell
    that it had another, which is a different project now."""
    former = "tre" + "aty"
    telling = ("CHANGELOG.md", "overlays/accordant/_upgrades/0.1.0.json")
    places: list[str] = []
    for path in _own_files():
        relative = path.relative_to(ROOT)
        if relative.as_posix() in telling:
            continue
        if former in str(relative).lower() or former.encode() in path.read_bytes().lower():
            places.append(str(relative))
    assert not places
