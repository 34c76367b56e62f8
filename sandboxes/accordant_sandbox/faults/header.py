"""Faults in response headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import both, creates, json_success, plain_of, readable, secured
from accordant_sandbox.faults.document_fields import response_headers
from accordant_sandbox.faults.effects import good, tables
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.collections import Collection

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("header")
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
