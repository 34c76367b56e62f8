"""What a finding's check expected, as assertions about the responses to its steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from accordant_runtime import is_array

from ..document.document import Document, Operation
from ..document.values import ABSENT, Arguments
from ..errors import ContractError
from ..target.clients import generated_operations, keywords
from .literals import literal
from .paths import general, inner, sent_at, way_to
from .schema_asserts import asserts, schema_at
from .steps import SECRET, VARIABLE

Steps: TypeAlias = Sequence[Mapping[str, Any]]
Lines: TypeAlias = list[str]

ELSEWHERE: Final = {
    "auth_enforced": "the client always sends its credential; send the finding's curl line",
    "ignored_auth": "the client always sends its credential; send the finding's curl line",
    "token_lifecycle": "the client renews its tokens without being asked",
    "retry_after": "the client waits as it is told",
    "client_survives": "it needs a connection that breaks; run the command that is printed with the finding",
    "hollow_run": "it is about the run as a whole",
    "known_deviation": "it is about the file of known deviations",
}
"""Checks of which no test can be written, and why."""


def expected(operation: Operation, finding: Mapping[str, Any], steps: Steps, document: Document) -> Lines:
    """The assertions for a finding; raises :class:`ContractError` where the client alone cannot show it."""
    check = str(finding["check"])
    maker = _MAKERS.get(check)
    made = maker(operation, finding, steps, document) if maker is not None else None
    if made is None:
        why = ELSEWHERE.get(check, "this kind of it needs more than the requests of the finding")
        raise ContractError(
            f"no regression test can be written for {check} at {operation.id}: {why}; the finding's curl lines, and "
            f"`{finding['replay']}`, show it again"
        )
    return made


Maker: TypeAlias = Callable[[Operation, Mapping[str, Any], Steps, Document], "Lines | None"]


def _status(_: Operation, finding: Mapping[str, Any], steps: Steps, document: Document) -> Lines:
    reply = _reply(len(steps) - 1)
    match finding["check"]:
        case "not_a_server_error":
            return [f"assert {reply}.status < 500, {reply}"]
        case "positive_data_acceptance":
            return [f"assert {reply}.status < 400, {reply}"]
        case "negative_data_rejection":
            return [f"assert 400 <= {reply}.status < 500, {reply}"]
        case "unsupported_method":
            return [f"assert {reply}.status == 405, {reply}"]
        case _:
            known = document.operations[str(finding["operation"])].responses
            exact = sorted({int(each) for each in known if each.isdigit()})
            ranges = sorted({int(each[0]) for each in known if each[1:].upper() == "XX"})
            parts = [f"{reply}.status in {exact!r}"] if exact else []
            parts += [f"{reply}.status // 100 in {ranges!r}"] if ranges else []
            return [f"assert {' or '.join(parts)}, {reply}"]


def _shape(operation: Operation, finding: Mapping[str, Any], steps: Steps, document: Document) -> Lines | None:
    """A response that fits: the place in question by its schema, and the whole as the client decodes it."""
    step, reply = steps[-1], _reply(len(steps) - 1)
    status, path = int(step["status"]), str(finding["path"])
    if operation.response(status) is None:
        return _status(operation, {**finding, "check": "status_code_conformance"}, steps, document)
    lines = [f"assert {reply}.status == {status}, {reply}"]
    schema = schema_at(operation, status, path) if path else None
    within = list(asserts(schema, "value")) if schema is not None else []
    if within:
        lines += [f"for value in values({reply}.data, {general(path)!r}):", *(f"    {line}" for line in within)]
    elif not path:
        lines.append(f"assert {reply}.data is not None")
    decoded = _decoded(operation, step, document) if status < 400 else []
    return [*lines, *decoded] if within or decoded or not path else None


def _decoded(operation: Operation, step: Mapping[str, Any], document: Document) -> Lines:
    """The same call by the client's method, which raises where a response differs from the document."""
    generated = generated_operations(document.name).get(operation.id)
    if generated is None or "content" in step or operation.writes:
        return []  # a write would be done a second time
    given = keywords(generated, Arguments(query=step["given"], body=step.get("json", ABSENT)))
    words = ", ".join(f"{name}={literal(value)}" for name, value in given.items())
    return [f"api.raw.{operation.resource}.{operation.name}({words}).parse()"]


def _content_type(operation: Operation, _: Mapping[str, Any], steps: Steps, __: Document) -> Lines | None:
    reply, status = _reply(len(steps) - 1), int(steps[-1]["status"])
    found = operation.response(status)
    kinds = sorted(found[0].get("content", {})) if found else []
    if not kinds:
        return None
    stated = f'{reply}.headers.get("content-type", "")'
    return [f"assert {reply}.status == {status}, {reply}", f'assert {stated}.partition(";")[0].lower() in {kinds!r}']


def _headers(_: Operation, finding: Mapping[str, Any], steps: Steps, __: Document) -> Lines | None:
    name = str(finding["key"]).rpartition("|")[2]
    if "required and missing" not in finding["message"]:
        return None
    reply = _reply(len(steps) - 1)
    return [
        f"assert {reply}.status == {int(steps[-1]['status'])}, {reply}",
        f"assert {name.lower()!r} in {{each.lower() for each in {reply}.headers}}",
    ]


def _unknown(_: Operation, finding: Mapping[str, Any], steps: Steps, __: Document) -> Lines | None:
    """A field that must not be there, or secrets of the environment that must not be shown."""
    reply, kind = _reply(len(steps) - 1), str(finding["key"]).rpartition("|")[2]
    if finding["check"] == "undocumented_field" or kind.startswith("field "):
        return [f"assert values({reply}.data, {general(str(finding['path']))!r}) == []"]
    used = sorted(set(re.findall(rf"{SECRET}([A-Z0-9_]+?)_(?![A-Z0-9])", repr(steps))))
    return [f"assert os.environ[{each!r}] not in {reply}.content.decode()" for each in used] or None


def _page(operation: Operation, finding: Mapping[str, Any], steps: Steps, __: Document) -> Lines | None:
    """A page that holds what it should."""
    paging, step, reply = operation.paging, steps[-1], _reply(len(steps) - 1)
    size = step["query"].get(paging.size) if paging and paging.size else None
    if paging is None:
        return None
    rows = f"values({reply}.data, {way_to(paging.items)!r} + '[]')"
    kind = str(finding["key"]).rpartition("|")[2]
    if kind == "too many" and size is not None:
        return [f"assert len({rows}) <= {int(size)}"]
    if kind == "twice" and operation.key.field:
        return [f"keys = [row[{operation.key.field!r}] for row in {rows}]", "assert len(set(keys)) == len(keys)"]
    if kind in ("total", "too few") and paging.total and size is not None:
        position = step["query"].get(paging.position) if paging.position else None
        start = (
            int(position or 0)
            if paging.style == "offset"
            else (int(position or paging.start) - paging.start) * int(size)
        )
        total = f"values({reply}.data, {way_to(paging.total)!r})[0]"
        return [
            f"assert {total} >= {start} + len({rows})",
            f"assert len({rows}) >= min({int(size)}, {total} - {start})",
        ]
    return None


def _written(operation: Operation, finding: Mapping[str, Any], steps: Steps, document: Document) -> Lines | None:
    """What was sent is there, in the response to the write or in the reading after it."""
    write = _index(steps, operation.id)
    path, kind = str(finding["path"]), str(finding["key"]).rpartition("|")[2]
    if write is None or (finding["check"] == "date_truth" and kind.startswith("stamp")):
        return None
    reading = write + 1 if len(steps) > write + 1 else None
    if kind in ("unreadable", "not found"):
        return [f"assert {_reply(reading)}.status < 400, {_reply(reading)}"] if reading is not None else None
    if not path or not str(path).startswith("$."):
        return None
    shown = _record(document, steps, write)
    if shown is None or not sent_at(steps[write], path):
        return _again(document, steps, write, reading, path)
    lines = [f"assert {_reply(write)}.status < 400, {_reply(write)}"]
    told = f"values(sent_{write + 1}, {inner(steps[write], path)!r})"
    if not finding["message"].startswith("reading it"):
        lines.append(f"assert same(values({shown}, {general(path)!r}), {told})")
    if reading is not None and (read := _record(document, steps, reading)) is not None:
        lines.append(f"assert same(values({read}, {general(path)!r}), {told})")
    return lines


def _again(document: Document, steps: Steps, write: int, reading: int | None, path: str) -> Lines | None:
    """Where the value was not sent: the reading shows what the response to the write showed."""
    shown = _record(document, steps, write)
    read = _record(document, steps, reading) if reading is not None else None
    if shown is None or read is None:
        return None
    return [f"assert same(values({read}, {general(path)!r}), values({shown}, {general(path)!r}))"]


def _untouched(operation: Operation, finding: Mapping[str, Any], steps: Steps, document: Document) -> Lines | None:
    """The record before and after a write: all of it after a refused one, else the place in question."""
    write = _index(steps, operation.id)
    beside = _beside(steps, write)
    if write is None or beside is None:
        return None
    before, after = (_record(document, steps, each) for each in beside)
    if before is None or after is None:
        return None
    refused = [f"assert {_reply(write)}.status >= 400, {_reply(write)}"]
    lines = refused if finding["check"] == "failed_write_no_trace" else []
    path = general(str(finding["path"])) if finding["path"] else "$"
    return [*lines, f"assert same(values({before}, {path!r}), values({after}, {path!r}))"]


def _final(operation: Operation, _: Mapping[str, Any], steps: Steps, document: Document) -> Lines | None:
    """After a deletion the record cannot be read, and not deleted again."""
    gone = _index(steps, operation.id)
    if gone is None or gone + 1 >= len(steps):
        return None
    later = document.operations[str(steps[gone + 1]["operation"])]
    reply = _reply(gone + 1)
    lines = [f"assert {_reply(gone)}.status < 400, {_reply(gone)}"]
    if later.action == "list":
        name = later.key.field or operation.key.field
        made = re.search(rf"{VARIABLE}([a-z0-9_]+?)_(?![a-z0-9])", str(steps[gone]["path"]))
        if not name or made is None or later.paging is None:
            return None
        rows = f"values({reply}.data, {way_to(later.paging.items)!r} + '[]')"
        return [*lines, f"assert {made.group(1)} not in [row[{name!r}] for row in {rows}]"]
    return [*lines, f"assert {reply}.status in (404, 410), {reply}"]


def _counted(operation: Operation, finding: Mapping[str, Any], steps: Steps, document: Document) -> Lines | None:
    """The number of rows before and after a write, by the total that the list states."""
    write = _index(steps, operation.id)
    due = re.search(r"([+-]\d+) was due", str(finding["message"]))
    beside = _beside(steps, write)
    if write is None or beside is None or due is None:
        return None
    lists = [document.operations[str(steps[each]["operation"])] for each in beside]
    totals = [each.paging.total if each.paging else None for each in lists]
    if any(each.action != "list" for each in lists) or not all(totals):
        return None
    before, after = (f"values({_reply(each)}.data, {way_to(str(totals[0]))!r})[0]" for each in beside)
    return [
        f"assert {_reply(write)}.status < 400, {_reply(write)}",
        f"assert {after} - {before} == {int(due.group(1))}",
    ]


_TESTS: Final = {
    "eq": "str(value).lower() == str({0!r}).lower()",
    "not_eq": "str(value).lower() != str({0!r}).lower()",
    "in": "str(value) in {1!r}",
    "gt": "value > {0!r}",
    "gteq": "value >= {0!r}",
    "lt": "value < {0!r}",
    "lteq": "value <= {0!r}",
}


def _filtered(operation: Operation, finding: Mapping[str, Any], steps: Steps, __: Document) -> Lines | None:
    """Rows that a filter let through fit it."""
    step, reply = steps[-1], _reply(len(steps) - 1)
    name, _, kind = str(finding["key"]).rpartition("|")[2].partition(" ")
    parameter = operation.parameter(name)
    if parameter is None or parameter.filter is None or kind != "unfit row" or name not in step["given"]:
        return None
    field, predicate = parameter.filter
    value: Any = step["given"][name]
    test = _TESTS.get(predicate)
    if test is None or VARIABLE in repr(value) or parameter.by_day:
        return None
    listed = [str(each) for each in value] if is_array(value) else [str(value)]
    rows = f"{way_to(operation.paging.items if operation.paging else operation.envelope)}[].{field}"
    return [
        f"assert {reply}.status == 200, {reply}",
        f"for value in values({reply}.data, {rows!r}):",
        f"    assert {test.format(value, listed)}",
    ]


def _repeated(operation: Operation, _: Mapping[str, Any], steps: Steps, document: Document) -> Lines | None:
    """Sent twice, it is one record."""
    places = [index for index, step in enumerate(steps) if step["operation"] == operation.id]
    if len(places) < 2 or not operation.key.field:
        return None
    one, other = (_record(document, steps, each) for each in places[-2:])
    if one is None or other is None:
        return None
    return [f"assert {one}[{operation.key.field!r}] == {other}[{operation.key.field!r}]"]


_MAKERS: Final[Mapping[str, Maker]] = {
    **dict.fromkeys(
        (
            *("status_code_conformance", "not_a_server_error", "positive_data_acceptance"),
            *("negative_data_rejection", "unsupported_method"),
        ),
        _status,
    ),
    "response_schema_conformance": _shape,
    "client_truth": _shape,
    "content_type_conformance": _content_type,
    "response_headers_conformance": _headers,
    "undocumented_field": _unknown,
    "secret_leak": _unknown,
    "page_shape": _page,
    "read_after_write": _written,
    "date_truth": _written,
    "untouched_fields": _untouched,
    "failed_write_no_trace": _untouched,
    "delete_is_final": _final,
    "count_effect": _counted,
    "filter_truth": _filtered,
    "idempotency": _repeated,
}


def _reply(index: int) -> str:
    return f"reply_{index + 1}"


def _index(steps: Steps, operation: str) -> int | None:
    """The last step that was sent to an operation."""
    return max((index for index, step in enumerate(steps) if step["operation"] == operation), default=None)


def _beside(steps: Steps, write: int | None) -> tuple[int, int] | None:
    """The steps before and after a write that belong to the finding."""
    shown = [index for index, step in enumerate(steps) if step["shown"]]
    place = shown.index(write) if write in shown else 0
    return (shown[place - 1], shown[place + 1]) if 0 < place < len(shown) - 1 else None


def _record(document: Document, steps: Steps, index: int | None) -> str | None:
    """The record in the response to a step, as Python; ``None`` where a list showed it."""
    if index is None:
        return None
    operation = document.operations[str(steps[index]["operation"])]
    if operation.action == "list":
        return None
    return record_of(operation, index)


def record_of(operation: Operation, index: int) -> str:
    """The record in the response to a step, as Python."""
    reply = f"{_reply(index)}.data"
    return f"record({reply}, {operation.envelope!r})" if operation.envelope else reply
