"""The judges that look at every single exchange, whoever sent it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from accordant_runtime import Operation as Generated

from ..document.document import Operation
from ..document.values import Exchange, Finding, Findings
from . import client, conformance, dates, headers, limits, paging

Judge: TypeAlias = Callable[[Operation, Exchange], Findings]

ALWAYS: Final[Mapping[str, Judge]] = {
    "status_code_conformance": conformance.status_code_conformance,
    "not_a_server_error": conformance.not_a_server_error,
    "content_type_conformance": conformance.content_type_conformance,
    "response_headers_conformance": conformance.response_headers_conformance,
    "response_schema_conformance": conformance.response_schema_conformance,
    "header_truth": headers.header_truth,
}


def verdicts(
    operation: Operation, exchange: Exchange, generated: Mapping[str, Generated[Any]]
) -> Iterator[tuple[str, list[Finding]]]:
    """What each judge that has a say about this exchange found, by check."""
    if exchange.response is None:
        yield "not_a_server_error", list(conformance.not_a_server_error(operation, exchange))
        return
    for check, judge in ALWAYS.items():
        yield check, list(judge(operation, exchange))
    if exchange.intent == "valid":
        yield "positive_data_acceptance", list(conformance.positive_data_acceptance(operation, exchange))
    if exchange.intent == "invalid":
        yield "negative_data_rejection", list(conformance.negative_data_rejection(operation, exchange))
    if exchange.status in (429, 503):
        yield "retry_after", list(limits.retry_after(operation, exchange))
    if exchange.success:
        yield "date_truth", list(dates.date_truth(operation, exchange))
        if operation.paging is not None:
            yield "page_shape", list(paging.page_shape(operation, exchange))
        if operation.id in generated:
            yield "client_truth", list(client.client_truth(generated[operation.id], exchange))
