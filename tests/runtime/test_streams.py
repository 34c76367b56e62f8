"""Cutting bytes into values: wherever they are cut on the way, the values are the same."""

from __future__ import annotations

import pytest

from accordant_runtime import EventCutter, ValueCutter

EVENTS = "\ufeff: hi\r\nid: 1\r\ndata: a\r\ndata: ü\r\n\r\nevent: x\rdata\r\rdata: b\n\ndata: cut".encode()
VALUES = '\ufeff{"a":\t1}\r\n\n\x1e{"ü":2}\n 3'.encode()


@pytest.mark.parametrize("at", range(len(EVENTS)))
def test_events_in_two_pieces(at: int) -> None:
    """Events are the same wherever their bytes are cut in two, whatever ends their lines."""
    cutter = EventCutter()
    found = [*cutter.feed(EVENTS[:at]), *cutter.feed(EVENTS[at:]), *cutter.end()]
    assert [(each.event, each.id, each.data) for each in found] == [
        ("message", "1", "a\nü"),
        ("x", "1", ""),
        ("message", "1", "b"),
    ]


@pytest.mark.parametrize("at", range(len(VALUES)))
def test_values_in_two_pieces(at: int) -> None:
    """JSON values are the same wherever their bytes are cut in two; the last needs no line end."""
    cutter = ValueCutter()
    found = [*cutter.feed(VALUES[:at]), *cutter.feed(VALUES[at:]), *cutter.end()]
    assert found == [b'{"a":\t1}', '{"ü":2}'.encode(), b"3"]


def test_waiting() -> None:
    """What has not ended yet is counted, however small its pieces are: that is what is limited."""
    values, events = ValueCutter(), EventCutter()
    for _ in range(100):
        assert values.feed(b" " * 10) == []
        assert events.feed(b"data: x\n") == []
    assert values.waiting == 1000
    assert events.waiting >= 100
    assert len(events.feed(b"\n")) == 1
    assert events.waiting == 0
