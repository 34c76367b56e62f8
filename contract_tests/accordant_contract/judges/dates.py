"""Are the times true? Sent and returned instants agree, and a new record was made now."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from accordant_runtime import is_object

from ..document.comparison import Difference, moment
from ..document.document import Operation
from ..document.values import Exchange, Finding, Findings

TOLERANCE = datetime.timedelta(minutes=2)
_MADE = frozenset({"createdat", "createdon", "createddate", "datecreated", "creationdate"})
_CHANGED = frozenset({"updatedat", "updatedon", "updateddate", "modifiedat", "modifieddate", "lastmodified"})
_MAKER = frozenset({"createdby", "createdbyid", "creator", "creatorid"})
_BEGAN, _ENDED = frozenset({"startedat", "startedon"}), frozenset({"completedat", "finishedat", "endedat"})
_STAMP = re.compile(r"(date|last)?(updated|modified|changed)(at|on|date|time|datetime)?")


def is_stamp(name: str) -> bool:
    """Whether a field is called as those are that say when a record was made or changed."""
    plain = re.sub(r"[^a-z]", "", name.lower()).removesuffix("utc")
    return plain in _MADE or _STAMP.fullmatch(plain) is not None


def tells_of_making(name: str) -> bool:
    """Whether a field is called as those are that say when a record was made, and by whom."""
    plain = re.sub(r"[^a-z]", "", name.lower()).removesuffix("utc")
    return plain in _MADE or plain in _MAKER


def restamped(difference: Difference) -> bool:
    """Whether a difference is that of the time of the last change, which is later now."""
    name = re.sub(r"[^a-z]", "", difference.path.rpartition(".")[2].lower())
    before, after = moment(difference.wanted), moment(difference.found)
    if not _STAMP.fullmatch(name) or before is None or after is None:
        return False
    return (before.tzinfo is None) == (after.tzinfo is None) and after >= before


def date_truth(operation: Operation, exchange: Exchange) -> Findings:
    """Instants have an offset, stamps and the Date header tell the present, nothing was changed before it was made, and
    nothing ended before it began."""
    if not exchange.success:
        return

    def finding(text: str, field: str) -> Finding:
        return Finding("date_truth", operation.id, text, f"$.{field}", f"stamp {field}", (exchange,))

    served = server_date(exchange)
    if served is not None and abs(served - exchange.at) > TOLERANCE:
        text = f"the Date header says {served.isoformat()} at {exchange.at.isoformat()}"
        yield Finding("date_truth", operation.id, text, kind="Date header", exchanges=(exchange,))
    record = operation.record(exchange.document)
    if exchange.response is not None:  # what the rows say does not hang on when they were read
        rows = exchange.response.facts.once(("date_truth", operation.id), lambda: _in_rows(operation, exchange, record))
        yield from (finding(text, field) for field, text in rows)
    if not is_object(record):
        return
    # What a client may say itself is no stamp of the vendor's.
    made, changed = (_stamps(record, names, operation.clients_set) for names in (_MADE, _CHANGED))
    if operation.action == "create" and _is_new(operation, exchange):
        for field, value in made.items():
            yield from (finding(text, field) for text in _off(value, exchange))
    if operation.action in ("create", "update", "replace") and exchange.intent == "valid":
        for field, value in changed.items():
            yield from (finding(text, field) for text in _off(value, exchange))


def _in_rows(operation: Operation, exchange: Exchange, record: Any) -> list[tuple[str, str]]:
    """What is wrong with the instants of a list's rows, or of the one record: fields, and what to say of them."""
    rows = operation.rows(exchange.document)
    return [
        found
        for row in (rows if rows is not None else [record])
        for found in (*_misplaced(operation, row), *_turned(operation, row))
    ]


def shifted(check_operation: str, differences: Iterable[Difference], exchanges: tuple[Exchange, ...]) -> Findings:
    """An instant that was sent came back as another instant."""
    for each in differences:
        if each.instant:
            yield Finding("date_truth", check_operation, f"sent and read back: {each}", each.path, "", exchanges)


def _misplaced(operation: Operation, row: Any) -> list[tuple[str, str]]:
    """Instants without an offset, and wall-clock times with one."""
    found: list[tuple[str, str]] = []
    for name, kind in operation.instants.items() if is_object(row) else ():
        value = moment(row.get(name))
        if value is not None and (value.tzinfo is None) != (kind == "local-date-time"):
            found.append((name, f"{row[name]!r} {'lacks' if value.tzinfo is None else 'has'} an offset"))
    return found


def _turned(operation: Operation, row: Any) -> Iterator[tuple[str, str]]:
    """Stamps of the vendor's own that are out of order: changed before it was made, ended before it began."""
    if not is_object(row):
        return
    for earlier, later, what in _pairs(tuple(row)):
        for first in _instants(row, earlier, operation.clients_set).values():
            for field, value in _instants(row, later, operation.clients_set).items():
                if (value.tzinfo is None) == (first.tzinfo is None) and value < first:
                    yield field, what.format(value.isoformat(), first.isoformat())


@lru_cache(maxsize=4096)
def _pairs(fields: tuple[str, ...]) -> list[tuple[tuple[str, ...], tuple[str, ...], str]]:
    """The fields of which one group is never later than the other, where a row has both. Rows are alike."""
    pairs = (
        (_called(fields, _MADE), _called(fields, _CHANGED), "changed {}, before it was made ({})"),
        (_called(fields, _BEGAN), _called(fields, _ENDED), "ended {}, before it began ({})"),
    )
    return [each for each in pairs if each[0] and each[1]]


def server_date(exchange: Exchange) -> datetime.datetime | None:
    """The instant in the Date header."""
    value = exchange.response.header("date") if exchange.response else None
    return _dated(value) if value else None


@lru_cache(maxsize=256)
def _dated(text: str) -> datetime.datetime | None:
    """The instant that an HTTP date says; responses of one second say the same."""
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None


def changed_stamps(record: Mapping[str, Any]) -> dict[str, datetime.datetime]:
    """The stamps of a record that say when it was changed."""
    return _stamps(record, _CHANGED)


def _stamps(
    record: Mapping[str, Any], names: frozenset[str], clients: frozenset[str] = frozenset()
) -> dict[str, datetime.datetime]:
    """The instants in fields that are called by one of some names, without those that clients set."""
    return _instants(record, _called(tuple(record), names), clients)


def _instants(
    record: Mapping[str, Any], fields: tuple[str, ...], clients: frozenset[str]
) -> dict[str, datetime.datetime]:
    """The instants in some fields of a record, without those that clients set."""
    found = {name: moment(record[name]) for name in fields if name not in clients}
    return {name: value for name, value in found.items() if value is not None}


@lru_cache(maxsize=4096)
def _called(fields: tuple[str, ...], names: frozenset[str]) -> tuple[str, ...]:
    """The fields that are called by one of some names: in any case, with underscores or without. Rows are alike."""
    return tuple(each for each in fields if each.replace("_", "").lower() in names)


def _is_new(operation: Operation, exchange: Exchange) -> bool:
    """Whether a create made something; with both 200 and 201 documented, 200 means that it found something."""
    return exchange.status == 201 or "201" not in operation.responses


def _off(value: datetime.datetime, exchange: Exchange) -> list[str]:
    if value.tzinfo is None or abs(value - exchange.at) <= TOLERANCE:
        return []
    return [f"{value.isoformat()} was stamped at {exchange.at.isoformat()}"]
