"""Faults in when a response comes, and in what time the server thinks it is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import changes, creates, secured
from accordant_sandbox.faults.document_fields import Field, body_fields, place, records
from accordant_sandbox.faults.effects import good
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.exchange import Answer, Reply, Wire
from accordant_sandbox.model.instants import instant_text, parse_instant

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("time")
SURVIVES = "client_survives"
SKEW: Final = timedelta(minutes=10)


@registry.wire(
    does="Every answer takes `seconds` (in process the clock moves on instead).",
    oracle=SURVIVES,
    where=secured,
    options={"seconds": 45.0},
)
def slow(call: ActiveCall, reply: Reply) -> Reply:
    """A response comes before the client loses its patience."""
    reply.delay += float(call.options["seconds"])
    return reply


@registry.wire(
    does="A call hears nothing for `seconds`.",
    oracle=SURVIVES,
    where=secured,
    options={"seconds": 60.0},
)
def hang(call: ActiveCall, reply: Reply) -> Wire:
    """A call gets a response."""
    del reply
    return Wire("hang", float(call.options["seconds"]))


@registry.wire(
    name="hang.after_headers",
    does="An answer stops after its headers, for `seconds`.",
    oracle=SURVIVES,
    where=secured,
    options={"seconds": 60.0},
)
def hang_after_headers(call: ActiveCall, reply: Reply) -> Wire:
    """A response that has begun comes to its end."""
    del reply
    return Wire("hang_after_headers", float(call.options["seconds"]))


def _stamps(operation: Operation) -> list[str]:
    """The instants of a record that its writer does not set."""
    where = place(operation)
    sent = {field.name for field in body_fields(operation)}
    fields: tuple[Field, ...] = where.fields if where else ()
    return [field.name for field in fields if field.format == "date-time" and field.name not in sent]


def _stamped(operation: Operation, vendor: Vendor) -> bool:
    return (creates(operation, vendor) or changes(operation, vendor)) and bool(_stamps(operation))


@registry.answer(
    does="The server's clock is ten minutes fast: it stamps records with instants to come.",
    oracle="date_truth",
    where=_stamped,
)
def clock_skew(call: ActiveCall, answer: Answer) -> Answer | None:
    """A record is stamped with the instant at which it was made or changed."""
    acted = False
    for record in records(call.operation, answer.body) if good(call, answer) else ():
        for name in _stamps(call.operation):
            if isinstance(record.get(name), str):
                record[name] = instant_text(parse_instant(record[name]) + SKEW)
                acted = True
    return answer if acted else None


FAULTS = registry.faults
