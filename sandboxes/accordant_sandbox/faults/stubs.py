"""Stubs: one operation's response, chosen by a test. A stub is a fault that is made for the occasion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.faults.effects import refuse
from accordant_sandbox.http.documented_answers import example_answer
from accordant_sandbox.http.exchange import ABSENT, Answer, Headers
from accordant_sandbox.http.json_types import is_number
from accordant_sandbox.http.response_validation import validate_response
from accordant_sandbox.model.faults import Fault

if TYPE_CHECKING:
    from accordant_sandbox.engine.call import ActiveCall
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.problems import Kind

__all__ = ["StubbedResponse", "stub_fault"]

_KINDS: Final[Mapping[int, Kind]] = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "wrong_method",
    409: "conflict",
    415: "unsupported_media",
    422: "invalid",
    429: "too_many",
}
_WAIT: Final = 1
"""Seconds of the Retry-After that a stubbed 429 has where its form has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StubbedResponse:
    """What a stubbed operation returns; see `Sandbox.stub` for the members."""

    status: int | None = None
    body: Any = ABSENT
    headers: Mapping[str, str] | None = None
    content: bytes | None = None
    media_type: str | None = None
    delay: float = 0.0
    check: bool = True


def stub_fault(name: str, operation: Operation, response: StubbedResponse) -> Fault:
    """The fault that gives an operation this response.

    Raises:
        SandboxError: The response is impossible, or the document has no such response and `check` is on.
    """
    make = _maker(operation, response)

    def before(call: ActiveCall) -> Answer:
        answer = make(call)
        for header, value in (response.headers or {}).items():
            answer.headers.set(header, value)
        answer.delay = float(response.delay)
        return answer

    return Fault(
        name=name,
        cls="stub",
        sentence=f"{operation.id} returns what a test has chosen.",
        oracle="",
        applies=lambda each, _: each.id == operation.id,
        operations=(operation.id,),
        before=before,
    )


def _maker(operation: Operation, response: StubbedResponse) -> Callable[[ActiveCall], Answer]:
    status = operation.success_status if response.status is None else response.status
    _check_values(operation, status, response)
    if response.body is ABSENT and response.content is None:
        if status >= 400:
            kind = _KINDS.get(status, "bad_request")
            retry = _WAIT if kind == "too_many" else None
            return lambda call: refuse(call, kind, f"{operation.id} is stubbed", status, retry)
        _check_status(operation, status, response)
        return lambda _: example_answer(operation, status)
    answer = _given(operation, status, response)
    if response.check:
        _check_status(operation, status, response)
        defect = validate_response(operation, answer)
        if defect is not None:
            raise SandboxError(
                f"stub of {operation.id}: the document forbids this response at {defect.path}: {defect.message}; "
                "check=False sends it all the same"
            )
    return lambda _: _given(operation, status, response)


def _given(operation: Operation, status: int, response: StubbedResponse) -> Answer:
    kind = response.media_type
    if kind is None:
        kind = example_answer(operation, status).media_type or "application/json"
    headers = Headers((response.headers or {}).items())
    if response.content is not None:
        return Answer(status, content=response.content, media_type=kind, headers=headers)
    return Answer(status, orjson.loads(orjson.dumps(response.body)), headers, media_type=kind)


def _check_status(operation: Operation, status: int, response: StubbedResponse) -> None:
    if response.check and operation.response(status) is None:
        known = ", ".join(operation.responses)
        raise SandboxError(
            f"stub of {operation.id}: the document has no response {status} (it has {known}); "
            "check=False sends it all the same"
        )


def _check_values(operation: Operation, status: Any, response: StubbedResponse) -> None:
    where = f"stub of {operation.id}"
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 599:
        raise SandboxError(f"{where}: status must be a whole number from 200 to 599, not {status!r}")
    if response.body is not ABSENT and response.content is not None:
        raise SandboxError(f"{where}: give body, which is sent as JSON, or content, which is sent as it is, not both")
    content: Any = response.content
    if content is not None and not isinstance(content, bytes):
        raise SandboxError(f"{where}: content must be bytes, not {type(content).__name__}")
    if not is_number(response.delay) or response.delay < 0:
        raise SandboxError(f"{where}: delay must be a number of seconds, 0 or more, not {response.delay!r}")
    headers: Mapping[str, Any] = response.headers or {}
    for name, value in headers.items():
        if not isinstance(value, str) or any(sign in f"{name}{value}" for sign in "\r\n\0"):
            raise SandboxError(f"{where}: the header {name!r} must be a text without line breaks")
    if response.body is not ABSENT:
        try:
            orjson.dumps(response.body)
        except TypeError as problem:
            raise SandboxError(f"{where}: the body is not JSON: {problem}") from None
