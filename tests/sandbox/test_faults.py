"""The fault catalogue: every fault acts as it says, applies where it can, and is armed the way tests ask."""

from __future__ import annotations

import importlib

import pytest

from accordant_sandbox import Sandbox, SandboxError
from accordant_sandbox.faults import all_faults
from accordant_sandbox.model.faults import Fault
from tests.sandbox.symptoms import SYMPTOMS, Patient

for part in ("answers", "state", "lists", "doors", "written", "drift", "rules"):
    importlib.import_module(f"tests.sandbox.symptoms_{part}")

CATALOGUE = {fault.name: fault for fault in Sandbox.catalogue("dispatch")}
CLASSES = {
    "schema", "status", "header", "auth", "state", "value", "paging", "filter", "time", "limit", "redirect", "webhook",
    "encoding", "network", "exposure", "text", "drift",
}  # fmt: skip
ORACLES = {
    "page_shape", "page_walk", "read_after_write", "untouched_fields", "count_effect", "delete_is_final",
    "failed_write_no_trace", "filter_truth", "auth_enforced", "token_lifecycle", "client_truth", "retry_after",
    "date_truth", "reference_effects", "idempotency", "client_survives", "response_schema_conformance",
    "status_code_conformance", "content_type_conformance", "not_a_server_error", "negative_data_rejection",
    "positive_data_acceptance", "response_headers_conformance", "ignored_auth", "use_after_free",
    "ensure_resource_availability", "unsupported_method", "missing_required_header", "hollow_run",
    "secret_leak", "undocumented_field", "text_truth", "documented_default", "bulk_effect", "bystander_untouched",
    "header_truth", "redirect_truth", "list_truth",
}  # fmt: skip


HOOKS = ("unrouted", "before", "around", "authenticate", "validate", "rows", "window", "answer", "wire")
PROVEN = """
    missing_required missing_required_list wrong_type null_field enum_unknown enum_unknown_rare bad_date date_naive
    undocumented_status content_type content_type_html error_shape missing_location auth_none auth_any delete_noop
    delete_other create_not_readable create_mangles create_drops_field create_dup patch_lost patch_clobbers
    patch_stale_echo get_other_id page_overlap page_skip limit_ignored limit_plus_one total_wrong
    total_wrong.page_length sort_unstable filter_ignored 500_unicode 500_unicode.any 500_big_offset accepts_invalid
    method_open slow limit_429.no_retry_after limit_429.text
"""
"""Those that were measured against a real fuzzer."""


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_fault_acts_as_its_sentence_says(name: str) -> None:
    """An armed fault shows in the answers, and the journal names it."""
    with Sandbox("dispatch") as sandbox:
        patient = Patient(sandbox, name)
        armed = sandbox.arm(name)
        assert SYMPTOMS[name](patient), CATALOGUE[name].sentence
        assert armed.acted
        assert not sandbox.idle_faults
        unrouted = name == "method_open"
        assert unrouted or any(name in entry.faults for entry in sandbox.journal)
        assert not sandbox.defects, "what a fault does is never a defect of the sandbox"


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_a_clean_sandbox_shows_nothing_of_a_fault(name: str) -> None:
    """Without the fault its symptom is not there: what shows it can fail."""
    with Sandbox("dispatch") as sandbox:
        shown = True
        try:
            shown = SYMPTOMS[name](Patient(sandbox, name))
        except StopIteration:
            shown = False
        assert not shown
        sandbox.raise_defects()


def test_every_fault_has_a_symptom() -> None:
    """No fault is in the catalogue without a proof that it acts."""
    assert set(SYMPTOMS) == set(CATALOGUE)


def test_dispatch_has_at_least_45_faults_with_the_proven_ones_among_them() -> None:
    """The faults that were measured against a real fuzzer are all there."""
    assert len(CATALOGUE) >= 45
    assert set(PROVEN.split()) <= set(CATALOGUE)


@pytest.mark.parametrize("fault", all_faults(), ids=lambda fault: fault.name)
def test_a_fault_says_what_it_does_what_it_breaks_and_who_catches_it(fault: Fault) -> None:
    """Every fault has a class, a sentence, the sentence that it violates, one known oracle and exactly one hook."""
    assert fault.cls in CLASSES
    assert fault.name == fault.name.lower()
    assert fault.oracle in ORACLES
    for sentence in (fault.sentence, fault.violates):
        assert sentence.endswith((".", ")."))
        assert "\n\n" not in sentence
    assert sum(getattr(fault, hook) is not None for hook in HOOKS) == 1


def test_where_a_fault_applies_is_computed_from_document_and_dialect() -> None:
    """The catalogue names the operations at which a fault makes sense, and only those."""
    assert CATALOGUE["filter_boundary"].operations == ("listAppointments",)
    assert CATALOGUE["refresh_reuse"].operations == ("createToken",)
    assert CATALOGUE["missing_location"].operations == ("getDatafile",)
    assert set(CATALOGUE["retry_creates_again"].operations) == {"createCustomer", "createOrganization"}
    assert "createToken" not in CATALOGUE["auth_none"].operations
    assert "listSources" not in CATALOGUE["total_wrong"].operations
    assert "wrong_location" not in CATALOGUE, "no creation of this vendor has a Location"


def test_a_fault_acts_where_and_as_often_as_it_was_armed() -> None:
    """`on`, `after`, `times` and `every` say where and when."""
    with Sandbox("dispatch") as sandbox:
        patient = Patient(sandbox, "flaky_500")
        with sandbox.fault("flaky_500", on="getJob", after=1, times=2, every=2) as armed:
            seen = [patient.see("GET", "/v3/jobs/123").status for _ in range(7)]
            assert patient.see("GET", "/v3/jobs").status == 200
        assert seen == [200, 500, 200, 500, 200, 200, 200]
        assert (armed.seen, armed.acted) == (7, 2)
        assert patient.see("GET", "/v3/jobs/123").status == 200


def test_options_of_a_fault_are_checked() -> None:
    """A fault's options replace its own, and a misspelt one is an error that names the right one."""
    with Sandbox("dispatch") as sandbox:
        patient = Patient(sandbox, "unavailable_503")
        with pytest.raises(SandboxError, match=r"unknown option.*'second'.*did you mean 'seconds'"):
            sandbox.arm("unavailable_503", second=3)
        with sandbox.fault("unavailable_503", seconds=3):
            assert patient.see("GET", "/v3/jobs").header("Retry-After") == "3"


def test_a_misspelt_fault_or_an_impossible_place_is_an_error() -> None:
    """Unknown names fail at once with a suggestion, and so does a place where a fault cannot act."""
    with pytest.raises(SandboxError, match="did you mean 'page_overlap'"):
        Sandbox("dispatch", faults=["page_overlp"])
    with Sandbox("dispatch") as sandbox, pytest.raises(SandboxError, match="does not apply to 'getJob'"):
        sandbox.arm("page_overlap", on="getJob")


def test_two_faults_act_together() -> None:
    """Armed faults do not hide each other, and the journal names them all."""
    with Sandbox("dispatch", faults=["content_type", "undocumented_status"]) as sandbox:
        seen = Patient(sandbox, "").see("GET", "/v3/jobs/123")
        assert (seen.status, seen.header("Content-Type")) == (202, "text/plain")
        assert set(sandbox.journal[-1].faults) == {"content_type", "undocumented_status"}


def test_what_a_fault_spoils_in_an_answer_it_does_not_spoil_in_the_state() -> None:
    """A fault of the answer leaves the stored record alone."""
    with Sandbox("dispatch") as sandbox:
        patient = Patient(sandbox, "null_field")
        before = sandbox.state.jobs[123]
        with sandbox.fault("null_field"):
            assert patient.see("GET", "/v3/jobs/123").body["job"]["title"] is None
        assert sandbox.state.jobs[123] == before
        assert patient.see("GET", "/v3/jobs/123").body["job"]["title"] == before["title"]


def test_a_redirect_to_another_host_is_seen_when_it_is_followed() -> None:
    """A client that follows a foreign redirect shows up among the sandbox's strangers, with its credential."""
    with Sandbox("dispatch", faults=["redirect_foreign"]) as sandbox:
        patient = Patient(sandbox, "")
        target = patient.see("GET", "/v3/jobs/123").header("Location") or ""
        with pytest.raises(ConnectionRefusedError):
            sandbox.transport("GET", target, [("Authorization", f"Bearer {patient.token}")], b"", 1.0)
        assert sandbox.strangers[0].headers.get("authorization") is not None


def test_what_follows_from_a_damaged_state_is_no_defect() -> None:
    """After a fault has acted on what is stored, strange answers are its doing; after a reset they are defects."""
    with Sandbox("dispatch") as sandbox:
        patient = Patient(sandbox, "")

        def spoil() -> int:
            jobs = sandbox.engine.state.tables["jobs"]
            sandbox.engine.state.tables["jobs"] = jobs.put(123, {**jobs[123], "title": 7})
            return patient.see("GET", "/v3/jobs/123").status

        with sandbox.fault("delete_noop"):
            appointment = sandbox.given("appointments")[0]
            patient.see("DELETE", f"/v3/appointments/{appointment['id']}")
        assert spoil() == 200
        assert "delete_noop acted on what is stored" in sandbox.journal[-1].notes[-1]
        assert not sandbox.defects
        sandbox.reset()
        patient.token = patient.log_in().body["access_token"]
        assert spoil() == 500
        assert len(sandbox.defects) == 1
