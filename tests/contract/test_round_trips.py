"""Recordings that we write: of a run, and of a sandbox's journal. They are valid, hide secrets, and judge the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from accordant_contract.document.values import Arguments, Exchange, Request, Response
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor
from accordant_contract.traffic import export
from accordant_contract.traffic.command import judge_file
from accordant_contract.traffic.recording import parse
from accordant_sandbox import Sandbox

from .har_schema import problems

ORDERED: Final = ("read_after_write", "untouched_fields", "date_truth", "filter_truth", "delete_is_final", "page_walk")
"""The checks that act on the order of recorded exchanges."""
SINGLE: Final = ("response_schema_conformance", "status_code_conformance", "content_type_conformance", "secret_leak")


def recorded(vendor_name: str, fault: str, *focus: str) -> Run:
    """A run of the probes over a sandbox with a fault, recorded."""
    faults = [fault] if fault else []
    with targets.local(vendor.load(vendor_name), faults=faults, way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], focus=set(focus) or None, fuzz=False))
        run.results.recorded = []
        run.execute()
    return run


def written(run: Run, file: Path) -> dict[str, Any]:
    export.write(file, run.results.recorded or (), run.session.secrets(), "a run")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(
    ("fault", "focus"),
    [
        ("wrong_type", ("getJob",)),
        ("undocumented_status", ("getJob",)),
        ("content_type", ("getJob",)),
        ("encoding_lie.gzip", ("getJob",)),
        ("credential_shown", ("getUser",)),
        ("patch_lost", ("updateUser",)),
        ("patch_clobbers", ("updateJob",)),
        ("delete_noop", ("deleteAttachment",)),
        ("filter_ignored", ("listJobs",)),
        ("page_overlap", ("listJobs",)),
        ("time_shifted", ("updateAppointment",)),
    ],
)
def test_a_recorded_run_has_the_same_findings_when_it_is_judged_again(
    fault: str, focus: tuple[str, ...], tmp_path: Path
) -> None:
    """What the run found by a single exchange or by their order is found in its recording too, at the same places."""
    run = recorded("dispatch", fault, *focus)
    written(run, tmp_path / "run.har")
    again = judge_file(tmp_path / "run.har", ["dispatch"]).records[0]["findings"]
    first = {(x.finding.check, x.finding.operation, x.finding.path) for x in run.results.findings.values()}
    second = {(x["check"], x["operation"], x["path"]) for x in again if x["operation"] in focus}
    due = {each for each in first if each[0] in (*ORDERED, *SINGLE)}
    assert due
    assert due <= second
    assert {each[0] for each in second} <= {each[0] for each in first}


def test_a_recorded_run_is_valid_har_without_secrets(tmp_path: Path) -> None:
    """The recording of a run keeps to HAR 1.2, and holds none of the run's credentials and tokens."""
    run = recorded("dispatch", "", "createToken", "getJob", "createAttachment", "createUser")
    recording = written(run, tmp_path / "run.har")
    assert problems(recording) == []
    assert len(recording["log"]["entries"]) == run.results.exchanges > 20
    text = (tmp_path / "run.har").read_text(encoding="utf-8")
    secrets = run.session.secrets()
    assert secrets
    assert not [each for each in secrets if each in text]
    assert "***secret-1***" in text


def test_a_body_that_is_no_text_is_kept_as_base64() -> None:
    """Bytes survive a recording, and a secret within them does not."""
    secret = "an-invented-secret-1"
    request = Request("POST", "http://x.localhost/", (("X-Api-Key", secret),), b"\xff\x00" + secret.encode())
    exchange = Exchange("upload", request, Response(200, (), b"\xfe\x01"), Arguments())
    recording = export.har([("probes", exchange)], [secret], "x")
    assert problems(recording) == []
    entry = parse(recording, "x")[0]
    assert entry.content == b"\xfe\x01"
    assert entry.body == b"\xff\x00***secret-1***"
    assert secret not in json.dumps(recording)


def test_the_control_plane_gives_the_journal_as_a_recording() -> None:
    """`GET /_sandbox/har` is the recording that `sandbox.har()` returns, credentials masked."""
    with Sandbox("dispatch") as sandbox:
        secrets = sandbox.http_credentials
        base = "http://dispatch.sandbox.localhost"
        body = json.dumps({"grant_type": "client_credentials", "client_secret": secrets["client_secret"]}).encode()
        headers = [("Content-Type", "application/json"), ("Authorization", f"Bearer {secrets['client_secret']}")]
        sandbox.transport("POST", f"{base}/v3/oauth/token", headers, body, None)
        status, _, content = sandbox.transport("GET", f"{base}/_sandbox/har", [], b"", None)
        assert status == 200
        assert json.loads(content) == json.loads(json.dumps(sandbox.har()))
    assert len(json.loads(content)["log"]["entries"]) == 1
    assert secrets["client_secret"].encode() not in content
