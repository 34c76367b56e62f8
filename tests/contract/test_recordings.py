"""Recorded traffic of a real integration, judged without sending anything."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any, Final

import pytest

from accordant.dispatch import Dispatch
from accordant_contract.__main__ import main
from accordant_contract.document.document import load
from accordant_contract.evidence import store
from accordant_contract.traffic.command import judge_file
from accordant_contract.traffic.matching import Matcher, arguments_of, problems
from accordant_contract.traffic.recording import parse
from accordant_sandbox import Sandbox

KEY: Final = "an-invented-api-key-0123456789"
URL: Final = "https://api.dispatch.me/v3/jobs/7"
AT: Final = "2026-03-01T09:00:00Z"


def entry(url: str = URL, status: int = 200, body: Any = None, **more: Any) -> dict[str, Any]:
    """An entry as a browser writes it."""
    text = body if isinstance(body, str) else json.dumps(body)
    content = {"size": len(text), "mimeType": "application/json", "text": text}
    return {
        "startedDateTime": more.get("at", AT),
        "time": 5,
        "request": {
            "method": more.get("method", "GET"),
            "url": url,
            "headers": [{"name": "Authorization", "value": f"Bearer {KEY}"}, *more.get("sent", ())],
            **more.get("request", {}),
        },
        "response": {
            "status": status,
            "headers": [{"name": "content-type", "value": "application/json"}, *more.get("headers", ())],
            "content": {**content, **more.get("content", {})},
        },
    }


def recording(tmp_path: Path, *entries: dict[str, Any]) -> Path:
    file = tmp_path / "traffic.har"
    file.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}), encoding="utf-8")
    return file


def served_job() -> dict[str, Any]:
    """A job as the vendor shows it."""
    with Sandbox("dispatch") as sandbox, Dispatch(**sandbox.credentials) as api:
        first = next(iter(api.jobs.list()))
        shown: dict[str, Any] = json.loads(api.raw.jobs.get(first.id).content)
    return shown


JOB: Final = served_job()
JOB_URL: Final = f"https://api.dispatch.me/v3/jobs/{JOB['job']['id']}"


def test_a_clean_recording_is_green_and_needs_no_vendor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The vendor of a recording is known by its address; what keeps to the document ends with exit code 0."""
    file = recording(tmp_path, entry(JOB_URL, body=JOB))
    assert main(["run", "--har", str(file), "--out", str(tmp_path)]) == 0
    assert "dispatch" in capsys.readouterr().out
    assert store.load(tmp_path / "recorded", "dispatch") is not None
    assert store.load(tmp_path, "dispatch") is None


def test_a_deviation_names_entry_operation_check_and_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A field of the wrong type is a finding with the number of its entry, and ends with exit code 1."""
    wrong = {"job": {**JOB["job"], "title": 7}}
    file = recording(tmp_path, entry(JOB_URL, body=JOB), entry(JOB_URL, body=wrong))
    assert main(["run", "--har", str(file), "--vendor", "dispatch", "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "FINDING response_schema_conformance getJob at $.job.title" in said
    assert "entries: 2" in said


def test_what_is_no_operation_is_listed_in_a_line_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Calls to other hosts and to undocumented paths are listed, without their query and without keys in the path."""
    file = recording(
        tmp_path,
        entry(JOB_URL, body=JOB),
        entry(f"https://stats.example.com/collect/{KEY}?token={KEY}"),
        entry("https://api.dispatch.me/v3/unknown_things"),
    )
    assert main(["run", "--har", str(file), "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "entry 2: GET https://stats.example.com/collect/***" in said
    assert "entry 3: GET https://api.dispatch.me/v3/unknown_things" in said
    assert KEY not in said


@pytest.mark.parametrize("place", ["header", "body", "url"])
def test_secrets_of_a_recording_are_shown_nowhere(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A credential in a recording is neither in the output nor in the evidence, also where a response repeats it."""
    wrong = {"job": {**JOB["job"], "title": 7, "note": KEY}}
    if place == "body":
        wrong = {"job": {**JOB["job"], "title": KEY, "id": KEY}}
    url = f"{JOB_URL}?api_key={KEY}" if place == "url" else JOB_URL
    file = recording(tmp_path, entry(url, body=wrong))
    assert main(["run", "--har", str(file), "--out", str(tmp_path)]) == 1
    out = capsys.readouterr()
    texts = [each.read_text(encoding="utf-8") for each in (tmp_path / "recorded").rglob("*.*")]
    assert texts
    assert not any(KEY in text for text in (out.out, out.err, *texts))


def test_a_secret_that_comes_back_is_a_finding(tmp_path: Path) -> None:
    """A token of a request that a response shows is found, and named without its value."""
    file = recording(tmp_path, entry(JOB_URL, body={"job": {**JOB["job"], "title": f"x {KEY}"}}))
    found = judge_file(file, ["dispatch"]).records[0]["findings"]
    assert [each["check"] for each in found] == ["secret_leak"]


def test_bodies_come_in_base64_and_as_text_that_was_decoded() -> None:
    """Base64, gzip in base64, and plain text beside a Content-Encoding header are the same body."""
    text = json.dumps(JOB)
    gzipped = [{"name": "content-encoding", "value": "gzip"}]
    forms = [
        entry(content={"text": base64.b64encode(text.encode()).decode(), "encoding": "base64"}),
        entry(
            content={"text": base64.b64encode(gzip.compress(text.encode())).decode(), "encoding": "base64"},
            headers=gzipped,
        ),
        entry(body=text, headers=gzipped),
    ]
    found = parse({"log": {"entries": forms}}, "x")
    assert [each.content for each in found] == [text.encode()] * 3
    assert not any("content-encoding" in dict(each.response_headers) for each in found)


@pytest.mark.parametrize(
    ("content", "headers", "said"),
    [
        ({"text": None, "size": 90}, [], "not in the recording"),
        ({"text": "!!", "encoding": "base64"}, [], "not the base64"),
        (
            {"text": base64.b64encode(b"\xce\x80\xff").decode(), "encoding": "base64"},
            [{"name": "Content-Encoding", "value": "br"}],
            "compressed as br",
        ),
    ],
)
def test_a_body_that_cannot_be_read_is_said_and_not_judged(
    content: dict[str, Any], headers: list[dict[str, str]], said: str, tmp_path: Path
) -> None:
    """A missing or unreadable body is listed as not judged, and is no finding; the status still is judged."""
    file = recording(tmp_path, entry(content=content, headers=headers), entry(status=418, content=content))
    record = judge_file(file, ["dispatch"]).records[0]
    assert {each["check"] for each in record["findings"]} == {"status_code_conformance"}
    assert any(said in each for each in record["skipped"])


def test_an_empty_body_is_not_a_missing_one(tmp_path: Path) -> None:
    """Where the recording says that nothing came, the documented body is missing."""
    file = recording(tmp_path, entry(content={"text": None, "size": 0}))
    found = judge_file(file, ["dispatch"]).records[0]["findings"]
    assert "the documented body is missing" in [each["message"] for each in found]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not json", "line 1 is not JSON"),
        ("{}", "log.entries is not a list"),
        ('{"log": {"entries": [{}]}}', "log.entries[0].request"),
        ('{"log": {"entries": [{"request": {"method": "GET"}, "response": {}}]}}', "log.entries[0].request.url"),
        (
            '{"log": {"entries": [{"request": {"method": "GET", "url": "u"}, "response": {"status": "200"}}]}}',
            "log.entries[0].response.status",
        ),
    ],
)
def test_a_broken_recording_is_refused_with_its_place(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is no HAR ends with exit code 2 and one sentence that names the file and the place in it."""
    file = tmp_path / "broken.har"
    file.write_text(text, encoding="utf-8")
    assert main(["run", "--har", str(file), "--out", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "broken.har" in err
    assert err.count("\n") == 1


def test_a_recording_of_something_else_is_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no entry is an operation nothing is proven: exit code 2, with what to do."""
    file = recording(tmp_path, entry("https://elsewhere.example.com/"))
    assert main(["run", "--har", str(file), "--out", str(tmp_path)]) == 2
    assert "VENDOR=" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "target", "anywhere", "operation"),
    [
        ("https://api.dispatch.me/v3/jobs/7", "", False, "getJob"),
        ("https://api.dispatch.me:443/v3/jobs/7", "", False, "getJob"),
        ("https://API.dispatch.me/v3/jobs/a%2Fb", "", False, "getJob"),
        ("http://127.0.0.1:8801/v3/jobs/7", "", False, "getJob"),
        ("https://gateway.example.com/v3/jobs/7", "", False, None),
        ("https://gateway.example.com/v3/jobs/7", "", True, "getJob"),
        ("https://gateway.example.com/vendor/v3/jobs/7", "https://gateway.example.com/vendor", False, "getJob"),
        ("https://api.dispatch.me/v3/jobs/7", "https://gateway.example.com", False, None),
        ("https://api.dispatch.me/v3/jobs/", "", False, None),
    ],
)
def test_an_address_leads_to_its_operation(url: str, target: str, anywhere: bool, operation: str | None) -> None:
    """Operations are found below the document's servers, on this machine, and below the address that was named."""
    found = Matcher(load("dispatch"), target, anywhere).find("GET", url)
    assert (found.operation.id if found else None) == operation


def test_an_address_with_variables_matches_any_instance() -> None:
    """The sub-domain of an organisation is part of the server's address."""
    found = Matcher(load("dibop")).find("GET", "https://acme.dibop.ca/api/v1/systems")
    assert found is not None
    assert found.operation.id == "listSystems"


def test_a_request_that_the_document_forbids_and_the_vendor_accepts_is_found(tmp_path: Path) -> None:
    """Document and vendor disagree where a forbidden request has a success: the finding names the operation."""
    called = Matcher(load("dispatch")).find("GET", "https://api.dispatch.me/v3/jobs?limit=none")
    assert called is not None
    arguments = arguments_of(called, "https://api.dispatch.me/v3/jobs?limit=none", (), b"")
    assert list(problems(called.operation, arguments))
    listed = {"jobs": [JOB["job"]], "total": 1}
    file = recording(tmp_path, entry("https://api.dispatch.me/v3/jobs?limit=none", body=listed))
    found = judge_file(file, ["dispatch"]).records[0]["findings"]
    assert "negative_data_rejection" in {each["check"] for each in found}


def test_har_does_not_go_with_what_sends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """HAR with WRITE=1 is refused: nothing is sent."""
    file = recording(tmp_path, entry(JOB_URL, body=JOB))
    assert main(["run", "--har", str(file), "--write", "--out", str(tmp_path)]) == 2
    assert "WRITE" in capsys.readouterr().err
