"""Faults in the bytes of a response: they are not what its headers say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import anywhere, both, key_field, one_with, secured
from accordant_sandbox.faults.applicability import json_success as json_answer
from accordant_sandbox.faults.document_fields import JSON, Field, place, records
from accordant_sandbox.faults.registry import Applies, FaultRegistry
from accordant_sandbox.http.exchange import Reply

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("encoding")
SCHEMA = "response_schema_conformance"
answered: Applies = both(secured, json_answer)


@registry.wire(
    name="encoding_lie.gzip", does="Content-Encoding says gzip, and the body is plain.", oracle=SCHEMA, where=answered
)
def gzip(call: ActiveCall, reply: Reply) -> Reply | None:
    """A body is encoded as its headers say."""
    if _document(call, reply) is None:
        return None
    reply.headers.set("Content-Encoding", "gzip")
    return reply


@registry.wire(
    name="encoding_lie.latin1", does="The first text of a record comes in Latin-1.", oracle=SCHEMA,
    where=both(secured, anywhere(Field.text)),
)  # fmt: skip
def latin1(call: ActiveCall, reply: Reply) -> Reply | None:
    """JSON is UTF-8."""
    body = _document(call, reply)
    where = place(call.operation)
    for record in records(call.operation, body):
        for field in where.fields if where else ():
            if field.text() and isinstance(record.get(field.name), str):
                record[field.name] += "é"
                return _with(reply, orjson.dumps(body).replace("é".encode(), "é".encode("latin-1")))
    return None


@registry.wire(name="encoding_lie.bom", does="A byte order mark stands before the JSON.", oracle=SCHEMA, where=answered)
def byte_order_mark(call: ActiveCall, reply: Reply) -> Reply | None:
    """JSON begins with JSON (RFC 8259, section 8.1)."""
    return None if _document(call, reply) is None else _with(reply, b"\xef\xbb\xbf" + reply.content)


@registry.wire(
    name="encoding_lie.nan",
    does="A number of the first record is NaN, which JSON does not have.",
    oracle=SCHEMA,
    where=both(secured, anywhere(Field.number)),
)
def not_a_number(call: ActiveCall, reply: Reply) -> Reply | None:
    """A number is a JSON number."""
    body = _document(call, reply)
    where = place(call.operation)
    for record in records(call.operation, body):
        for field in where.fields if where else ():
            if field.number() and record.get(field.name) is not None:
                record[field.name] = "accordant.nan"
                return _with(reply, orjson.dumps(body).replace(b'"accordant.nan"', b"NaN"))
    return None


def _one_keyed(operation: Operation, vendor: Vendor) -> bool:
    return operation.secured and key_field(operation) is not None and one_with(lambda _: True)(operation, vendor)


@registry.wire(
    name="encoding_lie.duplicate_keys",
    does="The identifier of a record stands in it twice, the second time as null.",
    oracle=SCHEMA,
    where=_one_keyed,
)
def duplicate_keys(call: ActiveCall, reply: Reply) -> Reply | None:
    """A key occurs once in an object."""
    body = _document(call, reply)
    key = key_field(call.operation)
    for record in records(call.operation, body):
        if key in record:
            record["accordant.twice"] = None
            return _with(reply, orjson.dumps(body).replace(b'"accordant.twice"', orjson.dumps(key)))
    return None


@registry.wire(
    name="encoding_lie.trailing_bytes", does="Something stands behind the JSON.", oracle=SCHEMA, where=answered
)
def trailing_bytes(call: ActiveCall, reply: Reply) -> Reply | None:
    """A body is one JSON value and nothing else."""
    return None if _document(call, reply) is None else _with(reply, reply.content + b"<!-- served by edge-7 -->")


@registry.wire(name="encoding_lie.empty_200", does="A success has an empty body.", oracle=SCHEMA, where=answered)
def empty_success(call: ActiveCall, reply: Reply) -> Reply | None:
    """A success that documents a body has one."""
    return None if _document(call, reply) is None else _with(reply, b"")


def _document(call: ActiveCall, reply: Reply) -> Any:
    """The JSON body of a success, to be changed; None for any other reply."""
    media_type = (reply.headers.get("content-type") or "").split(";")[0]
    if call.problem is not None or reply.status >= 300 or media_type != JSON or not reply.content:
        return None
    return orjson.loads(reply.content)


def _with(reply: Reply, content: bytes) -> Reply:
    reply.content = content
    reply.headers.set("Content-Length", str(len(content)))
    return reply


FAULTS = registry.faults
