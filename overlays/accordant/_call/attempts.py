"""The life of one call: credentials, send, renewal, retries, waits, deadline. Written once, as a flow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from .._auth.token_outages import Effort
from .._clock import Clock
from .._flow.commands import Flow, Send, Sleep, Slot
from .._http.file_sinks import TimedSink
from .._http.messages import HttpRequest, HttpResponse, Sink, origin
from .._http.secrets import Redactor
from .._limits.retries import UNCERTAIN
from .._settings import Attempt, Defaults
from ..errors import AccordantError, AmbiguousOutcomeError, CallTimeoutError, DeadlineExceededError, TransportError
from .session import Session, log
from .token_responses import readable, token_error

_TICK: Final = 0.01
"""Seconds by which a timer may go off too early."""


class Plan(NamedTuple):
    """What is to be sent, and how hard to try.

    ``until`` is the deadline on the monotonic clock. ``repeatable`` says that sending it twice does no harm, ``write``
    that it may change something.
    """

    operation: str
    request: HttpRequest
    defaults: Defaults
    until: float | None
    authenticated: bool
    repeatable: bool
    write: bool
    sink: Sink | None = None


class Exchange(NamedTuple):
    """The answer that stands at the end, whatever its status, and what it took.

    ``may_have_been_applied`` is true for a write that reached the vendor and was not clearly refused or done.
    """

    plan: Plan
    response: HttpResponse
    attempts: int
    elapsed: float
    may_have_been_applied: bool

    @property
    def path(self) -> str:
        """The path of the request, for messages."""
        return urlsplit(self.plan.request.url).path


class CallLine:
    """What credentials see of a call."""

    def __init__(self, session: Session, defaults: Defaults, until: float | None) -> None:
        self._session = session
        self._defaults = defaults
        self._until = until
        self.hurried = False

    @property
    def effort(self) -> Effort:
        """How hard the call tries."""
        return Effort(self._defaults.retry.retries, self._defaults.timeout, self._defaults.retry.longest_wait)

    @property
    def clock(self) -> Clock:
        """The client's clock."""
        return self._session.clock

    @property
    def slot(self) -> Slot:
        """The client's one slot for obtaining tokens."""
        return self._session.slot

    @property
    def redactor(self) -> Redactor:
        """The client's scrubber."""
        return self._session.redactor

    @property
    def base_url(self) -> str:
        """The client's address."""
        return self._session.base_url

    def left(self) -> float | None:
        """Seconds until the call's deadline."""
        return None if self._until is None else self._until - self._session.clock.monotonic()

    def fetch(self, operation: str, request: HttpRequest) -> Flow[HttpResponse]:
        """Send a request without credentials in its header, with the call's retries, within its deadline."""
        self._session.require_own_address(request)
        request = request.with_header("User-Agent", self._session.user_agent)
        plan = Plan(operation, request, self._defaults, self._until, authenticated=False, repeatable=True, write=False)
        course = _Course(self._session, plan)
        try:
            done = yield from _run(course)
        finally:
            self.hurried = course.hurried
        return readable(done.response)

    def refusal(self, operation: str, request: HttpRequest, response: HttpResponse) -> AccordantError:
        """The error for an answer of ``fetch`` that holds no token."""
        return token_error(self._session, operation, request, response)


class _Course:
    """Where one call stands."""

    def __init__(self, session: Session, plan: Plan) -> None:
        self.session = session
        self.plan = plan
        self.line = CallLine(session, plan.defaults, plan.until)
        self.begun = session.clock.monotonic()
        self.sent = 0
        self.failures = 0
        self.price = 0
        self.reached = False
        self.hurried = False
        self.renewed = not plan.authenticated

    @property
    def operation(self) -> str:
        """The operation's id, fit to be shown: that of an undocumented endpoint is a path of the user's."""
        return self.session.redactor.text(self.plan.operation)

    @property
    def path(self) -> str:
        """The request's path, fit to be shown."""
        return self.session.redactor.text(urlsplit(self.plan.request.url).path)

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

    def next_wait(self, request: HttpRequest, outcome: HttpResponse | TransportError) -> float | None:
        """Seconds until the next attempt; ``None`` when the outcome stands."""
        clock = self.session.clock
        self.failures += 1
        wait = self.plan.defaults.retry.wait(outcome, self.failures, self.plan.repeatable, clock.random(), clock.time())
        if wait is None:
            return None
        left = self.line.left()
        reason = None
        if not request.replayable:
            reason = "its body cannot be sent again"
        elif left is not None and wait >= left:
            self.hurried = True
            reason = f"the deadline leaves {max(0.0, left):.1f} s"
        elif not (price := self.session.budget.take(outcome)):
            reason = "the client's retry budget is spent"
        else:
            self.price = price
            return wait
        log.info("%s is not tried again: %s", self.operation, reason)
        return None

    def observe(self, outcome: HttpResponse | TransportError, elapsed: float, wait: float | None) -> None:
        """Report one request."""
        self.session.observe(
            Attempt(
                operation=self.operation,
                method=self.plan.request.method,
                path=self.path,
                number=self.sent,
                status=None if isinstance(outcome, TransportError) else outcome.status,
                error=type(outcome).__name__ if isinstance(outcome, TransportError) else None,
                elapsed=elapsed,
                wait=wait,
            )
        )

    def finish(self, outcome: HttpResponse | TransportError) -> Exchange:
        """The answer, or the error that stands for it."""
        self.hurried = self.hurried or isinstance(outcome, DeadlineExceededError)
        uncertain = self.plan.write and self.reached
        if isinstance(outcome, TransportError):
            raise self._final(outcome, uncertain)
        if outcome.ok:
            self.session.budget.give_back(self.price)
        elapsed = self.session.clock.monotonic() - self.begun
        return Exchange(self.plan, outcome, self.sent, elapsed, uncertain)

    def _final(self, error: TransportError, uncertain: bool) -> TransportError:
        error.operation = self.operation
        error.attempts = self.sent
        self.session.redactor.errors(error)
        if not uncertain:
            return error
        what = f"{self.plan.request.method} {self.path}"
        ambiguous = AmbiguousOutcomeError(
            f"{what} may have been applied: {error.message}", operation=error.operation, attempts=self.sent
        )
        ambiguous.__cause__ = error
        return ambiguous


def exchange(session: Session, plan: Plan) -> Flow[Exchange]:
    """Send a request until its outcome stands.

    Raises ``TransportError`` when there is no answer in the end; every answer, whatever its status, is returned.
    """
    return (yield from _run(_Course(session, plan)))


def _run(course: _Course) -> Flow[Exchange]:
    session, plan = course.session, course.plan
    paced = origin(plan.request.url) == session.origin
    outcome: HttpResponse | TransportError | None = None
    while True:
        refusal = (yield from session.pacer.turn(plan.operation, course.line.left)) if paced else None
        if refusal is not None:
            course.hurried = isinstance(refusal, DeadlineExceededError)
            return course.finish(refusal if outcome is None else outcome)
        request = plan.request
        if plan.authenticated:
            session.require_own_address(request)
            request = yield from session.auth.authorize(request, course.line)
        course.sent += 1
        begun = session.clock.monotonic()
        outcome = yield from _attempt(plan, request, course.line.left)
        elapsed = session.clock.monotonic() - begun
        course.note(outcome)
        if paced and isinstance(outcome, HttpResponse):
            yield from session.pacer.heed(plan.operation, outcome)
        if course.should_renew(outcome):
            course.observe(outcome, elapsed, wait=0.0 if request.replayable else None)
            # Also where this request cannot go out again: the next call must not meet the same refused token.
            if (yield from session.auth.renew(request, course.line)) and request.replayable:
                continue
            return course.finish(outcome)
        wait = course.next_wait(request, outcome)
        course.observe(outcome, elapsed, wait)
        if wait is None:
            return course.finish(outcome)
        yield Sleep(wait)


def _attempt(
    plan: Plan, request: HttpRequest, time_left: Callable[[], float | None]
) -> Flow[HttpResponse | TransportError]:
    """One request; what the transport raises is an outcome like any other."""
    left = time_left()
    if left is not None and left <= 0:
        return DeadlineExceededError("the deadline had passed before the request was sent", sent=False)
    timeout = plan.defaults.timeout
    bound_by_deadline = left is not None and (timeout is None or left < timeout)
    sink = plan.sink
    if sink is not None and left is not None:
        sink = TimedSink(sink, lambda: time_left() or 0.0)
    try:
        response: Any = yield Send(request, timeout, sink, left)
    except DeadlineExceededError as error:
        return error  # the transport knows best what the time went for
    except CallTimeoutError as error:
        if not bound_by_deadline and not _is_over(time_left()):
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
