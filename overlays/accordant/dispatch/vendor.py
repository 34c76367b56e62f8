"""Dispatch's habits: its addresses and its error bodies."""

from __future__ import annotations

import re
from typing import Any, Final

from accordant_runtime import is_array, is_object

from ..clients import Problem, Vendor

TOKEN_PATH: Final = "/v3/oauth/token"
"""The version prefix stands before the token endpoint too [seed]."""

_CODE: Final = re.compile(r"[a-z]+(_[a-z]+)+")


def problem(document: Any) -> Problem:
    """Read an error body.

    A failed validation returns ``{"errors": [...]}`` [sdk]; the token endpoint ``{"error", "error_description"}``
    [sdk]; other bodies are not documented, and ``{"error": "..."}`` is what they are taken to be [assumed].
    """
    if not is_object(document):
        return Problem()
    errors = document.get("errors")
    if errors:
        details = tuple(_listed(errors))
        return Problem("; ".join(_words(item) for item in details), details=details)
    error = document.get("error")
    description = document.get("error_description")
    if isinstance(description, str) and description:
        return Problem(description, code=error if isinstance(error, str) else None)
    if isinstance(error, str) and error:
        return Problem(error, code=error if _CODE.fullmatch(error) else None)
    return Problem()


def _listed(errors: Any) -> list[Any]:
    """The list of errors; by field, as Rails likes to give them, each becomes ``"field: words"``."""
    if is_array(errors):
        return errors
    if is_object(errors):
        return [
            f"{name}: {_words(item)}"
            for name, value in errors.items()
            for item in (value if is_array(value) else [value])
        ]
    return [errors]


def _words(item: Any) -> str:
    if is_object(item):
        found = item.get("message") or item.get("detail") or item.get("title")
        return found if isinstance(found, str) else ", ".join(f"{name}: {value}" for name, value in item.items())
    return str(item)


VENDOR: Final = Vendor(
    name="dispatch",
    title="Dispatch",
    variable_prefix="DISPATCH",
    environments={
        "production": "https://api.dispatch.me",
        "sandbox": "https://api-sandbox.dispatch.me",
    },
    problem=problem,
    request_id_headers=("x-request-id", "x-transaction-id"),
)
