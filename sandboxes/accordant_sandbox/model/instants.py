"""Instants as text: RFC 3339 in, UTC out."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["instant_text", "parse_instant"]


def parse_instant(text: str) -> datetime:
    """An RFC 3339 instant as an aware datetime in UTC.

    Raises:
        ValueError: The text is no instant, has no offset, or leaves the years 1 to 9999.
    """
    try:
        moment = datetime.fromisoformat(text.strip().upper())
        if moment.tzinfo is None:
            raise ValueError("no offset")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as problem:
        raise ValueError(f"{text!r} is not an RFC 3339 instant with an offset") from problem


def instant_text(moment: datetime) -> str:
    """The instant in UTC with a `Z`; a fraction of a second is written only if present."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    if "." in text:
        text = text.rstrip("0")
    return text + "Z"
