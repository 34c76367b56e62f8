"""Faults: deliberate misbehaviours, and how they are armed.

A fault is data plus one or more hooks. A hook that returns None has done nothing; anything else means that the fault
acted, the response is then exempt from the check against the document, and the journal names the fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, TypeAlias, cast

from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.exchange import Answer, Reply, Request, Wire
from accordant_sandbox.http.json_types import is_number
from accordant_sandbox.model.paging import Window
from accordant_sandbox.ports import Principal

__all__ = ["Armed", "Fault", "FaultSet", "Row"]

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One named misbehaviour.

    Args:
        name: snake_case, a variant after a dot (`limit_429.no_retry_after`).
        cls: Class of the fault: schema, status, header, auth, state, value, paging, filter, time, limit, redirect,
            webhook, encoding, network.
        sentence: What it does, one sentence.
        oracle: Name of the contract check that must catch it.
        applies: Whether the fault makes sense at an operation of a vendor.
        violates: The sentence that it makes untrue.
        every: It acts on each n-th matching call unless it is armed otherwise.
        options: Names and defaults of what may be said when it is armed.
        operations: In a catalogue: the operation ids at which it applies. Filled by `catalogue`.

    Hooks, in the order of the pipeline:
        unrouted: (request, problem kind) -> a response instead of the vendor's 404/405. The only hook without a call.
        before: (call) -> a response, which ends the exchange before anything happened; or True when it changed the
            call (`call.request`, `call.path`, headers); parameters and body are not parsed yet.
        around: (call, run) -> a response. `run()` does everything up to the response (credentials, parameters, body,
            handler, commit), never raises a problem, and may be run several times or not at all.
        authenticate: (call, run) -> the principal; `run()` checks credentials and raises `Problem`.
        validate: (call, run) -> True; `run()` parses and validates parameters and body, returns True or raises
            `Problem`.
        rows: (call, rows) -> the rows of a list after its filters, before paging.
        window: (call, window) -> the part of the rows that a page shows.
        response: (call, response) -> the changed response (a change in place is fine: it shares nothing with state).
        wire: (call, reply) -> a changed reply, or a `Wire` disturbance.
    The call is the engine's `ActiveCall`, the vendor a `Vendor`; `faults.registry` holds functions to these types.
    `call.memory` is the armed fault's own scratch memory, `call.options` its options; `call.skip()` says that a hook
    around a stage changed nothing after all.
    """

    name: str
    cls: str
    sentence: str
    oracle: str
    applies: Callable[[Operation, Any], bool]
    violates: str = ""
    every: int = 1
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    operations: tuple[str, ...] = ()
    unrouted: Callable[[Request, str], Answer | None] | None = None
    before: Callable[[Any], Answer | bool | None] | None = None
    around: Callable[[Any, Callable[[], Answer]], Answer | None] | None = None
    authenticate: Callable[[Any, Callable[[], Principal | None]], Principal | None] | None = None
    validate: Callable[[Any, Callable[[], bool]], bool | None] | None = None
    rows: Callable[[Any, Sequence[Row]], Sequence[Row] | None] | None = None
    window: Callable[[Any, Window], Window | None] | None = None
    answer: Callable[[Any, Answer], Answer | None] | None = None
    wire: Callable[[Any, Reply], Reply | Wire | None] | None = None

    def at(self, operations: Iterable[Operation], vendor: Any) -> Fault:
        """This fault with the operation ids at which it applies."""
        return replace(
            self, operations=tuple(sorted(each.id for each in operations if self._makes_sense(each, vendor)))
        )

    def _makes_sense(self, operation: Operation, vendor: Any) -> bool:
        """Whether it applies; where the document is malformed, and its reader lenient, it does not."""
        try:
            return self.applies(operation, vendor)
        except (SandboxError, AttributeError, KeyError, TypeError):
            if operation.document.lenient:
                return False
            raise


def _globs(on: object) -> tuple[str, ...]:
    """One glob or several; none where one of them is no text."""
    if isinstance(on, str):
        return (on,)
    given = list(cast("Iterable[object]", on)) if isinstance(on, Iterable) else []
    texts = [each for each in given if isinstance(each, str)]
    return tuple(texts) if len(texts) == len(given) else ()


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check_option(fault: str, name: str, value: object, default: object) -> None:
    """Raise a `SandboxError` for an option of another kind than its default; whole numbers do for all numbers."""
    if is_number(default) and not is_number(value):
        raise SandboxError(f"fault {fault!r}: {name} must be a number, not {value!r}")


@dataclass(slots=True, eq=False)
class Armed:
    """A fault that is switched on: where, how often, and what it has done so far."""

    fault: Fault
    on: tuple[str, ...] = ("*",)
    times: int | None = None
    after: int = 0
    every: int = 1
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    seen: int = 0
    acted: int = 0
    memory: dict[str, Any] = field(default_factory=dict[str, Any])

    def ready(self, operation_id: str) -> bool:
        """Whether the fault may act on this call; counts the call."""
        if operation_id not in self.fault.operations or not any(fnmatchcase(operation_id, glob) for glob in self.on):
            return False
        self.seen += 1
        if self.seen <= self.after or (self.seen - self.after - 1) % self.every:
            return False
        return self.times is None or self.acted < self.times

    def describe(self) -> dict[str, Any]:
        """The armed fault as plain data, for the control plane and reports."""
        return {
            "name": self.fault.name,
            "on": list(self.on),
            "times": self.times,
            "after": self.after,
            "every": self.every,
            "seen": self.seen,
            "acted": self.acted,
        }


class FaultSet:
    """The faults that a sandbox knows and those that are armed."""

    def __init__(self, known: Callable[[], Sequence[Fault]], operations: Iterable[str]) -> None:
        self._known = known
        self._operations = frozenset(operations)
        self.armed: list[Armed] = []
        self.finished: list[Armed] = []

    @cached_property
    def catalogue(self) -> dict[str, Fault]:
        """The faults that may be armed, by name; they are looked for when somebody first asks, which takes a while."""
        return {fault.name: fault for fault in self._known()}

    def arm(
        self,
        name: str,
        *,
        on: str | Iterable[str] = "*",
        times: int | None = None,
        after: int = 0,
        every: int | None = None,
        **options: Any,
    ) -> Armed:
        """Switch a fault on.

        Args:
            name: Name in the catalogue.
            on: Operation ids or globs of them.
            times: How often it acts at most; None = always.
            after: How many matching calls pass first.
            every: It acts on each n-th matching call; None = as the fault itself says, mostly 1.
            options: Passed to the fault's hooks as `call.options`, over the fault's own defaults.

        Raises:
            SandboxError: Unknown fault, operation or option, an operation that the fault does not apply to, or
                impossible counts.
        """
        fault = self.catalogue.get(str(name))
        if fault is None:
            raise unknown("fault", str(name), self.catalogue)
        globs = _globs(on)
        if not globs:
            raise SandboxError(f"fault {name!r}: on names operations, as text")
        for glob in globs:
            self._check_target(fault, glob)
        for option in options:
            if option not in fault.options:
                raise unknown(f"option of the fault {name!r}", option, fault.options)
            _check_option(name, option, options[option], fault.options[option])
        every = fault.every if every is None else every
        return self._armed(Armed(fault, globs, times, after, every, {**fault.options, **options}))

    def add(self, fault: Fault, *, times: int | None = None, after: int = 0) -> Armed:
        """Switch a fault on that is not in the catalogue.

        Raises:
            SandboxError: Impossible counts.
        """
        return self._armed(Armed(fault, fault.operations, times, after))

    def _armed(self, armed: Armed) -> Armed:
        every, after, times = armed.every, armed.after, armed.times
        counts = (every, after, 1 if times is None else times)
        if not all(_is_count(each) for each in counts) or every < 1 or after < 0 or (times is not None and times < 1):
            raise SandboxError(f"fault {armed.fault.name!r}: times and every start at 1, after at 0")
        self.armed.append(armed)
        return armed

    def disarm(self, armed: Armed) -> None:
        """Switch one armed fault off; what it did stays readable."""
        if armed in self.armed:
            self.armed.remove(armed)
            self.finished.append(armed)

    def clear(self) -> None:
        """Switch every fault off and forget what they did."""
        self.armed.clear()
        self.finished.clear()

    def ready(self, operation_id: str) -> list[Armed]:
        """The armed faults that may act on a call of this operation; each is counted as having seen it."""
        return [armed for armed in self.armed if armed.ready(operation_id)]

    def idle(self) -> list[Armed]:
        """Faults that were armed and never acted: a test that armed one proved nothing."""
        return [armed for armed in [*self.finished, *self.armed] if not armed.acted]

    def damage(self) -> list[str]:
        """Names of the faults of the class `state` that have acted since the last `clear`, armed still or not."""
        return [each.fault.name for each in [*self.finished, *self.armed] if each.acted and each.fault.cls == "state"]

    def _check_target(self, fault: Fault, glob: str) -> None:
        matching = [each for each in self._operations if fnmatchcase(each, glob)]
        if not matching:
            raise unknown("operation", glob, self._operations)
        if not set(matching) & set(fault.operations):
            where = ", ".join(fault.operations) or "no operation of this vendor"
            raise SandboxError(f"fault {fault.name!r} does not apply to {glob!r}; it applies to: {where}")
