"""Faults in rate limits and in what is said about them."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from math import ceil
from typing import TYPE_CHECKING

from accordant_sandbox.faults.applicability import both, secured
from accordant_sandbox.faults.document_fields import response_headers
from accordant_sandbox.faults.effects import refuse
from accordant_sandbox.faults.registry import Shelf
from accordant_sandbox.http.exchange import Answer, Call, Reply

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

shelf = Shelf("limit")
HONEST = "retry_after"


def may_limit(operation: Operation, _: Vendor) -> bool:
    """Secured operations whose document knows 429."""
    return operation.secured and operation.response(429) is not None


def counts_down(_: Operation, vendor: Vendor) -> bool:
    """Vendors that tell how many calls are left."""
    return vendor.dialect.limit_headers is not None


@shelf.before(
    does="More than `calls` calls within `seconds` on the clock are refused with 429 and a true Retry-After.",
    oracle="hollow_run",
    where=may_limit,
    options={"calls": 20, "seconds": 60},
)
def limit_429(call: Call) -> Answer | None:
    """A client that works as fast as it likes is not refused."""
    length = timedelta(seconds=call.options["seconds"])
    began: datetime = call.memory.setdefault("began", call.now)
    if call.now - began >= length:
        began = call.memory["began"] = call.now
        call.memory["calls"] = 0
    number = call.memory["calls"] = call.memory.get("calls", 0) + 1
    left = (began + length - call.now).total_seconds()
    return _limited(call, str(max(1, ceil(left)))) if number > call.options["calls"] else None


@shelf.before(
    name="limit_429.no_retry_after",
    does="Every fifth call is refused with 429 and no word on how long to wait.",
    oracle=HONEST,
    where=may_limit,
    every=5,
)
def no_retry_after(call: Call) -> Answer:
    """A refusal for too many calls says how long to wait."""
    return _limited(call, None)


@shelf.before(
    name="limit_429.text",
    does="Every fifth call is refused with 429; its Retry-After is a word.",
    oracle=HONEST,
    where=may_limit,
    every=5,
)
def retry_after_text(call: Call) -> Answer:
    """Retry-After is a number of seconds or an HTTP date."""
    return _limited(call, "soon")


@shelf.before(
    name="limit_429.http_date",
    does="Every fifth call is refused with 429; its Retry-After is a date where seconds are documented.",
    oracle="response_headers_conformance",
    where=both(may_limit, lambda operation, _: _seconds_documented(operation)),
    every=5,
)
def retry_after_date(call: Call) -> Answer:
    """Retry-After has its documented form."""
    return _limited(call, format_datetime(call.now + timedelta(seconds=1), usegmt=True))


@shelf.before(
    name="limit_429.zero",
    does="Three calls of ten in a row are refused with 429; each time Retry-After says 0.",
    oracle=HONEST,
    where=may_limit,
)
def retry_after_zero(call: Call) -> Answer | None:
    """After the stated wait a call is served."""
    number = call.memory["calls"] = call.memory.get("calls", 0) + 1
    return _limited(call, "0") if number % 10 in (5, 6, 7) else None


@shelf.before(
    name="limit_429.long",
    does="Every fifth call is refused with 429 and a Retry-After of a day.",
    oracle=HONEST,
    where=may_limit,
    every=5,
)
def retry_after_long(call: Call) -> Answer:
    """A wait is short enough to be waited for."""
    return _limited(call, "86400")


@shelf.before(
    does="429 with a Retry-After of one second, for every call, however long one waits.", oracle=HONEST, where=may_limit
)
def limit_dishonest(call: Call) -> Answer:
    """Who has waited for as long as was asked is served."""
    return _limited(call, "1")


@shelf.wire(
    name="limit_dishonest.negative",
    does="The number of calls that are left is negative.",
    oracle=HONEST,
    where=both(secured, counts_down),
)
def remaining_negative(call: Call, reply: Reply) -> Reply | None:
    """The number of calls that are left is never negative."""
    return _remaining(call, reply, -1)


@shelf.wire(
    name="limit_dishonest.rising",
    does="The number of calls that are left rises with every call.",
    oracle=HONEST,
    where=both(secured, counts_down),
)
def remaining_rising(call: Call, reply: Reply) -> Reply | None:
    """The number of calls that are left falls until the window ends."""
    risen = call.memory["risen"] = call.memory.get("risen", 0) + 1
    return _remaining(call, reply, risen)


def _limited(call: Call, retry_after: str | None) -> Answer:
    answer = refuse(call, "too_many", "too many requests", 429, retry_after=1)
    if retry_after is None:
        answer.headers.remove("Retry-After")
    else:
        answer.headers.set("Retry-After", retry_after)
    return answer


def _remaining(call: Call, reply: Reply, value: int) -> Reply | None:
    del call
    for name, _ in list(reply.headers):
        if "remaining" in name.lower():
            reply.headers.set(name, str(value))
            return reply
    return None


def _seconds_documented(operation: Operation) -> bool:
    header = response_headers(operation, 429).get("retry-after", {})
    return bool(operation.document.schemas.deref(header.get("schema", {})).get("type") == "integer")


FAULTS = shelf.faults
