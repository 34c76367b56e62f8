"""The stages that a request passes; `engine` has them in their order.

A stage of a request works on its context. A stage of an attempt works on the call, and raises a `Problem` to
refuse it.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from accordant_sandbox.engine.auth import authenticate
from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.engine.crud import VERBS
from accordant_sandbox.engine.hooks import act, surrounded
from accordant_sandbox.engine.limits import spend
from accordant_sandbox.engine.oauth import is_grant
from accordant_sandbox.engine.request_validation import validate_body, validate_parameters
from accordant_sandbox.http.exchange import Answer, Reply, Request, Wire
from accordant_sandbox.model.operations import Served
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Principal

__all__ = [
    "RequestContext",
    "answer_faults",
    "before_faults",
    "credentials",
    "handler",
    "limit_headers",
    "parameters_and_body",
    "permission",
    "rate_limits",
    "served",
    "wire_faults",
]


@dataclass(slots=True)
class RequestContext:
    """A request on its way through the stages. There is no call where the request matches no operation."""

    request: Request
    request_id: str
    call: ActiveCall | None = None
    problem: str | None = None
    """Why there is no call: `wrong_method` or `unknown_path`."""
    cut_short: bool = False
    """Whether a fault answered before the call was attempted."""
    answer: Answer = field(init=False)
    reply: Reply = field(init=False)


# Stages of a request


def before_faults(context: RequestContext) -> None:
    """Faults that change the call, or respond to it before anything else happens."""
    call = context.call
    for armed in call.armed if call else ():
        if call and armed.fault.before:
            early = act(call, armed, armed.fault.before)
            if isinstance(early, Answer):
                context.answer, context.cut_short = early, True
                return


def answer_faults(context: RequestContext) -> None:
    """Faults that change the response."""
    call = context.call
    if call is None or context.cut_short or not any(armed.fault.answer for armed in call.armed):
        return
    # A fault may write into the answer, whose values are shared with stored rows.
    context.answer.body = copy.deepcopy(context.answer.body)
    for armed in call.armed:
        if armed.fault.answer:
            context.answer = act(call, armed, armed.fault.answer, context.answer) or context.answer


def limit_headers(context: RequestContext) -> None:
    """The headers that tell a client how much of its rate limit is left."""
    call = context.call
    if call and call.spent and call.dialect.limit_headers:
        for name, value in call.dialect.limit_headers(call.spent).items():
            context.answer.headers.set(name, value)


def wire_faults(context: RequestContext) -> None:
    """Faults that change the bytes, or disturb the connection that carries them."""
    call = context.call
    for armed in call.armed if call else ():
        if call and armed.fault.wire:
            done = act(call, armed, armed.fault.wire, context.reply)
            if isinstance(done, Wire):
                context.reply.wire = done
            elif done is not None:
                context.reply = done


# Stages of an attempt


def served(call: ActiveCall) -> None:
    """Refuses an operation that the vendor's package does not serve."""
    _served(call)


def credentials(call: ActiveCall) -> None:
    """Who calls, by the document's security requirements."""
    setting = call.dialect.opened_by.get(call.operation.id)
    if setting and call.settings[setting] and "authorization" not in call.request.headers:
        return

    def run() -> Principal | None:
        return authenticate(call)

    call.attempt.principal = surrounded(call, lambda fault: fault.authenticate, run)


def rate_limits(call: ActiveCall) -> None:
    """Takes the call out of its rate-limit buckets; what it takes stays taken."""
    if call.dialect.limits:
        tx = call.silent_transaction()
        spend(call, call.dialect.limits, tx)
        tx.commit()


def permission(call: ActiveCall) -> None:
    """What the caller's role may not use."""
    if call.principal is None:
        return
    for glob, rule in call.dialect.denied.get(call.principal.role, {}).items():
        if fnmatchcase(call.operation.id, glob):
            raise Problem("forbidden", "this credential may not do that", rule=rule)


def parameters_and_body(call: ActiveCall) -> None:
    """Types the parameters and the body, and holds them against the document."""
    by = _served(call)

    def run() -> bool:
        validate_parameters(call, by)
        if not (by.grants and is_grant(call.request)):
            validate_body(call, by)
        return True

    surrounded(call, lambda fault: fault.validate, run)
    call.attempt.validated = True


def handler(call: ActiveCall) -> Answer:
    """The response of the operation's handler, in a transaction of the caller."""
    by = _served(call)
    call.attempt.tx = call.transaction(call.principal)
    for rule in by.rules:
        call.rule(rule)
    if by.handler:
        return by.handler(call)
    assert by.plain is not None, "an operation is plain or has a handler"
    return VERBS[by.plain.verb](call)


def _served(call: ActiveCall) -> Served:
    if call.served is None:
        raise Problem("not_found", f"not served: {call.vendor.unserved[call.operation.id]}")
    return call.served
