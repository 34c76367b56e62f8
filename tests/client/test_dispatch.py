"""The Dispatch client: credentials, both envelope forms, errors, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accordant import CallOptions, Page, Redirect
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.dispatch.vendor import problem
from accordant.errors import (
    ConfigurationError,
    CredentialError,
    DecodeError,
    NotFoundError,
    RedirectStatusError,
    UnprocessableEntityError,
)
from accordant.testing import FakeClock, Script
from accordant_generated.dispatch.models import Appointment, Datafile
from tests.client.support import Player

TOKEN = (
    200,
    {
        "access_token": "access-1",
        "token_type": "bearer",
        "created_at": 1_500_000_000,
        "expires_in": 10800,
        "refresh_token": "refresh-1",
    },
)
APPOINTMENT = {
    "id": 7,
    "job_id": 123,
    "organization_id": 3,
    "status": "scheduled",
    "time": "2026-03-01T09:00:00Z",
    "duration": 7200,
    "user_id": None,
}
DATAFILE = {
    "bucket_id": None,
    "created_at": "2026-03-01T09:00:00Z",
    "filename": "door.png",
    "mime_type": "image/png",
    "name": "",
    "uid": "0b9dbd1c-9a4f-4c53-8f4b-6b9c3f4b8f11",
}
UID = DATAFILE["uid"]


def dispatch(play: Player, *steps: Any, **given: Any) -> tuple[Any, Script]:
    """A client with a token and the script that it talks to."""
    script = Script(*steps)
    kind: Any = Dispatch if play.kind == "sync" else AsyncDispatch
    given.setdefault("token", "access-0")
    given.setdefault("clock", play.clock)
    return play.own(kind(transport=script, **given)), script


def test_client_credentials(play: Player) -> None:
    """With the two keys of an account the client credentials grant is used, as JSON, on the vendor's token path."""
    api, script = dispatch(play, TOKEN, (200, APPOINTMENT), token=None, client_id="public", client_secret="secret-key")
    play.do(lambda: api.appointments.get(7))
    asked, call = script.requests
    assert asked.url == "https://api.dispatch.me/v3/oauth/token"
    assert asked.json == {"grant_type": "client_credentials", "client_id": "public", "client_secret": "secret-key"}
    assert call.headers["authorization"] == "Bearer access-1"


def test_password_grant(play: Player) -> None:
    """With a user as well the password grant is used, with all four fields."""
    given = {"client_id": "public", "client_secret": "key-1", "username": "ann@example.test", "password": "pass-1"}
    api, script = dispatch(play, TOKEN, (200, APPOINTMENT), token=None, environment="sandbox", **given)
    play.do(lambda: api.appointments.get(7))
    assert script.requests[0].url == "https://api-sandbox.dispatch.me/v3/oauth/token"
    assert script.requests[0].json == {"grant_type": "password", **given}


def test_refresh(play: Player) -> None:
    """Three hours later the refresh token is used."""
    api, script = dispatch(
        play, TOKEN, (200, APPOINTMENT), TOKEN, (200, APPOINTMENT), token=None, client_id="p", client_secret="secret"
    )
    play.do(lambda: api.appointments.get(7))
    play.clock.advance(10800)
    play.do(lambda: api.appointments.get(7))
    assert script.requests[2].json["grant_type"] == "refresh_token"
    assert script.requests[2].json["refresh_token"] == "refresh-1"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "credentials are missing: give client_id and client_secret"),
        ({"client_id": "a"}, "client_id needs client_secret as well"),
        ({"client_secret": "a"}, "client_secret needs client_id as well"),
        ({"client_id": "a", "client_secret": "b", "username": "c"}, "username needs password as well"),
        ({"username": "c", "password": "d"}, "username and password need client_id and client_secret"),
        ({"client_id": "a", "client_secret": "b", "token": "c"}, "not both"),
        ({"client_id": "", "client_secret": "", "token": ""}, "credentials are missing"),
    ],
)
def test_incomplete_credentials(given: dict[str, Any], message: str) -> None:
    """Credentials that are too few or too many are refused with what is missing."""
    kinds: list[Any] = [Dispatch, AsyncDispatch]
    for kind in kinds:
        with pytest.raises(ConfigurationError, match=message):
            kind(**given)


def test_from_env(play: Player) -> None:
    """from_env reads credentials and address from the environment; settings overrule the address."""
    kind: Any = Dispatch if play.kind == "sync" else AsyncDispatch
    environ = {"DISPATCH_CLIENT_ID": "public", "DISPATCH_CLIENT_SECRET": "key-1", "DISPATCH_ENVIRONMENT": "sandbox"}
    assert play.own(kind.from_env(environ)).base_url == "https://api-sandbox.dispatch.me"
    assert play.own(kind.from_env(environ, environment="production")).base_url == "https://api.dispatch.me"
    environ["DISPATCH_BASE_URL"] = "http://127.0.0.1:8801"
    script = Script(TOKEN, (200, APPOINTMENT))
    environ |= {"DISPATCH_USERNAME": "ann", "DISPATCH_PASSWORD": "pass-1"}
    api = play.own(kind.from_env(environ, transport=script, clock=FakeClock()))
    play.do(lambda: api.appointments.get(7))
    assert script.requests[0].url == "http://127.0.0.1:8801/v3/oauth/token"
    assert script.requests[0].json["username"] == "ann"


@pytest.mark.parametrize("missing", ["DISPATCH_CLIENT_ID", "DISPATCH_CLIENT_SECRET", "DISPATCH_USERNAME"])
def test_missing_variables(missing: str) -> None:
    """A missing variable is named."""
    environ = {
        name: "x"
        for name in ("DISPATCH_CLIENT_ID", "DISPATCH_CLIENT_SECRET", "DISPATCH_USERNAME", "DISPATCH_PASSWORD")
        if name != missing
    }
    for kind in (Dispatch, AsyncDispatch):
        with pytest.raises(ConfigurationError, match=f"the environment variable {missing} is not set"):
            kind.from_env(environ)


def test_both_envelope_forms(play: Player) -> None:
    """A record is read bare, as the vendor first documented it, and in the envelope that it uses since."""
    api, _ = dispatch(play, (200, APPOINTMENT), (200, {"appointment": APPOINTMENT}))
    bare = play.do(lambda: api.appointments.get(7))
    enveloped = play.do(lambda: api.appointments.get(7))
    assert bare == enveloped
    assert type(bare) is Appointment
    assert (bare.id, bare.status, bare.duration) == (7, "scheduled", 7200)
    assert len(api.deviations) == 0


def test_filters_and_pages(play: Player) -> None:
    """A list takes filters as arguments, sends them in brackets, and walks all pages."""
    rows = [{**APPOINTMENT, "id": number} for number in range(1, 6)]
    pages = [
        (200, {"appointments": part, "meta": {"limit": 2, "offset": 0, "total": 5}})
        for part in (rows[:2], rows[2:4], rows[4:])
    ]
    api, script = dispatch(play, *pages)
    found = play.all(lambda: api.appointments.list(status_in=["scheduled", "enroute"], user_id_null=True, limit=2))
    assert [item.id for item in found] == [1, 2, 3, 4, 5]
    assert dict(script.requests[2].query) == {
        "filter[status_in]": "scheduled,enroute",
        "filter[user_id_null]": "true",
        "limit": "2",
        "offset": "4",
    }


def test_list_without_meta(play: Player) -> None:
    """A list answer without its meta raises DecodeError; nothing is lost silently."""
    api, _ = dispatch(play, (200, {"appointments": [APPOINTMENT]}))
    with pytest.raises(DecodeError, match=r"\$\.meta\.total"):
        play.all(lambda: api.appointments.list())


def test_sources_have_no_total(play: Player) -> None:
    """The list of sources, whose sample shows no meta, is walked until a page is empty."""
    source = {"id": 1, "name": "web", "title": "Web"}
    api, _ = dispatch(play, (200, {"sources": [source]}), (200, {"sources": []}))
    assert [item.name for item in play.all(lambda: api.sources.list())] == ["web"]


ERRORS: list[tuple[Any, str, str | None, int]] = [
    ({"errors": ["job_id is required", "time is bad"]}, "job_id is required; time is bad", None, 2),
    ({"errors": {"job_id": ["is required"], "time": "is bad"}}, "job_id: is required; time: is bad", None, 2),
    ({"errors": [{"message": "is bad", "field": "time"}]}, "is bad", None, 1),
    ({"errors": [{"field": "time"}]}, "field: time", None, 1),
    ({"errors": "all wrong"}, "all wrong", None, 1),
    ({"error": "Record not found"}, "Record not found", None, 0),
    ({"error": "invalid_grant"}, "invalid_grant", "invalid_grant", 0),
    ({"error": "invalid_client", "error_description": "Unknown client"}, "Unknown client", "invalid_client", 0),
    ({"errors": []}, "", None, 0),
    ({}, "", None, 0),
    (None, "", None, 0),
    (["x"], "", None, 0),
]


@pytest.mark.parametrize(("document", "message", "code", "details"), ERRORS)
def test_error_bodies(document: Any, message: str, code: str | None, details: int) -> None:
    """Every form of error body that the vendor is known or assumed to use is understood."""
    found = problem(document)
    assert (found.message, found.code, len(found.details)) == (message, code, details)


def test_errors(play: Player) -> None:
    """An error carries the vendor's words, its list of details and its request id."""
    headers = {"X-Request-Id": "req-7", "Content-Type": "application/json"}
    api, _ = dispatch(play, (422, b'{"errors": ["job_id is required"]}', headers), (404, {"error": "Not found"}))
    with pytest.raises(UnprocessableEntityError) as caught:
        play.do(lambda: api.appointments.create(job_id=1, status="scheduled"))
    assert caught.value.details == ("job_id is required",)
    assert caught.value.request_id == "req-7"
    with pytest.raises(NotFoundError, match="Not found"):
        play.do(lambda: api.appointments.get(7))


def test_refused_credentials(play: Player) -> None:
    """Wrong keys raise CredentialError with the vendor's code."""
    refusal = (401, {"error": "invalid_client", "error_description": "Client authentication failed"})
    api, _ = dispatch(play, refusal, token=None, client_id="p", client_secret="wrong")
    with pytest.raises(CredentialError, match=r"\[invalid_client\]: Client authentication failed"):
        play.do(lambda: api.brands.delete(1))


def test_upload(play: Player, tmp_path: Path) -> None:
    """A file is uploaded in the part that the vendor names."""
    path = tmp_path / "door.png"
    path.write_bytes(b"\x89PNG")
    api, script = dispatch(play, (201, {"datafile": DATAFILE}))
    made = play.do(lambda: api.datafiles.upload(file=path))
    assert type(made) is Datafile
    assert str(made.uid) == UID
    assert b'name="file"; filename="door.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n' in script.requests[0].body


FOUND = (302, None, {"Location": "https://s3.amazonaws.com/bucket/datafiles/x/door.png?signature=abc"})
CONTENT = (200, b"\x89PNG", {"Content-Type": "image/png"})


def test_get_does_not_follow(play: Player) -> None:
    """get answers with the redirect itself."""
    api, _ = dispatch(play, FOUND)
    assert play.do(lambda: api.datafiles.get(UID)) == Redirect(302, FOUND[2]["Location"])


def test_download(play: Player) -> None:
    """download follows the redirect; neither the bearer token nor any other header of the API goes along."""
    api, script = dispatch(play, FOUND, (503, None), CONTENT)
    assert play.do(lambda: api.datafiles.download(UID)) == b"\x89PNG"
    first, *others = script.requests
    assert first.headers["authorization"] == "Bearer access-0"
    for sent in others:
        assert sent.url == FOUND[2]["Location"]
        assert set(sent.headers) == {"accept", "user-agent"}


def test_download_from_the_same_host(play: Player) -> None:
    """A redirect may be relative, and lead on; still no token goes along."""
    api, script = dispatch(play, (302, None, {"Location": "/_files/x"}), (307, None, {"Location": "y"}), CONTENT)
    assert play.do(lambda: api.datafiles.download(UID)) == b"\x89PNG"
    assert [sent.url for sent in script.requests[1:]] == [
        "https://api.dispatch.me/_files/x",
        "https://api.dispatch.me/_files/y",
    ]
    assert all("authorization" not in sent.headers for sent in script.requests[1:])


@pytest.mark.parametrize(
    ("steps", "error", "message"),
    [
        ([(302, None, {"Location": "http://s3.test/x"})], DecodeError, "must use https"),
        ([(302, None, {"Location": "file:///etc/passwd"})], DecodeError, "must use https"),
        ([(302, None, {"Location": "https://[::1/x"})], DecodeError, "cannot be followed: Invalid IPv6 URL"),
        ([FOUND, (302, None, {"Location": "//[x"})], DecodeError, "cannot be followed: Invalid IPv6 URL"),
        ([(302, None)], DecodeError, "names no Location"),
        ([(404, {"error": "Not found"})], NotFoundError, "Not found"),
        ([FOUND, (404, b"<Error/>")], NotFoundError, "getDatafile"),
        ([FOUND] * 4, RedirectStatusError, "302 Found"),
        ([FOUND, (200, b"cut", {"Content-Length": "10"})], DecodeError, "cut short: 3 of 10 bytes"),
    ],
)
def test_failed_downloads(play: Player, steps: Any, error: type[Exception], message: str) -> None:
    """A download that leads nowhere, in circles, away from TLS or to half a file raises."""
    api, _ = dispatch(play, *steps, retries=0)
    with pytest.raises(error, match=message):
        play.do(lambda: api.datafiles.download(UID))


def test_download_to(play: Player, tmp_path: Path) -> None:
    """download_to writes the file whole and answers its path; a failure leaves what was there."""
    target = tmp_path / "door.png"
    api, _ = dispatch(play, FOUND, CONTENT, FOUND, (404, None), retries=0)
    assert play.do(lambda: api.datafiles.download_to(UID, target)) == target
    assert target.read_bytes() == b"\x89PNG"
    with pytest.raises(NotFoundError):
        play.do(lambda: api.datafiles.download_to(UID, str(target)))
    assert target.read_bytes() == b"\x89PNG"
    assert list(tmp_path.iterdir()) == [target]


def test_download_to_nowhere(play: Player, tmp_path: Path) -> None:
    """A folder that is not there is the builtin error, before anything is sent."""
    api, script = dispatch(play)
    with pytest.raises(FileNotFoundError):
        play.do(lambda: api.datafiles.download_to(UID, tmp_path / "missing" / "x"))
    assert script.requests == []


def test_download_deadline(play: Player, tmp_path: Path) -> None:
    """A transfer to a file has no deadline but the one that the call gives."""
    api, script = dispatch(play, FOUND, CONTENT, FOUND, CONTENT, timeout=None)
    play.do(lambda: api.datafiles.download_to(UID, tmp_path / "x"))
    assert [sent.timeout for sent in script.requests] == [None, None]
    play.do(lambda: api.datafiles.download_to(UID, tmp_path / "x", options=CallOptions(deadline=7)))
    assert [sent.timeout for sent in script.requests[2:]] == [7, 7]


def test_in_process_host(play: Player) -> None:
    """The host of an in-process sandbox counts as loopback."""
    api, script = dispatch(play, (200, APPOINTMENT), base_url="http://dispatch.sandbox.localhost")
    play.do(lambda: api.appointments.get(7))
    assert script.requests[0].url == "http://dispatch.sandbox.localhost/v3/appointments/7"


def test_typed_raw() -> None:
    """raw keeps the types: what a checker infers here is what comes out."""
    pages = (200, {"appointments": [APPOINTMENT], "meta": {"total": 1}})
    api = Dispatch(token="access-0", transport=Script((200, APPOINTMENT), pages))
    appointment: Appointment = api.raw(api.appointments.get, 7).parse()
    page: Page[Appointment] = api.raw(api.appointments.list, limit=1).parse()
    assert page.items == [appointment]
