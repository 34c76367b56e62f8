"""Dime.Scheduler's habits: its addresses, its error bodies, and failures in an HTTP 200 response."""

from __future__ import annotations

from typing import Any, Final

from accordant_runtime import Operation, is_array, is_object, loads

from ..clients import HttpResponse, Problem, Vendor

TOKEN_PATH: Final = "/token"
API_KEY_HEADER: Final = "X-API-KEY"
"""The API key's header [seed]; like the bearer token it stays with the client's own address."""
_SUCCESS: Final = 200
"""The only ``statusCode`` of a ContentResult that is success [sdk]; its document says so too."""


def problem(document: Any) -> Problem:
    """Read an error body: ASP.NET's problem details [assumed], ``{"Error", "Description"}`` [sdk], or a mere text."""
    if isinstance(document, str):
        return Problem(document)
    if not is_object(document):
        return Problem()
    low = _lowered(document)
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


def hidden_problem(operation: Operation[Any], _response: HttpResponse, document: Any) -> Problem | None:
    """The failure in a 200 response: ``statusCode`` decides [sdk], and what ``content``, JSON as text, says of it.

    Some failures say so in ``content`` only, under a ``statusCode`` of 200. A response without ``statusCode`` is flat:
    ``success``, ``status`` and ``message`` are in the response itself, in any letter case [assumed].
    """
    if operation.failure is None or not is_object(document):
        return None
    low = _lowered(document)
    content = _parsed(low.get("content"))
    inner = _lowered(content)
    flat = {} if "statuscode" in low else low
    status = _http_error(flat) if flat else _number(low.get("statuscode"))
    if status in (None, _SUCCESS) and not _refuses(inner) and not _refuses(flat):
        return None
    found = problem(content) if content is not None else Problem()
    if not found.message:
        text = low.get("content")
        found = problem(flat) if flat else Problem(text if isinstance(text, str) and content is None else "")
    # Where the number beside a refusal says success, the one inside may know better.
    known = status if status not in (None, _SUCCESS) else _http_error(inner)
    return Problem(found.message, found.code, found.details, known)


def _lowered(document: Any) -> dict[str, Any]:
    return {key.lower(): value for key, value in document.items()} if is_object(document) else {}


def _parsed(content: Any) -> Any:
    """What ``content`` holds; ``None`` where it is not JSON."""
    try:
        return loads(content.encode()) if isinstance(content, str) else content
    except (ValueError, RecursionError):
        return None


def _number(status: Any) -> int | None:
    """A status, which a careless writer may have put into quotes."""
    if isinstance(status, str) and status.isascii() and status.isdigit():
        return int(status)
    return status if type(status) is int else None


def _http_error(low: dict[str, Any]) -> int | None:
    """The ``status`` of an outcome where it is the number of an HTTP failure; others could mean anything."""
    status = _number(low.get("status"))
    return status if status is not None and 300 <= status <= 599 else None


def _refuses(low: dict[str, Any]) -> bool:
    """Whether an outcome says that it is none, by ``success`` or by an ``error`` that is not empty."""
    error = low.get("error")
    return low.get("success") is False or bool(error.strip() if isinstance(error, str) else error)


VENDOR: Final = Vendor(
    name="dime_scheduler",
    title="Dime.Scheduler",
    variable_prefix="DIME_SCHEDULER",
    environments={
        "production": "https://api.dimescheduler.com",
        "sandbox": "https://sandbox.api.dimescheduler.com",
        "test": "https://test.api.dimescheduler.com",
    },
    wall_clock=True,
    problem=problem,
    hidden_problem=hidden_problem,
    protected_headers=frozenset(
        {"authorization", API_KEY_HEADER.lower(), "host", "content-length", "transfer-encoding", "connection"}
    ),
)
