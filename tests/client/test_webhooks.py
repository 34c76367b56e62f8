"""Receiving webhooks of any vendor: what is read, who is called, what is returned."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
from typing import Any

import pytest

from accordant.dibop import received as dibop
from accordant.dime_scheduler import received as dime
from accordant.dime_scheduler.models import AppointmentEvent
from accordant.errors import DecodeError
from accordant.espace import received as espace
from accordant.webhooks import Receiver

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
        **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
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


def test_the_body_says_which_webhook() -> None:
    """A vendor that posts everything to one address names the webhook in the body."""
    seen: list[Any] = []
    receiver = Receiver(espace.WEBHOOKS, "/in", topic=lambda document: document["Topic"])
    receiver.on("item.created")(seen.append)
    assert post(receiver, "/in", {"Topic": "item.created", "ItemId": 3}).startswith("204")
    assert post(receiver, "/in", {"Topic": "item.lost"}).startswith("400")
    assert [each.topic for each in seen] == ["item.created"]
    with pytest.raises(DecodeError, match=r"there is no topic 'item\.lost'; there are: event\.submitted"):
        receiver.handle(b'{"Topic": "item.lost"}')


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
