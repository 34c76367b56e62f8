"""The life of one call: credentials, send, renewal, retries, waits, deadline. Written once, as a flow."""

from __future__ import annotations

import logging
from typing import Any, Final
from urllib.parse import urlsplit

from .._auth.context import Alternatives
from .._auth.token_outages import Effort
from .._flow.commands import Flow, Send, Sleep
from .._http.addresses import require_tls
from .._http.file_sinks import TimedSink
from .._http.messages import HttpRequest, HttpResponse, Sink, Streamed
from .._limits.retries import UNCERTAIN
from .._observation import Attempt
from .._settings import Defaults
from ..errors import AccordantError, AmbiguousOutcomeError, CallTimeoutError, DeadlineExceededError, TransportError
from .session import Session, log
from .token_responses import readable, token_error
from .watching import GuardedWatch, call_info, watched

_TICK: Final = 0.01
"""Seconds by which a timer may go off too early."""


class CallState:
    """One call: what is sent, how hard it tries, how far it has come, and at last its response.

    It is also the :class:`AuthContext` of the credentials that serve it. ``until`` is the deadline on the monotonic
    clock. ``repeatable`` says that sending the request twice does no harm, ``write`` that it may change something.
    ``attempts`` counts the requests that were sent, ``failures`` those that did not succeed; ``reached`` says that the
    vendor may have acted on one of them. ``hurried`` says that the call, or the last token request for it, ended
    earlier than it would have without a deadline.
    """

    __slots__ = (
        *("attempts", "authenticated", "base_url", "begun", "clock", "defaults", "elapsed", "failures", "hurried"),
        *("lock", "operation", "price", "reached", "redactor", "renewed", "repeatable", "request", "response"),
        *("security", "session", "sink", "until", "watch", "write"),
    )

    response: HttpResponse

    def __init__(
        self,
        session: Session,
        operation: str,
        request: HttpRequest,
        defaults: Defaults,
        until: float | None,
        *,
        authenticated: bool = False,
        security: Alternatives = (),
        repeatable: bool = True,
        write: bool = False,
        sink: Sink | None = None,
    ) -> None:
        self.session = session
        self.operation = operation
        self.request = request
        self.defaults = defaults
        self.until = until
        self.authenticated = authenticated
        self.security = security
        self.repeatable = repeatable
        self.write = write
        self.sink = sink
        self.clock = session.clock
        self.lock = session.lock
        self.redactor = session.redactor
        self.base_url = session.base_url
        self.begun = self.elapsed = 0.0
        self.attempts = self.failures = self.price = 0
        self.reached = self.hurried = False
        self.renewed = not authenticated
        self.watch: GuardedWatch | None = None

    @property
    def name(self) -> str:
        """The operation's id, fit to be shown: that of an undocumented endpoint is a path of the user's."""
        return self.redactor.text(self.operation)

    @property
    def path(self) -> str:
        """The request's path, fit to be shown."""
        return self.redactor.text(urlsplit(self.request.url).path)

    @property
    def may_have_been_applied(self) -> bool:
        """Whether this is a write that reached the vendor and was not clearly refused or done."""
        return self.write and self.reached

    @property
    def effort(self) -> Effort:
        """How hard the call tries."""
        return Effort(self.defaults.retry.retries, self.defaults.timeout, self.defaults.retry.longest_wait)

    def left(self) -> float | None:
        """Seconds until the call's deadline."""
        return None if self.until is None else self.until - self.clock.monotonic()

    def fetch(self, operation: str, request: HttpRequest, *, declared: bool = False) -> Flow[HttpResponse]:
        """Send a request without credentials in its header, with the call's retries, within its deadline."""
        if declared:
            require_tls(request.url, "the address of a token endpoint")
        else:
            self.session.require_own_address(request)
        request = request.with_header("User-Agent", self.session.user_agent)
        inner = CallState(self.session, operation, request, self.defaults, self.until)
        try:
            yield from exchange(inner)
        finally:
            self.hurried = inner.hurried
        return readable(inner.response)

    def refusal(self, operation: str, request: HttpRequest, response: HttpResponse) -> AccordantError:
        """The error for a response to ``fetch`` that holds no token."""
        return token_error(self.session, operation, request, response)

    def note(self, outcome: HttpResponse | TransportError) -> None:
        """Remember whether the vendor may have acted on a request."""
        if isinstance(outcome, TransportError):
            self.reached = self.reached or outcome.sent
        else:
            self.reached = self.reached or outcome.status >= 500 or outcome.status in UNCERTAIN

    def should_renew(self, outcome: HttpResponse | TransportError) -> bool:
        """Whether this is the call's first 401."""
        if self.renewed or isinstance(outcome, TransportError) or outcome.status != 401:
            return False
        self.renewed = True
        return True

    def next_wait(self, outcome: HttpResponse | TransportError) -> float | None:
        """Seconds until the next attempt; ``None`` when the outcome is final."""
        clock = self.clock
        self.failures += 1
        wait = self.defaults.retry.wait(outcome, self.failures, self.repeatable, clock.random(), clock.time())
        if wait is None:
            return None
        left = self.left()
        reason = None
        if not self.request.replayable:
            reason = "its body cannot be sent again"
        elif left is not None and wait >= left:
            self.hurried = True
            reason = f"the deadline leaves {max(0.0, left):.1f} s"
        elif not (price := self.session.budget.take(outcome)):
            reason = "the client's retry budget is spent"
        else:
            self.price = price
            return wait
        log.info("%s is not tried again: %s", self.name, reason)
        return None

    def observe(self, outcome: HttpResponse | TransportError, elapsed: float, wait: float | None) -> None:
        """Report one request to the log, the user's hook and the observer, where somebody listens."""
        if self.session.on_attempt is None and self.watch is None and not log.isEnabledFor(logging.DEBUG):
            return
        attempt = Attempt(
            operation=self.name,
            method=self.request.method,
            path=self.path,
            number=self.attempts,
            status=None if isinstance(outcome, TransportError) else outcome.status,
            error=type(outcome).__name__ if isinstance(outcome, TransportError) else None,
            elapsed=elapsed,
            wait=wait,
        )
        self.session.observe(attempt)
        if self.watch is not None:
            self.watch.attempt(attempt)

    def finish(self, outcome: HttpResponse | TransportError, now: float) -> None:
        """Take the response, or raise the error that there is in its place."""
        self.elapsed = now - self.begun
        if isinstance(outcome, TransportError):
            self.hurried = self.hurried or isinstance(outcome, DeadlineExceededError)
            raise self._final(outcome)
        budget = self.session.budget
        if outcome.ok and not (self.price == 0 and budget.full):
            budget.give_back(self.price)
        self.response = outcome

    def _final(self, error: TransportError) -> TransportError:
        error.operation = self.name
        error.attempts = self.attempts
        self.redactor.errors(error)
        if not self.may_have_been_applied:
            return error
        ambiguous = AmbiguousOutcomeError(
            f"{self.request.method} {self.path} may have been applied: {error.message}",
            operation=error.operation,
            attempts=self.attempts,
        )
        ambiguous.__cause__ = error
        return ambiguous


def exchange(state: CallState) -> Flow[None]:
    """Send the request until its outcome is final.

    Raises ``TransportError`` when there is no response in the end; every response, whatever its status, is kept as
    ``state.response``.
    """
    session = state.session
    if session.observer is None:
        return _exchange(state)
    call = call_info(session.vendor.name, state.name, state.request.method, state.path, state.request.url)
    state.watch = GuardedWatch(session.observer, call)
    return watched(state.watch, _exchange(state), lambda: state.response.status)


def _exchange(state: CallState) -> Flow[None]:
    session, request, clock = state.session, state.request, state.clock
    own = request.url.startswith(session.root) or session.owns(request.url)
    paced = own and session.pacer.active
    outcome: HttpResponse | TransportError | None = None
    state.begun = clock.monotonic()
    while True:
        refusal = (yield from session.pacer.turn(state.operation, state.left)) if paced else None
        if refusal is not None:
            state.hurried = isinstance(refusal, DeadlineExceededError)
            return state.finish(refusal if outcome is None else outcome, clock.monotonic())
        sent = request
        if state.authenticated:
            if not own:
                session.require_own_address(request)
            sent = yield from session.auth.authorize(request, state)
        state.attempts += 1
        begun = clock.monotonic()
        outcome = yield from _attempt(state, sent, None if state.until is None else state.until - begun)
        ended = clock.monotonic()
        if isinstance(outcome, HttpResponse):
            if paced:
                yield from session.pacer.heed(state.operation, outcome)
            if outcome.ok and outcome.broken is None:
                state.observe(outcome, ended - begun, wait=None)
                return state.finish(outcome, ended)
        state.note(outcome)
        if state.should_renew(outcome):
            state.observe(outcome, ended - begun, wait=0.0 if sent.replayable else None)
            # Also where this request cannot go out again: the next call must not meet the same refused token.
            if (yield from session.auth.renew(sent, state)) and sent.replayable:
                continue
            return state.finish(outcome, clock.monotonic())
        wait = state.next_wait(outcome)
        state.observe(outcome, ended - begun, wait)
        if wait is None:
            return state.finish(outcome, ended)
        yield Sleep(wait)


def _attempt(state: CallState, request: HttpRequest, left: float | None) -> Flow[HttpResponse | TransportError]:
    """One request; what the transport raises is an outcome like any other."""
    if left is not None and left <= 0:
        return DeadlineExceededError("the deadline had passed before the request was sent", sent=False)
    timeout = state.defaults.timeout
    bound_by_deadline = left is not None and (timeout is None or left < timeout)
    sink = state.sink
    if sink is not None and left is not None and not isinstance(sink, Streamed):
        sink = TimedSink(sink, lambda: state.left() or 0.0)
    try:
        response: Any = yield Send(request, timeout, sink, left)
    except DeadlineExceededError as error:
        return error  # the transport knows best what the time went for
    except CallTimeoutError as error:
        if not bound_by_deadline and not _is_over(state.left()):
            return error
        late = DeadlineExceededError(f"no response came within the deadline: {error.message}", sent=error.sent)
        late.__cause__ = error
        return late
    except TransportError as error:
        return error
    answer: HttpResponse = response
    return answer


def _is_over(left: float | None) -> bool:
    """Whether the deadline is what a wait ended with: only a transfer into a sink may outlast its ``timeout``."""
    return left is not None and left <= _TICK
