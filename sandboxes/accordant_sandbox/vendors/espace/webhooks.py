"""Webhooks: what is announced, to whom, and what a notification looks like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from accordant_sandbox.model.events import Delivery, Event
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.espace.local_time import now_text
from accordant_sandbox.vendors.espace.views import MINISTRY_ID

__all__ = ["MINISTRY_NAME", "TOPICS", "announce", "announce_item", "deliver", "notify"]

MINISTRY_NAME: Final = "Riverside Community Church"

TOPICS: Final = (
    "event.submitted",
    "event.approved",
    "event.declined",
    "event.draft",
    "event.updated",
    "eventdates.updated",
    "event.canceled",
    "event.deleted",
    "occurrence.canceled",
    "occurrence.deleted",
    "item.created",
    "item.updated",
    "item.deleted",
    "scheduledItem.updated",
)
"""Their ids are their places in this list, from 1."""

_WAITS: Final = (60.0, 300.0)


def notify(tx: Tx, topic: str, payload: Mapping[str, Any]) -> None:
    """Announce something; the members that all notifications share are added."""
    common = {"Topic": topic, "MinistryId": MINISTRY_ID, "MinistryName": MINISTRY_NAME}
    tx.emit(topic, {**common, **payload})


def announce(tx: Tx, topic: str, event: Row, schedule: Row, data: Any = None) -> None:
    """Announce what happened to an event in one of its schedules."""
    tx.rule("webhook_payloads")
    payload = {
        "DateCreated": now_text(tx),
        "EventId": event["EventId"],
        "EventName": event["EventName"],
        "Status": schedule["Status"],
        "DateTimeUpdated": topic == "eventdates.updated",
        "Data": _submitted(tx, event) if topic == "event.submitted" else data,
    }
    notify(tx, topic, payload)


def announce_item(tx: Tx, topic: str, item: Row) -> None:
    """Announce what happened to an item."""
    location = tx.table("locations").get(item["LocationId"], {})
    parent = tx.table("items").get(item["Parent_id"], {})
    payload = {
        "ItemId": item["ItemId"],
        "Name": item["Name"],
        "Type": item["ItemType"],
        "LocationId": item["LocationId"],
        "LocationName": location.get("Name"),
        "ParentId": item["Parent_id"],
        "ParentName": parent.get("Name"),
    }
    notify(tx, topic, payload)


def deliver(tx: Tx, event: Event) -> Iterator[Delivery]:
    """A notification for every live subscription to the topic."""
    number = TOPICS.index(event.topic) + 1
    tries = int(tx.settings["webhook_tries"])
    for row in tx.rows("webhooks"):
        if number in row["EventIds"]:
            yield Delivery(event.topic, row["Url"], dict(event.payload), waits=_WAITS[: max(0, tries - 1)])


def _submitted(tx: Tx, event: Row) -> dict[str, Any]:
    owner = tx.table("users")[event["OwnerId"]]
    return {
        "RecurrenceType": None,
        "IsPublic": event["IsPublic"],
        "Description": event["Description"],
        "NumberOfPeople": event["NumOfPeople"],
        "PublicNotes": event["PublicNotes"],
        "PublicLink": event["PublicLink"],
        "IsOffsite": event["IsOffSite"],
        "OffsiteLocations": event["OffsiteLocation"],
        "Owner": _people([owner])[0],
        "Locations": _names(tx, "locations", event["Locations"]),
        "Categories": _names(tx, "categories", event["Categories"]),
        "Contacts": _people(event["Contacts"]),
    }


def _people(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in ("FirstName", "LastName", "Email")} for row in rows]


def _names(tx: Tx, collection: str, keys: Iterable[int]) -> list[dict[str, Any]]:
    return [{name: tx.table(collection)[key][name] for name in ("Id", "Name")} for key in keys]
