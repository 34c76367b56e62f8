"""Every error that treaty raises, in one tree.

::

    TreatyError
    ├── ConfigurationError                the client was put together wrong; nothing was sent
    ├── RequestError                      the arguments make no request; nothing was sent
    ├── CredentialError                   the vendor refused to hand out a token
    ├── TransportError                    no complete answer came
    │   ├── ConnectError                  no connection came about; nothing was sent
    │   ├── NetworkError                  the connection broke
    │   ├── ProtocolError                 the other side does not speak proper HTTP
    │   ├── CallTimeoutError              no answer within the time of one attempt
    │   │   └── DeadlineExceededError     no answer within the time of the whole call
    │   └── AmbiguousOutcomeError         no answer to a write: it may have been applied
    ├── DecodeError                       an answer is not what the document promises
    │   └── ResponseDecodeError           the same, with the answer that it is about
    ├── PaginationError                   a list does not page as the document promises
    │   └── ResumeTokenError              a token that does not resume this list
    └── APIStatusError                    the vendor answered with an error
        ├── RedirectStatusError           3xx that the document does not promise
        ├── ClientStatusError             4xx
        │   ├── BadRequestError           400
        │   ├── UnauthorizedError         401
        │   ├── ForbiddenError            403
        │   ├── NotFoundError             404
        │   ├── MethodNotAllowedError     405
        │   ├── RequestTimeoutError       408
        │   ├── ConflictError             409
        │   ├── GoneError                 410
        │   ├── PreconditionFailedError   412
        │   ├── ContentTooLargeError      413
        │   ├── UnsupportedMediaTypeError 415
        │   ├── UnprocessableEntityError  422
        │   └── TooManyRequestsError      429
        └── ServerStatusError             5xx
            ├── InternalServerError       500
            ├── BadGatewayError           502
            ├── ServiceUnavailableError   503
            └── GatewayTimeoutError       504

All of them can be pickled and copied, and none holds a credential: what the vendor sent is scrubbed of the client's
secrets before it gets here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from treaty_runtime import DecodeError, Deviation, RequestError, TreatyError

__all__ = [
    "APIStatusError",
    "AmbiguousOutcomeError",
    "BadGatewayError",
    "BadRequestError",
    "CallTimeoutError",
    "ClientStatusError",
    "ConfigurationError",
    "ConflictError",
    "ConnectError",
    "ContentTooLargeError",
    "CredentialError",
    "DeadlineExceededError",
    "DecodeError",
    "ForbiddenError",
    "GatewayTimeoutError",
    "GoneError",
    "InternalServerError",
    "MethodNotAllowedError",
    "NetworkError",
    "NotFoundError",
    "PaginationError",
    "PreconditionFailedError",
    "ProtocolError",
    "RedirectStatusError",
    "RequestError",
    "RequestTimeoutError",
    "ResponseDecodeError",
    "ResumeTokenError",
    "ServerStatusError",
    "ServiceUnavailableError",
    "TooManyRequestsError",
    "TransportError",
    "TreatyError",
    "UnauthorizedError",
    "UnprocessableEntityError",
    "UnsupportedMediaTypeError",
    "error_for_status",
]


class ConfigurationError(TreatyError, ValueError):
    """The client was put together wrong: a missing variable, an unknown environment, an address without TLS."""


class CredentialError(TreatyError):
    """The vendor refused to hand out a token: the credentials are wrong, expired or revoked.

    ``status`` is the HTTP status of the refusal and ``code`` the vendor's word for it (OAuth 2: ``invalid_client``,
    ``invalid_grant``...), both ``None`` where there was none.
    """

    def __init__(self, message: str, *, status: int | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class TransportError(TreatyError):
    """No complete answer came.

    ``sent`` says whether the request may have reached the vendor, ``operation`` which one it was, and ``attempts`` how
    often it was tried. The library's own error is the ``__cause__``.
    """

    def __init__(
        self, message: str, *, sent: bool = True, final: bool = False, operation: str | None = None, attempts: int = 0
    ) -> None:
        super().__init__(message)
        self.message = message
        self.sent = sent
        self.final = final
        """Whether trying again cannot help, as with a certificate that does not fit."""
        self.operation = operation
        self.attempts = attempts

    def __str__(self) -> str:
        tries = f" (after {self.attempts} attempts)" if self.attempts > 1 else ""
        return f"{self.operation}: {self.message}{tries}" if self.operation else f"{self.message}{tries}"


class ConnectError(TransportError, ConnectionError):
    """No connection came about: refused, unknown host, TLS refused, proxy unreachable. Nothing was sent."""


class NetworkError(TransportError, ConnectionError):
    """The connection broke while the request or the answer was under way."""


class ProtocolError(TransportError):
    """What came back is not proper HTTP, or the server hung up without an answer."""


class CallTimeoutError(TransportError, TimeoutError):
    """No answer within ``timeout``, the time of one attempt."""


class DeadlineExceededError(CallTimeoutError):
    """No answer within ``deadline``, the time of the whole call with its retries and waits."""


class AmbiguousOutcomeError(TransportError):
    """No answer to a write whose request may have reached the vendor: it may have been applied, or not.

    Look at the vendor's state before sending it again. The error that got in the way is the ``__cause__``.
    """


class ResponseDecodeError(DecodeError):
    """An answer cannot be read as what the document promises.

    ``operation`` is the operation's id, ``status`` and ``content_type`` the answer's; ``body`` holds its bytes,
    scrubbed of the client's secrets, and ``deviations`` the places that differ, where it could be parsed at all.
    ``body`` is ``None`` for token answers.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        status: int = 0,
        content_type: str = "",
        request_id: str | None = None,
        deviations: Sequence[Deviation] = (),
        body: bytes | None = None,
    ) -> None:
        super().__init__(message, deviations=deviations, body=body)
        self.operation = operation
        self.status = status
        self.content_type = content_type
        self.request_id = request_id

    def __str__(self) -> str:
        about = f"{self.status} {self.content_type or 'without a content type'}"
        start = f"; the body starts {self.start!r}" if self.start else ""
        return f"{self.operation}: {self.message} ({about}{start})"

    @property
    def start(self) -> str:
        """The first characters of the body."""
        return (self.body or b"")[:80].decode("utf-8", "replace")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.message,), dict(self.__dict__))


class PaginationError(TreatyError):
    """A list does not page as the document promises: a page repeats, or the walk makes no progress.

    ``operation`` is the operation's id and ``token`` resumes the walk at the page in question, if that makes sense.
    """

    def __init__(self, message: str, *, operation: str | None = None, token: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.token = token

    def __str__(self) -> str:
        return f"{self.operation}: {self.message}" if self.operation else self.message


class ResumeTokenError(PaginationError, ValueError):
    """A resume token that is damaged, or that belongs to another list or to other arguments."""


class APIStatusError(TreatyError):
    """The vendor answered with an error.

    ``status`` is the HTTP status, ``code`` the vendor's own error code, ``message`` its words and ``details`` what it
    listed, each empty where the vendor says nothing. ``request_id`` is the vendor's correlation id, ``retry_after``
    the seconds that it asked to wait. ``operation``, ``method`` and ``path`` name the call, ``attempts`` counts its
    requests, ``headers`` and ``body`` are the answer. ``may_have_been_applied`` is true for a write that reached the
    vendor and was not clearly refused, as after a 500.
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
    """404: there is no such record, or this caller may not see it."""


class MethodNotAllowedError(ClientStatusError):
    """405: the path knows no such method."""


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
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
