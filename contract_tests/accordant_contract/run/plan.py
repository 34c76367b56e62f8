"""The plan of a run: every probe with the operations that it is for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Final

from ..document.document import Operation
from ..document.policy import Policy
from ..probes import (
    Probe,
    authorization,
    bulk,
    client_replay,
    custom_operations,
    defaults,
    edges,
    leads,
    lists,
    refusals,
    rows,
    texts,
    unknown,
    writes,
)
from ..target.vendor import TargetVendor


def _behind_login(vendor: TargetVendor, operation: Operation) -> bool:
    return operation.secured and operation.id not in vendor.logins


def _acts(vendor: TargetVendor, operation: Operation) -> bool:
    return operation.action == "custom" and operation.id not in vendor.logins


def _takes_body(vendor: TargetVendor, operation: Operation) -> bool:
    return operation.body_schema is not None and operation.id not in vendor.logins


def _writes_many(_: TargetVendor, operation: Operation) -> bool:
    return operation.takes_many and operation.action in ("create", "upsert") and operation.key.place == "body"


def _takes_many(*actions: str) -> Callable[[TargetVendor, Operation], bool]:
    return lambda _, operation: operation.takes_many and operation.action in actions and operation.key.place == "body"


def _names_one(vendor: TargetVendor, operation: Operation) -> bool:
    writes = operation.action in ("update", "replace", "delete", "custom") and not operation.reads
    return writes and operation.key.name is not None and operation.id not in vendor.logins


def _has_effects(vendor: TargetVendor, operation: Operation) -> bool:
    policy: Policy = vendor.policy
    return any(each.cause.operation == operation.id for each in policy.effects)


def _action(*names: str) -> Callable[[TargetVendor, Operation], bool]:
    return lambda _, operation: operation.action in names


PROBES: Final[tuple[Probe, ...]] = (
    Probe("knock", _behind_login, authorization.knock, {"auth_enforced"}),
    Probe(
        "log in", lambda vendor, op: op.id in vendor.logins, authorization.log_in, {"token_lifecycle", "auth_enforced"}
    ),
    Probe("client", lambda vendor, op: op.id not in vendor.logins, client_replay.drive, {"client_survives"}),
    Probe(
        "create",
        _action("create", "upsert"),
        writes.create_records,
        {"read_after_write", "count_effect", "idempotency", "date_truth", "bystander_untouched"},
    ),
    Probe("write many", _writes_many, writes.write_many, {"read_after_write"}),
    Probe("get", _action("get"), writes.read_one, {"read_after_write", "header_truth"}),
    Probe("follow", lambda _, op: leads.redirects(op), leads.follow_redirect, {"redirect_truth"}),
    Probe("walk pages", _action("list"), lists.walk_pages, {"page_walk", "page_shape"}),
    Probe(
        "change",
        _action("update", "replace"),
        writes.change_fields,
        {"read_after_write", "untouched_fields", "count_effect", "bystander_untouched", "date_truth"},
    ),
    Probe("act", _acts, custom_operations.act, {"read_after_write", "bystander_untouched"}),
    Probe("defaults", _action("create", "upsert", "replace"), defaults.try_defaults, {"documented_default"}),
    Probe("change many", _takes_many("update", "replace"), bulk.change_many, {"read_after_write"}),
    Probe("act on many", lambda _, op: bulk.names_many(op), bulk.act_on_many, {"bulk_effect"}),
    Probe("edge values", _action("create", "upsert", "update", "replace"), edges.write_edges, {"read_after_write"}),
    Probe("change nothing", _action("update"), edges.change_nothing, {"untouched_fields"}),
    Probe(
        "write texts", _takes_body, texts.write_texts, {"text_truth", "header_truth"}, provokes={"not_a_server_error"}
    ),
    Probe("compare rows", _action("list"), rows.compare_rows, {"list_truth"}),
    Probe("filter", lambda _, op: any(each.filter for each in op.parameters), lists.try_filters, {"filter_truth"}),
    Probe("refused writes", _takes_body, refusals.refused_writes, {"failed_write_no_trace", "negative_data_rejection"}),
    Probe("write unknown", _names_one, unknown.write_unknown, {"read_after_write", "delete_is_final"}),
    Probe("effects", _has_effects, custom_operations.take_effect, {"reference_effects"}),
    Probe(
        "delete", _action("delete"), writes.delete_record, {"delete_is_final", "count_effect", "bystander_untouched"}
    ),
    Probe("delete many", _takes_many("delete"), bulk.delete_many, {"delete_is_final"}),
    Probe("compare tags", lambda _, op: op.reads, leads.compare_tags, set()),
    Probe("good token", _behind_login, authorization.good_token, {"token_lifecycle"}),
    Probe("reach", lambda _vendor, _op: True, custom_operations.reach, set()),
    Probe("wrong method", lambda _vendor, _op: True, authorization.wrong_method, {"unsupported_method"}),
    Probe(
        "unauthenticated", lambda _, op: op.secured, authorization.unauthenticated, {"auth_enforced", "token_lifecycle"}
    ),
)
"""In this order: the doors first, as that takes no time; the client early, so that a target that hangs is named
soon; last what lets tokens expire."""


WRITING: Final = frozenset(
    {
        *("create", "write many", "change", "write texts", "refused writes", "effects", "delete", "wrong method"),
        *("defaults", "edge values", "follow", "change many", "act on many", "delete many"),
        *("write unknown", "change nothing"),
    }
)
"""Probes that may change what the target holds; another method on a path is one of them, whatever the path."""


PROBED: Final = frozenset[str]().union(*(probe.checks for probe in PROBES)) | {
    *("client_truth", "secret_leak", "undocumented_field")
}
"""Checks for which the probes are enough: a replay of one of them needs no fuzzer."""


def plan(
    vendor: TargetVendor, operations: Collection[Operation], wanted: str | None = None, *, writes: bool = True
) -> Iterator[tuple[Probe, Operation]]:
    """Every probe with every operation that it is for; those that serve the ``wanted`` check come first.

    Without ``writes`` only what reads, and the logins.
    """
    probes = sorted(PROBES, key=lambda probe: wanted is not None and wanted not in {*probe.checks, *probe.provokes})
    if not writes:
        probes = [probe for probe in probes if probe.name not in WRITING]
        operations = [each for each in operations if each.reads or each.id in vendor.logins]
    for probe in probes:
        # What needs no record comes first: on a target that does not answer, none could be had for the others.
        ordered = sorted(operations, key=_needs) if probe.name == "client" else operations
        if probe.name == "delete" and vendor.described:  # what is inside of others is gone with them
            ordered = sorted(operations, key=lambda each: -each.path.count("{"))
        for operation in ordered:
            if probe.applies(vendor, operation):
                yield probe, operation


def _needs(operation: Operation) -> bool:
    return operation.writes or any(each.required for each in operation.parameters)
