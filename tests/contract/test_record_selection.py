"""Which records a request may name, what a record shows of what was sent, and how filters compare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from accordant_contract.document.document import Document, Operation
from accordant_contract.document.policy import Allowance, Choice, Policy
from accordant_contract.document.values import ABSENT, Arguments, Exchange, Finding, Request, Response
from accordant_contract.evidence.results import ResultCollector
from accordant_contract.fuzz.expected_rejections import ExpectedRejections
from accordant_contract.judges.filters import FilterTrial, filter_truth, inside
from accordant_contract.judges.paging import identities
from accordant_contract.judges.writes import RecordReading, WriteTrial, read_after_write, untouched_fields
from accordant_contract.records import selection
from accordant_contract.records.record import Record
from accordant_contract.records.selection import Filling
from accordant_contract.records.store import RecordStore
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor
from accordant_runtime import dumps
from tests.contract.widget_api import exchange as answered

_VISIT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "Id": {"type": "integer"},
        "Slot": {"type": "integer"},
        "Starts": {"type": "string", "format": "local-date-time"},
        "Maker": {"type": ["string", "null"]},
        "Rooms": {"type": "array", "items": {"type": "object", "properties": {"Id": {"type": "integer"}}}},
    },
}
_WRITE: dict[str, Any] = {
    "type": "object",
    "required": ["VisitId"],
    "properties": {
        "VisitId": {"type": "integer", "x-accordant-reference": "visit"},
        "Slot": {"type": "integer", "x-accordant-reference": "visit.Slot"},
        "RoomIds": {"type": "array", "items": {"type": "integer"}, "x-accordant-echo": "Rooms.Id"},
        "Vendor": {"type": "string", "x-accordant-echo": "Maker"},
        "Kind": {"type": "integer", "x-accordant-echo": False, "x-accordant-known-values": [1, 2]},
        "Note": {"type": "integer", "x-accordant-reference": "note"},
    },
}


def _parameter(name: str, required: bool, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "schema": {"type": "string"}, **more}


def _filter(name: str, **rule: str) -> dict[str, Any]:
    return _parameter(name, False, **{"x-accordant-filter": rule})


def _needed(name: str, kind: str) -> dict[str, Any]:
    return _parameter(name, True, **{"x-accordant-reference": kind})


def _operation(name: str, action: str, *parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    schema = {"type": "array", "items": _VISIT} if action == "list" else _VISIT
    answer = {"description": "Done.", "content": {"application/json": {"schema": schema}}}
    facts = {"x-accordant-entity": "visit", "x-accordant-action": action}
    return {"operationId": name, **facts, "parameters": list(parameters), "responses": {"200": answer}, **more}


_BODY = {"requestBody": {"content": {"application/json": {"schema": _WRITE}}}}
_WINDOW = {"style": "window", "items": "", "from": "start", "to": "end", "cap": "most", "max-limit": 2000}
_LISTED = {"x-accordant-key": {"field": "Id"}, "x-accordant-pagination": {**_WINDOW, "identity": ["Id", "Slot"]}}
_PATHS: dict[str, Any] = {
    "/list": {
        "get": _operation(
            "list",
            "list",
            _filter("until", field="Starts", predicate="lteq", unit="day"),
            _filter("rooms", field="Rooms.Id", predicate="any_of"),
            **_LISTED,
        ),
        "post": _operation("create", "create", **_BODY, **{"x-accordant-key": {"field": "VisitId"}}),
    },
    "/update": {
        "put": _operation("update", "update", **_BODY, **{"x-accordant-key": {"body": "VisitId", "field": "Id"}})
    },
    "/notes": {
        "get": {**_operation("notes", "custom", _needed("visitId", "visit")), "x-accordant-entity": "note"},
        "delete": _operation(
            "removeNote",
            "custom",
            _needed("visitId", "visit"),
            _needed("noteId", "note"),
            _needed("slot", "visit.Slot"),
        ),
    },
}
DOCUMENT = Document("visits", {"paths": _PATHS})


def _record(
    entity: str, key: Any, value: Mapping[str, Any] | None = None, within: Mapping[str, Any] | None = None
) -> Record:
    return Record(entity, key, value or {}, within=within or {})


def op(name: str) -> Operation:
    return DOCUMENT.operations[name]


def sent(name: str, body: Any = ABSENT, answer: Any = None, **query: Any) -> Exchange:
    """An exchange at one of the operations above."""
    given = answered("getWidget", 200, answer)
    return Exchange(name, given.request, given.response, Arguments(query=query, body=body))


def test_a_part_fits_within_its_own_whole_only() -> None:
    """A part of a record may be named beside that record, and beside no other."""
    note = _record("note", 5, within={"visit": 1})
    assert selection.fits(note, Filling(op("removeNote"), named={"visit": 1}), ())
    assert not selection.fits(note, Filling(op("removeNote"), named={"visit": 2}), ())
    assert selection.fits(note, None, ())


def test_a_choice_admits_only_what_will_do() -> None:
    """Where the vendor takes only some records of a kind, a reference leads to one of these."""
    choices = [Choice("remove*", "note", {"Kind": "free"}, "a reason", "docs")]
    filling = Filling(op("removeNote"))
    assert selection.fits(_record("note", 1, {"Kind": "free"}), filling, choices)
    assert not selection.fits(_record("note", 2, {"Kind": "held"}), filling, choices)
    assert selection.fits(_record("note", 2, {"Kind": "held"}), Filling(op("notes")), choices)
    assert selection.fits(_record("visit", 3, {}), filling, choices)


def test_records_are_known_within_what_named_them() -> None:
    """A list for one record shows its parts within it; a record is not within itself."""
    assert selection.within(op("notes"), sent("notes", visitId=7)) == {"visit": 7}
    assert selection.within(op("removeNote"), sent("removeNote", visitId=7, noteId=5, slot=1)) == {"note": 5}


def test_the_whole_of_a_needed_part_is_found() -> None:
    """An operation on a part is called on the record that has it, whether a parameter or the body names the part."""
    records = {"note": [_record("note", 4), _record("note", 5, within={"visit": 9})]}
    assert selection.whole(op("removeNote"), records, (), ()) == 9
    assert selection.whole(op("update"), records, (), ("Note",)) == 9
    assert selection.whole(op("update"), records, (), ()) is ABSENT


def test_a_new_record_is_not_sent_its_own_ids() -> None:
    """What a creation's body holds of the new record's own ids is left out; a change carries them."""
    assert selection.unborn(op("create")) == {"VisitId": ABSENT, "Slot": ABSENT}
    assert selection.unborn(op("update")) == {}


def test_a_removal_tells_what_is_gone() -> None:
    """A deletion of a part says which part is gone, and not that its whole is."""
    assert list(selection.removed(op("removeNote"), {"visitId": 7, "noteId": 5, "slot": 1})) == [("note", 5)]
    assert list(selection.removed(op("notes"), {"visitId": 7})) == []


def test_values_are_looked_for_where_the_record_shows_them() -> None:
    """A value that the record shows under another name, or deeper, is compared there; one it hides is not compared."""
    body = {"VisitId": 1, "RoomIds": [3, 4], "Vendor": "Up", "Kind": 2}
    good = {"Id": 1, "Maker": "Up", "Rooms": [{"Id": 3}, {"Id": 4}]}
    bad = {"Id": 1, "Maker": None, "Rooms": [{"Id": 3}]}
    for record, paths in ((good, []), (bad, ["$.Rooms.Id", "$.Maker"])):
        trial = WriteTrial(sent("update", body, {"Id": 1}), after=RecordReading(record, op("list")))
        assert [each.path for each in read_after_write(op("update"), trial)] == paths


def test_a_field_that_shows_what_was_sent_is_not_untouched() -> None:
    """A change moves the field that shows what it carried, under whatever name, and no other."""
    before, after = {"Id": 1, "Maker": "A", "Slot": 1}, {"Id": 1, "Maker": "B", "Slot": 2}
    exchange = sent("update", {"VisitId": 1, "Vendor": "B"})
    trial = WriteTrial(exchange, RecordReading(before, op("list")), RecordReading(after, op("list")))
    assert [each.path for each in untouched_fields(op("update"), trial)] == ["$.Slot"]


@pytest.mark.parametrize(("name", "value", "wrong"), [("until", "2026-03-01", 3), ("rooms", ["8", "9"], 1)])
def test_filters_by_day_and_deeper_fields_are_judged(name: str, value: Any, wrong: int) -> None:
    """A filter by day compares days, one on a field of inner records looks into them."""
    rows: list[dict[str, Any]] = [
        {"Id": 1, "Starts": "2026-03-01T23:59:59", "Rooms": []},
        {"Id": 2, "Starts": "2026-03-01T00:00:00", "Rooms": [{"Id": "9"}]},
        {"Id": 3, "Starts": "2026-03-02T00:00:00", "Rooms": [{"Id": "8"}, {"Id": "7"}]},
    ]
    parameter = op("list").parameter(name)
    assert parameter is not None
    due = [row for row in rows if row["Id"] != wrong]

    def judge(got: list[dict[str, Any]]) -> list[Finding]:
        trial = FilterTrial(parameter, value, rows, (sent("list", answer=got),))
        return list(filter_truth(op("list"), trial))

    assert judge(due) == []
    assert len(judge(rows)) == 1
    assert len(judge(due[:1])) == 1


def test_a_deeper_field_is_found_or_absent() -> None:
    """A dotted name leads through objects, and through lists to the value of each item."""
    row = {"a": {"b": 1}, "c": [{"d": 1}, {"d": 2}, {}]}
    assert (inside(row, "a.b"), inside(row, "c.d"), inside(row, "a.x")) == (1, [1, 2], ABSENT)


def test_rows_are_told_apart_by_all_that_tells_them_apart() -> None:
    """Two rows with one key differ where the list says that another field tells them apart as well."""
    assert identities(op("list"), [{"Id": 1, "Slot": 1}, {"Id": 1, "Slot": 2}]) == [(1, 1), (1, 2)]


def test_a_list_without_pages_is_asked_for_everything() -> None:
    """A list with a cap and no pages is read with its largest cap."""
    paging = op("list").paging
    assert paging is not None
    assert (paging.size, paging.most, paging.position) == ("most", 2000, None)


def test_values_that_nobody_knows_may_be_refused() -> None:
    """A value outside the known ones of an open enumeration may be refused, a known one may not."""
    rejections = ExpectedRejections(DOCUMENT, Policy(), {"visit": {"1"}})
    assert rejections.refusal(sent("update", {"VisitId": 1, "Kind": 3})) == "a value that is none of the known ones"
    assert rejections.refusal(sent("update", {"VisitId": 1, "Kind": 2})) is None


def test_a_rare_allowance_need_not_come_up() -> None:
    """An allowance for what chance brings up in some runs only is not missed in the others."""
    rare = Allowance("page_walk", "list", "by chance", "assumed", rare=True)
    usual = Allowance("page_walk", "list", "always", "assumed")
    assert ResultCollector(DOCUMENT, Policy(allowances=(rare, usual))).unused_allowances == [usual]


def test_a_choice_must_name_what_there_is() -> None:
    """A choice for operations or a kind of record that the document lacks is reported."""
    wrong = Policy(choices=(Choice("nothing*", "visit", {}, "r", "docs"), Choice("list", "ghost", {}, "r", "docs")))
    assert len(list(wrong.problems(DOCUMENT))) == 2


def test_records_with_one_key_are_told_apart_by_what_they_are_in() -> None:
    """Tasks of two jobs that are called alike are two known records; one that is shown again is known once."""
    tasks = [{"taskNo": "T1", "sourceApp": "", "sourceType": "", "jobNo": job, "n": 1} for job in ("A", "B")]
    with targets.local(vendor.load("dime_scheduler"), way="process") as target:
        session = Run(target, Settings(PROFILES["quick"])).session
        store, listing = RecordStore(session), session.document.operations["listTasks"]
        for rows in (tasks, [{**tasks[1], "n": 2}, tasks[0]], [{**tasks[0], "n": 3}]):
            exchange = Exchange(listing.id, Request("GET", "", ()), Response(200, (), dumps(rows)))
            store.learn(listing, exchange)
    assert sorted((each.value["jobNo"], each.value["n"]) for each in store.known("task")) == [("A", 3), ("B", 2)]
