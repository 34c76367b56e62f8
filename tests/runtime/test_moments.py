"""Date-times, dates and UUIDs: which texts are some, and that each is written back as it came."""

from __future__ import annotations

import copy
import datetime
import pickle
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from accordant_runtime import Notes, OneOf, day, identifier, instant, integer, to_text, to_wire

Decoder = Callable[[Any, Notes], Any]


def decoded(decode: Decoder, value: Any) -> tuple[Any, list[str]]:
    """What a decoder makes of a value, and its notes as text."""
    notes = Notes()
    result = decode(value, notes)
    return result, [f"{item.kind} {item}" for item in notes.items]


RFC3339 = [
    "2026-03-01T09:00:00Z",
    "2026-03-01t09:00:00z",
    "2026-03-01T09:00:00z",
    "2026-03-01T09:00:00+00:00",
    "2026-03-01T09:00:00-00:00",
    "2026-03-01T09:00:00.000Z",
    "2026-03-01T09:00:00.5+05:30",
    "2026-03-01T09:00:00.123456Z",
    "2026-03-01T09:00:00.000000-01:00",
    "2026-03-01T09:00:00.123456789Z",
    "2026-03-01t09:00:00.123456789-08:00",
    "2026-03-01T09:00:00.25",
    "2016-12-31T23:59:60Z",
    "2016-12-31T15:59:60.5-08:00",
    "0001-01-01T00:00:00Z",
]


@pytest.mark.parametrize("text", RFC3339)
def test_instants_are_written_as_they_came(text: str) -> None:
    """Every RFC 3339 date-time is a datetime without a deviation, and its text is the same when it is written back."""
    result, notes = decoded(instant, text)
    assert (isinstance(result, datetime.datetime), notes) == (True, [])
    for twin in (result, copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert (twin, to_wire(twin), to_text(twin)) == (result, text, text)


def test_changed_instants_lose_their_text() -> None:
    """A datetime that was calculated from one that came is written by its value."""
    came = decoded(instant, "2026-03-01T09:00:00.500+00:00")[0]
    assert to_wire(came + datetime.timedelta(days=1)) == "2026-03-02T09:00:00.500000Z"
    assert to_wire(came.replace(microsecond=0)) == "2026-03-01T09:00:00Z"
    assert pickle.loads(pickle.dumps(came + datetime.timedelta(0))) == came
    assert repr(came) == "datetime.datetime(2026, 3, 1, 9, 0, 0, 500000, tzinfo=datetime.timezone.utc)"


def test_leap_seconds() -> None:
    """Second 60, which a datetime does not have, is the first second of the next minute, and only where one can be."""
    assert decoded(instant, "2016-12-31T23:59:60Z")[0] == datetime.datetime(2017, 1, 1, tzinfo=datetime.UTC)
    for wrong in ("2016-12-31T12:00:60Z", "2016-12-31T23:59:60+01:00", "9999-12-31T23:59:60Z", "2016-12-31T23:59:61Z"):
        assert decoded(instant, wrong) == (wrong, [f"bad_value $: expected date-time, found {wrong!r}"])


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-02",
        "2026-W01-1",
        "2026-W01-1T03:04:05Z",
        "20260102T030405Z",
        "2026-01-02T03:04Z",
        "2026-01-02T03:04:05+0100",
        "2026-01-02T03:04:05,5Z",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05.1234567308:0Z",
        "2026-01-02 03:04:05Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:04:05+05:99",
        "2026-02-30T03:04:05Z",
        "\u0662026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.123456\u0662Z",
        "",
    ],
)
def test_other_forms_of_times_are_deviations(text: str) -> None:
    """A text that is no RFC 3339 date-time is noted, and stays the text that it is, although Python could read it."""
    result, notes = decoded(instant, text)
    assert (result, type(result), len(notes)) == (text, str, 1)
    assert notes[0].startswith("bad_value $: expected date-time, found ")


@pytest.mark.parametrize(
    ("decode", "text"),
    [
        (day, "20260301"),
        (day, "2026-W01-1"),
        (day, "2026-03-01T00:00:00Z"),
        (identifier, "00000000000000000000000000000001"),
        (identifier, "0000000000000000-0000-0000000000-001"),
        (identifier, "00000000-0000-0000-0000-0000000000-01"),
        (identifier, "-0000000-0000-0000-0000-00000000000-"),
        (identifier, "00000000-0000-0000-0000-000000000001-"),
        (identifier, "00000000-0000-0000-0000-0000000000 1"),
        (identifier, "{00000000-0000-0000-0000-000000000001}"),
        (identifier, "urn:uuid:00000000-0000-0000-0000-000000000001"),
    ],
)
def test_other_forms_of_days_and_identifiers_are_deviations(decode: Decoder, text: str) -> None:
    """Dates and UUIDs in forms that Python reads and the document does not promise are noted, and stay text."""
    result, notes = decoded(decode, text)
    assert (result, len(notes)) == (text, 1)


def test_capital_identifiers_are_written_as_they_came() -> None:
    """A UUID in capitals is one, and is written in capitals again."""
    text = "ABCDEF00-0000-4000-8000-00000000000A"
    result, notes = decoded(identifier, text)
    assert (result, notes) == (uuid.UUID(text), [])
    for twin in (result, copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert (twin, to_wire(twin)) == (result, text)
    assert repr(result) == repr(uuid.UUID(text))


def test_naive_times_where_times_have_offsets() -> None:
    """Of a vendor that does not name times by the wall clock, one without an offset is noted; it stays a datetime."""
    notes = Notes(wall_clock=False)
    decode: OneOf[Any] = OneOf(integer, instant)
    naive = datetime.datetime(2026, 3, 1, 9)
    assert instant("2026-03-01T09:00:00", notes) == naive
    assert decode("2026-03-01T09:00:00Z", notes).tzinfo is datetime.UTC
    assert [item.expected for item in notes.items] == ["date-time with an offset"]
    assert decoded(instant, "2026-03-01T09:00:00") == (naive, [])
