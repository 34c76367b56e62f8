"""What is new since the last run, and what is gone: the outcomes of the runs before, kept beside the evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from accordant_runtime import is_array, is_object

_KEPT: Final = 30
_SHOWN: Final = 10
_SHORT: Final = 300
_IDENTITY: Final = ("check", "operation", "path", "key")
_SAME: Final = ("target", "profile", "shard")
"""Runs are compared where these are the same: another target or another budget finds other things."""


def file_of(folder: Path, name: str) -> Path:
    """Where the outcomes of a vendor's runs are kept."""
    return folder / "history" / f"{name}.json"


def load(folder: Path, name: str) -> list[dict[str, Any]]:
    """The outcomes of a vendor's runs, the oldest first; none where there is nothing to read."""
    try:
        read = json.loads(file_of(folder, name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [each for each in read if is_object(each)] if is_array(read) else []


def outcome(record: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a run."""
    return {
        "started": record["started"],
        **{name: record.get(name, "") for name in _SAME},
        "seed": record["seed"],
        "passed": record["passed"],
        "covered": len(record["covered"]),
        "findings": [
            {**{name: each[name] for name in _IDENTITY}, "message": each["message"][:_SHORT]}
            for each in record["findings"]
        ],
    }


def compared(record: Mapping[str, Any], before: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What is new in a run since the last one of its kind, what is gone, and the runs before it in short."""
    now = outcome(record)
    alike = [each for each in before if all(each.get(name, "") == now[name] for name in _SAME)]
    runs = [{**each, "findings": len(each["findings"])} for each in (*alike, now)][-_SHOWN:]
    if not alike:
        return {"since": "", "new": [], "gone": [], "runs": runs}
    last = alike[-1]
    keys, old = {each["key"] for each in now["findings"]}, {each["key"] for each in last["findings"]}
    return {
        "since": last["started"],
        "new": sorted(keys - old),
        "gone": [each for each in last["findings"] if each["key"] not in keys],
        "runs": runs,
    }


def appended(record: Mapping[str, Any], before: Sequence[Mapping[str, Any]]) -> str:
    """The text of the file with a run's outcome at its end."""
    others = [each for each in before if each.get("started") != record["started"]]
    return json.dumps([*others, outcome(record)][-_KEPT:], indent=1, ensure_ascii=False) + "\n"
