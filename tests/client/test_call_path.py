"""The way of a call stays short."""

from __future__ import annotations

from tests.client.call_path import AIM, client, length, passed


def test_the_way_of_a_call_is_short() -> None:
    """A call passes few files, seldom changes from one to another, and makes few Python calls."""
    with client() as api:
        found = length(passed(lambda: api.appointments.get(7)))
    assert all(figure <= most for figure, most in zip(found, AIM, strict=True)), found


def test_a_longer_way_shows() -> None:
    """The figures count what is done: two calls are twice as many Python calls, in the same files."""
    with client() as api:
        plain = length(passed(lambda: api.appointments.get(7)))
        twice = length(passed(lambda: [api.appointments.get(7), api.appointments.get(7)]))
    assert twice.calls == 2 * plain.calls
    assert twice.files == plain.files
