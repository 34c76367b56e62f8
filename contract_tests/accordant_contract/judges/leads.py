"""Do the addresses in responses lead to what they should?"""

from __future__ import annotations

from attrs import frozen

from accordant_runtime import is_object

from ..document.comparison import short
from ..document.document import Operation
from ..document.values import ABSENT, Exchange, Finding, Findings, Response


@frozen
class Followed:
    """An address out of a response, and what was there: ``None`` where nothing responded."""

    address: str
    response: Response | None


def redirect_truth(operation: Operation, exchange: Exchange, wanted: bytes, end: Followed) -> Findings:
    """A redirect to a file leads to the very bytes that were uploaded."""
    text = ""
    if end.response is None or end.response.status != 200:
        status = end.response.status if end.response else "nothing"
        text = f"it leads to {end.address}, which responds with {status}"
    elif end.response.body != wanted:
        text = f"it leads to {len(end.response.body)} other bytes than the {len(wanted)} that were uploaded"
    if text:
        yield Finding("redirect_truth", operation.id, text, kind="bytes", exchanges=(exchange,))


def location_leads(operation: Operation, created: Exchange, reader: Operation, key: object, end: Followed) -> Findings:
    """The Location of a new record is an address at which the record is."""
    status = end.response.status if end.response else 0
    document = end.response.document if end.response else ABSENT
    text = ""
    if not 200 <= status < 400:
        text = f"Location {end.address} responds with {status or 'nothing'}"
    elif status < 300 and reader.key.field is not None:
        record = reader.record(document)
        found = record.get(reader.key.field, key) if is_object(record) else key
        if str(found) != str(key):
            text = f"Location {end.address} shows the record {short(found)}, not {short(key)}"
    if text:
        yield Finding("read_after_write", operation.id, text, kind="location leads", exchanges=(created,))
