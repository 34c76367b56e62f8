"""Judging exchanges that somebody else sent: the judges of single exchanges, and those of what their order shows."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from statistics import median
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from attrs import define, evolve, field

from accordant_runtime import Operation as Generated
from accordant_runtime import is_array, is_object

from ..document.document import Document, Operation
from ..document.policy import Policy
from ..document.values import ABSENT, Exchange, Finding, Pairs, Request, SeenBodies, general
from ..evidence.results import Listener, ResultCollector
from ..fuzz.expected_rejections import ExpectedRejections
from ..judges import dates, limits
from ..judges.exposure import json_type, private_texts, secret_leak, undocumented, undocumented_field
from ..judges.per_exchange import verdicts
from ..target.reproduction import CREDENTIAL
from ..target.vendor import TargetVendor
from .masked import at, is_mask
from .matching import Called, Matcher, arguments_of, problems
from .recording import RecordedEntry
from .state import TrafficState

WITHOUT_BODY: Final = frozenset({"status_code_conformance", "not_a_server_error", "retry_after"})
"""The checks that need no body of a response."""
_SHORTEST: Final = 6
_LOGIN_TOKEN: Final = 12
_SHOWN: Final = re.compile("^e?mail$|user_?name$", re.IGNORECASE)
"""What logs in and is no secret: who it is."""

_ABOUT_BYTES: Final = frozenset({"header_truth"})
"""Checks of the bytes that were sent: a recording holds masked and decoded text in their place."""


@define(eq=False)
class TrafficJudge:
    """Judges the exchanges of one vendor in their order.

    ``strict`` makes an undocumented response field a finding. With ``server_clock`` the vendor's Date headers say when
    an exchange was, as the clock of whoever recorded it is another.
    """

    document: Document
    vendor: TargetVendor
    generated: Mapping[str, Generated[Any]]
    strict: bool = False
    listeners: tuple[Listener, ...] = ()
    server_clock: bool = False
    results: ResultCollector = field(init=False)
    secrets: dict[str, None] = field(factory=dict[str, None], init=False, repr=False)
    """Every credential that a request carried and every token that a login returned."""
    _tokens: dict[str, None] = field(factory=dict[str, None], init=False, repr=False)
    _bodies: SeenBodies = field(factory=SeenBodies, init=False, repr=False)
    _state: TrafficState = field(init=False)
    _rejections: ExpectedRejections = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.results = ResultCollector(self.document, self.vendor.policy, self.listeners)
        self.results.strict = self.strict
        self._state = TrafficState(self.vendor.made)
        self._rejections = ExpectedRejections(self.document, Policy())

    def exchange(self, called: Called, entry: RecordedEntry) -> Exchange:
        """A recorded entry as an exchange: what was meant is what a run of ours noted, else what the document says."""
        operation = called.operation
        request = Request(entry.method, entry.url, entry.headers, entry.body or b"")
        arguments = arguments_of(called, entry.url, entry.headers, entry.body)
        response = None
        if entry.status:
            response = self._bodies.response(entry.status, entry.response_headers, entry.content or b"")
        at = (served(entry) if self.server_clock else None) or entry.at
        found = Exchange(operation.id, request, response, arguments, "unknown", entry.failure, at=at)
        intent = entry.marks.get("intent")
        if intent in ("valid", "invalid", "unauthorised", "unknown"):
            found = evolve(found, intent=intent)
        elif any(problems(operation, arguments, body_known=entry.body is not None)):
            found = evolve(found, intent="invalid")
        if response is not None and response.success and found.document is not ABSENT:
            found = evolve(found, refused=self.vendor.refusal(found.document) or "")
        return found

    def look(self, operation: Operation, exchange: Exchange, *, whole: bool = True, fuzzed: bool = False) -> None:
        """Judge one exchange; ``whole`` says that its response's body is known, ``fuzzed`` that its
        values are made up: what a vendor does with those is judged by the run that sent them.

        A 429 says nothing of the operation where others use up the same limit: only what it says of the wait counts.
        """
        self._learn(operation, exchange)
        results = self.results
        results.note(exchange)
        if exchange.status == 429:
            results.judge("retry_after", operation.id, limits.retry_after(operation, exchange))
            return
        for check, found in verdicts(operation, exchange, self.generated):
            if check in _ABOUT_BYTES:
                continue
            expected = check == "negative_data_rejection" and (
                exchange.refused or self._rejections.acceptance(exchange)
            )
            if (whole or check in WITHOUT_BODY) and not expected:
                results.judge(check, operation.id, _shown(operation, exchange, found))
        if not whole:
            return
        login = operation.id in self.vendor.logins
        known = [each for each in self.secrets if not login or each not in self._tokens]
        results.judge("secret_leak", operation.id, secret_leak(operation, exchange, known))
        if not fuzzed:
            self._look_for_strays(operation, exchange)
        for check, name, found in self._state.see(operation, exchange) if not (fuzzed or login) else ():
            results.judge(check, name, _shown(self.document.operations[name], exchange, found))
        if exchange.success and login:
            self._tokens.update(dict.fromkeys(_texts(exchange.document)))
            self.secrets.update(self._tokens)

    def _look_for_strays(self, operation: Operation, exchange: Exchange) -> None:
        if self.strict:
            found = undocumented_field(operation, exchange)
            self.results.judge("undocumented_field", operation.id, found)
            return
        for path, value in undocumented(operation, exchange):
            self.results.undocumented.setdefault((operation.id, general(path)), json_type(value))

    def _learn(self, operation: Operation, exchange: Exchange) -> None:
        """The credentials of a request: what must not come back, and must not be shown."""
        found = [
            *credentials(exchange.request.headers, exchange.request.url),
            *private_texts(exchange.arguments.body, operation),
        ]
        if operation.id in self.vendor.logins and is_object(exchange.arguments.body):
            body = exchange.arguments.body
            found += [str(body[name]) for name in self.vendor.secrets if name in body and not _SHOWN.search(name)]
        self.secrets.update((text, None) for text in found if len(text) >= _SHORTEST)


def _shown(operation: Operation, exchange: Exchange, found: Iterable[Finding]) -> list[Finding]:
    """The findings that are about what a recording shows, and not about what it masks."""
    every = list(found)
    if not every:
        return every
    document = exchange.document
    whole = [document] if document is ABSENT else [document, operation.record(document)]
    body = exchange.arguments.body
    return [
        each
        for each in every
        if not each.path or not any(is_mask(at(value, each.path)) for value in (*whole, body)) or each.path == "$"
    ]


def credentials(headers: Pairs, url: str) -> Iterator[str]:
    """The credentials in header fields and in an address: whole values, and the part after a scheme's name."""
    for name, value in headers:
        if CREDENTIAL.search(name):
            yield value
            yield from (part for part in value.split() if len(part) >= _SHORTEST)
            if "cookie" in name.lower():
                yield from (part.partition("=")[2].strip() for part in value.split(";"))
    parts = urlsplit(url)
    if parts.password:
        yield parts.password
    for name, value in parse_qsl(parts.query):
        if CREDENTIAL.search(name):
            yield value


def clocks_differ(matcher: Matcher, entries: list[RecordedEntry]) -> bool:
    """Whether the clock of a recording and the Date headers in it are too far apart to be held against each other."""
    gaps = [
        (stated - entry.at).total_seconds()
        for entry in entries
        if matcher.find(entry.method, entry.url) is not None and (stated := served(entry)) is not None
    ]
    return bool(gaps) and abs(median(gaps)) > dates.TOLERANCE.total_seconds()


def served(entry: RecordedEntry) -> datetime.datetime | None:
    """When the vendor says that it responded."""
    stated = next((value for name, value in entry.response_headers if name.lower() == "date"), "")
    try:
        found = parsedate_to_datetime(stated)
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def _texts(value: Any) -> Iterator[str]:
    """The texts of a login's response that may be tokens."""
    if is_object(value) or is_array(value):
        for each in value.values() if is_object(value) else value:
            yield from _texts(each)
    elif isinstance(value, str) and len(value) >= _LOGIN_TOKEN:
        yield value
