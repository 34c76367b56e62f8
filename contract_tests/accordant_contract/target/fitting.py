"""A vendor's module beside a document that has changed: what names something that is gone is left out, and told."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from attrs import evolve

from ..document.document import Document
from ..document.policy import Policy
from ..errors import ContractError
from .vendor import TargetVendor

_ENTRIES = ("situations", "effects", "repeats", "spared", "refusals", "choices", "allowances")


def fitting(vendor: TargetVendor, document: Document, module: str) -> TargetVendor:
    """The vendor without what its document no longer has, which its ``stale`` lists with the lines of the module.

    Raises :class:`ContractError` for what no document can be the cause of, and where nothing is left to log in with.
    """
    lost = [name for name in vendor.logins if name not in document.operations]
    if lost:
        places = ", ".join(_places(module, lost[0]))
        raise ContractError(f"{places}: the login is by {lost[0]!r}, no such operation of {vendor.name}. Correct it")
    problems: list[str] = []
    kept: dict[str, Any] = {
        name: tuple(each for each in getattr(vendor.policy, name) if _fits(name, (each,), document, problems))
        for name in _ENTRIES
    }
    kept["hints"] = {
        name: hint for name, hint in vendor.policy.hints.items() if _fits("hints", {name: hint}, document, problems)
    }
    weaker = {who: tuple(_known(globs, who, document, problems)) for who, globs in vendor.weaker.items()}
    stale = tuple(f"{', '.join(_places(module, _name(each)))}: {each}" for each in dict.fromkeys(problems))
    return evolve(vendor, policy=Policy(**kept), weaker=weaker, stale=stale)


def _fits(field: str, entry: Any, document: Document, problems: list[str]) -> bool:
    """Whether an entry of the policy, as the only one of it, names nothing that is gone."""
    found = list(Policy(**{field: entry}).problems(document))
    wrong = next((each for each in found if "no such check" in each), None)
    if wrong:
        raise ContractError(f"the policy of {document.name}: {wrong}")
    problems += found
    return not found


def _known(globs: tuple[str, ...], principal: str, document: Document, problems: list[str]) -> Iterator[str]:
    for each in globs:
        if any(fnmatchcase(name, each) for name in document.operations):
            yield each
        else:
            problems.append(f"what {principal} may not do names {each!r}, which no operation matches")


def _name(problem: str) -> str:
    """What a problem is about: it quotes it."""
    quoted = re.search(r"'([^']+)'", problem)
    return quoted[1] if quoted else ""


def _places(module: str, name: str) -> list[str]:
    """The lines of a module that hold a text, or the module where it makes it up."""
    spec = find_spec(module)
    file = Path(spec.origin) if spec is not None and spec.origin else Path(module)
    label = "/".join(("contract_tests", *file.parts[-4:]))
    tree = ast.parse(file.read_text(encoding="utf-8")) if file.exists() else ast.Module([], [])
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    found = sorted({node.lineno for node in texts if node.value == name})
    return [f"{label}:{line}" for line in found] or [label]
