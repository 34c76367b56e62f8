"""The fuzzer says so when it proved nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests
from attrs import evolve
from schemathesis.core.transport import Response as SentResponse
from schemathesis.engine import Status, events
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.engine.run import PhaseName

from accordant_contract.document.document import load
from accordant_contract.document.values import Arguments, Exchange, Finding, Request, Response
from accordant_contract.fuzz import engine, traffic
from accordant_contract.fuzz.engine import Fuzzer
from accordant_contract.fuzz.expected_rejections import ExpectedRejections
from accordant_contract.fuzz.traffic import Verdict
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets as targets
from accordant_contract.target import vendor
from accordant_runtime import dumps

JOB = Arguments(path={"jobNo": "z"})


class _Silent:
    """An engine that ends well without a single request."""

    def __init__(self, _schema: object) -> None:
        """It needs no schema."""

    def execute(self) -> Iterator[object]:
        """No event."""
        return iter(())


class _Once(_Silent):
    """An engine that plays one scenario."""

    def execute(self) -> Iterator[object]:
        """The end of the scenario."""
        yield events.ScenarioFinished(
            id=uuid4(), phase=PhaseName.FUZZING, suite_id=uuid4(), label="", status=Status.FAILURE,
            recorder=ScenarioRecorder(label=""), elapsed_time=0.0, skip_reason=None, is_final=True,
        )  # fmt: skip


def test_a_fuzzer_that_sent_nothing_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation that the fuzzer never called is a hollow run, not a success; a spared one is named as skipped."""
    monkeypatch.setattr(engine, "from_schema", _Silent)
    with targets.local(vendor.load("dispatch"), way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], focus=()))
        Fuzzer(run.session, PROFILES["quick"], 1, ExpectedRejections(run.document, target.vendor.policy, {})).run()
    spared = {each.operation for each in target.vendor.policy.spared}
    found = {each.finding.operation for each in run.results.findings.values() if each.finding.check == "hollow_run"}
    assert found == set(run.document.operations) - spared


class _Endless(_Once):
    """An engine that plays scenarios until it is stopped."""

    def __init__(self, schema: object) -> None:
        super().__init__(schema)
        self.stopped = False

    def execute(self) -> Any:
        """Itself, as the stream of its events."""
        return self

    def __iter__(self) -> Iterator[object]:
        while not self.stopped:
            yield from super().execute()

    def stop(self) -> None:
        """No further scenario."""
        self.stopped = True


@pytest.mark.parametrize("described", [True, False])
def test_a_fuzzer_ends_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch, described: bool) -> None:
    """The fuzzer is stopped after the seconds of the profile; what it did not send then is a finding, but where a
    document alone describes the vendor and the probes had a success."""
    monkeypatch.setattr(engine, "from_schema", _Endless)
    seconds = iter(range(0, 10**6, 50))
    with targets.local(vendor.load("dispatch"), way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], focus=()))
        target.vendor = evolve(target.vendor, described=described)
        run.results.covered.update(run.document.operations)
        rejections = ExpectedRejections(run.document, target.vendor.policy, {})
        Fuzzer(run.session, PROFILES["quick"], 1, rejections, timer=lambda: float(next(seconds))).run()
    assert bool(run.results.findings) is not described


@pytest.mark.parametrize(("inner", "failing"), [(500, False), (200, True)])
def test_a_body_that_refuses_is_a_refusal(monkeypatch: pytest.MonkeyPatch, inner: int, failing: bool) -> None:
    """A forbidden request that HTTP 200 answers was accepted only where the vendor's own status says so too."""
    exchange = _upserted("upsertAppointment", {}, inner)
    finding = Finding("negative_data_rejection", "upsertAppointment", "accepted", exchanges=(exchange,))
    assert _counts(monkeypatch, finding) is failing


@pytest.mark.parametrize(("inner", "failing"), [(500, False), (200, True)])
def test_a_create_that_its_body_refuses_creates_nothing(
    monkeypatch: pytest.MonkeyPatch, inner: int, failing: bool
) -> None:
    """A record is missed only where the vendor's own status, in HTTP 200, says that it was created."""
    created = _upserted("upsertJob", {"jobNo": "z"}, inner)
    asked = Exchange("getJob", Request("GET", "http://127.0.0.1/job/z", ()), Response(404, (), b""), JOB)
    finding = Finding("ensure_resource_availability", "getJob", "not there", exchanges=(created, asked))
    assert _counts(monkeypatch, finding) is failing


@pytest.mark.parametrize(("key", "failing"), [("", False), ("..", False), ("z", True)])
def test_a_path_that_has_lost_a_part_is_not_judged(monkeypatch: pytest.MonkeyPatch, key: str, failing: bool) -> None:
    """A request whose path has an empty part reaches another operation, or none: its response says nothing."""
    sent = Request("GET", f"http://127.0.0.1/job/{key}", ())
    asked = Exchange("getJob", sent, Response(418, (), b""), Arguments(path={"jobNo": key}))
    finding = Finding("status_code_conformance", "getJob", "it is not documented", exchanges=(asked,))
    assert _counts(monkeypatch, finding) is failing


def _upserted(operation: str, body: object, status: int) -> Exchange:
    answer = {"content": "{}", "contentType": "application/json", "statusCode": status}
    sent = Request("POST", "http://127.0.0.1/", (("Content-Type", "application/json"),))
    return Exchange(operation, sent, Response(200, (), dumps(answer)), Arguments(body=body))


def _counts(monkeypatch: pytest.MonkeyPatch, finding: Finding) -> bool:
    """Whether a finding of the fuzzer at Dime.Scheduler is one of the run."""

    def known(_: Any, __: Any) -> dict[str, Exchange]:
        return {each.operation: each for each in finding.exchanges}

    def verdicts(_: Any, __: Any) -> Iterator[Verdict]:
        yield Verdict(finding.check, finding.operation, finding)

    def broken(*_: Any) -> bool:
        return False

    monkeypatch.setattr(engine, "from_schema", _Once)
    monkeypatch.setattr(traffic, "exchanges", known)
    monkeypatch.setattr(traffic, "verdicts", verdicts)
    monkeypatch.setattr(traffic, "positive", broken)
    with targets.local(vendor.load("dime_scheduler"), way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], focus=()))
        Fuzzer(run.session, PROFILES["quick"], 1, ExpectedRejections(run.document, target.vendor.policy, {})).run()
    return any(each.finding.check == finding.check for each in run.results.findings.values())


def _sent(vendor_name: str, operation: str, arguments: Arguments, status: int) -> tuple[ExpectedRejections, Exchange]:
    document, policy = load(vendor_name), vendor.load(vendor_name).policy
    request = Request(document.operations[operation].method, "http://127.0.0.1/", ())
    return ExpectedRejections(document, policy, {}), Exchange(operation, request, Response(status, (), b""), arguments)


@pytest.mark.parametrize(("roles", "same"), [([""], True), ("", True), (["", ""], False), (["cook"], False)])
def test_a_list_of_one_empty_text_is_an_empty_list(roles: object, same: bool) -> None:
    """A forbidden list that travels as an allowed one does may be accepted; any other may not."""
    rejections, exchange = _sent("dispatch", "listUsers", Arguments(query={"filter[by_user_roles]": roles}), 200)
    assert rejections.acceptance(exchange) is same


@pytest.mark.parametrize(("name", "excused"), [("eta", True), ("ETA", True), ("etas", False)])
def test_a_property_in_another_case_may_be_taken_for_the_known_one(name: str, excused: bool) -> None:
    """Servers that read names in any case may refuse the value of an additional property."""
    rejections, exchange = _sent("espace", "WorkOrder_Update", Arguments(body={"WorkOrderId": 1, name: []}), 400)
    rejections.known["work_order"] = {"1"}
    assert (rejections.refusal(exchange) == "a further property that is a known one in another case") is excused


@pytest.mark.parametrize(("field", "value", "excused"), [("VehicleId", 1, True), ("Note", "a", False)])
def test_a_record_of_another_kind_may_be_refused(field: str, value: object, excused: bool) -> None:
    """A piece of equipment that exists may be no vehicle, where the vendor asks for one; whatever else may not be
    refused for that."""
    sent = Arguments(query={"workOrderId": 3}, body={field: value})
    rejections, exchange = _sent("espace", "WorkOrder_AddVehicleCosts", sent, 400)
    rejections.known["equipment"] = {"1"}
    assert (rejections.refusal(exchange) is not None) is excused


@pytest.mark.parametrize(
    ("operation", "query"),
    [
        ("WorkOrder_DeleteCosts", {"workOrderId": 3, "costId": 9}),
        ("WorkOrder_Delete", {"workOrderId": 3}),
        ("WorkOrder_Delete", {"workOrderId": 3.0}),
    ],
)
def test_a_part_that_is_gone_may_be_refused(operation: str, query: dict[str, Any]) -> None:
    """A part that was deleted, or whose record was, does not exist any more: a request that names it may be refused.
    The fuzzer may write a whole number as 3.0."""
    rejections, listing = _sent("espace", "WorkOrder_Costs", Arguments(query={"workOrderId": 3}), 200)
    body = dumps({"IsSuccessStatusCode": True, "Data": [{"Id": 9}]})
    rejections.learn(evolve(listing, response=Response(200, (("Content-Type", "application/json"),), body)))
    named = Arguments(query={"workOrderId": 4}, body={"WorkOrderCostId": 9})
    _, adding = _sent("espace", "WorkOrder_AddTasks", named, 400)
    assert rejections.refusal(adding) is None
    _, deletion = _sent("espace", operation, Arguments(query=query), 200)
    rejections.learn(deletion)
    assert rejections.refusal(adding) == "work_order_cost 9 does not exist"


@pytest.mark.parametrize(("number", "excused"), [(2**31, True), (2**31 - 1, False), (-(2**31), False)])
def test_a_number_beyond_its_format_is_forbidden(number: int, excused: bool) -> None:
    """A number that does not fit its 32 bits may be refused, though its schema names no bounds."""
    rejections, exchange = _sent("dibop", "listSystems", Arguments(query={"page": number}), 400)
    assert (rejections.refusal(exchange) is not None) is excused


@pytest.mark.parametrize(("number", "excused"), [(7.0, True), (1e30, True), ("7.0", True), (7, False)])
def test_an_integer_may_be_refused_where_it_travels_with_a_fraction(number: float | str, excused: bool) -> None:
    """7.0 is an integer in JSON, and in the text of a URL it is none."""
    rejections, exchange = _sent("espace", "WebHookV2_List", Arguments(query={"id": number}), 400)
    assert (rejections.refusal(exchange) is not None) is excused


@pytest.mark.parametrize(
    ("told", "probed", "excused"),
    [
        ("No supported serializers for media types: a/b", True, True),
        ("No supported serializers for media types: a/b", False, False),
        ("these contain invalid link definitions: POST /a", False, True),
        ("Data generation is too slow for this operation", True, True),
        ("Data generation is too slow for this operation", False, False),
        ("the schema cannot be read", True, False),
    ],
)
def test_what_is_too_large_to_be_made_is_probed_only(
    monkeypatch: pytest.MonkeyPatch, told: str, probed: bool, excused: bool
) -> None:
    """An operation whose requests cannot be made in time is skipped where the probes had a success of it and a document
    alone describes the vendor; any other that the fuzzer gives up is a finding."""

    def gives_up(_: object) -> Any:
        return _GaveUp(told)

    monkeypatch.setattr(engine, "from_schema", gives_up)
    with targets.local(vendor.load("dispatch"), way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], focus=()))
        target.vendor = evolve(target.vendor, described=True)
        run.results.covered.update(run.document.operations if probed else ())
        Fuzzer(run.session, PROFILES["quick"], 1, ExpectedRejections(run.document, target.vendor.policy, {})).run()
    found = [each.finding.message for each in run.results.findings.values()]
    assert any(told in each for each in found) is not excused


class _GaveUp(_Silent):
    """An engine that cannot make the requests of one operation."""

    def __init__(self, told: str) -> None:
        super().__init__(None)
        self._told = told

    def execute(self) -> Iterator[object]:
        """The error alone."""
        users = load("dispatch").operations["listUsers"]
        label = f"{users.method} {users.path}"
        yield events.NonFatalError(
            error=ValueError(self._told), phase=PhaseName.FUZZING, label=label, related_to_operation=True
        )


def test_the_judges_read_the_whole_of_a_large_response() -> None:
    """A response of several megabytes reaches the judges uncut, as it came."""
    sent = requests.Request("GET", "http://shop.test/items").prepare()
    came = SentResponse(200, {"Content-Type": ["application/json"]}, b"[" + b"1," * 2_000_000 + b"1]", sent, 0.1, False)
    with targets.local(vendor.load("dispatch"), way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], focus=()))
        fuzzer = Fuzzer(run.session, PROFILES["quick"], 1, ExpectedRejections(run.document, target.vendor.policy, {}))
        config = engine.config_from_dict(fuzzer.configuration("."))
    recorder = ScenarioRecorder(label="", config=config.output)
    recorder.record_response(case_id="one", response=came)
    kept = recorder.interactions["one"].response
    assert kept is not None
    assert len(kept.content) == 4_000_003
