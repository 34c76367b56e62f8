"""Faults of the connection. In process each raises the matching built-in `ConnectionError`, or waits on the clock."""

from __future__ import annotations

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import secured, writes
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.exchange import Answer, Reply, Wire, WireKind

__all__ = ["FAULTS"]

registry = FaultRegistry("network")
SURVIVES = "client_survives"


@registry.before(
    name="connection_broken.refused",
    does="Every call is cut off before it is looked at, as if nobody listened.",
    oracle=SURVIVES,
    where=secured,
)
def refused(call: ActiveCall) -> Answer:
    """Somebody listens."""
    return _cut(call, "refuse")


@registry.before(
    name="connection_broken.reset",
    does="Every call is reset before anything has happened.",
    oracle=SURVIVES,
    where=secured,
)
def reset(call: ActiveCall) -> Answer:
    """A connection lives until the response is there."""
    return _cut(call, "reset")


@registry.wire(
    name="connection_broken.reset_after_apply",
    does="Every write is done, and then the connection is reset.",
    oracle=SURVIVES,
    where=writes,
)
def reset_after_apply(call: ActiveCall, reply: Reply) -> Wire | None:
    """What was done is confirmed."""
    return Wire("reset") if call.problem is None and reply.status < 400 else None


@registry.wire(
    name="connection_broken.empty",
    does="Every connection is closed without an answer.",
    oracle=SURVIVES,
    where=secured,
)
def empty(call: ActiveCall, reply: Reply) -> Wire:
    """A request has a response."""
    del call, reply
    return Wire("empty")


@registry.wire(
    name="connection_broken.truncated",
    does="Every body ends before its announced length.",
    oracle=SURVIVES,
    where=secured,
)
def truncated(call: ActiveCall, reply: Reply) -> Wire | None:
    """A body has its announced length."""
    del call
    return Wire("truncate") if reply.content else None


@registry.wire(
    name="connection_broken.bad_chunk",
    does="Every body is announced in chunks and has a broken one.",
    oracle=SURVIVES,
    where=secured,
)
def bad_chunk(call: ActiveCall, reply: Reply) -> Wire | None:
    """A body in chunks has whole chunks."""
    del call
    return Wire("bad_chunk") if reply.content else None


@registry.wire(
    name="connection_broken.garbage",
    does="Every answer is no HTTP at all.",
    oracle=SURVIVES,
    where=secured,
)
def garbage(call: ActiveCall, reply: Reply) -> Wire:
    """A response is HTTP."""
    del call, reply
    return Wire("garbage")


@registry.wire(
    name="connection_broken.dribble",
    does="Every body comes a byte at a time, `seconds` apart, so that no single read ever times out.",
    oracle=SURVIVES,
    where=secured,
    options={"seconds": 0.5},
)
def dribble(call: ActiveCall, reply: Reply) -> Wire | None:
    """A body comes within the time that the whole call has."""
    return Wire("dribble", float(call.options["seconds"])) if reply.content else None


def _cut(call: ActiveCall, kind: WireKind) -> Answer:
    call.notes.append("cut off by a fault")
    return Answer(503, wire=Wire(kind))


FAULTS = registry.faults
