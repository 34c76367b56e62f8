"""The items of an event: the tree from which they are picked, and what speaks against them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.choices import ValueChoice, needed
from accordant_sandbox.model.names import words
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import column, grouped, picked, where
from accordant_sandbox.ports import Call, Row, Tx
from accordant_sandbox.vendors.espace.schedules import crowds, reference, schedule_of, taken, touched
from accordant_sandbox.vendors.espace.webhooks import notify

__all__ = ["judged", "serve_items"]

_KINDS: Final = {"Spaces": "Space", "Resources": "Resource", "Services": "Service"}
_ITEM: Final = {
    kind: ValueChoice(kind, "items", "ids_in_body", {"ItemType": kind}, f"there is no {kind.lower()} {{value}}")
    for kind in _KINDS.values()
}
_TO_BOOK: Final = {
    kind: ValueChoice(
        kind, "items", "ids_in_body", {"IsSchedulable": True}, unfit="{field} {value} cannot be scheduled"
    )
    for kind in _KINDS.values()
}


def judged(tx: Tx, schedule: Row) -> str:
    """The state that the items of a schedule lead to: Conflicted, ResourceShortage, else Pending."""
    crowd = crowds(tx, schedule)
    tx.rule("drafts_reserve_nothing")
    booked = [(tx.table("items")[each["ItemId"]], each["Quantity"]) for each in schedule["Items"]]
    if any(_conflicts(tx, crowd, item) for item, _ in booked):
        return "Conflicted"
    return "ResourceShortage" if any(_shortage(tx, crowd, *each) > 0 for each in booked) else "Pending"


def _conflicts(tx: Tx, crowd: Sequence[Sequence[Row]], item: Row) -> bool:
    """Whether another event has the only one of a space or resource; people can serve several events."""
    return item["ItemType"] != "Service" and item["_quantity"] is None and taken(tx, crowd, item["ItemId"]) > 0


def _shortage(tx: Tx, crowd: Sequence[Sequence[Row]], item: Row, wanted: int | None) -> int:
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
    items = where(call.tx.rows("items", ItemType=kind), "LocationId", "in", places)
    children = grouped(items, "Parent_id")
    booked = {each["ItemId"]: each["Quantity"] for each in schedule["Items"]}
    crowd = crowds(call.tx, schedule)
    roots = where(items, "Parent_id", "not_in", column(items, "ItemId"))
    return call.many("items", [_node(call.tx, row, children, booked, crowd) for row in roots])


def _node(
    tx: Tx,
    item: Row,
    children: Mapping[int | None, list[Row]],
    booked: Mapping[int, int | None],
    crowd: Sequence[Sequence[Row]],
) -> dict[str, Any]:
    number, counted = item["ItemId"], item["_quantity"] is not None
    below = [_node(tx, row, children, booked, crowd) for row in children.get(number, ())]
    return {
        **picked(item, words("ItemId Name ItemType IsSchedulable")),
        "ParentId": item["Parent_id"],
        "LocCode": tx.table("locations")[item["LocationId"]]["LocationCode"],
        "Capacity": item["MaxCapacity"],
        "IsScheduled": number in booked,
        "IsInventoriedItem": counted,
        "OriginalQty": item["_quantity"],
        "CurrentQtyOnHand": max(0, item["_quantity"] - taken(tx, crowd, number)) if counted else None,
        "ShortageCount": _shortage(tx, crowd, item, booked.get(number)),
        "IsDraftConflicted": _conflicts(tx, crowd, item),
        **dict.fromkeys(words("IsAvailabilityScheduleConflicted IsClosureConflicted"), False),
        "Children": below,
        "ChildrenIds": ",".join(map(str, column(below, "ItemId"))) or None,
        "HasChildren": bool(below),
        "HasScheduledChildren": any(each["IsScheduled"] or each["HasScheduledChildren"] for each in below),
        "HasSchedualbleChildren": any(each["IsSchedulable"] or each["HasSchedualbleChildren"] for each in below),
    }


# Picking


def _add(call: Call) -> Answer:
    wanted = dict(map(_wanted, call.body))
    kind = _KINDS[call.operation.id.removeprefix("EventV2_Add")]
    _ITEM[kind].checked(call.tx, list(wanted))
    _TO_BOOK[kind].checked(call.tx, list(wanted))
    if any(quantity is not None and quantity < 0 for quantity in wanted.values()):
        message = "Quantity must not be negative"
        raise Problem("invalid", message, details=[("Quantity", message)], rule="ids_in_body")
    return _booked(call, wanted, ())


def _remove(call: Call) -> Answer:
    kind = _KINDS[call.operation.id.removeprefix("EventV2_Remove")]
    return _booked(call, {}, _ITEM[kind].checked(call.tx, call.body))


def _booked(call: Call, wanted: Mapping[int, int | None], unwanted: Sequence[int]) -> Answer:
    """Put items on the schedule and take others off it."""
    call.rule("add_twice")
    event, schedule = touched(call)
    booked = {each["ItemId"]: each["Quantity"] for each in where(schedule["Items"], "ItemId", "not_in", unwanted)}
    for number, quantity in wanted.items():
        counted = call.tx.table("items")[number]["_quantity"] is not None
        booked[number] = (1 if quantity is None else quantity) if counted else None
    items = [{"ItemId": number, "Quantity": quantity} for number, quantity in booked.items()]
    if items != schedule["Items"]:
        call.tx.update("schedules", schedule["ScheduleId"], {"Items": items})
        notify(call.tx, "scheduledItem.updated", {})
    return reference(call, event["EventId"], schedule["ScheduleId"])


def _wanted(each: Any) -> tuple[int, int | None]:
    """An id, or an id and a quantity."""
    return (each, None) if isinstance(each, int) else (needed(each, "Id", "ids_in_body"), each.get("Quantity"))


def serve_items(operations: Operations) -> None:
    """Serve the trees of items, and the picking of items."""
    for kind in _KINDS:
        operations.special(f"EventV2_{kind}")(_tree)
        operations.special(f"EventV2_Add{kind}")(_add)
        operations.special(f"EventV2_Remove{kind}")(_remove)
