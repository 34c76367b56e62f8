"""One tour through everything that the Dispatch sandbox can do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from accordant_sandbox import Sandbox
from tests.sandbox.dispatch_caller import Api

ADDRESS = {"street_1": "2 Elm Street", "city": "Boston"}
CONTACT = {"first_name": "S", "last_name": "A", "contact_methods": [{"method": "phone", "value": "1", "notify": True}]}
ORGANIZATION = {"name": "North", "email": "north@example.com"}
ORDER: dict[str, Any] = {
    "title": "Furnace",
    "orchestration": "direct_offer",
    "location": ADDRESS,
    "contacts": [{"first_name": "Ira", "primary": True}],
    "organizations": [{"id": 3}],
}
WINDOW = {"start_time": "2026-05-01T10:00:00Z", "end_time": "2026-05-01T12:00:00Z"}


def _seed_layer(api: Api) -> None:
    for grant in (api.log_in(), api.log_in("organization_user")):
        api.post("/v3/oauth/token", {"grant_type": "refresh_token", "refresh_token": grant.body["refresh_token"]})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    login = b"grant_type=client_credentials&client_id=public_key&client_secret=secret_key"
    api.call("POST", "/v3/oauth/token", headers=form, raw=login)
    uid = api.upload(name="Caption").body["datafile"]["uid"]
    api.get(f"/v3/datafiles/{uid}")
    note = {"entity_type": "Job", "entity_id": 123, "file_token": uid}
    records = {"attachments": note, "appointments": {"job_id": 123, "status": "scheduled"}, "brands": {"name": "Brand"}}
    for path, body in records.items():
        made = api.post(f"/v3/{path}", body).body[path[:-1]]["id"]
        api.get(f"/v3/{path}?limit=500")
        api.get(f"/v3/{path}/{made}")
        api.patch(f"/v3/{path}/{made}", {})
        api.delete(f"/v3/{path}/{made}")
    api.get("/v3/appointments?filter[job_id]=123")
    api.delete("/v3/brands/1")


def _people(api: Api) -> None:
    customer = {"organization_id": 3, "first_name": "New", "email": "new@example.com"}
    made = api.post("/v3/customers", customer).body["customer"]["id"]
    api.post("/v3/customers", customer)
    api.get("/v3/customers?filter[external_ids_contains]=x")
    api.patch(f"/v3/customers/{made}", {"last_name": "Name"})
    api.delete(f"/v3/customers/{made}")
    api.delete("/v3/customers/1")
    made = api.post("/v3/organizations", {**ORGANIZATION, "create_user": True}).body["organization"]["id"]
    api.get("/v3/organizations")
    api.get(f"/v3/organizations/{made}")
    api.patch(f"/v3/organizations/{made}", {"name": "Norther"})
    spare = api.post("/v3/organizations", {**ORGANIZATION, "always_create": True}).body["organization"]["id"]
    api.delete(f"/v3/organizations/{spare}")
    user = {
        "organization_id": made,
        "first_name": "A",
        "last_name": "B",
        "roles": ["technician"],
        "phone_number": "+16175550999",
    }
    made = api.post("/v3/users", user).body["user"]["id"]
    api.get("/v3/users")
    api.get(f"/v3/users/{made}")
    api.patch(f"/v3/users/{made}", {"first_name": "C"})
    api.delete(f"/v3/users/{made}")
    api.post(f"/v3/users/{made}/restore")
    api.get("/v3/sources")
    api.get("/v3/sources/1")


def _work(api: Api) -> None:
    job = {"title": "T", "customer_id": 1, "organization_id": 3, "address": ADDRESS, "status": "offered"}
    first, second, third = (api.post("/v3/jobs", job).body["job"]["id"] for _ in range(3))
    api.get("/v3/jobs")
    api.get(f"/v3/jobs/{first}")
    api.patch(f"/v3/jobs/{first}", {"status": "paused"})
    api.post(f"/v3/jobs/{first}/accept", {"appointment": {}})
    api.post(f"/v3/jobs/{second}/accept")
    api.post(f"/v3/jobs/{third}/reject")
    api.patch(f"/v3/jobs/{third}", {"status": "paused"})
    api.patch(f"/v3/jobs/{first}", {"status": "canceled"})
    api.patch(f"/v3/jobs/{second}", {"status": "complete"})
    api.sandbox.act.answer_survey(job_id=second, rating=5)
    api.get("/v3/survey_responses")
    nested = {"title": "T", "address": ADDRESS, "status": "paused"}
    api.post("/v3/jobs/factory", {**nested, "organization": ORGANIZATION, "customer": {"first_name": "F"}})
    api.post(f"/v3/jobs/{first}/time_windows", {"time_windows": [WINDOW]})
    made = api.patch(f"/v3/jobs/{first}/contacts", {"contacts": [CONTACT]}).body["contacts"][0]["id"]
    api.get(f"/v3/jobs/{first}/contacts")
    api.patch(f"/v3/jobs/{first}/contacts/{made}", {"relationship": "tenant"})
    made = api.post("/v3/work_orders", ORDER).body["id"]
    api.post("/v3/work_orders", {**ORDER, "organizations": []})
    api.patch(f"/v3/work_orders/{made}", {"title": "Other"})
    api.post(f"/v3/work_orders/{made}/cancel")


def _others(sandbox: Sandbox) -> None:
    user, network = Api(sandbox, "organization_user"), Api(sandbox, "third_party")
    user.get("/v3/jobs")
    user.get("/v3/organizations")
    user.post("/v3/customers", {"first_name": "New"})
    user.patch("/v3/organizations/3", {"external_ids": ["x"]})
    user.get("/v3/brands")
    network.delete("/v3/users/456")
    network.delete("/v3/organizations/5")


def test_every_operation_succeeds_and_every_rule_takes_part() -> None:
    """Each of the 49 operations has a success that fits the document, and no rule of the book is dead."""
    with Sandbox("dispatch") as sandbox:
        api = Api(sandbox)
        _seed_layer(api)
        _people(api)
        _work(api)
        _others(sandbox)
        sandbox.raise_defects()
        succeeded = {entry.operation for entry in sandbox.journal if entry.status < 400}
        assert sandbox.operations - succeeded == set()
        sandbox.engine.settings["single_get"] = "envelope"
        api.get(f"/v3/appointments/{api.appointment()['id']}")
        unused = {rule.name for rule in sandbox.vendor.rules} - {rule.name for rule in sandbox.rules}
        assert unused == set()


def test_calls_from_many_threads() -> None:
    """Calls from many threads at once do not disturb each other: every record gets an id of its own."""
    with Sandbox("dispatch") as sandbox:
        api = Api(sandbox)
        with ThreadPoolExecutor(8) as pool:
            made = [pool.submit(api.appointment, status="scheduled") for _ in range(200)]
            ids = sorted(each.result()["id"] for each in made)
        assert ids == list(range(1, 201))
        sandbox.raise_defects()


def test_same_calls_same_journal() -> None:
    """The same seed and calls give the same journal, byte for byte."""
    journals: list[str] = []
    for _ in range(2):
        with Sandbox("dispatch", random_seed=3) as sandbox:
            api = Api(sandbox)
            _seed_layer(api)
            _work(api)
            journals.append(str([entry.view() for entry in sandbox.journal]))
    assert journals[0] == journals[1]
