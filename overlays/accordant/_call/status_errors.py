"""From responses that are no success to errors."""

from __future__ import annotations

from typing import Any, Final

from attrs import evolve

from accordant_runtime import Decode, Notes, is_object, loads

from .._http.messages import HttpResponse
from .._http.secrets import MASK
from .._limits.retries import asked_wait
from .._problems import Problem
from ..errors import APIStatusError, CredentialError, error_for_status
from .session import Session

_LONGEST: Final = 500
_COOKIES: Final = ("set-cookie", "set-cookie2")
"""What opens a session at the vendor: the client keeps none, and nobody reads one in an error."""
_BOM: Final = b"\xef\xbb\xbf"


def status_error(
    session: Session,
    response: HttpResponse,
    *,
    operation: str,
    method: str,
    path: str,
    attempts: int = 1,
    may_have_been_applied: bool = False,
    problem: Problem | None = None,
    decode: Decode[Any] | None = None,
) -> APIStatusError:
    """The error for a response, with what the vendor's body says about it; ``decode`` reads the body as documented."""
    response = scrubbed(session, response)
    problem = problem or _problem(session, response)
    status = problem.status or response.status
    return error_for_status(status)(
        session.redactor.text(_short(problem.message)),
        status=status,
        code=problem.code,
        details=problem.details,
        request_id=session.request_id(response.headers),
        retry_after=asked_wait(response, session.clock.time()),
        operation=session.redactor.text(operation),
        method=method,
        path=session.redactor.text(path),
        attempts=attempts,
        headers=response.headers,
        body=response.content,
        may_have_been_applied=may_have_been_applied,
        decode=decode,
    )


def credential_error(session: Session, response: HttpResponse) -> CredentialError:
    """The error for a token request that was refused."""
    response = scrubbed(session, response)
    problem = _token_problem(parsed_or_none(response)) or _problem(session, response)
    words = session.redactor.text(_short(problem.message) or problem.code or f"status {response.status}")
    code = f" [{problem.code}]" if problem.code and problem.code != words else ""
    return CredentialError(
        f"{session.vendor.title} refused to hand out a token{code}: {words}", status=response.status, code=problem.code
    )


def _token_problem(document: Any) -> Problem | None:
    """What OAuth 2 (RFC 6749, 5.2) or a mere text says, where the vendor's other errors may look different."""
    if isinstance(document, str):
        return Problem(document)
    error: object = document.get("error") if is_object(document) else None
    words: object = document.get("error_description") if is_object(document) else None
    good = isinstance(error, str) and isinstance(words, str) and words
    return Problem(str(words), code=str(error)) if good else None


def _problem(session: Session, response: HttpResponse) -> Problem:
    """What a scrubbed response says about its error; a body of plain text is the vendor's message, unchanged."""
    document = parsed_or_none(response)
    problem = session.vendor.problem(document)
    if problem.message or document is not None or response.media_type != "text/plain":
        return problem
    return evolve(problem, message=response.content.removeprefix(_BOM).decode(errors="replace"))


def scrubbed(session: Session, response: HttpResponse) -> HttpResponse:
    """The response without this client's secrets: some vendors echo what they were sent."""
    headers = type(response.headers)(
        (name, MASK if name in _COOKIES else session.redactor.text(value)) for name, value in response.headers.items()
    )
    return evolve(response, headers=headers, content=session.redactor.data(response.content))


def shortfall(response: HttpResponse) -> str:
    """What is missing from a response that is not whole."""
    what = "the body was not read" if response.too_large else "the body was cut short"
    return f"{what}: {response.broken}"


def parsed_or_none(response: HttpResponse) -> Any:
    """The parsed body, or ``None`` when it is not JSON; a bad value in it does not cost the vendor's words."""
    try:
        return loads(response.content, Notes())
    except ValueError:
        return None


def _short(text: str) -> str:
    text = " ".join(text.encode(errors="backslashreplace").decode().split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
