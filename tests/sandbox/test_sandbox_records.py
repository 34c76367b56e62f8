"""The records of Dispatch: merging, the factory, work orders, contacts, time windows, files."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_sandbox import Sandbox
from tests.sandbox.dispatch_caller import Api

ADDRESS = {"street_1": "2 Elm Street", "city": "Boston"}
JOB = {"title": "New job", "customer_id": 1, "organization_id": 3, "address": ADDRESS, "status": "unscheduled"}
ORGANIZATION = {"name": "North Heating", "email": "north@example.com", "phone_number": "+16175550777"}
ORDER: dict[str, Any] = {
    "title": "Furnace",
    "location": ADDRESS,
    "contacts": [
        {"first_name": "Ira", "last_name": "Ng", "primary": True, "email_addresses": [{"value": "ira@example.com"}]}
    ],
    "organizations": [{"id": 3}],
}


def test_patch_leaves_other_fields_alone(api: Api) -> None:
    """A change touches the fields that were sent and the change instant, nothing else."""
    made = api.appointment(user_id=456, time="2026-05-01T10:00:00Z")
    changed = api.patch(f"/v3/appointments/{made['id']}", {"duration": 60}).body["appointment"]
    assert changed == {**made, "duration": 60}


def test_fixed_fields_are_ignored_in_changes(api: Api) -> None:
    """A field that cannot be changed is silently ignored in a change."""
    made = api.appointment()
    changed = api.patch(f"/v3/appointments/{made['id']}", {"job_id": 122}).body["appointment"]
    assert changed["job_id"] == 123


def test_fixed_fields_can_be_refused() -> None:
    """Under `strict_fields` a change of a fixed field is a 422 that names it."""
    with Sandbox("dispatch", settings={"strict_fields": True}) as sandbox:
        api = Api(sandbox)
        made = api.appointment()
        refused = api.patch(f"/v3/appointments/{made['id']}", {"job_id": 122})
        assert (refused.status, refused.body) == (422, {"errors": ["job_id: job_id cannot be changed"]})


def test_instants_come_back_in_utc(api: Api) -> None:
    """A time with an offset is answered as the same instant in UTC."""
    assert api.appointment(time="2026-05-01T12:00:00+02:00")["time"] == "2026-05-01T10:00:00Z"


def test_organization_of_an_appointment_is_that_of_its_job(api: Api) -> None:
    """`organization_id` of an appointment is the job's, whatever is sent."""
    assert api.appointment(organization_id=99)["organization_id"] == 3


def test_change_instant_follows_the_clock(api: Api, sandbox: Sandbox) -> None:
    """`updated_at` moves with a change on the sandbox's clock, `created_at` stays."""
    made = api.appointment()
    sandbox.clock.advance(minutes=5)
    changed = api.patch(f"/v3/appointments/{made['id']}", {"duration": 60}).body["appointment"]
    assert (changed["created_at"], changed["updated_at"]) == ("2026-03-01T09:00:00Z", "2026-03-01T09:05:00Z")


def test_unknown_parents_are_refused(api: Api, sandbox: Sandbox) -> None:
    """A record whose parent does not exist is a 422 that names the field, and leaves no trace."""
    before = sandbox.state.counts()
    refused = api.post("/v3/appointments", {"job_id": 999, "status": "draft"})
    assert refused.status == 422
    assert refused.body["errors"] == ["job_id: job_id refers to a record that does not exist"]
    assert sandbox.state.counts() == before


def test_lenient_parents_are_made() -> None:
    """Under `lenient_parents` a missing parent is made up instead."""
    with Sandbox("dispatch", seed="empty", settings={"lenient_parents": True}) as sandbox:
        api = Api(sandbox)
        assert api.post("/v3/appointments", {"job_id": 999, "status": "draft"}).status == 201
        assert api.get("/v3/jobs/999").status == 200
        sandbox.raise_defects()


def test_duplicate_customer_by_external_id(api: Api) -> None:
    """A customer with a known external id is merged into the known one: 200, new data taken, ids joined."""
    body = {"organization_id": 3, "first_name": "Jamie-Lee", "external_ids": ["crm-1001", "erp-7"]}
    got = api.post("/v3/customers", body)
    assert got.status == 200
    customer = got.body["customer"]
    assert (customer["id"], customer["first_name"], customer["last_name"]) == (1, "Jamie-Lee", "Rivera")
    assert customer["external_ids"] == ["crm-1001", "erp-7"]


def test_duplicate_customer_by_email(api: Api) -> None:
    """The same e-mail in other letter case is the same customer, in the same organization only."""
    same = {"organization_id": 3, "first_name": "J", "email": "JAMIE@example.com"}
    assert api.post("/v3/customers", same).status == 200
    made = api.post("/v3/customers", {**same, "organization_id": 4})
    assert (made.status, made.body["customer"]["id"]) == (201, 4)


def test_customer_filters(api: Api) -> None:
    """Customers are found by e-mail without regard to case, and by external id in either spelling."""
    for query in ("email_eq]=JAMIE@EXAMPLE.COM", "external_id_contains]=crm-1001", "external_ids_contains]=crm-1001"):
        got = api.get(f"/v3/customers?filter[{query}").body
        assert [row["id"] for row in got["customers"]] == [1], query


@pytest.mark.parametrize(
    "changes", [{}, {"phone_number": "+16175550778"}, {"name": "NORTH heating", "email": "other@example.com"}]
)
def test_matching_organization_is_returned(api: Api, changes: dict[str, str]) -> None:
    """Two of name, address, phone number and e-mail in common: the known organization, unchanged, with 200."""
    made = api.post("/v3/organizations", ORGANIZATION)
    again = api.post("/v3/organizations", {**ORGANIZATION, **changes})
    assert (made.status, again.status) == (201, 200)
    assert again.body == made.body


def test_one_thing_in_common_is_another_organization(api: Api) -> None:
    """One of the four in common is not enough; `always_create` makes a new one even when all agree."""
    first = api.post("/v3/organizations", ORGANIZATION).body["organization"]["id"]
    other = api.post("/v3/organizations", {"name": "South", "email": "north@example.com"})
    twin = api.post("/v3/organizations", {**ORGANIZATION, "always_create": True})
    ids = [other.body["organization"]["id"], twin.body["organization"]["id"]]
    assert (other.status, twin.status, ids) == (201, 201, [first + 1, first + 2])


def test_organization_with_its_user(api: Api) -> None:
    """`create_user` makes one user with both roles on the organization's e-mail."""
    made = api.post("/v3/organizations", {**ORGANIZATION, "create_user": True}).body["organization"]
    users = api.get(f"/v3/users?filter[organization_id_eq]={made['id']}").body["users"]
    assert [(user["email"], user["roles"]) for user in users] == [("north@example.com", ["dispatcher", "technician"])]


def test_records_in_use_cannot_be_deleted(api: Api) -> None:
    """An organization or customer that others refer to answers deletion with 403; an unused one goes."""
    assert api.delete("/v3/organizations/3").status == 403
    assert api.delete("/v3/customers/1").status == 403
    assert api.delete("/v3/customers/2").status == 204


def test_users_by_role(api: Api) -> None:
    """`filter[by_user_roles]` takes one role or several and finds whoever has any of them."""
    one = api.get("/v3/users?filter[by_user_roles]=dispatcher").body["users"]
    both = api.get("/v3/users?filter[by_user_roles]=dispatcher,technician").body["users"]
    assert ([user["id"] for user in one], [user["id"] for user in both]) == ([790], [456, 789, 790])


@pytest.mark.parametrize(("roles", "status"), [("", 200), (",", 400), ("dispatcher,", 400), ("cook", 400)])
def test_a_list_of_values_has_no_unknown_ones(api: Api, roles: str, status: int) -> None:
    """Each part of a comma-separated value counts, an empty one too; an empty list is a list."""
    assert api.get(f"/v3/users?filter[by_user_roles]={roles}").status == status


def test_password_is_never_shown(api: Api) -> None:
    """A user's password is taken and never returned."""
    body = {"organization_id": 3, "first_name": "A", "last_name": "B", "roles": ["technician"], "password": "a-secret"}
    made = api.post("/v3/users", body).body["user"]
    assert "password" not in made
    assert b"a-secret" not in api.get("/v3/users").content


def test_job_shows_its_customer(api: Api) -> None:
    """A job carries its customer; a change of the customer shows in it."""
    api.patch("/v3/customers/1", {"first_name": "Jay"})
    assert api.get("/v3/jobs/123").body["job"]["customer"]["first_name"] == "Jay"


def test_attributions_only_on_request(api: Api) -> None:
    """Marketing attributions are shown with `include=marketing_attributions` alone; another include is a 400."""
    assert "marketing_attributions" not in api.get("/v3/jobs/123").body["job"]
    got = api.get("/v3/jobs/123?include=marketing_attributions").body["job"]
    assert got["marketing_attributions"] == [{"source": "newsletter", "campaign": "spring"}]
    assert api.get("/v3/jobs/123?include=everything").status == 400


def test_job_filters(api: Api) -> None:
    """Jobs are found by status, its negation, lists of ids, brand, source and external id."""
    cases = {
        "status_eq]=paused": [122],
        "status_not_eq]=paused": [120, 121, 123],
        "status_in]=paused,offered": [121, 122],
        "brand_id_eq]=2": [121],
        "source_id_eq]=1": [120, 123],
        "customer_id_in]=1,2": [120, 121, 122, 123],
        "organization_id_in]=4": [],
        "external_ids_contains]=wo-120": [120],
    }
    for query, expected in cases.items():
        assert [row["id"] for row in api.get(f"/v3/jobs?filter[{query}").body["jobs"]] == expected, query


def test_factory_makes_everything(api: Api) -> None:
    """The factory makes organization, customer and job in one request."""
    body = {
        "title": "All at once",
        "address": ADDRESS,
        "status": "offered",
        "organization": ORGANIZATION,
        "customer": {"first_name": "Nia", "email": "nia@example.com"},
    }
    got = api.post("/v3/jobs/factory", body)
    assert got.status == 201
    job = got.body["job"]
    assert job["customer"]["first_name"] == "Nia"
    assert api.get(f"/v3/organizations/{job['organization_id']}").body["organization"]["name"] == "North Heating"
    again = api.post("/v3/jobs/factory", body).body["job"]
    assert (again["organization_id"], again["customer_id"]) == (job["organization_id"], job["customer_id"])
    assert again["id"] != job["id"]


def test_factory_prefers_ids(api: Api) -> None:
    """Nested objects are ignored when the matching id is given."""
    body = {**JOB, "organization": ORGANIZATION, "customer": {"first_name": "Ignored"}}
    job = api.post("/v3/jobs/factory", body).body["job"]
    assert (job["organization_id"], job["customer_id"], job["customer"]["first_name"]) == (3, 1, "Jamie")


@pytest.mark.parametrize("body", [{}, {"organization_id": 3}, {"organization_id": 3, "customer_id": 77}])
def test_factory_needs_both(api: Api, body: dict[str, int]) -> None:
    """Without an organization or a customer the factory answers 422 and leaves nothing behind."""
    before = api.sandbox.state.counts()
    assert api.post("/v3/jobs/factory", {"title": "T", "address": ADDRESS, "status": "paused", **body}).status == 422
    assert api.sandbox.state.counts() == before


def test_wrapped_body_is_refused(api: Api) -> None:
    """A body inside an envelope of its own is a 422: requests are flat."""
    assert api.post("/v3/jobs", {"job": JOB}).status == 422


def test_job_contacts_are_replaced(api: Api) -> None:
    """Writing contacts replaces them all; new ones get ids, their methods too; `primary` is not shown."""
    method = {"method": "email", "value": "sam@example.com", "notify": True}
    body = {"contacts": [{"first_name": "Sam", "last_name": "Ash", "primary": True, "contact_methods": [method]}]}
    got = api.patch("/v3/jobs/123/contacts", body)
    assert got.status == 200
    [contact] = got.body["contacts"]
    assert contact["id"] == 2
    assert contact["contact_methods"] == [{**method, "id": 2, "contact_id": 2}]
    assert "primary" not in contact
    assert api.get("/v3/jobs/123/contacts").body == got.body
    assert "meta" not in got.body


def test_one_job_contact(api: Api) -> None:
    """One contact is changed by its id; known methods keep theirs, unknown ids are a 422, unknown contacts a 404."""
    method = {"id": 1, "method": "phone", "value": "+16175550199", "notify": False}
    got = api.patch("/v3/jobs/123/contacts/1", {"contact_methods": [method]})
    assert got.body["contact"]["contact_methods"] == [{**method, "contact_id": 1}]
    assert got.body["contact"]["first_name"] == "Alex"
    assert api.patch("/v3/jobs/123/contacts/1", {"contact_methods": [{**method, "id": 50}]}).status == 422
    assert api.patch("/v3/jobs/123/contacts/9", {"first_name": "X"}).status == 404


def test_three_time_windows(api: Api) -> None:
    """A job takes up to three time windows, shown in UTC; a fourth is a 422."""
    window = {"start_time": "2026-05-01T12:00:00+02:00", "end_time": "2026-05-01T14:00:00+02:00"}
    got = api.post("/v3/jobs/123/time_windows", {"time_windows": [window] * 3})
    assert got.status == 201
    windows = got.body["time_windows"]
    assert (windows["job_id"], len(windows["time_windows"])) == (123, 3)
    assert windows["time_windows"][0] == {"start_time": "2026-05-01T10:00:00Z", "end_time": "2026-05-01T12:00:00Z"}
    assert api.post("/v3/jobs/123/time_windows", {"time_windows": [window] * 4}).status == 422
    assert api.post("/v3/jobs/999/time_windows", {"time_windows": [window]}).status == 404


@pytest.mark.parametrize(("orchestration", "status"), [("direct_offer", "offered"), ("direct_assign", "unscheduled")])
def test_work_order_makes_its_job(api: Api, orchestration: str, status: str) -> None:
    """A work order makes the customer and a job: offered for an offer, unscheduled for an assignment."""
    window = {"start_time": "2026-05-01T10:00:00Z", "end_time": "2026-05-01T12:00:00Z"}
    order = {**ORDER, "orchestration": orchestration, "external_id": "wo-1", "appointment_windows": [window]}
    got = api.post("/v3/work_orders", order)
    assert got.status == 201
    assert sorted(got.body) == ["created_at", "data", "id", "updated_at"]
    [assigned] = got.body["data"]["organizations"]
    job = api.get("/v3/jobs?filter[external_ids_contains]=wo-1").body["jobs"][0]
    assert (job["status"], job["customer_id"], job["organization_id"]) == (status, assigned["customer_id"], 3)
    assert job["customer"]["email"] == "ira@example.com"
    assert api.sandbox.state.time_windows[job["id"]]["time_windows"] == [window]


@pytest.mark.parametrize(
    "changes",
    [
        {"organizations": [], "orchestration": "direct_offer"},
        {"organizations": [{"id": 3}, {"id": 4}], "orchestration": "direct_assign"},
        {"organizations": [{"id": 99}]},
        {"organizations": [{"name": "Only a name"}]},
        {"contacts": []},
        {"contacts": [{"first_name": "A", "primary": True}, {"first_name": "B", "primary": True}]},
    ],
)
def test_impossible_work_orders(api: Api, changes: dict[str, Any]) -> None:
    """Not exactly one organization or primary contact, or an unknown organization: 422 and no trace."""
    before = api.sandbox.state.counts()
    assert api.post("/v3/work_orders", {**ORDER, **changes}).status == 422
    assert api.sandbox.state.counts() == before


def test_work_order_finds_organizations(api: Api) -> None:
    """A work order finds its organization by external id, and by what describes it; it makes an unknown one."""
    by_external = {**ORDER, "organizations": [{"external_id": "org-3"}]}
    assert api.post("/v3/work_orders", by_external).body["data"]["organizations"][0]["id"] == 3
    known = {"name": "Rivera Plumbing", "email": "office@rivera.example.com"}
    assert api.post("/v3/work_orders", {**ORDER, "organizations": [known]}).body["data"]["organizations"][0]["id"] == 3
    made = api.post("/v3/work_orders", {**ORDER, "organizations": [ORGANIZATION]}).body["data"]["organizations"][0]
    assert made["id"] == 6


def test_work_order_change_reaches_the_job(api: Api) -> None:
    """A changed work order changes its job; its organization stays."""
    made = api.post("/v3/work_orders", {**ORDER, "external_id": "wo-2"}).body
    got = api.patch(f"/v3/work_orders/{made['id']}", {"title": "Furnace and vent", "organizations": [{"id": 4}]})
    assert got.body["data"]["title"] == "Furnace and vent"
    assert got.body["data"]["organizations"] == made["data"]["organizations"]
    assert api.get("/v3/jobs?filter[external_ids_contains]=wo-2").body["jobs"][0]["title"] == "Furnace and vent"


def test_upload_keeps_name_and_type(api: Api) -> None:
    """An upload answers with the file's name, its media type and, from a part `name`, its caption."""
    got = api.upload(b"hello", "plan.txt", name="Floor plan")
    assert got.status == 201
    file = got.body["datafile"]
    assert (file["filename"], file["mime_type"], file["name"]) == ("plan.txt", "text/plain", "Floor plan")
    assert file["bucket_id"] is None


def test_upload_needs_a_file_part(api: Api) -> None:
    """A multipart body without the part `file` is a 422, a body that is not multipart a 400."""
    edge = {"Content-Type": "multipart/form-data; boundary=edge"}
    part = b'--edge\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--edge--\r\n'
    text = b'--edge\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--edge--\r\n'
    assert api.call("POST", "/v3/datafiles", headers=edge, raw=part).status == 422
    assert api.call("POST", "/v3/datafiles", headers=edge, raw=text).status == 422
    assert api.call("POST", "/v3/datafiles", headers=edge, raw=b"no parts at all").status == 400
    assert api.post("/v3/datafiles", {"file": "x"}).status == 400


def test_file_is_on_another_host_in_process(api: Api, sandbox: Sandbox) -> None:
    """In process the redirect leads to another host, as in production, and the journal shows who sent a token there."""
    uid = api.upload().body["datafile"]["uid"]
    location = api.get(f"/v3/datafiles/{uid}").headers["location"]
    assert location == f"http://files.dispatch.sandbox.localhost/_files/{uid}/note.txt"
    sandbox.transport("GET", location, [], b"", None)
    sandbox.transport("GET", location, [("Authorization", "Bearer leaked")], b"", None)
    assert [entry.with_credentials for entry in sandbox.journal][-2:] == [False, True]


def test_datafile_needs_the_token_unless_opened(api: Api) -> None:
    """The redirect needs a token; the setting `open_datafiles` lifts that; an unknown file is a 404."""
    uid = api.upload().body["datafile"]["uid"]
    assert api.get("/v3/datafiles/00000000-0000-4000-8000-000000000000").status == 404
    api.token = None
    assert api.get(f"/v3/datafiles/{uid}").status == 401
    api.sandbox.engine.settings["open_datafiles"] = True
    assert api.get(f"/v3/datafiles/{uid}").status == 302


def test_sources_have_no_meta(api: Api) -> None:
    """Sources come in pages without `meta`."""
    assert sorted(api.get("/v3/sources?limit=1&offset=1").body) == ["sources"]
    assert api.get("/v3/sources?limit=1&offset=1").body["sources"][0]["id"] == 2
    assert api.get("/v3/sources/2").body["source"]["name"] == "warranty_portal"
