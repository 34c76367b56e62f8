"""Values as Python that a person reads: an item a line where one line is too long, variables in place of secrets."""

from __future__ import annotations

import re
from typing import Any, Final

from accordant_runtime import is_array, is_object

from .steps import SECRET, VARIABLE

_NAMED: Final = re.compile(rf"'{VARIABLE}([a-z0-9_]+?)_'")
_SECRETS: Final = re.compile(rf"'{SECRET}([A-Z0-9_]+?)_'")
_WIDTH: Final = 100


def literal(value: Any, margin: str = "    ") -> str:
    """A value as Python, with the names of ids and the variables of secrets in their places."""
    text = _laid_out(value, margin)
    return _SECRETS.sub(r'os.environ["\1"]', _NAMED.sub(r"\1", text))


def _laid_out(value: Any, margin: str) -> str:
    line = repr(value)
    if len(line) + len(margin) <= _WIDTH or not (is_object(value) or is_array(value)):
        return line
    inner = f"{margin}    "
    if is_object(value):
        parts = [f"{inner}{name!r}: {_laid_out(each, inner)}," for name, each in value.items()]
        return "\n".join(["{", *parts, f"{margin}}}"])
    return "\n".join(["[", *(f"{inner}{_laid_out(each, inner)}," for each in value), f"{margin}]"])
