"""A facility manager's morning with eSPACE: what is on, and a room for a new event.

Run it against eSPACE or a local sandbox: ``python -m examples.espace`` reads the ESPACE_* variables.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator

from accordant.errors import AccordantError, APIStatusError
from accordant.espace import Espace


def session(api: Espace) -> Iterator[str]:
    """Play the morning; yields one line for each step that worked."""
    first, last = datetime.date(2025, 1, 1), datetime.date(2027, 12, 31)
    events = api.events.list(start_date=first, end_date=last).collect()
    yield f"{len(events)} events, the first of them {events[0].event_name!r}"

    occurrences = api.occurrences.list(start_date=first, end_date=last, limit=5).collect()
    yield f"{len(occurrences)} dates on which they take place, five to an answer, each once"

    start = occurrences[0].event_start
    zoned = start.tzinfo is not None
    yield f"the first is at {start}, {'aware' if zoned else 'on the wall clock'}"

    one = api.events.get(events[0].event_id)
    yield f"event {one.event_id} again: {one.event_name!r}"

    room = next(item for item in api.items.list() if item.item_type == "Space" and item.is_schedulable)
    made = api.events.create(
        event_name="Demo rehearsal",
        event_date=datetime.datetime(2027, 5, 3),
        start_time="18:00:00",
        end_time="20:00:00",
    )
    api.events.add_spaces(made.event_id, [room.item_id], schedule_id=made.schedule_id)
    submitted = api.events.submit(made.event_id, schedule_id=made.schedule_id)
    yield f"event {made.event_id} wants {room.name!r} and is {submitted.status}"
    yield f"and is {api.events.cancel(made.event_id, reason='a demonstration').status} again"

    try:
        api.events.get(999_999_999)
    except APIStatusError as error:
        yield f"an event that is not there: {error.message}"


def main() -> None:
    """Play the session with the credentials of the environment."""
    try:
        with Espace.from_env() as api:
            for line in session(api):
                print(line)
    except AccordantError as error:
        sys.exit(f"espace: {error}")


if __name__ == "__main__":
    main()
