"""From a run to plain data."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from ..document.values import Exchange, Finding
from ..run.runner import Run
from ..target.reproduction import curl, masked
from .identity import tests_digest
from .results import FindingEntry

FORMAT: Final = 2
_PACKAGES: Final = ("accordant", "schemathesis", "hypothesis", "jsonschema-rs", "httpx", "attrs")
_MOST_REQUESTS: Final = 6
_EXCERPT: Final = 600


def record(run: Run, started: datetime) -> dict[str, Any]:
    """Everything that a run has to say, with its secrets masked."""
    document, results, settings = run.document, run.results, run.settings
    secrets = run.session.secrets()
    info = document.data.get("info", {})
    return {
        "format": FORMAT,
        "vendor": document.name,
        "title": info.get("title", document.name),
        "document": {"version": str(info.get("version", "")), "sha256": document.digest},
        "tests": {"sha256": tests_digest()},
        "target": run.target.label,
        "writes": run.target.writes,
        "left_behind": [masked(str(each), secrets) for each in run.left_behind],
        "profile": settings.profile.name,
        "seed": settings.seed,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 1),
        "exchanges": results.exchanges,
        "passed": not results.findings,
        "covered": sorted(results.proven & set(document.operations)),
        "operations": [_operation(run, name) for name in document.operations],
        "findings": [_finding(seen, secrets) for seen in results.findings.values()],
        "excused": [_excused(seen, secrets) for seen in results.excused.values()],
        "undocumented": [
            {"operation": operation, "path": masked(path, secrets), "type": kind}
            for (operation, path), kind in sorted(results.undocumented.items())
        ],
        "skipped": [masked(each, secrets) for each in results.skipped],
        "environment": {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"},
        "versions": dict(_versions()),
    }


def skipped(vendor: str, reason: str, started: datetime) -> dict[str, Any]:
    """A vendor that was not tested, and why: neither passed nor failed."""
    return {
        "format": FORMAT,
        "vendor": vendor,
        "started": started.isoformat(timespec="seconds"),
        "not_run": reason,
    }


def unfinished(vendor: str, started: datetime, reason: str = "the run did not finish") -> dict[str, Any]:
    """A vendor whose run has begun and has no result, and why: what replaces older evidence."""
    return {
        "format": FORMAT,
        "vendor": vendor,
        "started": started.isoformat(timespec="seconds"),
        "not_finished": reason,
    }


def no_result(record: dict[str, Any]) -> str:
    """Why a record has no result; ``""`` where it has one."""
    return str(record.get("not_run", "") or record.get("not_finished", ""))


def finding_lines(run: Run, finding: Finding) -> list[str]:
    """A finding's requests as command lines, secrets masked."""
    secrets = run.session.secrets()
    return [curl(each, secrets) for each in finding.exchanges[-_MOST_REQUESTS:]]


def _operation(run: Run, name: str) -> dict[str, Any]:
    operation, results = run.document.operations[name], run.results
    tallies = {check: tally for (each, check), tally in results.tallies.items() if each == name}
    return {
        "id": name,
        "method": operation.method,
        "path": operation.path,
        "resource": operation.resource,
        "entity": operation.entity,
        "action": operation.action,
        "covered": name in results.proven,
        "statuses": {
            str(status): count for status, count in sorted(results.statuses.get(name, Counter[int]()).items())
        },
        "checks": {
            check: {"checked": max(tally.checked, tally.failed), "failed": tally.failed}
            for check, tally in sorted(tallies.items())
        },
    }


def _finding(seen: FindingEntry, secrets: list[str]) -> dict[str, Any]:
    finding = seen.finding
    return {
        "check": finding.check,
        "operation": finding.operation,
        "message": masked(finding.message, secrets),
        "path": masked(finding.path, secrets),
        "key": masked(finding.key, secrets),
        "times": seen.times,
        "exchanges": [_exchange(each, secrets) for each in finding.exchanges[-_MOST_REQUESTS:]],
    }


def _excused(seen: FindingEntry, secrets: list[str]) -> dict[str, Any]:
    return {
        "check": seen.finding.check,
        "operation": seen.finding.operation,
        "message": masked(seen.finding.message, secrets),
        "times": seen.times,
        "reason": seen.allowance.reason if seen.allowance else "",
        "evidence": seen.allowance.evidence if seen.allowance else "",
    }


def _exchange(exchange: Exchange, secrets: list[str]) -> dict[str, Any]:
    body = exchange.response.body.decode("utf-8", errors="replace") if exchange.response else ""
    return {
        "request": curl(exchange, secrets),
        "status": exchange.status,
        "answer": masked(body or exchange.failure, secrets)[:_EXCERPT],
    }


def _versions() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue
