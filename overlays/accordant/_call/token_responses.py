"""Responses of token endpoints, read tolerantly: other encodings, forms, errors in a 200 response."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from attrs import evolve

from accordant_runtime import Notes, TooDeepError, dumps, is_object, loads

from .._http.messages import HttpRequest, HttpResponse
from .._problems import Problem
from ..errors import AccordantError, ResponseDecodeError
from .session import Session
from .status_errors import credential_error, parsed_or_none, scrubbed, shortfall, status_error

_BUSY: Final = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
"""Codes of OAuth 2 that say nothing about the credentials."""
_PASSING: Final = frozenset({408, 425, 429})
_FLAGS: Final = ("success", "issuccess", "issuccessstatuscode")
_STATUSES: Final = ("statuscode", "status")
_CHARSET: Final = re.compile(
    r"charset=\"?((?:iso-8859-|windows-125|cp125|latin-?|us-ascii)\d{0,2})\"?", re.ASCII | re.IGNORECASE
)
"""Where the bytes are no UTF-8, one of these may be declared. Other codecs of Python are no business of a vendor."""
_FORM: Final = "application/x-www-form-urlencoded"


def readable(response: HttpResponse) -> HttpResponse:
    """The response with its body as JSON in UTF-8, where it came in UTF-16, UTF-32, with a BOM, or as a form.

    Of a success that is not whole nothing is kept: half a token may look like one. Do this before anything is scrubbed:
    a secret is not found in UTF-16.
    """
    if response.broken is not None and response.ok:
        return evolve(response, content=b"")
    content = _utf8(response)
    if response.media_type == _FORM:
        try:
            content = dumps(dict(parse_qsl(content.decode(), keep_blank_values=True)))
        except (ValueError, TypeError):  # no form after all
            return response
    return response if content is response.content else evolve(response, content=content)


def token_error(session: Session, operation: str, request: HttpRequest, response: HttpResponse) -> AccordantError:
    """The error for a response that holds no token.

    A refusal is a ``CredentialError`` with the vendor's words, whether the status is 4xx or 200. Where the
    endpoint is merely busy it is the error of the status, and a ``ResponseDecodeError`` where the body says nothing.
    """
    document = parsed_or_none(scrubbed(session, response))
    code, status = _code(document), _status(document, response)
    if code in _BUSY or not (200 <= status < 300 or (400 <= status < 500 and status not in _PASSING)):
        problem = session.vendor.problem(document)
        if 200 <= status < 300 or (code in _BUSY and status < 500):
            status = 503
        found = Problem(problem.message, problem.code or code, problem.details, status)
        path = urlsplit(request.url).path
        return status_error(session, response, operation=operation, method=request.method, path=path, problem=found)
    if response.ok and not _refuses(document) and status == response.status:
        return ResponseDecodeError(
            session.redactor.text(_why_unread(response)),
            operation=operation,
            status=response.status,
            content_type=response.media_type,
        )
    return credential_error(session, response)


def _why_unread(response: HttpResponse) -> str:
    """What is wrong with a success that holds no token; a body that is no JSON is not shown."""
    if response.broken is not None:
        return shortfall(response)
    try:
        loads(response.content, Notes())
    except TooDeepError as error:
        return f"the body cannot be read: {error}"
    except ValueError:
        pass
    return "the answer holds no bearer token"


def _utf8(response: HttpResponse) -> bytes:
    content = response.content
    encoding = json.detect_encoding(content)
    declared = _CHARSET.search(response.headers.get("content-type", ""))
    try:
        if encoding != "utf-8":
            return content.decode(encoding).encode()
        content.decode()
    except ValueError:
        if encoding == "utf-8" and declared is not None:
            return _decoded(content, declared[1])
    return content


def _decoded(content: bytes, charset: str) -> bytes:
    try:
        return content.decode(charset).encode()
    except (ValueError, LookupError):
        return content


def _code(document: Any) -> str | None:
    error: object = document.get("error") if is_object(document) else None
    return error if isinstance(error, str) else None


def _lowered(document: Any) -> dict[str, Any]:
    return {key.lower(): value for key, value in document.items()} if is_object(document) else {}


def _status(document: Any, response: HttpResponse) -> int:
    """The status that counts: for a success, the number of an HTTP error that the body gives."""
    low = _lowered(document) if response.ok else {}
    inner = (low.get(name) for name in _STATUSES)
    return next((value for value in inner if type(value) is int and 400 <= value <= 599), response.status)


def _refuses(document: Any) -> bool:
    """Whether a body without a token says no: an ``error``, a flag, or words where the token should be."""
    if isinstance(document, str):
        return bool(document.strip())
    low = _lowered(document)
    error = low.get("error") or low.get("errors")
    return bool(error.strip() if isinstance(error, str) else error) or any(low.get(name) is False for name in _FLAGS)
