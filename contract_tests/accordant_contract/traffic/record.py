"""From judged traffic to the plain data that the evidence of a run is, secrets masked."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ..document.checks import CHECKS
from ..document.values import Exchange
from ..evidence.identity import tests_digest
from ..evidence.record import FORMAT, excerpt, known, packages, tallied
from ..evidence.results import FindingEntry
from ..target.reproduction import curl, masked
from .judging import TrafficJudge

_MOST_REQUESTS: Final = 6


def record(
    judge: TrafficJudge, target: str, numbers: Mapping[int, int], replay: str, notes: Sequence[str], started: datetime
) -> dict[str, Any]:
    """The evidence of traffic that was judged and not sent.

    ``numbers`` are the numbers of entries by the identity of their exchanges, ``replay`` is the command that judges
    them again, ``notes`` say what was not judged.
    """
    document, results = judge.document, judge.results
    secrets = list(judge.secrets)
    info = document.data.get("info", {})
    return {
        "format": FORMAT,
        "vendor": document.name,
        "title": info.get("title", document.name),
        "document": {"version": str(info.get("version", "")), "sha256": document.digest},
        "tests": {"sha256": tests_digest()},
        "target": target,
        "writes": False,
        "left_behind": [],
        "profile": "recorded",
        "seed": 0,
        "started": started.isoformat(timespec="seconds"),
        "seconds": 0.0,
        "exchanges": results.exchanges,
        "passed": not results.findings,
        "covered": sorted(results.proven & set(document.operations)),
        "operations": [tallied(document, results, name) for name in document.operations],
        "findings": [finding(each, judge, numbers, replay) for each in results.findings.values()],
        "excused": [
            {
                "check": each.finding.check,
                "operation": each.finding.operation,
                "message": masked(each.finding.message, secrets),
                "times": each.times,
                "reason": each.allowance.reason if each.allowance else "",
                "evidence": each.allowance.evidence if each.allowance else "",
            }
            for each in results.excused.values()
        ],
        "known": known(results, secrets),
        "undocumented": [
            {"operation": operation, "path": masked(path, secrets), "type": kind}
            for (operation, path), kind in sorted(results.undocumented.items())
        ],
        "skipped": [masked(each, secrets) for each in notes],
        "environment": {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"},
        "versions": packages(),
    }


def finding(seen: FindingEntry, judge: TrafficJudge, numbers: Mapping[int, int], replay: str) -> dict[str, Any]:
    """One finding, with the numbers of the entries that show it."""
    found, secrets = seen.finding, list(judge.secrets)
    operation = judge.document.operations.get(found.operation)
    called = f"{operation.method} {operation.path}" if operation else "the traffic as a whole"
    shown = found.exchanges[-_MOST_REQUESTS:]
    entries = [numbers[id(each)] for each in shown if id(each) in numbers]
    return {
        "check": found.check,
        "operation": found.operation,
        "message": masked(found.message, secrets),
        "path": masked(found.path, secrets),
        "key": masked(found.key, secrets),
        "times": seen.times,
        "expected": masked(found.expected or CHECKS.get(found.check, ""), secrets),
        "seen": masked(found.seen or found.message, secrets),
        "where": masked(f"{called} {found.path}".strip(), secrets),
        "replay": replay,
        "token": "",
        "entries": entries,
        "exchanges": [_exchange(each, secrets, found.path) for each in shown],
    }


def _exchange(exchange: Exchange, secrets: list[str], path: str) -> dict[str, Any]:
    body = exchange.response.body.decode("utf-8", errors="replace") if exchange.response else ""
    return {
        "request": curl(exchange, secrets),
        "status": exchange.status,
        "answer": excerpt(masked(body or exchange.failure, secrets), path),
    }
