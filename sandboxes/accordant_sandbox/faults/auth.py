"""Faults in who may do what, and in the life of tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.engine.tables import Table
from accordant_sandbox.faults.applicability import both, has_body, plain_of, secured, token_operation
from accordant_sandbox.faults.document_fields import Field, place, records
from accordant_sandbox.faults.effects import addressed, good, refuse, tables
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.instants import parse_instant
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Principal, Row

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("auth")
ENFORCED = "auth_enforced"
LIFE = "token_lifecycle"


def _issues_tokens(vendor: Vendor) -> bool:
    served = (vendor.document.operations[name] for name in vendor.operations.served)
    return any(token_operation(operation, vendor) for operation in served)


def with_tokens(operation: Operation, vendor: Vendor) -> bool:
    """Secured operations of a vendor that issues tokens."""
    return operation.secured and _issues_tokens(vendor)


@registry.authenticate(does="No credential is needed.", oracle=ENFORCED, where=secured)
def auth_none(call: ActiveCall, run: Callable[[], Principal | None]) -> Principal | None:
    """A secured operation refuses who shows no credential."""
    return _despite(call, run, not _shows_credential(call))


@registry.answer(
    does="Who shows no good credential is told that nothing would help, with 403 for 401.",
    oracle=ENFORCED,
    where=lambda operation, _: operation.secured and {"401", "403"} <= operation.responses.keys(),
)
def auth_403_for_401(call: ActiveCall, answer: Answer) -> Answer | None:
    """A caller without a good credential is asked for one."""
    return refuse(call, "forbidden", "the caller may not do this") if answer.status == 401 else None


@registry.authenticate(does="Any credential is good enough.", oracle=ENFORCED, where=secured)
def auth_any(call: ActiveCall, run: Callable[[], Principal | None]) -> Principal | None:
    """A secured operation refuses a credential that was never issued."""
    return _despite(call, run, _shows_credential(call))


@registry.authenticate(does="Expired tokens go on working.", oracle=ENFORCED, where=with_tokens)
def auth_expired_accepted(call: ActiveCall, run: Callable[[], Principal | None]) -> Principal | None:
    """A token dies when its life is over."""
    token = _token(call, tables(call).get("_tokens", {}))
    expired = token is not None and not token["revoked"] and not _alive(call, token)
    return _despite(call, run, expired, None if token is None else token["principal"])


@registry.authenticate(does="A token that was used once is accepted for ever.", oracle=LIFE, where=with_tokens)
def once_good_token_stays_good(call: ActiveCall, run: Callable[[], Principal | None]) -> Principal | None:
    """A token that was used before its end is refused after it."""
    known: dict[str, Principal] = call.memory.setdefault("known", {})
    shown = call.request.headers.get("authorization") or ""
    try:
        principal = run()
    except Problem:
        if shown in known:
            return known[shown]
        raise
    call.skip()
    if principal is not None and shown:
        known[shown] = principal
    return principal


@registry.authenticate(
    does="A record of another tenant can be read by its id.",
    oracle=ENFORCED,
    where=lambda operation, vendor: operation.secured and operation.action == "get" and _hides(operation, vendor),
)
def auth_cross_tenant(call: ActiveCall, run: Callable[[], Principal | None]) -> Principal | None:
    """A tenant sees its own records only."""
    principal = run()
    _, row = addressed(call) or (None, {})
    if principal is not None and row.get("_tenant", principal.tenant) != principal.tenant:
        for other in tables(call)["_principals"].values():
            if other["tenant"] == row["_tenant"]:
                return Principal.of(other)
    call.skip()
    return principal


@registry.authenticate(
    does="A role may do what is denied to it.",
    oracle=ENFORCED,
    where=lambda operation, vendor: any(_denied(vendor, role, operation.id) for role in vendor.dialect.denied),
)
def auth_role_ignored(call: ActiveCall, run: Callable[[], Principal | None]) -> Principal | None:
    """A role does only what it is allowed to do."""
    principal = run()
    if principal is not None and _denied(call.vendor, principal.role, call.operation.id):
        return replace(principal, role="accordant.unrestricted")
    call.skip()
    return principal


@registry.before(
    does="A token dies after so many calls (`uses`), long before its stated life is over.",
    oracle=LIFE,
    where=with_tokens,
    options={"uses": 25},
)
def token_early_expiry(call: ActiveCall) -> Answer | None:
    """A token works for as long as it was said to."""
    token = _live_token(call)
    if token is None or token["expires_at"] is None:
        return None
    used: dict[str, int] = call.memory.setdefault("used", {})
    used[token["token"]] = used.get(token["token"], 0) + 1
    return _refused(call) if used[token["token"]] > call.options["uses"] else None


@registry.before(
    does="One call in ten is refused although its token is good; made again, it is served.",
    oracle=LIFE,
    where=with_tokens,
    every=10,
)
def token_rejected_once(call: ActiveCall) -> Answer | None:
    """A good token is accepted."""
    return None if _live_token(call) is None else _refused(call)


@registry.before(does="Tokens are issued, and no call accepts them.", oracle=LIFE, where=with_tokens)
def token_rejected_always(call: ActiveCall) -> Answer | None:
    """A token that was just issued is accepted."""
    return None if _live_token(call) is None else _refused(call)


def _life_field(field: Field) -> bool:
    return field.name.lower().replace("_", "") == "expiresin"


def _states_life(operation: Operation, vendor: Vendor) -> bool:
    where = place(operation)
    return token_operation(operation, vendor) and where is not None and any(map(_life_field, where.fields))


@registry.answer(does="The life of a token comes as text.", oracle="response_schema_conformance", where=_states_life)
def token_expires_in_text(call: ActiveCall, answer: Answer) -> Answer | None:
    """The life of a token is a number of seconds."""
    return _with_life(call, answer, str)


@registry.answer(
    name="token_expires_in_text.absent",
    does="A token comes without its life.",
    oracle="response_schema_conformance",
    where=both(
        _states_life,
        lambda operation, _: any(_life_field(each) and each.required for each in _fields(operation)),
    ),
)
def token_life_absent(call: ActiveCall, answer: Answer) -> Answer | None:
    """A token comes with its life."""
    return _with_life(call, answer, None)


@registry.answer(
    name="token_expires_in_text.zero",
    does="The life of a new token is stated as 0 seconds.",
    oracle=LIFE,
    where=_states_life,
)
def token_life_zero(call: ActiveCall, answer: Answer) -> Answer | None:
    """A token lives for some time."""
    return _with_life(call, answer, lambda _: 0)


def _refreshes(operation: Operation, vendor: Vendor) -> bool:
    return token_operation(operation, vendor) and has_body(lambda field: field.name == "refresh_token")(
        operation, vendor
    )


@registry.around(does="A refresh token that was used works again.", oracle=LIFE, where=_refreshes)
def refresh_reuse(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A refresh token works once."""
    answer = run()
    token = tables(call).get("_tokens", Table()).get(_refresh_token(call))
    if good(call, answer) or token is None or not token["revoked"]:
        call.skip()
        return answer
    revived = call.tables["_tokens"].put(token["token"], {**token, "revoked": False})
    call.tables = {**call.tables, "_tokens": revived}
    return run()


@registry.validate(does="A refresh token that was just issued is refused.", oracle=LIFE, where=_refreshes)
def refresh_dead(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A fresh refresh token gets a new token."""
    run()
    if _refresh_token(call):
        call.body = {**call.body, "refresh_token": "accordant.dead"}
    else:
        call.skip()
    return True


def _despite(
    call: ActiveCall, run: Callable[[], Principal | None], when: bool, holder: str | None = None
) -> Principal | None:
    """The principal that the credential proves, else under a condition the given one, or the sandbox's first."""
    try:
        principal = run()
    except Problem:
        rows = tables(call)["_principals"]
        if not when or not rows:
            raise
        return Principal.of(rows[holder] if holder in rows else next(iter(rows.values())))
    call.skip()
    return principal


def _shows_credential(call: ActiveCall) -> bool:
    authenticators = call.dialect.authenticators
    for alternative in call.operation.requirements:
        for scheme in alternative:
            try:
                if authenticators[scheme](call) is not None:
                    return True
            except Problem:
                return True
    return False


def _token(call: ActiveCall, known: Mapping[Any, Row]) -> Row | None:
    """The row of the token that the request carries in any of its headers."""
    for _, value in call.request.headers:
        token = value.rsplit(" ", 1)[-1]
        if token in known:
            return known[token]
    return None


def _alive(call: ActiveCall, token: Row) -> bool:
    return token["expires_at"] is None or parse_instant(token["expires_at"]) > call.now


def _live_token(call: ActiveCall) -> Row | None:
    token = _token(call, tables(call).get("_tokens", {}))
    return token if token is not None and not token["revoked"] and _alive(call, token) else None


def _refused(call: ActiveCall) -> Answer:
    return refuse(call, "unauthenticated", "the credential is not valid or has expired")


def _hides(operation: Operation, vendor: Vendor) -> bool:
    plain = plain_of(operation, vendor)
    return (
        plain is not None and vendor.collections[plain.collection].visible is not None and len(vendor.credentials) > 1
    )


def _denied(vendor: Vendor, role: str, operation_id: str) -> bool:
    return any(fnmatchcase(operation_id, glob) for glob in vendor.dialect.denied.get(role, {}))


def _fields(operation: Operation) -> tuple[Field, ...]:
    where = place(operation)
    return where.fields if where else ()


def _with_life(call: ActiveCall, answer: Answer, change: Callable[[Any], Any] | None) -> Answer | None:
    if not good(call, answer):
        return None
    for record in records(call.operation, answer.body):
        for name in list(record):
            if name.lower().replace("_", "") != "expiresin":
                continue
            if change is None:
                del record[name]
            else:
                record[name] = change(record[name])
            return answer
    return None


def _refresh_token(call: ActiveCall) -> str:
    return str(call.body.get("refresh_token") or "") if is_object(call.body) else ""


FAULTS = registry.faults
