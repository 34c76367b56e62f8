"""Faults in redirects."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import both, creates, secured
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.exchange import ABSENT, Answer, Headers

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("redirect")

FOREIGN: Final = "http://127.0.0.2:9"
"""Another origin that nobody serves, and that never leaves the machine."""


@registry.before(does="Every call is sent on to another host, with 307.", oracle="client_survives", where=secured)
def redirect_foreign(call: ActiveCall) -> Answer:
    """A call stays with the host that it was made to, and so does its credential."""
    return _redirect(307, FOREIGN + call.request.path)


@registry.before(
    name="redirect_foreign.loop",
    does="Every call is sent to where it is already, with 307.",
    oracle="client_survives",
    where=secured,
)
def redirect_loop(call: ActiveCall) -> Answer:
    """A redirect leads somewhere else."""
    return _redirect(307, call.request.root + call.request.path)


@registry.before(
    name="redirect_foreign.no_location",
    does="Every fifth call is answered with 302 and no Location.",
    oracle="status_code_conformance",
    where=both(secured, lambda operation, _: operation.response(302) is None),
    every=5,
)
def redirect_nowhere(call: ActiveCall) -> Answer:
    """A redirect says where to."""
    del call
    return _redirect(302, None)


@registry.before(
    name="redirect_foreign.post_becomes_get",
    does="A creation is moved permanently to its own address, so that a client may repeat it as a GET.",
    oracle="status_code_conformance",
    where=both(creates, lambda operation, _: operation.response(301) is None and operation.response(200) is None),
)
def post_becomes_get(call: ActiveCall) -> Answer:
    """A creation stays a POST."""
    return _redirect(301, call.request.root + call.request.path)


def _leads_to_files(operation: Operation, vendor: Vendor) -> bool:
    return operation.method == "GET" and operation.success_status in (302, 303, 307) and bool(vendor.pages)


@registry.answer(does="A redirect leads to where nothing is.", oracle="redirect_truth", where=_leads_to_files)
def redirect_astray(call: ActiveCall, answer: Answer) -> Answer | None:
    """A redirect leads to something."""
    return _led(call, answer, lambda place: f"{place.rsplit('/', 2)[0]}/accordant-nowhere/{place.rsplit('/', 1)[1]}")


@registry.answer(
    name="redirect_astray.other",
    does="A redirect leads to the file that was asked for before.",
    oracle="redirect_truth",
    where=_leads_to_files,
)
def redirect_to_another(call: ActiveCall, answer: Answer) -> Answer | None:
    """A redirect leads to what was asked for."""
    before: str = call.memory.get("before", "")
    if answer.headers.get("location"):
        call.memory["before"] = answer.headers.get("location")
    return _led(call, answer, lambda place: before or place)


def _led(call: ActiveCall, answer: Answer, change: Callable[[str], str]) -> Answer | None:
    place = answer.headers.get("location")
    if call.problem is not None or place is None or change(place) == place:
        return None
    answer.headers.set("Location", change(place))
    return answer


def _redirect(status: int, location: str | None) -> Answer:
    headers = Headers([("Location", location)] if location else [])
    return Answer(status, ABSENT, headers)


FAULTS = registry.faults
