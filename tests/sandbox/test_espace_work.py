"""Work orders, equipment, maintenance and stock at eSPACE."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_sandbox import Sandbox
from tests.sandbox.espace_caller import Api

PLAN = {
    "ServiceCategoryId": 1,
    "LocationId": 1,
    "StartDate": "2026-04-01T00:00:00",
    "Description": "Clean the gutters",
    "RequiresApprovalAfterCompletion": True,
    "PreventNewWoFromBeingCreatedIfPreviousIsNotComplete": False,
}


def costs(api: Api, order: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.get("/workorder/costs", workOrderId=order).data
    return found


def test_a_new_work_order_is_created(espace_api: Api) -> None:
    """A work order begins as Created, gets the next number, and is shown with the names behind its ids."""
    body = {"FullDescription": "Drip " * 40, "LocationId": 2, "ServiceCategoryId": 1, "PriorityId": 2}
    shown = espace_api.post("/workorder/create", {**body, "Eta": "2026-03-05T12:30:00.1234567"}).data
    assert (shown["Status"], shown["WorkOrderNumber"], shown["Priority"]) == ("Created", 9, "High")
    assert (shown["LocationName"], shown["ServiceCategory"]) == ("North Campus", "Plumbing")
    assert shown["ShortDescription"] == shown["FullDescription"][:100]
    assert (shown["Eta"], shown["EtaDisplay"]) == ("2026-03-05T12:30:00", "03/05/2026")
    assert "PriorityId" not in shown


@pytest.mark.parametrize("name", ["AssignedId", "VendorAssignedId", "AssignedDepartmentId"])
def test_assigning_approves(espace_api: Api, name: str) -> None:
    """A created work order becomes Approved when it is assigned to anybody, at once or later."""
    assert espace_api.get("/workorder", workOrderId=espace_api.order(**{name: 1})).data["Status"] == "Approved"
    order = espace_api.order()
    assert espace_api.put("/workorder/update", {"WorkOrderId": order, name: 1}).data["Status"] == "Approved"


@pytest.mark.parametrize("name", ["AssignedId", "VendorAssignedId", "AssignedDepartmentId"])
def test_nobody_is_assigned_who_does_not_exist(espace_api: Api, name: str) -> None:
    """An unknown user, vendor or department is a 400 that names the field."""
    got = espace_api.put("/workorder/update", {"WorkOrderId": espace_api.order(), name: 9999})
    assert (got.status, got.message.startswith(name)) == (400, True)


@pytest.mark.parametrize(("name", "key"), [("DefaultDocumentId", 9999), ("SpaceId", 9999), ("SpaceId", 9)])
def test_equipment_refers_to_what_exists(espace_api: Api, name: str, key: int) -> None:
    """A document that does not exist, and an item that is no space, are a 400 that names the field."""
    got = espace_api.post("/ministry/equipment/create", {"Name": "Pump", "LocationId": 1, name: key})
    assert (got.status, got.message.startswith(name)) == (400, True)


def test_closed_follows_completed(espace_api: Api) -> None:
    """Closed and Not Accepted follow upon Completed; every other status is free."""
    for last in (5, 6):
        order = espace_api.order()
        assert espace_api.patch("/workorder/update", {"WorkOrderId": order, "StatusId": last}).status == 400
        for status in (3, 7, 4, last):
            got = espace_api.patch("/workorder/update", {"WorkOrderId": order, "StatusId": status})
            assert (got.status, got.data["StatusId"]) == (200, status)


def test_parts_are_null_unless_included(espace_api: Api) -> None:
    """Lists of parts are null unless `include` names them, in any case; unknown names are passed over."""
    shown = espace_api.get("/workorder", workOrderId=4).data
    assert [shown[name] for name in ("Spaces", "Costs", "Tasks", "Attachments")] == [None] * 4
    assert [shown[f"Has{name}"] for name in ("Spaces", "Costs", "Tasks", "Attachments")] == [False, True, True, False]
    shown = espace_api.get("/workorder", workOrderId=4, include="costs,TASKS,Nonsense").data
    assert (len(shown["Costs"]), len(shown["Tasks"]), shown["Spaces"]) == (2, 1, None)
    assert espace_api.get("/workorder", workOrderId=4, include="Nonsense").data["Costs"] is None
    assert espace_api.get("/workorder/list").data[3]["Costs"] is None


def test_spaces_of_a_work_order(espace_api: Api) -> None:
    """Spaces are added once each and removed; other items are a 400."""
    order = espace_api.order()
    shown = espace_api.post("/workorder/spaces/add", [3, 4, 3], workOrderId=order).data
    assert (shown["HasSpaces"], shown["SpaceNames"]) == (True, "Hall A, Room 101")
    assert espace_api.post("/workorder/spaces/add", [9], workOrderId=order).status == 400
    assert espace_api.delete("/workorder/spaces/remove", [3], workOrderId=order).data["SpaceNames"] == "Room 101"
    assert [row["ItemId"] for row in espace_api.get("/workorder/spaces", workOrderId=order).data] == [4]


def test_five_kinds_of_costs(espace_api: Api) -> None:
    """Costs of the five kinds are added, shown under the names of answers, and name what they are for."""
    order = espace_api.order()
    money = {"EstimatedLaborCosts": 1.5, "EstimatedMaterialCosts": 2.5, "ActualLaborCosts": 3.5}
    for kind, body in (
        ("equipment", {"EquipmentId": 1, "ActualMaterialCosts": 4.5, **money}),
        ("inventory", {"InventoryId": 1, "Quantity": 3, "LocationId": 1}),
        ("miscellaneous", {"VendorId": 1, "Name": "Crane", **money}),
        ("labor", {"MemberId": 2, "Minutes": 90, "HourlyRate": 20, "DescriptionOfWork": "Welding"}),
        ("vehicle", {"VehicleId": 5, **money}),
    ):
        assert espace_api.post(f"/workorder/costs/add/{kind}", body, workOrderId=order).data["HasCosts"] is True
    equipment, stock, other, labor, vehicle = costs(espace_api, order)
    names = ("EstimatedLaborCost", "EstimatedMaterialsCost", "ActualLaborCost", "ActualMaterialsCosts")
    assert [equipment[name] for name in names] == [1.5, 2.5, 3.5, 4.5]
    assert (stock["ItemName"], stock["Quantity"], stock["UnitPrice"]) == ("LED lamp", 3, 4.25)
    assert (other["ItemName"], other["VendorName"]) == ("Crane", "Harbor Heating")
    assert (labor["ItemName"], labor["MemberFullName"], labor["ActualLaborCost"]) == ("Welding", "Sam Teller", 30)
    assert labor["TotalCompletedHoursToDisplay"] == "1.50"
    assert vehicle["ItemName"] == "Church van"
    assert equipment["WorkOrderEquipmentId"] != vehicle["WorkOrderEquipmentId"]
    assert [row["CostTypeDisplay"] for row in (equipment, stock, other, labor, vehicle)] == [
        "Equipment",
        "Inventory",
        "Miscellaneous",
        "Labor",
        "Vehicle",
    ]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("equipment", {"EquipmentId": 99}),
        ("vehicle", {"VehicleId": 1}),
        ("inventory", {"InventoryId": 99}),
        ("labor", {"MemberId": 99, "Minutes": 5}),
        ("labor", {"MemberId": 1}),
        ("inventory", {"InventoryId": 1, "Quantity": -1}),
    ],
)
def test_wrong_costs_are_refused(espace_api: Api, kind: str, body: object) -> None:
    """A cost for what does not exist, is no vehicle, or lacks what is required is a 400."""
    assert espace_api.post(f"/workorder/costs/add/{kind}", body, workOrderId=1).status == 400


def test_costs_are_changed_and_deleted(espace_api: Api) -> None:
    """A cost is changed by its id or its equipment line, within its work order and kind, and deleted by its id."""
    order = espace_api.order()
    espace_api.post("/workorder/costs/add/equipment", {"EquipmentId": 1, "ActualLaborCosts": 1}, workOrderId=order)
    espace_api.post("/workorder/costs/add/labor", {"MemberId": 1, "Minutes": 30}, workOrderId=order)
    equipment, labor = costs(espace_api, order)
    line = {"WorkOrderEquipmentId": equipment["WorkOrderEquipmentId"], "ActualLaborCosts": 2}
    espace_api.put("/workorder/costs/update/equipment", line, workOrderId=order)
    named = {"Id": equipment["Id"], "ActualMaterialCosts": 3}
    espace_api.put("/workorder/costs/update/equipment", named, workOrderId=order)
    espace_api.put("/workorder/costs/update/labor", {"Id": labor["Id"], "HourlyRate": 50}, workOrderId=order)
    equipment, labor = costs(espace_api, order)
    assert (equipment["ActualLaborCost"], equipment["ActualMaterialsCosts"]) == (2, 3)
    assert labor["ActualLaborCost"] == 25
    for body in ({}, {"Id": labor["Id"]}, {"Id": 1}):
        assert espace_api.put("/workorder/costs/update/equipment", body, workOrderId=order).status == 400
    assert espace_api.delete("/workorder/costs/delete", workOrderId=1, costId=labor["Id"]).status == 404
    espace_api.delete("/workorder/costs/delete", workOrderId=order, costId=labor["Id"])
    assert len(costs(espace_api, order)) == 1


def test_tasks_of_a_work_order(espace_api: Api) -> None:
    """A task is added, completed now by the caller unless said otherwise, and deleted; each answers the work order."""
    order = espace_api.order()
    espace_api.post("/workorder/tasks/add", {"Description": "Dry", "AssignedToUserId": 2}, workOrderId=order)
    task = espace_api.get("/workorder/tasks", workOrderId=order).data[0]
    assert (task["AssignedTo"], task["IsCompleted"], task["TimeZone"]) == ("Sam Teller", False, "America/New_York")
    assert espace_api.put("/workorder/tasks/update", {"IsCompleted": True}, taskId=task["Id"]).data["Id"] == order
    task = espace_api.get("/workorder/tasks", workOrderId=order).data[0]
    assert (task["DateCompleted"], task["CompletedBy"]) == ("2026-03-01T04:00:00", "Robin Archer")
    assert espace_api.delete("/workorder/tasks/delete", taskId=task["Id"]).data["HasTasks"] is False
    assert espace_api.delete("/workorder/tasks/delete", taskId=task["Id"]).status == 404


def test_a_deleted_work_order_takes_its_parts_along(espace_api: Api) -> None:
    """A deleted work order says so, and neither it nor its tasks can be reached."""
    assert espace_api.delete("/workorder/delete", workOrderId=4).data == {"WorkOrderId": 4, "Status": "Deleted"}
    assert espace_api.get("/workorder", workOrderId=4).status == 404
    assert espace_api.get("/workorder/costs", workOrderId=4).status == 404
    assert espace_api.put("/workorder/tasks/update", {"IsCompleted": True}, taskId=1).status == 404


def test_equipment_kinds_are_numbers_in_and_names_out(espace_api: Api) -> None:
    """Kinds and metrics are numbers in a request and names in an answer; the maker's name is misspelt in answers."""
    body = {"Name": "Lift", "Type": 2, "TrackingMetricType": 2, "Manufacturer": "Up", "EquipmentIdentifier": "L-1"}
    shown = espace_api.post("/ministry/equipment/create", {**body, "ServiceCategoryIds": [2]}).data
    assert (shown["Type"], shown["TrackingMetricType"], shown["IsVehicle"]) == ("Vehicle", "RuntimeHours", True)
    assert (shown["Manfacturer"], shown["Barcode"], shown["ServiceCategoryName"]) == ("Up", "L-1", "Electrical")
    assert espace_api.post("/ministry/equipment/create", {"Name": "x", "Type": 3}).status == 400


def test_equipment_in_its_space_and_at_work(espace_api: Api) -> None:
    """Equipment shows its space and its work orders when asked; without a space the answer is null."""
    shown = espace_api.get("/ministry/equipment", equipmentId=1, include="Space,WorkOrders").data
    assert (shown["Space"]["Name"], [row["Id"] for row in shown["WorkOrders"]]) == ("Main Building", [4])
    assert espace_api.get("/ministry/equipment", equipmentId=1).data["Space"] is None
    assert espace_api.get("/ministry/equipment/space", equipmentId=1).data["ItemId"] == 1
    got = espace_api.get("/ministry/equipment/space", equipmentId=4)
    assert (got.data, got.body["IsSuccessStatusCode"]) == (None, True)
    assert [row["Id"] for row in espace_api.get("/ministry/equipment/workorders", equipmentId=1).data] == [4]


def test_equipment_in_use_is_not_deleted(espace_api: Api) -> None:
    """Equipment that a cost or a plan refers to is a 400 when it is deleted, other equipment goes."""
    for equipment in (1, 2):
        got = espace_api.delete("/ministry/equipment/delete", equipmentId=equipment)
        assert got.status == 400
    gone = espace_api.delete("/ministry/equipment/delete", equipmentId=3)
    assert gone.data == {"EquipmentId": 3, "Status": "Deleted"}
    assert espace_api.get("/ministry/equipment", equipmentId=3).status == 404


def test_a_plan_is_shown_under_other_names(espace_api: Api) -> None:
    """A plan is written and shown under different names; reminders are bits, dates and frequencies become texts."""
    body = {
        **PLAN,
        "AssignedUserId": 3,
        "AssignedVendorContactId": 8,
        "ReminderType": 5,
        "ReminderText": "Soon",
        "ReminderInDays": 2,
        "XDaysPriorToCreateWo": 4,
        "FrequencyTypeId": 2,
        "CustomDates": ["2026-05-02T00:00:00", "2026-05-01T00:00:00"],
    }
    shown = espace_api.post("/maintenance/create", body).data
    assert (shown["AssignedId"], shown["AssignedTo"], shown["VendorContactId"]) == (3, "Kim Osei", 8)
    assert (shown["RemindAllAdmins"], shown["RemindAssigned"], shown["RemindUser"]) == (True, False, True)
    assert (shown["ReminderNote"], shown["ReminderDaysLeadTime"], shown["WOLeadTime"]) == ("Soon", 2, 4)
    assert (shown["Frequency"], shown["FrequencyDays"]) == ("Weekly", 7)
    assert shown["CustomDates"] == "2026-05-01, 2026-05-02"
    changed = {"MaintenanceId": shown["Id"], "Description": "x", "Frequency": 3}
    assert espace_api.put("/maintenance/update", changed).data["FrequencyDays"] == 21
    assert espace_api.post("/maintenance/create", {**PLAN, "FrequencyTypeId": 9}).status == 400


def test_parts_of_a_plan(espace: Sandbox, espace_api: Api) -> None:
    """A plan has spaces, equipment, tasks, attachments and work orders, alone or included."""
    include = "Spaces,Tasks,Equipment,Attachments,WorkOrders"
    shown = espace_api.get("/maintenance", maintenanceID=2, include=include).data
    for part in ("Spaces", "Tasks", "Attachments", "WorkOrders"):
        path = part.lower()
        assert shown[part] == espace_api.get(f"/maintenance/{path}", maintenanceID=2).data
        assert shown[part]
        assert shown[f"Has{part}"] is True
    assert [row["Name"] for row in shown["Equipment"]] == ["Boiler"]
    order = espace.act.generate_work_order(maintenance_id=2)
    assert [row["Id"] for row in espace_api.get("/maintenance/workorders", maintenanceID=2).data] == [4, order]


def test_spaces_and_tasks_of_a_plan(espace_api: Api) -> None:
    """Spaces and tasks of a plan are added and removed; a task takes the words of its template."""
    plan = espace_api.post("/maintenance/create", PLAN).data["Id"]
    assert espace_api.post("/maintenance/space/add", [3], maintenanceId=plan).data["HasSpaces"] is True
    assert espace_api.delete("/maintenance/space/delete", [3], maintenanceId=plan).data["HasSpaces"] is False
    espace_api.post("/maintenance/task/create", {"TaskTemplateId": 2, "AssignedToUserId": 2}, maintenanceId=plan)
    task = espace_api.get("/maintenance/tasks", maintenanceID=plan).data[0]
    assert (task["Description"], task["AssignedBy"], task["AssignedToUser"]) == (
        "Check the boiler",
        "Robin Archer",
        "Sam Teller",
    )
    espace_api.put("/maintenance/task/update", {"IsCompleted": True}, taskId=task["Id"])
    assert espace_api.get("/maintenance/tasks", maintenanceID=plan).data[0]["IsCompleted"] is True
    assert espace_api.delete("/maintenance/task/delete", taskId=task["Id"]).data["HasTasks"] is False


def test_a_deleted_plan_is_gone(espace_api: Api) -> None:
    """A deleted plan answers in names of its own, cannot be read, and leaves its work orders alone."""
    got = espace_api.delete("/maintenance/delete", maintenanceId=2)
    assert got.data == {"maintenanceId": 2, "message": "Deleted"}
    assert espace_api.get("/maintenance", maintenanceID=2).status == 404
    assert espace_api.get("/workorder", workOrderId=4).status == 200


def test_stock_is_set_at_one_location(espace_api: Api) -> None:
    """An update sets the quantity at one location and answers the item's rows; an unknown item is a 404."""
    body = {"LocationId": 2, "Quantity": 77, "AdjustmentNote": "Counted"}
    rows = espace_api.put("/ministry/inventory/current/update", body, inventoryItemId=501).data
    assert [(row["LocationId"], row["QtyOnHand"]) for row in rows] == [(1, 0), (2, 77)]
    path = "/ministry/inventory/current/update"
    assert espace_api.put(path, body, inventoryItemId=9).status == 404
    assert espace_api.put(path, {**body, "LocationId": 9}, inventoryItemId=501).status == 400


def test_filters_by_equipment(espace_api: Api) -> None:
    """Plans are filtered by equipment, place, trade and person."""

    def ids(**query: Any) -> list[int]:
        return [row["Id"] for row in espace_api.get("/maintenance/list", **query).data]

    assert (ids(equipmentIds="1"), ids(equipmentIds="1,2"), ids(locationIds="2")) == ([2], [1, 2], [])
    assert ids(category="Plumbing") == ids(category="1") == [2]
    assert ids(assignedID="3") == [1, 2, 3]
