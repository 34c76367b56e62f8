"""A run in parts: each part is judged as a part of a whole run is, and says which part it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from accordant_contract.__main__ import main
from accordant_contract.document.document import load
from accordant_contract.evidence import store
from accordant_contract.run import profiles
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.run.shards import Shard
from accordant_contract.target import targets, vendor


@pytest.mark.parametrize("count", [1, 2, 4, 200])
@pytest.mark.parametrize("name", vendor.names())
def test_the_parts_have_every_operation_once(name: str, count: int) -> None:
    """Together the parts are the whole, and the operations of one kind of record are in one part."""
    every = load(name).operations
    parts = [Shard(number, count).operations(every) for number in range(1, count + 1)]
    assert sorted(each for part in parts for each in part) == sorted(every)
    kinds = [{every[each].entity for each in part} for part in parts]
    assert sum(map(len, kinds)) == len({each.entity for each in every.values()})


@pytest.mark.parametrize("part", [Shard(1, 2), Shard(2, 2)], ids=str)
def test_a_part_of_a_clean_vendor_is_green_and_reaches_its_operations(part: Shard) -> None:
    """Each part finds nothing, gets a success from each of its operations, and would say where it did not."""
    focus = part.operations(load("dibop").operations)
    with targets.local(vendor.load("dibop"), way="process") as target:
        run = Run(target, Settings(PROFILES["quick"], focus=focus, shard=part, fuzz=False))
        run.execute()
    assert not run.results.findings
    assert run.results.covered >= focus
    reach = {operation for operation, check in run.results.tallies if check == "hollow_run"}
    assert reach == focus


def test_the_evidence_of_a_part_lies_beside_that_of_whole_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part says which it was and which operations it had, and replaces no evidence of a whole run."""
    few = evolve(PROFILES["quick"], fields=2, examples=1, chains=1, steps=2)
    monkeypatch.setattr(profiles, "PROFILES", {"quick": few})
    assert main(["run", "--vendor", "dibop", "--shard", "2/9", "--out", str(tmp_path)]) == 0
    assert store.load(tmp_path, "dibop") is None
    record = store.load(tmp_path / "shard-2-of-9", "dibop")
    assert record is not None
    own = Shard(2, 9).operations(load("dibop").operations)
    assert (record["shard"], {each["id"] for each in record["operations"]}) == ("2/9", own)
    assert set(record["covered"]) == own


@pytest.mark.parametrize("text", ["0/4", "5/4", "1", "1/0", "a/b", "-1/4"])
def test_what_names_no_part_is_refused(text: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A wrong part ends the run with exit code 2 before anything is sent."""
    assert main(["run", "--vendor", "dibop", f"--shard={text}", "--out", str(tmp_path)]) == 2
    assert "1/4" in capsys.readouterr().err
