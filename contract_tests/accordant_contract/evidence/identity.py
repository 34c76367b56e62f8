"""Which tests a run was made with: evidence of other tests proves nothing about these."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

import accordant_contract
import accordant_sandbox

_ROOTS: Final = (accordant_contract, accordant_sandbox)
_SUFFIXES: Final = frozenset({".py", ".html", ".css", ".js"})


@cache
def tests_digest() -> str:
    """A hash over the contract tests and the sandbox: whatever changes in either gives another one."""
    digest = hashlib.sha256()
    for root in _ROOTS:
        folder = Path(root.__path__[0])
        for file in sorted(each for each in folder.rglob("*") if each.suffix in _SUFFIXES):
            content = file.read_bytes()
            digest.update(f"{root.__name__}/{file.relative_to(folder).as_posix()} {len(content)}\n".encode())
            digest.update(content)
    return digest.hexdigest()
