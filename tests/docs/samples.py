"""The Python samples of the documentation, as programs: found in the pages, and run in order, page by page."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent
from typing import Any, Final, NamedTuple

from accordant.clients import Client
from accordant_sandbox import Sandbox

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = sorted(
    str(path.relative_to(ROOT))
    for pages in ("README.md", "CONTRIBUTING.md", "docs/*.md", "docs/decisions/*.md")
    for path in ROOT.glob(pages)
)
NOT_HERE: Final = {
    "docs/api.md": "signatures that `make reference` writes, not programs",
    "docs/recipes.md": "tests, which tests/sandbox/test_recipes.py runs with the pytest plugin",
}
"""Pages whose blocks are not run by `run`, each with the reason."""
_BLOCK: Final = re.compile(
    r"(?:<!-- not run: (?P<reason>[^>]+?) -->\n\n?)?^(?P<indent> *)```python\n(?P<code>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_CLIENTS: Final = re.compile(r"(Async)?(Dispatch|Dibop|DimeScheduler|Espace)")
_ACCOUNT: Final = frozenset(
    {"client_id", "client_secret", "api_key", "username", "password", "email", "instance", "environment", "base_url"}
)


class Block(NamedTuple):
    """A sample: where it is, its code, and why it is not run, if so."""

    page: str
    line: int
    code: str
    reason: str | None


def blocks(page: str) -> list[Block]:
    """The Python blocks of a page, in order."""
    return find(page, (ROOT / page).read_text(encoding="utf-8"))


def find(page: str, text: str) -> list[Block]:
    """The Python blocks of a text."""
    return [
        Block(page, text.count("\n", 0, found.start("code")) + 1, dedent(found["code"]), found["reason"])
        for found in _BLOCK.finditer(text)
    ]


def run(samples: list[Block]) -> None:
    """Run samples one after the other in one namespace, as a reader who types them in would.

    A sample may define tests: they run with a fresh sandbox for each fixture `<vendor>_sandbox`.
    """
    names: dict[str, Any] = {"__name__": "sample"}
    with ExitStack() as opened:
        for sample in samples:
            _run(sample, names)
            for each in names.values():
                if isinstance(each, Client):
                    opened.callback(each.close)


def _run(sample: Block, names: dict[str, Any]) -> None:
    known = set(names)
    tree = _Accounts().visit(ast.parse(sample.code, sample.page))
    ast.increment_lineno(ast.fix_missing_locations(tree), sample.line - 1)
    exec(compile(tree, str(ROOT / sample.page), "exec", dont_inherit=True), names)  # noqa: S102 - it is what this is for
    for name in sorted(set(names) - known):
        if name.startswith("test_"):
            _as_test(names[name])


class _Accounts(ast.NodeTransformer):
    """A client that a sample makes with `"..."` in the place of a secret is made from the environment instead."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        placeholders = any(
            isinstance(each.value, ast.Constant) and isinstance(each.value.value, str) and "..." in each.value.value
            for each in node.keywords
        )
        if placeholders and isinstance(node.func, ast.Name) and _CLIENTS.fullmatch(node.func.id):
            node.func = ast.Attribute(node.func, "from_env", ast.Load())
            node.keywords = [each for each in node.keywords if each.arg not in _ACCOUNT]
        return node


def _as_test(test: Any) -> None:
    marks = getattr(test, "pytestmark", [])
    how: Mapping[str, Any] = {name: value for mark in marks for name, value in mark.kwargs.items()}
    with ExitStack() as opened:
        sandboxes = {
            name: opened.enter_context(Sandbox(name.removesuffix("_sandbox"), **how))
            for name in inspect.signature(test).parameters
        }
        test(**sandboxes)
        defects = [defect for sandbox in sandboxes.values() for defect in sandbox.defects]
    assert not defects, defects
