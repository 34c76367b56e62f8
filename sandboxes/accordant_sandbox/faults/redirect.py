"""Faults in redirects."""

from __future__ import annotations

from typing import Final

from accordant_sandbox.faults.applicability import both, creates, secured
from accordant_sandbox.faults.registry import Shelf
from accordant_sandbox.http.exchange import ABSENT, Answer, Call, Headers

__all__ = ["FAULTS"]

shelf = Shelf("redirect")

FOREIGN: Final = "http://127.0.0.2:9"
"""Another origin that nobody serves, and that never leaves the machine."""


@shelf.before(does="Every call is sent on to another host, with 307.", oracle="client_survives", where=secured)
def redirect_foreign(call: Call) -> Answer:
    """A call stays with the host that it was made to, and so does its credential."""
    return _redirect(307, FOREIGN + call.request.path)


@shelf.before(
    name="redirect_foreign.loop",
    does="Every call is sent to where it is already, with 307.",
    oracle="client_survives",
    where=secured,
)
def redirect_loop(call: Call) -> Answer:
    """A redirect leads somewhere else."""
    return _redirect(307, call.request.root + call.request.path)


@shelf.before(
    name="redirect_foreign.no_location",
    does="Every fifth call is answered with 302 and no Location.",
    oracle="status_code_conformance",
    where=both(secured, lambda operation, _: operation.response(302) is None),
    every=5,
)
def redirect_nowhere(call: Call) -> Answer:
    """A redirect says where to."""
    del call
    return _redirect(302, None)


@shelf.before(
    name="redirect_foreign.post_becomes_get",
    does="A creation is moved permanently to its own address, so that a client may repeat it as a GET.",
    oracle="status_code_conformance",
    where=both(creates, lambda operation, _: operation.response(301) is None and operation.response(200) is None),
)
def post_becomes_get(call: Call) -> Answer:
    """A creation stays a POST."""
    return _redirect(301, call.request.root + call.request.path)


def _redirect(status: int, location: str | None) -> Answer:
    headers = Headers([("Location", location)] if location else [])
    return Answer(status, ABSENT, headers)


FAULTS = shelf.faults
