"""A part of a page that a command writes: what is between its two marks."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import ContractError
from .store import write


def put(page: Path, mark: str, text: str) -> None:
    """Put a text between the marks ``<!-- mark -->`` and ``<!-- /mark -->`` of a page, which is replaced as a whole.

    Raises :class:`ContractError` where the page cannot be read or has no such marks.
    """
    try:
        old = page.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ContractError(f"cannot read {page}: {error}") from error
    between = re.compile(rf"(<!-- {re.escape(mark)} -->\n).*?(<!-- /{re.escape(mark)} -->)", re.DOTALL)
    if not between.search(old):
        raise ContractError(f"{page} has no lines <!-- {mark} --> and <!-- /{mark} --> to write between")
    write(page, between.sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", old))
