"""The work of the eSPACE data sets: equipment, work orders, maintenance, stock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from accordant_sandbox.ports import Tx
from accordant_sandbox.vendors.espace.local_time import today

__all__ = ["day", "equipment", "inventory", "maintenance", "order", "work_orders"]


def equipment(tx: Tx) -> None:
    """Four pieces of equipment, and a vehicle with its mileage."""
    shared: dict[str, Any] = {"Manfacturer": "Northwind", "DateInService": day(tx, -700)}
    for number, (name, place, space, trade) in enumerate(
        (("Boiler", 1, 1, 1), ("Air handler", 1, 1, 2), ("Dishwasher", 1, 3, 1), ("Mower", 2, None, 3)), 1
    ):
        described = {"Name": name, "LocationId": place, "SpaceId": space, "ServiceCategoryIds": [trade]}
        dates = {"WarrantyPartExpDate": day(tx, 100 * number), "WarrantyLaborExpDate": day(tx, 50 * number)}
        tx.create("equipment", {**shared, **described, **dates, "Barcode": f"EQ-{number:03d}", "Model": f"N{number}00"})
    van = {"Name": "Church van", "Type": 2, "TrackingMetricType": 1, "LocationId": 1, "ServiceCategoryIds": [4]}
    readings = {"CurrentMileage": 48210.5, "LastMetricsUpdate": day(tx, -60), "UpdateFrequencyType": 3}
    tx.create("equipment", {**van, **readings, "UpdateFrequencyValue": 1, "Barcode": "VAN-1", "Manfacturer": "Roadway"})


def work_orders(tx: Tx) -> None:
    """Work orders in several states; one has a document, another costs and a task."""
    texts = (
        "Tap in the kitchen drips", "Replace lights in Hall A", "Mow the north lawn", "Boiler makes a noise",
        "Door of Room 101 sticks", "Paint the chapel", "Gutter is loose", "Service the van",
    )  # fmt: skip
    for number, text in enumerate(texts):
        order(tx, text, (1, 2, 3, 4, 5, 7, 1, 2)[number], 3 * number)
    tx.create(
        "documents",
        {
            "Title": "Photo of the tap",
            "FileName": "tap.jpg",
            "Uri": "https://files.example.com/tap.jpg",
            "WorkOrderId": 1,
        },
    )
    costs = {
        "WorkOrderId": 4,
        "CostTypeDisplay": "Equipment",
        "EquipmentId": 1,
        "WorkOrderEquipmentId": tx.next("work_order_equipment"),
    }
    tx.create(
        "work_order_costs", {**costs, "ItemName": "Boiler", "EstimatedLaborCost": 120.0, "ActualMaterialsCosts": 35.5}
    )
    work = {"WorkOrderId": 4, "CostTypeDisplay": "Labor", "MemberId": 3, "DateOfWork": day(tx, -1), "HourlyRate": 30.0}
    tx.create(
        "work_order_costs",
        {**work, "TotalCompletedMinutes": 90, "ActualLaborCost": 45.0, "ItemName": "Bleed the valves"},
    )
    task = {"WorkOrderId": 4, "Description": "Check the pressure", "DueDate": day(tx, 2), "TotalMinutes": 30}
    tx.create("work_order_tasks", {**task, "AssignedToUserId": 3})


def order(tx: Tx, text: str, status: int, days: int) -> None:
    """One work order, due in so many days."""
    number = len(tx.table("work_orders"))
    assigned = {"AssignedId": 1 + number % 3} if status > 1 else {}
    place = {"LocationId": 1 + number % 2, "ServiceCategoryId": 1 + number % 3, "PriorityId": 1 + number % 4}
    spaces = {"SpaceIds": [(2, 7)[number % 2]] if number % 3 else []}
    values = {"FullDescription": text, "StatusId": status, "Eta": f"{day(tx, days)[:10]}T12:00:00"}
    tx.create("work_orders", {**values, **assigned, **place, **spaces, "_by": "default"})


def maintenance(tx: Tx) -> None:
    """Maintenance plans with their tasks and task groups."""
    for group in ("Opening", "Closing"):
        tx.create("task_groups", {"Name": group, "CreatedOn": day(tx, -90)})
    for number, (text, minutes, groups) in enumerate(
        (
            ("Unlock the doors", 5, [1]),
            ("Check the boiler", 15, [1]),
            ("Lock the doors", 5, [2]),
            ("Empty the bins", 20, []),
        ),
        1,
    ):
        values = {"Description": text, "Minutes": minutes, "TaskOrderIndex": number, "GroupIds": groups}
        tx.create("task_templates", {**values, "ServiceCategoryIds": [1 + number % 3]})
    for text, trade, frequency, equipment in (
        ("Change the filters", 2, 4, [2]),
        ("Inspect the boiler", 1, 6, [1]),
        ("Mow", 3, 2, []),
    ):
        values = {"Description": text, "ServiceCategoryId": trade, "FrequencyTypeId": frequency, "FrequencyUnits": 1}
        plan = {**values, "LocationId": 1, "StartDate": day(tx, -200), "EquipmentIds": equipment, "SpaceIds": [2]}
        made = tx.create("maintenance", {**plan, "AssignedId": 3, "ReminderType": 3, "ReminderDaysLeadTime": 2})
        task = {"MaintenanceId": made["Id"], "Description": "Write the log", "AssignedToUserId": 3, "AssignedById": 1}
        tx.create("maintenance_tasks", task)
    manual = {"Title": "Boiler manual", "FileName": "boiler.pdf", "Uri": "https://files.example.com/boiler.pdf"}
    tx.create("documents", {**manual, "MaintenanceId": 2})
    order = tx.get("work_orders", 4)
    tx.update("work_orders", order["Id"], {"MaintenanceId": 2})


def inventory(tx: Tx) -> None:
    """Stock, and requests for it."""
    for name in ("Lamps", "Filters", "Paper"):
        tx.create("inventory_types", {"Name": name})
    names = ("LED lamp", "Air filter", "Copy paper", "Paper towels", "Flood lamp")
    for number, name in enumerate(names):
        kind = (1, 2, 3, 3, 1)[number]
        shared = {
            "Id": 501 + number,
            "Name": name,
            "ItemTypeId": kind,
            "Price": 4.25 * (number + 1),
            "Barcode": f"INV-{number + 1}",
        }
        for place in (1, 2):
            row = {"LocationId": place, "QtyOnHand": 12 * number if place == 1 else number, "VendorId": 1 + number % 2}
            tx.create(
                "inventory", {**shared, **row, "Aisle": str(1 + number), "Bin": f"B{place}", "ReorderThreshold": 5}
            )
    group = {"Name": "Lighting", "Description": "Everything that shines", "CreatedById": 1, "UpdatedOn": day(tx, -1)}
    tx.create("inventory_groups", {**group, "CreatedOn": day(tx, -30), "ItemIds": [501, 505], "EquipmentIds": [2]})
    _request(tx, 1, "Submitted", day(tx, -3), None)
    _request(tx, 2, "Completed", day(tx, -12), day(tx, -10))
    _request(tx, 3, "InProgress", day(tx, -1), None)


def _request(tx: Tx, number: int, status: str, requested: str, completed: str | None) -> None:
    done = 3 if completed else None
    item = {
        "Id": number, "InventoryItemId": 501, "ItemTypeId": 1, "InventoryItemName": "LED lamp",
        "InventoryItemAisle": "1", "InventoryItemBin": "B1", "InventoryItemTypeName": "Lamps",
        "FromLocationId": 1, "ToLocationId": 2, "ToLocationName": "North Campus", "FromLocationName": "Main Campus",
        "Quantity": 4, "QuantityOnHand": 12,
        "QuantityPending": 0 if completed else 4, "RequestedQuantity": 4, "HasImagesOrBarcode": True,
        "ItemNumber": "INV-1", "AvailableQuantity": 8, "InventoryRequestStatus": status, "UnitCost": 4.25,
    }  # fmt: skip
    people = {"RequestedById": 2, "ApprovedById": done, "AssignedToId": 3, "StartedById": done, "CompletedById": done}
    dates = {
        "RequestedDate": requested,
        "ApprovedDate": completed,
        "StartedDate": completed,
        "CompletedDate": completed,
    }
    rest = {"RequestNumber": 1000 + number, "Comments": "For the north classroom", "Status": status, "WorkTime": None}
    tx.create("inventory_requests", {**people, **dates, **rest, "RequestedItems": [item]})


def day(tx: Tx, days: int) -> str:
    """The beginning of the day so many days from today."""
    return (date.fromisoformat(today(tx)) + timedelta(days=days)).isoformat() + "T00:00:00"
