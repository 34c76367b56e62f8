"""The engine: one request in, one reply out, through the same stages for every vendor.

Everything runs under one lock and without waiting, so that it can be called from any thread, in process or in a
server.
"""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from random import Random
from typing import Any, Final

import orjson

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.engine.choosing import meant
from accordant_sandbox.engine.clock import Clock
from accordant_sandbox.engine.hooks import surrounded
from accordant_sandbox.engine.journal import Journal
from accordant_sandbox.engine.mending import instead, mended
from accordant_sandbox.engine.outbox import Outbox
from accordant_sandbox.engine.routers import router_of
from accordant_sandbox.engine.settings import settings_of
from accordant_sandbox.engine.stages import (
    RequestContext,
    answer_faults,
    before_faults,
    credentials,
    handler,
    limit_headers,
    parameters_and_body,
    permission,
    rate_limits,
    served,
    wire_faults,
)
from accordant_sandbox.engine.state import Snapshot, State
from accordant_sandbox.engine.store import Store
from accordant_sandbox.engine.timers import run_timers
from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.http.exchange import ABSENT, Answer, Headers, Reply, Request
from accordant_sandbox.http.response_validation import Defect, validate_response
from accordant_sandbox.http.routing import Miss
from accordant_sandbox.model.collections import uuid_text
from accordant_sandbox.model.faults import Fault, FaultSet
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.ports import Principal

__all__ = ["Engine"]

_DEFECT_HEADER: Final = "X-Sandbox-Defect"


class Engine:
    """A vendor's behaviour with its own state.

    Args:
        vendor: The vendor.
        catalogue: Finds the faults that apply to a vendor.
        clock: Its time.
        random_seed: Seed of every id, token and choice.
        settings: The vendor's settings, checked against their names and types.
        journal_size: How many exchanges the journal keeps.
    """

    def __init__(
        self,
        vendor: Vendor,
        *,
        catalogue: Callable[[Vendor], Sequence[Fault]],
        clock: Clock,
        random_seed: int,
        settings: Mapping[str, Any],
        journal_size: int,
    ) -> None:
        self.vendor = vendor
        self.dialect = vendor.dialect
        self.clock = clock
        self.lock = threading.RLock()
        self.settings = settings_of(vendor, settings)
        self.journal = Journal(journal_size, vendor.document.key_names)
        self.defects: list[Defect] = []
        self.mended: list[Defect] = []
        """What derived operations would have returned against the document, before it was made to fit."""
        self.used_rules: dict[str, None] = {}
        self.random_seed = random_seed
        self.random = Random(random_seed)
        self._request_ids = Random(random_seed + 1)
        self.store = Store(vendor, clock, self.settings, self.random)
        self.outbox = Outbox(vendor, clock, self.defects, self.transaction)
        self.store.announce = self.outbox.announce
        self.router = router_of(vendor)
        self.faults = FaultSet(partial(catalogue, vendor), vendor.operations.served)
        clock.follow(self.run_timers)
        self.stages: tuple[Callable[[RequestContext], None], ...] = (
            self._route,  # the operation, or the vendor's 404 and 405
            before_faults,
            self._attempt(served, credentials, rate_limits, permission, parameters_and_body, then=handler),
            answer_faults,
            limit_headers,
            self._validate,  # the answer, against the document
            self._encode,  # the answer as bytes
            wire_faults,
            self._write_down,  # in the journal
        )
        """What every request to the API passes, in this order."""

    @property
    def state(self) -> State:
        """The committed state."""
        return self.store.state

    def exchange(self, request: Request) -> Reply:
        """Respond to one request."""
        with self.lock:
            if self.store.state.timers:
                self.run_timers(self.clock.now())
            for prefix, page in self.vendor.pages.items():
                if request.path.startswith(prefix):
                    return self._note_aside(request, page(self.transaction(), request))
            context = RequestContext(request, uuid_text(self._request_ids))
            for stage in self.stages:
                stage(context)
            return context.reply

    def turn_away(self, request: Request, reply: Reply) -> None:
        """Write a request down that was refused before anybody looked at it."""
        with self.lock:
            self._note_aside(request, reply, "too_large")

    # Stages

    def _route(self, context: RequestContext) -> None:
        request = context.request
        found = self.router.match(request.method, request.path, partial(meant, request))
        if isinstance(found, Miss):
            context.problem = found.kind
            context.answer = self._unrouted(request, found)
            return
        armed = self.faults.ready(found.operation.id)
        context.call = ActiveCall(self.store, found.operation, request, dict(found.parameters), armed)

    def _attempt(
        self, *admission: Callable[[ActiveCall], None], then: Callable[[ActiveCall], Answer]
    ) -> Callable[[RequestContext], None]:
        """The stage that attempts a call in a transaction: once, unless a fault around it does so more often."""

        def attempt(context: RequestContext) -> None:
            call = context.call
            if call is not None and not context.cut_short:
                run = partial(self._attempted, call, admission, then)
                context.answer = surrounded(call, lambda fault: fault.around, run)

        return attempt

    def _attempted(
        self,
        call: ActiveCall,
        admission: Sequence[Callable[[ActiveCall], None]],
        handler: Callable[[ActiveCall], Answer],
    ) -> Answer:
        call.begin()
        try:
            for stage in admission:
                stage(call)
            answer = handler(call)
        except Problem as problem:
            if problem.rule:
                call.rule(problem.rule)
            call.attempt.problem = problem.kind
            return self.dialect.problem(problem, call, call.request)
        except Exception as bug:
            call.notes.append(traceback.format_exc())
            if call.served is not None and call.served.derived:
                return instead(call)
            return self._defect(Defect(call.operation.id, 500, "handler", type(bug).__name__, str(bug)))
        call.tx.commit()
        return answer

    def _validate(self, context: RequestContext) -> None:
        call, answer = context.call, context.answer
        if call is None or call.faults:
            return
        if answer.exempt:
            call.notes.append(f"not held against the document: {answer.exempt}")
            return
        if _DEFECT_HEADER in answer.headers:
            return
        if call.served is not None and call.served.derived:
            context.answer, defect = mended(call, answer)
            self.mended += [defect] if defect else []
            return
        defect = validate_response(call.operation, answer)
        if defect is None:
            return
        if damage := self._damage():
            call.notes.append(f"not held against the document, as {damage} acted on what is stored: {defect}")
            return
        context.answer = self._defect(defect)

    def _encode(self, context: RequestContext) -> None:
        answer = context.answer
        if self.dialect.stamp:
            self.dialect.stamp(context.call, answer, context.request_id)
        content = answer.content
        if content is None:
            content = b"" if answer.body is ABSENT else _json(answer.body)
        headers = answer.headers.copy()
        if answer.media_type and (content or answer.content is not None) and "content-type" not in headers:
            headers.set("Content-Type", answer.media_type)
        headers.set("Date", self.clock.http_date())
        if answer.status not in (204, 304) and "content-length" not in headers:
            headers.set("Content-Length", str(len(content)))
        context.reply = Reply(answer.status, headers, content, answer.delay, answer.wire)

    def _write_down(self, context: RequestContext) -> None:
        call, notes = context.call, list(context.call.notes if context.call else ())
        if call is not None:
            for armed in call.armed:
                if armed.fault.name in call.faults:
                    armed.acted += 1
            self.used_rules.update(dict.fromkeys(call.rules))
        elif context.problem == "unknown_path":
            notes.append(f"no operation matches; the closest path is {self.router.nearest(context.request.path)}")
        self.journal.note(
            self.clock.text(),
            context.request,
            context.reply,
            problem=call.problem if call else context.problem,
            request_id=context.request_id,
            answer=context.answer.body,
            notes=notes,
            call=call,
        )

    # Beside the stages

    def _unrouted(self, request: Request, miss: Miss) -> Answer:
        for armed in list(self.faults.armed):
            if armed.fault.unrouted:
                answer = armed.fault.unrouted(request, miss.kind)
                if answer is not None:
                    armed.seen += 1
                    armed.acted += 1
                    return answer
        if request.method == "OPTIONS" and self.dialect.preflight:
            return Answer(204, headers=Headers(self.dialect.preflight.items()), media_type=None)
        if miss.kind == "wrong_method":
            allowed = ", ".join(miss.allowed)
            problem = Problem("wrong_method", f"{request.method} is not allowed here", details=[("allow", allowed)])
        else:
            problem = Problem("not_found", "no such path")
        return self.dialect.problem(problem, None, request)

    def _damage(self) -> str:
        """The faults that have acted on stored data: what shows of that later is no defect of the sandbox."""
        return ", ".join(self.faults.damage())

    def _defect(self, defect: Defect) -> Answer:
        if not self._damage():
            self.defects.append(defect)
        header = str(defect).encode("ascii", "backslashreplace").decode().replace("\n", " ")[:2000]
        body = {"error": "sandbox defect", "defect": str(defect)}
        return Answer(500, body, Headers([(_DEFECT_HEADER, header)]), exempt="a defect")

    def _note_aside(self, request: Request, reply: Reply, problem: str | None = None) -> Reply:
        """Write a request down that is no call of the API."""
        self.journal.note(self.clock.text(), request, reply, problem=problem)
        return reply

    # What the sandbox and its tests use

    def transaction(self, principal: Principal | None = None, by: str = "") -> Transaction:
        """A transaction outside a call; commit it under `lock`."""
        return Transaction(self.store, principal, by)

    def run_timers(self, until: datetime, most: int | None = None) -> bool:
        """Run whatever falls due up to an instant, in order, each with the clock at its own instant.

        Returns whether something is left to run because `most` were run.
        """
        with self.lock:
            return run_timers(self.store, until, most)

    def snapshot(self) -> Snapshot:
        """The present state, to come back to."""
        with self.lock:
            return self.store.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot; the clock stays where it is.

        Raises:
            SandboxError: It was taken of another vendor.
        """
        with self.lock:
            self.store.restore(snapshot)


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # an integer beyond 64 bits, which a request may have said
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")
