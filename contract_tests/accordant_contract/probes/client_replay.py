"""Probes through the real client, sync and async: does it get through, and does it see what the probes see?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from attrs import evolve

from accordant.errors import APIStatusError, TooManyRequestsError, TransportError
from accordant_runtime import AccordantError, Redirect, dumps, is_array
from accordant_runtime import Operation as Generated

from ..document.document import Operation
from ..document.schemas import undescribed
from ..document.values import ABSENT, Arguments, Exchange, Finding, Request, Response
from ..judges.client import client_noted
from ..judges.survival import ClientTurn, client_survives
from ..records.examples import Recipe
from ..records.selection import removed
from ..target.clients import ROWS, keywords
from .context import ProbeContext

TURNS: Final = 3
"""How often an operation is called by each of the two clients."""
LARGE: Final = 160
"""Operations of a document above which the clients call each of them once: the time of a run has an end."""
AGAIN: Final = 2
"""How often the client and the probes read once more, where others may have written between the two."""
KEPT: Final = 3
"""Records of a kind that the client leaves to each operation that deletes them, where nothing makes new ones."""
ENOUGH: Final = 5
"""Calls that failed, after which the client is not driven any further: each may have taken all its patience."""


def drive(context: ProbeContext, operation: Operation) -> None:
    """Call an operation through both clients, several times; they must get through without trouble."""
    results, generated = context.session.results, context.session.generated[operation.id]
    if operation.id in context.session.target.vendor.logins or context.clients.failures >= ENOUGH:
        return
    guard = context.session.guard
    if guard is not None and not guard.tells(operation):
        results.skip(f"{operation.id}: the client is not driven: what it makes could not be deleted again")
        return
    missing = context.session.missing(operation)
    if missing:
        results.skip(f"{operation.id}: the client is not driven: set {', '.join(missing)} in the environment")
        return
    spent: list[Arguments] = []
    for turn in range(turns(len(context.session.document.operations))):
        for asynchronous in (False, True):
            arguments = _fresh(context, operation, turn)
            if operation.retires and arguments in spent:
                return  # it has deleted what these name
            if arguments is None:
                results.skip(f"{operation.id}: the client cannot be driven, as a record that it needs cannot be had")
                return
            if not operation.allows(arguments.body):
                results.skip(f"{operation.id}: the client cannot be driven: no body was made that the document allows")
                return
            unnamed = undescribed(operation.body_schema or {})
            if unnamed:
                names = ", ".join(map(repr, unnamed))
                results.skip(f"{operation.id}: the client cannot be driven: no property describes the required {names}")
                return
            refused = context.session.refusal(operation, arguments)
            if refused:
                results.skip(f"{operation.id}: the client cannot be driven: {refused}")
                return
            spent.append(arguments)
            found = list(_turn(context, operation, generated, arguments, asynchronous))
            for _ in range(AGAIN if context.session.target.patience is not None else 0):
                if found and all(each.kind == "rows" for each in found):
                    found = list(_turn(context, operation, generated, arguments, asynchronous))
            results.judge("client_survives", operation.id, found)
            who = _who(asynchronous)
            results.judge("client_truth", operation.id, client_noted(generated, who, context.clients.noted))
            if found:
                return


def turns(operations: int) -> int:
    """How often each client calls an operation of a document with so many of them."""
    return TURNS if operations <= LARGE else 1


def _turn(
    context: ProbeContext, operation: Operation, generated: Generated[Any], arguments: Arguments, asynchronous: bool
) -> Iterator[Finding]:
    clients = context.clients
    clients.trouble.clear()
    clients.dropped.clear()
    clients.noted.clear()
    who = _who(asynchronous)
    guard = context.session.guard
    number = guard.begin(operation, arguments) if guard is not None else None
    try:
        seen = clients.call(operation, keywords(generated, arguments), asynchronous=asynchronous)
    except AccordantError as error:
        if guard is not None and isinstance(error, APIStatusError):
            came = evolve(_as_exchange(operation, arguments, error.status, None), refused=type(error).__name__)
            guard.end(number, operation, came)
        if _forgiven(context, operation, error):
            return
        clients.failures += 1
        yield from client_survives(operation, ClientTurn(who, error=f"{type(error).__name__}: {error}"))
        return
    if guard is not None:
        guard.end(number, operation, _as_exchange(operation, arguments, 200, seen))
    for kind, key in removed(operation, arguments.given):
        context.store.forget(kind, key)
    trouble = [*clients.trouble, *_not_tolerated(context, operation)]
    elsewhere = isinstance(seen, Redirect)  # the record is where it leads, not in its body
    due = None if operation.writes or elsewhere else _due(context, operation, arguments)
    if is_array(due) and is_array(seen) and operation.paging is not None:
        seen = seen[: operation.paging.most]  # the client went on to the next page, the probe did not
    turn = ClientTurn(who, "", trouble, due, seen, tuple(context.session.history[-1:]))
    yield from client_survives(operation, turn)


def _who(asynchronous: bool) -> str:
    return "the async client" if asynchronous else "the client"


def _as_exchange(operation: Operation, arguments: Arguments, status: int, seen: Any) -> Exchange:
    """What the client saw, in the form in which the guard reads what a write came to."""
    response = Response(status, (("content-type", "application/json"),), b"" if seen is None else dumps(seen))
    return Exchange(operation.id, Request(operation.method, "", (), b""), response, arguments)


def _forgiven(context: ProbeContext, operation: Operation, error: AccordantError) -> bool:
    """Whether a call that did not get through is no finding: a limit that others use up, or one dropped write."""
    patience = context.session.target.patience
    if patience is None:
        return False
    if isinstance(error, TooManyRequestsError):
        context.session.results.skip(f"{operation.id}: the client was kept out by a rate limit")
        return True
    return isinstance(error, TransportError) and patience.tolerates(operation.id, type(error).__name__)


def _not_tolerated(context: ProbeContext, operation: Operation) -> list[str]:
    """The attempts without a response that the client rode out, beyond what may be nobody's fault."""
    patience, dropped = context.session.target.patience, context.clients.dropped
    if patience is None or not dropped or patience.tolerates(operation.id, dropped[0]):
        return dropped[1:] if patience is not None else []
    return dropped


def _due(context: ProbeContext, operation: Operation, arguments: Arguments) -> Any:
    """What the probes see: the first rows, or the record."""
    query = dict(arguments.query)
    if operation.paging is not None and operation.paging.size:
        query[operation.paging.size] = operation.paging.size_for(ROWS)
    exchange = context.session.call(operation.id, evolve(arguments, query=query), "unknown")
    if not exchange.success or exchange.document is ABSENT or "yaml" in _kind(exchange):
        return None  # YAML that is JSON as well is a text to the client
    rows = operation.rows(exchange.document)
    return operation.record(exchange.document) if rows is None else rows[:ROWS]


def _kind(exchange: Exchange) -> str:
    """The media type of a response."""
    return (exchange.response.media_type if exchange.response is not None else None) or ""


def _names_nobody(context: ProbeContext, operation: Operation) -> bool:
    """Whether the record that a request names was made up, as the lists show none: an account may be empty."""
    named = operation.key.place in ("path", "query") and operation.action != "create"
    listed = context.session.document.of(operation.entity, "list")
    return named and bool(listed) and not context.store.known(operation.entity)


def are_few(context: ProbeContext, operation: Operation) -> bool:
    """Whether so few records of a kind are left that the probes need them: each operation that deletes needs some."""
    retiring = [each for each in context.session.document.operations.values() if each.retires]
    ways = [each for each in retiring if each.entity == operation.entity]
    return len(context.store.known(operation.entity)) <= KEPT * len(ways)


def _fresh(context: ProbeContext, operation: Operation, turn: int) -> Arguments | None:
    """Arguments for one more call: what deletes gets a new record."""
    record = None
    if operation.writes and operation.action != "create":
        situation = context.policy.situation(operation.id)
        steps = situation.steps if situation else ()
        for step in steps:
            context.filler.step(step)
        if operation.key.place is not None:
            found = None if steps else context.filler.fresh(operation, Recipe(full=False, variant=turn))
            spare = context.filler.spare(operation) if operation.retires else None
            record = found or spare or context.filler.known_for(operation)
            if found is None and operation.retires and turn and are_few(context, operation):
                return None
    arguments = context.filler.arguments(operation, record, Recipe(full=turn != 1, variant=turn))
    described = context.session.target.vendor.described
    if record is None and (_names_nobody(context, operation) or (described and operation.retires)):
        return None
    if record is not None and operation.retires:
        context.store.forget(record.entity, record.key, record.context)
    if arguments is not None and operation.paging is not None and operation.paging.size and operation.paging.position:
        size = operation.paging.size_for(2)
        arguments = evolve(arguments, query={**arguments.query, operation.paging.size: size})
    return arguments
