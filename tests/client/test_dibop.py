"""The client for DIBOP: its credentials, its address, its habits."""

from __future__ import annotations

import datetime
from functools import partial
from typing import Any

import pytest

from accordant import CallOptions
from accordant.dibop import AsyncDibop, Dibop, parse_alert
from accordant.errors import (
    APIStatusError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    CredentialError,
    DecodeError,
    ForbiddenError,
    InternalServerError,
    NotFoundError,
    RequestError,
    TooManyRequestsError,
    UnauthorizedError,
    UnprocessableEntityError,
    WaitTimeoutError,
)
from accordant.testing import Script, SentRequest
from tests.client.support import Player

BASE = "https://acme.dibop.ca/api/v1"
KEY = "dibop_key-canary"
SECRET = "webhook-secret-canary"
PING = {"system": "dms", "status": "online", "latency_ms": 12, "message": None, "checked_at": "2026-03-01T09:00:00Z"}


def dibop(play: Player, transport: Any = None, **settings: Any) -> Any:
    """A client of the kind that the player plays."""
    kind: Any = Dibop if play.kind == "sync" else AsyncDibop
    if not {"email", "api_key", "token"} & set(settings):
        settings["api_key"] = KEY
    return play.own(kind(**{"clock": play.clock, "transport": transport, "instance": "acme", **settings}))


def logins(lives: int = 3600) -> Any:
    """A vendor whose logins give a new token each, of ``lives`` seconds."""
    given: list[int] = []

    def answer(sent: SentRequest) -> Any:
        if sent.path == "/api/v1/auth/login":
            given.append(1)
            return 200, {"access_token": f"jwt-{len(given)}", "token_type": "bearer", "expires_in": lives}
        return 200, PING

    return answer


# Credentials and address


def test_login(play: Player) -> None:
    """An e-mail address and a password are exchanged for a JWT, once."""
    script = Script(logins(), repeat=True)
    api = dibop(play, script, email="ann@acme.test", password="pw-canary")
    for _ in range(2):
        play.do(lambda: api.systems.ping("dms"))
    assert [sent.path for sent in script.requests] == ["/api/v1/auth/login", *["/api/v1/systems/dms/ping"] * 2]
    assert script.requests[0].json == {"email": "ann@acme.test", "password": "pw-canary"}
    assert "authorization" not in script.requests[0].headers
    assert script.requests[2].headers["authorization"] == "Bearer jwt-1"


def test_login_again_before_the_end(play: Player) -> None:
    """A token is replaced before its expires_in is over, so that no call is refused for it."""
    script = Script(logins(lives=3600), repeat=True)
    api = dibop(play, script, email="ann@acme.test", password="pw-canary")
    for seconds in (0, 3500, 60):
        play.clock.advance(seconds)
        play.do(lambda: api.systems.ping("dms"))
    bearers = [sent.headers.get("authorization") for sent in script.requests]
    assert bearers == [None, "Bearer jwt-1", "Bearer jwt-1", None, "Bearer jwt-2"]


def test_login_again_after_401(play: Player) -> None:
    """A token that the vendor no longer takes is replaced once, and the call goes on."""
    body = {"error": {"code": "UNAUTHORIZED", "message": "expired", "details": None, "request_id": None}}
    granted = logins()
    script = Script(granted, (401, body), granted, granted)
    api = dibop(play, script, email="ann@acme.test", password="pw-canary")
    assert play.do(lambda: api.systems.ping("dms")).status == "online"
    assert [sent.path.rpartition("/")[2] for sent in script.requests] == ["login", "ping", "login", "ping"]


def test_refused_login(play: Player) -> None:
    """A refused login is a CredentialError with the vendor's code; the call itself was not sent."""
    body = {"error": {"code": "UNAUTHORIZED", "message": "wrong password", "details": None, "request_id": None}}
    script = Script((401, body))
    api = dibop(play, script, email="ann@acme.test", password="pw-canary")
    with pytest.raises(CredentialError, match="wrong password") as caught:
        play.do(lambda: api.systems.ping("dms"))
    assert (caught.value.status, caught.value.code) == (401, "UNAUTHORIZED")
    assert len(script.requests) == 1


def test_api_key_and_token(play: Player) -> None:
    """An API key, a token and a function that answers one all travel as bearer token."""
    for given, sent in (
        ({"api_key": KEY}, KEY),
        ({"token": "tok"}, "tok"),
        ({"token": lambda: "from-function"}, "from-function"),
    ):
        script = Script((200, PING))
        api = dibop(play, script, **given)
        play.do(partial(api.systems.ping, "dms"))
        assert script.requests[0].headers["authorization"] == f"Bearer {sent}"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "api_key"),
        ({"email": "a@b.test"}, "password"),
        ({"password": "pw"}, "email"),
        ({"api_key": "k", "token": "t"}, "one of these"),
        ({"api_key": "k", "email": "a@b.test", "password": "pw"}, "one of these"),
    ],
)
def test_wrong_credentials(given: dict[str, Any], words: str) -> None:
    """Too little and too much are refused when the client is made."""
    kinds: list[Any] = [Dibop, AsyncDibop]
    for kind in kinds:
        with pytest.raises(ConfigurationError, match=words):
            kind(instance="acme", **given)


def test_address(play: Player) -> None:
    """The instance is the sub-domain of the organisation; base_url replaces it."""
    assert (dibop(play, Script()).base_url, dibop(play, Script()).environment) == (BASE, "production")
    assert dibop(play, Script(), instance="ACME-2").base_url == "https://acme-2.dibop.ca/api/v1"
    own = dibop(play, Script(), base_url="http://127.0.0.1:8801/api/v1")
    assert (own.base_url, own.environment) == ("http://127.0.0.1:8801/api/v1", "custom")


@pytest.mark.parametrize("instance", [None, "", "a.b", "evil.test/", "a b", "-a", "a-", "ä", "a" * 64, "x@y", "a\n"])
def test_wrong_instances(instance: str | None) -> None:
    """What is no sub-domain is refused: credentials never go to another host than the vendor's."""
    with pytest.raises(ConfigurationError, match="instance"):
        Dibop(api_key=KEY, instance=instance)


def test_from_env() -> None:
    """The environment gives an API key or a login, and the instance or an address."""
    for kind in (Dibop, AsyncDibop):
        key = {"DIBOP_API_KEY": KEY, "DIBOP_INSTANCE": "acme"}
        assert kind.from_env(key, transport=Script()).base_url == BASE
        login = {"DIBOP_EMAIL": "a@b.test", "DIBOP_PASSWORD": "pw", "DIBOP_BASE_URL": "http://localhost:1/api/v1"}
        assert kind.from_env(login, transport=Script()).base_url == "http://localhost:1/api/v1"
        for environ, words in (
            ({}, "DIBOP_EMAIL is not set .nor is DIBOP_API_KEY"),
            ({"DIBOP_EMAIL": "a@b.test"}, "DIBOP_PASSWORD"),
            ({"DIBOP_API_KEY": KEY}, "DIBOP_INSTANCE"),
            ({**key, **login}, "one of these"),
        ):
            with pytest.raises(ConfigurationError, match=words):
                kind.from_env(environ)


# Errors


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "BAD_REQUEST", BadRequestError),
        (401, "UNAUTHORIZED", UnauthorizedError),
        (403, "FORBIDDEN", ForbiddenError),
        (404, "NOT_FOUND", NotFoundError),
        (409, "CONFLICT", ConflictError),
        (422, "VALIDATION_ERROR", UnprocessableEntityError),
        (429, "RATE_LIMIT", TooManyRequestsError),
        (500, "INTERNAL_ERROR", InternalServerError),
    ],
)
def test_error_codes(play: Player, status: int, code: str, kind: type[APIStatusError]) -> None:
    """Each of the vendor's eight codes is an error class, with its words, its details and the request's id."""
    details = [{"field": "name", "message": "is taken"}]
    body = {"error": {"code": code, "message": "No.", "details": details, "request_id": "r-1"}}
    api = dibop(play, Script((status, body, {"X-Request-Id": "r-1", "Retry-After": "15"})), retries=0)
    with pytest.raises(kind) as caught:
        play.do(lambda: api.orchestrations.create(name="x"))
    error = caught.value
    assert (error.code, error.message, error.details, error.request_id) == (code, "No.", tuple(details), "r-1")
    assert error.retry_after == 15


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        ({"code": "CONFLICT", "message": "taken"}, "taken", "CONFLICT"),
        ({"detail": "Not found"}, "Not found", None),
        ({"error": "plain"}, "plain", None),
        ({"error": {"code": 7, "message": None, "details": "x"}}, "", None),
        ({"error": None}, "", None),
        ([1], "", None),
        (b"<p>", "", None),
    ],
)
def test_other_error_bodies(play: Player, body: Any, message: str, code: str | None) -> None:
    """An error body of another form than the assumed one is read as far as it goes; the status always counts."""
    api = dibop(play, Script((409, body)))
    with pytest.raises(ConflictError) as caught:
        play.do(lambda: api.systems.ping("dms"))
    assert (caught.value.message, caught.value.code, caught.value.details) == (message, code, ())


# Rate limits and catalogues


def test_limits(play: Player) -> None:
    """300 requests and 60 executions a minute go at once, the next ones wait; webhooks count as executions."""
    started = {"execution_id": "e", "orchestration_id": "o", "status": "running", "triggered_by": "api"}
    execution = (202, {**started, "started_at": "2026-03-01T09:00:00Z"})
    steps = [execution] * 60 + [(202, {"accepted": True, "execution_id": "e"})] + [(200, PING)] * 300
    api = dibop(play, Script(*steps))
    for _ in range(60):
        play.do(lambda: api.orchestrations.execute("o"))
    assert play.clock.slept == []
    play.do(lambda: api.webhooks.send("w", secret=SECRET))
    assert play.clock.slept == [60.001]
    for _ in range(299):
        play.do(lambda: api.systems.ping("dms"))
    assert play.clock.slept == [60.001]
    play.do(lambda: api.systems.ping("dms"))
    assert play.clock.slept == [60.001, 60.001]


def test_catalogues(play: Player) -> None:
    """Systems and canonical domains are kept for catalogue_ttl seconds where that is set, until they are forgotten."""
    page: Any = (200, {"items": [], "total": 0, "page": 1, "page_size": 50, "total_pages": 0})
    script = Script(page, page, (200, PING), (200, PING), page)
    api = dibop(play, script, catalogue_ttl=3600.0)
    for _ in range(2):
        play.do(lambda: api.systems.list().collect())
        play.do(lambda: api.canonical.domains().collect())
        play.do(lambda: api.systems.ping("dms"))
    assert len(script.requests) == 4
    api.forget_catalogues()
    play.do(lambda: api.systems.list().collect())
    assert len(script.requests) == 5


# Paging


def test_pages(play: Player) -> None:
    """Lists are walked by page; start and end of a period travel as from and to, in UTC."""

    def answer(sent: SentRequest) -> Any:
        number = int(dict(sent.query).get("page", 1))
        return 200, {"items": [], "total": 0, "page": number, "page_size": 200, "total_pages": 0}

    script = Script(answer, repeat=True)
    api = dibop(play, script)
    zone = datetime.timezone(datetime.timedelta(hours=-4))
    start = datetime.datetime(2026, 4, 8, 10, 30, tzinfo=zone)
    pages = api.api_calls.list(system="dms", status="error", start=start, page_size=200)
    assert play.do(pages.collect) == []
    sent = dict(script.requests[0].query)
    assert (sent["system"], sent["status"], sent["page_size"]) == ("dms", "error", "200")
    assert datetime.datetime.fromisoformat(sent["from"]) == start


# Waiting


def execution(status: str, completed: bool | None = None) -> dict[str, Any]:
    """An execution as the vendor shows it."""
    over = status != "running" if completed is None else completed
    return {
        "execution_id": "e-1",
        "orchestration_id": "o-1",
        "orchestration_name": "VIN decode",
        "status": status,
        "triggered_by": "api",
        "started_at": "2026-03-01T09:00:00Z",
        "completed_at": "2026-03-01T09:00:04Z" if over else None,
        "duration_ms": 4000 if over else None,
        "steps_completed": 1,
        "steps_total": 1,
        "parameters": {},
        "step_results": [],
        "output": None,
        "error": None,
    }


STARTED = (
    202,
    {
        "execution_id": "e-1",
        "orchestration_id": "o-1",
        "status": "running",
        "triggered_by": "api",
        "started_at": "2026-03-01T09:00:00Z",
    },
)


@pytest.mark.parametrize("status", ["success", "failed", "partial"])
def test_wait(play: Player, status: str) -> None:
    """wait answers the execution in whichever of the three final states it ends."""
    api = dibop(play, Script((200, execution("running")), (200, execution("running")), (200, execution(status))))
    done = play.do(lambda: api.executions.wait("e-1", interval=2))
    assert (done.execution_id, done.status, done.duration_ms) == ("e-1", status, 4000)
    assert play.clock.slept == [2, 3]


def test_unknown_states(play: Player) -> None:
    """A state that is not documented is waited out, unless the execution says when it ended."""
    script = Script((200, execution("queued", False)), (200, execution("cancelled", True)))
    api = dibop(play, script, deviations="lenient")
    assert play.do(lambda: api.executions.wait("e-1")).status == "cancelled"


def test_execute_and_wait(play: Player) -> None:
    """execute_and_wait starts an execution with its parameters and answers it as it ended."""
    script = Script(STARTED, (200, execution("running")), (200, execution("success")))
    api = dibop(play, script)
    done = play.do(lambda: api.orchestrations.execute_and_wait("o-1", parameters={"vin": "V"}, deadline=60))
    assert done.status == "success"
    assert script.requests[0].json == {"parameters": {"vin": "V"}}
    assert [sent.path.removeprefix("/api/v1") for sent in script.requests] == [
        "/orchestrations/o-1/execute",
        "/executions/e-1",
        "/executions/e-1",
    ]


def test_wait_too_long(play: Player) -> None:
    """An execution that does not end in time is a WaitTimeoutError that names it and holds what was seen last."""
    api = dibop(play, Script((200, execution("running")), repeat=True))
    with pytest.raises(WaitTimeoutError, match=r"execution e-1 has not ended within 20 s") as caught:
        play.do(lambda: api.executions.wait("e-1", deadline=20))
    assert caught.value.last.status == "running"
    assert sum(play.clock.slept) < 20
    api = dibop(play, Script(STARTED, (200, execution("running")), repeat=True))
    with pytest.raises(WaitTimeoutError, match="e-1"):
        play.do(lambda: api.orchestrations.execute_and_wait("o-1", deadline=20))


def test_starting_takes_time_too(play: Player) -> None:
    """The deadline of execute_and_wait is for all of it: what starting took is not there for waiting."""

    def slowly(_sent: SentRequest) -> Any:
        play.clock.advance(15)
        return STARTED

    api = dibop(play, Script(slowly, (200, execution("running")), repeat=True))
    begun = play.clock.monotonic()
    with pytest.raises(WaitTimeoutError):
        play.do(lambda: api.orchestrations.execute_and_wait("o-1", deadline=20))
    assert 15 < play.clock.monotonic() - begun <= 20


def test_waiting_has_no_raw_answer(play: Player) -> None:
    """A method that is more than one call has no raw response."""
    api = dibop(play, Script())
    for method in (api.executions.wait, api.orchestrations.execute_and_wait):
        with pytest.raises(RequestError, match="more than one call"):
            play.do(partial(api.raw, method, "x"))


# Webhooks


def test_send_webhook(play: Player) -> None:
    """A webhook carries its own secret and no bearer token; further keys of the body go along."""
    script = Script((202, {"accepted": True, "execution_id": "e-1"}), (200, PING))
    api = dibop(play, script, email="ann@acme.test", password="pw-canary")
    when = datetime.datetime(2026, 4, 8, 10, 30, tzinfo=datetime.UTC)
    more = CallOptions(body={"mileage_km": 5}, headers={"X-Trace": "t"})
    accepted = play.do(
        lambda: api.webhooks.send("w-1", secret=SECRET, event="vehicle_updated", vin="V", timestamp=when, options=more)
    )
    assert accepted.execution_id == "e-1"
    (sent,) = script.requests
    assert sent.path == "/api/v1/webhooks/w-1"
    assert (sent.headers["x-webhook-secret"], sent.headers["x-trace"]) == (SECRET, "t")
    assert "authorization" not in sent.headers
    assert sent.json == {"event": "vehicle_updated", "vin": "V", "timestamp": "2026-04-08T10:30:00Z", "mileage_km": 5}


def test_the_secret_stays_with_its_call(play: Player) -> None:
    """The secret of one webhook is sent with nothing else."""
    script = Script((202, {"accepted": True, "execution_id": "e-1"}), (200, PING))
    api = dibop(play, script)
    play.do(lambda: api.webhooks.send("w-1", secret=SECRET))
    play.do(lambda: api.systems.ping("dms"))
    assert "x-webhook-secret" not in script.requests[1].headers
    assert script.requests[1].headers["authorization"] == f"Bearer {KEY}"


def test_refused_webhook(play: Player) -> None:
    """A wrong secret is an UnauthorizedError at once: there is nothing that the client could renew."""
    body = {"error": {"code": "UNAUTHORIZED", "message": f"not {SECRET}", "details": None, "request_id": None}}
    script = Script((401, body, {"X-Echo": SECRET}))
    api = dibop(play, script, email="ann@acme.test", password="pw-canary")
    with pytest.raises(UnauthorizedError) as caught:
        play.do(lambda: api.webhooks.send("w-1", secret=SECRET))
    assert SECRET not in f"{caught.value} {vars(caught.value)}"
    assert len(script.requests) == 1


def test_secrets_of_webhooks(play: Player) -> None:
    """Without a secret nothing is sent; it may come in the headers of the call, and must fit a header."""
    script = Script((202, {"accepted": True, "execution_id": "e-1"}))
    api = dibop(play, script)
    for missing in ({}, {"secret": ""}):
        with pytest.raises(RequestError, match="secret"):
            play.do(partial(api.webhooks.send, "w-1", **missing))
    with pytest.raises(CredentialError) as caught:
        play.do(lambda: api.webhooks.send("w-1", secret=f"{SECRET}\n"))
    assert SECRET not in str(caught.value)
    assert script.requests == []
    play.do(lambda: api.webhooks.send("w-1", options=CallOptions(headers={"x-webhook-secret": SECRET})))
    assert script.requests[0].headers["x-webhook-secret"] == SECRET


# Alerts

ALERT = (
    b'{"alert_rule": "Sync", "severity": "critical", "metric": "success_rate", "threshold": 99.0,'
    b' "actual_value": 91.5, "window": "1h", "triggered_at": "2026-04-08T10:30:00Z", "link": "https://a.test/1"}'
)


@pytest.mark.parametrize("body", [ALERT, ALERT.decode()])
def test_alert(body: bytes | str) -> None:
    """The message of a fired alert becomes a typed value, from bytes and from text."""
    alert = parse_alert(body)
    assert (alert.alert_rule, alert.severity, alert.threshold, alert.actual_value) == ("Sync", "critical", 99.0, 91.5)
    assert alert.triggered_at == datetime.datetime(2026, 4, 8, 10, 30, tzinfo=datetime.UTC)


def test_strange_alerts() -> None:
    """A message that differs from the document is refused with the place; lenient keeps what came."""
    strange = b'{"alert_rule": "Sync", "severity": "critical", "threshold": "high", "team": "blue"}'
    with pytest.raises(DecodeError) as caught:
        parse_alert(strange)
    assert caught.value.path == "$.threshold"
    assert caught.value.body == strange
    kept: Any = parse_alert(strange, lenient=True)
    assert (kept.threshold, kept.additional_properties) == ("high", {"team": "blue"})


def test_alerts_with_bad_values() -> None:
    """NaN in a message is refused with its place; lenient keeps it."""
    strange = ALERT.replace(b"91.5", b"NaN")
    with pytest.raises(DecodeError, match=r"\$\.actual_value: expected a JSON value, found NaN"):
        parse_alert(strange)
    assert repr(parse_alert(strange, lenient=True).actual_value) == "nan"


@pytest.mark.parametrize("body", [b"", b"<p>", b"[]", b"null", "\ud800", b"\xff{}", b"[" * 100_000])
def test_no_alerts(body: bytes | str) -> None:
    """What is no JSON object is no alert, lenient or not."""
    for lenient in (False, True):
        with pytest.raises(DecodeError):
            parse_alert(body, lenient=lenient)
