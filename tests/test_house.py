"""The rules of the house: who may import whom, how long things may be, what is locked."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONG = {("seeds.py", "_events"): "a table of records, one call a row"}
"""Functions that may be longer, and why."""
MAY = {
    "runtime/accordant_runtime": {"attrs", "orjson"},
    "generated/accordant_documents": set[str](),
    "generated/accordant_generated": {"attrs", "accordant_runtime"},
    "overlays/accordant": {
        *("attrs", "httpx", "httpcore", "pyrate_limiter", "redis", "accordant_runtime", "accordant_generated"),
    },
    "sandboxes/accordant_sandbox": {
        *("accordant_documents", "jsonschema_rs", "orjson", "pytest", "python_multipart", "uvicorn"),
    },
    "codegen": {"attrs", "jsonpath_rfc9535", "openapi_python_client", "accordant_runtime", "yaml"},
}
HAND_WRITTEN = ("runtime", "overlays", "sandboxes", "codegen", "contract_tests")


def modules(folder: str) -> Iterator[Path]:
    yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "__pycache__" not in path.parts)


def imported(path: Path) -> Iterator[str]:
    """The top names of every absolute import, those inside functions included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


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


def test_httpx_stays_in_the_transport() -> None:
    """Only the files of the transport know the HTTP library."""
    users = {path.name for path in modules("overlays/accordant") if {"httpx", "httpcore"} & set(imported(path))}
    assert users == {
        *(
            "httpx_transport.py",
            "library_errors.py",
            "connection.py",
            "routes.py",
            "connecting.py",
            "watched_sockets.py",
            "async_sockets.py",
            "timed_sockets.py",
        )
    }


@pytest.mark.parametrize("folder", HAND_WRITTEN)
def test_modules_and_functions_are_short(folder: str) -> None:
    """Hand-written modules have at most 400 lines, and functions at most 60."""
    wrong: list[str] = []
    for path in modules(folder):
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > 400:
            wrong.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
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
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or not node.name.startswith("test_"):
                continue
            if path.name.startswith("test_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not silent


def test_the_former_name_is_gone() -> None:
    """The project has one name. The changelog alone may tell that it had another, which is a different project now."""
    former = "tre" + "aty"
    places: list[str] = []
    for path in sorted(ROOT.rglob("*")):
        relative = path.relative_to(ROOT)
        made = relative.parts[0] in ("build", "dist") or "__pycache__" in relative.parts
        hidden = relative.parts[0].startswith(".") and relative.parts[0] not in (".ci", ".github")
        if made or hidden or not path.is_file() or relative.name == "CHANGELOG.md":
            continue
        if former in str(relative).lower() or former.encode() in path.read_bytes().lower():
            places.append(str(relative))
    assert not places
