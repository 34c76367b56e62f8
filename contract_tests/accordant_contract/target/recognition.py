"""Is the target the vendor's API, and does it know the credentials? Asked once, with a few reads, before a run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from attrs import define, field

from accordant_runtime import is_array, is_object

from ..document.document import Document, Operation
from ..document.values import ABSENT, Arguments, Exchange, Pairs, Response
from ..errors import DeadTargetError
from .request_builder import build
from .targets import Target
from .vendor import Credential

BUDGET: Final = 20.0
"""Seconds after which the target has had its chance; finding its address has taken up to ten before."""
_EACH: Final = 10.0
_READS: Final = 5
_ELSEWHERE: Final = (301, 302, 303, 307, 308, 404, 405, 410, 501)
"""Statuses of a place where the API is not."""


def recognise(target: Target, document: Document) -> None:
    """Raise :class:`DeadTargetError`, with one sentence, where the target is not the API or refuses the credentials."""
    _Stranger(target, document).meet()


@define(eq=False)
class _Stranger:
    """A target that nobody knows yet. What it returns is judged later, when the run asks again."""

    target: Target
    document: Document
    _end: float = field(factory=lambda: time.monotonic() + BUDGET, init=False)

    def meet(self) -> None:
        vendor = self.target.vendor
        found = vendor.login(lambda operation, arguments: self._ask(operation, (), arguments), self.target.secrets)
        if isinstance(found, Exchange):
            raise DeadTargetError(self._login_failed(found))
        seen: list[Exchange] = []
        for operation in islice(self._readable(), _READS):
            exchange = self._ask(operation.id, found.headers)
            if _speaks(operation, exchange):
                return
            seen.append(exchange)
            if exchange.response is None:
                break
        if seen and not self._tells_strangers_apart(seen, found):
            raise DeadTargetError(self._reads_failed(seen))

    def _readable(self) -> Iterator[Operation]:
        """What can be read with the login's credential alone, lists first."""
        own = self.target.vendor.schemes
        simple = [
            each
            for each in self.document.operations.values()
            if each.method == "GET" and each.secured and not any(part.required for part in each.parameters)
            if not any(scheme in own for scheme in self.target.vendor.way(each))
        ]
        return iter(sorted(simple, key=lambda each: each.action != "list"))

    def _tells_strangers_apart(self, seen: Sequence[Exchange], credential: Credential) -> bool:
        """Whether an operation that succeeded refuses a call without the credential: an account may hold nothing."""
        del credential
        known = next((each for each in seen if each.success and each.document is not ABSENT), None)
        return known is not None and self._ask(known.operation, ()).status in (401, 403)

    def _ask(self, name: str, headers: Pairs, arguments: Arguments | None = None) -> Exchange:
        operation, given = self.document.operations[name], arguments or Arguments()
        request = build(operation, given, self.target.base, headers)
        patience = self.target.patience
        attempt = 0
        while True:
            left = self._end - time.monotonic()
            if left <= 0:
                raise DeadTargetError(f"{self._place}: too slow: it was not recognised within {BUDGET:.0f} s")
            try:
                status, pairs, body = self.target.send(
                    request.method, request.url, request.headers, request.body, min(_EACH, left)
                )
            except (ConnectionError, TimeoutError) as error:
                attempt += 1
                if attempt > 1 or isinstance(error, TimeoutError):
                    return Exchange(name, request, None, given, failure=str(error) or type(error).__name__)
                continue
            if patience is not None:
                patience.count(name)
                patience.heed(pairs)
                wait = patience.after(status, pairs, attempt)
                if wait is not None and (self.target.control is not None or wait < left):
                    patience.pause(wait)
                    attempt += 1
                    continue
            if status == 429:
                raise DeadTargetError(f"{self._place} refuses every call with 429, a rate limit; run again later")
            exchange = Exchange(name, request, Response(status, tuple(pairs), body), given)
            refused = self.target.vendor.refusal(exchange.document) if exchange.document is not ABSENT else None
            return Exchange(name, request, exchange.response, given, refused=refused or "")

    @property
    def _place(self) -> str:
        return f"{self.document.name} at {self.target.label}"

    @property
    def _not_here(self) -> str:
        return f"{self.target.label} is not the API of {self.document.name}"

    @property
    def _address(self) -> str:
        """What to do about an address."""
        tail = self.document.base_path
        missing = bool(tail) and not self.target.base.endswith(tail)
        return f"check the address, which ends in {tail}" if missing else "check the address"

    @property
    def _variables(self) -> str:
        return ", ".join(map(self.target.vendor.variable, self.target.secrets))

    def _login_failed(self, exchange: Exchange) -> str:
        status, what = exchange.status, _what(exchange)
        if exchange.response is None:
            return f"{self._place}: the login had no response ({exchange.failure}); {self._address}"
        if status >= 500:
            return f"{self._place}: the login fails with {what}, so there is nothing to test; {self._address}"
        if status in _ELSEWHERE:
            where = self.document.operations[exchange.operation].path
            return f"{self._not_here}: there is no login at {where} ({what}); {self._address}"
        if exchange.success or not _is_json(exchange):
            return f"{self._not_here}: its login returns {what}, which is no token; {self._address}"
        return f"{self._place}: the login was refused with {status}; check {self._variables}"

    def _reads_failed(self, seen: Sequence[Exchange]) -> str:
        statuses, what = {each.status for each in seen}, _what(seen[-1])
        several = f"{len(seen)} reads" if len(seen) > 1 else "a read"
        if seen[-1].response is None:
            return f"{self._place}: {several} had no response ({seen[-1].failure}); {self._address}"
        if statuses <= {401, 403} and all(map(_is_json, seen)):
            return f"{self._place}: {several} were refused with {what}; check {self._variables}"
        if all(status >= 500 for status in statuses):
            return f"{self._place}: {several} failed with {what}, so there is nothing to test; {self._address}"
        return f"{self._not_here}: {several} returned {what}; {self._address}"


def _speaks(operation: Operation, exchange: Exchange) -> bool:
    """Whether a response holds what only this API returns: documented fields, or the envelope of an empty list."""
    document = exchange.document
    if not exchange.success or document is ABSENT:
        return False
    rows = operation.rows(document)
    if rows == []:
        return is_object(document)
    value = next(iter(rows), None) if is_array(rows) else operation.record(document)
    schema = operation.record_schema
    if not is_object(value) or schema is None:
        return False
    known = operation.schemas.properties(schema)
    return len(known.keys() & value.keys()) >= min(2, max(1, len(known)))


def _is_json(exchange: Exchange) -> bool:
    return exchange.document is not ABSENT or (exchange.response is not None and not exchange.response.body)


def _what(exchange: Exchange) -> str:
    """A response in a few words."""
    response = exchange.response
    if response is None:
        return "no response"
    if not response.body:
        return f"{response.status} and no body"
    if exchange.document is not ABSENT:
        held = exchange.document
        empty = held in ({}, [])
        return (
            f"{response.status} and {'empty' if empty else 'other'} JSON" if exchange.success else f"{response.status}"
        )
    html = response.body.lstrip()[:1] == b"<"
    return f"{response.status} and {'HTML' if html else 'no JSON'}"
