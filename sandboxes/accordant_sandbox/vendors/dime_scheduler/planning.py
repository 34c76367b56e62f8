"""What Dime.Scheduler calculates: places on the map, and free slots of resources."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import asin, cos, radians, sin, sqrt
from typing import Any

from accordant_sandbox.model.instants import instant_text, parse_instant
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import column
from accordant_sandbox.ports import Call, Row, Tx
from accordant_sandbox.vendors.dime_scheduler.writing import Body, belonging

__all__ = ["duration", "geocode", "slots"]

_MOST_SLOTS = 20
_MOST_TRIES = 5000
_DURATION = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_YEAR, _MONTH = 365, 30


@dataclass(frozen=True, slots=True)
class GeoPoint:
    """A place on the map, in decimal degrees."""

    latitude: float
    longitude: float

    def distance(self, other: GeoPoint) -> float:
        """Kilometres to another place, as the crow flies."""
        rise = radians(other.latitude - self.latitude)
        run = radians(other.longitude - self.longitude)
        part = sin(rise / 2) ** 2 + cos(radians(self.latitude)) * cos(radians(other.latitude)) * sin(run / 2) ** 2
        return round(2 * 6371 * asin(sqrt(part)), 1)


def geocode(*parts: str) -> GeoPoint:
    """Where an address is: the same for the same words, and somewhere in Western Europe."""
    digest = hashlib.sha256(" ".join(" ".join(parts).casefold().split()).encode()).digest()
    share = [int.from_bytes(digest[index : index + 4], "big") / 2**32 for index in (0, 4)]
    return GeoPoint(round(43 + 10 * share[0], 6), round(-4 + 14 * share[1], 6))


def duration(text: str) -> timedelta:
    """The length of an ISO 8601 duration; a year counts as 365 days, a month as 30.

    Raises:
        ValueError: It is none, or has no length.
    """
    found = _DURATION.fullmatch(text.upper())
    numbers = {name: int(value) for name, value in found.groupdict().items() if value} if found else {}
    numbers["days"] = numbers.get("days", 0) + numbers.pop("years", 0) * _YEAR + numbers.pop("months", 0) * _MONTH
    try:
        length = timedelta(**numbers)
    except OverflowError as problem:
        raise ValueError(f"{text!r} is too long") from problem
    if length <= timedelta():
        raise ValueError(f"{text!r} is no duration such as PT1H")
    return length


def slots(call: Call, body: Body) -> list[dict[str, Any]]:
    """Free slots of the resources that fit, the earliest first.

    Raises:
        Problem: `invalid`: a duration or an instant is none.
    """
    options: Body = body.get("options", {})
    try:
        length = duration(body["duration"])
        step = duration(options.get("granularity", "PT30M"))
        first, last = parse_instant(body["startDate"]), parse_instant(body["endDate"])
    except ValueError as problem:
        raise Problem("invalid", str(problem), rule="recommend") from problem
    where: Body | None = body.get("location")
    goal = geocode(where.get("address", ""), where.get("country", "")) if where else None
    found: list[dict[str, Any]] = []
    for resource in _fitting(call.tx, body.get("requirements", ())):
        away = _distance(resource, goal)
        if away is not None and away > options.get("maxDistanceKm", away):
            continue
        found.extend(
            {
                "start": instant_text(start),
                "end": instant_text(start + length),
                "resourceNo": resource["resourceNo"],
                "resourceName": resource["resourceName"] or resource["resourceNo"],
                **({} if away is None else {"distance": away}),
                "score": round(1 - (start - first) / (last - first), 4),
            }
            for start in _free(_busy(call.tx, resource), first, last, length, step)
        )
    return sorted(found, key=lambda slot: (slot["start"], slot.get("distance", 0.0), slot["resourceNo"]))[:_MOST_SLOTS]


def _fitting(tx: Tx, requirements: Sequence[str]) -> Iterator[Row]:
    """The resources that are shown and have every required filter value."""
    wanted = {value.casefold() for value in requirements}
    for resource in tx.rows("resources", doNotShow=False):
        values = belonging(tx, "resource_filter_values", ("resourceNo",), resource)
        if wanted <= set(map(str.casefold, column(values, "filterValue"))):
            yield resource


def _distance(resource: Row, goal: GeoPoint | None) -> float | None:
    latitude, longitude = resource["homeAddressGeoLat"], resource["homeAddressGeoLong"]
    if goal is None or latitude is None or longitude is None:
        return None
    return GeoPoint(latitude, longitude).distance(goal)


def _busy(tx: Tx, resource: Row) -> list[tuple[datetime, datetime]]:
    """When a resource has appointments, in order."""
    times: list[tuple[datetime, datetime]] = []
    for assignment in belonging(tx, "assignments", ("resourceNo",), resource):
        row = tx.table("appointments")[assignment["appointmentNo"]]
        start, end = (datetime.fromisoformat(row[name]).replace(tzinfo=UTC) for name in ("startDate", "endDate"))
        times.append((start, end))
    return sorted(times)


def _free(
    busy: Sequence[tuple[datetime, datetime]], first: datetime, last: datetime, length: timedelta, step: timedelta
) -> Iterator[datetime]:
    """The first starts on the grid at which the resource has nothing to do."""
    start, given = first, 0
    for _ in range(_MOST_TRIES):
        if given == _MOST_SLOTS or last - start < length:
            return
        if not any(begin < start + length and start < end for begin, end in busy):
            given += 1
            yield start
        if last - start < step:
            return
        start += step
