"""The text of generated code: what the formatter and a reader demand of it, over all vendors."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import accordant_documents
from tests import warm

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated" / "accordant_generated"
VENDORS = sorted(place.parent.name for place in GENERATED.glob("*/operations.py"))


def modules(vendor: str) -> Iterator[tuple[Path, str]]:
    """The modules of a vendor's package with their text."""
    return ((path, path.read_text(encoding="utf-8")) for path in sorted((GENERATED / vendor).rglob("*.py")))


def docstrings(text: str) -> Iterator[tuple[ast.AST, str]]:
    """The docstrings of a module's classes and methods."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node, ast.get_docstring(node) or ""


@pytest.mark.parametrize("vendor", VENDORS)
def test_lines(vendor: str) -> None:
    """No line has more than 120 columns, and nothing keeps the formatter out."""
    for path, text in modules(vendor):
        assert max(map(len, text.splitlines()), default=0) <= 120, path
        assert "fmt: skip" not in text, path


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_formatter_agrees(vendor: str) -> None:
    """The pinned formatter has nothing to change, and no import is unused."""
    options = ["--isolated", "--no-cache", "--line-length", "120", "--target-version", "py311", str(GENERATED / vendor)]
    compact = ["--config", "format.skip-magic-trailing-comma = true"]
    for command in (["format", "--check", *compact], ["check", "--select", "E501,I,F401", "--ignore-noqa"]):
        done = subprocess.run([sys.executable, "-m", "ruff", *command, *options], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("vendor", VENDORS)
def test_raises(vendor: str) -> None:
    """A class says once which statuses all its methods raise for; a method says which others, sorted, each once."""
    told = 0
    for path, text in modules(vendor):
        shared: set[str] = set()
        for node, doc in docstrings(text):
            for sentence, listed in re.findall(r"(\w+ \w+) an\s+APIStatusError\s+for\s+([\d,\s]+\d)", doc):
                codes = re.findall(r"\d+", listed)
                assert codes == sorted(set(codes)), (path, doc)
                told += 1
                if isinstance(node, ast.ClassDef):
                    shared = set(codes)
                else:
                    assert not shared & set(codes), (path, doc)
                    assert (sentence == "Also raises") is bool(shared), (path, doc)
    assert told


@pytest.mark.parametrize("vendor", VENDORS)
def test_evidence(vendor: str) -> None:
    """Where something is known from is said in words; none of the marks of our overlays is shown."""
    said = 0
    for path, text in modules(vendor):
        for node, doc in docstrings(text):
            assert "Source:" not in doc, path
            named = isinstance(node, ast.ClassDef) and "What a method does is" in doc
            said += named
    marked = "x-evidence" in accordant_documents.path(vendor).read_text(encoding="utf-8")
    assert bool(said) is marked


@pytest.mark.parametrize("vendor", VENDORS)
def test_no_tautologies(vendor: str) -> None:
    """What is said of a field or an argument says more than its name."""
    for path, text in modules(vendor):
        for name, said in re.findall(r"^ {12}(\w+): (\S.*)$", text, re.MULTILINE):
            assert re.sub(r"\W|_", "", said).lower() != re.sub("_", "", name).lower(), (path, name)
        for name, said in re.findall(r'^    (\w+): .*\n    """(.*?)"""$', text, re.MULTILINE):
            assert re.sub(r"\W|_", "", said).lower() != re.sub("_", "", name).lower(), (path, name)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_blocking_program_imports_no_asynchronous_class(vendor: str, tmp_path: Path) -> None:
    """Using every resource of the blocking client loads no module of the asynchronous one."""
    names = f"[name for name in sys.modules if name.startswith('accordant_generated.{vendor}.aio.')]"
    code = f"import sys\nfrom accordant_generated.{vendor} import client\n"
    for kind, expected in (("Resources", False), ("AsyncResources", True)):
        use = f"api = client.{kind}()\napi._caller = None\nnames = [name for name in vars(client.{kind})"
        use += " if name[:1] != '_']\n[getattr(api, name) for name in names]\n"
        program = ["-c", f"{code}{use}print(bool({names}))"]
        done = warm.run(program, cwd=tmp_path, libraries=warm.GENERATED)
        assert done.stdout.strip() == str(expected), done.stderr
