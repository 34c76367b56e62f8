"""Dime.Scheduler's habits: its addresses, its error bodies, and failures behind HTTP 200."""

from __future__ import annotations

from typing import Any, Final

from treaty_runtime import Operation, is_array, is_object, loads

from .._messages import HttpResponse
from .._vendor import Problem, Vendor, declared_failure

TOKEN_PATH: Final = "/token"
API_KEY_HEADER: Final = "X-API-KEY"
"""The API key's header [seed]; like the bearer token it stays with the client's own address."""


def problem(document: Any) -> Problem:
    """Read an error body: ASP.NET's problem details [assumed], or ``{"Error", "Description"}`` [sdk]."""
    if not is_object(document):
        return Problem()
    low = {key.lower(): value for key, value in document.items()}
    words = next((low[key] for key in ("description", "detail", "message", "title", "error") if _said(low, key)), "")
    code = low.get("error") if _said(low, "error") and low.get("error") != words else None
    errors = low.get("errors")
    details: tuple[Any, ...] = ()
    if is_object(errors):
        details = tuple(
            f"{name}: {item}" for name, value in errors.items() for item in (value if is_array(value) else [value])
        )
    return Problem(words or "; ".join(map(str, details)), code=code, details=details)


def _said(document: dict[str, Any], key: str) -> bool:
    return isinstance(document.get(key), str) and bool(document[key])


def hidden_problem(operation: Operation[Any], response: HttpResponse, document: Any) -> Problem | None:
    """The failure behind a 200: ``statusCode`` in the answer decides, and ``content`` is JSON as text [sdk]."""
    found = declared_failure(operation, response, document)
    if found is None:
        return None
    try:
        inner = problem(loads(found.message.encode()))
    except ValueError:
        inner = Problem()
    return Problem(inner.message or found.message, inner.code, inner.details, found.status)


VENDOR: Final = Vendor(
    name="dime_scheduler",
    title="Dime.Scheduler",
    variable_prefix="DIME_SCHEDULER",
    environments={
        "production": "https://api.dimescheduler.com",
        "sandbox": "https://sandbox.api.dimescheduler.com",
        "test": "https://test.api.dimescheduler.com",
    },
    problem=problem,
    hidden_problem=hidden_problem,
    protected_headers=frozenset(
        {"authorization", API_KEY_HEADER.lower(), "host", "content-length", "transfer-encoding", "connection"}
    ),
)
