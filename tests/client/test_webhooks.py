"""Receiving webhooks of any vendor: what is read, who is called, what is returned."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import io
import json
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from accordant.dibop import Dibop
from accordant.dibop import received as dibop
from accordant.dibop.models import AlertNotification, FiredAlert
from accordant.dime_scheduler import DimeScheduler
from accordant.dime_scheduler import received as dime
from accordant.dime_scheduler.models import AppointmentEvent, AppointmentWriteParam
from accordant.errors import ConfigurationError, DecodeError
from accordant.espace import Espace
from accordant.espace import received as espace
from accordant.espace.models import EventSubmittedNotification
from accordant.webhooks import Receiver
from accordant_runtime import WebhookTable
from accordant_sandbox import Sandbox
from tests.sandbox.dibop_caller import FAILING, VIN_DECODE

JSON = "application/json"
EVENT = {"appointmentNo": "A1", "id": 7, "Subject": "Tap"}


def post(receiver: Receiver, path: str, body: Any, method: str = "POST", **headers: str) -> str:
    """The status that a WSGI server would send on."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    found: list[str] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(content)),
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": io.StringIO(),
        **{name if name == "CONTENT_TYPE" else f"HTTP_{name.upper()}": value for name, value in headers.items()},
    }

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        assert headers == [("Content-Length", "0")]
        found.append(status)

    assert receiver(environ, start) == []
    return found[0]


def test_the_path_says_which_webhook() -> None:
    """A webhook is read by the last segment of its path, and only the handlers of that one are called."""
    seen: list[Any] = []
    receiver = Receiver(dime.WEBHOOKS, "/dime/secret")
    receiver.on("appointmentUpdated")(seen.append)
    assert post(receiver, "/dime/secret/appointmentUpdated", EVENT) == "204 No Content"
    assert post(receiver, "/dime/secret/appointmentDeleted", EVENT) == "204 No Content"
    (event,) = seen
    assert isinstance(event, AppointmentEvent)
    assert (event.appointment_no, event.id, event.subject) == ("A1", 7, "Tap")


@pytest.mark.parametrize(
    ("path", "body", "method", "status"),
    [
        ("/dime/secret", EVENT, "POST", "404"),
        ("/dime/other/appointmentUpdated", EVENT, "POST", "404"),
        ("/dime/secret/appointmentMoved", EVENT, "POST", "404"),
        ("/dime/secret/appointmentUpdated", EVENT, "GET", "405"),
        ("/dime/secret/appointmentUpdated", b"x" * 101, "POST", "413"),
        ("/dime/secret/appointmentUpdated", b"no JSON", "POST", "400"),
        ("/dime/secret/appointmentUpdated", {"id": "seven"}, "POST", "400"),
    ],
)
def test_what_is_no_webhook_is_refused(path: str, body: Any, method: str, status: str) -> None:
    """Other paths, methods, sizes and contents get the status that says so, and no handler is called."""
    receiver = Receiver(dime.WEBHOOKS, "/dime/secret/", most=100, strict=True)
    receiver.on()(lambda _: pytest.fail("a handler was called"))
    assert post(receiver, path, body, method).startswith(status)


def dibop_posts(sandbox: Sandbox) -> None:
    """An execution fails, and an alert says so."""
    with Dibop(**sandbox.credentials) as api:
        hook = AlertNotification.from_dict({"webhook": {"url": "http://127.0.0.1:9/in"}})
        api.alert_rules.create(name="Fails", type_="execution_failure", condition={}, notification=hook)
        api.orchestrations.execute_and_wait(VIN_DECODE, parameters={"vin": FAILING})


def dime_scheduler_posts(sandbox: Sandbox) -> None:
    """An appointment is made, changed and deleted."""
    with DimeScheduler(**sandbox.credentials) as api:
        for event in ("Created", "Updated", "Deleted"):
            subscribe = getattr(api.webhooks, f"subscribe_{event.lower()}")
            url = f"http://127.0.0.1:9/in/appointment{event}"
            subscribe(source_app="BC1", notification_url=url, resource="Appointments", change_type=[event.rstrip("d")])
        task = {"sourceApp": "BC1", "sourceType": "SERVICE", "jobNo": "SVC001", "taskNo": "20"}
        when = {"start": "2026-04-01T08:00:00", "end": "2026-04-01T09:00:00"}
        made = {**task, **when, "appointmentNo": "A77", "subject": "Tap", "resourceNo": "R001"}
        api.appointments.upsert(cast("AppointmentWriteParam", made))
        api.appointment_importances.upsert({"appointmentNo": "A77", "importance": 1})
        api.appointments.delete({"appointmentNo": "A77"})


def espace_posts(sandbox: Sandbox) -> None:
    """An event is submitted."""
    with Espace(**sandbox.credentials) as api:
        api.webhooks.create(url="http://127.0.0.1:9/in", event_ids=list(range(1, 15)))
        when = datetime.datetime(2026, 5, 10)
        made = api.events.create(
            event_name="Choir", event_date=when, start_time="18:00:00", end_time="20:00:00", is_off_site=True
        )
        api.events.submit(made.event_id, schedule_id=made.schedule_id)


POSTS: dict[str, tuple[Callable[[Sandbox], None], WebhookTable, dict[str, type[Any]]]] = {
    "dibop": (dibop_posts, dibop.WEBHOOKS, {"alertFired": FiredAlert}),
    "dime_scheduler": (
        dime_scheduler_posts,
        dime.WEBHOOKS,
        dict.fromkeys(("appointmentCreated", "appointmentUpdated", "appointmentDeleted"), AppointmentEvent),
    ),
    "espace": (espace_posts, espace.WEBHOOKS, {"event.submitted": EventSubmittedNotification}),
}


@pytest.mark.parametrize("vendor", POSTS)
def test_what_a_sandbox_posts_is_received_and_typed(vendor: str) -> None:
    """One receiver, made the same way for every vendor, reads what the vendor posts into the document's models."""
    act, table, models = POSTS[vendor]
    seen: list[Any] = []
    read: dict[str, Any] = {}
    receiver = Receiver(table, "/in", strict=True, verify=lambda headers, _: headers["content-type"] == JSON)
    receiver.on(*models)(seen.append)

    def send(url: str, headers: Any, body: bytes) -> int:
        path = urlsplit(url).path
        named = path.rpartition("/")[2]
        read[named] = table.parse(body, named if named in table else None)
        return int(post(receiver, path, body, CONTENT_TYPE=headers["Content-Type"]).split()[0])

    with Sandbox(vendor) as sandbox:
        sandbox.outbox.clear()
        act(sandbox)
        sent = [each for each in sandbox.outbox.deliver(send) if each.url.startswith("http://127.0.0.1:9/in")]
        assert {each.status for each in sent} == {204}
        assert set(models) <= {each.topic for each in sent} <= set(table)
        assert sandbox.engine.defects == []
    assert sorted(map(type, seen), key=str) == sorted(models.values(), key=str)
    assert set(map(type, read.values())) >= set(models.values())


def test_the_body_says_which_webhook() -> None:
    """A vendor that posts everything to one address names the webhook in the body; `topic` is for another place."""
    seen: list[Any] = []
    receiver = Receiver(espace.WEBHOOKS, "/in")
    elsewhere = Receiver(dime.WEBHOOKS, "/in", topic=lambda document: document["Subject"])
    assert post(elsewhere, "/in", {**EVENT, "Subject": "appointmentCreated"}).startswith("204")
    assert post(elsewhere, "/in", EVENT).startswith("400")
    receiver.on("item.created")(seen.append)
    assert post(receiver, "/in", {"Topic": "item.created", "ItemId": 3}).startswith("204")
    assert post(receiver, "/in", {"Topic": "item.lost"}).startswith("400")
    assert [each.topic for each in seen] == ["item.created"]
    with pytest.raises(DecodeError, match=r"there is no topic 'item\.lost'; there are: event\.submitted"):
        receiver.handle(b'{"Topic": "item.lost"}')


def test_a_body_is_read_without_a_receiver() -> None:
    """A table reads whichever webhook a body is: by its topic, by the name given, or as the only one there is."""
    assert espace.WEBHOOKS.parse(b'{"Topic": "item.created", "ItemId": 3}').item_id == 3
    assert dime.WEBHOOKS.parse(json.dumps(EVENT), "appointmentUpdated").id == 7
    assert dibop.WEBHOOKS.parse("{}").additional_properties == {}
    for table, body, name in (
        (espace.WEBHOOKS, "{}", None),
        (espace.WEBHOOKS, "[]", None),
        (espace.WEBHOOKS, "no JSON", None),
        (dime.WEBHOOKS, "{}", None),
        (dime.WEBHOOKS, "{}", "appointmentMoved"),
    ):
        with pytest.raises(DecodeError):
            table.parse(body, name)
    with pytest.raises(DecodeError, match="webhook alertFired"):
        dibop.WEBHOOKS.parse("{}", strict=True)


def test_times_of_a_receiver_with_a_zone() -> None:
    """Times without an offset are aware where the receiver was told the zone; a zone that is none is told at once."""
    seen: list[Any] = []
    receiver = Receiver(espace.WEBHOOKS, "/in", time_zone="America/New_York")
    receiver.on()(seen.append)
    post(receiver, "/in", {"Topic": "event.approved", "DateCreated": "2026-03-02T09:00:00"})
    assert seen[0].date_created.isoformat() == "2026-03-02T09:00:00-05:00"
    with pytest.raises(ConfigurationError, match="Mars/Olympus"):
        Receiver(espace.WEBHOOKS, time_zone="Mars/Olympus")


def test_a_vendor_with_one_webhook() -> None:
    """Where there is one webhook only, the path is the whole secret path."""
    seen: list[Any] = []
    receiver = Receiver(dibop.WEBHOOKS, "/alerts")
    receiver.on()(seen.append)
    assert post(receiver, "/alerts", {}).startswith("204")
    assert len(seen) == 1


def test_a_signature_is_verified() -> None:
    """What `verify` does not take for the vendor's is refused with 401, by its headers and its bytes."""

    def verify(headers: Any, body: bytes) -> bool:
        return hmac.compare_digest(headers.get("x-signature", ""), hashlib.sha256(b"key" + body).hexdigest())

    receiver = Receiver(dibop.WEBHOOKS, "/alerts", verify=verify)
    assert post(receiver, "/alerts", b"{}") == "401 Unauthorized"
    assert post(receiver, "/alerts", b"{}", X_Signature=hashlib.sha256(b"key{}").hexdigest()).startswith("204")


def test_a_handler_that_fails() -> None:
    """A handler that raises gives 500, so that the vendor may try again; its words are not told."""
    receiver = Receiver(dibop.WEBHOOKS, "/alerts")

    @receiver.on("alertFired")
    def fail(_: Any) -> None:
        raise RuntimeError("my own mistake")

    assert post(receiver, "/alerts", b"{}") == "500 Internal Server Error"


def test_an_unknown_webhook_is_told_at_once() -> None:
    """A misspelt name is an error when the handler is registered."""
    with pytest.raises(ValueError, match="there is no topic 'appointmentChanged'; there are: appointmentCreated"):
        Receiver(dime.WEBHOOKS).on("appointmentChanged")


@pytest.mark.parametrize("path", ["", "acme/9d7c", None, b"/acme/9d7c"])
def test_a_path_that_keeps_nobody_out(path: Any) -> None:
    """A path that is empty, as a variable may be that nobody has set, or that no request can have is refused unseen."""
    with pytest.raises(ConfigurationError, match="secret_path must be a text that begins with a slash") as caught:
        Receiver(dibop.WEBHOOKS, path)
    assert "9d7c" not in str(caught.value)


@pytest.mark.parametrize("name", ["topic", "verify"])
def test_a_check_that_is_no_function(name: str) -> None:
    """What should be a function is refused when the receiver is made, and not with each webhook."""
    wrong: Any = {name: "hmac"}
    with pytest.raises(ConfigurationError, match=f"{name} must be a function; it is of the type str"):
        Receiver(dibop.WEBHOOKS, "/alerts", **wrong)


@pytest.mark.parametrize("length", ["9" * 5000, "9" * 19, "-1", "x"])
def test_a_length_that_is_none(length: str) -> None:
    """A length with thousands of digits is too large, like any other that is no number of bytes."""
    told: list[str] = []

    def start(status: str, _headers: list[tuple[str, str]]) -> None:
        told.append(status)

    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/alerts", "CONTENT_LENGTH": length}
    list(Receiver(dibop.WEBHOOKS, "/alerts")(environ, start))
    assert told == ["413 Content Too Large"]
