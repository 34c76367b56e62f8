"""Kept cases: sent before anything is made up, judged as the fuzzer's own, bound to a document."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import evolve, field, frozen

from accordant_contract.corpus.file import Corpus, KeptCase, content, path_in, read, with_present_records
from accordant_contract.corpus.keeping import Keeper
from accordant_contract.corpus.replaying import Replayer
from accordant_contract.document.document import load
from accordant_contract.document.values import ABSENT, Arguments, Exchange, Request, Response
from accordant_contract.errors import ContractError
from accordant_contract.evidence.results import Event, PhaseStarted
from accordant_contract.fuzz.engine import Fuzzer
from accordant_contract.fuzz.expected_rejections import ExpectedRejections
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor
from accordant_contract.target.senders import Reply
from accordant_contract.target.targets import Target

NONE = frozenset[str]()
CHECK = "positive_data_acceptance"
ODD = KeptCase("listSystems", Arguments(query={"page": "1", "page_size": "37"}), why="finding: not_a_server_error")
DIBOP = load("dibop")


@frozen
class _FailsOnOneSize:
    """A sandbox that fails where a page has exactly 37 rows, which nothing but a kept case asks for."""

    inner: Target
    sent: list[str] = field(factory=list[str])

    def __call__(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, timeout: float | None
    ) -> Reply:
        """Pass a request on, and note it."""
        self.sent.append(url)
        if "page_size=37" in url:
            return 500, [("Content-Type", "application/json")], b"{}"
        return self.inner.send(method, url, headers, body, timeout)


@contextmanager
def _run(corpus: Corpus, *, keep: bool = False, events: list[Event] | None = None) -> Generator[tuple[Run, list[str]]]:
    with targets.local(vendor.load("dibop"), way="process") as target:
        sender = _FailsOnOneSize(evolve(target))
        target.send = sender
        listeners = () if events is None else (events.append,)
        run = Run(
            target, Settings(PROFILES["quick"], focus={"listSystems"}, corpus=corpus, keep=keep, listeners=listeners)
        )
        run.execute()
        yield run, sender.sent


def _checks(run: Run) -> set[str]:
    return {each.finding.check for each in run.results.findings.values()}


def test_a_kept_case_is_sent_first_and_finds_what_only_it_shows() -> None:
    """A fault that only a kept case shows is found by it, before the fuzzer makes up its first request."""
    with _run(Corpus()) as (run, sent):
        assert not _checks(run)
        assert not any("page_size=37" in url for url in sent)
    events: list[Event] = []
    with _run(Corpus((ODD,), current=True), events=events) as (run, _):
        assert "not_a_server_error" in _checks(run)
        [found] = [each.finding for each in run.results.findings.values() if each.finding.check == "not_a_server_error"]
        assert "page_size=37" in found.exchanges[-1].request.url
    phases = [each.phase for each in events if isinstance(each, PhaseStarted)]
    assert phases.index("kept cases") < min(place for place, name in enumerate(phases) if name.startswith("fuzz"))


def test_a_refused_kept_case_is_judged_as_the_fuzzer_judges_its_own() -> None:
    """A request that the document allows has to be accepted; one that names what is not there need not be."""
    allowed = KeptCase("listSystems", Arguments(query={"page": "1", "page_size": "3"}))
    absent = KeptCase("getOrchestration", Arguments(path={"id": "00000000-0000-4000-8000-000000000000"}))
    with targets.local(vendor.load("dibop"), way="process") as target:
        session = Run(target, Settings(PROFILES["quick"])).session
        assert session.credential.headers  # it has logged in

        def refuse(*_: object) -> Reply:
            return 422, [("Content-Type", "application/json")], b'{"error": {}}'

        target.send = refuse
        rejections = ExpectedRejections(session.document, target.vendor.policy)
        fuzzer = Fuzzer(session, PROFILES["quick"], 1, rejections)
        Replayer(session, fuzzer.excused, lambda _: ()).run(
            Corpus((allowed, absent)), ("listSystems", "getOrchestration")
        )
        found = {each.finding.operation for each in session.results.findings.values() if each.finding.check == CHECK}
    assert found == {"listSystems"}


def test_less_is_made_up_where_kept_cases_are_of_the_present_document() -> None:
    """Kept cases of exactly this document spare the fuzzer's coverage phase; those of another one spare nothing."""
    plain = KeptCase("listSystems", Arguments(query={"page": "1"}))
    with _run(Corpus((plain,), current=True)) as (_, sparing), _run(Corpus((plain,))) as (run, whole):
        assert len(sparing) < len(whole)
        assert [each for each in run.results.skipped if "of another document" in each]


def test_cases_of_another_document_are_dropped_where_they_no_longer_fit(tmp_path: Path) -> None:
    """An unknown operation, parameter or body goes; the others are still sent; another vendor's file is refused."""
    gone = KeptCase("listRobots", Arguments())
    unknown = KeptCase("listSystems", Arguments(query={"colour": "red"}))
    wrong = KeptCase("login", Arguments(body={"email": 7}))
    file = path_in(tmp_path, "dibop")
    text = json.loads(content(DIBOP, [ODD, unknown, wrong]))
    text["cases"].append(gone.data())
    text["document"] = "0" * 64
    file.write_text(json.dumps(text), encoding="utf-8")
    found = read(file, DIBOP)
    assert [each.arguments.query for each in found.cases] == [ODD.arguments.query]
    assert (found.current, found.dropped) == (False, 3)
    with pytest.raises(ContractError, match="not of dispatch"):
        read(file, load("dispatch"))
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(ContractError, match="no file of kept cases"):
        read(file, DIBOP)


def test_a_file_of_kept_cases_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Every case comes back with its arguments, its records and its reason; no file is no case."""
    assert read(path_in(tmp_path, "dibop"), DIBOP).cases == ()
    case = KeptCase("getOrchestration", Arguments(path={"id": "é\ud800"}), (("orchestration", "é\ud800"),), "why")
    path_in(tmp_path, "dibop").write_text(content(DIBOP, [ODD, case]), encoding="utf-8")
    found = read(path_in(tmp_path, "dibop"), DIBOP)
    assert found.current
    assert {json.dumps(each.data()) for each in found.cases} == {json.dumps(each.data()) for each in (ODD, case)}
    assert found.of("getOrchestration")[0].arguments.body is ABSENT


def test_a_record_that_is_not_there_gives_way_to_one_that_is() -> None:
    """A case that named a record is sent with another of its kind, in its path."""
    operation = DIBOP.operations["getOrchestration"]
    [parameter] = [each for each in operation.parameters if each.where == "path"]
    case = KeptCase("getOrchestration", Arguments(path={parameter.name: "old"}), ((operation.entity, "old"),))
    found = with_present_records(operation, case, {(operation.entity, "old"): "new"})
    assert found.path == {parameter.name: "new"}


def _exchange(query: dict[str, str], status: int = 200, body: bytes = b'{"systems":[]}', **header: str) -> Exchange:
    url = "http://x/api/v1/systems?" + "&".join(f"{name}={value}" for name, value in query.items())
    request = Request("GET", url, tuple(header.items()))
    response = Response(status, (("Content-Type", "application/json"),), body)
    return Exchange("listSystems", request, response, Arguments(query=query, header=header), "unknown")


def test_what_shows_nothing_new_is_not_kept() -> None:
    """The first success is kept, the same once more is not, another status and another shape are."""
    keeper, operation = Keeper(NONE), DIBOP.operations["listSystems"]
    for exchange in (
        _exchange({"page": "1"}),
        _exchange({"page": "2"}),
        _exchange({"page": "3"}, 404, b"{}"),
        _exchange({"page": "4"}, body=b'{"systems":[{"id":1}]}'),
    ):
        keeper.offer(operation, exchange, {})
    kept = keeper.cases["listSystems"]
    assert [each.arguments.query["page"] for each in kept] == ["1", "3", "4"]
    assert kept[0].why == "the first success"


def test_no_secret_is_kept() -> None:
    """A case that shows a secret of the run is not kept, and credentials in headers are no part of a case."""
    keeper, operation = Keeper(NONE, ("hush-hush",)), DIBOP.operations["listSystems"]
    keeper.offer(operation, _exchange({"page": "hush-hush"}), {})
    assert keeper.cases["listSystems"] == []
    keeper.offer(operation, _exchange({"page": "1"}, Authorization="Bearer hush-hush"), {})
    [case] = keeper.cases["listSystems"]
    assert "hush" not in json.dumps(case.data())


def test_a_case_that_led_to_a_finding_is_kept_whatever_else_is() -> None:
    """A finding's request is kept although nothing in it is new."""
    keeper, operation = Keeper(NONE), DIBOP.operations["listSystems"]
    keeper.offer(operation, _exchange({"page": "1"}), {})
    keeper.offer(operation, _exchange({"page": "1"}), {}, "page_shape")
    assert [each.why for each in keeper.cases["listSystems"]] == ["the first success", "finding: page_shape"]


def test_a_run_keeps_what_it_was_given_and_what_is_new() -> None:
    """A run that keeps has the cases of before first, and at least one success of its operation."""
    with _run(Corpus((KeptCase("listSystems", Arguments(query={"page": "1"}), why="before"),)), keep=True) as (run, _):
        assert run.kept[0].why == "before"
        assert len(run.kept) > 1
