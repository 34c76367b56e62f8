"""Instants and the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from accordant_sandbox.engine.clock import Clock, instant_text, parse_instant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01T10:00:00Z", "2026-05-01T10:00:00Z"),
        ("2026-05-01t10:00:00z", "2026-05-01T10:00:00Z"),
        ("2026-05-01T12:00:00+02:00", "2026-05-01T10:00:00Z"),
        ("2026-05-01T10:00:00.250Z", "2026-05-01T10:00:00.25Z"),
        ("2026-05-01T10:00:00.000Z", "2026-05-01T10:00:00Z"),
    ],
)
def test_instants(text: str, expected: str) -> None:
    """An instant is written in UTC with a Z, and with a fraction only where there is one."""
    assert instant_text(parse_instant(text)) == expected


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-05-01", "2026-05-01T10:00:00", "0001-01-01T00:00:00+10:00"])
def test_no_instants(text: str) -> None:
    """A text without time, without offset, or outside the calendar is no instant."""
    with pytest.raises(ValueError, match="not an RFC 3339 instant"):
        parse_instant(text)


def test_a_clock_on_real_time() -> None:
    """A clock on real time runs along with its source; `advance` adds to it and `reset` takes that back."""
    real = [datetime(2026, 1, 1, tzinfo=UTC)]
    clock = Clock(real=lambda: real[0])
    real[0] += timedelta(seconds=5)
    assert clock.text() == "2026-01-01T00:00:05Z"
    clock.advance(days=1, minutes=1)
    real[0] += timedelta(seconds=5)
    assert clock.text() == "2026-01-02T00:01:10Z"
    clock.reset()
    assert clock.text() == "2026-01-01T00:00:10Z"
