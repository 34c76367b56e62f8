"""The contract tests themselves: one item a vendor and phase, and one item a fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve, frozen

from accordant_contract.evidence.results import ResultCollector
from accordant_contract.run import fault_matrix
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets as targets
from accordant_contract.target import vendor
from accordant_contract.target.reproduction import curl
from accordant_contract.traffic.command import judge_file
from accordant_runtime import dumps, is_object, loads
from accordant_sandbox import Sandbox

from .har_schema import problems

FEW = evolve(PROFILES["quick"], examples=1, chains=2, steps=3)
"""Each phase of the fuzzer with few cases: `make contract` and the nightly run make more, with other seeds."""
FUZZED = {"dime_scheduler": 3, "espace": 2}
"""Vendors with many operations of a kind: one in so many is fuzzed here, and each by `make contract`."""
FAULTS = [(name, fault) for name in vendor.names() for fault in fault_matrix.names(name)]


def _shown(results: ResultCollector) -> str:
    lines: list[str] = []
    for seen in results.findings.values():
        finding = seen.finding
        lines.append(f"{finding.check} {finding.operation} {finding.path}: {finding.message} ({seen.times} times)")
        lines += [f"    {curl(each, list(_secrets(results)))}" for each in finding.exchanges[-2:]]
    return "\n".join(lines)


def _secrets(results: ResultCollector) -> Iterator[str]:
    yield results.document.name


@frozen
class Probed:
    """A clean sandbox after a run of the probes."""

    name: str
    run: Run
    sandbox: Sandbox


@pytest.fixture(scope="module", params=vendor.names())
def probed(request: pytest.FixtureRequest) -> Iterator[Probed]:
    """Each vendor's clean sandbox is probed once here, for all that is said of such a run."""
    with targets.local(vendor.load(request.param), way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], fuzz=False))
        run.execute()
        assert target.sandbox is not None
        yield Probed(request.param, run, target.sandbox)


def test_probes(probed: Probed) -> None:
    """Probing a vendor's sandbox finds nothing, gets a success from every operation, and sends valid bodies as such."""
    run = probed.run
    assert not run.results.findings, _shown(run.results)
    assert run.results.covered == set(run.document.operations)
    assert not _invalid(run)
    assert not probed.sandbox.defects


def test_the_journal_of_a_clean_sandbox_is_a_recording_without_findings(probed: Probed, tmp_path: Path) -> None:
    """`sandbox.har()` is valid HAR 1.2, and judging all that the probes and the clients did there finds nothing."""
    recording = dumps(probed.sandbox.har())
    assert problems(loads(recording)) == []
    file = tmp_path / "journal.har"
    file.write_bytes(recording)
    record = judge_file(file, [probed.name]).records[0]
    assert [(each["check"], each["operation"], each["message"]) for each in record["findings"]] == []
    assert record["exchanges"] > 500
    assert {"read_after_write", "client_truth", "page_shape"} <= {
        check for operation in record["operations"] for check in operation["checks"]
    }


def _invalid(run: Run) -> list[str]:
    """Requests that were meant to be valid, and whose bodies the document forbids."""
    found: list[str] = []
    for exchange in run.session.history:
        operation = run.document.operations[exchange.operation]
        pointer = operation.body.get("application/json")
        if pointer is None or exchange.intent != "valid" or not is_object(exchange.arguments.body):
            continue
        broken = next(operation.schemas.violations(pointer, exchange.arguments.body), None)
        found += [f"{operation.id} {broken.path}: {broken.message}"] if broken else []
    return found


@pytest.mark.parametrize("name", vendor.names())
def test_fuzz(name: str) -> None:
    """Fuzzing a vendor's sandbox in all phases finds nothing, reached as the quick profile reaches it."""
    with targets.local(vendor.load(name), way="mixed") as target:
        run = Run(target, Settings(FEW, focus=(), seed=11))
        part = list(run.document.operations)[:: FUZZED.get(name, 1)]
        if name in FUZZED:
            run.results.about = frozenset(part)
        run.execute()
        assert not run.results.findings, _shown(run.results)
        assert run.results.exchanges > 10 * len(part)


@pytest.mark.parametrize(("name", "fault"), FAULTS, ids=[f"{name}-{fault}" for name, fault in FAULTS])
def test_fault(name: str, fault: str) -> None:
    """The fault is caught by the check that is named for it."""
    outcome = fault_matrix.try_fault(name, fault)
    assert outcome.caught == outcome.expected, outcome.message


ALONE = [
    ("dispatch", "acceptJob", "enum_unknown_rare", "client_truth"),
    ("dispatch", "createAppointment", "offset_ignored", "date_truth"),
    ("dispatch", "createUser", "failed_write_leaks", "failed_write_no_trace"),
    ("dispatch", "getJob", "etag_never_changes", "header_truth"),
    ("dispatch", "listJobs", "charset_lie", "header_truth"),
    ("dispatch", "rejectJob", "token_rejected_once", "token_lifecycle"),
    ("dispatch", "rejectJob", "once_good_token_stays_good", "auth_enforced"),
    ("dispatch", "updateCustomer", "token_early_expiry", "token_lifecycle"),
    ("dibop", "createOrchestration", "read_lag", "read_after_write"),
    ("dibop", "createCanonicalRecord", "create_mangles", "positive_data_acceptance"),
    ("dime_scheduler", "updateResourceCapacity", "html_escaped", "read_after_write"),
    ("dime_scheduler", "upsertAppointment", "retry_creates_again", "idempotency"),
    ("espace", "EventV2_AddResources", "bulk_item_dropped", "bulk_effect"),
    ("espace", "EventV2_RemoveServices", "bulk_item_dropped", "bulk_effect"),
    ("espace", "MinistryV2_InventoryItemGroupList", "filter_ignored", "filter_truth"),
    ("espace", "WebHookV2_Edit", "change_hits_all", "bystander_untouched"),
    ("espace", "WorkOrder_UpdateInventoryCosts", "auth_none", "auth_enforced"),
    ("espace", "WorkOrder_UpdateLaborCosts", "token_rejected_once", "token_lifecycle"),
]
"""Faults at one operation alone that no check noticed when each looked at the places it was written for only."""


@pytest.mark.parametrize(
    ("name", "operation", "fault", "check"), ALONE, ids=[f"{at}-{what}" for _, at, what, _ in ALONE]
)
def test_a_fault_at_one_operation_alone(name: str, operation: str, fault: str, check: str) -> None:
    """A fault that one operation alone has is noticed there, by the named check or by one that looks at the same."""
    outcome = fault_matrix.try_fault(name, fault, at=operation)
    assert (outcome.caught, outcome.operation) == (check, operation), outcome.message


@pytest.mark.parametrize(("name", "fault", "operation"), fault_matrix.HIDDEN)
def test_what_is_said_to_be_hidden_is(name: str, fault: str, operation: str) -> None:
    """Where the matrix says that nothing can show a fault at an operation, it acts there and no check goes red."""
    outcome = fault_matrix.try_fault(name, fault, at=operation)
    assert outcome.acted
    assert outcome.caught is None
    assert outcome.verdict == fault_matrix.HIDDEN[name, fault, operation]
