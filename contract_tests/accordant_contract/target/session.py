"""The one place where requests leave: it logs in, sends, records, waits when told to, and lets the judges look."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import define, evolve, field

from accordant_runtime import Operation as Generated

from ..document.document import Document, Operation
from ..document.values import ABSENT, Arguments, Exchange, Finding, Intent, Pairs, Request, SeenBodies, general
from ..errors import ContractError, NotJudgedError, SilentTargetError
from ..evidence.results import ResultCollector
from ..judges import auth, exposure, limits
from ..judges.headers import etag_truth, strong_etag
from ..judges.per_exchange import verdicts
from .guard import WriteGuard
from .reproduction import CREDENTIAL, SERVED, Reproduction, masked
from .request_builder import build
from .targets import Target
from .token_requests import ASKED, ask
from .vendor import Credential, Secrets

MOST_UNANSWERED: Final = 5
"""Calls in a row without an answer after which a run gives up."""
LOGIN_ATTEMPTS: Final = 3
"""How often a call that was told to come back later comes back."""
LONGEST_WAIT: Final = 10.0
"""Seconds that a run really waits for a target whose clock it cannot move."""
_FRESH: Final = 0.9
"""The part of its life after which the default credential is not used any more."""
_SHOWN: Final = re.compile("^e?mail$|user_?name$|webhook_id$", re.IGNORECASE)
"""Credentials that are no secrets: who logs in is shown, as records hold it too."""


@define(eq=False)
class TargetSession:
    """Calls operations of one target, and records what comes back.

    With a ``guard`` a write leaves only if it names none but the run's own records.
    """

    target: Target
    document: Document
    results: ResultCollector
    generated: Mapping[str, Generated[Any]] = field(factory=dict[str, "Generated[Any]"], repr=False)
    guard: WriteGuard | None = field(default=None, repr=False)
    history: list[Exchange] = field(factory=list[Exchange], init=False, repr=False)
    own_tokens: dict[str, None] = field(factory=dict[str, None], init=False, repr=False)
    """The tokens of the default credential, by which a request of this run can be told from another's."""
    bodies: SeenBodies = field(factory=SeenBodies, init=False, repr=False)
    _credential: Credential | None = field(default=None, init=False, repr=False)
    _until: datetime.datetime | None = field(default=None, init=False)
    _unanswered: int = field(default=0, init=False)
    _private: dict[str, None] = field(factory=dict[str, None], init=False, repr=False)
    _tagged: dict[str, Exchange] = field(factory=dict[str, Exchange], init=False, repr=False)
    _tokens: dict[str, None] = field(factory=dict[str, None], init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.results.shown = lambda text: masked(text, self.secrets())
        self._private.update(
            (value, None) for book in self._books() for name, value in book.items() if CREDENTIAL.search(name)
        )

    def _books(self) -> list[Secrets]:
        target = self.target
        return [target.secrets, target.foreign_tenant or {}, *target.weaker.values(), *target.schemes.values()]

    def secrets(self) -> list[str]:
        """What must not appear anywhere: credentials, and every token that a login has returned."""
        logins = self.target.vendor.logins
        given = [value for book in self._books() for name, value in book.items() if not _SHOWN.search(name)]
        answers = [each.document for each in self.history if each.operation in logins and each.success]
        return list(dict.fromkeys([*given, *(text for answer in answers for text in exposure.login_texts(answer))]))

    @property
    def credential(self) -> Credential:
        """The default credential; the first use logs in, and so does one shortly before its end, as it may wait."""
        if self._until is not None and self.target.patience is not None and self.target.now() >= self._until:
            self.renew()
        if self._credential is None:
            begun, found = self.target.now(), self.login()
            life = found.lifetime or 0
            self._until = begun + datetime.timedelta(seconds=life * _FRESH) if life > 0 else None
            self._credential = found
            self.own_tokens.update((value.rsplit(" ", 1)[-1], None) for _, value in found.headers)
        return self._credential

    @property
    def reproduction(self) -> Reproduction:
        """How a user can send a request of this run again: with the environment's variables, to an address served."""
        target = self.target
        names = dict.fromkeys(self.own_tokens, "TOKEN")
        names |= {value: target.vendor.variable(name) for name, value in target.secrets.items() if len(value) >= 6}
        if target.sandbox is None:
            return Reproduction(names)
        base = f"{urlsplit(target.base).scheme}://{urlsplit(target.base).netloc}"
        return Reproduction(names, base, f"http://127.0.0.1:{SERVED}")

    def login(self, secrets: Secrets | None = None) -> Credential:
        """A new credential; raises :class:`ContractError` when the target refuses to hand one out."""
        found = self.try_login(secrets or self.target.secrets)
        if isinstance(found, Credential):
            return found
        names = ", ".join(map(self.target.vendor.variable, self.target.vendor.secrets))
        raise ContractError(
            f"{self.document.name} at {self.target.label}: the login was refused with status {found.status}"
            f" ({found.failure or found.operation}); check {names}"
        )

    def try_login(self, secrets: Secrets, intent: Intent = "valid") -> Credential | Exchange:
        """A new credential, or the exchange that refused it."""

        def call(operation: str, arguments: Arguments) -> Exchange:
            if operation.startswith(ASKED):
                return ask(self.target, operation.removeprefix(ASKED), arguments.body)
            return self.bare(operation, arguments, (), intent)

        return self.target.vendor.login(call, secrets)

    def renew(self) -> None:
        """Forget the default credential; the next call logs in anew."""
        self._credential = self._until = None

    def call(self, operation: str, arguments: Arguments | None = None, intent: Intent = "valid") -> Exchange:
        """Call an operation with the default credential, coming back when told to wait."""
        which, given = self.document.operations[operation], arguments or Arguments()
        exchange = self._with_credential(which, given, intent := which.intent(given, intent))
        for _ in range(LOGIN_ATTEMPTS):
            if exchange.status not in (429, 503) or (exchange.status == 429 and self.target.patience is not None):
                break
            wait = limits.stated_wait(exchange)
            if wait is None or (self.target.control is None and wait.total_seconds() > LONGEST_WAIT):
                break
            self.target.wait(max(0.0, wait.total_seconds()))
            later = self._with_credential(which, given, intent)
            self.results.judge("retry_after", operation, limits.limit_honest(which, exchange, later))
            exchange = later
        return exchange

    def bare(self, operation: str, arguments: Arguments, headers: Pairs, intent: Intent = "unauthorised") -> Exchange:
        """Call an operation with exactly these credential headers."""
        which = self.document.operations[operation]
        request = build(which, arguments, self.target.base, headers)
        return self.send(which, request, arguments, intent)

    def without_login(self, operation: Operation) -> str:
        """The variables without which a login cannot be tested, because the target was given another credential."""
        vendor, held = self.target.vendor, self.target.secrets
        if operation.id not in vendor.logins or set(vendor.secrets) <= set(held):
            return ""
        return ", ".join(map(vendor.variable, vendor.secrets))

    def forbidden(self, operation: Operation) -> str:
        """Why the run may not call an operation at all; ``""`` where it may."""
        if operation.reads or operation.id in self.target.vendor.logins:
            return ""
        if not self.target.writes:
            return f"it may change records, and this run only reads ({self.target.vendor.write_switch} allows it)"
        return self.guard.admits(operation) if self.guard is not None else ""

    def refusal(self, operation: Operation, arguments: Arguments) -> str:
        """Why the run may not send a request with these arguments; ``""`` where it may."""
        if self.guard is None or operation.id in self.target.vendor.logins:
            return self.forbidden(operation)
        return self.guard.refusal(operation, arguments, operation.method)

    def _require_allowed(self, operation: Operation, method: str, arguments: Arguments) -> None:
        """The last door: whatever a probe does, no request leaves that may change what is not the run's own."""
        reads = not self.target.writes
        if reads and (self.forbidden(operation) or method != operation.method):
            raise ContractError(f"{method} {operation.path} may change records, and this run only reads")
        if self.guard is not None and (method != operation.method or operation.id not in self.target.vendor.logins):
            refused = self.guard.refusal(operation, arguments, method)
            if refused:
                raise NotJudgedError(refused)

    def unjudged(self, operation: Operation, method: str, arguments: Arguments, headers: Pairs = ()) -> Exchange:
        """Send any method to an operation's path, with the default credential; no judge looks at the response."""
        self._require_allowed(operation, method, arguments)
        headers = (*self.opening(operation), *headers)
        request = evolve(build(operation, arguments, self.target.base, headers), method=method)
        return self._patiently(operation, request, arguments, "invalid")

    def send(self, operation: Operation, request: Request, arguments: Arguments, intent: Intent) -> Exchange:
        """Send one request unchanged, and let the judges look at the response."""
        self._require_allowed(operation, request.method, arguments)
        recorded = self.record(self._noted(operation, request, arguments, intent))
        if self._unanswered >= MOST_UNANSWERED:
            raise SilentTargetError(f"{self._unanswered} calls in a row had no response ({recorded.failure})")
        return recorded

    def _noted(self, operation: Operation, request: Request, arguments: Arguments, intent: Intent) -> Exchange:
        """Send a request; a guard notes a write before it leaves, and then what it came to."""
        if self.guard is None:
            return self.with_refusal(self._patiently(operation, request, arguments, intent))
        number = self.guard.begin(operation, arguments)
        exchange = self.with_refusal(self._patiently(operation, request, arguments, intent))
        self.guard.end(number, operation, exchange)
        return exchange

    def _patiently(self, operation: Operation, request: Request, arguments: Arguments, intent: Intent) -> Exchange:
        """Send a request; where the target needs patience, wait for its limits and ride out a dropped connection.

        Raises :class:`NotJudgedError` where the request was refused for now until the end, and where a write was
        dropped, as it may have happened or not.
        """
        patience = self.target.patience
        if patience is None:
            return self._once(operation, request, arguments, intent)
        before: Exchange | None = None
        attempt = 0
        while True:
            patience.turn(operation.id)
            exchange = self._once(operation, request, arguments, intent)
            if exchange.response is None:
                if self._unanswered < MOST_UNANSWERED and patience.tolerates(operation.id, exchange.failure):
                    if operation.reads:
                        continue
                    raise NotJudgedError(f"a write had no response ({exchange.failure})", again=True)
                return exchange
            patience.heed(exchange.response.headers)
            if exchange.status != 429:
                return exchange
            if before is not None:
                self.results.judge("retry_after", operation.id, self._kept_out(operation, before, exchange))
            before = exchange
            wait = patience.after(exchange.status, exchange.response.headers, attempt)
            self.note_limited(exchange)
            if wait is None:
                raise NotJudgedError(f"it was refused with 429 {attempt + 1} times, whatever was waited for")
            patience.pause(wait)
            attempt += 1

    def _once(self, operation: Operation, request: Request, arguments: Arguments, intent: Intent) -> Exchange:
        at = self.target.now()
        try:
            status, pairs, body = self.target.send(
                request.method, request.url, request.headers, request.body, self.target.timeout
            )
        except (ConnectionError, TimeoutError) as error:
            self._unanswered += 1
            failure = str(error) or type(error).__name__
            return Exchange(operation.id, request, None, arguments, intent, failure, at=at)
        self._unanswered = 0
        response = self.bodies.response(status, tuple(pairs), body)
        return Exchange(operation.id, request, response, arguments, intent, at=at)

    def note_limited(self, exchange: Exchange) -> None:
        """Count a refusal with 429 by a target that others use too: only what it says of the wait is judged."""
        operation = self.document.operations[exchange.operation]
        self.results.note(exchange)
        self.results.judge("retry_after", operation.id, limits.retry_after(operation, exchange))

    def _kept_out(self, operation: Operation, refused: Exchange, later: Exchange) -> list[Finding]:
        """What is wrong with a refusal that outlasts its own word: nothing, where others may have used up the limit."""
        if not self.target.exclusive or limits.stated_wait(refused) is None:
            return []
        return list(limits.limit_honest(operation, refused, later))

    def with_refusal(self, exchange: Exchange) -> Exchange:
        """The exchange, marked where a success's body says that it is none."""
        if exchange.response is None or not exchange.response.success or exchange.document is ABSENT:
            return exchange
        refused = self.target.vendor.refusal(exchange.document)
        return evolve(exchange, refused=refused) if refused else exchange

    def record(self, exchange: Exchange) -> Exchange:
        """Count an exchange and have it judged."""
        operation = self.document.operations[exchange.operation]
        self.history.append(exchange)
        self.results.note(exchange)
        self.look(operation, exchange)
        self._look_for_strays(operation, exchange)
        if exchange.success and operation.id in self.target.vendor.logins:
            self._tokens.update(dict.fromkeys(exposure.login_texts(exchange.document)))
        elif exchange.success:
            self._private.update(dict.fromkeys(exposure.private_texts(exchange.arguments.body, operation)))
        return exchange

    def look(self, operation: Operation, exchange: Exchange) -> None:
        """Have every judge of single exchanges look at one."""
        results, vendor = self.results, self.target.vendor
        for check, found in verdicts(operation, exchange, self.generated):
            results.judge(check, operation.id, found)
        if exchange.response is not None and not operation.writes and strong_etag(exchange.response):
            earlier = self._tagged.get(exchange.request.url, exchange)
            results.judge("header_truth", operation.id, etag_truth(operation, earlier, exchange))
            self._tagged[exchange.request.url] = exchange
        secrets = self._private if operation.id in vendor.logins else {**self._private, **self._tokens}
        leaks = exposure.secret_leak(operation, exchange, secrets, documented_shows=vendor.described)
        results.judge("secret_leak", operation.id, leaks)

    def _look_for_strays(self, operation: Operation, exchange: Exchange) -> None:
        """Fields that the document does not know: not in what the fuzzer gets, whose invented fields come back."""
        results = self.results
        if results.strict:
            results.judge("undocumented_field", operation.id, exposure.undocumented_field(operation, exchange))
            return
        for path, value in exposure.undocumented(operation, exchange):
            results.undocumented.setdefault((operation.id, general(path)), exposure.json_type(value))

    def own_headers(self, operation: Operation) -> Pairs:
        """The header fields of an operation's security schemes that have separate secrets."""
        schemes = self.target.vendor.schemes
        known = [name for name in self.target.vendor.way(operation) if name in schemes and name in self.target.schemes]
        return tuple(pair for name in known for pair in schemes[name].headers(self.target.schemes[name]))

    def own_arguments(self, operation: Operation) -> dict[str, str]:
        """The same secrets as arguments of the client's method."""
        schemes, held = self.target.vendor.schemes, self.target.schemes
        known = [name for name in self.target.vendor.way(operation) if name in schemes and name in held]
        return {argument: held[name][secret] for name in known for argument, secret in schemes[name].client.items()}

    def missing(self, operation: Operation) -> list[str]:
        """The environment variables without which an operation cannot be called."""
        vendor = self.target.vendor
        absent = [
            name
            for name in self.target.vendor.way(operation)
            if name in vendor.schemes and name not in self.target.schemes
        ]
        return [vendor.variable(secret) for name in absent for secret in vendor.schemes[name].secrets]

    def logs_in(self, operation: Operation) -> bool:
        """Whether an operation needs the login's credential."""
        return any(name not in self.target.vendor.schemes for name in self.target.vendor.way(operation))

    def opening(self, operation: Operation) -> Pairs:
        """The header fields that open an operation."""
        login = self.credential.headers if self.logs_in(operation) else ()
        return (*login, *self.own_headers(operation))

    def _with_credential(self, operation: Operation, arguments: Arguments, intent: Intent) -> Exchange:
        exchange = self.bare(operation.id, arguments, self.opening(operation), intent)
        if exchange.status != 401 or not self.logs_in(operation):
            return exchange
        if intent == "invalid" and not operation.refuses_requests:
            return exchange  # a bad request may be refused with the one failure that the document knows
        trial = auth.TokenTrial(exchange, "a token within its life", good=True)
        self.results.judge("token_lifecycle", operation.id, auth.token_lifecycle(operation, trial))
        self.renew()
        return self.bare(operation.id, arguments, self.opening(operation), intent)
