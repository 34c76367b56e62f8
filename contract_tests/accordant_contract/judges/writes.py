"""Do writes do what they say, no more and no less?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from accordant_runtime import is_array, is_object

from ..document.comparison import Difference, beside, changes, lost, same, short, shown_alike
from ..document.document import Operation
from ..document.policy import SideEffect
from ..document.schemas import undescribed
from ..document.values import ABSENT, Exchange, Finding, Findings
from .dates import restamped, shifted
from .filters import inside


@frozen
class RecordReading:
    """A record as it was read: ``ABSENT`` where it was not there; by which operation, in which exchanges."""

    record: Any
    operation: Operation
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)

    @property
    def schema(self) -> Mapping[str, Any]:
        """The schema of the record."""
        return self.operation.record_schema or {}


@frozen
class WriteTrial:
    """A write with what was there before and after it.

    ``before`` is ``None`` where there was nothing or nobody looked; ``after`` is ``None`` where the record cannot be
    read by any operation. ``ignore`` are fields that may change beside those that were sent.
    """

    exchange: Exchange
    before: RecordReading | None = None
    after: RecordReading | None = None
    ignore: frozenset[str] = frozenset()


@frozen
class CountTrial:
    """A write with the number of rows before and after it, and by how much it should have changed."""

    exchange: Exchange
    before: int
    after: int
    expected: int
    exchanges: tuple[Exchange, ...] = field(default=(), repr=False)


def read_after_write(operation: Operation, trial: WriteTrial) -> Findings:
    """What was sent is what the response shows and what a later reading shows; sent instants are ``date_truth``'s."""
    sent, schema = _sent(trial.exchange), operation.record_schema
    answer = operation.record(trial.exchange.document)

    def finding(text: str, where: str, kind: str, each: Difference | None = None) -> Finding:
        values = (short(each.wanted), short(each.found)) if each else ("", "")
        return Finding("read_after_write", operation.id, text, where, kind, read_around(trial), *values)

    if is_object(answer) and schema is not None:
        for each in inner_lost(sent, answer, schema, operation):
            if each.instant:
                yield from shifted(operation.id, [each], read_around(trial))
            else:
                yield finding(
                    f"the answer does not show what was sent: {each}", each.path, f"answer {_place(each)}", each
                )
    after = trial.after
    if after is None:
        return
    if after.record is ABSENT:
        yield finding("the record cannot be read back", "", "unreadable")
        return
    if is_object(answer) and schema is not None and is_object(after.record):
        shown = {name: value for name, value in answer.items() if name in after.record and name not in beside(answer)}
        read = {name: value for name, value in after.record.items() if name in shown}
        for each in changes(shown, read, schema, operation.schemas):
            if not _could_show(after, each):
                continue
            yield finding(
                f"reading it shows something else than the answer: {each}", each.path, f"read {_place(each)}", each
            )
    for each in inner_lost(sent, after.record, after.schema, operation):
        if each.instant:
            yield from shifted(operation.id, [each], read_around(trial))
        else:
            yield finding(f"reading it does not show what was sent: {each}", each.path, f"read {_place(each)}", each)


def untouched_fields(operation: Operation, trial: WriteTrial) -> Findings:
    """A change leaves alone what it did not carry, in any of several rows, but for the time of the last change."""
    before, after = trial.before, trial.after
    if before is None or after is None or before.record is ABSENT or after.record is ABSENT:
        return
    sent = _sent(trial.exchange)
    around = beside(before.record) if is_object(before.record) else frozenset[str]()
    rows = trial.exchange.arguments.body if is_array(trial.exchange.arguments.body) else [sent]
    carried = {name for row in rows if is_object(row) for name in row}
    ignore = trial.ignore | around | carried | {path.split(".")[0] for path, _ in echoed(sent, operation)[1]}
    for each in changes(before.record, after.record, after.schema, operation.schemas, ignore):
        if not _inside_sent(each, trial) and not restamped(each):
            text = f"it was not sent, and changed: {each}"
            values = (short(each.wanted), short(each.found))
            yield Finding("untouched_fields", operation.id, text, each.path, "", read_around(trial), *values)


def failed_write_no_trace(operation: Operation, trial: WriteTrial | CountTrial) -> Findings:
    """A refused write leaves everything as it was."""
    status = trial.exchange.status
    if isinstance(trial, CountTrial):
        if trial.after != trial.before:
            text = f"refused with {status}, yet the list went from {trial.before} to {trial.after} rows"
            yield Finding("failed_write_no_trace", operation.id, text, kind="count", exchanges=trial.exchanges)
        return
    before, after = trial.before, trial.after
    if before is None or after is None or before.record is ABSENT:
        return
    if after.record is ABSENT:
        text = f"refused with {status}, yet the record is gone"
        yield Finding("failed_write_no_trace", operation.id, text, kind="gone", exchanges=read_around(trial))
        return
    for each in changes(before.record, after.record, after.schema, operation.schemas, trial.ignore):
        text = f"refused with {status}, yet it changed: {each}"
        yield Finding("failed_write_no_trace", operation.id, text, each.path, exchanges=read_around(trial))


def count_effect(operation: Operation, trial: CountTrial) -> Findings:
    """A create adds a row for each record in its body, a delete takes one away, a change neither."""
    change = trial.after - trial.before
    if change != trial.expected:
        text = f"the list went from {trial.before} to {trial.after} rows, {trial.expected:+d} was due"
        yield Finding(
            "count_effect", operation.id, text, kind=f"{change - trial.expected:+d}", exchanges=trial.exchanges
        )


def delete_is_final(operation: Operation, gone: Exchange, later: RecordReading, again: Exchange | None) -> Findings:
    """What was deleted cannot be read, and cannot be deleted again."""

    def finding(text: str, kind: str, *exchanges: Exchange) -> Finding:
        return Finding("delete_is_final", operation.id, text, kind=kind, exchanges=(gone, *exchanges))

    if later.operation.action == "get" and not later.operation.refuses_requests:
        return  # the document gives it no way to say that a record is not there
    if later.record is not ABSENT:
        yield finding(f"deleted with {gone.status}, and still there", "still there", *later.exchanges)
    elif later.operation.action == "get" and later.exchanges and not _may_be_gone(later):
        status = later.exchanges[-1].status
        yield finding(f"deleted, and reading it answers {status} rather than 404", f"read {status}", *later.exchanges)
    if again is not None and again.success and "404" in operation.responses:
        yield finding(f"deleted, and deleting it again answers {again.status}", "again", again)


def _may_be_gone(reading: RecordReading) -> bool:
    """Whether a reading says that nothing is there, in the way that its document has for it."""
    sayings = [code for code in (404, 410) if reading.operation.response(code) is not None]
    status = reading.exchanges[-1].status
    return status in (sayings or (400, 404, 410, 422))


def same_record(operation: Operation, wanted: Any, reading: RecordReading) -> Findings:
    """What is read under an id is the record with that id."""
    name = reading.operation.key.field
    if name is None or not is_object(reading.record) or not _shows(reading.operation, name):
        return
    found = reading.record.get(name, ABSENT)
    if found is ABSENT and name not in reading.schema.get("required", ()):
        return
    if is_object(found) or is_array(found):
        return  # a part that is called like the variable of the path, and no id
    if not same(wanted, found, {}) and str(wanted) != str(found):
        text = f"asked for {name} {short(wanted)}, got {short(found)}"
        yield Finding("read_after_write", operation.id, text, f"$.{name}", "other record", reading.exchanges)


def _shows(operation: Operation, name: str) -> bool:
    """Whether the record, or one of its alternatives, is documented with that field, or with no field at all."""
    schema = operation.record_schema
    if schema is None:
        return True
    choices = [part for keyword in ("oneOf", "anyOf") for part in schema.get(keyword, ())]
    known = [operation.schemas.properties(each) for each in (schema, *choices)]
    return not any(known) or any(name in each for each in known)


def known_record_is_found(operation: Operation, record: str, exchange: Exchange) -> Findings:
    """A record (named in words) that is known to exist can be read."""
    if exchange.status in (404, 410):
        text = f"{record} is known to exist, and reading it answers {exchange.status}"
        yield Finding("read_after_write", operation.id, text, kind="not found", exchanges=(exchange,))


def location_names_record(operation: Operation, key: Any, created: Exchange) -> Findings:
    """The Location of a record that was made ends with its key."""
    place = created.response.header("location") if created.response else None
    if place is not None and created.status == 201 and not place.rstrip("/").endswith(str(key)):
        text = f"Location is {place}, the new record is {key}"
        yield Finding("read_after_write", operation.id, text, kind="location", exchanges=(created,))


def idempotency(operation: Operation, first: Exchange, second: Exchange, count: CountTrial | None = None) -> Findings:
    """A write that may be repeated makes nothing more the second time; ``count`` is about that second time."""
    name = operation.key.field
    one, other = operation.record(first.document), operation.record(second.document)
    if name and is_object(one) and is_object(other) and not same(one.get(name), other.get(name), {}):
        text = f"sent twice, it made {name} {one.get(name)} and {other.get(name)}"
        yield Finding("idempotency", operation.id, text, kind="another", exchanges=(first, second))
    if count is not None and count.after != count.before:
        text = f"sent again, it took the list from {count.before} to {count.after} rows"
        yield Finding("idempotency", operation.id, text, kind="count", exchanges=(first, second))


def reference_effects(effect: SideEffect, key: Any, record: Any, exchanges: tuple[Exchange, ...]) -> Findings:
    """Another record, as it was read after the call (``ABSENT``: gone), shows what the vendor says happens to it."""
    text = ""
    if effect.expected is ABSENT:
        text = "" if record is ABSENT else " is still there"
    elif record is ABSENT:
        text = " is gone"
    elif not same(record.get(effect.field, ABSENT), effect.expected, {}):
        text = f": {effect.field} is {short(record.get(effect.field, ABSENT))}, not {short(effect.expected)}"
    if text:
        message = f"{effect.entity} {key}{text} ({effect.reason})"
        kind = f"{effect.entity}.{effect.field}"
        yield Finding("reference_effects", effect.cause.operation, message, kind=kind, exchanges=exchanges)


def inner_lost(sent: Any, record: Any, schema: Mapping[str, Any], operation: Operation) -> list[Difference]:
    """What of a sent body is missing in a record, which may hold its body in a separate member (``data``)."""
    sent, moved = echoed(sent, operation)
    elsewhere = [
        Difference(f"$.{path}", value, inside(record, path))
        for path, value in moved
        if inside(record, path) is not ABSENT and not same(value, inside(record, path), {})
    ]
    return elsewhere + _lost_inside(sent, record, schema, operation)


def echoed(sent: Any, operation: Operation) -> tuple[Any, list[tuple[str, Any]]]:
    """What of a body the record shows under the same name, and the rest that it shows elsewhere, by dotted path.

    ``x-accordant-echo`` says so; what the record does not show is left out.
    """
    if not is_object(sent) or operation.body_schema is None:
        return sent, []
    own: dict[str, Any] = {}
    moved: list[tuple[str, Any]] = []
    properties = operation.schemas.properties(operation.body_schema)
    nameless = undescribed(operation.body_schema)  # nothing says what such a member would mean
    for name, value in sent.items():
        if name in nameless:
            continue
        echo = properties.get(name, {}).get("x-accordant-echo", True)
        if echo is True:
            own[name] = value
        elif isinstance(echo, str):
            moved.append((echo, value))
    return own, moved


def _lost_inside(sent: Any, record: Any, schema: Mapping[str, Any], operation: Operation) -> list[Difference]:
    known = operation.schemas.properties(schema)
    if is_object(sent) and is_object(record) and sent and not known.keys() & sent.keys():
        inner = max(
            known, key=lambda name: len(operation.schemas.properties(known[name]).keys() & sent.keys()), default=""
        )
        shared = operation.schemas.properties(known[inner]).keys() & sent.keys() if inner else set[str]()
        if 2 * len(shared) > len(sent):  # else it is something else of that name
            found = record.get(inner, ABSENT)
            return list(lost(sent, found, known[inner], operation.schemas, f"$.{inner}"))
    return list(lost(sent, record, schema, operation.schemas))


def _could_show(reading: RecordReading, difference: Difference) -> bool:
    """Whether a reading could show what a response shows in a field: one may say that it is of another kind, have null
    there, or write the same number as a text, or true as 1."""
    part: Mapping[str, Any] = reading.schema
    for depth, name in enumerate(difference.path.removeprefix("$.").split(".")):
        known = reading.operation.schemas.properties(part)
        if depth and known and name not in known:
            return False
        part = known.get(name, {})
    wanted, found = difference.wanted, difference.found
    if not shown_alike(wanted, part):
        written = isinstance(wanted, (str, int, float)) and isinstance(found, (str, int, float))
        return written and _spelt(wanted) != _spelt(found)
    fixed = [part["const"]] if "const" in part else part.get("enum", [wanted])
    return wanted in fixed


def _spelt(value: Any) -> str:
    """A value as a text that is the same for 1, "1" and true."""
    return str(int(value)) if isinstance(value, bool) else str(value)


def _sent(exchange: Exchange) -> dict[str, Any]:
    return exchange.arguments.body if is_object(exchange.arguments.body) else {}


def _inside_sent(difference: Difference, trial: WriteTrial) -> bool:
    """Whether a change lies within what was sent, where the record holds its body in a separate member: in JSON:API
    the `attributes`, which may be those of the `data` inside of a whole response."""
    names = [each.split("[")[0] for each in difference.path.split(".")[1:]]
    names = names[1:] if names[:2] == ["data", "attributes"] else names
    return len(names) > 1 and names[1] in _sent(trial.exchange)


def read_around(trial: WriteTrial) -> tuple[Exchange, ...]:
    """The exchanges of a trial: the reading before the write, the write, the reading after it."""
    before = trial.before.exchanges if trial.before else ()
    after = trial.after.exchanges if trial.after else ()
    return (*before, trial.exchange, *after)


def _place(difference: Difference) -> str:
    return "".join(part.split("]", 1)[-1] if index else part for index, part in enumerate(difference.path.split("[")))
