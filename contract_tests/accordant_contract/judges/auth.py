"""Is the door closed to those without a good credential, and open to those with one, for as long as it was said?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from attrs import frozen

from accordant_runtime import is_object

from ..document.document import Operation
from ..document.values import Exchange, Finding, Findings, Pairs
from .paging import identities

REFUSALS = (401, 403)
NONE, EXPIRED = "no credential", "an expired token"
RENEWED = (NONE, EXPIRED)
"""What a caller mends by logging in."""
_END = 12
"""The characters at the end of a token that are turned round: in the last one alone an encoding may have spare bits."""
_NO_LOGIN = (400, 401, 403, 422, 429)


def refuses(operation: Operation, status: int) -> bool:
    """Whether a status keeps a caller out: 401 or 403, or where the document knows neither, any other failure of a
    caller's, as of an API that hides what it has."""
    if status in REFUSALS:
        return True
    return 400 <= status < 500 and not any(operation.response(each) for each in REFUSALS)


def auth_enforced(operation: Operation, exchange: Exchange, credential: str) -> Findings:
    """Without a good credential (``credential`` says which one was tried) the response keeps the caller out.

    Who shows none, or one whose life is over, gets 401 where the document lists it: clients fetch a new token at a 401
    alone, and 403 says that no other would help (RFC 9110, 15.5.2 and 15.5.4).
    """
    if exchange.status == 403 and credential in RENEWED and "401" in operation.responses:
        text = f"answered 403 to {credential}, where the document lists 401"
        yield Finding("auth_enforced", operation.id, text, kind="403 for 401", exchanges=(exchange,))
    if exchange.response is None or refuses(operation, exchange.status) or exchange.status in (429, *range(500, 600)):
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


def login_refused(operation: Operation, exchange: Exchange | None, secret: str) -> Findings:
    """A login with one wrong secret is refused; ``None`` for the exchange says that it handed out a credential.

    A login may call bad credentials a bad request; RFC 6749 does so for grants.
    """
    if exchange is None:
        yield Finding("auth_enforced", operation.id, f"the login accepts a wrong {secret}", kind=secret)
    elif exchange.status not in _NO_LOGIN and not exchange.refused:
        yield from auth_enforced(operation, exchange, f"a wrong {secret}")


def tampered(headers: Pairs) -> Iterator[tuple[str, Pairs]]:
    """A good credential with something added, with its end cut off, with another end, and in other letter case where
    it has letters of both, each with its name.

    What encodes a name and a password is left alone: what comes after their encoding means nothing.
    """
    parts = [(name, *value.rpartition(" ")) for name, value in headers]
    if any(scheme.strip().lower() in ("basic", "digest") for _, scheme, _, _ in parts):
        return
    changes: Mapping[str, Callable[[str], str]] = {
        "a credential with something added": lambda text: f"{text}x",
        "a credential without its end": lambda text: text[: -max(1, len(text) // 4)],
        "a credential with another end": lambda text: text[:-_END] + text[-_END:][::-1],
        "a credential in other letter case": lambda text: (
            text if text in (text.lower(), text.upper()) else text.swapcase()
        ),
    }
    for name, change in changes.items():
        other = tuple((field, f"{scheme}{space}{change(text)}") for field, scheme, space, text in parts)
        if other != tuple(headers):
            yield name, other


def token_has_life(operation: Operation, lifetime: float | None) -> Findings:
    """A new token that says how long it lives, in seconds, has some life before it."""
    if lifetime is not None and lifetime <= 0:
        text = f"a new token says that it lives {lifetime:g} seconds"
        yield Finding("token_lifecycle", operation.id, text, kind="life")


def undeclared_method_refused(operation: Operation, method: str, exchange: Exchange) -> Findings:
    """A method that the path does not have is refused with 405."""
    if exchange.status != 405:
        text = f"{method} {operation.path} is not declared, and was answered with {exchange.status or exchange.failure}"
        yield Finding("unsupported_method", operation.id, text, kind=str(exchange.status), exchanges=(exchange,))
