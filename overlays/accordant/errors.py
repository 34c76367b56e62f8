"""Every error that accordant raises, in one tree.

::

    AccordantError
    ├── ConfigurationError                the client was put together wrong; nothing was sent
    ├── RequestError                      the arguments make no request; nothing was sent
    ├── CredentialError                   the vendor refused to hand out a token
    ├── TransportError                    no complete response came
    │   ├── ConnectError                  no connection came about; nothing was sent
    │   ├── NetworkError                  the connection broke
    │   ├── ProtocolError                 the other side does not speak proper HTTP
    │   ├── CallTimeoutError              no response within the time of one attempt
    │   │   └── DeadlineExceededError     no response within the time of the whole call
    │   ├── AmbiguousOutcomeError         no response to a write: it may have been applied
    │   └── RateLimitStoreError           the shared rate limits cannot be asked; nothing was sent
    ├── DecodeError                       a response is not what the document promises
    │   └── ResponseDecodeError           the same, with the response that it is about
    ├── WaitTimeoutError                  what was waited for did not come about in time
    ├── PaginationError                   a list does not page as the document promises
    │   └── ResumeTokenError              a token that does not resume this list
    └── APIStatusError                    the vendor returned an error
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

from collections.abc import Sequence
from typing import Any

from accordant_runtime import AccordantError, DecodeError, Deviation, RequestError

from ._status_errors import (
    APIStatusError,
    BadGatewayError,
    BadRequestError,
    ClientStatusError,
    ConflictError,
    ContentTooLargeError,
    ForbiddenError,
    GatewayTimeoutError,
    GoneError,
    InternalServerError,
    MethodNotAllowedError,
    NotFoundError,
    PreconditionFailedError,
    RedirectStatusError,
    RequestTimeoutError,
    ServerStatusError,
    ServiceUnavailableError,
    TooManyRequestsError,
    UnauthorizedError,
    UnprocessableEntityError,
    UnsupportedMediaTypeError,
    error_for_status,
)

__all__ = [
    "APIStatusError",
    "AccordantError",
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
    "RateLimitStoreError",
    "RedirectStatusError",
    "RequestError",
    "RequestTimeoutError",
    "ResponseDecodeError",
    "ResumeTokenError",
    "ServerStatusError",
    "ServiceUnavailableError",
    "TooManyRequestsError",
    "TransportError",
    "UnauthorizedError",
    "UnprocessableEntityError",
    "UnsupportedMediaTypeError",
    "WaitTimeoutError",
    "error_for_status",
]


class ConfigurationError(AccordantError, ValueError):
    """The client was put together wrong: a missing variable, an unknown environment, an address without TLS."""


class CredentialError(AccordantError):
    """The vendor refused to hand out a token: the credentials are wrong, expired or revoked.

    ``status`` is the HTTP status of the refusal and ``code`` the vendor's word for it (OAuth 2: ``invalid_client``,
    ``invalid_grant``...), both ``None`` where there was none.
    """

    def __init__(self, message: str, *, status: int | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class TransportError(AccordantError):
    """No complete response came.

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
    """The connection broke while the request or the response was under way."""


class ProtocolError(TransportError):
    """What came back is not proper HTTP, or the server hung up without a response."""


class CallTimeoutError(TransportError, TimeoutError):
    """No response within ``timeout``, the time of one attempt."""


class DeadlineExceededError(CallTimeoutError):
    """No response within ``deadline``, the time of the whole call with its retries and waits."""


class AmbiguousOutcomeError(TransportError):
    """No response to a write whose request may have reached the vendor: it may have been applied, or not.

    Look at the vendor's state before sending it again. The error that got in the way is the ``__cause__``.
    """


class RateLimitStoreError(TransportError):
    """The server that counts the shared rate limits does not respond. Nothing was sent to the vendor."""


class WaitTimeoutError(AccordantError, TimeoutError):
    """What a waiting method waited for did not come about within its ``deadline``.

    ``last`` is what was seen last, ``None`` when nothing was. The vendor goes on regardless: wait again, or look later.
    """

    def __init__(self, message: str, *, last: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.last = last


class ResponseDecodeError(DecodeError):
    """A response cannot be read as what the document promises.

    ``operation`` is the operation's id, ``status`` and ``content_type`` the response's; ``body`` holds its bytes,
    scrubbed of the client's secrets, and ``deviations`` the places that differ, where it could be parsed at all.
    ``body`` is ``None`` for token responses. ``may_have_been_applied`` is true for a write: the vendor has responded,
    with a success as a rule, although nobody can read what it says.
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
        may_have_been_applied: bool = False,
    ) -> None:
        super().__init__(message, deviations=deviations, body=body)
        self.operation = operation
        self.status = status
        self.content_type = content_type
        self.request_id = request_id
        self.may_have_been_applied = may_have_been_applied

    def __str__(self) -> str:
        about = f"{self.status} {self.content_type or 'without a content type'}"
        start = f"; the body starts {self.start!r}" if self.start else ""
        applied = " (the write may have been applied)" if self.may_have_been_applied else ""
        return f"{self.operation}: {self.message} ({about}{start}){applied}"

    @property
    def start(self) -> str:
        """The first characters of the body."""
        return (self.body or b"")[:80].decode("utf-8", "replace")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.message,), dict(self.__dict__))


class PaginationError(AccordantError):
    """A list does not page as the document promises: pages repeat, or the walk makes no progress.

    With ``deviations="strict"`` also: rows repeat, the total moves or is too low, or the list ends before all came.

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


for _name in __all__:
    if isinstance(globals()[_name], type):  # tracebacks and logs name an error as users import it
        globals()[_name].__module__ = __name__
