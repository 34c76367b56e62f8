"""eSPACE events are mirrored into a local database."""

from __future__ import annotations

import sqlite3
from datetime import date

from accordant.espace import Espace


def mirror_events(espace: Espace, database: sqlite3.Connection, first: date, last: date) -> int:
    """Make the table ``occurrences`` equal to what takes place from ``first`` to ``last``; returns how many."""
    rows = [
        (each.occurrence_id, each.event_name, each.event_start.isoformat(), each.occurrence_status.value)
        for each in espace.occurrences.list(start_date=first, end_date=last)
    ]
    with database:  # all of it, or nothing
        database.execute(
            "CREATE TABLE IF NOT EXISTS occurrences (id INTEGER PRIMARY KEY, name TEXT, start TEXT, status TEXT)"
        )
        database.execute("DELETE FROM occurrences")
        database.executemany("INSERT INTO occurrences VALUES (?, ?, ?, ?)", rows)
    return len(rows)
