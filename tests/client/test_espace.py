"""eSPACE's habits, as a user of its client meets them."""

from __future__ import annotations

import asyncio
import datetime
import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accordant import FileTokenStore
from accordant._call.time_zones import wall_clock
from accordant.errors import (
    APIStatusError,
    ConfigurationError,
    DecodeError,
    PaginationError,
    RequestError,
    ResponseDecodeError,
)
from accordant.espace import AsyncEspace, Espace
from accordant.espace.webhooks import TOPICS, Notification, WebhookReceiver, parse_notification
from accordant.testing import Script, SentRequest
from accordant_documents import load
from accordant_generated.espace.models import EventNotification
from accordant_sandbox import Sandbox

KEY = "0b9f6f0e-1111-4222-8333-abcdefabcdef"
FIRST, LAST = datetime.date(2025, 1, 1), datetime.date(2027, 12, 31)
NEW_YORK = "America/New_York"
EVENT_APPROVED = {
    "Topic": "event.approved",
    "MinistryId": 1,
    "MinistryName": "Demo",
    "EventId": 7,
    "EventName": "Bazaar",
    "Status": "Approved",
}


def wrapped(data: Any, **more: Any) -> tuple[int, Any]:
    """The wrapper that every answer but the token has."""
    return 200, {"IsSuccessStatusCode": True, "Message": None, "Data": data, **more}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that must not have broken its own document."""
    with Sandbox("espace") as made:
        yield made
        assert not made.defects


def test_the_key_is_exchanged_for_a_token_once() -> None:
    """The API key goes to requesttoken only, and the token it gives is used from then on."""
    script = Script((200, "invented.jwt.token"), wrapped([]), wrapped([]))
    with Espace(api_key=KEY, transport=script) as api:
        api.locations.list()
        api.locations.list()
    assert script.requests[0].path == "/api/v2/requesttoken"
    assert [request.headers.get("authorization") for request in script.requests[1:]] == [
        "Bearer invented.jwt.token"
    ] * 2
    assert not any(KEY in request.url + str(dict(request.headers)) for request in script.requests)
    assert KEY not in repr(api)


def test_a_token_is_kept_across_processes_in_a_file_of_the_owner(tmp_path: Path) -> None:
    """With a token store a second client needs no new token, and nobody else can read the file."""
    place = tmp_path / "tokens.json"
    with Espace(api_key=KEY, transport=Script((200, "kept"), wrapped([])), token_store=FileTokenStore(place)) as api:
        api.locations.list()
    script = Script(wrapped([]))
    with Espace(api_key=KEY, transport=script, token_store=FileTokenStore(place)) as api:
        api.locations.list()
    assert script.requests[0].headers["authorization"] == "Bearer kept"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


def test_a_refused_token_is_replaced_once() -> None:
    """A 401 asks for a new token and tries again."""
    script = Script((200, "old"), (401, {}), (200, "new"), wrapped([]))
    with Espace(api_key=KEY, transport=script) as api:
        assert api.locations.list() == []
    assert script.requests[-1].headers["authorization"] == "Bearer new"


def test_a_failure_inside_a_success_raises() -> None:
    """IsSuccessStatusCode false raises with the vendor's words although the status is 200."""
    script = Script((200, "t"), (200, {"IsSuccessStatusCode": False, "Message": "Not yours.", "Data": None}))
    with Espace(api_key=KEY, transport=script) as api, pytest.raises(APIStatusError) as caught:
        api.events.get(7)
    assert caught.value.message == "Not yours."


def test_times_become_aware_in_the_organisations_zone(sandbox: Sandbox) -> None:
    """With a time zone wall-clock times are aware, without one they are naive; both read the same clock."""
    with Espace(**sandbox.credentials) as api, Espace(**sandbox.credentials, time_zone=NEW_YORK) as zoned:
        naive = api.occurrences.list(start_date=FIRST, end_date=LAST).first()
        aware = zoned.occurrences.list(start_date=FIRST, end_date=LAST).first()
    assert naive is not None
    assert aware is not None
    one, other = naive.event_start, aware.event_start
    assert isinstance(one, datetime.datetime)
    assert isinstance(other, datetime.datetime)
    assert one.tzinfo is None
    assert str(other.tzinfo) == NEW_YORK
    assert other.replace(tzinfo=None) == one


def test_aware_times_are_sent_as_the_zones_wall_clock() -> None:
    """An aware datetime in an argument is sent as the wall clock of the organisation's zone."""
    when = datetime.datetime(2026, 3, 2, 15, tzinfo=datetime.UTC)
    assert wall_clock({"at": [when]}, ZoneInfo(NEW_YORK)) == {"at": [datetime.datetime(2026, 3, 2, 10)]}
    script = Script(wrapped([]))
    with Espace(token="t", transport=script, time_zone=NEW_YORK) as api:
        api.occurrences.list(start_date=FIRST, end_date=LAST).collect()
    assert ("startDate", "2025-01-01") in script.requests[0].query


def test_an_unknown_zone_is_refused() -> None:
    """A zone that does not exist is an error that says what a zone looks like."""
    with pytest.raises(ConfigurationError, match="IANA"):
        Espace(api_key=KEY, time_zone="Mars/Olympus")


def test_a_long_range_is_walked_without_loss_or_repeats(sandbox: Sandbox) -> None:
    """Small answers put together give the very rows of one large answer, sync and async."""

    async def gather() -> list[Any]:
        async with AsyncEspace(**sandbox.credentials) as api:
            return await api.occurrences.list(start_date=FIRST, end_date=LAST, limit=4).collect()

    with Espace(**sandbox.credentials) as api:
        whole = api.occurrences.list(start_date=FIRST, end_date=LAST).collect()
        sliced = api.occurrences.list(start_date=FIRST, end_date=LAST, limit=4).collect()
    ids = [row.occurrence_id for row in whole]
    assert len(ids) == len(set(ids)) > 8
    assert [row.occurrence_id for row in sliced] == ids
    assert [row.occurrence_id for row in asyncio.run(gather())] == ids


def test_a_walk_can_be_resumed(sandbox: Sandbox) -> None:
    """The token of a page goes on behind that page."""
    with Espace(**sandbox.credentials) as api:
        pages = api.occurrences.list(start_date=FIRST, end_date=LAST, limit=4)
        whole = [row.occurrence_id for row in pages]
        first = next(iter(pages.pages()))
        assert first.token is not None
        rest = [row.occurrence_id for row in pages.resume(first.token)]
    assert [row.occurrence_id for row in first.items] + rest == whole


def occurrence(number: int, day: str) -> dict[str, Any]:
    return {"OccurrenceId": number, "EventStart": f"{day}T09:00:00", "EventEnd": f"{day}T10:00:00"}


def test_too_many_rows_on_one_day_are_an_error_not_a_loop() -> None:
    """When more rows begin on one day than an answer holds, the walk says so."""
    full = wrapped([occurrence(1, "2026-01-01"), occurrence(2, "2026-01-01")])
    with (
        Espace(token="t", transport=Script(full, repeat=True)) as api,
        pytest.raises(PaginationError, match="begin on"),
    ):
        api.occurrences.list(start_date=FIRST, end_date=LAST, limit=2).collect()


def test_a_full_answer_without_order_is_an_error_not_a_loss() -> None:
    """A full answer that is not in order cannot be continued without loss, and the walk says so."""
    full = wrapped([occurrence(1, "2026-02-01"), occurrence(2, "2026-01-01")])
    with Espace(token="t", transport=Script(full)) as api, pytest.raises(PaginationError, match="order"):
        api.occurrences.list(start_date=FIRST, end_date=LAST, limit=2).collect()


def test_a_limit_without_bounds_is_the_callers_own() -> None:
    """Without both bounds there is nothing to walk: the next so many rows are all that was asked for."""
    full = wrapped([occurrence(1, "2026-01-01"), occurrence(2, "2026-01-02")])
    with Espace(token="t", transport=Script(full)) as api:
        assert len(api.occurrences.list(limit=2).collect()) == 2


def test_a_limit_is_one_or_more() -> None:
    """A limit of none is told before anything is sent."""
    with Espace(token="t", transport=Script()) as api, pytest.raises(RequestError, match="limit"):
        api.occurrences.list(limit=0).first()


def test_a_full_answer_needs_both_bounds() -> None:
    """At the vendor's own cap a full answer without both bounds cannot be continued; the error says what to give."""
    full = wrapped([occurrence(number, "2026-01-01") for number in range(2000)])
    with Espace(token="t", transport=Script(full)) as api, pytest.raises(PaginationError, match="both ends"):
        api.occurrences.list().collect()


@pytest.mark.parametrize("status", [200, 204])
def test_a_deletion_may_answer_nothing(status: int) -> None:
    """A deletion whose answer has no body is done, whatever 2xx it bears; another operation's is not."""
    with Espace(token="t", transport=Script((status, None), (200, None))) as api:
        assert api.events.delete(7) is None
        with pytest.raises(ResponseDecodeError, match="empty"):
            api.events.get(7)


def test_every_topic_of_the_document_has_a_payload() -> None:
    """The topics are the 14 of the document, each with the class of its payload there."""
    found: dict[str, str] = {}
    for topic, item in load("espace")["webhooks"].items():
        content = item["post"]["requestBody"]["content"]["application/json"]
        found[topic] = content["schema"]["$ref"].rpartition("/")[2]
    assert {topic: kind.__name__ for topic, kind in TOPICS.items()} == found


def test_a_notification_is_read_by_its_topic() -> None:
    """A notification becomes the class of its topic; an unknown topic and what is no JSON are errors."""
    assert parse_notification(json.dumps(EVENT_APPROVED)).topic == "event.approved"
    for wrong in ("[]", "nothing", '{"Topic": "event.exploded"}'):
        with pytest.raises(DecodeError):
            parse_notification(wrong)


def test_a_bad_value_does_not_cost_a_notification() -> None:
    """A notification with a text that is none or a key that comes twice is read; a strict reader refuses it."""
    body = json.dumps(EVENT_APPROVED)[:-1] + ', "Topic": "event.approved", "Extra": "\\ud800"}'
    assert parse_notification(body).additional_properties["Extra"] == "\ud800"
    for wrong in (body, body.replace("\\ud800", "")):
        with pytest.raises(DecodeError):
            parse_notification(wrong, strict=True)


def test_the_times_of_a_notification_are_in_the_organisations_zone() -> None:
    """With a time zone the times of a notification are aware; an unknown zone is told at once."""
    body = json.dumps({**EVENT_APPROVED, "DateCreated": "2026-03-01T04:00:00"})
    naive = parse_notification(body)
    zoned = parse_notification(body, time_zone="America/New_York")
    assert isinstance(naive, EventNotification)
    assert isinstance(zoned, EventNotification)
    assert isinstance(naive.date_created, datetime.datetime)
    assert zoned.date_created == naive.date_created.replace(tzinfo=ZoneInfo("America/New_York"))
    with pytest.raises(ConfigurationError, match="Mars"):
        WebhookReceiver(time_zone="Mars/Olympus")


def deliver(receiver: WebhookReceiver, body: bytes, path: str = "/hook", method: str = "POST") -> str:
    """Post to the receiver as a WSGI server does."""
    answered: list[str] = []
    environ: dict[str, Any] = {
        "PATH_INFO": path,
        "REQUEST_METHOD": method,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
    }

    def start_response(status: str, _headers: list[tuple[str, str]]) -> None:
        answered.append(status)

    receiver(environ, start_response)
    return answered[0][:3]


def test_the_receiver_calls_the_handlers_of_a_topic() -> None:
    """Handlers are called for their topics only; wrong paths, methods, bodies and failing handlers have statuses."""
    receiver = WebhookReceiver("/hook")
    seen: list[Notification] = []
    receiver.on("event.approved")(seen.append)
    body = json.dumps(EVENT_APPROVED).encode()
    assert deliver(receiver, body) == "204"
    assert deliver(receiver, body.replace(b"approved", b"declined")) == "204"
    assert [item.topic for item in seen] == ["event.approved"]
    assert deliver(receiver, b"nothing") == "400"
    assert deliver(receiver, body, path="/") == "404"
    assert deliver(receiver, b"", method="GET") == "405"

    @receiver.on()
    def fail(_notification: Notification) -> None:
        raise RuntimeError("no")

    assert deliver(receiver, body) == "500"


def test_an_unknown_topic_cannot_be_asked_for() -> None:
    """A misspelt topic is refused when the handler is registered."""
    with pytest.raises(ValueError, match="no topic"):
        WebhookReceiver().on("event.exploded")


def test_from_env_reads_the_key_and_the_zone() -> None:
    """ESPACE_API_KEY is required and named when missing; ESPACE_TIME_ZONE is optional."""

    def answer(request: SentRequest) -> tuple[int, Any]:
        return (200, "t") if request.path.endswith("requesttoken") else wrapped([])

    with Espace.from_env(
        {"ESPACE_API_KEY": KEY, "ESPACE_TIME_ZONE": NEW_YORK}, transport=Script(answer, repeat=True)
    ) as api:
        assert api.locations.list() == []
    with pytest.raises(ConfigurationError, match="ESPACE_API_KEY"):
        Espace.from_env({})
