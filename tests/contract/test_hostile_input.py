"""What a person may give by mistake, and a vendor by malice: each is one sentence, or is judged like the rest."""

from __future__ import annotations

import ast
import errno
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from accordant_contract.__main__ import main
from accordant_contract.document.document import load
from accordant_contract.document.schemas import Schemas
from accordant_contract.document.values import Finding
from accordant_contract.errors import SilentTargetError
from accordant_contract.evidence import store
from accordant_contract.evidence.results import Found
from accordant_contract.proxy.command import main as proxy_command
from accordant_contract.proxy.passing import Passed
from accordant_contract.proxy.reporting import Reporter
from accordant_contract.records.journal import MadeRecord, OpenWrite, RunJournal
from accordant_contract.regression.command import regression
from accordant_contract.run import demo, fault_matrix, live_table
from accordant_contract.run.progress import Progress
from accordant_contract.target import targets, vendor
from accordant_contract.traffic.command import judge_file
from tests.contract.test_proxy import scripted
from tests.contract.test_recordings import JOB, JOB_URL, entry, recording

PASSWORD: Final = "an-invented-password"


@pytest.mark.parametrize(
    "address", [f"https://u:{PASSWORD}@[::1", "http://127.0.0.1:port", "api.example.com", "https://"]
)
@pytest.mark.parametrize(
    "words",
    [
        ["run", "--vendor", "dispatch", "--target"],
        ["run", "--vendor", "dispatch", "--har", "{har}", "--target"],
        ["tighten", "--vendor", "dispatch", "--har", "{har}", "--target"],
        ["proxy", "dispatch", "--upstream"],
    ],
    ids=lambda words: " ".join(words[:1] + words[-2:]),
)
def test_what_is_no_address(
    words: Sequence[str], address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An address that nobody can read is refused in one sentence that does not repeat it: a password may be in it."""
    har = recording(tmp_path, entry(JOB_URL, body=JOB))
    assert main([*(each.format(har=har) for each in words), address]) == 2
    said = capsys.readouterr()
    assert said.err.splitlines()[-1].endswith("is not an address such as https://api.example.com")
    assert PASSWORD not in said.err + said.out


def test_a_variable_that_is_no_address(capsys: pytest.CaptureFixture[str]) -> None:
    """A live run refuses the address of a variable in the same way, by the variable's name."""
    assert main(["run", "--vendor", "dispatch", "--live"], {"DISPATCH_BASE_URL": "https://[::1"}) == 2
    assert "DISPATCH_BASE_URL is not an address" in capsys.readouterr().err


def test_what_is_left_at_a_vendor_that_nobody_knows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A clean-up says that nothing is left only of vendors that there are, and of a folder."""
    assert main(["cleanup", "--vendor", "dispach", "--journals", str(tmp_path)]) == 2
    assert "there is no vendor 'dispach'" in capsys.readouterr().err
    file = tmp_path / "file"
    file.touch()
    assert main(["cleanup", "--journals", str(file)]) == 2
    assert "is no folder" in capsys.readouterr().err
    assert main(["cleanup", "--vendor", "dispatch", "--journals", str(tmp_path / "none")]) == 0


@pytest.mark.parametrize("count", ["0", "-3", "two", "²"])
def test_a_number_of_processes(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A run by no process, or by fewer, is refused."""
    with pytest.raises(SystemExit) as ended:
        main(["run", "--vendor", "dispatch", "--jobs", count])
    assert ended.value.code == 2
    assert "is no number of processes: give 1 or more" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["faults", "--vendor", "dispatch"], ["live-rows", "--vendor", "dispatch"]])
def test_a_page_that_cannot_be_written(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page for the figures is looked at before the run, which takes minutes, and not after it."""
    for module, name in ((fault_matrix, "try_all"), (live_table, "live_runs")):
        monkeypatch.setattr(module, name, None)  # whoever calls it fails
    (tmp_path / "bytes.md").write_bytes(b"\xff\xfe")
    for page, said in (("none.md", "No such file or directory"), ("bytes.md", "it is not UTF-8 text")):
        assert main([*words, "--write", str(tmp_path / page)]) == 2
        told = capsys.readouterr()
        assert told.err == f"contract tests: cannot read {tmp_path / page}: {said}\n"
        assert told.out == ""


class FullDisk(io.StringIO):
    """An output of which nothing can be kept."""

    def write(self, _text: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_output_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk below the output is one sentence, and no verdict."""
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", FullDisk())
        assert main(["spec-lint", "--vendor", "dispatch"]) == 2
    assert capsys.readouterr().err == "contract tests: cannot read or write: No space left on device\n"


def test_a_vendor_that_the_demo_does_not_know(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demo asks for its vendor before it begins."""
    monkeypatch.setattr(demo, "verify_generated", None)  # whoever calls it fails
    assert main(["demo", "--vendor", "dispach"]) == 2
    assert "there is no vendor 'dispach'" in capsys.readouterr().err


def test_an_entry_whose_address_is_none(tmp_path: Path) -> None:
    """An entry of a recording whose address nobody can read is no operation, and the others are judged."""
    file = recording(tmp_path, entry(JOB_URL, body=JOB), entry("https://[::1/v3/jobs/7", body=JOB))
    judged = judge_file(file, ["dispatch"])
    assert judged.strays == ("entry 2: GET ***, which is no address",)
    assert judged.records[0]["exchanges"] == 1


HALF: Final = "\ud800"
NESTED: Final[Any] = json.loads("[" * 900 + "]" * 900)


@pytest.mark.parametrize(
    "value", [{"title": HALF}, {HALF: 1}, {"title": {HALF: [HALF]}}, {"more": NESTED}, {"more": [HALF, NESTED]}, HALF]
)
def test_values_that_the_validator_cannot_be_given(value: Any) -> None:
    """Half a character, which JSON can say, and any depth are held against the schema like other values."""
    schemas: Schemas = load("dispatch").schemas
    pointer = "/components/schemas/Job"
    assert not schemas.valid(pointer, value)
    assert list(schemas.violations(pointer, value))
    whole = {**JOB["job"], "title": HALF}
    assert schemas.valid(pointer, whole)
    assert list(schemas.violations(pointer, whole)) == []
    assert schemas.within(HALF, {"maxLength": 1})
    assert not schemas.has_format("date", HALF)


def test_a_response_with_half_a_character_is_judged(tmp_path: Path) -> None:
    """A response with half a character ends no run: what else is wrong with it is found, and so is that."""
    body = json.dumps({"job": {**JOB["job"], "id": HALF, "title": HALF}})
    record = judge_file(recording(tmp_path, entry(JOB_URL, body=body)), ["dispatch"]).records[0]
    found = [(each["check"], each["path"], each["message"]) for each in record["findings"]]
    assert ("response_schema_conformance", "$.job.id") in [each[:2] for each in found]
    assert [each for each in found if "half a character" in each[2]]
    store.save(tmp_path / "evidence", record)


@pytest.mark.parametrize(
    "name",
    ['a"""+print(1)+"""b\\', "two\nlines\\N{x}", "\x00\x1b[31m", HALF, "plain"],
    ids=("code", "lines", "control", "half", "plain"),
)
def test_texts_of_others_are_no_code(name: str, tmp_path: Path) -> None:
    """The name of a recording or an address, and what was seen, are text in a written test, whatever they hold."""
    broken = {**JOB["job"], "title": 5}
    record = judge_file(recording(tmp_path, entry(JOB_URL, body={"job": broken})), ["dispatch"]).records[0]
    record = {**record, "target": name, "findings": [{**each, "seen": name} for each in record["findings"]]}
    file = regression(store.save(tmp_path, record), 1, tmp_path / "test_written.py")
    tree = ast.parse(file.read_text(encoding="utf-8"))
    calls = {getattr(each.func, "id", "") for each in ast.walk(tree) if isinstance(each, ast.Call)}
    assert "print" not in calls
    assert "finding 1 of " in (ast.get_docstring(tree) or "")


def test_the_file_of_a_written_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in this folder, whatever the operation is called."""
    monkeypatch.chdir(tmp_path)
    record = judge_file(recording(tmp_path, entry(JOB_URL, body={"job": {}})), ["dispatch"]).records[0]

    def nothing(_case: object) -> str:
        return ""

    monkeypatch.setattr("accordant_contract.regression.command.write", nothing)
    findings = [{**each, "operation": "../repos/list-for-org"} for each in record["findings"]]
    saved = store.save(tmp_path, {**record, "findings": findings})
    assert str(regression(saved, 1, None)) == f"test_dispatch__repos_list_for_org_{findings[0]['check']}.py"


def test_a_journal_holds_any_text(tmp_path: Path) -> None:
    """What a run made is noted and found again, whatever its vendor calls it."""
    made = MadeRecord("brand", f"7{HALF}")
    journal = RunJournal.begin(tmp_path, "dispatch", "https://a.test", datetime.now(UTC))
    journal.settled(journal.intend(OpenWrite("createBrand", ())), made)
    journal.close()
    found = RunJournal.resume(journal.file)
    assert found is not None
    assert found.made == [made]
    found.close()


def test_the_proxy_reports_half_a_character(tmp_path: Path) -> None:
    """A response with half a character passes, and is a deviation: a line of the proxy's file."""
    out, told = tmp_path / "deviations.jsonl", io.StringIO()
    body = {"job": {**JOB["job"], "title": f"a{HALF}", "description": f"b{HALF}"}}

    with scripted(body) as upstream:

        def call() -> None:
            httpx.get(f"{told.getvalue().partition('=')[2].strip()}/v3/jobs/{JOB['job']['id']}")

        words = ["dispatch", "--upstream", upstream.url, "--out", str(out)]
        assert proxy_command(words, told, io.StringIO(), wait=call) == 1
    assert "half a character" in json.loads(out.read_text(encoding="utf-8"))["seen"]


def test_an_output_in_another_encoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the encoding of the output lacks is written as an escape: a vendor's text ends no run."""
    raw, har = io.BytesIO(), recording(tmp_path, entry(JOB_URL, body={"job": {**JOB["job"], "status": "é\U0001f6b0"}}))
    with io.TextIOWrapper(raw, encoding="ascii") as out, monkeypatch.context() as patch:
        patch.setattr("sys.stdout", out)
        patch.chdir(tmp_path)
        assert main(["run", "--har", str(har)]) == 1
        out.flush()
        assert b"\\xe9\\U0001f6b0" in raw.getvalue()


def test_a_vendor_does_not_move_the_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters in what a vendor says reach no terminal: summary, progress and the proxy show escapes."""
    escape = "\x1bc"
    har = recording(tmp_path, entry(JOB_URL, body={"job": {**JOB["job"], f"{escape}": 1, "status": f"{escape}"}}))
    assert main(["run", "--har", str(har), "--out", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert "$.job.\\x1bc: integer" in said.out
    err = io.StringIO()
    finding = Finding("response_schema_conformance", "getJob", f"a{escape}\nb")
    Progress(err, live=False)(Found("dispatch", finding, None))
    assert err.getvalue() == "dispatch: response_schema_conformance getJob: a\\x1bc\nb\n"
    told = io.StringIO()
    reporter = Reporter(load("dispatch"), vendor.load("dispatch"), "https://api.dispatch.me", told, strict=True)
    at = datetime.now(UTC)
    body = json.dumps({"job": {**JOB["job"], f"{escape}": 1}}).encode()
    reporter.take(Passed(at, "GET", JOB_URL, (), b"", 200, (("Content-Type", "application/json"),), body))
    assert reporter.finish()
    assert "\x1b" not in told.getvalue()
    assert "\\x1bc" in told.getvalue()


def test_a_sandbox_whose_clock_is_gone() -> None:
    """A sandbox elsewhere on this machine that does not tell its time any more ends the run in one sentence."""

    def send(*_: object) -> tuple[int, tuple[()], bytes]:
        return 200, (), b"<html>"

    with pytest.raises(SilentTargetError, match="does not tell the sandbox's time any more"):
        targets.RemoteClock("http://127.0.0.1:9", send).now()
