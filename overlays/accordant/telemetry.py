"""Traces of calls for OpenTelemetry. It needs the extra: ``pip install 'accordant[otel]'``.

::

    from accordant.dispatch import Dispatch
    from accordant.telemetry import OpenTelemetry

    api = Dispatch.from_env(observer=OpenTelemetry())

Each call is a span of kind INTERNAL with the name ``<vendor> <operation>``, and each of its requests a span of kind
CLIENT inside it with the name ``<METHOD>``; fetching a token is a call too, inside the call that needed it. The
attributes are those of OpenTelemetry's conventions for HTTP, with ``accordant.vendor``, ``accordant.operation`` and
``accordant.retry.wait`` (seconds). No attribute has a header, a query or a body, and the client's secrets are masked in
paths and messages.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ._observation import Attempt, CallInfo, CallWatch
from ._version import __version__
from .errors import AccordantError

try:
    from opentelemetry import context, trace
    from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer
except ImportError as problem:
    raise ImportError(
        "accordant.telemetry needs OpenTelemetry's API: pip install 'accordant[otel]'", name=problem.name
    ) from None

if TYPE_CHECKING:
    from contextvars import Token

    from opentelemetry.context import Context

__all__ = ["OpenTelemetry"]


class OpenTelemetry:
    """A :class:`accordant.CallObserver` that makes spans; give it to any number of clients."""

    def __init__(self, tracer_provider: trace.TracerProvider | None = None) -> None:
        """``tracer_provider``: where spans go; the process's own by default, also one that is set later."""
        self._tracer = trace.get_tracer("accordant", __version__, tracer_provider)

    def start(self, call: CallInfo) -> CallWatch:
        """Begin the span of a call; it is the current span until the call ends."""
        return _Spans(self._tracer, call)


class _Spans:
    """The spans of one call."""

    def __init__(self, tracer: Tracer, call: CallInfo) -> None:
        self._tracer = tracer
        self._common: dict[str, str | int] = {
            "http.request.method": call.method,
            "server.address": call.server,
            "server.port": call.port,
            "url.path": call.path,
        }
        self._span: Span = tracer.start_span(
            f"{call.vendor} {call.operation}",
            kind=SpanKind.INTERNAL,
            attributes={**self._common, "accordant.vendor": call.vendor, "accordant.operation": call.operation},
        )
        self._token: Token[Context] = context.attach(trace.set_span_in_context(self._span))

    def attempt(self, attempt: Attempt) -> None:
        """A span for a request that has ended: it began ``elapsed`` seconds ago."""
        now = time.time_ns()
        span = self._tracer.start_span(
            attempt.method,
            context=trace.set_span_in_context(self._span),
            kind=SpanKind.CLIENT,
            attributes=dict(self._common),
            start_time=now - int(attempt.elapsed * 1e9),
        )
        if attempt.number > 1:
            span.set_attribute("http.request.resend_count", attempt.number - 1)
        if attempt.wait is not None:
            span.set_attribute("accordant.retry.wait", attempt.wait)
        _outcome(span, attempt.status, attempt.error, None)
        span.end(now)

    def end(self, status: int | None, error: BaseException | None) -> None:
        """End the span, with its error if it has one; the span that was current before is current again."""
        name = None if error is None else type(error).__name__
        _outcome(self._span, status, name, str(error) if isinstance(error, AccordantError) else None)
        context.detach(self._token)
        self._span.end()


def _outcome(span: Span, status: int | None, error: str | None, message: str | None) -> None:
    if status is not None:
        span.set_attribute("http.response.status_code", status)
        error = str(status) if status >= 400 else error
    if error is not None:
        span.set_attribute("error.type", error)
        span.set_status(Status(StatusCode.ERROR, message))
