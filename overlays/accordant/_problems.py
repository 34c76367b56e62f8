"""What an error body says, read in the forms that most APIs use."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from accordant_runtime import is_array, is_object

_MESSAGES: Final = (
    *("detail", "message", "errormessage", "errordescription", "description", "title", "reason", "msg", "error"),
    *("faultstring", "exceptionmessage"),
)
"""Keys of a text for people, the most telling first, without regard to case and underscores."""
_CODES: Final = ("code", "errorcode", "error", "type", "status", "name")
_LISTS: Final = ("errors", "details", "violations", "invalidparams", "fields", "issues", "detail", "message", "error")
"""Keys of a list, or of an object by field, of what is wrong in detail."""
_WRAPPERS: Final = ("error", "fault", "errors", "meta", "response", "data")
"""Keys under which an object may hold all of that."""
_PLACES: Final = ("field", "name", "property", "parameter", "path", "loc", "pointer", "source")
_NO_CODES: Final = frozenset({"about:blank", "error", "fail", "failed", "failure"})
_DEEPEST: Final = 3


@frozen
class Problem:
    """What an error body says: the vendor's code, its words, and the list of details where it gives one.

    ``status`` is set where the body knows better than the HTTP status, as in an error in a 200 response.
    """

    message: str = ""
    code: str | None = None
    details: tuple[Any, ...] = ()
    status: int | None = None


def read_problem(document: Any) -> Problem:
    """Read an error's parsed body in whatever form it came.

    Known are problem details (RFC 9457), OAuth 2 (``error``, ``error_description``), JSON:API, ``{"message", "code"}``,
    ``{"error": {...}}``, ``{"errors": [...]}`` and ``{"errors": {field: [...]}}``, ``{"detail": [...]}`` with places,
    lists of these, and a text alone. Anything else is a problem without words.
    """
    return _read(document, _DEEPEST)


def _read(document: Any, levels: int) -> Problem:
    if isinstance(document, str):
        return Problem(document)
    if is_array(document):
        return _of_list(document, levels)
    if not is_object(document):
        return Problem()
    plain = {_plain(key): value for key, value in document.items()}
    details = _details(plain)
    message = next((plain[key] for key in _MESSAGES if _text(plain.get(key))), "")
    code = _code(plain, message)
    if not message and levels:
        inner = next((plain[key] for key in _WRAPPERS if is_object(plain.get(key))), None)
        if inner is not None and (found := _read(inner, levels - 1)).message:
            return Problem(found.message, found.code or code, found.details or details)
    words = message or "; ".join(filter(None, (_said(each) for each in details)))
    if not code and details and is_object(details[0]):
        code = _code({_plain(key): value for key, value in details[0].items()}, words)
    return Problem(words, code, details)


def _of_list(items: list[Any], levels: int) -> Problem:
    """A list of errors is its members' words, and the code of the first."""
    words = "; ".join(filter(None, map(_said, items)))
    first = _read(items[0], levels - 1) if items and levels and is_object(items[0]) else Problem()
    return Problem(words, first.code, tuple(items))


def _details(plain: dict[str, Any]) -> tuple[Any, ...]:
    for key in _LISTS:
        value = plain.get(key)
        if is_array(value) and value:
            return tuple(value)
        if is_object(value) and key == "errors" and value:
            return tuple(
                f"{name}: {_said(item) or item}"
                for name, items in value.items()
                for item in (items if is_array(items) else [items])
            )
    return ()


def _code(plain: dict[str, Any], message: str) -> str | None:
    """The vendor's code: the first text that is not the message itself, or a number that is called a code."""
    for key in _CODES:
        value = plain.get(key)
        if isinstance(value, str) and value and value != message and value.lower() not in _NO_CODES:
            return value
        if type(value) is int and key in ("code", "errorcode"):
            return str(value)
    return None


def _said(item: Any) -> str:
    """One detail as words: its message, after the place that it is about."""
    if isinstance(item, str):
        return item
    if not is_object(item):
        return ""
    plain = {_plain(key): value for key, value in item.items()}
    words = next((plain[key] for key in _MESSAGES if _text(plain.get(key))), "")
    place = next((found for key in _PLACES if (found := _place(plain.get(key))) and found != words), "")
    return f"{place}: {words}" if place and words else words


def _place(value: Any) -> str:
    if is_array(value):
        return ".".join(str(each) for each in value if isinstance(each, (str, int)))
    if is_object(value):
        return next((each for each in value.values() if isinstance(each, str)), "")
    return value if isinstance(value, str) else ""


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _plain(key: str) -> str:
    return key.replace("_", "").replace("-", "").lower()
