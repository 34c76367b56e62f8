"""Credentials: how they get onto a request, and how they are renewed.

Every way is a pair of flows (see :mod:`accordant._flow.commands`), so that the same code serves blocking and
asynchronous clients, and a test can drive it by hand. Whoever runs them sees to it that only requests to the client's
own address pass through here.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from typing import Any, Final, TypeAlias

from .._flow.commands import Acquire, Flow, Invoke, Sleep
from .._http.messages import HttpRequest
from .._http.secrets import Concealed, Secret, conceal
from ..errors import AccordantError, CredentialError, DeadlineExceededError
from .context import AuthContext
from .token_outages import Trouble, failed, failing_since, is_passing, refused
from .token_requests import TokenRequest
from .tokens import Token, TokenStore, json_or_none, same_token

log = logging.getLogger("accordant")

_NO_CLIENT: Final = frozenset({"invalid_client", "invalid_request", "unauthorized_client"})

TokenProvider: TypeAlias = Callable[[], str]
"""A user's function that answers a valid access token; called for every request."""

AsyncTokenProvider: TypeAlias = Callable[[], Awaitable[str]]
"""The same, awaited; for asynchronous clients only."""


class HeaderAuth:
    """A key that goes into a header as it is: ``X-API-KEY``, or ``Authorization`` with a scheme before it."""

    def __init__(self, header: str, key: str | Secret, scheme: str = "") -> None:
        self._header = header
        self._key = conceal(key)
        self._scheme = scheme

    def secrets(self) -> Sequence[Secret | None]:
        """What must never be shown."""
        return (self._key,)

    def authorize(self, request: HttpRequest, _context: AuthContext) -> Flow[HttpRequest]:
        """The request with the key."""
        yield from ()
        if self._key is None:
            raise CredentialError(f"the key for the header {self._header} is empty")
        return request.with_header(self._header, f"{self._scheme} {sendable(self._key).reveal()}".strip())

    def renew(self, _request: HttpRequest, _context: AuthContext) -> Flow[bool]:
        """A key cannot be renewed."""
        yield from ()
        return False


class ProviderAuth:
    """What a user's function returns, a bearer token or the credentials of another scheme."""

    def __init__(self, provider: TokenProvider | AsyncTokenProvider, scheme: str = "Bearer") -> None:
        self._provider = provider
        self._scheme = scheme

    def secrets(self) -> Sequence[Secret | None]:
        """Nothing is known before the function is called."""
        return ()

    def authorize(self, request: HttpRequest, context: AuthContext) -> Flow[HttpRequest]:
        """The request with what the function returns."""
        token = yield from self._ask(context)
        return request.with_header("Authorization", _authorization(token, self._scheme))

    def renew(self, request: HttpRequest, context: AuthContext) -> Flow[bool]:
        """Ask again; another token than the refused one is worth a try."""
        token = yield from self._ask(context)
        return _authorization(token, self._scheme) != request.header("Authorization")

    def _ask(self, context: AuthContext) -> Flow[Secret]:
        token = _checked((yield Invoke(self._provider, Concealed)))
        context.redactor.learn(token)
        return token


def _checked(answer: Concealed) -> Secret:
    """Refuse what is no token, before it turns up in a header."""
    if not isinstance(answer.value, str):
        raise CredentialError(f"the token function must return a str, not {type(answer.value).__name__}")
    if not answer.value:
        raise CredentialError("the token function returned nothing")
    return Secret(answer.value)


Grant: TypeAlias = Callable[[Token | None], TokenRequest | None]
"""Given the token that is no longer good (if there was one), how to ask for a new one; ``None``: not by this way."""

ReadToken: TypeAlias = Callable[[Any, float], Token | None]
"""From the parsed answer and the time of its arrival to a token; ``None`` when it holds none."""


class TokenAuth:
    """Bearer tokens that the vendor hands out, kept until they are about to expire.

    The ``grants`` are tried in order, and a refused one leads to the next: a dead refresh token falls back to the grant
    that began it all. One request for a token is in flight at a time; whoever needs the token waits for it, unless the
    old one still holds for a while. A failure counts for all who waited for it, unless it was due to a deadline, a
    timeout or fewer retries that were only the first one's: then the next of them asks with its own. After a failure
    the token endpoint is left alone for a second, or as long as it asked for; who comes meanwhile waits for that, and
    gets the same error where the deadline does not allow it. ``first`` is a token to begin with.
    """

    def __init__(
        self,
        grants: Sequence[Grant],
        read: ReadToken,
        *,
        secrets: Sequence[Secret | None] = (),
        account: str = "",
        store: TokenStore | None = None,
        first: Token | None = None,
    ) -> None:
        self._grants = tuple(grants)
        self._read = read
        self._secrets = tuple(secrets)
        self._account = account
        self._store = store
        self._token = first
        self._otherwise = False
        self._rounds = 0
        self._trouble: Trouble | None = None

    def secrets(self) -> Sequence[Secret | None]:
        """What must never be shown."""
        return self._secrets

    def authorize(self, request: HttpRequest, context: AuthContext) -> Flow[HttpRequest]:
        """The request with a token that is good for a while."""
        token = self._token
        now = context.clock.time()
        if token is None or not token.fresh(now):
            token = yield from self._obtain_once(token, context, still_good=token is not None and token.usable(now))
        return request.with_header("Authorization", _bearer(token.access))

    def renew(self, request: HttpRequest, context: AuthContext) -> Flow[bool]:
        """Obtain another token, unless somebody already did since ``request`` was made."""
        token = self._token
        if token is None or _bearer(token.access) == request.header("Authorization"):
            yield from self._obtain_once(token, context, still_good=False)
        return True

    def _obtain_once(self, known: Token | None, context: AuthContext, *, still_good: bool) -> Flow[Token]:
        """Replace the token ``known``. While that is ``still_good``, nobody waits for anybody else's request."""
        rounds = self._rounds
        trouble = self._trouble_for(context)
        pause = 0.0 if trouble is None else trouble.until - context.clock.monotonic()
        if trouble is not None and pause > 0:
            if known is not None and still_good:
                return known
            if trouble.outlasts(context.effort, context.left(), pause):
                raise trouble.error()
            yield Sleep(pause)
        acquired: bool = yield Acquire(context.lock, 0 if still_good else context.left())
        if not acquired:
            if known is not None and still_good:
                return known
            raise DeadlineExceededError("no time was left to wait for a token", sent=False)
        try:
            if self._token is not None and self._token is not known:
                return self._token
            trouble = self._trouble_for(context)
            if trouble is not None and trouble.round > rounds:
                raise trouble.error()
            return (yield from self._replace(known, context, still_good))
        finally:
            context.lock.release()

    def _trouble_for(self, context: AuthContext) -> Trouble | None:
        """What is known to be wrong with the token endpoint, where this call could not do better."""
        trouble = self._trouble
        return trouble if trouble is not None and trouble.concerns(context.effort) else None

    def _replace(self, known: Token | None, context: AuthContext, still_good: bool) -> Flow[Token]:
        kept = self._store.load(self._name(context)) if self._store else None
        if kept is not None and (known is None or kept.access != known.access) and kept.fresh(context.clock.time()):
            self._adopt(kept, context)
            return kept
        old = _newer(kept, known)
        if old is not None:
            context.redactor.learn(old.access, old.refresh)
        try:
            token = yield from self._ask(old, context)
        except CredentialError as error:
            winner = self._refused_with(old, context) if self._store else None
            if winner is not None:
                return winner
            self._refuse(error)
            raise
        except AccordantError as error:
            # It says nothing about the credentials, so whatever is held stays.
            self._fail(error, context)
            if known is None or not still_good:
                raise
            log.warning("the token could not be renewed yet (%s); the present one is still good", type(error).__name__)
            return known
        self._adopt(token, context)
        if self._store:
            self._store.save(self._name(context), token)
        return token

    def _refused_with(self, old: Token | None, context: AuthContext) -> Token | None:
        """Forget the store's entry, unless another process has replaced it: then its token, where that is good."""
        assert self._store is not None
        kept = self._store.load(self._name(context))
        if kept is None:
            return None
        if old is not None and (kept.obtained < old.obtained or same_token(kept, old)):
            self._store.remove(self._name(context))
            return None
        if not kept.fresh(context.clock.time()):
            return None
        self._adopt(kept, context)
        return kept

    def _adopt(self, token: Token, context: AuthContext) -> None:
        context.redactor.learn(token.access, token.refresh)
        self._token = token
        self._trouble = None
        self._rounds += 1

    def _refuse(self, error: CredentialError) -> None:
        self._rounds += 1
        self._trouble = refused(error, self._rounds)
        self._token = None

    def _fail(self, error: AccordantError, context: AuthContext) -> None:
        """Remember a failure for those who wait, unless it was the fault of this call's own deadline."""
        if not is_passing(error) or context.hurried:
            return
        self._rounds += 1
        now, before = context.clock.time(), self._trouble
        self._trouble = failed(error, self._rounds, context.effort, before, now, context.clock.monotonic())
        if before is not None and before.effort is not None:
            failing_since(error, before.since)

    def _ask(self, old: Token | None, context: AuthContext) -> Flow[Token]:
        """Go through the grants until one is accepted."""
        refusal: CredentialError | None = None
        for grant in self._grants:
            asked = grant(old)
            if asked is None:
                continue
            try:
                token = yield from self._ask_by(asked, context)
            except CredentialError as error:
                log.info("the grant %s was refused", asked.grant)
                refusal = error
            else:
                if token.refresh is None and old is not None:  # RFC 6749, 6: no new one means that the old one stays
                    return Token(token.access, token.obtained, token.expires, old.refresh)
                return token
        raise refusal or CredentialError("there is no way left to obtain a token: give the client its credentials")

    def _ask_by(self, asked: TokenRequest, context: AuthContext) -> Flow[Token]:
        operation = f"token ({asked.grant})"
        if self._otherwise and asked.otherwise is not None:
            asked = asked.otherwise
        request = asked.request(context.base_url)
        response = yield from context.fetch(operation, request, declared=asked.elsewhere)
        token = self._read(json_or_none(response.content), context.clock.time()) if response.ok else None
        if token is None:
            error = context.refusal(operation, request, response)
            if asked.otherwise is None or not _unrecognised(error):
                raise error
            token = yield from self._ask_by(asked.otherwise, context)
            self._otherwise = True
        return token

    def _name(self, context: AuthContext) -> str:
        return f"{context.base_url} {self._account}"


def _unrecognised(error: AccordantError) -> bool:
    """Whether a token endpoint may not have found the client's secret where it looks for it (RFC 6749, 5.2)."""
    return isinstance(error, CredentialError) and (error.status == 401 or error.code in _NO_CLIENT)


def fingerprint(*parts: str | Secret | None) -> str:
    """Tells accounts apart in a token store without naming them."""
    digest = blake2b(digest_size=12)
    for part in parts:
        text = part.reveal() if isinstance(part, Secret) else part or ""
        digest.update(text.encode(errors="surrogatepass") + b"\0")  # an error of the encoding would hold the text
    return digest.hexdigest()


def _newer(kept: Token | None, known: Token | None) -> Token | None:
    """The one obtained later: a vendor that rotates refresh tokens takes only the last. The store's where they tie."""
    if kept is None or known is None:
        return kept or known
    return known if known.obtained > kept.obtained else kept


def _bearer(token: Secret) -> str:
    return _authorization(token, "Bearer")


def _authorization(token: Secret, scheme: str) -> str:
    return f"{scheme} {sendable(token).reveal()}"


def sendable(secret: Secret) -> Secret:
    """Refuse what a header cannot carry, such as a key with the line end of the file that it was read from."""
    if not secret.fits_header:
        raise CredentialError("a key or token holds blanks around it, line ends or characters beyond ASCII")
    return secret
