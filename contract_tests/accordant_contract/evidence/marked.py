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
    old = marked_page(page, mark)
    write(page, _between(mark).sub(lambda found: f"{found[1]}\n{text}\n\n{found[2]}", old))


def marked_page(page: Path, mark: str) -> str:
    """The text of a page that has both marks, to be sure of them before a long run; raises as :func:`put` does."""
    try:
        old = page.read_text(encoding="utf-8")
    except OSError as error:
        raise ContractError(f"cannot read {page}: {error.strerror or error}") from error
    except ValueError:
        raise ContractError(f"cannot read {page}: it is not UTF-8 text") from None
    if not _between(mark).search(old):
        raise ContractError(f"{page} has no lines <!-- {mark} --> and <!-- /{mark} --> to write between")
    return old


def _between(mark: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {re.escape(mark)} -->\n).*?(<!-- /{re.escape(mark)} -->)", re.DOTALL)
