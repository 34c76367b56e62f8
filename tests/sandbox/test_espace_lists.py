"""Lists at eSPACE: windows of dates, caps instead of pages, filters, orders."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_sandbox import Sandbox
from tests.sandbox.espace_caller import Api


def names(api: Api, **query: Any) -> list[str]:
    return [row["EventName"] for row in api.get("/event/list", **query).data]


def test_without_a_date_events_come_from_today_on(espace_api: Api) -> None:
    """Without any date a list begins today, by the organisation's clock; with one it goes back as well."""
    assert "Winter Bazaar" not in names(espace_api)
    assert "Sunday Worship" in names(espace_api)
    assert "Winter Bazaar" in names(espace_api, startDate="2026-02-01")
    starts = [row["EventStart"] for row in espace_api.get("/event/occurrences").data]
    assert min(starts) >= "2026-03-01"


def test_today_is_the_day_of_the_organisations_zone() -> None:
    """Before midnight in the organisation's zone it is still the day before, whatever the day elsewhere."""
    for zone, day in (("America/New_York", "2026-03-01"), ("UTC", "2026-03-02")):
        with Sandbox("espace", seed="empty", clock="2026-03-02T01:00:00Z", settings={"time_zone": zone}) as sandbox:
            api = Api(sandbox)
            api.event(EventDate="2026-03-01T00:00:00")
            assert bool(api.get("/event/list").data) is (day == "2026-03-01")


def test_a_window_finds_what_lies_wholly_inside(espace_api: Api) -> None:
    """A window finds what begins on or after its first day and ends on or before its last, and nothing across."""
    espace_api.event(EventName="Camp", EventDate="2026-05-05T00:00:00", EventEndDate="2026-05-07T00:00:00")
    for first, last, found in (
        ("2026-05-05", "2026-05-07", True),
        ("2026-05-05", "2026-05-06", False),
        ("2026-05-06", "2026-05-07", False),
        ("2026-05-01", "2026-05-31", True),
    ):
        for path in ("/event/list", "/event/occurrences"):
            rows = espace_api.get(path, startDate=first, endDate=last).data
            assert [row["EventName"] for row in rows] == (["Camp"] if found else [])


def test_an_end_date_counts_to_the_end_of_its_day(espace_api: Api) -> None:
    """The last day of a window is in it to its last second."""
    espace_api.event(EventName="Late", EventDate="2026-05-05T00:00:00", EndTime="23:59:59")
    assert names(espace_api, startDate="2026-05-05", endDate="2026-05-05") == ["Late"]


@pytest.mark.parametrize("day", ["2026-05-05", "2026-05-05T10:00:00", "2026-05-05 00:00:00Z"])
def test_dates_in_the_query_come_in_three_forms(espace_api: Api, day: str) -> None:
    """A date in the query may carry a time, as it did in v1; its day counts."""
    espace_api.event(EventName="Camp", EventDate="2026-05-05T00:00:00")
    assert names(espace_api, startDate=day, endDate="2026-05-05") == ["Camp"]


def test_next_days_count_from_now(espace_api: Api) -> None:
    """`nextDays` finds what begins from now on within so many days."""
    assert names(espace_api, nextDays=2) == ["Sunday Worship", "Bible Study"]
    assert names(espace_api, nextDays=1) == ["Sunday Worship"]
    assert len(espace_api.get("/event/occurrences", nextDays=7).data) == 3
    assert names(espace_api, nextDays=2**31 - 1) == names(espace_api)


def test_filters_combine(espace_api: Api) -> None:
    """Filters combine with and, the values of one with or."""
    assert names(espace_api, categoryIds="3,4") == ["Board Meeting", "Community Dinner", "Chapel Concert"]
    assert names(espace_api, categoryIds="3,4", locationIds="2") == ["Chapel Concert"]
    assert names(espace_api, categoryNames="Youth") == names(espace_api, categoryIds="2") == ["Youth Night"]
    assert names(espace_api, locCodes="NORTH") == ["Chapel Concert"]
    assert names(espace_api, eventName="SUNDAY") == ["Sunday Worship"]
    assert names(espace_api, publicOnly=True) == ["Sunday Worship", "Community Dinner"]
    rows = espace_api.get("/event/occurrences", categoryIds="2,3", eventName="night").data
    assert {row["EventName"] for row in rows} == {"Youth Night"}
    assert len(rows) == 3


def test_occurrences_by_id(espace_api: Api) -> None:
    """Occurrences are found by event, by schedule and by their own id."""
    rows = espace_api.get("/event/occurrences", eventId=2).data
    assert [row["ScheduleId"] for row in rows] == [2, 2, 2]
    assert espace_api.get("/event/occurrences", scheduleId=2).data == rows
    assert espace_api.get("/event/occurrences", occurrenceId=rows[1]["OccurrenceId"]).data == rows[1:2]


def test_lists_are_in_the_order_of_their_starts(espace_api: Api) -> None:
    """Events and occurrences come by start, then by id; other lists by id; priorities and statuses by their order."""
    rows = espace_api.get("/event/occurrences").data
    assert rows == sorted(rows, key=lambda row: (row["EventStart"], row["OccurrenceId"]))
    events = espace_api.get("/event/list").data
    assert events == sorted(events, key=lambda row: (row["EventDate"], row["StartTime"] or "", row["EventId"]))
    items = espace_api.get("/item/list").data
    assert items == sorted(items, key=lambda row: int(row["ItemId"]))
    shown = espace_api.get("/workorder/status").data["Statuses"]
    assert [row["SortOrder"] for row in shown] == list(range(1, 11))
    assert [row["Name"] for row in espace_api.get("/workorder/priority").data["Priorities"]] == [
        "Urgent",
        "High",
        "Medium",
        "Low",
    ]


def test_caps() -> None:
    """Events are capped at 2000; occurrences at 200, which `topX` raises to 2000 at most; below 1 is a 400."""
    with Sandbox("espace", seed="busy_year:events=2600,work_orders=3") as sandbox:
        api = Api(sandbox)
        everything = {"startDate": "2026-01-01"}
        assert len(api.get("/event/list", **everything).data) == 2000
        assert len(api.get("/event/list", topX=2001, **everything).data) == 2000
        assert len(api.get("/event/list", topX=7, **everything).data) == 7
        assert len(api.get("/event/occurrences", **everything).data) == 200
        assert len(api.get("/event/occurrences", topX=201, **everything).data) == 201
        assert len(api.get("/event/occurrences", topX=5000, **everything).data) == 2000
        assert api.get("/event/occurrences", topX=0).status == 400
        sandbox.raise_defects()


def test_an_event_without_a_schedule_is_not_listed(espace: Sandbox, espace_api: Api) -> None:
    """An event without a schedule is left out of the list and cannot be read."""
    made = espace.given("events", EventName="Bare")[0]
    assert "Bare" not in names(espace_api, startDate="2026-01-01")
    assert espace_api.get("/event", eventId=made["EventId"]).status == 404


def test_given_schedules_are_listed_events(espace: Sandbox, espace_api: Api) -> None:
    """Made-up schedules bring their events and occurrences along."""
    espace.given("schedules", 3, EventDate="2026-07-01T00:00:00", Status="Approved")
    assert len(espace_api.get("/event/list", startDate="2026-07-01", endDate="2026-07-01").data) == 3
    assert len(espace_api.get("/event/occurrences", startDate="2026-07-01", endDate="2026-07-01").data) == 3


def test_whatever_is_given_can_be_shown(espace: Sandbox, espace_api: Api) -> None:
    """Made-up rows of every collection are shown as the document describes them."""
    for name in espace.state.names():
        espace.given(name, 2)
    for operation in espace.vendor.document.operations.values():
        if operation.method == "GET" and not any(each.required for each in operation.parameters):
            assert espace_api.get(operation.path.removeprefix("/api/v2")).status == 200
    for collection, path, name in (
        ("work_orders", "/workorder", "workOrderId"),
        ("maintenance", "/maintenance", "maintenanceID"),
        ("equipment", "/ministry/equipment", "equipmentId"),
    ):
        include = "Costs,Spaces,Tasks,Attachments,Equipment,WorkOrders,Space"
        for row in getattr(espace.state, collection).all():
            assert espace_api.get(path, **{name: row["Id"]}, include=include).status == 200


def test_items_by_kind_and_place(espace_api: Api) -> None:
    """Items are listed by kind, in lower case as documented or otherwise, by id, and by location."""
    for kind, count in (("space", 8), ("resource", 5), ("service", 3), ("SPACE", 8)):
        assert len(espace_api.get("/item/list", type=kind).data) == count
    assert len(espace_api.get("/item/list").data) == 16
    assert [row["Name"] for row in espace_api.get("/item/list", itemId=3).data] == ["Hall A"]
    assert {row["LocationId"] for row in espace_api.get("/item/list", locationIds="2").data} == {2}
    shown = espace_api.get("/item/list", itemId=3).data[0]
    assert (shown["Parent_id"], shown["ParentName"], shown["LocationName"]) == (1, "Main Building", "Main Campus")


def test_users_and_editors(espace_api: Api) -> None:
    """Users are found by e-mail address in any case; who may only look is no editor."""
    assert [row["Id"] for row in espace_api.get("/ministry/users", email="SAM@riverside.example.com").data] == [2]
    assert [row["Id"] for row in espace_api.get("/ministry/editors").data] == [1, 2, 3]


def test_work_orders_are_filtered(espace_api: Api) -> None:
    """Work orders are filtered by whose they are, status, place, priority, trade, days and persons."""

    def ids(**query: Any) -> list[int]:
        return [row["Id"] for row in espace_api.get("/workorder/list", **query).data]

    espace_api.order(VendorAssignedId=1, AssignedDepartmentId=2)
    assert ids() == list(range(1, 10))
    assert ids(type="All") == ids()
    assert ids(type="Mine") == ids(assignedID="1")
    assert ids(type="unassigned") == [1, 7]
    assert ids(type="Vendor") == ids(vendorAssignedID="1") == ids(assignedDepartmentID="2") == [9]
    assert ids(statusId=1) == [1, 7]
    assert ids(locationIds="2") == [2, 4, 6, 8]
    assert ids(priority="Urgent") == ids(priority="1")
    assert ids(priority="Urgent,2") == sorted([*ids(priority="1"), *ids(priority="2")])
    assert ids(category="Plumbing") == ids(category="1")
    assert ids(startDate="2026-03-04", endDate="2026-03-10") == [2, 3, 4]
    assert espace_api.get("/workorder/list", statusId="one").status == 400
    assert espace_api.get("/workorder/list", type="Everybody").status == 400


def test_equipment_is_filtered(espace_api: Api) -> None:
    """Equipment is filtered by parts of names, place, trade, dates, use, kind and overdue readings."""

    def found(**query: Any) -> list[str]:
        return [row["Name"] for row in espace_api.get("/ministry/equipment/list", **query).data]

    assert found(equipmentName="er") == ["Boiler", "Air handler", "Dishwasher", "Mower"]
    assert found(manufacturer="roadw") == found(barcode="van") == found(type=2) == ["Church van"]
    assert found(type=1) == ["Boiler", "Air handler", "Dishwasher", "Mower"]
    assert found(locationIds="2", category="Grounds") == found(category="3") == ["Mower"]
    assert found(warrantyExpPartsFrom="2026-06-09", warrantyExpPartsTo="2026-09-17") == ["Boiler", "Air handler"]
    assert found(top=2) == ["Boiler", "Air handler"]
    assert found(onlyPastDue="true") == ["Church van"]
    espace_api.patch("/ministry/equipment/update", {"IsRetired": True}, equipmentId=4)
    assert found(retiredStatus=2) == ["Mower"]
    assert "Mower" not in found(retiredStatus=1)


def test_inventory_is_filtered(espace_api: Api) -> None:
    """Stock has a row per item and location, and is filtered by parts of names, type, barcode, place and vendor."""

    def found(path: str, **query: Any) -> list[tuple[str, str]]:
        return [(row["Name"], row["LocName"]) for row in espace_api.get(path, **query).data]

    assert len(found("/ministry/inventory/current")) == 10
    both = [("LED lamp", "Main Campus"), ("LED lamp", "North Campus")]
    assert found("/ministry/inventory/item", itemId=501) == both
    assert found("/ministry/inventory/item/list", barcode="INV-1") == both
    assert found("/ministry/inventory/item/list", barcode="INV") == []
    assert found("/ministry/inventory/item/list", name="LED", locationId=2) == both[1:]
    assert len(found("/ministry/inventory/item/list", itemTypeId=3)) == 4
    assert len(found("/ministry/inventory/item/list", vendorId=2)) == 4
    assert espace_api.get("/ministry/inventory/item", itemId=9).status == 404


def test_requests_for_stock_are_filtered(espace_api: Api) -> None:
    """Requests are filtered by the number of their status, by days, and by person."""

    def ids(**query: Any) -> list[int]:
        return [row["Id"] for row in espace_api.get("/inventoryrequest/list", **query).data]

    assert (ids(), ids(statusId=2), ids(statusId=4), ids(statusId=6), ids(statusId=1)) == ([1, 2, 3], [1], [2], [3], [])
    assert ids(requestedDateRangeFrom="2026-02-26", requestedDateRangeThrough="2026-02-26") == [1]
    assert ids(completionDateRangeFrom="2026-01-01") == [2]
    assert ids(assignedToUserID="3") == [1, 2, 3]
    assert ids(assignedToUserID="03") == []


def test_groups_and_templates(espace_api: Api) -> None:
    """A group shows what belongs to it when it is read alone; templates are found by words and by group."""
    detail = espace_api.get("/ministry/inventory/group", itemGroupId=1).data
    assert {row["Name"] for row in detail["InventoryItems"]} == {"LED lamp", "Flood lamp"}
    assert [row["Name"] for row in detail["Equipment"]] == ["Air handler"]
    assert "Equipment" not in espace_api.get("/ministry/inventory/group/list", name="light").data[0]
    tasks = espace_api.get("/ministry/task/group", taskGroupId=1).data["Tasks"]
    assert [row["Id"] for row in tasks] == [row["Id"] for row in espace_api.get("/ministry/task/list", groupId=1).data]
    assert [row["Id"] for row in espace_api.get("/ministry/task/list", description="BOILER").data] == [2]
    assert espace_api.get("/ministry/task", taskId=2).data["HoursToDisplay"] == "0.25"
