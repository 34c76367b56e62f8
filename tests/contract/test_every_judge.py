"""Every judge has an exchange that passes and one that it finds something in; a judge without both is found here."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import accordant_contract
from accordant_contract import judges
from accordant_contract.document.checks import CHECKS
from accordant_contract.document.comparison import Difference
from accordant_contract.document.policy import PolicyStep, SideEffect
from accordant_contract.document.values import ABSENT, Arguments, Exchange, Finding, Findings, Response
from accordant_contract.judges import (
    auth,
    bulk,
    bystanders,
    client,
    conformance,
    dates,
    defaults,
    exposure,
    filters,
    headers,
    hollow,
    leads,
    limits,
    paging,
    rows,
    stamps,
    survival,
    texts,
    unknown,
    writes,
)
from accordant_contract.judges.filters import FilterTrial
from accordant_contract.judges.paging import PageWalk
from accordant_contract.judges.writes import CountTrial, RecordReading, WriteTrial
from accordant_runtime import Answer, Entity, Notes
from accordant_runtime import Operation as Generated

from .widget_api import JSON, exchange, operation, page, widget

GET, LIST, CREATE = operation("getWidget"), operation("listWidgets"), operation("createWidget")
UPDATE, DELETE = operation("updateWidget"), operation("deleteWidget")
STORED: Final = widget(1, name="Tap", price=12.5)
BEGUN: Final = {**STORED, "created_at": "2026-03-01T08:00:00Z"}
GOOD, REFUSED, LIMITED = exchange(GET.id, 200, widget(1)), exchange(GET.id, 401, {}), exchange(GET.id, 429)
MADE = exchange(CREATE.id, 201, STORED, headers=(*JSON, ("Location", "/widgets/1")), arguments=Arguments(body={}))
COLOUR = LIST.parameter("colour_eq")
assert COLOUR is not None

Judgement = Callable[[], Findings]
TRANSLATES: Final = {
    "baseline/settling.py": "it tells that an entry of the baseline is out of date",
    "fuzz/traffic.py": "it translates what the fuzzer found",
    "fuzz/engine.py": "it tells that the fuzzer itself stopped",
    "run/runner.py": "it tells that the run itself was cut short",
}
"""Modules outside of the judges that make findings, and why they judge no exchange."""


def discovered() -> dict[str, Callable[..., Findings]]:
    """Every judge: the public functions of the modules of judges that return findings."""
    found: dict[str, Callable[..., Findings]] = {}
    for item in pkgutil.iter_modules(judges.__path__):
        module = importlib.import_module(f"{judges.__name__}.{item.name}")
        for name, value in vars(module).items():
            own = inspect.isfunction(value) and value.__module__ == module.__name__ and not name.startswith("_")
            if own and inspect.signature(value).return_annotation == "Findings":
                found[f"{item.name}.{name}"] = value
    return found


def with_headers(*headers: tuple[str, str]) -> Exchange:
    return exchange(GET.id, 200, widget(1), headers=(*JSON, *headers))


def generated(answer: Answer[Any]) -> Generated[Any]:
    return Generated(GET.id, "GET", "/widgets/{id}", "widgets", "get", Entity("widget", "get"), answers=(answer,))


def forgetful(value: Any, _: Notes) -> Any:
    return {name: item for name, item in value.items() if name != "name"}


def reading(record: Any, status: int = 200) -> RecordReading:
    return RecordReading(record, GET, (exchange(GET.id, status, {} if record is ABSENT else record),))


def walk(*numbers: int) -> PageWalk:
    return PageWalk(9, (page([widget(number) for number in numbers], len(numbers), limit=9),))


def filtered(*rows: Any) -> FilterTrial:
    assert COLOUR is not None
    universe = [widget(1, colour="red"), widget(2, colour="green")]
    return FilterTrial(COLOUR, "green", universe, (page(list(rows), len(rows), limit=9),))


def changed(before: Any, after: Any) -> WriteTrial:
    return WriteTrial(exchange(UPDATE.id, 200, after, arguments=Arguments(body={})), reading(before), reading(after))


def sent(body: Any, answer: Any) -> WriteTrial:
    return WriteTrial(exchange(CREATE.id, 201, answer, headers=JSON, arguments=Arguments(body=body)))


def stamped(before: str, after: str) -> WriteTrial:
    """A change of the name at nine o'clock, with the stamp of the last change before it and after it."""
    now = (*JSON, ("Date", "Sun, 01 Mar 2026 09:00:00 GMT"))
    change = exchange(UPDATE.id, 200, {}, headers=now, arguments=Arguments(body={}))
    return WriteTrial(
        change, reading({**STORED, "updated_at": before}), reading({**STORED, "name": "Pump", "updated_at": after})
    )


def effect(expected: Any) -> SideEffect:
    return SideEffect((), PolicyStep(DELETE.id), "widget", "name", expected, "it is said so", "docs")


def tagged(*ids: int) -> Exchange:
    return exchange(GET.id, 200, widget(1, tags=[{"PartId": each} for each in ids]))


def told(status: int, intent: Any, **more: Any) -> Exchange:
    return exchange(CREATE.id, status, {}, intent=intent, **more)


SHIFTED: Final = Difference("$.made", "2026-02-01T10:00:00Z", "2026-02-01T15:00:00Z", instant=True)
LOST: Final = Difference("$.name", "Tap", ABSENT)
GONE, MISSING = exchange(DELETE.id, 204), exchange(DELETE.id, 404, {})
LIMIT: Final = ("X-RateLimit-Reset", "60")
SILENT: Final = Exchange(GET.id, GOOD.request, None, failure="connection reset")
HTML: Final = exchange(GET.id, body=b"{}", headers=(("Content-Type", "text/html"),))
FIRST: Final = exchange(CREATE.id, 201, widget(1), headers=JSON)
OTHER: Final = exchange(CREATE.id, 201, widget(2), headers=JSON)
UTF8, LATIN = (
    (("Content-Type", "application/json; charset=utf-8"),),
    (("Content-Type", "application/json; charset=latin1"),),
)
NAMED: Final = widget(1, name="é")
TAGGED: Final = exchange(GET.id, 200, STORED, headers=(*JSON, ("ETag", '"1"')))
RETAGGED: Final = exchange(GET.id, 200, NAMED, headers=(*JSON, ("ETag", '"1"')))
SAME: Final = exchange(GET.id, 304)
BYTES: Final = leads.Followed("http://127.0.0.1:9/files/1", Response(200, (), b"bytes"))
THERE: Final = leads.Followed("http://127.0.0.1:9/widgets/1", MADE.response)
LEAST: Final = exchange(CREATE.id, 201, widget(1, stars=3), arguments=Arguments(body={"name": "Tap"}))
TEXT: Final = "  tx00c0de & ' e\u0301 "
WRITTEN: Final = exchange(CREATE.id, 201, widget(1, name=TEXT), arguments=Arguments(body={"name": TEXT}))
EARLY: Final = exchange(CREATE.id, 201, widget(1, created_at="2026-03-01T08:00:00Z"), headers=JSON)

PASSES: Final[dict[str, Judgement]] = {
    "auth.auth_enforced": lambda: auth.auth_enforced(GET, REFUSED, "no credential"),
    "auth.stranger_sees_nothing": lambda: auth.stranger_sees_nothing(LIST, [1], page([widget(9)], 1)),
    "auth.token_lifecycle": lambda: auth.token_lifecycle(GET, auth.TokenTrial(GOOD, "a token", good=True)),
    "auth.login_refused": lambda: auth.login_refused(GET, REFUSED, "password"),
    "auth.token_has_life": lambda: auth.token_has_life(GET, 3600.0),
    "auth.undeclared_method_refused": lambda: auth.undeclared_method_refused(GET, "PUT", exchange(GET.id, 405, {})),
    "bulk.bulk_effect": lambda: bulk.bulk_effect(
        UPDATE, bulk.BulkTrial(MADE, (7, 8), "PartId", [tagged()], [tagged(7, 8)])
    ),
    "bystanders.bystander_untouched": lambda: bystanders.bystander_untouched(
        UPDATE, MADE, "widget 1", reading(STORED), reading(STORED)
    ),
    "client.client_truth": lambda: client.client_truth(generated(Answer("200")), GOOD),
    "client.client_noted": lambda: client.client_noted(generated(Answer("200")), "the client", ()),
    "conformance.status_code_conformance": lambda: conformance.status_code_conformance(GET, GOOD),
    "conformance.not_a_server_error": lambda: conformance.not_a_server_error(GET, exchange(GET.id, 404, {})),
    "conformance.positive_data_acceptance": lambda: conformance.positive_data_acceptance(CREATE, told(201, "valid")),
    "conformance.negative_data_rejection": lambda: conformance.negative_data_rejection(CREATE, told(422, "invalid")),
    "conformance.content_type_conformance": lambda: conformance.content_type_conformance(GET, GOOD),
    "conformance.response_headers_conformance": lambda: conformance.response_headers_conformance(CREATE, MADE),
    "conformance.response_schema_conformance": lambda: conformance.response_schema_conformance(GET, GOOD),
    "dates.date_truth": lambda: dates.date_truth(CREATE, MADE),
    "dates.shifted": lambda: dates.shifted(GET.id, [LOST], ()),
    "defaults.documented_default": lambda: defaults.documented_default(CREATE, LEAST, reading(widget(1, stars=3))),
    "defaults.replaced_wholly": lambda: defaults.replaced_wholly(CREATE, LEAST, reading(STORED), reading({"id": 1})),
    "exposure.secret_leak": lambda: exposure.secret_leak(GET, GOOD, ["a-secret-of-this-run"]),
    "exposure.undocumented_field": lambda: exposure.undocumented_field(GET, GOOD),
    "filters.filter_fills_page": lambda: filters.filter_fills_page(LIST, filtered(widget(2, colour="green"))),
    "filters.filter_truth": lambda: filters.filter_truth(LIST, filtered(widget(2, colour="green"))),
    "headers.header_truth": lambda: headers.header_truth(GET, exchange(GET.id, 200, NAMED, headers=UTF8)),
    "headers.etag_truth": lambda: headers.etag_truth(GET, TAGGED, TAGGED),
    "headers.not_modified": lambda: headers.not_modified(GET, TAGGED, SAME, TAGGED),
    "leads.redirect_truth": lambda: leads.redirect_truth(GET, GOOD, b"bytes", BYTES),
    "leads.location_leads": lambda: leads.location_leads(CREATE, MADE, GET, 1, THERE),
    "hollow.succeeded_once": lambda: hollow.succeeded_once(GET, {GET.id}),
    "hollow.judged_enough": lambda: hollow.judged_enough(GET, {"page_walk", "header_truth", "client_truth"}),
    "hollow.was_fuzzed": lambda: hollow.was_fuzzed(GET, {GET.id}),
    "hollow.let_in": lambda: hollow.let_in(GET, {401, 200}),
    "limits.retry_after": lambda: limits.retry_after(GET, exchange(GET.id, 429, headers=(("Retry-After", "2"),))),
    "limits.limit_honest": lambda: limits.limit_honest(GET, LIMITED, GOOD),
    "limits.remaining_honest": lambda: limits.remaining_honest(
        GET, [with_headers(("X-RateLimit-Remaining", left), LIMIT) for left in ("5", "4")]
    ),
    "paging.page_shape": lambda: paging.page_shape(LIST, page([widget(1), widget(2)], 5)),
    "paging.page_walk": lambda: paging.page_walk(LIST, [walk(1, 2), walk(1, 2)]),
    "rows.list_truth": lambda: rows.list_truth(LIST, page([STORED], 1), STORED, reading(STORED)),
    "stamps.making_stays": lambda: stamps.making_stays(UPDATE, changed(BEGUN, {**BEGUN, "name": "Pump"})),
    "stamps.stamp_moves": lambda: stamps.stamp_moves(UPDATE, stamped("2026-03-01T08:59:58Z", "2026-03-01T09:00:00Z")),
    "survival.client_survives": lambda: survival.client_survives(
        LIST, survival.ClientTurn("the client", due=[widget(1)], seen=[widget(1)])
    ),
    "texts.text_is_shown": lambda: texts.text_is_shown(
        CREATE, WRITTEN, [exchange(GET.id, 200, widget(1, name=TEXT))], {"name"}
    ),
    "texts.text_truth": lambda: texts.text_truth(CREATE, WRITTEN, [exchange(GET.id, 200, widget(1, name=TEXT))]),
    "unknown.unknown_is_missing": lambda: unknown.unknown_is_missing(GET, exchange(GET.id, 404, {})),
    "unknown.unknown_is_refused": lambda: unknown.unknown_is_refused(DELETE, exchange(DELETE.id, 404, {})),
    "writes.read_after_write": lambda: writes.read_after_write(CREATE, sent({"name": "Tap"}, STORED)),
    "writes.untouched_fields": lambda: writes.untouched_fields(UPDATE, changed(STORED, STORED)),
    "writes.failed_write_no_trace": lambda: writes.failed_write_no_trace(UPDATE, changed(STORED, STORED)),
    "writes.count_effect": lambda: writes.count_effect(CREATE, CountTrial(MADE, 5, 6, 1)),
    "writes.delete_is_final": lambda: writes.delete_is_final(DELETE, GONE, reading(ABSENT, 404), MISSING),
    "writes.same_record": lambda: writes.same_record(GET, 1, reading(widget(1))),
    "writes.known_record_is_found": lambda: writes.known_record_is_found(GET, "widget 1", GOOD),
    "writes.location_names_record": lambda: writes.location_names_record(CREATE, 1, MADE),
    "writes.idempotency": lambda: writes.idempotency(GET, FIRST, FIRST, CountTrial(FIRST, 5, 5, 0)),
    "writes.reference_effects": lambda: writes.reference_effects(effect(ABSENT), 1, ABSENT, ()),
}
"""For each judge what it lets pass."""

FINDS: Final[dict[str, Judgement]] = {
    "auth.auth_enforced": lambda: auth.auth_enforced(GET, GOOD, "no credential"),
    "auth.stranger_sees_nothing": lambda: auth.stranger_sees_nothing(LIST, [1], page([widget(1)], 1)),
    "auth.token_lifecycle": lambda: auth.token_lifecycle(GET, auth.TokenTrial(REFUSED, "a token", good=True)),
    "auth.login_refused": lambda: auth.login_refused(GET, None, "password"),
    "auth.token_has_life": lambda: auth.token_has_life(GET, 0.0),
    "auth.undeclared_method_refused": lambda: auth.undeclared_method_refused(GET, "PUT", GOOD),
    "bulk.bulk_effect": lambda: bulk.bulk_effect(
        UPDATE, bulk.BulkTrial(MADE, (7, 8), "PartId", [tagged()], [tagged(7)])
    ),
    "bystanders.bystander_untouched": lambda: bystanders.bystander_untouched(
        UPDATE, MADE, "widget 1", reading(STORED), reading({**STORED, "price": 1})
    ),
    "client.client_truth": lambda: client.client_truth(generated(Answer("200", forgetful)), GOOD),
    "client.client_noted": lambda: client.client_noted(generated(Answer("200")), "the client", ("$.name: a text",)),
    "conformance.status_code_conformance": lambda: conformance.status_code_conformance(GET, exchange(GET.id, 418, {})),
    "conformance.not_a_server_error": lambda: conformance.not_a_server_error(GET, SILENT),
    "conformance.positive_data_acceptance": lambda: conformance.positive_data_acceptance(CREATE, told(422, "valid")),
    "conformance.negative_data_rejection": lambda: conformance.negative_data_rejection(CREATE, told(201, "invalid")),
    "conformance.content_type_conformance": lambda: conformance.content_type_conformance(GET, HTML),
    "conformance.response_headers_conformance": lambda: conformance.response_headers_conformance(CREATE, FIRST),
    "conformance.response_schema_conformance": lambda: conformance.response_schema_conformance(
        GET, exchange(GET.id, 200, widget(1, name=7))
    ),
    "dates.date_truth": lambda: dates.date_truth(CREATE, EARLY),
    "dates.shifted": lambda: dates.shifted(GET.id, [SHIFTED], ()),
    "defaults.documented_default": lambda: defaults.documented_default(CREATE, LEAST, reading(widget(1, stars=4))),
    "defaults.replaced_wholly": lambda: defaults.replaced_wholly(CREATE, LEAST, reading(STORED), reading(STORED)),
    "exposure.secret_leak": lambda: exposure.secret_leak(GET, GOOD, [str(STORED["made"])]),
    "exposure.undocumented_field": lambda: exposure.undocumented_field(GET, exchange(GET.id, 200, widget(1, beta=1))),
    "filters.filter_fills_page": lambda: filters.filter_fills_page(LIST, filtered()),
    "filters.filter_truth": lambda: filters.filter_truth(LIST, filtered()),
    "headers.header_truth": lambda: headers.header_truth(GET, exchange(GET.id, 200, NAMED, headers=LATIN)),
    "headers.etag_truth": lambda: headers.etag_truth(GET, TAGGED, RETAGGED),
    "headers.not_modified": lambda: headers.not_modified(GET, TAGGED, SAME, SAME),
    "leads.redirect_truth": lambda: leads.redirect_truth(GET, GOOD, b"other", BYTES),
    "leads.location_leads": lambda: leads.location_leads(CREATE, MADE, GET, 2, THERE),
    "hollow.succeeded_once": lambda: hollow.succeeded_once(GET, {LIST.id}),
    "hollow.judged_enough": lambda: hollow.judged_enough(GET, {"page_walk", "header_truth", "hollow_run"}),
    "hollow.was_fuzzed": lambda: hollow.was_fuzzed(GET, {LIST.id}),
    "hollow.let_in": lambda: hollow.let_in(GET, {401, 403}),
    "limits.retry_after": lambda: limits.retry_after(GET, LIMITED),
    "limits.limit_honest": lambda: limits.limit_honest(GET, LIMITED, LIMITED),
    "limits.remaining_honest": lambda: limits.remaining_honest(
        GET, [with_headers(("X-RateLimit-Remaining", left), LIMIT) for left in ("4", "5")]
    ),
    "paging.page_shape": lambda: paging.page_shape(LIST, page([widget(1), widget(1)], 5)),
    "paging.page_walk": lambda: paging.page_walk(LIST, [walk(1, 2), walk(2, 1)]),
    "rows.list_truth": lambda: rows.list_truth(LIST, page([STORED], 1), {**STORED, "name": "T"}, reading(STORED)),
    "stamps.making_stays": lambda: stamps.making_stays(UPDATE, changed(BEGUN, {**BEGUN, "created_at": STORED["made"]})),
    "stamps.stamp_moves": lambda: stamps.stamp_moves(UPDATE, stamped("2026-03-01T08:50:00Z", "2026-03-01T08:50:00Z")),
    "survival.client_survives": lambda: survival.client_survives(
        LIST, survival.ClientTurn("the client", due=[widget(1)], seen=[widget(2)])
    ),
    "texts.text_is_shown": lambda: texts.text_is_shown(CREATE, WRITTEN, [GOOD], {"name"}),
    "texts.text_truth": lambda: texts.text_truth(CREATE, WRITTEN, [exchange(GET.id, 200, widget(1, name=TEXT[2:]))]),
    "unknown.unknown_is_missing": lambda: unknown.unknown_is_missing(GET, exchange(GET.id, 403, {})),
    "unknown.unknown_is_refused": lambda: unknown.unknown_is_refused(DELETE, GONE),
    "writes.read_after_write": lambda: writes.read_after_write(CREATE, sent({"name": "Tap"}, widget(1, name="Ta"))),
    "writes.untouched_fields": lambda: writes.untouched_fields(UPDATE, changed(STORED, {**STORED, "price": 1})),
    "writes.failed_write_no_trace": lambda: writes.failed_write_no_trace(UPDATE, CountTrial(REFUSED, 5, 6, 0)),
    "writes.count_effect": lambda: writes.count_effect(CREATE, CountTrial(MADE, 5, 7, 1)),
    "writes.delete_is_final": lambda: writes.delete_is_final(DELETE, GONE, reading(STORED), MISSING),
    "writes.same_record": lambda: writes.same_record(GET, 1, reading(widget(2))),
    "writes.known_record_is_found": lambda: writes.known_record_is_found(GET, "widget 1", exchange(GET.id, 404, {})),
    "writes.location_names_record": lambda: writes.location_names_record(CREATE, 2, MADE),
    "writes.idempotency": lambda: writes.idempotency(GET, FIRST, OTHER),
    "writes.reference_effects": lambda: writes.reference_effects(effect(ABSENT), 1, STORED, ()),
}
"""For each judge what it finds something in."""


def test_every_judge_has_both_examples() -> None:
    """A judge without an exchange that passes and one that fails is found, and so is an example without a judge."""
    assert len(discovered()) > 30
    assert set(PASSES) == set(discovered())
    assert set(FINDS) == set(discovered())


@pytest.mark.parametrize("name", PASSES)
def test_what_is_right_passes(name: str) -> None:
    """A judge finds nothing in what is right."""
    assert judged(name, PASSES[name]) == []


@pytest.mark.parametrize("name", FINDS)
def test_what_is_wrong_is_found(name: str) -> None:
    """A judge finds something in what is wrong, and says so under the name of a check that is explained to users."""
    found = judged(name, FINDS[name])
    assert found
    assert {each.check for each in found} <= set(CHECKS)


def judged(name: str, judgement: Judgement) -> list[Finding]:
    """What an example finds, which must be an example of the judge that it is named for."""
    running: Any = judgement()
    assert running.gi_code is discovered()[name].__code__
    return list(running)


def test_only_judges_judge() -> None:
    """A probe leaves it to a judge to find something, so that no judgement is without its two examples."""
    root = Path(accordant_contract.__file__).parent
    makers = {str(path.relative_to(root)) for path in making_findings(root)}
    assert makers == set(TRANSLATES)


def making_findings(root: Path) -> Iterator[Path]:
    """The modules outside of the judges that make findings."""
    for path in sorted(root.rglob("*.py")):
        if path.parent.name != "judges" and "Finding(" in path.read_text(encoding="utf-8").replace("class Finding", ""):
            yield path
