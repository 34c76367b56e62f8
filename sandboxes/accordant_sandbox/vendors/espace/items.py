"""The items of an event: the tree from which they are picked, and what speaks against them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Call, Row, Tx
from accordant_sandbox.vendors.espace.addressing import reference, schedule_of, touched
from accordant_sandbox.vendors.espace.schedules import crowds, taken
from accordant_sandbox.vendors.espace.webhooks import notify

__all__ = ["judged", "serve_booking"]

_KINDS: Final = {"Spaces": "Space", "Resources": "Resource", "Services": "Service"}


def judged(tx: Tx, schedule: Row) -> str:
    """The state that the items of a schedule lead to: Conflicted, ResourceShortage, else Pending."""
    crowd = crowds(tx, schedule)
    tx.rule("drafts_reserve_nothing")
    short = False
    for booking in schedule["Items"]:
        item = tx.table("items")[booking["ItemId"]]
        if _conflicts(tx, crowd, item):
            return "Conflicted"
        short = short or _shortage(tx, crowd, item, booking["Quantity"]) > 0
    return "ResourceShortage" if short else "Pending"


def _conflicts(tx: Tx, crowd: Sequence[frozenset[int]], item: Row) -> bool:
    """Whether another event has the only one of a space or resource; people can serve several events."""
    return item["ItemType"] != "Service" and item["_quantity"] is None and taken(tx, crowd, item["ItemId"]) > 0


def _shortage(tx: Tx, crowd: Sequence[frozenset[int]], item: Row, wanted: int | None) -> int:
    if item["_quantity"] is None:
        return 0
    return max(0, (wanted or 0) + taken(tx, crowd, item["ItemId"]) - int(item["_quantity"]))


# The tree


def _tree(call: Call) -> Answer:
    call.rule("whole_tree")
    schedule = schedule_of(call.tx, call.query["eventId"], call.query["scheduleId"])
    event = call.tx.get("events", schedule["EventId"])
    kind = _KINDS[call.operation.id.removeprefix("EventV2_")]
    places = event["Locations"] or list(call.tx.table("locations"))
    items = [row for row in call.tx.rows("items", ItemType=kind) if row["LocationId"] in places]
    children: dict[int | None, list[Row]] = {}
    known = {row["ItemId"] for row in items}
    for row in items:
        children.setdefault(row["Parent_id"] if row["Parent_id"] in known else None, []).append(row)
    booked = {each["ItemId"]: each["Quantity"] for each in schedule["Items"]}
    crowd = crowds(call.tx, schedule)
    roots = [_node(call.tx, row, children, booked, crowd) for row in children.get(None, ())]
    return call.many("items", roots)


def _node(
    tx: Tx,
    item: Row,
    children: Mapping[int | None, list[Row]],
    booked: Mapping[int, int | None],
    crowd: Sequence[frozenset[int]],
) -> dict[str, Any]:
    below = [_node(tx, row, children, booked, crowd) for row in children.get(item["ItemId"], ())]
    number, counted = item["ItemId"], item["_quantity"] is not None
    return {
        "ItemId": number,
        "ParentId": item["Parent_id"],
        "Name": item["Name"],
        "ItemType": item["ItemType"],
        "LocCode": tx.table("locations")[item["LocationId"]]["LocationCode"],
        "Capacity": item["MaxCapacity"],
        "IsSchedulable": item["IsSchedulable"],
        "IsScheduled": number in booked,
        "IsInventoriedItem": counted,
        "OriginalQty": item["_quantity"],
        "CurrentQtyOnHand": max(0, item["_quantity"] - taken(tx, crowd, number)) if counted else None,
        "ShortageCount": _shortage(tx, crowd, item, booked.get(number)),
        "IsDraftConflicted": _conflicts(tx, crowd, item),
        "IsAvailabilityScheduleConflicted": False,
        "IsClosureConflicted": False,
        "Children": below,
        "ChildrenIds": ",".join(str(each["ItemId"]) for each in below) or None,
        "HasChildren": bool(below),
        "HasScheduledChildren": any(each["IsScheduled"] or each["HasScheduledChildren"] for each in below),
        "HasSchedualbleChildren": any(each["IsSchedulable"] or each["HasSchedualbleChildren"] for each in below),
    }


# Picking


def _add(call: Call) -> Answer:
    wanted = [_wanted(each) for each in call.body]
    kind = _kind(call, "EventV2_Add")
    for number, quantity in wanted:
        item = _item(call.tx, kind, number)
        if not item["IsSchedulable"]:
            raise _wrong(kind, f"{kind} {number} cannot be scheduled")
        if quantity is not None and quantity < 0:
            raise _wrong("Quantity", "Quantity must not be negative")
    return _booked(call, wanted, ())


def _remove(call: Call) -> Answer:
    kind = _kind(call, "EventV2_Remove")
    return _booked(call, (), [_item(call.tx, kind, number)["ItemId"] for number in call.body])


def _booked(call: Call, wanted: Iterable[tuple[int, int | None]], unwanted: Sequence[int]) -> Answer:
    """Put items on the schedule and take others off it."""
    call.rule("add_twice")
    event, schedule = touched(call)
    booked = {each["ItemId"]: each["Quantity"] for each in schedule["Items"] if each["ItemId"] not in unwanted}
    for number, quantity in wanted:
        counted = call.tx.table("items")[number]["_quantity"] is not None
        booked[number] = (1 if quantity is None else quantity) if counted else None
    items = [{"ItemId": number, "Quantity": quantity} for number, quantity in booked.items()]
    if items != schedule["Items"]:
        call.tx.update("schedules", schedule["ScheduleId"], {"Items": items})
        notify(call.tx, "scheduledItem.updated", {})
    return reference(call, event["EventId"], schedule["ScheduleId"])


def _wanted(each: Any) -> tuple[int, int | None]:
    """An id, or an id and a quantity."""
    if isinstance(each, int):
        return each, None
    if each.get("Id") is None:
        raise _wrong("Id", "Id is required")
    return each["Id"], each.get("Quantity")


def _kind(call: Call, verb: str) -> str:
    return _KINDS[call.operation.id.removeprefix(verb)]


def _item(tx: Tx, kind: str, number: int) -> Row:
    item = tx.find("items", number)
    if item is None or item["ItemType"] != kind:
        raise _wrong(kind, f"there is no {kind.lower()} {number}")
    return item


def _wrong(field: str, message: str) -> Problem:
    return Problem("invalid", message, details=[(field, message)], rule="ids_in_body")


def serve_booking(operations: Operations) -> None:
    """Serve the trees of items, and the picking of items."""
    for kind in _KINDS:
        operations.special(f"EventV2_{kind}")(_tree)
        operations.special(f"EventV2_Add{kind}")(_add)
        operations.special(f"EventV2_Remove{kind}")(_remove)
