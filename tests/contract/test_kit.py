"""The rest of the kit: results, policy, targets, evidence, commands."""

from __future__ import annotations

import copy
import json
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve

from accordant_contract.__main__ import main
from accordant_contract.document.document import Document, load
from accordant_contract.document.policy import Allowance, Policy, Repeat
from accordant_contract.document.values import Finding
from accordant_contract.errors import ContractError, DeadTargetError, MissingSecretError
from accordant_contract.evidence import store
from accordant_contract.evidence.junit import junit
from accordant_contract.evidence.page import page
from accordant_contract.evidence.record import record, skipped
from accordant_contract.evidence.results import CaughtError, Event, Found, ResultCollector
from accordant_contract.run import fault_matrix, fault_table
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets as targets
from accordant_contract.target import vendor as vendors
from accordant_contract.target.fitting import fitting
from accordant_sandbox import Sandbox

from .widget_api import WIDGETS, exchange

STARTED = datetime(2026, 3, 1, 9, tzinfo=UTC)
SECRETS = {"DISPATCH_CLIENT_ID": "public_key", "DISPATCH_CLIENT_SECRET": "secret_key"}


def results(*allowances: Allowance, wanted: str | None = None, events: list[Event] | None = None) -> ResultCollector:
    listeners = (events.append,) if events is not None else ()
    return ResultCollector(WIDGETS, Policy(allowances=allowances), listeners, wanted)


def test_a_finding_seen_again_is_the_same_finding() -> None:
    """The same thing found twice is one finding with a count, and is told once."""
    events: list[Event] = []
    book = results(events=events)
    for message in ("first", "second"):
        book.judge("page_walk", "listWidgets", [Finding("page_walk", "listWidgets", message, kind="twice")])
    assert [seen.times for seen in book.findings.values()] == [2]
    assert len([event for event in events if isinstance(event, Found)]) == 1
    assert book.tallies["listWidgets", "page_walk"].failed == 2


def test_an_allowed_finding_is_listed_and_does_not_fail() -> None:
    """What an allowance covers is kept apart with its reason; an allowance that covered nothing is known as unused."""
    allowed = Allowance("page_walk", "list*", "rows move by themselves", "docs", lambda each: each.kind == "twice")
    idle = Allowance("page_walk", "get*", "never", "assumed")
    book = results(allowed, idle)
    assert book.judge("page_walk", "listWidgets", [Finding("page_walk", "listWidgets", "moved", kind="twice")])
    assert not book.judge("page_walk", "listWidgets", [Finding("page_walk", "listWidgets", "lost", kind="lost")])
    assert [seen.allowance for seen in book.excused.values()] == [allowed]
    assert book.unused_allowances == [idle]


def test_the_wanted_finding_ends_a_run() -> None:
    """A results that waits for a check raises at its first finding, and not at another check's."""
    book = results(wanted="page_walk")
    book.judge("page_shape", "listWidgets", [Finding("page_shape", "listWidgets", "too many")])
    with pytest.raises(CaughtError):
        book.judge("page_walk", "listWidgets", [Finding("page_walk", "listWidgets", "twice")])


def test_only_a_success_covers_an_operation() -> None:
    """Refused and unauthorised calls cover nothing."""
    book = results()
    book.note(exchange("getWidget", 404, {}))
    book.note(exchange("getWidget", 200, {}, intent="unauthorised"))
    book.note(exchange("getWidget", 200, {}, intent="invalid"))
    assert not book.covered
    book.note(exchange("getWidget", 200, {}))
    assert book.covered == {"getWidget"}


def test_a_policy_that_names_what_does_not_exist_is_refused() -> None:
    """Unknown operations, checks and properties in a policy are errors, each with its name."""
    policy = Policy(
        hints={"nonsense": lambda _: 1},
        repeats=(Repeat("mergeWidget", "no such operation", "assumed"),),
        allowances=(Allowance("no_such_check", "getWidget", "", "docs"), Allowance("page_walk", "find*", "", "docs")),
    )
    problems = " ".join(policy.problems(WIDGETS))
    assert all(name in problems for name in ("'nonsense'", "'mergeWidget'", "'no_such_check'", "'find*'"))


@pytest.mark.parametrize("vendor", vendors.names())
def test_the_policies_of_all_vendors_are_sound(vendor: str) -> None:
    """Every entry names what exists, and every allowance gives a reason."""
    known = vendors.load(vendor)
    assert known.stale == ()
    assert not list(known.policy.problems(load(vendor)))
    assert all(len(each.reason) > 10 for each in known.policy.allowances)


def test_entries_about_what_is_gone_are_left_out() -> None:
    """Entries that name what the document no longer has are left out, and told with their lines."""
    module = "accordant_contract.target.vendors.dispatch"
    data = copy.deepcopy(load("dispatch").data)
    data["paths"]["/v3/jobs/{id}/accept"]["post"]["operationId"] = "takeJob"
    vendor = fitting(import_module(module).VENDOR, Document("dispatch", data), module)
    assert vendor.policy.situation("acceptJob") is None
    assert vendor.policy.situation("rejectJob") is not None
    assert len(vendor.stale) == 1
    assert re.fullmatch(
        r"contract_tests/\S+/dispatch\.py:\d+(, \S+:\d+)+: the policy names 'acceptJob', no such operation",
        vendor.stale[0],
    )


def test_a_login_that_is_gone_is_refused() -> None:
    """Without the operation that a vendor's module logs in by, nothing can be tested: the message names the line."""
    module = "accordant_contract.target.vendors.dibop"
    data = copy.deepcopy(load("dibop").data)
    data["paths"]["/auth/login"]["post"]["operationId"] = "signIn"
    with pytest.raises(ContractError, match=r"dibop\.py:\d+.*the login is by 'login', no such operation of dibop"):
        fitting(import_module(module).VENDOR, Document("dibop", data), module)


def test_a_missing_secret_is_named() -> None:
    """A target without credentials in the environment says which variables to set."""
    with pytest.raises(MissingSecretError, match="DISPATCH_CLIENT_ID, DISPATCH_CLIENT_SECRET"):
        targets.remote(vendors.load("dispatch"), "https://api.example.com", {})


def test_a_dead_target_is_one_clear_error() -> None:
    """An address at which nobody listens is an error that names it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(DeadTargetError, match=url):
        targets.remote(vendors.load("dispatch"), url, SECRETS)


def test_other_principals_come_from_the_environment() -> None:
    """A foreign tenant and weaker users are known by variables that bear their names."""
    with Sandbox("dispatch") as sandbox:
        variables = {**sandbox.env(), **sandbox.env("third_party"), "DISPATCH_ORGANIZATION_USER_PASSWORD": ""}
        with targets.remote(vendors.load("dispatch"), sandbox.url, variables) as target:
            assert target.foreign_tenant == sandbox.vendor.credentials["third_party"]
            assert dict(target.weaker) == {"third_party": target.foreign_tenant}


@pytest.mark.parametrize("url", ["api.example.com", "ftp://api.example.com", "http://api.example.com"])
def test_credentials_never_travel_in_the_clear(url: str) -> None:
    """An address without TLS, other than this machine's, is refused before anything is sent."""
    with pytest.raises(ContractError, match="TARGET"):
        targets.remote(vendors.load("dispatch"), url, SECRETS)


@pytest.fixture(scope="module")
def faulty() -> Iterator[dict[str, Any]]:
    """The evidence of a run over a sandbox with a fault."""
    with targets.local(vendors.load("dispatch"), faults=["page_overlap"], way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], focus=("listBrands", "createToken"), fuzz=False))
        run.execute()
        yield record(run, STARTED)


def test_evidence_has_no_secret_and_says_what_was_found(faulty: dict[str, Any]) -> None:
    """Evidence holds findings with requests, the document's hash and the seed, and neither secret nor token."""
    text = json.dumps(faulty)
    assert "secret_key" not in text
    assert "Bearer accordant" not in text
    assert (faulty["seed"], faulty["document"]["sha256"]) == (7, load("dispatch").digest)
    walks = [each for each in faulty["findings"] if each["check"] == "page_walk"]
    assert walks
    assert walks[0]["exchanges"][0]["request"].startswith("curl -i ")
    assert not faulty["passed"]


def test_the_page_is_whole_and_loads_nothing(faulty: dict[str, Any]) -> None:
    """The page names vendors, checks, findings and skipped vendors, escapes what a vendor sent, and loads nothing."""
    faulty = {**faulty, "skipped": ["<script>alert(1)</script>"]}
    text = page([faulty, skipped("espace", "set ESPACE_API_KEY in the environment", STARTED)])
    for part in ("dispatch", "page_walk", "listBrands", "SKIPPED", "ESPACE_API_KEY", "seed 7"):
        assert part in text
    assert text.count("<script") == 1  # its own: what filters
    assert "<script>alert" not in text
    assert not any(loads in text for loads in ("src=", "@import", "url(", '<link rel="stylesheet"'))


def test_the_junit_file_counts_cases_and_failures(faulty: dict[str, Any]) -> None:
    """Every operation and check is a case, findings are failures, a vendor that was not run is skipped."""
    odd = [{**each, "message": f"{each['message']}\x00\ufffe"} for each in faulty["findings"]]
    faulty = {**faulty, "findings": odd}
    root = ET.fromstring(junit([faulty, skipped("espace", "no secret", STARTED)]))
    suite, other = root.findall("testsuite")
    assert int(suite.get("failures", "0")) >= 1
    assert int(suite.get("tests", "0")) == len(suite.findall("testcase"))
    assert other.get("skipped") == "1"


def test_a_broken_write_leaves_the_old_file(tmp_path: Path) -> None:
    """Evidence is written whole: what cannot be written leaves the file before it, and no litter."""
    store.write(tmp_path / "a.json", "old")
    broken: Any = b"no text"
    with pytest.raises(TypeError):
        store.write(tmp_path / "a.json", broken)
    assert (tmp_path / "a.json").read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


def test_evidence_of_another_format_is_not_read(tmp_path: Path) -> None:
    """Half a file, or one of another version, counts as no evidence."""
    (tmp_path / "dispatch.json").write_text('{"format": 0, "vendor"')
    assert store.load(tmp_path, "dispatch") is None
    store.save(tmp_path, skipped("dispatch", "no secret", STARTED))
    assert store.load(tmp_path, "dispatch") == skipped("dispatch", "no secret", STARTED)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--vendor", "nobody"], "there is no vendor 'nobody'"),
        (["run", "--vendor", "dispatch", "--profile", "slow"], "there is no profile 'slow'"),
        (["faults", "--vendor", "dispatch", "--fault", "page_overlop"], "has no fault 'page_overlop'; the closest"),
        (["run", "--target", "https://127.0.0.1:1"], "say which with VENDOR="),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Unknown names end a command with exit code 2 and one line that says what to do."""
    out = ["--out", str(tmp_path)] if arguments[0] == "run" else []
    assert main([*arguments, *out], {}) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert "Traceback" not in printed.err + printed.out


def test_vendors_without_secrets_are_skipped_loudly(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Where no vendor has its secrets, each is a SKIPPED row, in the table and in the evidence; the exit code is 77."""
    assert main(["run", "--live", "--jobs", "1", "--out", str(tmp_path)], {}) == 77
    assert "SKIPPED dispatch: dispatch: set DISPATCH_BASE_URL" in capsys.readouterr().out
    assert "not_run" in (store.load(tmp_path, "dispatch.live") or {})
    assert "SKIPPED" in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize("more", [["--target", "https://127.0.0.1:1"], ["--live"]])
def test_a_named_vendor_without_credentials_is_skipped(
    more: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A vendor that was asked for by name is skipped with exit code 77, and the variables to set are named."""
    assert main(["run", "--vendor", "dispatch", *more, "--out", str(tmp_path)], {}) == 77
    variable = "DISPATCH_BASE_URL" if more == ["--live"] else "DISPATCH_CLIENT_ID, DISPATCH_CLIENT_SECRET"
    assert f"set {variable}" in capsys.readouterr().out
    assert f"set {variable}" in (store.load(tmp_path, "dispatch.live") or {})["not_run"]


def test_a_fault_that_nobody_notices_is_a_miss() -> None:
    """The matrix does not count a fault as caught when another check than the named one noticed it."""
    good = fault_matrix.FaultOutcome("dispatch", "page_overlap", "page_walk", "page_walk", "", 9, 0.1)
    silent = fault_matrix.FaultOutcome("dispatch", "page_overlap", "page_walk", None, "nobody noticed", 9, 0.1)
    alarm = fault_matrix.FaultOutcome("dispatch", fault_matrix.NO_FAULT, "nothing", "page_walk", "", 9, 0.1)
    assert (good.well, silent.well, alarm.well) == (True, False, False)


def test_elsewhere_any_check_catches_a_fault_and_only_what_nothing_shows_may_be_missed() -> None:
    """At another operation alone another check will do, and is named; what had no occasion to act says so."""
    first = fault_matrix.FaultOutcome("dispatch", "limit_429.zero", "retry_after", "retry_after", "", 9, 0.1)
    there = evolve(first, caught=None, message="nobody noticed", at="rejectJob")
    other = evolve(there, caught="client_survives")
    idle = evolve(there, acted=False, message="no occasion to act: none of 4 calls there had what it spoils")
    hidden = evolve(there, hidden="it has no body")
    every = [first, there, other, idle, hidden]
    assert [each.well for each in every] == [True, False, True, True, True]
    assert not evolve(other, at="").well
    assert list(fault_table.lines(every)) == [
        "ok   limit_429.zero -> retry_after: caught by retry_after (9 calls)",
        "       alone at 4 other operations: 1 by another, 2 where nothing can show it, 1 missed",
        "MISS   at rejectJob: nothing found",
        "       nobody noticed",
        "--     at rejectJob: no occasion to act: none of 4 calls there had what it spoils",
        "--     at rejectJob: it has no body",
    ]
    assert fault_table.totals(every).startswith("1 of 1 faults caught by their check; alone at 4 other operations: ")
