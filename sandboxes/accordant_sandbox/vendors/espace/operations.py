"""The 108 operations of eSPACE: tokens, the organisation, its inventory and webhooks here, the rest by subject."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from accordant_sandbox.engine.auth import issue, token_row
from accordant_sandbox.engine.jwt import jwt_text
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.query import Filter, plain
from accordant_sandbox.ports import Call, Row
from accordant_sandbox.vendors.espace.addressing import known, needed
from accordant_sandbox.vendors.espace.events import serve_events
from accordant_sandbox.vendors.espace.items import serve_booking
from accordant_sandbox.vendors.espace.maintenance import serve_equipment, serve_lookups, serve_maintenance
from accordant_sandbox.vendors.espace.work_orders import serve_work_orders

__all__ = ["OPERATIONS"]

OPERATIONS = Operations()

_HASH_CLAIM: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/hash"
_STATUSES: Final = ("Draft", "Submitted", "Accepted", "Completed", "Declined", "InProgress")
"""States of inventory requests in the order of their numbers, from 1."""


@OPERATIONS.special("RequestToken_RequestToken")
def request_token(call: Call) -> Answer:
    """A token for an API key, as one JSON string."""
    call.rule("api_key_token")
    key = token_row(call.tx, str(call.body["apiKey"]).lower(), "api_key")
    if key is None:
        raise Problem("unauthenticated", "The API key is not known.", rule="wrong_key")
    call.rule("bare_token")
    if call.settings["token_days"] == 365:
        call.rule("token_year")
    user = call.tx.table("users")[key["user_id"]]
    life = timedelta(days=call.settings["token_days"]).total_seconds()
    claims = {
        "email": user["Email"],
        _HASH_CLAIM: hashlib.sha256(f"{user['Email']}/{user['_password']}".encode()).hexdigest(),
        "nbf": int(call.now.timestamp()),
        "exp": int(call.now.timestamp()) + int(life),
        "iat": int(call.now.timestamp()),
    }
    row = issue(call.tx, key["principal"], lifetime=life, text=lambda _: jwt_text(claims, "espace"), user_id=user["Id"])
    return call.answer(row["token"])


# The organisation


def _bare_categories(call: Call, shown: Sequence[Any]) -> Answer:
    call.rule("service_categories_bare")
    return call.answer({"ServiceCategories": list(shown), "Success": True, "Message": None})


def _service_categories(call: Call, rows: Sequence[Row]) -> Sequence[Row]:
    """Those for vehicles only where they are asked for."""
    vehicles = call.query.get("includeVehicleSpecific", False)
    return [row for row in rows if vehicles or row["SystemSpecification"] != "Vehicle"]


def _editors(call: Call) -> Sequence[Row]:
    """Everybody who may edit events."""
    return [row for row in call.tx.rows("users") if row["Roles"] != ["Calendar View Only"]]


OPERATIONS.list("MinistryV2_Categories", "categories")
OPERATIONS.list("MinistryV2_Locations", "locations")
OPERATIONS.list("MinistryV2_Users", "users", filters=plain(email=("Email", "eq_any_case")))
OPERATIONS.list(
    "MinistryV2_Editors",
    "users",
    source=_editors,
    row=lambda _, row: {name: row[name] for name in ("Id", "FirstName", "LastName")},
)
OPERATIONS.list(
    "MinistryV2_ServiceCategories", "service_categories", choose=_service_categories, shape=_bare_categories
)
OPERATIONS.list(
    "ItemV2_List",
    "items",
    filters=plain(type=("ItemType", "eq_any_case"), itemId=("ItemId", "eq"), locationIds=("LocationId", "in")),
)


# Inventory and tasks


def _on_hand(call: Call, rows: Sequence[Row]) -> Sequence[Row]:
    wanted = call.query.get("currentlyOnHand")
    return [row for row in rows if wanted is None or (row["QtyOnHand"] > 0) is wanted]


def _stock(call: Call) -> Sequence[Row]:
    """The rows of one item, one per location."""
    rows = call.tx.rows("inventory", Id=call.query["itemId"])
    if not rows:
        raise Problem("not_found", f"there is no inventory item {call.query['itemId']}")
    return rows


@OPERATIONS.special("MinistryV2_InventoryUpdateCurrent")
def update_stock(call: Call) -> Answer:
    """Set the quantity of an item at one location."""
    call.rule("stock_set")
    rows = call.tx.rows("inventory", Id=call.query["inventoryItemId"])
    if not rows:
        raise Problem("not_found", f"there is no inventory item {call.query['inventoryItemId']}")
    here = [row for row in rows if row["LocationId"] == call.body["LocationId"]]
    if not here:
        message = f"LocationId: the item is not kept at {call.body['LocationId']}"
        raise Problem("invalid", message, details=[("LocationId", message)], rule="ids_in_body")
    call.tx.update("inventory", here[0]["InventoryId"], {"QtyOnHand": call.body["Quantity"]})
    found = call.tx.rows("inventory", Id=call.query["inventoryItemId"])
    return call.many("inventory", [call.tx.show("inventory", row) for row in found])


def _group_detail(call: Call, shown: dict[str, Any]) -> Answer:
    group = call.tx.get("inventory_groups", shown["Id"])
    items = [row for row in call.tx.rows("inventory") if row["Id"] in group["ItemIds"]]
    parts = {
        "InventoryItems": ("inventory", items),
        "Equipment": ("equipment", _live(call, "equipment", group["EquipmentIds"])),
    }
    return call.one("group", {**shown, **_all_shown(call, parts)})


def _task_group_detail(call: Call, shown: dict[str, Any]) -> Answer:
    tasks = [row for row in call.tx.rows("task_templates") if shown["Id"] in row["GroupIds"]]
    return call.one("group", {**shown, **_all_shown(call, {"Tasks": ("task_templates", tasks)})})


def _live(call: Call, collection: str, keys: Sequence[int]) -> list[Row]:
    return [row for row in (call.tx.find(collection, key) for key in keys) if row is not None]


def _all_shown(call: Call, parts: Mapping[str, tuple[str, list[Row]]]) -> dict[str, Any]:
    return {name: [call.tx.show(collection, row) for row in rows] for name, (collection, rows) in parts.items()}


def _requested(call: Call, rows: Sequence[Row]) -> Sequence[Row]:
    number = call.query.get("statusId")
    return [row for row in rows if number is None or row["Status"] == _STATUSES[number - 1]]


OPERATIONS.list("MinistryV2_CurrentInventory", "inventory")
OPERATIONS.list("MinistryV2_InventoryItem", "inventory", source=_stock)
OPERATIONS.list(
    "MinistryV2_InventoryList",
    "inventory",
    choose=_on_hand,
    filters=plain(
        name=("Name", "part"),
        itemTypeId=("ItemTypeId", "eq"),
        barcode=("Barcode", "eq"),
        locationId=("LocationId", "eq"),
        vendorId=("VendorId", "eq"),
    ),
)
OPERATIONS.get("MinistryV2_InventoryItemType", "inventory_types", key="query:itemTypeId")
OPERATIONS.list("MinistryV2_InventoryItemTypeList", "inventory_types", filters=plain(name=("Name", "part")))
OPERATIONS.get("MinistryV2_InventoryItemGroup", "inventory_groups", key="query:itemGroupId", shape=_group_detail)
OPERATIONS.list("MinistryV2_InventoryItemGroupList", "inventory_groups", filters=plain(name=("Name", "part")))
OPERATIONS.get("MinistryV2_Task", "task_templates", key="query:taskId")
OPERATIONS.list(
    "MinistryV2_TaskList",
    "task_templates",
    filters={"description": Filter("Description", "part"), "groupId": Filter("GroupIds", "contains")},
)
OPERATIONS.get("MinistryV2_InventoryTaskGroup", "task_groups", key="query:taskGroupId", shape=_task_group_detail)
OPERATIONS.list("MinistryV2_InventoryTaskGroupList", "task_groups", filters=plain(name=("Name", "part")))
OPERATIONS.get("InventoryRequest_InventoryRequest", "inventory_requests", key="query:inventoryRequestID")
OPERATIONS.list(
    "InventoryRequest_List",
    "inventory_requests",
    choose=_requested,
    filters={
        **plain(
            "day",
            requestedDateRangeFrom=("RequestedDate", "gteq"),
            requestedDateRangeThrough=("RequestedDate", "lteq"),
            completionDateRangeFrom=("CompletedDate", "gteq"),
            completionDateRangeThrough=("CompletedDate", "lteq"),
        ),
        **plain("text", assignedToUserID=("AssignedToId", "eq")),
    },
)


# Webhooks


def _subscription(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    call.rule("webhooks")
    values = call.values("webhooks", body)
    if "EventIds" in values:
        values["EventIds"] = known(call.tx, "EventIds", "webhook_topics", values["EventIds"])
    return values


def _subscribe(call: Call, body: Mapping[str, Any]) -> Row:
    return call.tx.create("webhooks", _subscription(call, body))


def _edit_subscription(call: Call, body: Mapping[str, Any]) -> Row:
    call.rule("absent_unchanged")
    return call.tx.update("webhooks", needed(body, "Id"), _subscription(call, body))


OPERATIONS.list("WebHookV2_List", "webhooks", filters=plain(id=("Id", "eq")))
OPERATIONS.create("WebHookV2_Create", "webhooks", write=_subscribe)
OPERATIONS.alias("WebHookV2_PostToList", "WebHookV2_Create", "post_to_collection")
OPERATIONS.update("WebHookV2_Edit", "webhooks", key="body:Id", write=_edit_subscription)
OPERATIONS.delete(
    "WebHookV2_Delete", "webhooks", key="query:id", shape=lambda call, shown: call.one("webhook", {"Id": shown["Id"]})
)
OPERATIONS.list("WebHookV2_WebhookEvents", "webhook_topics")

_SUBJECTS: tuple[Callable[[Operations], None], ...] = (
    serve_events,
    serve_booking,
    serve_work_orders,
    serve_equipment,
    serve_maintenance,
    serve_lookups,
)
for _serve in _SUBJECTS:
    _serve(OPERATIONS)
