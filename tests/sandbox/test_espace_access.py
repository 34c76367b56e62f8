"""How eSPACE is reached: tokens, the wrapper, tolerance for spelling, who may write what."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest

from accordant_sandbox import Sandbox
from tests.sandbox.espace_caller import Api

YEAR = 365 * 86400
EVENT = {"EventName": "Choir", "EventDate": "2026-03-10T00:00:00"}


def claims(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    found: dict[str, object] = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def test_every_documented_operation_is_served(espace: Sandbox) -> None:
    """The 99 published operations and the nine added forms are served."""
    document = espace.vendor.document.operations
    added = [name for name, operation in document.items() if "x-accordant-alias-of" in operation.data]
    assert (len(espace.operations), len(added)) == (108, 9)
    assert espace.operations == document.keys()


def test_an_api_key_gets_a_token_as_a_json_string(espace: Sandbox) -> None:
    """An API key, posted without a token, is answered with the token as one JSON string, not wrapped."""
    got = Api(espace, None).log_in()
    assert got.status == 200
    assert isinstance(got.body, str)
    assert got.body.count(".") == 2


def test_the_token_names_its_user_and_lives_365_days(espace: Sandbox) -> None:
    """The token carries the user's e-mail address and a hash, and says that it lives exactly 365 days."""
    found = claims(Api(espace).token or "")
    assert found["email"] == "robin@riverside.example.com"
    assert int(str(found["exp"])) - int(str(found["iat"])) == YEAR
    assert any(name.endswith("/identity/claims/hash") for name in found)


def test_a_token_dies_after_a_year(espace: Sandbox, espace_api: Api) -> None:
    """A token works to the last second of its year, then it is a 401 and a new one helps."""
    espace.clock.advance(seconds=YEAR - 1)
    assert espace_api.get("/ministry/locations").status == 200
    espace.clock.advance(seconds=1)
    assert espace_api.get("/ministry/locations").status == 401
    assert Api(espace).get("/ministry/locations").status == 200


@pytest.mark.parametrize("act", ["change_password", "change_email"])
def test_a_token_dies_with_password_and_email(espace: Sandbox, espace_api: Api, act: str) -> None:
    """A changed password or e-mail address ends every token of that user at once, and no other user's."""
    other = Api(espace, "user")
    extra = {"email": "new@riverside.example.com"} if act == "change_email" else {}
    assert getattr(espace.act, act)(user_id=1, **extra) == 1
    assert espace_api.get("/ministry/locations").status == 401
    assert other.get("/ministry/locations").status == 200
    fresh = Api(espace)
    assert fresh.token != espace_api.token
    assert fresh.get("/ministry/locations").status == 200


def test_an_unknown_api_key_is_a_401(espace: Sandbox) -> None:
    """An API key that nobody made is a 401 with a message."""
    got = Api(espace, None).post("/requesttoken", {"apiKey": "00000000-0000-4000-8000-000000000000"})
    assert (got.status, got.message) == (401, "The API key is not known.")


@pytest.mark.parametrize("body", [{}, {"apiKey": "no-uuid"}, {"apiKey": 7}])
def test_a_malformed_api_key_is_a_400(espace: Sandbox, body: object) -> None:
    """An API key that is missing or no UUID is a 400."""
    assert Api(espace, None).post("/requesttoken", body).status == 400


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic dXNlcjpwYXNz"])
def test_no_good_token_is_a_401(espace: Sandbox, header: str | None) -> None:
    """Without a good bearer token every operation is a 401 in the form of a failure."""
    got = Api(espace, None).call("GET", "/event/list", headers={"Authorization": header} if header else {})
    assert got.status == 401
    assert got.body["IsSuccessStatusCode"] is False
    assert got.data is None
    assert got.headers["www-authenticate"] == "Bearer"


def test_answers_are_wrapped(espace_api: Api) -> None:
    """An answer stands in `Data` beside a flag, a null message and the integration flag."""
    body = espace_api.get("/ministry/locations").body
    assert body.pop("Data")[0] == {"Id": 1, "Name": "Main Campus", "LocationCode": "MAIN"}
    assert body == {"IsSuccessStatusCode": True, "Message": None, "IsUsingShelbyArenaAdvancedIntegration": False}


def test_service_categories_have_their_own_wrapper(espace_api: Api) -> None:
    """Service categories come bare, with their own flag; those for vehicles only where they are asked for."""
    body = espace_api.get("/ministry/servicecategories").body
    assert (body["Success"], body["Message"], len(body["ServiceCategories"])) == (True, None, 3)
    assert "Data" not in body
    every = espace_api.get("/ministry/servicecategories", includeVehicleSpecific=True).body["ServiceCategories"]
    assert every[-1]["SystemSpecification"] == "Vehicle"


def test_look_ups_are_maps_from_ids_to_names(espace_api: Api) -> None:
    """A look-up of names is an object whose keys are ids, written as texts."""
    assert espace_api.get("/ministry/equipment/type").data == {"1": "Equipment", "2": "Vehicle"}
    assert espace_api.get("/maintenance/remindertype").data == {"1": "All Admins", "2": "Assigned", "4": "User"}


def test_unknown_ids_are_a_404(espace_api: Api) -> None:
    """An id in the query that leads nowhere is a 404 in the form of a failure."""
    got = espace_api.get("/event", eventId=404)
    assert (got.status, got.data, got.body["IsSuccessStatusCode"]) == (404, None, False)


@pytest.mark.parametrize(
    ("path", "query"),
    [("/event", {}), ("/event", {"eventId": "seven"}), ("/event/spaces", {"eventId": 1}), ("/event/list", {"topX": 0})],
)
def test_missing_and_malformed_parameters_are_a_400(espace_api: Api, path: str, query: dict[str, object]) -> None:
    """A required parameter that is missing, or a value of the wrong kind, is a 400."""
    assert espace_api.get(path, **query).status == 400


def test_unknown_ids_in_a_body_are_a_400_that_names_the_field(espace_api: Api) -> None:
    """An id in a body that leads nowhere is a 400 whose message names the property."""
    got = espace_api.post("/event/create", {**EVENT, "Categories": [99]})
    assert got.status == 400
    assert got.message.startswith("Categories: 99")
    bad = {"FullDescription": "x", "LocationId": 99, "ServiceCategoryId": 1, "PriorityId": 1}
    assert espace_api.post("/workorder/create", bad).message.startswith("LocationId")


def test_other_verbs_are_a_405(espace_api: Api) -> None:
    """A verb that a path does not have is a 405 that lists those it has; an unknown path is a 404."""
    got = espace_api.patch("/event/create", {})
    assert (got.status, got.headers["allow"]) == (405, "POST")
    assert espace_api.get("/nothing").status == 404


def test_only_json_comes_in(espace_api: Api) -> None:
    """`text/json` is read as JSON, forms and XML are a 415, and the answer is JSON whatever is asked for."""
    raw = orjson.dumps(EVENT)
    got = espace_api.call("POST", "/event/create", raw=raw, headers={"Content-Type": "text/json", "Accept": "text/xml"})
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    for kind in ("application/x-www-form-urlencoded", "application/xml"):
        assert espace_api.call("POST", "/event/create", raw=raw, headers={"Content-Type": kind}).status == 415


def test_names_match_in_any_case(espace_api: Api) -> None:
    """Names of paths, query parameters and body properties match in any case; answers keep the documented spelling."""
    assert espace_api.get("/Event", EVENTID=1).data["EventName"] == "Sunday Worship"
    assert espace_api.get("/maintenance", maintenanceId=1).data["Id"] == 1
    made = espace_api.post("/event/create", {"eventname": "Choir", "EVENTDATE": "2026-03-10T00:00:00"}).data
    assert espace_api.get("/event", eventId=made["EventId"]).data["EventName"] == "Choir"


def test_unknown_parameters_are_ignored(espace_api: Api) -> None:
    """Query parameters that nobody documented change nothing."""
    assert espace_api.get("/item/list", categoryId=3).data == espace_api.get("/item/list").data


def test_flags_are_also_numbers(espace_api: Api) -> None:
    """A flag in the query is true, false, 1 or 0 in any case."""
    on = [espace_api.get("/ministry/inventory/item/list", currentlyOnHand=each).data for each in ("1", "TRUE", True)]
    off = espace_api.get("/ministry/inventory/item/list", currentlyOnHand=0).data
    assert on[0] == on[1] == on[2]
    assert all(row["QtyOnHand"] > 0 for row in on[0])
    assert off
    assert all(row["QtyOnHand"] <= 0 for row in off)


def test_nulls_in_a_change_leave_things_as_they_are(espace_api: Api) -> None:
    """What a change leaves out, or gives as null, stays as it is."""
    order = espace_api.order(Eta="2026-03-05T12:00:00", AssignedId=2)
    got = espace_api.put("/workorder/update", {"WorkOrderId": order, "Eta": None, "FullDescription": "Leak, large"})
    assert (got.data["FullDescription"], got.data["Eta"], got.data["AssignedId"]) == (
        "Leak, large",
        "2026-03-05T12:00:00",
        2,
    )


def test_browsers_may_call_from_anywhere(espace: Sandbox) -> None:
    """Answers allow every origin, and OPTIONS is answered without a token."""
    api = Api(espace, None)
    assert api.get("/event/list").headers["access-control-allow-origin"] == "*"
    got = api.call("OPTIONS", "/event/list")
    assert (got.status, got.content) == (204, b"")
    assert "PATCH" in got.headers["access-control-allow-methods"]
    assert "Authorization" in got.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/event/list", EVENT),
        ("/workorder/list", {"FullDescription": "x", "LocationId": 1, "ServiceCategoryId": 1, "PriorityId": 1}),
        (
            "/maintenance/list",
            {
                "ServiceCategoryId": 1,
                "LocationId": 1,
                "StartDate": "2026-04-01T00:00:00",
                "Description": "x",
                "RequiresApprovalAfterCompletion": False,
                "PreventNewWoFromBeingCreatedIfPreviousIsNotComplete": False,
            },
        ),
        ("/ministry/equipment/list", {"Name": "x"}),
        ("/webhook/list", {"Url": "http://127.0.0.1:1/hook"}),
    ],
)
def test_post_to_a_list_creates(espace_api: Api, path: str, body: object) -> None:
    """A POST to a list creates a record, as the introduction says, and does what the operation for it does."""
    before = len(espace_api.get(path).data)
    assert espace_api.post(path, body).status == 200
    assert len(espace_api.get(path).data) == before + 1


def test_patch_changes_only_what_it_carries(espace_api: Api) -> None:
    """PATCH takes the id alone with what changes, where PUT requires the name and the date of an event."""
    made = espace_api.event(Description="Weekly")
    assert espace_api.put("/event/update", {"EventId": made["eventId"], "Description": "Daily"}).status == 400
    assert espace_api.patch("/event/update", {"EventId": made["eventId"], "Description": "Daily"}).status == 200
    shown = espace_api.get("/event", **made).data
    assert (shown["Description"], shown["EventName"], shown["StartTime"]) == ("Daily", "Choir", "18:00:00")
    assert espace_api.patch("/ministry/equipment/update", {"Model": "N2"}, equipmentId=1).data["Name"] == "Boiler"
    assert espace_api.patch("/maintenance/update", {"MaintenanceId": 1, "Notes": "N"}).data["Notes"] == "N"
    assert espace_api.patch("/workorder/update", {"WorkOrderId": 1, "PriorityId": 1}).data["Priority"] == "Urgent"


@pytest.mark.parametrize("path", ["/event/update", "/workorder/update", "/maintenance/update", "/webhook/edit"])
def test_a_change_needs_the_id(espace_api: Api, path: str) -> None:
    """A change without the id of what it changes is a 400, although the document does not always require it."""
    body = {**EVENT, "FullDescription": "x", "Description": "x", "Url": "http://127.0.0.1:1/"}
    assert espace_api.put(path, body).status == 400


def test_users_read_everything(espace: Sandbox) -> None:
    """An ordinary user reads what an administrator reads."""
    user, administrator = Api(espace, "user"), Api(espace)
    for path in ("/event/list", "/workorder/list", "/maintenance/list", "/webhook/list", "/ministry/users"):
        assert user.get(path).data == administrator.get(path).data


@pytest.mark.parametrize(
    ("method", "path", "body", "query"),
    [
        ("POST", "/ministry/equipment/create", {"Name": "x"}, {}),
        ("POST", "/webhook/create", {"Url": "http://127.0.0.1:1/"}, {}),
        ("PUT", "/ministry/inventory/current/update", {"LocationId": 1, "Quantity": 1}, {"inventoryItemId": 501}),
        ("DELETE", "/maintenance/delete", None, {"maintenanceId": 1}),
        ("PUT", "/event/cancel", None, {"eventId": 1, "reason": "rain"}),
        ("POST", "/event/spaces/add", [3], {"eventId": 1, "scheduleId": 1}),
        ("PUT", "/workorder/update", {"WorkOrderId": 1, "PriorityId": 1}, {}),
        ("POST", "/workorder/tasks/add", {"Description": "x"}, {"workOrderId": 1}),
    ],
)
def test_users_do_not_write_what_is_not_theirs(
    espace: Sandbox, method: str, path: str, body: object, query: dict[str, Any]
) -> None:
    """An ordinary user gets 403 for the organisation's records and for events and work orders of others."""
    got = Api(espace, "user").call(method, path, body, **query)
    assert (got.status, got.body["IsSuccessStatusCode"]) == (403, False)


def test_users_write_their_own(espace: Sandbox) -> None:
    """An ordinary user makes and changes events and work orders of its own, and events that it may edit."""
    user = Api(espace, "user")
    made = user.event()
    assert user.get("/event", **made).data["OwnerId"] == 2
    assert user.patch("/event/update", {"EventId": made["eventId"], "NumOfPeople": 5}).status == 200
    assert user.patch("/workorder/update", {"WorkOrderId": user.order(), "PriorityId": 1}).status == 200
    shared = Api(espace).event(EditorIds=[2])
    assert user.patch("/event/update", {"EventId": shared["eventId"], "NumOfPeople": 5}).status == 200


def test_auto_approve_is_for_administrators(espace: Sandbox) -> None:
    """`AutoApprove` approves an administrator's event when it is submitted, and is ignored for others."""
    for principal, status in (("default", "Approved"), ("user", "Pending")):
        api = Api(espace, principal)
        made = api.event(AutoApprove=True, IsOffSite=True)
        assert api.get("/event", **made).data["Status"] == "Draft"
        assert api.put("/event/submit", **made).data["Status"] == status
