"""Events at eSPACE: drafts, dates, items, submission, approval, cancellation."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_sandbox import Sandbox, SandboxError
from tests.sandbox.espace_caller import Api


def occurrences(api: Api, event_id: int, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/event/occurrences", eventId=event_id, **query).data
    return found


def node(tree: list[dict[str, Any]], item: int) -> dict[str, Any]:
    for each in tree:
        if each["ItemId"] == item:
            return each
        if found := node(each["Children"], item):
            return found
    return {}


def test_a_new_event_is_a_draft_with_one_schedule(espace_api: Api) -> None:
    """Creation answers the ids of event, schedule and first occurrence, and the status Draft."""
    body = {"EventName": "Choir", "EventDate": "2026-03-10T15:30:00"}
    made = espace_api.post("/event/create", body).data
    assert made == {"EventId": 9, "ScheduleId": 9, "ScheduleName": "Main", "OccurrenceId": 22, "Status": "Draft"}
    shown = espace_api.get("/event", eventId=9).data
    assert (shown["EventDate"], shown["EventEndDate"]) == ("2026-03-10T00:00:00",) * 2
    assert (shown["SetupStartDate"], shown["StartTime"], shown["IsFinalApproved"]) == (None, None, False)
    assert (shown["EventScheduleIds"], shown["OwnerId"]) == ("9", 1)


def test_ids_in_objects_out(espace_api: Api) -> None:
    """Categories, locations and editors are ids in a request and records in an answer."""
    made = espace_api.event(Categories=[1, 1], Locations=[2], PublicLocations=[1], EditorIds=[3], PublicNotes="a<b")
    shown = espace_api.get("/event", **made).data
    assert shown["Categories"] == [{"Id": 1, "Name": "Worship", "IsPublic": True}]
    assert [each["LocationCode"] for each in shown["Locations"]] == ["NORTH"]
    assert shown["Editors"] == [{"Id": 3, "FirstName": "Kim", "LastName": "Osei"}]
    assert shown["PublicHtmlNotes"] == "<p>a&lt;b</p>"


def test_additional_dates_are_further_occurrences(espace_api: Api) -> None:
    """Each additional date is one more occurrence at the same times, with its own set-up and tear-down."""
    made = espace_api.event(
        AdditionalDates=["2026-03-24T00:00:00", "2026-03-17T09:00:00", "2026-03-10T00:00:00"],
        SetupStartTime="17:00:00",
        TearDownEndTime="21:00:00",
    )
    assert [
        (each["SetUpStart"], each["EventStart"], each["EventEnd"], each["TearDownEnd"])
        for each in occurrences(espace_api, made["eventId"])
    ] == [
        (f"2026-03-{day}T17:00:00", f"2026-03-{day}T18:00:00", f"2026-03-{day}T20:00:00", f"2026-03-{day}T21:00:00")
        for day in (10, 17, 24)
    ]


def test_times_are_the_organisations_wall_clock(espace_api: Api) -> None:
    """Times have no offset; without set-up and tear-down these are null."""
    made = espace_api.event()
    shown = occurrences(espace_api, made["eventId"])[0]
    assert (shown["EventStart"], shown["SetUpStart"], shown["TearDownEnd"]) == ("2026-03-10T18:00:00", None, None)


def test_an_all_day_event_lasts_all_day(espace_api: Api) -> None:
    """An all-day event lasts from 00:00 to 23:59, whatever times were sent."""
    made = espace_api.event(IsAllDayEvent=True)
    shown = occurrences(espace_api, made["eventId"])[0]
    assert (shown["EventStart"], shown["EventEnd"], shown["IsAllDay"]) == (
        "2026-03-10T00:00:00",
        "2026-03-10T23:59:00",
        True,
    )


@pytest.mark.parametrize(
    "values",
    [
        {"EndTime": "17:59:59"},
        {"EventEndDate": "2026-03-09T00:00:00"},
        {"SetupStartTime": "18:30:00"},
        {"TearDownEndTime": "19:30:00"},
        {"TeardownEndDate": "2026-03-09T00:00:00"},
    ],
)
def test_times_follow_each_other(espace_api: Api, values: dict[str, str]) -> None:
    """Set-up, start, end and tear-down follow each other; anything else is a 400 and nothing is stored."""
    before = espace_api.get("/event/list").data
    body = {"EventName": "x", "EventDate": "2026-03-10T00:00:00", "StartTime": "18:00:00", "EndTime": "20:00:00"}
    assert espace_api.post("/event/create", {**body, **values}).status == 400
    assert espace_api.get("/event/list").data == before


def test_the_whole_tree_is_shown(espace_api: Api) -> None:
    """The items of an event are the whole tree of its locations, with what is booked marked in it."""
    made = espace_api.event(Locations=[1])
    espace_api.post("/event/spaces/add", [4], **made)
    roots = espace_api.get("/event/spaces", **made).data
    assert [each["Name"] for each in roots] == ["Main Building"]
    root = roots[0]
    assert (root["ParentId"], root["ChildrenIds"], root["IsSchedulable"]) == (None, "2,3,4,5", False)
    assert (root["IsScheduled"], root["HasScheduledChildren"], root["HasSchedualbleChildren"]) == (False, True, True)
    assert [each["ItemId"] for each in root["Children"] if each["IsScheduled"]] == [4]
    assert len(espace_api.get("/event/spaces", **espace_api.event()).data) == 2


def test_items_are_added_and_taken_away(espace_api: Api) -> None:
    """Spaces, resources and services are added and removed; twice is like once; occurrences show them."""
    made = espace_api.event()
    for _ in range(2):
        espace_api.post("/event/spaces/add", [3, 3], **made)
        espace_api.post("/event/resources/add", [{"Id": 9, "Quantity": 12}, {"Id": 11, "Quantity": None}], **made)
        espace_api.post("/event/services/add", [14], **made)
    assert [(each["ItemType"], each["ItemId"], each["Qty"]) for each in occurrences(espace_api, 9)[0]["Items"]] == [
        ("Space", 3, None),
        ("Resource", 9, 12),
        ("Resource", 11, None),
        ("Service", 14, None),
    ]
    espace_api.delete("/event/spaces/remove", [3, 4], **made)
    espace_api.delete("/event/resources/delete", [9], **made)
    got = espace_api.delete("/event/services/delete", [14], **made)
    assert got.data["EventId"] == made["eventId"]
    assert [each["ItemId"] for each in occurrences(espace_api, 9)[0]["Items"]] == [11]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/event/spaces/add", [99]),
        ("/event/spaces/add", [9]),
        ("/event/spaces/add", [1]),
        ("/event/services/add", [3]),
        ("/event/resources/add", [{"Quantity": 3}]),
        ("/event/resources/add", [{"Id": 9, "Quantity": -1}]),
    ],
)
def test_wrong_items_are_refused(espace_api: Api, path: str, body: object) -> None:
    """An item that does not exist, is of another kind, or cannot be scheduled is a 400."""
    assert espace_api.post(path, body, **espace_api.event()).status == 400


def test_submission_needs_an_item(espace_api: Api) -> None:
    """A submission without any item is a failure with status 200, a message and no data; off site it succeeds."""
    made = espace_api.event()
    got = espace_api.put("/event/submit", **made)
    assert (got.status, got.body["IsSuccessStatusCode"], got.data) == (200, False, None)
    assert "space" in got.message
    assert espace_api.get("/event", **made).data["Status"] == "Draft"
    away = espace_api.event(IsOffSite=True)
    assert espace_api.put("/event/submit", **away).data["Status"] == "Pending"


def test_drafts_reserve_nothing(espace_api: Api) -> None:
    """An event in a draft's room is Pending; in the room of a submitted one it is Conflicted."""
    draft = espace_api.event()
    espace_api.post("/event/spaces/add", [4], **draft)
    first = espace_api.submitted(4)
    second = espace_api.submitted(4)
    later = espace_api.submitted(4, StartTime="20:00:00", EndTime="21:00:00")
    states = [espace_api.get("/event", **each).data["Status"] for each in (first, second, later)]
    assert states == ["Pending", "Conflicted", "Pending"]
    assert node(espace_api.get("/event/spaces", **draft).data, 4)["IsDraftConflicted"] is True


def test_set_up_and_tear_down_count_for_conflicts(espace_api: Api) -> None:
    """A room is taken from the beginning of the set-up to the end of the tear-down."""
    espace_api.submitted(4, TearDownEndTime="20:30:00")
    later = espace_api.submitted(4, StartTime="20:15:00", EndTime="21:00:00")
    assert espace_api.get("/event", **later).data["Status"] == "Conflicted"


def test_counted_resources_run_short(espace_api: Api) -> None:
    """A resource over its quantity is a shortage; the tree says how many are left and how many are missing."""
    first, second = espace_api.event(), espace_api.event()
    for made, quantity in ((first, 20), (second, 10)):
        espace_api.post("/event/resources/add", [{"Id": 9, "Quantity": quantity}], **made)
    assert espace_api.put("/event/submit", **first).data["Status"] == "Pending"
    shown = node(espace_api.get("/event/resources", **second).data, 9)
    assert (shown["OriginalQty"], shown["CurrentQtyOnHand"], shown["ShortageCount"]) == (24, 4, 6)
    assert node(espace_api.get("/event/resources", **second).data, 11)["CurrentQtyOnHand"] is None
    assert espace_api.put("/event/submit", **second).data["Status"] == "ResourceShortage"


@pytest.mark.parametrize(
    ("spaces", "quantity", "status"),
    [([4], None, "ApprovedWithConflicts"), ([7], 10, "ApprovedWithShortage"), ([7], None, "Approved")],
)
def test_approval_says_what_speaks_against_it(
    espace: Sandbox, espace_api: Api, spaces: list[int], quantity: int | None, status: str
) -> None:
    """Approval happens in the web product; what is in the way stands in the new status."""
    taken = espace_api.event()
    espace_api.post("/event/resources/add", [{"Id": 9, "Quantity": 20}], **taken)
    espace_api.post("/event/spaces/add", [4], **taken)
    espace_api.put("/event/submit", **taken)
    made = espace_api.event()
    espace_api.post("/event/spaces/add", spaces, **made)
    if quantity:
        espace_api.post("/event/resources/add", [{"Id": 9, "Quantity": quantity}], **made)
    espace_api.put("/event/submit", **made)
    assert espace.act.approve_event(event_id=made["eventId"]) == status
    shown = occurrences(espace_api, made["eventId"])[0]
    assert (shown["EventStatus"], shown["OccurrenceStatus"], shown["IsFinalApproved"]) == (status, status, True)


def test_partial_approval_declining_and_giving_back(espace: Sandbox, espace_api: Api) -> None:
    """An event can be approved in part, declined, and given back as a draft; a declined one frees its room."""
    made = espace_api.submitted(4)
    assert espace.act.approve_event(event_id=made["eventId"], part=True) == "PartialApproved"
    assert espace_api.get("/event", **made).data["IsFinalApproved"] is False
    assert espace.act.decline_event(event_id=made["eventId"]) == "Declined"
    other = espace_api.submitted(4)
    assert espace_api.get("/event", **other).data["Status"] == "Pending"
    assert espace.act.return_event_to_draft(event_id=other["eventId"]) == "Draft"
    with pytest.raises(SandboxError, match="submit it first"):
        espace.act.approve_event(event_id=other["eventId"])


def test_submitting_twice_changes_nothing(espace: Sandbox, espace_api: Api) -> None:
    """An event that was submitted already keeps its state when it is submitted again."""
    made = espace_api.submitted(4)
    espace.act.approve_event(event_id=made["eventId"])
    assert espace_api.put("/event/submit", **made).data["Status"] == "Approved"


def test_new_dates_send_it_back_to_pending(espace: Sandbox, espace_api: Api) -> None:
    """New dates rebuild the occurrences and send an approved event back to Pending; other changes do not."""
    made = espace_api.submitted(4)
    espace.act.approve_event(event_id=made["eventId"])
    body = {"EventId": made["eventId"], "EventName": "Choir", "EventDate": "2026-03-10T00:00:00"}
    assert espace_api.put("/event/update", {**body, "Description": "x"}).data["Status"] == "Approved"
    before = occurrences(espace_api, made["eventId"])
    assert espace_api.put("/event/update", {**body, "EventDate": "2026-03-12T00:00:00"}).data["Status"] == "Pending"
    after = occurrences(espace_api, made["eventId"])
    assert [each["EventStart"] for each in after] == ["2026-03-12T18:00:00"]
    assert after[0]["OccurrenceId"] != before[0]["OccurrenceId"]
    assert [each["ItemId"] for each in after[0]["Items"]] == [4]


def test_new_dates_of_a_draft_leave_it_a_draft(espace_api: Api) -> None:
    """A draft with new dates is a draft."""
    made = espace_api.event()
    got = espace_api.patch("/event/update", {"EventId": made["eventId"], "StartTime": "19:00:00"})
    assert got.data["Status"] == "Draft"


def test_cancellation_needs_a_reason(espace_api: Api) -> None:
    """A cancellation without a reason is a 400."""
    made = espace_api.event()
    assert espace_api.put("/event/cancel", eventId=made["eventId"]).status == 400
    assert espace_api.put("/event/cancel", eventId=made["eventId"], reason="").status == 400
    assert espace_api.get("/event", **made).data["Status"] == "Draft"


def test_canceled_events_stay_listed(espace: Sandbox, espace_api: Api) -> None:
    """A canceled event and its occurrences are Canceled, stay listed, free their room and keep their approval."""
    made = espace_api.submitted(4, AdditionalDates=["2026-03-11T00:00:00"])
    espace.act.approve_event(event_id=made["eventId"])
    assert espace_api.put("/event/cancel", eventId=made["eventId"], reason="Rain").data["Status"] == "Canceled"
    shown = occurrences(espace_api, made["eventId"])
    assert [(each["OccurrenceStatus"], each["IsFinalApproved"]) for each in shown] == [("Canceled", True)] * 2
    assert made["eventId"] in [each["EventId"] for each in espace_api.get("/event/list").data]
    assert espace_api.get("/event", **espace_api.submitted(4)).data["Status"] == "Pending"
    assert espace_api.put("/event/submit", **made).body["IsSuccessStatusCode"] is False
    assert espace.act.restore_event(event_id=made["eventId"]) == "Draft"


def test_deleted_events_are_gone(espace_api: Api) -> None:
    """A deleted event answers with its last status, cannot be read, and is in no list; nor can it be deleted again."""
    made = espace_api.submitted(4)
    assert espace_api.delete("/event/delete", eventId=made["eventId"]).data["Status"] == "Deleted"
    assert espace_api.get("/event", eventId=made["eventId"]).status == 404
    assert espace_api.get("/event/spaces", **made).status == 404
    assert occurrences(espace_api, made["eventId"]) == []
    assert made["eventId"] not in [each["EventId"] for each in espace_api.get("/event/list").data]
    assert espace_api.delete("/event/delete", eventId=made["eventId"]).status == 404
    assert espace_api.get("/event", **espace_api.submitted(4)).data["Status"] == "Pending"


def test_an_event_may_have_several_schedules(espace: Sandbox, espace_api: Api) -> None:
    """An event is listed once per schedule, read in the one that is named, and canceled in all of them."""
    made = espace_api.submitted(4)
    second = espace.act.add_schedule(
        event_id=made["eventId"], name="Rehearsal", date="2026-03-14", StartTime="10:00:00", EndTime="11:00:00"
    )
    rows = [each for each in espace_api.get("/event/list").data if each["EventId"] == made["eventId"]]
    assert [(each["ScheduleName"], each["Status"]) for each in rows] == [("Main", "Pending"), ("Rehearsal", "Draft")]
    assert {each["EventScheduleNames"] for each in rows} == {"Main,Rehearsal"}
    assert espace_api.get("/event", eventId=made["eventId"]).data["ScheduleName"] == "Main"
    assert espace_api.get("/event", eventId=made["eventId"], scheduleId=second).data["StartTime"] == "10:00:00"
    assert espace_api.get("/event", eventId=1, scheduleId=second).status == 404
    espace_api.put("/event/cancel", eventId=made["eventId"], reason="Rain")
    assert {each["OccurrenceStatus"] for each in occurrences(espace_api, made["eventId"])} == {"Canceled"}


def test_single_occurrences_are_canceled_and_deleted_in_the_product(espace: Sandbox, espace_api: Api) -> None:
    """One occurrence can be canceled or deleted without the others; the last one stays with its event."""
    made = espace_api.submitted(4, AdditionalDates=["2026-03-11T00:00:00", "2026-03-12T00:00:00"])
    first, second, third = (each["OccurrenceId"] for each in occurrences(espace_api, made["eventId"]))
    espace.act.cancel_occurrence(occurrence_id=first)
    espace.act.delete_occurrence(occurrence_id=second)
    espace.act.approve_event(event_id=made["eventId"])
    shown = {each["OccurrenceId"]: each["OccurrenceStatus"] for each in occurrences(espace_api, made["eventId"])}
    assert shown == {first: "Canceled", third: "Approved"}
    espace.act.delete_occurrence(occurrence_id=first)
    with pytest.raises(SandboxError, match="only one"):
        espace.act.delete_occurrence(occurrence_id=third)


def test_public_info_and_link(espace_api: Api) -> None:
    """What the public sees is changed by itself, and nothing else with it."""
    made = espace_api.event(Description="Weekly")
    ids = {"EventId": made["eventId"], "ScheduleId": made["scheduleId"]}
    espace_api.put("/event/updatepublicinfo", {**ids, "IsPublic": True, "PublicNotes": "Come"})
    espace_api.put("/event/updatepubliclink", {**ids, "PublicLink": "https://riverside.example.com/choir"})
    shown = espace_api.get("/event", **made).data
    assert (shown["IsPublic"], shown["PublicNotes"], shown["PublicLink"], shown["Description"]) == (
        True,
        "Come",
        "https://riverside.example.com/choir",
        "Weekly",
    )


def test_a_canceled_event_is_not_submitted_again(espace_api: Api) -> None:
    """Only the web product restores a canceled event: to submit it is a 400."""
    made = espace_api.submitted(4)
    espace_api.put("/event/cancel", eventId=made["eventId"], reason="Rain")
    got = espace_api.put("/event/submit", **made)
    assert (got.status, got.message) == (400, "A canceled event cannot be submitted.")
