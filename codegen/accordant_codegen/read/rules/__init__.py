"""Normalisation: small named rules that turn a corrected document into its effective form.

Each rule does one thing to the document in place and reports what it lost, if anything. Their order is the order of
:data:`RULES`. The effective document is OpenAPI 3.1 with local references only; every operation has an operationId,
its own parameters, security and responses, and says in ``x-accordant-*`` what it does to which kind of record.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import field, frozen

from . import addresses, endless, metadata, records, shape, wire


@frozen
class Report:
    """What normalisation had to give up: one sentence each, with the JSON path."""

    losses: list[str] = field(factory=list[str])


Rule = Callable[[dict[str, Any], list[str]], None]

RULES: tuple[Rule, ...] = (
    shape.newer_version,
    addresses.readable_addresses,
    shape.own_parameters,
    shape.query_in_paths,
    shape.path_variables,
    shape.own_security,
    wire.own_headers,
    wire.single_slashes,
    wire.own_servers,
    shape.some_response,
    shape.failures_as_elsewhere,
    shape.media_types,
    wire.real_media_types,
    wire.described_bodies,
    wire.spoken_bodies,
    wire.items_of_streams,
    wire.files_in_forms,
    wire.text_in_json,
    shape.success_codes,
    records.stated_envelopes,
    shape.component_names,
    endless.no_endless_requirement,
    shape.models_alone,
    shape.distinct_enum_values,
    shape.named_enum_values,
    metadata.operation_ids,
    metadata.filters,
    metadata.operation_facts,
    records.returned_keys,
    records.row_keys,
    metadata.argument_names,
    metadata.references_between_records,
)


def normalise(document: dict[str, Any], report: Report | None = None) -> Report:
    """Apply every rule in order, in place; what is given up joins the report."""
    report = report or Report()
    for rule in RULES:
        rule(document, report.losses)
    return report
