"""The 108 operations of eSPACE: tokens, the organisation, its inventory and webhooks here, the rest by subject."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from accordant_sandbox.engine.auth import issue, token_row
from accordant_sandbox.engine.jwt import jwt_text
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.choices import ValueChoice
from accordant_sandbox.model.names import words
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.query import Filter, plain
from accordant_sandbox.model.several import picked, some, there, where
from accordant_sandbox.ports import Call, Row
from accordant_sandbox.vendors.espace.equipment import serve_equipment
from accordant_sandbox.vendors.espace.events import serve_events
from accordant_sandbox.vendors.espace.items import serve_items
from accordant_sandbox.vendors.espace.maintenance import serve_lookups, serve_maintenance
from accordant_sandbox.vendors.espace.work_orders import serve_work_orders

__all__ = ["OPERATIONS"]

OPERATIONS = Operations()

_HASH_CLAIM: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/hash"
_NOT_KEPT: Final = "{field}: the item is not kept at {value}"
_STATUSES: Final = ("Draft", "Submitted", "Accepted", "Completed", "Declined", "InProgress")
"""States of inventory requests in the order of their numbers, from 1."""


@OPERATIONS.special("RequestToken_RequestToken")
def request_token(call: Call) -> Answer:
    """A token for an API key, as one JSON string."""
    call.rule("api_key_token")
    found = token_row(call.tx, str(call.body["apiKey"]).lower(), "api_key")
    key = there(found, "The API key is not known.", "wrong_key", "unauthenticated")
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
    return rows if vehicles else where(rows, "SystemSpecification", "not_eq", "Vehicle")


OPERATIONS.list("MinistryV2_Categories", "categories")
OPERATIONS.list("MinistryV2_Locations", "locations")
OPERATIONS.list("MinistryV2_Users", "users", filters=plain(email=("Email", "eq_any_case")))
OPERATIONS.list(
    "MinistryV2_Editors",
    "users",
    source=lambda call: where(call.tx.rows("users"), "Roles", "not_eq", ["Calendar View Only"]),
    row=lambda _, row: picked(row, words("Id FirstName LastName")),
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


def _stock(call: Call, parameter: str) -> Sequence[Row]:
    """The rows of one item, one per location."""
    key = call.query[parameter]
    return some(call.tx, "inventory", f"there is no inventory item {key}", Id=key)


@OPERATIONS.special("MinistryV2_InventoryUpdateCurrent")
def update_stock(call: Call) -> Answer:
    """Set the quantity of an item at one location."""
    call.rule("stock_set")
    _stock(call, "inventoryItemId")
    item = {"Id": call.query["inventoryItemId"]}
    kept = ValueChoice("LocationId", "inventory", "ids_in_body", item, _NOT_KEPT, by="LocationId")
    here = kept.row(call.tx, call.body["LocationId"])
    call.tx.update("inventory", here["InventoryId"], {"QtyOnHand": call.body["Quantity"]})
    return call.many("inventory", [call.tx.show("inventory", row) for row in _stock(call, "inventoryItemId")])


OPERATIONS.list("MinistryV2_CurrentInventory", "inventory")
OPERATIONS.list("MinistryV2_InventoryItem", "inventory", source=lambda call: _stock(call, "itemId"))
OPERATIONS.list(
    "MinistryV2_InventoryList",
    "inventory",
    filters=plain(
        currentlyOnHand=("QtyOnHand", "above_zero"),
        name=("Name", "part"),
        itemTypeId=("ItemTypeId", "eq"),
        barcode=("Barcode", "eq"),
        locationId=("LocationId", "eq"),
        vendorId=("VendorId", "eq"),
    ),
)
OPERATIONS.get("MinistryV2_InventoryItemType", "inventory_types", key="query:itemTypeId")
OPERATIONS.list("MinistryV2_InventoryItemTypeList", "inventory_types", filters=plain(name=("Name", "part")))
OPERATIONS.get(
    "MinistryV2_InventoryItemGroup",
    "inventory_groups",
    key="query:itemGroupId",
    parts=("InventoryItems", "Equipment"),
)
OPERATIONS.list("MinistryV2_InventoryItemGroupList", "inventory_groups", filters=plain(name=("Name", "part")))
OPERATIONS.get("MinistryV2_Task", "task_templates", key="query:taskId")
OPERATIONS.list(
    "MinistryV2_TaskList",
    "task_templates",
    filters={"description": Filter("Description", "part"), "groupId": Filter("GroupIds", "contains")},
)
OPERATIONS.get("MinistryV2_InventoryTaskGroup", "task_groups", key="query:taskGroupId", parts=("Tasks",))
OPERATIONS.list("MinistryV2_InventoryTaskGroupList", "task_groups", filters=plain(name=("Name", "part")))
OPERATIONS.get("InventoryRequest_InventoryRequest", "inventory_requests", key="query:inventoryRequestID")
OPERATIONS.list(
    "InventoryRequest_List",
    "inventory_requests",
    filters={
        "statusId": Filter("Status", "eq", stored=dict(enumerate(_STATUSES, 1))),
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


OPERATIONS.list("WebHookV2_List", "webhooks", filters=plain(id=("Id", "eq")))
OPERATIONS.create("WebHookV2_Create", "webhooks", rules=("webhooks",))
OPERATIONS.alias("WebHookV2_PostToList", "WebHookV2_Create", "post_to_collection")
OPERATIONS.update("WebHookV2_Edit", "webhooks", key="body:Id", rules=("webhooks", "absent_unchanged"))
OPERATIONS.delete(
    "WebHookV2_Delete", "webhooks", key="query:id", shape=lambda call, shown: call.one("webhook", {"Id": shown["Id"]})
)
OPERATIONS.list("WebHookV2_WebhookEvents", "webhook_topics")

for _serve in (
    serve_events, serve_items, serve_work_orders, serve_equipment, serve_maintenance, serve_lookups,
):  # fmt: skip
    _serve(OPERATIONS)
