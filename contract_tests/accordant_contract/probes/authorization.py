"""Probes of credentials: who gets in, who does not, and for how long."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from itertools import zip_longest
from typing import Any, Final

from ..document.document import Operation
from ..document.values import ABSENT, Arguments, Exchange
from ..judges.auth import (
    EXPIRED,
    NONE,
    REFUSALS,
    TokenTrial,
    auth_enforced,
    login_refused,
    stranger_sees_nothing,
    tampered,
    token_has_life,
    token_lifecycle,
    undeclared_method_refused,
)
from ..records.examples import Examples, Recipe
from ..target.vendor import Call, Credential
from .context import ProbeContext
from .custom_operations import prepared

_SECRET: Final = re.compile("password|secret")
_NEARLY: Final = 0.97
"""The part of its life after which a token must still be good."""


def log_in(context: ProbeContext, operation: Operation) -> None:
    """Log in well and badly, renew, use what is spent, and use a token in the middle and near the end of its life."""
    session, vendor = context.session, context.session.target.vendor
    if session.without_login(operation):
        _try_keys(context)
        return
    credential = session.login()
    _use(context, credential, "a fresh token", good=True)
    for name, value in session.target.secrets.items():
        for wrong in dict.fromkeys(("accordant-wrong-secret", *_nearly_right(context, name, value))):
            found = session.try_login({**session.target.secrets, name: wrong}, "unauthorised")
            refusal = None if isinstance(found, Credential) else found
            session.results.judge("auth_enforced", operation.id, login_refused(operation, refusal, name))
    session.results.judge("token_lifecycle", operation.id, token_has_life(operation, credential.lifetime))
    if vendor.refresh is not None and credential.refresh is not None:
        _renew(context, operation, credential.refresh)
    _age(context)


def _try_keys(context: ProbeContext) -> None:
    """A credential that needs no login is good as it is, and a wrong one opens nothing."""
    session = context.session
    _use(context, session.login(), "the credential from the environment", good=True)
    for name in session.target.secrets:
        wrong = session.try_login({**session.target.secrets, name: "accordant-wrong-secret"}, "unauthorised")
        if isinstance(wrong, Credential):
            _use(context, wrong, f"a wrong {name}", good=False)


def _nearly_right(context: ProbeContext, name: str, value: str) -> list[str]:
    """A secret in other letter case, and one with something added: not at an account, which too many of them lock."""
    if not context.session.target.exclusive or not _SECRET.search(name):
        return []
    return [each for each in (value.swapcase(), f"{value}x") if each != value]


def _tamper(context: ProbeContext, operation: Operation, arguments: Arguments) -> None:
    """Call an operation with what begins as a good credential does; the simplest with what else is nearly one."""
    if not context.session.logs_in(operation):
        return
    spoilt = list(tampered(context.session.credential.headers))
    for name, headers in spoilt if operation is context.session.document.simplest else spoilt[:1]:
        exchange = context.session.bare(operation.id, arguments, headers)
        context.session.results.judge("auth_enforced", operation.id, auth_enforced(operation, exchange, name))


def knock(context: ProbeContext, operation: Operation) -> None:
    """Ask once without a credential, before anything else: whatever the request is worth, it must not succeed.

    Nothing is made or read for it, so that an open door is seen in the first moments of a run.
    """
    session = context.session
    guesses = Examples(session.document.schemas, lambda _: 1, context.policy.hints, context.seed, session.target.now())
    places: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for parameter in operation.parameters:
        if parameter.required and parameter.where in places:
            value = guesses.value(parameter.name, parameter.schema, Recipe())
            places[parameter.where][parameter.name] = 1 if value is ABSENT else value
    if "" in places["path"].values():
        return  # which is another path
    schema = operation.body_schema
    body = guesses.body(schema, Recipe(full=False)) if schema is not None else ABSENT
    arguments = Arguments(places["path"], places["query"], places["header"], body)
    if session.refusal(operation, arguments):
        return
    exchange = session.bare(operation.id, arguments, ())
    if exchange.success or exchange.status in REFUSALS:
        found = auth_enforced(operation, exchange, NONE)
        session.results.judge("auth_enforced", operation.id, found)


def good_token(context: ProbeContext, operation: Operation) -> None:
    """Call an operation with the token that is tried again after its end: until then it must be good there."""
    session = context.session
    arguments = _arguments(context, operation) if session.logs_in(operation) else None
    credential = context.credentials.aging() if arguments is not None else None
    if arguments is None or credential is None or session.refusal(operation, arguments):
        return
    exchange = session.bare(operation.id, arguments, (*credential.headers, *session.own_headers(operation)), "unknown")
    if exchange.status == 401 and operation.refuses_requests:
        found = token_lifecycle(operation, TokenTrial(exchange, "a token within its life", good=True))
        session.results.judge("token_lifecycle", operation.id, found)
    elif exchange.success:
        session.results.judge("token_lifecycle", operation.id, ())
        context.store.learn(operation, exchange)


def unauthenticated(context: ProbeContext, operation: Operation) -> None:
    """Call an operation with no credential, with ones that are none, with an expired one, and as somebody else."""
    session = context.session
    arguments = _arguments(context, operation)
    if arguments is None:
        session.results.skip(f"{operation.id}: a record that it needs cannot be made or found")
        return
    tries = {NONE: (), **session.target.vendor.malformed}
    for name, headers in tries.items():
        exchange = session.bare(operation.id, arguments, headers)
        session.results.judge("auth_enforced", operation.id, auth_enforced(operation, exchange, name))
    _tamper(context, operation, arguments)
    dead = context.credentials.expired()
    if dead is not None:
        exchange = session.bare(operation.id, arguments, dead.headers)
        found = token_lifecycle(operation, TokenTrial(exchange, EXPIRED, good=False))
        session.results.judge("token_lifecycle", operation.id, found)
        session.results.judge("auth_enforced", operation.id, auth_enforced(operation, exchange, EXPIRED))
    _as_foreign_tenant(context, operation, arguments)
    for principal, patterns in session.target.vendor.weaker.items():
        weak = context.credentials.of(principal)
        if weak is not None and any(fnmatchcase(operation.id, pattern) for pattern in patterns):
            exchange = session.bare(operation.id, arguments, weak.headers)
            found = auth_enforced(operation, exchange, f"the weaker {principal}")
            session.results.judge("auth_enforced", operation.id, found)


def wrong_method(context: ProbeContext, operation: Operation) -> None:
    """Send a method that the path does not have."""
    every = context.session.document.operations.values()
    declared = {each.method for each in every if _may_be_one(each.path, operation.path)}
    method = next((each for each in ("PUT", "DELETE", "PATCH", "POST") if each not in declared), None)
    arguments = context.filler.arguments(operation) if method else None
    if method is None or arguments is None:
        return
    exchange = context.session.unjudged(operation, method, arguments)
    found = undeclared_method_refused(operation, method, exchange)
    context.session.results.judge("unsupported_method", operation.id, found)


def _arguments(context: ProbeContext, operation: Operation) -> Arguments | None:
    """Arguments that serve, with a record that was prepared for the operation where they need one."""
    return context.filler.arguments(operation) or context.filler.arguments(
        operation, prepared(context, operation, fresh=False)
    )


def _may_be_one(first: str, second: str) -> bool:
    """Whether one address may be that of two paths: `/things/{id}` and `/things/import`."""
    pairs = list(zip_longest(first.strip("/").split("/"), second.strip("/").split("/")))
    return all(one == other or (one and other and "{" in one + other) for one, other in pairs)


def _renew(context: ProbeContext, operation: Operation, token: str) -> None:
    session, vendor = context.session, context.session.target.vendor
    assert vendor.refresh is not None
    call = _caller(context)
    found = vendor.refresh(call, session.target.secrets, token)
    if isinstance(found, Credential):
        _use(context, found, "a token from a refresh", good=True)
    else:
        verdict = token_lifecycle(operation, TokenTrial(found, "a fresh refresh token", good=True))
        session.results.judge("token_lifecycle", operation.id, verdict)
    if vendor.rotates:
        again = vendor.refresh(_caller(context, refused=True), session.target.secrets, token)
        exchange = again if isinstance(again, Exchange) else session.history[-1]
        verdict = token_lifecycle(operation, TokenTrial(exchange, "a spent refresh token", good=False))
        session.results.judge("token_lifecycle", operation.id, verdict)


def _age(context: ProbeContext) -> None:
    session = context.session
    credential = session.login()
    if credential.lifetime is None or credential.lifetime <= 0 or session.target.control is None:
        if credential.lifetime is not None:
            session.results.skip("expired tokens: the target's clock cannot be moved")
        return
    gone = 0.0
    for part in (0.5, _NEARLY):
        session.target.wait(credential.lifetime * part - gone)
        gone = credential.lifetime * part
        _use(context, credential, f"a token at {part:.0%} of its life", good=True)
    session.target.wait(credential.lifetime - gone + 1)
    _use(context, credential, "an expired token that was used before its end", good=False)
    session.renew()


def _use(context: ProbeContext, credential: Credential, when: str, *, good: bool) -> None:
    """Use a credential on the simplest operation that needs one."""
    operation = context.session.document.simplest
    if operation is None:
        return
    exchange = context.session.bare(operation.id, Arguments(), credential.headers, "unknown")
    trial = TokenTrial(exchange, when, good)
    context.session.results.judge("token_lifecycle", operation.id, token_lifecycle(operation, trial))


def _as_foreign_tenant(context: ProbeContext, operation: Operation, arguments: Arguments) -> None:
    secrets = context.session.target.foreign_tenant
    if secrets is None or operation.action not in ("get", "list"):
        return
    foreign_tenant = context.credentials.with_secrets("foreign_tenant", secrets)
    if foreign_tenant is None:
        return
    exchange = context.session.bare(operation.id, arguments, foreign_tenant.headers, "unknown")
    own = [each.key for each in context.store.known(operation.entity) if each.own]
    if operation.action == "list" and not own and context.filler.make(operation.entity) is not None:
        own = [each.key for each in context.store.known(operation.entity) if each.own]
    found = stranger_sees_nothing(operation, own, exchange)
    context.session.results.judge("auth_enforced", operation.id, found)


def _caller(context: ProbeContext, *, refused: bool = False) -> Call:
    def call(operation: str, arguments: Arguments) -> Exchange:
        return context.session.bare(operation, arguments, (), "unauthorised" if refused else "valid")

    return call
