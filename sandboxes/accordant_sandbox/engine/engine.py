"""The engine: one request in, one reply out, through the same stages for every vendor.

Stages: route, faults' `before`, credentials, rate limits, permission, parameters and body, handler in a transaction,
faults' `answer`, proof against the document, bytes, faults' `wire`, journal. Everything runs under one lock and without
waiting, so that it can be called from any thread, in process or behind a server.
"""

from __future__ import annotations

import copy
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from fnmatch import fnmatchcase
from random import Random
from typing import TYPE_CHECKING, Any

import orjson

from accordant_sandbox.engine.auth import Principal, authenticate
from accordant_sandbox.engine.clock import Clock
from accordant_sandbox.engine.journal import SECRET_HEADERS, Journal
from accordant_sandbox.engine.limits import check_rates, spend
from accordant_sandbox.engine.outbox import Outbox
from accordant_sandbox.engine.state import Snapshot, State
from accordant_sandbox.engine.timers import run_timers
from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.faults.base import FaultSet
from accordant_sandbox.faults.hooks import hook, wrapped
from accordant_sandbox.http.exchange import ABSENT, Answer, Call, Headers, Reply, Request, Wire
from accordant_sandbox.http.request_validation import admit_body, admit_parameters
from accordant_sandbox.http.response_validation import Defect, prove
from accordant_sandbox.http.routing import Match, Miss, Router
from accordant_sandbox.model.collections import Row, uuid_text
from accordant_sandbox.model.factories import make_row
from accordant_sandbox.model.lifecycle import reads_of
from accordant_sandbox.model.problems import Problem

if TYPE_CHECKING:
    from accordant_sandbox.model.operations import Served
    from accordant_sandbox.model.paging import Window
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["Engine"]

_DEFECT_HEADER = "X-Sandbox-Defect"


class Engine:
    """A vendor's behaviour with its own state.

    Args:
        vendor: The vendor.
        clock: Its time.
        random_seed: Seed of every id, token and choice.
        settings: The vendor's settings, checked against their names and types.
        journal_size: How many exchanges the journal keeps.
    """

    def __init__(
        self, vendor: Vendor, *, clock: Clock, random_seed: int, settings: Mapping[str, Any], journal_size: int
    ) -> None:
        self.vendor = vendor
        self.dialect = vendor.dialect
        self.clock = clock
        self.lock = threading.RLock()
        self.state = State()
        self.settings: dict[str, Any] = {**vendor.dialect.settings, **settings}
        for name in settings:
            if name not in vendor.dialect.settings and name not in _SETTINGS:
                raise unknown("setting", name, [*vendor.dialect.settings, *_SETTINGS])
        check_rates(vendor.dialect.limits, self.settings.get("limits", {}))
        reads_of(str(self.settings.get("progress", "time")))
        self.journal = Journal(journal_size)
        self.defects: list[Defect] = []
        self.used_rules: dict[str, None] = {}
        self.random_seed = random_seed
        self.random = Random(random_seed)
        self._request_ids = Random(random_seed + 1)
        self.outbox = Outbox(self)
        self.router = Router(
            vendor.document.operations.values(),
            base_path=vendor.document.base_path,
            any_case=vendor.dialect.any_case_paths,
            aliases=vendor.dialect.path_aliases,
        )
        self._faults: FaultSet | None = None
        clock.follow(self.run_timers)

    @property
    def faults(self) -> FaultSet:
        """The faults of this sandbox; the catalogue is loaded when first asked for."""
        if self._faults is None:
            self._faults = FaultSet(self.vendor.catalogue, self.vendor.operations.served)
        return self._faults

    # The way of a request

    def exchange(self, request: Request) -> Reply:
        """Answer one request."""
        with self.lock:
            if self.state.timers:
                self.run_timers(self.clock.now())
            for prefix, page in self.vendor.pages.items():
                if request.path.startswith(prefix):
                    reply = page(self, request)
                    self._write_down(request, None, reply, ABSENT, None, "")
                    return reply
            found = self.router.match(request.method, request.path)
            request_id = uuid_text(self._request_ids)
            if isinstance(found, Miss):
                answer = self._unrouted(request, found)
                reply = self._reply(None, answer, request_id)
                self._write_down(request, None, reply, answer.body, found.kind, request_id)
                return reply
            call = self._call(found, request)
            answer = self._operate(call)
            reply = self._reply(call, answer, request_id)
            reply = self._disturb(call, reply)
            self._settle(call)
            self._write_down(request, call, reply, answer.body, call.problem, request_id)
            return reply

    def turn_away(self, request: Request, reply: Reply) -> None:
        """Write a request down that was refused before anybody looked at it."""
        with self.lock:
            self._write_down(request, None, reply, ABSENT, "too_large", "")

    def _call(self, match: Match, request: Request) -> Call:
        served = self.vendor.operations.served.get(match.operation.id)
        plain = served.plain if served else None
        armed = self._faults.ready(match.operation.id) if self._faults else ()
        return Call(self, match.operation, request, dict(match.parameters), plain=plain, armed=armed)

    def _operate(self, call: Call) -> Answer:
        for arm in call.armed:
            if arm.fault.before:
                early = hook(call, arm, arm.fault.before)
                if isinstance(early, Answer):
                    return early
        run: Callable[[], Answer] = lambda: self._attempt(call)  # noqa: E731 - wrapped below
        for arm in reversed(call.armed):
            if arm.fault.around:
                run = wrapped(call, arm, arm.fault.around, run)
        answer = run()
        if any(arm.fault.answer for arm in call.armed):
            # A fault may write into the answer, whose values are shared with stored rows.
            answer.body = copy.deepcopy(answer.body)
            for arm in call.armed:
                if arm.fault.answer:
                    answer = hook(call, arm, arm.fault.answer, answer) or answer
        if call.spent and self.dialect.limit_headers:
            for name, value in self.dialect.limit_headers(call.spent).items():
                answer.headers.set(name, value)
        return answer if call.faults else self._proven(call, answer)

    def _attempt(self, call: Call) -> Answer:
        served = self.vendor.operations.served.get(call.operation.id)
        call.problem = None
        try:
            if served is None:
                raise Problem("not_found", f"not served: {self.vendor.unserved[call.operation.id]}")
            call.tx = Transaction(self, None, call.operation.id, call.rule)
            call.principal = self._authenticate(call)
            self._spend(call)
            self._permit(call)
            self._admit(call, served)
            call.tx = Transaction(self, call.principal, call.operation.id, call.rule)
            answer = served.handler(call)
        except Problem as problem:
            if problem.rule:
                call.rule(problem.rule)
            call.problem = problem.kind
            return self.dialect.problem(problem, call, call.request)
        except Exception as bug:
            call.notes.append(traceback.format_exc())
            defect = Defect(call.operation.id, 500, "handler", type(bug).__name__, str(bug))
            return self._defect(defect)
        call.tx.commit()
        return answer

    def _authenticate(self, call: Call) -> Principal | None:
        setting = self.dialect.opened_by.get(call.operation.id)
        if setting and self.settings[setting] and "authorization" not in call.request.headers:
            return None
        run: Callable[[], Principal | None] = lambda: authenticate(call)  # noqa: E731 - wrapped below
        for arm in reversed(call.armed):
            if arm.fault.authenticate:
                run = wrapped(call, arm, arm.fault.authenticate, run)
        return run()

    def _admit(self, call: Call, served: Served) -> None:
        call.query, call.header, call.body, call.admitted = {}, {}, ABSENT, False

        def admit() -> bool:
            admit_parameters(call, served)
            admit_body(call, served)
            return True

        run: Callable[[], bool] = admit
        for arm in reversed(call.armed):
            if arm.fault.validate:
                run = wrapped(call, arm, arm.fault.validate, run)
        run()
        call.admitted = True

    def _spend(self, call: Call) -> None:
        if self.dialect.limits:
            tx = Transaction(self)
            spend(call, self.dialect.limits, tx)
            tx.commit()

    def _permit(self, call: Call) -> None:
        if call.principal is None:
            return
        for glob, rule in self.dialect.denied.get(call.principal.role, {}).items():
            if fnmatchcase(call.operation.id, glob):
                raise Problem("forbidden", "this credential may not do that", rule=rule)

    def _unrouted(self, request: Request, miss: Miss) -> Answer:
        for arm in list(self._faults.armed) if self._faults else []:
            if arm.fault.unrouted:
                answer = arm.fault.unrouted(request, miss.kind)
                if answer is not None:
                    arm.seen += 1
                    arm.acted += 1
                    return answer
        if request.method == "OPTIONS" and self.dialect.preflight:
            return Answer(204, headers=Headers(self.dialect.preflight.items()), media_type=None)
        if miss.kind == "wrong_method":
            allowed = ", ".join(miss.allowed)
            problem = Problem("wrong_method", f"{request.method} is not allowed here", details=[("allow", allowed)])
        else:
            problem = Problem("not_found", "no such path")
        return self.dialect.problem(problem, None, request)

    # The way out

    def _proven(self, call: Call, answer: Answer) -> Answer:
        if answer.exempt:
            call.notes.append(f"not held against the document: {answer.exempt}")
            return answer
        if _DEFECT_HEADER in answer.headers:
            return answer
        defect = prove(call.operation, answer)
        if defect is not None and (damage := self._damage()):
            call.notes.append(f"not held against the document, as {damage} acted on what is stored: {defect}")
            return answer
        return answer if defect is None else self._defect(defect)

    def _damage(self) -> str:
        """The faults that have acted on stored data: what shows of that later is no defect of the sandbox."""
        return ", ".join(self._faults.damage()) if self._faults else ""

    def _defect(self, defect: Defect) -> Answer:
        if not self._damage():
            self.defects.append(defect)
        header = str(defect).encode("ascii", "backslashreplace").decode().replace("\n", " ")[:2000]
        body = {"error": "sandbox defect", "defect": str(defect)}
        return Answer(500, body, Headers([(_DEFECT_HEADER, header)]), exempt="a defect")

    def _reply(self, call: Call | None, answer: Answer, request_id: str) -> Reply:
        if self.dialect.stamp:
            self.dialect.stamp(call, answer, request_id)
        content = answer.content
        if content is None:
            content = b"" if answer.body is ABSENT else orjson.dumps(answer.body)
        headers = answer.headers.copy()
        if answer.media_type and (content or answer.content is not None) and "content-type" not in headers:
            headers.set("Content-Type", answer.media_type)
        headers.set("Date", format_datetime(self.clock.now(), usegmt=True))
        if answer.status not in (204, 304) and "content-length" not in headers:
            headers.set("Content-Length", str(len(content)))
        return Reply(answer.status, headers, content, answer.delay, answer.wire)

    def _disturb(self, call: Call, reply: Reply) -> Reply:
        for arm in call.armed:
            if arm.fault.wire:
                done = hook(call, arm, arm.fault.wire, reply)
                if isinstance(done, Wire):
                    reply.wire = done
                elif done is not None:
                    reply = done
        return reply

    def _settle(self, call: Call) -> None:
        for arm in call.armed:
            if arm.fault.name in call.faults:
                arm.acted += 1
        self.used_rules.update(dict.fromkeys(call.rules))

    def _write_down(
        self, request: Request, call: Call | None, reply: Reply, body: Any, problem: str | None, request_id: str
    ) -> None:
        notes: Sequence[str] = call.notes if call else ()
        if problem == "unknown_path":
            notes = [f"no operation matches; the closest path is {self.router.nearest(request.path)}"]
        self.journal.add(
            at=self.clock.text(),
            operation=call.operation.id if call else None,
            method=request.method,
            status=reply.status,
            principal=call.principal.name if call and call.principal else None,
            problem=problem,
            faults=tuple(call.faults) if call else (),
            rules=tuple(call.rules) if call else (),
            notes=tuple(notes),
            request_id=request_id,
            host=request.root,
            with_credentials=any(name in request.headers for name in SECRET_HEADERS),
            _path=request.path,
            _query=tuple(request.query),
            _refused=request.body if call and call.body is ABSENT else b"",
            _open=call is not None and not call.operation.requirements,
            _headers=request.headers,
            _body=call.body if call else ABSENT,
            _answer=body,
        )

    # What handlers, faults and tests use

    def transaction(self, principal: Principal | None = None, by: str = "") -> Transaction:
        """A transaction outside a call; commit it under `lock`."""
        return Transaction(self, principal, by)

    def fault_rows(self, call: Call, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows of a list as the faults that act on it leave them."""
        for arm in call.armed:
            if arm.fault.rows:
                changed = hook(call, arm, arm.fault.rows, rows)
                rows = rows if changed is None else changed
        return rows

    def fault_window(self, call: Call, window: Window) -> Window:
        """The window of a page as the faults that act on it leave it."""
        for arm in call.armed:
            if arm.fault.window:
                window = hook(call, arm, arm.fault.window, window) or window
        return window

    def run_timers(self, until: datetime, most: int | None = None) -> bool:
        """Run whatever falls due up to an instant, in order, each with the clock at its own instant.

        Returns whether something is left to run because `most` were run.
        """
        with self.lock:
            return run_timers(self, until, most)

    def make_parent(self, tx: Transaction, collection: str, key: Mapping[str, Any]) -> Row:
        """A made-up row with given key fields, for references under the setting `lenient_parents`."""
        return make_row(tx, self.vendor.collections[collection], key)

    def announce(self, topic: str, payload: Mapping[str, Any]) -> None:
        """An event of a committed transaction."""
        self.outbox.announce(topic, payload)

    def snapshot(self) -> Snapshot:
        """The present state, to come back to."""
        with self.lock:
            state = self.state
            return Snapshot(
                self.vendor.name,
                dict(state.tables),
                state.sequences,
                state.timers,
                self.random.getstate(),
                self.clock.now(),
            )

    def restore(self, snapshot: Snapshot) -> None:
        """Back to a snapshot; the clock stays where it is.

        Raises:
            SandboxError: It was taken of another vendor.
        """
        if snapshot.vendor != self.vendor.name:
            raise SandboxError(f"this is a snapshot of {snapshot.vendor}, not of {self.vendor.name}")
        with self.lock:
            self.state = State(dict(snapshot.tables), snapshot.sequences, snapshot.timers)
            self.random.setstate(snapshot.random)


_SETTINGS = frozenset(
    {"limits", "lenient_parents", "strict_fields", "default_limit", "max_limit", "max_body", "progress"}
)
"""Settings that every vendor has."""
