"""The journal, the console's data and the control plane show no credential, wherever in a request it came."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import pytest

from accordant_sandbox import Sandbox
from accordant_sandbox.engine.journal import is_secret
from accordant_sandbox.http.exchange import Headers, Reply, Request
from accordant_sandbox.server.control import answer_control

CANARY = "sandbox-canary-77xyz"
JSON = ("Content-Type", "application/json")
LOGINS = {
    "dispatch": ("/v3/oauth/token", "client_secret"),
    "dibop": ("/api/v1/auth/login", "password"),
    "dime_scheduler": ("/token", "password"),
    "espace": ("/api/v2/requesttoken", "apiKey"),
}


@pytest.fixture(params=sorted(LOGINS))
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Each vendor's sandbox."""
    with Sandbox(request.param) as made:
        yield made


def send(
    sandbox: Sandbox, method: str, path: str, headers: Sequence[tuple[str, str]] = (), body: bytes = b""
) -> tuple[int, bytes]:
    """Send a request in process."""
    transport: Any = sandbox.credentials["transport"]
    base = str(sandbox.credentials["base_url"])
    root = base[: base.index("/", len("https://"))] if base.count("/") > 2 else base
    status, _, content = transport(method, root + path, list(headers), body, 5.0)
    return status, content


def _control(sandbox: Sandbox, name: str) -> Reply:
    request = Request("GET", f"/_sandbox/{name}", [], Headers([("Host", "127.0.0.1")]), b"", "http://127.0.0.1", True)
    steps = answer_control(sandbox, request)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            reply: Reply = end.value
            return reply


def shown(sandbox: Sandbox) -> str:
    """All that the journal and the control plane, which is what the console page draws, show."""
    names = ["overview", "operations", "faults", "journal", "defects", "rules", "outbox"]
    names += [f"state/{name}" for name in sandbox.state.counts()]
    replies = [_control(sandbox, name) for name in names]
    assert {reply.status for reply in replies} == {200}
    entries = json.dumps([entry.view() for entry in sandbox.journal], default=str)
    return "\n".join([entries, repr(list(sandbox.journal)), *(reply.content.decode() for reply in replies)])


@pytest.mark.parametrize(
    "name", ["access_token", "api_key", "apikey", "ApiKey", "token", "client_secret", "auth", "sig", "X-Api-Key"]
)
def test_secrets_in_a_query_are_masked(sandbox: Sandbox, name: str) -> None:
    """A credential in a query, where it does not belong, is masked; other parameters are shown."""
    send(sandbox, "GET", f"{LOGINS[sandbox.name][0]}?{name}={quote(CANARY)}&limit=7")
    assert CANARY not in shown(sandbox)
    assert dict(sandbox.journal[-1].query) == {name: "***", "limit": "7"}


@pytest.mark.parametrize("secret", [CANARY, f'{CANARY}"&\\<'], ids=["plain", "special"])
def test_a_secret_is_masked_wherever_else_it_stands(sandbox: Sandbox, secret: str) -> None:
    """What is a credential in one place of a request is masked in its path, its query and its other headers too."""
    path = f"{LOGINS[sandbox.name][0]}/{CANARY}?note={quote(f'see {secret}')}"
    send(sandbox, "GET", path, [("X-API-KEY", secret), ("X-Own", CANARY), ("X-Note", f"see {secret}")])
    assert f"see {secret}" not in shown(sandbox)
    entry = sandbox.journal[-1]
    assert dict(entry.query) == {"note": "see ***"}
    assert dict(entry.headers)["X-Note"] == "see ***"
    if secret == CANARY:
        assert entry.path.endswith("/***")
        assert dict(entry.headers)["X-Own"] == "***"


@pytest.mark.parametrize("name", ["Authorization", "X-API-KEY", "X-Webhook-Secret", "Cookie", "X-Auth-Token"])
def test_secrets_in_headers_are_masked(sandbox: Sandbox, name: str) -> None:
    """A credential in any header that is named like one is masked."""
    for value in (CANARY, f"Bearer {CANARY}", f"Basic {CANARY}"):
        send(sandbox, "GET", LOGINS[sandbox.name][0], [(name, value)])
    assert CANARY not in shown(sandbox)


def test_secrets_that_an_answer_quotes_are_masked(sandbox: Sandbox) -> None:
    """A body that is refused, of whatever shape, shows its secrets neither itself nor in the words of the answer."""
    path, field = LOGINS[sandbox.name]
    named: list[Any] = [{field: CANARY}, {field: [CANARY]}, {field: {"a": CANARY}}, {"z": {field: CANARY}}]
    for body in (*named, [CANARY], CANARY):
        text = json.dumps(body).encode()
        for cut in (text, text[:-1]):
            send(sandbox, "POST", path, [JSON], cut)
    send(sandbox, "POST", path, [("Content-Type", "application/x-www-form-urlencoded")], f"{field}={CANARY}".encode())
    assert CANARY not in shown(sandbox)


def test_tokens_that_a_login_answers_are_masked(sandbox: Sandbox) -> None:
    """Neither the journal nor the console shows a token that the sandbox handed out, or the secrets that it takes."""
    given = {name: str(value) for name, value in sandbox.credentials.items() if isinstance(value, str)}
    secrets = [value for name, value in given.items() if name in ("client_secret", "password", "api_key")]
    path, field = LOGINS[sandbox.name]
    body: dict[str, Any] = {name: value for name, value in given.items() if name not in ("base_url", "api_key")}
    if sandbox.name == "dispatch":
        body["grant_type"] = "client_credentials"
    elif field == "apiKey":
        body = {"apiKey": given["api_key"]}
    status, content = send(sandbox, "POST", path, [JSON], json.dumps(body).encode())
    if status < 300:
        answer = json.loads(content)
        secrets += [answer] if isinstance(answer, str) else [answer[name] for name in answer if name.endswith("token")]
    text = shown(sandbox)
    assert secrets
    assert not [secret for secret in secrets if secret in text]


def test_names_of_secrets() -> None:
    """Cursors and ids are no secrets, though they are called tokens or keys; credentials are, however spelt."""
    for name in ("page_token", "nextPageToken", "token_type", "limit", "id", "key", "Idempotency-Key", "status"):
        assert not is_secret(name)
    for name in ("access_token", "ACCESSTOKEN", "X-API-Key", "clientSecret", "new_password", "Set-Cookie"):
        assert is_secret(name)
