"""A finding written as a test: red where the fault is, green where it is not, and without secrets."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from accordant_contract.__main__ import main
from accordant_contract.errors import ContractError
from accordant_contract.evidence import store
from accordant_contract.evidence.record import record
from accordant_contract.regression.command import regression
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor
from accordant_contract.traffic import export
from accordant_contract.traffic.command import judge_file
from accordant_sandbox import Sandbox
from tests import warm

WITHIN: Final = [
    word
    for each in ("cacheprovider", "faulthandler", "threadexception", "unraisableexception", "xdist")
    for word in ("-p", f"no:{each}")
]
"""Plugins of pytest that look after the whole process, which here is that of other tests."""


def evidence(folder: Path, name: str, fault: str, *focus: str) -> tuple[Path, Run]:
    """The evidence of a run over a sandbox with a fault."""
    with targets.local(vendor.load(name), faults=[fault], way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], focus=set(focus), fuzz=False))
        run.results.recorded = []
        run.execute()
        return store.save(folder, record(run, datetime.now(UTC))), run


def number_of(file: Path, check: str, operation: str) -> int:
    """The number of a finding in the evidence."""
    found: Any = store.load(file.parent, file.stem)
    places = [
        n for n, each in enumerate(found["findings"], 1) if (each["check"], each["operation"]) == (check, operation)
    ]
    assert places, [(each["check"], each["operation"]) for each in found["findings"]]
    return places[0]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The exit code of pytest with a written file, at a sandbox with some faults: in this process."""

    def run(file: Path, name: str, *faults: str) -> int:
        with Sandbox(name, faults=list(faults)) as sandbox, monkeypatch.context() as changed:
            for variable, value in {**sandbox.env(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}.items():
                changed.setenv(variable, value)
            changed.setattr(sys, "path", [*sys.path])
            changed.setattr(sys, "dont_write_bytecode", True)
            changed.chdir(file.parent)
            try:
                return int(pytest.main(["-q", "-W", "error", *WITHIN, str(file)]))
            finally:
                sys.modules.pop(file.stem, None)  # the next file has the same name

    return run


def outcome(file: Path, name: str, *faults: str) -> int:
    """The exit code of pytest with the written file, at a sandbox with these faults: in a process of its own."""
    with Sandbox(name, faults=list(faults)) as sandbox:
        words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(file)]
        environment = {**os.environ, **sandbox.env(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        return warm.run(words, cwd=file.parent, env=environment, libraries=warm.PYTEST).returncode


@pytest.mark.parametrize(
    ("name", "fault", "check", "operation"),
    [
        ("dispatch", "wrong_type", "response_schema_conformance", "getJob"),
        ("dispatch", "wrong_type", "client_truth", "getJob"),
        ("dispatch", "undocumented_status", "status_code_conformance", "getJob"),
        ("dispatch", "content_type", "content_type_conformance", "getJob"),
        ("dispatch", "missing_location", "response_headers_conformance", "getDatafile"),
        ("dispatch", "patch_lost", "read_after_write", "updateUser"),
        ("dispatch", "patch_clobbers", "untouched_fields", "updateJob"),
        ("dispatch", "time_shifted", "date_truth", "updateAppointment"),
        ("dispatch", "failed_write_leaks", "failed_write_no_trace", "updateUser"),
        ("dispatch", "delete_noop", "delete_is_final", "deleteAttachment"),
        ("dispatch", "create_dup", "count_effect", "createJob"),
        ("dispatch", "filter_ignored", "filter_truth", "listJobs"),
        ("dispatch", "limit_plus_one", "page_shape", "listJobs"),
        ("dispatch", "password_hash_shown", "secret_leak", "getUser"),
        ("dibop", "patch_lost", "read_after_write", "updateOrchestration"),
        ("dime_scheduler", "wrong_type", "response_schema_conformance", "listCategories"),
        ("espace", "patch_lost", "read_after_write", "Equipment_Update"),
    ],
)
def test_the_written_test_is_red_with_the_fault_and_green_without(
    name: str, fault: str, check: str, operation: str, tmp_path: Path, here: Callable[..., int]
) -> None:
    """`make regression` writes a file that pytest fails at the faulty sandbox, and passes at the clean one."""
    found, _ = evidence(tmp_path, name, fault, operation)
    file = regression(found, number_of(found, check, operation), tmp_path / "test_written.py")
    assert (here(file, name, fault), here(file, name)) == (1, 0), file.read_text(encoding="utf-8")


def test_the_written_test_holds_no_secret_and_says_what_it_proves(tmp_path: Path) -> None:
    """Credentials come from the environment; the docstring is the check's sentence, and what was seen is named."""
    found, run = evidence(tmp_path, "dispatch", "patch_lost", "updateUser")
    number = number_of(found, "read_after_write", "updateUser")
    file = regression(found, number, tmp_path / "test_written.py")
    text = file.read_text(encoding="utf-8")
    assert not [each for each in run.session.secrets() if each in text]
    tree = ast.parse(text)
    test = next(each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_"))
    assert test.name == "test_update_user_read_after_write"
    assert ast.get_docstring(test) == "What was sent is what the answer and a later reading show."
    assert "# seen: " in text
    assert "Dispatch.from_env(" in text


def test_a_written_test_is_skipped_where_the_environment_names_no_address(tmp_path: Path) -> None:
    """Without an address the test is skipped: it runs at no vendor by mistake."""
    found, _ = evidence(tmp_path, "dispatch", "wrong_type", "getJob")
    file = regression(found, number_of(found, "client_truth", "getJob"), tmp_path / "test_written.py")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DISPATCH_")}
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
    done = warm.run(words, cwd=tmp_path, env={**plain, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, libraries=warm.PYTEST)
    assert done.returncode == 0
    assert "1 skipped" in done.stdout


def test_a_finding_of_a_recording_becomes_a_test_too(tmp_path: Path) -> None:
    """Recorded traffic shows which request made which record, so that its findings can be sent again."""
    _, run = evidence(tmp_path, "dispatch", "patch_lost", "updateUser")
    file = export.write(tmp_path / "run.har", run.results.recorded or (), run.session.secrets(), "x")
    recorded = store.save(tmp_path / "recorded", judge_file(file, ["dispatch"]).records[0])
    number = number_of(recorded, "read_after_write", "updateUser")
    written = regression(recorded, number, tmp_path / "test_written.py")
    assert (outcome(written, "dispatch", "patch_lost"), outcome(written, "dispatch")) == (1, 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--evidence", "none.json"], "no evidence that this version can read"),
        (["--evidence", "{}", "--finding", "99"], "has findings 1 to "),
        (["--evidence", "{}", "--file", "{}"], "exists already"),
    ],
)
def test_wrong_arguments_end_with_one_sentence(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Missing evidence, a finding that is not there and a file that would be overwritten exit with 2."""
    found, _ = evidence(tmp_path, "dispatch", "wrong_type", "getJob")
    assert main(["regression", *(each.format(found) for each in words)]) == 2
    assert said in capsys.readouterr().err


def test_a_check_that_the_client_cannot_show_is_refused_with_the_reason(tmp_path: Path) -> None:
    """A door that is open to nobody's credential is shown by a curl line, and no test is written."""
    found, _ = evidence(tmp_path, "dispatch", "auth_none", "getJob")
    with pytest.raises(ContractError) as caught:
        regression(found, number_of(found, "auth_enforced", "getJob"), tmp_path / "test_written.py")
    assert "the client always sends its credential" in str(caught.value)
    assert not (tmp_path / "test_written.py").exists()
