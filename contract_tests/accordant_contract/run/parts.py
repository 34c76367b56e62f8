"""One vendor's run in fixed parts, which several processes share, and the one evidence that they give together.

The document alone decides the parts, never the number of processes: a run is the same on one core and on eight.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from ..document.document import Operation
from ..evidence.record import HOLLOW
from .shards import Shard

_SMALL: Final = 20
"""Up to so many operations a run is one part: what each part does once would cost more than a second core brings."""
_EACH: Final = 60
"""About so many operations are a part of a larger one."""


@frozen
class PartResult:
    """What one part of a run has to say.

    ``unused`` are the findings for allowances that excused nothing there, by allowance: only what no part needed is
    superfluous. ``begun`` and ``ended`` are its times, in seconds; ``kept`` the cases that it
    found worth keeping, as JSON, which travels from any process.
    """

    record: dict[str, Any]
    operations: frozenset[str] = frozenset()
    unused: Mapping[str, dict[str, Any]] = field(factory=dict[str, "dict[str, Any]"])
    begun: float = 0.0
    ended: float = 0.0
    kept: str = "[]"


def parts(operations: Mapping[str, Operation]) -> list[Shard]:
    """The parts of a run over these operations, none of them empty; one alone for few operations."""
    count = 1 if len(operations) <= _SMALL else max(2, math.ceil(len(operations) / _EACH))
    every = [Shard(number, count) for number in range(1, count + 1)]
    return [part for part in every if part.operations(operations)]


def merged(results: Sequence[PartResult]) -> dict[str, Any]:
    """The evidence of a run out of that of its parts: each finding once, each count as the sum of its parts."""
    records = [each.record for each in results]
    first = records[0]
    if len(records) == 1 or any("operations" not in each for each in records):
        return first
    operations = [_operation(each["id"], results) for each in first["operations"]]
    findings = _once([each for record in records for each in record["findings"]], ("key",))
    if not findings:
        needless = set(results[0].unused).intersection(*(each.unused for each in results))
        findings = [results[0].unused[each] for each in results[0].unused if each in needless]
    undocumented = {(each["operation"], each["path"]): each for record in records for each in record["undocumented"]}
    return {
        **first,
        "started": min(str(each["started"]) for each in records),
        "seconds": round(max(each.ended for each in results) - min(each.begun for each in results), 1),
        "exchanges": sum(each["exchanges"] for each in records),
        "passed": not findings,
        "covered": sorted({name for record in records for name in record["covered"]}),
        "reach": _reach(records, operations),
        "operations": operations,
        "findings": findings,
        "excused": _once([each for record in records for each in record["excused"]], ("check", "operation", "message")),
        "stale": list(dict.fromkeys(each for record in records for each in record["stale"])),
        "undocumented": [undocumented[each] for each in sorted(undocumented)],
        "skipped": list(dict.fromkeys(each for record in records for each in record["skipped"])),
    }


def _operation(name: str, results: Sequence[PartResult]) -> dict[str, Any]:
    """One operation's line: the sums of what each part counted of it, and what the part says that it belongs to."""
    lines = [(part, next(each for each in part.record["operations"] if each["id"] == name)) for part in results]
    own = next((line for part, line in lines if name in part.operations), lines[0][1])
    checks: dict[str, dict[str, int]] = {}
    statuses: dict[str, int] = {}
    for _, line in lines:
        for check, tally in line["checks"].items():
            sums = checks.setdefault(check, {"checked": 0, "failed": 0})
            for count in sums:
                sums[count] += tally[count]
        for status, count in line["statuses"].items():
            statuses[status] = statuses.get(status, 0) + count
    return {
        **own,
        "covered": any(line["covered"] for _, line in lines),
        "statuses": {status: statuses[status] for status in sorted(statuses, key=int)},
        "checks": {check: checks[check] for check in sorted(checks)},
        "stateless": "" if any(not line["stateless"] for _, line in lines) else own["stateless"],
    }


def _once(entries: Sequence[dict[str, Any]], by: Collection[str]) -> list[dict[str, Any]]:
    """Each finding once, as the first part saw it, with how often all of them did."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for each in entries:
        key = tuple(str(each[name]) for name in by)
        times = found[key]["times"] if key in found else 0
        found[key] = {**found.get(key, each), "times": times + each["times"]}
    return list(found.values())


def _reach(records: Sequence[dict[str, Any]], operations: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """How much the whole run proves; parts follow no link in common, as no operation is in two of them."""
    limited = sum(each["reach"]["limited"] for each in records)
    exchanges = sum(each["exchanges"] for each in records)
    counts = [
        sum(name != HOLLOW and tally["checked"] > 0 for name, tally in each["checks"].items()) for each in operations
    ]
    return {
        "fewest_checks": min(counts, default=0),
        "limited": limited,
        "limited_share": round(limited / exchanges, 4) if exchanges else 0.0,
        "not_checked": len({text for each in records for text in each["skipped"]}),
        "links": sum(each["reach"]["links"] for each in records),
        "links_followed": sum(each["reach"]["links_followed"] for each in records),
    }
