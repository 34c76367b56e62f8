"""Faults of a release that keeps a rule in most places and loses it in one: in ids, filters, bodies and tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import orjson

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.engine.tables import Table
from accordant_sandbox.faults.applicability import (
    both,
    changes,
    filters_of,
    lists_pages,
    paging_value,
    plain_of,
    readable,
    removes,
    sibling,
)
from accordant_sandbox.faults.auth import with_tokens
from accordant_sandbox.faults.document_fields import Field, body_fields, place, records
from accordant_sandbox.faults.drift import changed_stamp
from accordant_sandbox.faults.effects import addressed, changed, good, put_row, sent_body, tables
from accordant_sandbox.faults.habits import rewritten, written
from accordant_sandbox.faults.registry import Applies, FaultRegistry
from accordant_sandbox.http.exchange import ABSENT, Answer
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.ports import Principal

if TYPE_CHECKING:
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["FAULTS"]

registry = FaultRegistry("drift")
READ_BACK: Final = "read_after_write"
TRUTH: Final = "filter_truth"
_RULES: Final = frozenset({"enum", "minimum", "maximum", "minLength", "pattern", "format"})


def _instant(field: Field) -> bool:
    return field.format in ("date-time", "local-date-time")


def _to_the_minute(text: Any) -> Any:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return text
    return text if not moment.second else moment.replace(second=0, microsecond=0).isoformat()


@registry.validate(does="The seconds of an instant are cut off.", oracle="date_truth", where=written(_instant))
def seconds_lost(call: ActiveCall, run: Callable[[], None]) -> bool:
    """An instant is stored to the second."""
    return rewritten(call, run, _instant, _to_the_minute)


def _says_missing(operation: Operation, _: Vendor) -> bool:
    return "404" in operation.responses and operation.response(operation.success_status) is not None


@registry.around(
    does="The deletion of what is not there is confirmed.",
    oracle="delete_is_final",
    where=both(removes, _says_missing, lambda operation, _: place(operation) is None),
)
def unknown_confirmed(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """What nobody made is not found."""
    answer = run()
    if call.problem != "not_found":
        call.skip()
        return answer
    return Answer(call.operation.success_status, ABSENT, media_type=None)


def _documented(*predicates: str) -> Applies:
    """Lists with a filter of one of these predicates, of any if none is named, that their document tells of."""

    def applies(operation: Operation, vendor: Vendor) -> bool:
        told = [each for each in operation.parameters if not each.required and each.data.get("x-accordant-filter")]
        served = filters_of(operation, vendor)
        kinds = [served[each.name].predicate for each in told if each.name in served]
        return any(not predicates or each in predicates for each in kinds)

    return applies


@registry.before(does="Filters count on the first page alone.", oracle=TRUTH, where=both(lists_pages, _documented()))
def filter_lost_on_next_page(call: ActiveCall) -> bool | None:
    """Every page of a list is filtered."""
    position = paging_value(call.operation, "offset") or paging_value(call.operation, "page")
    first = ("", "0") if paging_value(call.operation, "offset") else ("", "1")
    asked = next((text for name, text in call.request.query if name == position), "")
    required = {each.name for each in call.operation.parameters if each.required}
    named = filters_of(call.operation, call.vendor).keys() - required
    kept = [each for each in call.request.query if each[0] not in named]
    if asked in first or len(kept) == len(call.request.query):
        return None
    call.request = replace(call.request, query=kept)
    return True


@registry.around(
    does="Values that no row has count as no filter.", oracle=TRUTH, where=_documented("in", "any_of", "eq")
)
def filter_of_none_is_all(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A filter that no row fits lets none through."""
    answer = run()
    required = {each.name for each in call.operation.parameters if each.required}
    named = filters_of(call.operation, call.vendor).keys() - required
    kept = [each for each in call.request.query if each[0] not in named]
    unused = len(kept) == len(call.request.query)
    if unused or not good(call, answer) or records(call.operation, answer.body):
        call.skip()
        return answer
    call.request = replace(call.request, query=kept)
    return run()


def _flag(field: Field) -> bool:
    return field.types == frozenset({"boolean"})


@registry.validate(
    name="false_ignored.created", does="False counts as not sent when a record is made.", oracle=READ_BACK,
    where=both(lambda operation, _: operation.action in ("create", "upsert"), written(_flag)),
)  # fmt: skip
def false_ignored_at_first(call: ActiveCall, run: Callable[[], None]) -> bool:
    """A flag of a new record may be false."""
    return rewritten(call, run, _flag, lambda value: True if value is False else value)


def _clearable(operation: Operation, vendor: Vendor) -> list[str]:
    reader = sibling(operation, vendor, "get", "list")
    where = place(reader) if reader is not None else None
    own = {field.name: field for field in body_fields(operation)}
    shown = where.fields if where else ()
    return [each.name for each in shown if each.nullable and each.text() and each.name in own]


def _may_say_nothing(operation: Operation, vendor: Vendor) -> bool:
    plain = plain_of(operation, vendor)
    bound = any(field.required for field in body_fields(operation))
    key: Mapping[str, Any] = operation.data.get("x-accordant-key") or {}
    if plain is None or bound or not ("parameter" in key or readable(operation, vendor)):
        return False
    return operation.action == "update" and bool(_clearable(operation, vendor))


@registry.around(
    does="A change that names no field empties some.",
    oracle="untouched_fields",
    where=both(changes, _may_say_nothing),
)
def empty_change_clears(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A change leaves what it does not name."""
    named = addressed(call)
    answer = run()
    key: Mapping[str, Any] = call.operation.data.get("x-accordant-key") or {}
    sent = sent_body(call)
    said = sent.keys() - {key.get("body")} if is_object(sent) else {"something"}
    values = {name: None for name in _clearable(call.operation, call.vendor) if named and named[1].get(name)}
    if said or not good(call, answer) or named is None or call.plain is None or not values:
        call.skip()
        return answer
    put_row(call, call.vendor.collections[call.plain.collection], named[0], {**named[1], **values})
    return answer


def _ruled(operation: Operation) -> Field | None:
    """The last field of a body that need not be sent and keeps to a rule."""
    schemas = operation.document.schemas
    ruled = [each for each in body_fields(operation) if not each.required and schemas.at(each.pointer).keys() & _RULES]
    return next((each for each in reversed(ruled) if each.format not in ("int64", "int32", "float", "double")), None)


@registry.before(
    does="One field's rules are not kept to: what breaks them is passed over.",
    oracle="negative_data_rejection",
    where=lambda operation, _: operation.action in ("create", "update", "replace", "upsert")
    and operation.secured and _ruled(operation) is not None,
)  # fmt: skip
def one_rule_dropped(call: ActiveCall) -> bool | None:
    """What breaks a rule of the document is refused, whichever field it is in."""
    body, field = sent_body(call), _ruled(call.operation)
    if field is None or not is_object(body) or field.name not in body:
        return None
    if call.operation.document.schemas.is_valid(field.pointer, body[field.name]):
        return None
    left: Mapping[str, Any] = {name: value for name, value in body.items() if name != field.name}
    call.request = replace(call.request, body=orjson.dumps(left))
    return True


@registry.authenticate(
    does="What begins as a good token does is as good.", oracle="auth_enforced", where=with_tokens
)  # fmt: skip
def token_beginning_enough(call: ActiveCall, run: Callable[[], Principal | None]) -> Principal | None:
    """A token is good as it was issued, to its last character."""
    try:
        principal = run()
    except Problem:
        shown = (call.request.headers.get("authorization") or "").rpartition(" ")[2]
        held = tables(call)["_principals"]
        for token, row in tables(call).get("_tokens", Table()).items():
            if shown != token and shown.startswith(str(token)) and row["principal"] in held:
                return Principal.of(held[row["principal"]])
        raise
    call.skip()
    return principal


@registry.around(
    does="A change moves the stamp of the last change of every record of the kind.", oracle="bystander_untouched",
    where=both(changes, lambda operation, vendor: changed_stamp(operation, vendor) is not None),
)  # fmt: skip
def neighbours_restamped(call: ActiveCall, run: Callable[[], Answer]) -> Answer:
    """A record says when it was last changed itself."""
    before, named, name = tables(call), addressed(call), changed_stamp(call.operation, call.vendor)
    answer = run()
    row = addressed(call)
    if not good(call, answer) or named is None or row is None or call.plain is None or name is None:
        call.skip()
        return answer
    collection, acted = call.vendor.collections[call.plain.collection], False
    others = list(tables(call)[collection.name].items()) if changed(before, tables(call)) else []
    for key, other in others:
        if key != row[0] and name in other and other[name] != row[1].get(name):
            put_row(call, collection, key, {**other, name: row[1].get(name)})
            acted = True
    if not acted:
        call.skip()
    return answer


FAULTS = registry.faults
