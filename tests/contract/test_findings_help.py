"""What a finding tells the person who has to act on it."""

from __future__ import annotations

import datetime
import json
import subprocess

from attrs import evolve

from accordant_contract.evidence.record import excerpt, record
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor
from accordant_contract.target.reproduction import curl, token_line
from accordant_runtime import dumps

NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


def test_a_finding_says_expected_seen_where_and_how_to_see_it_again() -> None:
    """A lost letter: the two values, the operation with the path, and the command that judges just this again."""
    with targets.local(vendor.load("dispatch"), faults=["create_mangles"], way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], focus={"createJob"}, fuzz=False))
        run.execute()
        found = next(each for each in record(run, NOW)["findings"] if each["check"] == "read_after_write")
    assert found["expected"][:-2] == found["seen"][:-1]
    assert found["where"] == "POST /v3/jobs $.title"
    assert found["replay"] == "make contract VENDOR=dispatch SEED=7 OPERATION=createJob CHECK=read_after_write"
    assert "make sandbox VENDOR=dispatch PORT=8801" in found["token"]
    assert all(
        "http://127.0.0.1:8801/" in each["request"] and "***" not in each["request"] for each in found["exchanges"]
    )


def test_the_lines_of_a_finding_run_as_they_are_pasted() -> None:
    """A shell with the environment's variables gets a token by the one line, and the record by the other."""
    with targets.local(vendor.load("dispatch"), way="http") as target:
        run = Run(target, Settings(PROFILES["quick"], fuzz=False))
        read = run.session.call("listJobs")
        login = next(each for each in run.session.history if each.operation == "createToken")
        secrets, how = run.session.secrets(), evolve(run.session.reproduction, served=target.base)
        lines = [token_line(login, secrets, how), curl(read, secrets, how).replace("curl -i", "curl -s")]
        for secret in secrets:
            assert not any(secret in line for line in lines)
        variables = {target.vendor.variable(name): value for name, value in target.secrets.items()}
        shell = ["bash", "-c", "\n".join(lines)]
        done = subprocess.run(shell, env={"PATH": "/usr/bin:/bin", **variables}, capture_output=True, timeout=60)
    assert json.loads(done.stdout) == read.document


def test_an_excerpt_shows_the_field_in_question() -> None:
    """A field far behind the first six hundred characters is in the excerpt, with its neighbours."""
    rows = [{"id": number, "name": f"name {number}", "note": "x" * 40} for number in range(100)]
    shown = excerpt(dumps({"rows": rows}).decode(), "$.rows[93].name")
    assert '"name 93"' in shown
    assert len(shown) <= 603
    assert excerpt("<p>" + "x" * 900, "$.rows[93].name") == ("<p>" + "x" * 900)[:600]
