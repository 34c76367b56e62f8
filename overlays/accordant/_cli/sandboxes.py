"""`accordant sandbox dispatch`: the command of the sandboxes, which an extra brings."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Final, TextIO

from .usage import UsageError

MISSING: Final = "the sandboxes need an extra: pip install 'accordant[sandbox]'"
_EXTRA: Final = ("accordant_sandbox", "jsonschema_rs", "uvicorn", "python_multipart")
"""The packages that the extra brings, and the one that may have been left out of an installation."""


def sandbox(words: Sequence[str], out: TextIO) -> int:
    """Hand the words to the sandboxes' own command, which is imported here and nowhere else.

    Raises:
        UsageError: The extra is not installed.
    """
    try:
        import_module("uvicorn")  # asked for first: the command itself finds out only when it serves
        from accordant_sandbox.__main__ import main

        return main(words, out, program="accordant sandbox")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in _EXTRA:
            raise UsageError(MISSING) from None
        raise
