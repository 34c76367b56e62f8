"""The errors that a response's status means: one class for each status that a program may want to tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, TypeVar

from accordant_runtime import AccordantError, Decode, Notes, loads

T = TypeVar("T")
_BOM: Final = b"\xef\xbb\xbf"
_RENAMED: Final = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
"""What RFC 9110 calls them (section 15.5); Python knows these names since 3.13, and before that older ones."""


class APIStatusError(AccordantError):
    """The vendor returned an error.

    ``status`` is the HTTP status, ``code`` the vendor's own error code, ``message`` its words and ``details`` what it
    listed, each empty where the vendor says nothing. ``request_id`` is the vendor's correlation id, ``retry_after``
    the seconds that it asked to wait. ``operation``, ``method`` and ``path`` name the call, ``attempts`` counts its
    requests, ``headers`` and ``body`` are the response. ``may_have_been_applied`` is true for a write that reached the
    vendor and was not clearly refused, as after a 500. ``parsed`` is the body as the document describes it.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status: int = 0,
        code: str | None = None,
        details: Sequence[Any] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
        operation: str = "",
        method: str = "",
        path: str = "",
        attempts: int = 1,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        may_have_been_applied: bool = False,
        decode: Decode[Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.details = tuple(details)
        self.request_id = request_id
        self.retry_after = retry_after
        self.operation = operation
        self.method = method
        self.path = path
        self.attempts = attempts
        self.headers: dict[str, str] = dict(headers or {})
        self.body = body
        self.may_have_been_applied = may_have_been_applied
        self._decode = decode

    @property
    def parsed(self) -> Any:
        """The body as the type that the document gives it for this status, a model as a rule; read when asked for.

        What differs from the document is kept as it came. ``None`` where the document says nothing of the body, or the
        body is no JSON.
        """
        if self._decode is None:
            return None
        try:
            return self._decode(loads(self.body.removeprefix(_BOM), Notes()), Notes())
        except ValueError:
            return None

    def parsed_as(self, kind: type[T]) -> T | None:
        """:attr:`parsed` where it is of this class, ``None`` otherwise: ``error.parsed_as(ValidationErrors)``."""
        found = self.parsed
        return found if isinstance(found, kind) else None

    def __str__(self) -> str:
        text = f"{self.operation}: {self.status} {_phrase(self.status)}".strip()
        if self.code and self.code != self.message:
            text += f" [{self.code}]"
        if self.message:
            text += f": {self.message}"
        if self.may_have_been_applied:
            text += " (the write may have been applied)"
        return f"{text} (request id {self.request_id})" if self.request_id else text


class RedirectStatusError(APIStatusError):
    """3xx where the document promises none: a moved service or a captive portal. It is never followed."""

    @property
    def location(self) -> str | None:
        """Where the vendor pointed."""
        return self.headers.get("location")


class ClientStatusError(APIStatusError):
    """4xx: the vendor refuses the request as it is."""


class BadRequestError(ClientStatusError):
    """400: the request is malformed or invalid."""


class UnauthorizedError(ClientStatusError):
    """401: the credentials do not count, also after one renewal."""


class ForbiddenError(ClientStatusError):
    """403: the credentials are fine, but they do not allow this."""


class NotFoundError(ClientStatusError):
    """404: the record does not exist, or this caller may not see it."""


class MethodNotAllowedError(ClientStatusError):
    """405: the path does not know the method."""


class RequestTimeoutError(ClientStatusError):
    """408: the vendor gave up waiting for the request."""


class ConflictError(ClientStatusError):
    """409: the record is in a state that does not allow this."""


class GoneError(ClientStatusError):
    """410: the record was there once."""


class PreconditionFailedError(ClientStatusError):
    """412: a condition of the request's headers does not hold."""


class ContentTooLargeError(ClientStatusError):
    """413: the body is larger than the vendor takes."""


class UnsupportedMediaTypeError(ClientStatusError):
    """415: the vendor does not read this content type."""


class UnprocessableEntityError(ClientStatusError):
    """422: the payload failed the vendor's validation; ``details`` lists what it said."""


class TooManyRequestsError(ClientStatusError):
    """429: over the rate limit; ``retry_after`` says for how long, where the vendor does."""


class ServerStatusError(APIStatusError):
    """5xx: the vendor failed."""


class InternalServerError(ServerStatusError):
    """500: the vendor failed."""


class BadGatewayError(ServerStatusError):
    """502: something before the vendor's server could not reach it."""


class ServiceUnavailableError(ServerStatusError):
    """503: overload or maintenance."""


class GatewayTimeoutError(ServerStatusError):
    """504: something before the vendor's server gave up waiting for it."""


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    405: MethodNotAllowedError,
    408: RequestTimeoutError,
    409: ConflictError,
    410: GoneError,
    412: PreconditionFailedError,
    413: ContentTooLargeError,
    415: UnsupportedMediaTypeError,
    422: UnprocessableEntityError,
    429: TooManyRequestsError,
    500: InternalServerError,
    502: BadGatewayError,
    503: ServiceUnavailableError,
    504: GatewayTimeoutError,
}
_BY_CLASS: dict[int, type[APIStatusError]] = {3: RedirectStatusError, 4: ClientStatusError, 5: ServerStatusError}


def error_for_status(status: int) -> type[APIStatusError]:
    """The most specific error class for a status."""
    return _BY_STATUS.get(status) or _BY_CLASS.get(status // 100, APIStatusError)


def _phrase(status: int) -> str:
    try:
        return _RENAMED.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return ""
