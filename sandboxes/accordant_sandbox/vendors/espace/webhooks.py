"""Webhooks: what is announced, to whom, and what a notification looks like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from accordant_sandbox.model.events import Delivery, Event
from accordant_sandbox.model.names import words
from accordant_sandbox.model.several import by_keys, picked, where
from accordant_sandbox.model.views import NameBeside
from accordant_sandbox.ports import Row, Tx
from accordant_sandbox.vendors.espace.local_time import now_text
from accordant_sandbox.vendors.espace.views import MINISTRY_ID

__all__ = ["MINISTRY_NAME", "TOPICS", "announce", "announce_item", "deliver", "notify"]

MINISTRY_NAME: Final = "Riverside Community Church"

TOPICS: Final = words(
    "event.submitted event.approved event.declined event.draft event.updated eventdates.updated event.canceled "
    "event.deleted occurrence.canceled occurrence.deleted item.created item.updated item.deleted scheduledItem.updated"
)
"""Their ids are their places in this list, from 1."""

_PERSON: Final = words("FirstName LastName Email")
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
    payload = {
        **picked(item, words("ItemId Name LocationId")),
        "Type": item["ItemType"],
        "LocationName": NameBeside("LocationId", "locations").of(tx, item),
        "ParentId": item["Parent_id"],
        "ParentName": NameBeside("Parent_id", "items").of(tx, item),
    }
    notify(tx, topic, payload)


def deliver(tx: Tx, event: Event) -> Iterator[Delivery]:
    """A notification for every live subscription to the topic."""
    number = TOPICS.index(event.topic) + 1
    tries = int(tx.settings["webhook_tries"])
    for subscription in where(tx.rows("webhooks"), "EventIds", "contains", number):
        yield Delivery(event.topic, subscription["Url"], dict(event.payload), waits=_WAITS[: max(0, tries - 1)])


def _submitted(tx: Tx, event: Row) -> dict[str, Any]:
    return {
        **picked(event, words("IsPublic Description PublicNotes PublicLink")),
        "RecurrenceType": None,
        "NumberOfPeople": event["NumOfPeople"],
        "IsOffsite": event["IsOffSite"],
        "OffsiteLocations": event["OffsiteLocation"],
        "Owner": picked(tx.table("users")[event["OwnerId"]], _PERSON),
        "Locations": [picked(each, ("Id", "Name")) for each in by_keys(tx, "locations", event["Locations"])],
        "Categories": [picked(each, ("Id", "Name")) for each in by_keys(tx, "categories", event["Categories"])],
        "Contacts": [picked(each, _PERSON) for each in event["Contacts"]],
    }
