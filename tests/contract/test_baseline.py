"""Known deviations of a vendor: listed, with a reason and an end, and gone as soon as the vendor has mended them."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Final

import pytest

from accordant_contract.__main__ import main
from accordant_contract.baseline.file import read
from accordant_contract.baseline.settling import settle
from accordant_contract.document.document import load
from accordant_contract.document.policy import Policy
from accordant_contract.document.values import Finding
from accordant_contract.errors import ContractError
from accordant_contract.evidence import store
from accordant_contract.evidence.results import ResultCollector
from accordant_sandbox import Sandbox

TODAY: Final = datetime.date(2026, 3, 1)
GOOD: Final = """
[[deviation]]
operation = "getJob"
check = "response_schema_conformance"
field = "$.job.tags[].name"
reason = "The vendor sends a number; ticket 4711."
expires = 2026-06-30
"""


def written(tmp_path: Path, text: str = GOOD) -> Path:
    file = tmp_path / "dispatch.toml"
    file.write_text(text, encoding="utf-8")
    return file


def judged(*findings: Finding, checks: tuple[str, ...] = ("response_schema_conformance",)) -> ResultCollector:
    """The results of a run that judged `getJob` by some checks and found something."""
    results = ResultCollector(load("dispatch"), Policy())
    for check in checks:
        results.judge(check, "getJob", [each for each in findings if each.check == check])
    return results


def finding(path: str = "$.job.tags[3].name") -> Finding:
    return Finding("response_schema_conformance", "getJob", "7 is not of type string", path)


def settled(tmp_path: Path, results: ResultCollector, today: datetime.date = TODAY, text: str = GOOD) -> None:
    settle(results, read(written(tmp_path, text), load("dispatch")), today)


def test_a_known_deviation_is_listed_and_is_no_finding(tmp_path: Path) -> None:
    """What is on the baseline is set aside with its entry, whatever row it was seen in."""
    results = judged(finding())
    settled(tmp_path, results)
    assert not results.findings
    assert [entry.reason for _, entry in results.known.values()] == ["The vendor sends a number; ticket 4711."]


def test_another_field_of_the_same_operation_stays_a_finding(tmp_path: Path) -> None:
    """An entry with a field hides nothing else."""
    results = judged(finding(), finding("$.job.title"))
    settled(tmp_path, results)
    assert [each.finding.path for each in results.findings.values()] == ["$.job.title"]


def test_an_entry_without_a_field_is_about_the_whole_operation(tmp_path: Path) -> None:
    """Without a field every finding of the check at the operation is known."""
    results = judged(finding(), finding("$.job.title"))
    settled(tmp_path, results, text=GOOD.replace('field = "$.job.tags[].name"\n', ""))
    assert not results.findings
    assert len(results.known) == 2


@pytest.mark.parametrize(("today", "red"), [("2026-06-30", False), ("2026-07-01", True)])
def test_after_its_last_day_it_is_a_finding_again(today: str, red: bool, tmp_path: Path) -> None:
    """The day in the entry is the last one; the finding then says that and why it was known."""
    results = judged(finding())
    settled(tmp_path, results, datetime.date.fromisoformat(today))
    said = [each.finding.message for each in results.findings.values()]
    assert bool(said) is red
    assert all("2026-06-30" in each and "ticket 4711" in each for each in said)


def test_what_the_vendor_has_mended_fails_the_run(tmp_path: Path) -> None:
    """An entry that its check no longer finds is a finding which says what to remove, and where."""
    results = judged()
    settled(tmp_path, results)
    found = [each.finding for each in results.findings.values()]
    assert [(each.check, each.operation) for each in found] == [("known_deviation", "getJob")]
    assert "remove the entry at" in found[0].message
    assert "dispatch.toml:2" in found[0].message


@pytest.mark.parametrize("way", ["not judged", "other check", "other operation", "stopped"])
def test_an_entry_that_the_run_could_not_judge_is_not_mended(way: str, tmp_path: Path) -> None:
    """A part of a run, or one that was cut short, proves nothing about an entry; that is said."""
    results = judged(checks=() if way == "not judged" else ("response_schema_conformance",))
    if way == "other check":
        results.only = "page_walk"
    elif way == "other operation":
        results.about = frozenset({"listJobs"})
    elif way == "stopped":
        results.judge("hollow_run", "", [Finding("hollow_run", "", "cut short", kind="stopped")])
    settled(tmp_path, results)
    assert "known_deviation" not in {each.finding.check for each in results.findings.values()}
    assert any("not judged in this run" in each for each in results.skipped)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[[deviation]]", "[[deviations]]", ":2: deviations"),
        ("[[deviation]]", "[deviation]", ":2: deviation"),
        ("[[deviation]]", "[[deviation", "line 2"),
        ('operation = "getJob"', 'operation = "getJobb"', ":3: operation: 'getJobb' is none; the closest: getJob"),
        ("response_schema_conformance", "schema", ":4: check: 'schema' is none"),
        ('"$.job.tags[].name"', '"job.tags"', ":5: field"),
        ('reason = "The vendor sends a number; ticket 4711."\n', "", ":2: reason: it is required"),
        ('"The vendor sends a number; ticket 4711."', '" "', ":6: reason"),
        ("expires = 2026-06-30", 'expires = "2026-06-30"', ":7: expires"),
        ("expires = 2026-06-30", "expires = 2026-06-30T00:00:00Z", ":7: expires"),
        ("expires = 2026-06-30", "expires = 2026-06-30\nexpiry = 1", ":8: expiry: there is no such field"),
        ("expires = 2026-06-30\n", "expires = 2026-06-30\n" + GOOD, ":9: response_schema_conformance at getJob"),
    ],
)
def test_a_bad_file_is_refused_with_line_and_field(old: str, new: str, said: str, tmp_path: Path) -> None:
    """An entry that would never match, or never end, is refused before a run begins."""
    assert old in GOOD
    with pytest.raises(ContractError) as caught:
        read(written(tmp_path, GOOD.replace(old, new)), load("dispatch"))
    assert said in str(caught.value)


def test_a_run_lists_what_is_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command reads the file, lists the deviation with its reason and its end, and exits with 0."""
    text = f'[[deviation]]\noperation="getJob"\ncheck="wrong"\nreason="a reason"\nexpires={TODAY.replace(year=9000)}\n'
    schema, client = (
        text.replace('"wrong"', f'"{check}"') for check in ("response_schema_conformance", "client_truth")
    )
    with Sandbox("dispatch", faults=["wrong_type"]) as sandbox, pytest.MonkeyPatch.context() as patch:
        for name, value in sandbox.env().items():
            patch.setenv(name, value)
        words = [
            "run",
            "--vendor",
            "dispatch",
            "--target",
            sandbox.url,
            "--out",
            str(tmp_path),
            "--operation",
            "getJob",
        ]
        assert main([*words, "--check", "response_schema_conformance"]) == 1
        capsys.readouterr()
        file = str(written(tmp_path, schema + client))
        assert main([*words, "--check", "response_schema_conformance", "--baseline", file]) == 0
    said = capsys.readouterr().out
    assert "KNOWN dispatch: " in said
    assert "until 9000-03-01: a reason" in said
    record = store.load(tmp_path / "replay", "dispatch.live")
    assert record is not None
    assert {each["reason"] for each in record["known"]} == {"a reason"}
    assert "Known deviations" in (tmp_path / "replay" / "index.html").read_text(encoding="utf-8")
