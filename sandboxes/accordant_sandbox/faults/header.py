"""Faults in response headers."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import (
    anywhere,
    both,
    creates,
    json_success,
    plain_of,
    readable,
    secured,
    sibling,
)
from accordant_sandbox.faults.document_fields import Field, response_headers
from accordant_sandbox.faults.effects import good, tables
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.exchange import Answer, Headers, Reply
from accordant_sandbox.model.collections import Collection

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("header")
TRUTH = "header_truth"
MEDIA_TYPE = "content_type_conformance"
json_answers = both(secured, json_success)


@registry.answer(does="JSON is sent as text/plain.", oracle=MEDIA_TYPE, where=json_answers)
def content_type(call: ActiveCall, answer: Answer) -> Answer | None:
    """A response names the media type that is documented for it."""
    return _typed(call, answer, "text/plain")


@registry.answer(does="JSON is sent as text/html.", oracle=MEDIA_TYPE, where=json_answers)
def content_type_html(call: ActiveCall, answer: Answer) -> Answer | None:
    """A response that is no page does not call itself one."""
    return _typed(call, answer, "text/html; charset=utf-8")


@registry.answer(does="JSON is sent without a Content-Type.", oracle=MEDIA_TYPE, where=json_answers)
def content_type_absent(call: ActiveCall, answer: Answer) -> Answer | None:
    """A response with a body names its media type."""
    return _typed(call, answer, None)


@registry.answer(
    does="Content-Type stands twice, first with the wrong media type.",
    oracle="response_headers_conformance",
    where=json_answers,
)
def header_duplicate(call: ActiveCall, answer: Answer) -> Answer | None:
    """A header that has one value occurs once."""
    right = answer.media_type
    spoiled = _typed(call, answer, "text/html")
    if spoiled is not None and right is not None:
        spoiled.headers.add("Content-Type", right)
    return spoiled


@registry.answer(
    does="The Location header is missing.",
    oracle="response_headers_conformance",
    where=lambda operation, _: "location" in _required(operation),
)
def missing_location(call: ActiveCall, answer: Answer) -> Answer | None:
    """A response that leads to a resource says where it is."""
    if not good(call, answer) or "location" not in answer.headers:
        return None
    answer.headers.remove("Location")
    return answer


def _locates(operation: Operation, vendor: Vendor) -> bool:
    documented = "location" in response_headers(operation, operation.success_status)
    return documented and plain_of(operation, vendor) is not None


@registry.answer(
    does="The Location of a new record is that of an older one.",
    oracle="read_after_write",
    where=both(creates, readable, _locates),
)
def wrong_location(call: ActiveCall, answer: Answer) -> Answer | None:
    """The Location of a new record is its own."""
    location = answer.headers.get("location")
    if not good(call, answer) or location is None or call.plain is None:
        return None
    collection: Collection = call.vendor.collections[call.plain.collection]
    keys = list(tables(call).get(collection.name, {}))[:-1]
    if not keys:
        return None
    answer.headers.set("Location", f"{location.rsplit('/', 1)[0]}/{keys[-1]}")
    return answer


def _reads_where_new(operation: Operation, vendor: Vendor) -> bool:
    reader = sibling(operation, vendor, "get")
    return reader is not None and "{" in reader.path and reader.path.startswith("/")


@registry.answer(
    name="wrong_location.astray",
    does="The Location of a new record has its id, at an address where nothing is.",
    oracle="read_after_write",
    where=both(creates, readable, _locates, _reads_where_new),
)
def location_astray(call: ActiveCall, answer: Answer) -> Answer | None:
    """The Location of a new record is where it can be read."""
    location = answer.headers.get("location")
    if not good(call, answer) or location is None:
        return None
    path, _, key = location.rpartition("/")
    answer.headers.set("Location", f"{path}-moved/{key}")
    return answer


@registry.answer(
    does="UTF-8 calls itself Latin-1.", oracle=TRUTH, where=both(secured, anywhere(Field.text))
)  # fmt: skip
def charset_lie(call: ActiveCall, answer: Answer) -> Answer | None:
    """A body has the charset that its header names."""
    return _typed(call, answer, "application/json; charset=iso-8859-1")


def _reads(operation: Operation, vendor: Vendor) -> bool:
    return operation.method == "GET" and json_answers(operation, vendor)


@registry.wire(does="What needs a credential may be kept by any cache.", oracle=TRUTH, where=_reads)
def cached_for_all(call: ActiveCall, reply: Reply) -> Reply | None:
    """What a caller may see because of a credential is private to that caller."""
    if call.problem is not None or reply.status >= 300:
        return None
    reply.headers.set("Cache-Control", "public, max-age=3600")
    return reply


@registry.answer(does="The ETag of a list or record never changes.", oracle=TRUTH, where=_reads)
def etag_never_changes(call: ActiveCall, answer: Answer) -> Answer | None:
    """Another body has another ETag."""
    if not good(call, answer):
        return None
    answer.headers.set("ETag", '"1"')
    shown = repr(answer.body)
    first = call.memory.setdefault(repr((call.request.path, call.request.query)), shown)
    return answer if first != shown else None  # the ETag of a body that never changes may be any


@registry.wire(
    name="etag_never_changes.not_modified",
    does="Whoever asks with any ETag is told that nothing was modified.",
    oracle=TRUTH,
    where=both(_reads, lambda operation, _: operation.action == "get"),
)
def never_modified(call: ActiveCall, reply: Reply) -> Reply | None:
    """A body is left out for a caller who has it, and for no other."""
    if call.problem is not None or reply.status != 200:
        return None
    if call.request.headers.get("if-none-match"):
        return Reply(304, Headers(), b"")
    reply.headers.set("ETag", f'"{hashlib.sha256(reply.content).hexdigest()[:16]}"')
    return reply


def _typed(call: ActiveCall, answer: Answer, media_type: str | None) -> Answer | None:
    if not good(call, answer) or answer.media_type is None or answer.content is not None:
        return None
    if media_type is None:
        answer.media_type = None
    else:
        answer.headers.set("Content-Type", media_type)
    return answer


def _required(operation: Operation) -> list[str]:
    headers = response_headers(operation, operation.success_status)
    return [name for name, header in headers.items() if header.get("required")]


FAULTS = registry.faults
