"""Tokens and who may do what in Dispatch."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accordant_sandbox import Sandbox
from tests.sandbox.dispatch_caller import Api

As = Callable[[str | None], Api]


def test_token_answer(api: Api, sandbox: Sandbox) -> None:
    """Every grant answers the five documented fields; `created_at` is the epoch second of the sandbox's clock."""
    for principal in ("default", "organization_user"):
        body = api.log_in(principal).body
        assert sorted(body) == ["access_token", "created_at", "expires_in", "refresh_token", "token_type"]
        assert (body["token_type"], body["expires_in"]) == ("bearer", 10800)
        assert body["created_at"] == sandbox.clock.epoch()


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "magic"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "client_id": "public_key"}, 400, "invalid_request"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "public_key", "client_secret": "y"}, 401, "invalid_client"),
        ({"grant_type": "refresh_token", "refresh_token": "spent"}, 400, "invalid_grant"),
    ],
)
def test_token_errors(as_principal: As, body: dict[str, str], status: int, error: str) -> None:
    """A refused token request says why in the words of RFC 6749."""
    got = as_principal(None).post("/v3/oauth/token", body)
    assert (got.status, got.body["error"]) == (status, error)
    assert got.body["error_description"]


def test_wrong_password(api: Api) -> None:
    """A wrong user name or password is an `invalid_grant`."""
    for changes in ({"password": "wrong"}, {"username": "nobody@example.com"}):
        got = api.log_in("organization_user", **changes)
        assert (got.status, got.body["error"]) == (400, "invalid_grant")


def test_token_request_as_form(as_principal: As) -> None:
    """The token endpoint reads a form body as well as JSON."""
    form = b"grant_type=client_credentials&client_id=public_key&client_secret=secret_key"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert as_principal(None).call("POST", "/v3/oauth/token", headers=headers, raw=form).status == 200


def test_refresh_rotates(api: Api) -> None:
    """A refresh token works once; the access token from before lives on; a new one is returned."""
    first = api.log_in().body
    body = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = api.post("/v3/oauth/token", body)
    again = api.post("/v3/oauth/token", body)
    assert (second.status, again.status, again.body["error"]) == (200, 400, "invalid_grant")
    for token in (first["access_token"], second.body["access_token"]):
        api.token = token
        assert api.get("/v3/jobs").status == 200
    body["refresh_token"] = second.body["refresh_token"]
    assert api.post("/v3/oauth/token", body).status == 200


def test_refresh_checks_a_given_client(api: Api) -> None:
    """A client id is optional when refreshing; a wrong one is refused and does not spend the token."""
    body = {"grant_type": "refresh_token", "refresh_token": api.log_in().body["refresh_token"]}
    assert api.post("/v3/oauth/token", {**body, "client_id": "unknown"}).status == 401
    assert api.post("/v3/oauth/token", {**body, "client_id": "public_key"}).status == 200


def test_lifetime_can_be_set() -> None:
    """`token_lifetime` is the life of a token in seconds."""
    with Sandbox("dispatch", settings={"token_lifetime": 60}) as sandbox:
        api = Api(sandbox)
        sandbox.clock.advance(seconds=60)
        assert api.get("/v3/jobs").status == 401


def test_tokens_can_be_withdrawn(api: Api, sandbox: Sandbox) -> None:
    """The action `revoke_tokens` kills every access token at once."""
    assert sandbox.act.revoke_tokens() == 1
    assert api.get("/v3/jobs").status == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer junk", "Basic cHVibGljX2tleTpzZWNyZXRfa2V5", "junk"])
def test_bad_credentials(as_principal: As, header: str) -> None:
    """A missing or wrong bearer token is a 401 with a challenge."""
    headers = {"Authorization": header} if header else {}
    got = as_principal(None).call("GET", "/v3/jobs", headers=headers)
    assert (got.status, got.headers["www-authenticate"]) == (401, "Bearer")


def test_refresh_token_is_no_access_token(api: Api) -> None:
    """A refresh token does not open the API."""
    api.token = api.log_in().body["refresh_token"]
    assert api.get("/v3/jobs").status == 401


def test_every_operation_but_the_token_needs_a_token(sandbox: Sandbox, as_principal: As) -> None:
    """Without a token 48 operations answer 401, whatever is sent."""
    nobody = as_principal(None)
    statuses: dict[str, int] = {}
    for operation in sandbox.vendor.document.operations.values():
        path = operation.path.replace("{uid}", "x")
        for name in ("{id}", "{job_id}", "{contact_id}"):
            path = path.replace(name, "1")
        statuses[operation.id] = nobody.call(operation.method, path).status
    assert statuses.pop("createToken") == 400
    assert set(statuses.values()) == {401}
    assert len(statuses) == 48


def test_organization_user_sees_its_organization(api: Api, as_principal: As) -> None:
    """A user sees everything of its organization and nothing of another, which is a 404."""
    other = api.post(
        "/v3/jobs",
        {
            "title": "Elsewhere",
            "customer_id": 3,
            "organization_id": 4,
            "address": {"street_1": "1", "city": "X"},
            "status": "unscheduled",
        },
    ).body["job"]
    user = as_principal("organization_user")
    assert [row["id"] for row in user.get("/v3/organizations").body["organizations"]] == [3]
    assert [row["id"] for row in user.get("/v3/jobs").body["jobs"]] == [120, 121, 122, 123]
    assert user.get(f"/v3/jobs/{other['id']}").status == 404
    assert user.patch(f"/v3/jobs/{other['id']}", {"title": "Mine"}).status == 404
    assert user.get("/v3/users").body["meta"]["total"] == 3
    assert user.get("/v3/survey_responses").body["meta"]["total"] == 2


def test_organization_user_works_on_its_jobs(api: Api, as_principal: As) -> None:
    """What a user makes belongs to its organization and is seen by the job source."""
    made = as_principal("organization_user").appointment(status="scheduled")
    assert api.get(f"/v3/appointments/{made['id']}").status == 200


CUSTOMER = {"first_name": "Pat", "email": "pat@example.com"}
JOB = {"title": "T", "customer_id": 1, "address": {"street_1": "1", "city": "X"}, "status": "unscheduled"}


@pytest.mark.parametrize(("path", "body", "name"), [("/v3/customers", CUSTOMER, "customer"), ("/v3/jobs", JOB, "job")])
def test_own_organization_need_not_be_named(
    api: Api, as_principal: As, sandbox: Sandbox, path: str, body: dict[str, str], name: str
) -> None:
    """What a user of an organization makes belongs to it unnamed, a job source names one (422), null names none."""
    made = as_principal("organization_user").post(path, body)
    assert (made.status, made.body[name]["organization_id"]) == (201, 3)
    assert "own_organization" in sandbox.journal[-1].rules
    refused = api.post(path, body)
    assert refused.status == 422
    assert refused.body == {"errors": ["organization_id: required, as the caller has none of its own"]}
    assert as_principal("organization_user").post(path, {**body, "organization_id": 4}).status == 422
    assert api.post(path, {**body, "organization_id": None}).status == 422


def test_own_organization_of_a_merged_customer(as_principal: As) -> None:
    """A customer without an organization is merged into the one that the user's organization has."""
    user = as_principal("organization_user")
    again = user.post("/v3/customers", {"first_name": "Jamie", "email": "jamie@example.com", "notes": "dog"})
    assert (again.status, again.body["customer"]["id"], again.body["customer"]["notes"]) == (200, 1, "dog")


def test_own_organization_of_a_job_with_related_records(as_principal: As) -> None:
    """The job factory takes a user's own organization as well, for the job and for its customer."""
    body = {**JOB, "customer": {"first_name": "Uma"}}
    del body["customer_id"]
    user = as_principal("organization_user")
    made = user.post("/v3/jobs/factory", body).body["job"]
    customers = user.get("/v3/customers?filter[organization_id_eq]=3").body["customers"]
    assert (made["organization_id"], made["customer_id"] in [row["id"] for row in customers]) == (3, True)


def test_brands_are_for_job_sources(as_principal: As) -> None:
    """Users of an organization may not touch brands: 403."""
    user = as_principal("organization_user")
    assert user.get("/v3/brands").status == 403
    assert user.post("/v3/brands", {"name": "Mine"}).status == 403


def test_external_ids_are_for_job_sources(api: Api, as_principal: As) -> None:
    """Users of an organization neither see nor set external ids."""
    user = as_principal("organization_user")
    assert "external_ids" not in user.get("/v3/organizations/3").body["organization"]
    user.patch("/v3/organizations/3", {"external_ids": ["mine"], "name": "Renamed"})
    organization = api.get("/v3/organizations/3").body["organization"]
    assert (organization["external_ids"], organization["name"]) == (["org-3"], "Renamed")


def test_rejected_job_is_read_only_for_the_organization(api: Api, as_principal: As) -> None:
    """Once rejected, a job can be read but not changed by the organization's users; the job source may."""
    user = as_principal("organization_user")
    assert user.post("/v3/jobs/121/reject").status == 200
    assert user.get("/v3/jobs/121").status == 200
    assert user.patch("/v3/jobs/121", {"title": "No"}).status == 403
    assert api.patch("/v3/jobs/121", {"status": "offered"}).status == 200


def test_deactivated_user_is_locked_out(api: Api, as_principal: As) -> None:
    """A deactivated user cannot log in and its token dies; once restored both work again."""
    user = as_principal("organization_user")
    api.delete("/v3/users/790")
    assert user.get("/v3/jobs").status == 401
    assert user.log_in("organization_user").status == 400
    api.post("/v3/users/790/restore")
    assert user.get("/v3/jobs").status == 200
    assert user.log_in("organization_user").status == 200


def test_third_party_network_sees_its_own_records(as_principal: As) -> None:
    """Another account does not see the first one's records: its lists are its own, the rest is 404."""
    other = as_principal("third_party")
    assert [row["id"] for row in other.get("/v3/organizations").body["organizations"]] == [5]
    assert other.get("/v3/jobs/123").status == 404
    assert other.get("/v3/jobs").body["meta"]["total"] == 0


def test_third_party_network_only_reads_users(as_principal: As) -> None:
    """A third-party network reads users of its organizations and may not write them: 403."""
    other = as_principal("third_party")
    [user] = other.get("/v3/users").body["users"]
    body = {"organization_id": 5, "first_name": "A", "last_name": "B", "roles": ["technician"]}
    assert other.get(f"/v3/users/{user['id']}").status == 200
    assert other.post("/v3/users", body).status == 403
    assert other.patch(f"/v3/users/{user['id']}", {"first_name": "C"}).status == 403
    assert other.delete(f"/v3/users/{user['id']}").status == 403


def test_third_party_network_changes_what_it_made(as_principal: As) -> None:
    """It changes and deletes organizations that it made, not those that it was given."""
    other = as_principal("third_party")
    assert other.patch("/v3/organizations/5", {"name": "Taken over"}).status == 403
    assert other.delete("/v3/organizations/5").status == 403
    made = other.post("/v3/organizations", {"name": "Own", "email": "own@example.com"}).body["organization"]
    assert other.patch(f"/v3/organizations/{made['id']}", {"name": "Owned"}).status == 200
    assert other.delete(f"/v3/organizations/{made['id']}").status == 204
