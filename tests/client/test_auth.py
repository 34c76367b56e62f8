"""Credentials: obtained once, renewed in time, never sent anywhere else."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accordant import CallOptions
from accordant._auth.flows import HeaderAuth, ProviderAuth, TokenAuth
from accordant._auth.oauth2 import oauth2
from accordant._auth.token_requests import TokenRequest
from accordant._auth.tokens import Token
from accordant._call.attempts import CallState
from accordant._flow.commands import Acquire, Send
from accordant._http.messages import Headers, HttpRequest, HttpResponse
from accordant._http.secrets import Secret
from accordant.errors import (
    ConnectError,
    CredentialError,
    DeadlineExceededError,
    InternalServerError,
    RequestError,
    RequestTimeoutError,
    ResponseDecodeError,
    TooManyRequestsError,
    UnauthorizedError,
)
from accordant.testing import FakeClock, Script, SentRequest
from tests.client.support import BASE_URL, CREATE, SECRET, AsyncTiny, Player, Tiny, token_answer, token_auth

THING = (200, {"thing": {"id": 7}})
TOKEN_PATH = "/oauth/token"


class Vendor401:
    """A vendor with one valid token at a time; ``granted`` counts the token requests by grant."""

    def __init__(self, expires_in: int = 3600, refresh: bool = True) -> None:
        self.expires_in = expires_in
        self.refresh = refresh
        self.granted: list[str] = []
        self.dead_refresh: set[str] = set()
        self.valid: set[str] = set()
        self.used: list[str] = []

    def __call__(self, sent: SentRequest) -> Any:
        if sent.path == TOKEN_PATH:
            asked = sent.json
            if asked.get("refresh_token") in self.dead_refresh:
                return 400, {"error": "the refresh token is spent", "code": "invalid_grant"}
            self.granted.append(asked["grant_type"])
            number = len(self.granted)
            self.valid = {f"Bearer access-token-{number}"}
            return token_answer(number, self.expires_in, f"refresh-{number}" if self.refresh else None)
        bearer = sent.headers["authorization"]
        self.used.append(bearer)
        return THING if bearer in self.valid else (401, {"error": "expired"})


def test_token_is_kept(play: Player) -> None:
    """A token is asked for once, with the client's credentials, and then used for every call."""
    script = Script(token_answer(), THING, THING)
    api = play.client(script, auth=token_auth())
    for _ in range(2):
        play.do(lambda: api.things.get(7))
    asked, *calls = script.requests
    assert asked.url == f"{BASE_URL}{TOKEN_PATH}"
    assert asked.json == {"grant_type": "client_credentials", "client_id": "client-1", "client_secret": SECRET}
    assert "authorization" not in asked.headers
    assert [call.headers["authorization"] for call in calls] == ["Bearer access-token-1"] * 2


def test_password_grant_as_a_form(play: Player) -> None:
    """The password grant sends user, password and client, as a form where the vendor wants one."""
    auth = oauth2(
        TOKEN_PATH,
        client_id="c",
        client_secret=Secret("cs"),
        username="ann@tiny.test",
        password=Secret("p w"),
        form=True,
    )
    script = Script(token_answer(), THING)
    api = play.client(script, auth=auth)
    play.do(lambda: api.things.get(7))
    sent = b"grant_type=password&username=ann%40tiny.test&password=p+w&client_id=c&client_secret=cs"
    assert script.requests[0].body == sent


def test_refresh_before_expiry(play: Player) -> None:
    """A token is renewed a minute before it expires, with the refresh token."""
    vendor = Vendor401()
    api = play.client(Script(vendor, repeat=True), auth=token_auth())
    for seconds, expected in ((0, 1), (3539, 1), (2, 2)):
        play.clock.advance(seconds)
        play.do(lambda: api.things.get(7))
        assert len(vendor.granted) == expected
    assert vendor.granted == ["client_credentials", "refresh_token"]


def test_short_lived_tokens(play: Player) -> None:
    """A token with a short life is used for four fifths of it."""
    vendor = Vendor401(expires_in=20)
    api = play.client(Script(vendor, repeat=True), auth=token_auth())
    for seconds, expected in ((0, 1), (15, 1), (2, 2)):
        play.clock.advance(seconds)
        play.do(lambda: api.things.get(7))
        assert len(vendor.granted) == expected


def test_dead_refresh_token(play: Player) -> None:
    """When the refresh token is dead, the grant that began it all is used again."""
    vendor = Vendor401()
    vendor.dead_refresh = {"refresh-1"}
    api = play.client(Script(vendor, repeat=True), auth=token_auth())
    play.do(lambda: api.things.get(7))
    play.clock.advance(4000)
    play.do(lambda: api.things.get(7))
    assert vendor.granted == ["client_credentials", "client_credentials"]


def test_refresh_token_is_kept(play: Player) -> None:
    """A token answer without a refresh token leaves the one before in use (RFC 6749, 6)."""
    script = Script(token_answer(1, 3600, "refresh-1"), THING, token_answer(2), THING, token_answer(3), THING)
    api = play.client(script, auth=token_auth())
    for _ in range(3):
        play.do(lambda: api.things.get(7))
        play.clock.advance(4000)
    asked = [sent.json.get("refresh_token") for sent in script.requests if sent.path == TOKEN_PATH]
    assert asked == [None, "refresh-1", "refresh-1"]


def test_session_from_a_refresh_token(play: Player) -> None:
    """A client that was given nothing but a refresh token begins with it, and says so when it is dead."""
    vendor = Vendor401()
    api = play.client(Script(vendor, repeat=True), auth=oauth2(TOKEN_PATH, refresh_token=Secret("from-before")))
    play.do(lambda: api.things.get(7))
    assert vendor.granted == ["refresh_token"]
    vendor.dead_refresh = {"refresh-1", "from-before"}
    play.clock.advance(4000)
    with pytest.raises(CredentialError, match="the refresh token is spent") as caught:
        play.do(lambda: api.things.get(7))
    assert (caught.value.status, caught.value.code) == (400, "invalid_grant")


def test_renewal_after_401(play: Player) -> None:
    """A 401 is answered by one renewal and one more try, for writes as well."""
    vendor = Vendor401()
    script = Script(vendor, repeat=True)
    api = play.client(script, auth=token_auth(), retries=0)
    play.do(lambda: api.things.get(7))
    vendor.valid.clear()
    answer = play.do(lambda: api.raw(api.things.run, CREATE, body={}))
    assert answer.attempts == 2
    assert vendor.granted == ["client_credentials", "refresh_token"]


def test_renewal_does_not_loop(play: Player) -> None:
    """A second 401 in the same call is raised."""
    vendor = Vendor401()
    script = Script(vendor, repeat=True)
    api = play.client(script, auth=token_auth())
    vendor.valid = set()

    def never_valid(sent: SentRequest) -> Any:
        answer = vendor(sent)
        vendor.valid.clear()
        return answer

    script.steps = [never_valid]
    with pytest.raises(UnauthorizedError) as caught:
        play.do(lambda: api.things.get(7))
    assert caught.value.attempts == 2
    assert len(vendor.granted) == 2


@pytest.mark.parametrize("text", ["key\n", " key", "ke\ty", "schlüssel", ""])
def test_keys_that_cannot_travel(play: Player, text: str) -> None:
    """A key that cannot stand in a header, such as one with its file's line end, is refused without being shown."""
    script = Script()
    api = play.client(script, auth=HeaderAuth("X-API-KEY", text))
    with pytest.raises(CredentialError) as caught:
        play.do(lambda: api.things.get(7))
    assert "key\n" not in str(caught.value)
    assert script.requests == []


def test_key_is_not_renewed(play: Player) -> None:
    """An API key cannot be renewed, so its 401 is raised at once."""
    script = Script((401, {"error": "no"}))
    api = play.client(script)
    with pytest.raises(UnauthorizedError):
        play.do(lambda: api.things.get(7))
    assert len(script.requests) == 1


def test_wrong_credentials(play: Player) -> None:
    """Wrong credentials raise CredentialError with the vendor's words and code, and are not tried again."""
    script = Script((401, {"error": "unknown client", "code": "invalid_client"}))
    api = play.client(script, auth=token_auth())
    with pytest.raises(CredentialError, match=r"Tiny refused to hand out a token \[invalid_client\]: unknown client"):
        play.do(lambda: api.things.get(7))
    assert len(script.requests) == 1


def test_unreachable_token_endpoint(play: Player) -> None:
    """Trouble on the way to the token endpoint is tried again and raised as what it is, not as wrong credentials."""
    script = Script(ConnectionRefusedError("refused"), repeat=True)
    api = play.client(script, auth=token_auth())
    with pytest.raises(ConnectError, match=r"token \(client_credentials\): refused \(after 3 attempts\)"):
        play.do(lambda: api.things.get(7))
    script.steps = [(500, None)]
    with pytest.raises(InternalServerError):
        play.do(lambda: api.things.get(7))


@pytest.mark.parametrize(("status", "kind"), [(408, RequestTimeoutError), (429, TooManyRequestsError)])
def test_busy_token_endpoint(play: Player, status: int, kind: type[Exception]) -> None:
    """A token endpoint that is busy does not say that the credentials are wrong."""
    api = play.client(Script((status, None)), auth=token_auth(), retries=0)
    with pytest.raises(kind):
        play.do(lambda: api.things.get(7))


def test_deadline_spent_on_the_token(play: Player) -> None:
    """A write whose deadline passed while its token was obtained was never sent, and is not called ambiguous."""

    def slow_token(_sent: SentRequest) -> Any:
        play.clock.advance(11)
        return token_answer()

    script = Script(slow_token)
    api = play.client(script, auth=token_auth())
    with pytest.raises(DeadlineExceededError) as caught:
        play.do(lambda: api.things.create({}, options=CallOptions(deadline=10)))
    assert not caught.value.sent
    assert len(script.requests) == 1


def test_token_trouble_on_a_write_is_certain(play: Player) -> None:
    """A write that failed while its token was obtained was not applied, and is not called ambiguous."""
    api = play.client(Script(TimeoutError("slow"), repeat=True), auth=token_auth())
    with pytest.raises(TimeoutError):
        play.do(lambda: api.things.create({}))


@pytest.mark.parametrize(
    "answer",
    [
        (200, b"<html>", {"Content-Type": "text/html"}),
        (200, []),
        (200, {}),
        (200, {"access_token": 7}),
        (200, {"access_token": "", "expires_in": 1}),
        (200, {"access_token": "a", "token_type": "mac"}),
    ],
)
def test_strange_token_answer(play: Player, answer: Any) -> None:
    """A token answer without a bearer token raises DecodeError, without the body, which may hold half a secret."""
    api = play.client(Script(answer), auth=token_auth())
    with pytest.raises(ResponseDecodeError, match="holds no bearer token") as caught:
        play.do(lambda: api.things.get(7))
    assert caught.value.body is None


def test_failed_renewal_with_a_good_token(play: Player) -> None:
    """While the present token still holds, a renewal that fails for the moment does not fail the call."""
    script = Script(token_answer(1, 3600, "r"), THING, (503, None), THING)
    api = play.client(script, auth=token_auth(), retries=0)
    play.do(lambda: api.things.get(7))
    play.clock.advance(3590)
    assert play.do(lambda: api.things.get(7)).id == 7
    assert script.requests[-1].headers["authorization"] == "Bearer access-token-1"


def test_copies_share_the_token(play: Player) -> None:
    """Copies of a client share its token."""
    vendor = Vendor401()
    api = play.client(Script(vendor, repeat=True), auth=token_auth())
    play.do(lambda: api.things.get(7))
    play.do(lambda: api.with_options(timeout=1).things.get(7))
    assert len(vendor.granted) == 1


def test_token_counts_towards_the_deadline(play: Player) -> None:
    """The deadline covers the time that the token takes."""

    def slow_token(_sent: SentRequest) -> Any:
        play.clock.advance(7)
        return token_answer()

    script = Script(slow_token, THING)
    api = play.client(script, auth=token_auth())
    play.do(lambda: api.things.get(7, options=CallOptions(deadline=10)))
    assert [sent.timeout for sent in script.requests] == [10, 3]


def test_provider(play: Player) -> None:
    """A function as token is asked for every call, and once more after a 401."""
    tokens = iter(["first", "second", "third"])
    script = Script((401, None), THING)
    api = play.client(script, auth=ProviderAuth(lambda: next(tokens)))
    assert play.do(lambda: api.things.get(7)).id == 7
    assert [sent.headers["authorization"] for sent in script.requests] == ["Bearer first", "Bearer third"]


def test_provider_without_news(play: Player) -> None:
    """When the function answers the refused token again, the 401 is raised."""
    script = Script((401, None))
    api = play.client(script, auth=ProviderAuth(lambda: "always-the-same"))
    with pytest.raises(UnauthorizedError):
        play.do(lambda: api.things.get(7))


@pytest.mark.parametrize(("answer", "message"), [(None, "not NoneType"), ("", "returned nothing"), (b"x", "not bytes")])
def test_bad_provider(play: Player, answer: Any, message: str) -> None:
    """A function that answers no text is a clear error."""
    script = Script()
    api = play.client(script, auth=ProviderAuth(lambda: answer))
    with pytest.raises(CredentialError, match=message):
        play.do(lambda: api.things.get(7))
    assert script.requests == []


def test_asynchronous_provider() -> None:
    """An asynchronous client awaits an asynchronous token function; a blocking one refuses it."""

    async def token() -> str:
        await asyncio.sleep(0)
        return "awaited"

    async def run() -> SentRequest:
        script = Script(THING)
        async with AsyncTiny(auth=ProviderAuth(token), transport=script) as api:
            await api.things.get(7)
        return script.requests[0]

    assert asyncio.run(run()).headers["authorization"] == "Bearer awaited"
    with pytest.raises(ValueError, match="asynchronous client"):
        Tiny(auth=ProviderAuth(token), transport=Script()).things.get(7)


def test_credentials_stay_home(play: Player) -> None:
    """Credentials never go onto a request to another address, not even for an endpoint of the user's own choice."""
    script = Script()
    api = play.client(script)
    for path in ("//elsewhere.test/v1", "https://elsewhere.test/v1", "@elsewhere.test/"):
        with pytest.raises(RequestError):
            play.do(partial(api.request, "GET", path))
    assert script.requests == []


def race(count: int, action: Callable[[], Any]) -> list[Any]:
    """The results, or the errors, of many threads that do the same at the same moment."""
    barrier = threading.Barrier(count)
    results: list[Any] = []

    def work() -> None:
        barrier.wait()
        try:
            results.append(action())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_one_token_request_among_threads() -> None:
    """Many threads that need a token at the same moment cause one request for it, also when it has to be renewed."""
    vendor = Vendor401()
    clock = FakeClock()
    api = Tiny(auth=token_auth(), transport=Script(vendor, repeat=True), clock=clock)
    for expected in (1, 2, 3):
        assert all(result.id == 7 for result in race(16, lambda: api.things.get(7)))
        assert len(vendor.granted) == expected
        if expected == 1:
            clock.advance(4000)
        else:
            vendor.valid.clear()


def test_one_failure_for_all_who_waited() -> None:
    """When the token request fails, all who waited for it get that failure instead of asking once more each.

    The flows are driven by hand: they need neither threads nor a transport.
    """
    api: Any = Tiny(auth=token_auth(), transport=Script(), clock=FakeClock(), retries=0)
    request = HttpRequest("GET", f"{BASE_URL}/v1/things/7")
    state = CallState(api._session, "getThing", request, api._defaults, None)
    first, second = (api._session.auth.authorize(request, state) for _ in range(2))
    assert isinstance(next(first), Acquire)
    assert isinstance(next(second), Acquire)
    lock: Any = api._session.lock
    lock.acquire(None)
    assert isinstance(first.send(True), Send)
    with pytest.raises(CredentialError) as failure:
        first.send(HttpResponse(401, Headers(), b'{"error": "no"}'))
    lock.acquire(None)
    with pytest.raises(CredentialError) as same:
        second.send(True)
    assert str(same.value) == str(failure.value)
    assert same.value is not failure.value


def test_one_token_request_among_tasks() -> None:
    """Many tasks that need a token at the same moment cause one request for it, also after a 401."""

    async def run() -> list[str]:
        vendor = Vendor401()

        async def transport(method: str, url: str, headers: Any, body: bytes, timeout: float | None) -> Any:
            await asyncio.sleep(0)
            return script(method, url, headers, body, timeout)

        script = Script(vendor, repeat=True)
        async with AsyncTiny(auth=token_auth(), transport=transport, clock=FakeClock()) as api:
            for _ in range(2):
                await asyncio.gather(*(api.things.get(7) for _ in range(20)))
                vendor.valid.clear()
        return vendor.granted

    assert asyncio.run(run()) == ["client_credentials", "refresh_token"]


def test_nobody_waits_while_the_token_holds() -> None:
    """While one task renews a token that still holds, the others go on with it."""

    async def run() -> list[str]:
        clock = FakeClock()
        renewing = asyncio.Event()
        done = asyncio.Event()
        used: list[str] = []

        async def transport(_method: str, url: str, headers: Any, _body: bytes, _timeout: float | None) -> Any:
            if url.endswith(TOKEN_PATH):
                if used:
                    renewing.set()
                    await done.wait()
                return 200, [], b'{"access_token":"token-%d","expires_in":3600}' % len(used)
            used.append(dict(headers)["Authorization"])
            return 200, [("content-type", "application/json")], b'{"thing":{"id":7}}'

        async with AsyncTiny(auth=token_auth(), transport=transport, clock=clock) as api:
            await api.things.get(7)
            clock.advance(3590)
            first = asyncio.create_task(api.things.get(7))
            await renewing.wait()
            await api.things.get(7)
            done.set()
            await first
        return used

    assert asyncio.run(run()) == ["Bearer token-0", "Bearer token-0", "Bearer token-2"]


def test_waiting_for_a_token_ends_with_the_deadline() -> None:
    """Whoever waits for somebody else's token request waits no longer than the deadline."""

    async def run() -> None:
        started = asyncio.Event()

        async def transport(*_request: Any) -> Any:
            started.set()
            await asyncio.Event().wait()

        async with AsyncTiny(auth=token_auth(), transport=transport) as api:
            first = asyncio.create_task(api.things.get(7))
            await started.wait()
            with pytest.raises(DeadlineExceededError, match="wait for a token"):
                await api.things.get(7, options=CallOptions(deadline=0.02))
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first

    asyncio.run(run())


def test_cancelled_renewal_frees_the_lock() -> None:
    """A task that is cancelled while it obtains the token leaves the way free for the next one."""

    async def run() -> Any:
        started = asyncio.Event()
        hang = True

        async def transport(_method: str, url: str, *_rest: Any) -> Any:
            if url.endswith(TOKEN_PATH):
                if hang:
                    started.set()
                    await asyncio.Event().wait()
                return 200, [], b'{"access_token":"token","expires_in":3600}'
            return 200, [("content-type", "application/json")], b'{"thing":{"id":7}}'

        async with AsyncTiny(auth=token_auth(), transport=transport, clock=FakeClock()) as api:
            task = asyncio.create_task(api.things.get(7))
            await started.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            hang = False
            return await api.things.get(7)

    assert asyncio.run(run()).id == 7


def test_other_token_schemes(play: Player) -> None:
    """A login that answers a token under another name needs a grant and a reader, nothing more."""

    def login(_old: Token | None) -> TokenRequest:
        return TokenRequest("login", "/auth/login", {"email": "ann@tiny.test", "password": Secret("pw-canary")})

    def bare_text(document: Any, now: float) -> Token | None:
        return Token(Secret(document), now) if isinstance(document, str) else None

    script = Script((200, "jwt-1"), THING, (401, None), (200, "jwt-2"), THING)
    api = play.client(script, auth=TokenAuth([login], bare_text))
    play.do(lambda: api.things.get(7))
    play.do(lambda: api.things.get(7))
    assert script.requests[0].json == {"email": "ann@tiny.test", "password": "pw-canary"}
    assert [sent.headers["authorization"] for sent in script.requests if sent.path != "/auth/login"] == [
        "Bearer jwt-1",
        "Bearer jwt-1",
        "Bearer jwt-2",
    ]
