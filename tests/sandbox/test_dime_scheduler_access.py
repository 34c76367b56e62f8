"""Who gets in at Dime.Scheduler, in which spelling, and what a refusal looks like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accordant_sandbox import Sandbox
from tests.sandbox.dime_scheduler_caller import JOB, TASK, Api


@pytest.fixture
def dime() -> Iterator[Sandbox]:
    """A fresh sandbox that must not break its own document."""
    with Sandbox("dime_scheduler") as made:
        yield made
        made.raise_defects()


@pytest.fixture
def api(dime: Sandbox) -> Api:
    """An administrator, by key."""
    return Api(dime)


def test_cross_origin(dime: Sandbox) -> None:
    """Browser apps of any origin may call: OPTIONS needs no key and names its header, answers allow every origin."""
    stranger = Api(dime, principal=None)
    asked = stranger("OPTIONS", "/job")
    assert (asked.status, asked.headers["access-control-allow-origin"]) == (204, "*")
    assert "X-API-KEY" in asked.headers["access-control-allow-headers"]
    assert "DELETE" in asked.headers["access-control-allow-methods"]
    refused = stranger("GET", "/pin", headers={"Origin": "https://board.example.com"})
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (401, "*")
    shown = Api(dime)("GET", "/pin", headers={"Origin": "https://board.example.com"})
    assert (shown.status, shown.headers["access-control-allow-origin"]) == (200, "*")
    assert "cors" in [rule.name for rule in dime.rules]


def _token(api: Api, **changes: str) -> Any:
    login = {**api.sandbox.vendor.credentials["password"], **changes}
    return api("POST", "/token", login)


def test_api_key_in_its_header(dime: Sandbox) -> None:
    """The header X-API-KEY opens the door; without it, and with another one, the answer is 401."""
    assert Api(dime)("GET", "/category").status == 200
    nobody = Api(dime, None)
    assert nobody("GET", "/category").status == 401
    assert nobody("GET", "/category", headers={"X-API-KEY": "DS-NO-SUCH-KEY"}).status == 401


def test_api_key_expires(api: Api, dime: Sandbox) -> None:
    """An API key has an expiration date; after it the answer is 401."""
    dime.clock.advance(days=364)
    assert api("GET", "/category").status == 200
    dime.clock.advance(days=2)
    assert api("GET", "/category").status == 401


def test_token_for_user_name_and_password(dime: Sandbox) -> None:
    """POST /token gives `token` for an e-mail address and a password, and the bearer token opens the door."""
    nobody = Api(dime, None)
    token = _token(nobody).body["token"]
    assert nobody("GET", "/category", headers={"Authorization": f"Bearer {token}"}).status == 200
    assert nobody("GET", "/category", headers={"Authorization": "Bearer nonsense"}).status == 401


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"username": "nobody@example.com"}])
def test_wrong_login(dime: Sandbox, wrong: dict[str, str]) -> None:
    """A wrong user name or password is answered with 401."""
    assert _token(Api(dime, None), **wrong).status == 401


def test_token_lives_an_hour(dime: Sandbox) -> None:
    """A token lives an hour, and as long as the setting `token_lifetime` says."""
    nobody = Api(dime, None)
    header = {"Authorization": f"Bearer {_token(nobody).body['token']}"}
    dime.clock.advance(minutes=59)
    assert nobody("GET", "/pin", headers=header).status == 200
    dime.clock.advance(minutes=2)
    assert nobody("GET", "/pin", headers=header).status == 401


def test_key_wins_over_token(api: Api, dime: Sandbox) -> None:
    """When a good key and a token are sent, the key says who asks; a bad key leaves it to the token."""
    header = {"Authorization": f"Bearer {_token(api).body['token']}"}
    assert Api(dime, "planner")("POST", "/user", {}, header).status == 403
    assert "key_first" in {rule.name for rule in dime.rules}
    assert Api(dime, None)("GET", "/pin", headers={**header, "X-API-KEY": "DS-BAD"}).status == 200


def test_planners_do_not_administer(dime: Sandbox) -> None:
    """Users, connectors and the set-up are for administrators: 403 for a planner's key, which may plan."""
    planner = Api(dime, "planner")
    user = {"name": "A", "type": 1, "email": "a@example.com"}
    assert planner("POST", "/user", user).status == 403
    assert planner("DELETE", "/connector", {"sourceApp": "BC1"}).status == 403
    assert planner("POST", "/import/setup", {}).status == 403
    assert planner("POST", "/pin", {"name": "Mine"}).inner == 200


def test_new_users_sign_in(api: Api, dime: Sandbox) -> None:
    """A user that was made with a password signs in, without an administrator's rights, until it is deleted."""
    made = {"name": "New", "type": 1, "email": "New@example.com", "password": "pass-1"}
    api.ok("POST", "/user", made)
    nobody = Api(dime, None)
    header = {"Authorization": f"Bearer {_token(nobody, username='new@example.com', password='pass-1').body['token']}"}
    assert nobody("GET", "/pin", headers=header).status == 200
    assert nobody("POST", "/user", made, header).status == 403
    api.ok("PUT", "/user", {**made, "password": "pass-2"})
    assert _token(nobody, username="new@example.com", password="pass-1").status == 401
    api.ok("DELETE", "/user", {"email": "NEW@EXAMPLE.COM"})
    assert nobody("GET", "/pin", headers=header).status == 401


def test_users_are_made_once_and_changed_when_there(api: Api) -> None:
    """A second user of one e-mail address, and a change of one that nobody has, are refused."""
    user = {"name": "A", "type": 1, "email": "a@example.com"}
    assert "a@example.com" in api.refused("PUT", "/user", user)
    api.ok("POST", "/user", user)
    assert "already" in api.refused("POST", "/user", user)


def test_rate_limit_is_a_setting() -> None:
    """No limit is published; the setting `limits` makes one, with Retry-After in seconds."""
    with Sandbox("dime_scheduler", settings={"limits": {"default": "2/min"}}) as dime:
        api = Api(dime)
        answers = [api("GET", "/pin") for _ in range(3)]
        assert [got.status for got in answers] == [200, 200, 429]
        assert 0 < int(answers[2].headers["retry-after"]) <= 60


@pytest.mark.parametrize("path", ["/category", "/categories", "/CATEGORY", "/Categories"])
def test_category_in_every_spelling(api: Api, path: str) -> None:
    """`/categories` is `/category`, and paths match in any letter case."""
    assert len(api("GET", path).body) == 4
    api.ok("POST", path, {"name": "N", "displayName": "N", "color": "#000000"})
    assert len(api("GET", "/category").body) == 5


@pytest.mark.parametrize("path", ["/actionuri", "/ActionUri", "/actionUri"])
def test_paths_of_old_clients(api: Api, dime: Sandbox, path: str) -> None:
    """Old clients spell paths in other letter cases; they reach the same routes."""
    api.ok("POST", path, {"uri": "https://example.com/x"})
    assert len(dime.state.action_uris.all(uri="https://example.com/x")) == 1


def test_properties_in_any_case(api: Api) -> None:
    """Property and query names are read in any letter case, and answered in camelCase."""
    api.ok("POST", "/job", {"SourceApp": "BC1", "SOURCETYPE": "SERVICE", "jobno": "J9", "ShortDescription": "Nine"})
    shown = api("GET", "/job/J9").body
    assert (shown["sourceApp"], shown["jobNo"], shown["shortDescription"]) == ("BC1", "J9", "Nine")
    assert len(api("GET", "/task?PAGE=1&pagesize=3").body) == 3


def test_unknown_properties_are_ignored(api: Api) -> None:
    """What a route does not know is ignored, whatever its type."""
    api.ok("POST", "/pin", {"name": "P", "colour": {"r": 1}, "id": "x"})
    assert api("GET", "/pin").body[-1].keys() == {"id", "name", "color"}


@pytest.mark.parametrize(
    ("method", "target", "body", "status"),
    [
        ("POST", "/job", {"sourceApp": "BC1"}, 400),
        ("POST", "/job", b"{", 400),
        ("POST", "/category", {"name": "x", "displayName": "y", "color": "#toolong"}, 400),
        ("GET", "/appointment?startDate=2026-01-01T00:00", None, 400),
        ("GET", "/task?page=0", None, 400),
        ("GET", "/notification?page=1", None, 400),
        ("GET", "/notification?page=1&limit=5&sort=colour:asc", None, 400),
        ("GET", "/notification?page=1&limit=5&filter=%5B%7B%22value%22:1%7D%5D", None, 400),
        ("GET", "/job/NOPE", None, 404),
        ("GET", "/nope", None, 404),
        ("PATCH", "/job", {}, 405),
        ("DELETE", "/webhooks/AppointmentCreated/nope", None, 404),
    ],
)
def test_errors_with_a_status(api: Api, method: str, target: str, body: Any, status: int) -> None:
    """What is malformed or unknown has a real status and RFC 7807 problem details."""
    got = api(method, target, body)
    assert (got.status, got.headers["content-type"]) == (status, "application/problem+json")
    assert got.body["status"] == status
    assert got.body["title"]


def test_other_media_types(api: Api) -> None:
    """A body that is not JSON is answered with 415."""
    assert api("POST", "/pin", b"name=x", {"Content-Type": "application/x-www-form-urlencoded"}).status == 415


def test_missing_properties_are_named(api: Api) -> None:
    """A missing required property is named in the errors of a 400."""
    assert "jobNo" in str(api("POST", "/job", {**JOB, "shortDescription": "x", "jobNo": None}).body["errors"])


def test_one_or_many_say_what_is_wrong(api: Api) -> None:
    """Where one record or an array may be sent, the errors name the property of the record, and do not repeat it."""
    lone = api("POST", "/category", {"name": "x", "displayName": "y"})
    assert (lone.status, lone.body["errors"]) == (400, {"body": ['"color" is a required property']})
    task = {**TASK, "shortDescription": "x"}
    many = api("POST", "/task", [task, {**task, "shortDescription": "x" * 51}])
    [(where, [what])] = many.body["errors"].items()
    assert where == "[1].shortDescription"
    assert "longer than 50" in what


def test_refused_writes_are_200(api: Api, dime: Sandbox) -> None:
    """A refused write answers HTTP 200; its inner status is 500, with Error and Description as JSON text."""
    before = dime.state.counts()
    got = api("POST", "/task", {**TASK, "jobNo": "NOPE", "shortDescription": "x"})
    assert got.status == 200
    assert (got.body["statusCode"], set(got.said)) == (500, {"Error", "Description"})
    assert dime.state.counts() == before


def test_refused_writes_with_a_status() -> None:
    """Under `refusals=status` a refused write has a real error status instead."""
    with Sandbox("dime_scheduler", settings={"refusals": "status"}) as dime:
        api = Api(dime)
        assert api("POST", "/task", {**TASK, "jobNo": "NOPE", "shortDescription": "x"}).status == 422
        assert api("DELETE", "/job", JOB).status == 409


def test_good_writes_say_so(api: Api) -> None:
    """A good write has inner status 200, and a PascalCase outcome that names the appointments it touched."""
    assert api.ok("POST", "/pin", {"name": "x"}) == {
        "Success": True, "Message": None, "Status": 200, "Phrase": "OK", "Appointments": [],
    }  # fmt: skip
    number = api.appointment()
    row = api.sandbox.state.appointments[number]
    said = api.ok("POST", "/appointmentLocked", {"appointmentNo": number, "locked": True})
    assert said["Appointments"] == [{"Id": row["id"], "Guid": row["appointmentGuid"]}]


def test_document_and_reference_page(dime: Sandbox) -> None:
    """Beside the API stand its OpenAPI document and a page that lists it, open to everyone."""
    nobody = Api(dime, None)
    assert nobody("GET", "/openapi.json").body["info"]["title"] == "Dime.Scheduler API"
    page = nobody("GET", "/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert b"/openapi.json" in page.content
    assert b"/taskFilterValue" in page.content
    assert nobody("POST", "/docs").status == 405
