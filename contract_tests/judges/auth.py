"""Is the door closed to those without a good credential, and open to those with one, for as long as it was said?"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from accordant_runtime import is_object

from ..document.document import Operation
from ..document.values import Exchange, Finding, Findings
from .paging import identities

REFUSALS = (401, 403)


def auth_enforced(operation: Operation, exchange: Exchange, credential: str) -> Findings:
    """Without a good credential (``credential`` says which one was tried) the response is 401 or 403."""
    if exchange.response is None or exchange.status in (*REFUSALS, 429) or exchange.status >= 500:
        return
    text = f"answered {exchange.status} to {credential}"
    yield Finding("auth_enforced", operation.id, text, kind=credential, exchanges=(exchange,))


def stranger_sees_nothing(operation: Operation, own: Sequence[object], exchange: Exchange) -> Findings:
    """Another tenant neither reads nor lists the records of this one."""
    if not exchange.success:
        return
    rows = operation.rows(exchange.document)
    if rows is None:
        record = operation.record(exchange.document)
        rows = [record] if is_object(record) else []
    for row in set(identities(operation, rows)) & {each for each in own if isinstance(each, (str, int))}:
        text = f"another tenant sees {operation.entity} {row}"
        yield Finding("auth_enforced", operation.id, text, kind="other tenant", exchanges=(exchange,))


@frozen
class TokenTrial:
    """A call with a token: what is known of the token (``when``), and whether it must be good."""

    exchange: Exchange
    when: str
    good: bool


def token_lifecycle(operation: Operation, trial: TokenTrial) -> Findings:
    """A token works from the moment it is issued until its stated end, and no longer; a spent one never again."""
    exchange = trial.exchange
    if exchange.response is None:
        return
    if trial.good and (exchange.status in REFUSALS or (operation.action == "custom" and not exchange.success)):
        text = f"{trial.when} was refused with {exchange.status}"
        yield Finding("token_lifecycle", operation.id, text, kind=trial.when, exchanges=(exchange,))
    if not trial.good and exchange.success:
        text = f"{trial.when} was accepted with {exchange.status}"
        yield Finding("token_lifecycle", operation.id, text, kind=trial.when, exchanges=(exchange,))
