"""`accordant proxy dispatch --upstream URL`: the validating proxy of the contract tests, which an extra brings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TextIO

from .usage import UsageError

MISSING: Final = "the proxy needs an extra: pip install 'accordant[workbench]'"
_EXTRA: Final = (
    "accordant_contract",
    "accordant_sandbox",
    "jsonschema_rs",
    "schemathesis",
    "uvicorn",
    "python_multipart",
)
"""The packages that the extra brings, and those that may have been left out of an installation."""


def proxy(words: Sequence[str], out: TextIO, err: TextIO) -> int:
    """Hand the words to the command of the contract tests, which is imported here and nowhere else.

    Raises:
        UsageError: The extra is not installed, or an argument is wrong.
    """
    try:
        from accordant_contract.errors import ContractError
        from accordant_contract.proxy.command import main
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in _EXTRA:
            raise UsageError(MISSING) from None
        raise
    try:
        return main(words, out, err, program="accordant proxy")
    except ContractError as error:
        raise UsageError(str(error)) from None
