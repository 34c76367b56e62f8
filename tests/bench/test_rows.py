"""The performance table: what a row says, and when its goal is reached."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.bench.rows import Goal, Row, compared, table

ROUNDS = {"stock": [4.0, 6.0, 8.0], "ours": [2.0, 2.0, 2.0], "quick": [1.0, 1.0, 1.0], "slow": [9.0, 9.0, 9.0]}


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    """Contenders are compared within a round, and the best of the peers is the one that is shown."""
    row = compared("decode", "us", ROUNDS, Goal(2.5, better="higher"), peer=("slow", "quick"))
    assert (row.ours, row.stock, row.peer, row.ratio, row.met) == (2.0, 6.0, 1.0, 3.0, True)
    assert "best peer: quick" in row.note
    row = compared("call", "us", ROUNDS, Goal(0.3))
    assert (row.ratio, row.met) == (2.0 / 6.0, False)


def test_a_row_without_a_goal_only_informs() -> None:
    """Neither the table nor the exit code counts it as met or missed."""
    row = Row("growth", "us", 3.0, ratio=1.0)
    assert row.met is None
    assert table([row]).splitlines()[-1] == "| growth | us |  |  |  | 3 | 1.00 +-0% |  |  |"


def test_the_command_writes_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each row has ours, stock, peer, limit, ratio, goal and met; the exit code is 1 for a missed goal."""
    place = tmp_path / "new" / "bench.json"
    code = main(["bench", "--only", "lines", "--json", str(place)])
    found = json.loads(place.read_text(encoding="utf-8"))
    assert {"ours", "stock", "peer", "limit", "ratio", "goal", "met"} <= set(
        found["generated lines an operation, espace"]
    )
    assert code == (0 if all(each["met"] for each in found.values()) else 1)
    assert "| generated lines an operation, espace |" in capsys.readouterr().out


def test_a_section_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The message lists the sections, and nothing is measured."""
    assert main(["bench", "--only", "speed"]) == 2
    assert "there is no section 'speed'; there are: models, calls" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["bench", "--rounds"], ["chaos", "--calls"]])
@pytest.mark.parametrize("count", ["0", "-1", "few", "²"])
def test_a_number_that_measures_nothing(words: list[str], count: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No rounds and no calls are refused in one sentence before anything is measured."""
    with pytest.raises(SystemExit) as ended:
        main([*words[:1], f"{words[1]}={count}"])
    assert ended.value.code == 2
    assert f"{count!r} is not possible: give a whole number, 1 or more" in capsys.readouterr().err


def test_a_storm_at_a_vendor_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    """It is named, with those that there are, and exit code 2."""
    assert main(["chaos", "--vendor", "dispach"]) == 2
    assert "there is no vendor 'dispach'; there are: " in capsys.readouterr().err
