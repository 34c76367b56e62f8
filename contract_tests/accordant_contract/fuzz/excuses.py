"""Checks of the fuzzer whose finding in an exchange would be none: what it does not know, and the document says."""

from __future__ import annotations

from collections.abc import Iterator

from ..document.document import Operation
from ..document.values import Exchange
from ..judges import auth
from ..judges.conformance import unlisted_refusals


def excuses(operation: Operation, exchange: Exchange, *, refused: bool, accepted: bool) -> Iterator[str]:
    """The checks that say nothing here; ``refused`` and ``accepted`` tell whether that was rightly so, whatever the
    fuzzer expected."""
    if refused:
        yield "positive_data_acceptance"
    if accepted:
        yield "negative_data_rejection"
    if auth.refuses(operation, exchange.status):
        yield "ignored_auth"
    if operation.response(exchange.status) is None and exchange.status in unlisted_refusals(operation):
        yield "status_code_conformance"  # it lists no failure, and a caller may lack a credential all the same
    # Without a failure for it the document gives no way to say that the record is not there.
    if any(each.where == "path" for each in operation.parameters) and not operation.refuses_requests:
        yield "use_after_free"
