"""Webhooks of eSPACE: subscriptions, topics, payloads, delivery to a local address."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import orjson
import pytest

from accordant_sandbox import Sandbox, SandboxError
from accordant_sandbox.model.events import Delivery
from tests.sandbox.espace_caller import Api

ALL = list(range(1, 15))
HOOK = "http://127.0.0.1:9/hook"


@pytest.fixture
def subscribed(espace_api: Api) -> Api:
    """A caller whose organisation has one subscription, to every topic."""
    espace_api.delete("/webhook/delete", id=1)
    espace_api.post("/webhook/create", {"Url": HOOK, "EventIds": ALL})
    return espace_api


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    """A local address, and what was posted to it."""
    got: list[tuple[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers["Content-Type"], orjson.loads(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/espace", got
    server.shutdown()
    thread.join()
    server.server_close()


def bodies(sandbox: Sandbox) -> list[Any]:
    return [each.body for each in sandbox.outbox.deliveries]


def test_the_topics_have_ids_in_order(espace_api: Api) -> None:
    """There are 14 topics with the ids 1 to 14."""
    topics = espace_api.get("/webhook/webhookevents").data
    assert [row["Id"] for row in topics] == ALL
    assert (topics[0]["Name"], topics[5]["Name"], topics[13]["Name"]) == (
        "event.submitted",
        "eventdates.updated",
        "scheduledItem.updated",
    )


def test_subscriptions_name_topics_by_id_and_show_them(espace_api: Api) -> None:
    """A subscription is written with the ids of topics and shown with the topics; it is changed, listed and deleted."""
    made = espace_api.post("/webhook/create", {"Url": HOOK, "Notes": "x", "EventIds": [2, 2, 14]}).data
    assert made["Events"] == [{"Id": 2, "Name": "event.approved"}, {"Id": 14, "Name": "scheduledItem.updated"}]
    assert espace_api.get("/webhook/list", id=made["Id"]).data == [made]
    changed = espace_api.put("/webhook/edit", {"Id": made["Id"], "Url": HOOK, "EventIds": []}).data
    assert (changed["Notes"], changed["Events"]) == ("x", [])
    assert espace_api.post("/webhook/create", {"Url": HOOK, "EventIds": [15]}).status == 400
    assert espace_api.delete("/webhook/delete", id=made["Id"]).data == {"Id": made["Id"]}
    assert espace_api.get("/webhook/list", id=made["Id"]).data == []
    assert espace_api.delete("/webhook/delete", id=made["Id"]).status == 404


@pytest.mark.parametrize("url", ["nonsense", "", "/hook"])
def test_a_subscription_needs_an_address(espace_api: Api, url: str) -> None:
    """A subscription whose URL is none is a 400."""
    assert espace_api.post("/webhook/create", {"Url": url, "EventIds": [1]}).status == 400


def test_only_subscribers_to_the_topic_are_told(espace: Sandbox, espace_api: Api) -> None:
    """A notification goes to every subscription with its topic and to no other."""
    espace_api.post("/webhook/create", {"Url": f"{HOOK}/2", "EventIds": [1]})
    espace_api.post("/webhook/create", {"Url": f"{HOOK}/3", "EventIds": [8]})
    espace_api.submitted(4)
    assert [each.url for each in espace.outbox.deliveries] == ["http://127.0.0.1:8099/espace", f"{HOOK}/2"]


def test_a_submission_tells_what_was_submitted(espace: Sandbox, subscribed: Api) -> None:
    """`event.submitted` carries the event in names of its own, owner and places included."""
    subscribed.submitted(4, IsPublic=True, NumOfPeople=9, Categories=[2], Locations=[1], Description="Weekly")
    body = bodies(espace)[-1]
    assert (body["Topic"], body["MinistryId"], body["Status"], body["DateTimeUpdated"]) == (
        "event.submitted",
        1,
        "Pending",
        False,
    )
    assert body["DateCreated"] == "2026-03-01T04:00:00"
    assert body["Data"] == {
        "RecurrenceType": None,
        "IsPublic": True,
        "Description": "Weekly",
        "NumberOfPeople": 9,
        "PublicNotes": None,
        "PublicLink": None,
        "IsOffsite": False,
        "OffsiteLocations": None,
        "Owner": {"FirstName": "Robin", "LastName": "Archer", "Email": "robin@riverside.example.com"},
        "Locations": [{"Id": 1, "Name": "Main Campus"}],
        "Categories": [{"Id": 2, "Name": "Youth"}],
        "Contacts": [],
    }


def test_every_topic_is_announced(espace: Sandbox, subscribed: Api) -> None:
    """Each of the 14 topics is announced by what it is about, in the documented form."""
    made = subscribed.submitted(4, AdditionalDates=["2026-03-11T00:00:00", "2026-03-12T00:00:00"])
    event = made["eventId"]
    espace.act.approve_event(event_id=event)
    espace.act.decline_event(event_id=subscribed.submitted(5)["eventId"])
    espace.act.return_event_to_draft(event_id=event)
    subscribed.patch("/event/update", {"EventId": event, "Description": "x"})
    subscribed.patch("/event/update", {"EventId": event, "EndTime": "21:00:00"})
    first, second, _ = (each["OccurrenceId"] for each in subscribed.get("/event/occurrences", eventId=event).data)
    espace.act.cancel_occurrence(occurrence_id=first)
    espace.act.delete_occurrence(occurrence_id=second)
    subscribed.put("/event/cancel", eventId=event, reason="Rain")
    subscribed.delete("/event/delete", eventId=event)
    item = espace.act.create_item(name="Hall B", MaxCapacity=40)
    espace.act.update_item(item_id=item, Name="Hall C")
    espace.act.delete_item(item_id=item)
    topics = [row["Name"] for row in subscribed.get("/webhook/webhookevents").data]
    assert {body["Topic"] for body in bodies(espace)} == set(topics)
    espace.raise_defects()


def test_ids_of_occurrences_go_with_cancellation_and_deletion(espace: Sandbox, subscribed: Api) -> None:
    """`event.canceled` and `event.deleted` carry the ids of the occurrences; single occurrences carry themselves."""
    made = subscribed.event(AdditionalDates=["2026-03-11T00:00:00"])
    ids = [each["OccurrenceId"] for each in subscribed.get("/event/occurrences", eventId=made["eventId"]).data]
    espace.act.cancel_occurrence(occurrence_id=ids[0])
    assert bodies(espace)[-1]["Data"] == [
        {
            "Id": ids[0],
            "SetUpStart": None,
            "EventStart": "2026-03-10T18:00:00",
            "EventEnd": "2026-03-10T20:00:00",
            "TearDownEnd": None,
        }
    ]
    subscribed.put("/event/cancel", eventId=made["eventId"], reason="Rain")
    assert (bodies(espace)[-1]["Topic"], bodies(espace)[-1]["Data"]) == ("event.canceled", ids)
    subscribed.delete("/event/delete", eventId=made["eventId"])
    assert (bodies(espace)[-1]["Topic"], bodies(espace)[-1]["Data"]) == ("event.deleted", ids)


def test_new_dates_say_so(espace: Sandbox, subscribed: Api) -> None:
    """New dates and other changes are different topics, and only the former sets `DateTimeUpdated`."""
    made = subscribed.event()
    subscribed.patch("/event/update", {"EventId": made["eventId"], "StartTime": "17:00:00", "NumOfPeople": 3})
    assert [(body["Topic"], body["DateTimeUpdated"], body["Data"]) for body in bodies(espace)] == [
        ("eventdates.updated", True, None),
        ("event.updated", False, None),
    ]


def test_items_are_announced_flat(espace: Sandbox, subscribed: Api) -> None:
    """A notification on an item names it, its place and its parent, without `Data`; booking one names nothing."""
    espace.act.create_item(name="Attic", Parent_id=1)
    assert bodies(espace)[-1] == {
        "Topic": "item.created",
        "MinistryId": 1,
        "MinistryName": "Riverside Community Church",
        "ItemId": 17,
        "Name": "Attic",
        "Type": "Space",
        "LocationId": 1,
        "LocationName": "Main Campus",
        "ParentId": 1,
        "ParentName": "Main Building",
    }
    subscribed.post("/event/spaces/add", [4], **subscribed.event())
    assert bodies(espace)[-1] == {
        "Topic": "scheduledItem.updated",
        "MinistryId": 1,
        "MinistryName": "Riverside Community Church",
    }


def test_an_item_in_use_is_not_deleted(espace: Sandbox) -> None:
    """An item that an event uses cannot be deleted."""
    with pytest.raises(SandboxError, match="on event 1"):
        espace.act.delete_item(item_id=2)


def test_a_refused_call_announces_nothing(espace: Sandbox, subscribed: Api) -> None:
    """A call that fails, with whatever status, announces nothing."""
    made = subscribed.event()
    assert subscribed.put("/event/submit", **made).body["IsSuccessStatusCode"] is False
    assert subscribed.post("/event/spaces/add", [99], **made).status == 400
    assert bodies(espace) == []


def test_notifications_are_posted_to_a_local_address(
    espace: Sandbox, espace_api: Api, receiver: tuple[str, list[tuple[str, Any]]]
) -> None:
    """A delivery is one POST of JSON per notification, and any 2xx accepts it."""
    url, got = receiver
    espace_api.delete("/webhook/delete", id=1)
    espace_api.post("/webhook/create", {"Url": url, "EventIds": ALL})
    espace_api.submitted(4)
    assert [each.delivered for each in espace.outbox.deliver()] == [True, True]
    assert [(kind, body["Topic"]) for kind, body in got] == [
        ("application/json", "scheduledItem.updated"),
        ("application/json", "event.submitted"),
    ]
    assert espace.outbox.deliver() == []


def test_each_subscription_has_a_url_of_its_own(espace: Sandbox, subscribed: Api) -> None:
    """A second subscription with the URL of a live one is refused; with its own it gets its own notifications."""
    taken = subscribed.post("/webhook/create", {"Url": HOOK, "EventIds": [1]})
    assert (taken.status, "Url" in taken.message) == (400, True)
    assert "webhook_url" in espace.journal[-1].rules
    other = subscribed.post("/webhook/create", {"Url": f"{HOOK}2", "EventIds": [1]}).data["Id"]
    assert subscribed.put("/webhook/edit", {"Id": other, "Url": HOOK, "EventIds": [1]}).status == 400
    assert subscribed.put("/webhook/edit", {"Id": other, "Url": f"{HOOK}2", "EventIds": [1, 2]}).status == 200
    espace.outbox.clear()
    subscribed.submitted(4)
    urls = [each.url for each in espace.outbox.deliveries if each.topic == "event.submitted"]
    assert sorted(urls) == [HOOK, f"{HOOK}2"]


def test_the_url_of_a_deleted_subscription_is_free(espace: Sandbox, subscribed: Api) -> None:
    """After a subscription was deleted another one may have its URL, which then gets each notification once."""
    [first] = [row["Id"] for row in subscribed.get("/webhook/list").data]
    subscribed.delete("/webhook/delete", id=first)
    assert subscribed.post("/webhook/create", {"Url": HOOK, "EventIds": [1]}).status == 200
    subscribed.submitted(4)
    assert [(each.topic, each.url) for each in espace.outbox.deliveries] == [("event.submitted", HOOK)]


def test_notifications_leave_only_for_loopback(espace: Sandbox, espace_api: Api) -> None:
    """A subscription beyond this machine is kept, and its notifications are not sent."""
    espace_api.delete("/webhook/delete", id=1)
    espace_api.post("/webhook/create", {"Url": "https://example.com/hook", "EventIds": [1]})
    espace_api.submitted(4)
    with pytest.raises(SandboxError, match="loopback only"):
        espace.outbox.deliver()
    assert espace.outbox.deliver_local() == []
    assert [each.attempts for each in espace.outbox.pending] == [0]


def refusing(*statuses: int) -> tuple[Callable[[str, Mapping[str, str], bytes], int], list[int]]:
    """A sender that answers one status after the other, and those that it has given."""
    left = list(statuses)
    given: list[int] = []

    def send(url: str, headers: Mapping[str, str], body: bytes) -> int:
        del url, headers, body
        given.append(left.pop(0))
        return given[-1]

    return send, given


def test_one_try_by_default(espace: Sandbox, espace_api: Api) -> None:
    """A notification that is not accepted is not tried again."""
    espace_api.submitted(4)
    send, given = refusing(500)
    assert [each.given_up for each in espace.outbox.deliver(send)] == [True]
    espace.clock.advance(days=1)
    assert espace.outbox.deliver(send) == []
    assert given == [500]


def test_three_tries_on_the_clock() -> None:
    """Under `webhook_tries=3` it is tried again after one and after five minutes on the clock, then given up."""
    with Sandbox("espace", settings={"webhook_tries": 3}) as sandbox:
        Api(sandbox).submitted(4)
        send, given = refusing(500, 0, 503)
        tried: list[Delivery] = []
        for wait in (0, 59, 1, 299, 1, 10_000):
            sandbox.clock.advance(seconds=wait)
            tried += sandbox.outbox.deliver(send)
        assert given == [500, 0, 503]
        assert len(tried) == 3
        assert tried[0].given_up
        assert sandbox.outbox.pending == []


def test_an_update_announces_what_it_changed(espace: Sandbox, subscribed: Api) -> None:
    """New dates are one topic, new details another; an update that changes nothing announces nothing."""
    event = subscribed.event()["eventId"]
    whole = {"EventId": event, "EventName": "Choir", "EventDate": "2026-03-10T00:00:00"}
    for change, topics in (
        ({}, []),
        ({"EventDate": "2026-03-11T00:00:00"}, ["eventdates.updated"]),
        ({"EventDate": "2026-03-11T00:00:00", "EventName": "Band"}, ["event.updated"]),
    ):
        before = len(bodies(espace))
        assert subscribed.put("/event/update", {**whole, **change}).status == 200
        assert [body["Topic"] for body in bodies(espace)[before:]] == topics


def test_a_notification_says_when_it_was_made(espace: Sandbox, subscribed: Api) -> None:
    """`DateCreated` is the time of the notification, not that of the event."""
    event = subscribed.event()["eventId"]
    espace.clock.advance(days=3)
    subscribed.patch("/event/update", {"EventId": event, "Description": "x"})
    assert bodies(espace)[-1]["DateCreated"] == "2026-03-04T04:00:00"
