"""From a run to plain data."""

from __future__ import annotations

import json
import platform
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from accordant_runtime import is_array, is_object

from ..document.checks import CHECKS
from ..document.document import Document
from ..document.values import Exchange, Finding
from ..regression.steps import steps
from ..run.runner import Run
from ..target.commands import typed
from ..target.reproduction import SERVED, Reproduction, curl, masked, token_line
from .identity import tests_digest
from .results import FindingEntry, ResultCollector
from .stateless import stateless

FORMAT: Final = 3
HOLLOW: Final = "hollow_run"
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
        "live": run.target.sandbox is None,
        "writes": run.target.writes,
        "left_behind": [masked(str(each), secrets) for each in run.left_behind],
        "profile": settings.profile.name,
        **({"shard": str(settings.shard)} if settings.shard is not None else {}),
        "seed": settings.seed,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(run.seconds, 1),
        "exchanges": results.exchanges,
        "passed": not results.findings,
        "covered": sorted(name for name in results.proven & set(document.operations) if _in_shard(run, name)),
        "reach": reach(results, [name for name in document.operations if _in_shard(run, name)]),
        "operations": [
            {**tallied(document, results, name), "stateless": _stateless(run, name)}
            for name in document.operations
            if _in_shard(run, name)
        ],
        "findings": [shown_finding(seen, run, secrets) for seen in results.findings.values()],
        "excused": [_excused(seen, secrets) for seen in results.excused.values()],
        "stale": list(run.vendor.stale),
        "known": known(results, secrets),
        "undocumented": [
            {"operation": operation, "path": masked(path, secrets), "type": kind}
            for (operation, path), kind in sorted(results.undocumented.items())
        ],
        "skipped": [masked(each, secrets) for each in results.skipped],
        "environment": {"python": platform.python_version(), "system": f"{platform.system()} {platform.machine()}"},
        "versions": packages(),
    }


def known(results: ResultCollector, secrets: list[str]) -> list[dict[str, Any]]:
    """The known deviations that a run saw, each with the reason and the day until which it counts."""
    return [
        {
            "check": seen.finding.check,
            "operation": seen.finding.operation,
            "path": masked(seen.finding.path, secrets),
            "message": masked(seen.finding.message, secrets),
            "times": seen.times,
            "reason": entry.reason,
            "expires": entry.expires.isoformat(),
        }
        for seen, entry in results.known.values()
    ]


def skipped(vendor: str, reason: str, started: datetime, *, live: bool = False) -> dict[str, Any]:
    """A vendor that was not tested, and why: neither passed nor failed."""
    return {
        "format": FORMAT,
        "vendor": vendor,
        "live": live,
        "started": started.isoformat(timespec="seconds"),
        "not_run": reason,
    }


def unfinished(
    vendor: str, started: datetime, reason: str = "the run did not finish", *, live: bool = False
) -> dict[str, Any]:
    """A vendor whose run has begun and has no result, and why: what replaces older evidence."""
    return {
        "format": FORMAT,
        "vendor": vendor,
        "live": live,
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


def _stateless(run: Run, name: str) -> str:
    """Why no check of state judged an operation; ``""`` where one did."""
    judged = [check for (operation, check), tally in run.results.tallies.items() if operation == name and tally.checked]
    operation, logins = run.document.operations[name], run.vendor.logins
    return masked(stateless(run.document, operation, judged, logins, run.results.skipped), run.session.secrets())


def reach(results: ResultCollector, operations: Sequence[str]) -> dict[str, Any]:
    """How much a run proves: the fewest checks of an operation, what was refused for now, the links that were used."""
    checks = Counter(name for (name, check), tally in results.tallies.items() if check != HOLLOW and tally.checked)
    limited = sum(statuses[429] for statuses in results.statuses.values())
    return {
        "fewest_checks": min((checks[name] for name in operations), default=0),
        "limited": limited,
        "limited_share": round(limited / results.exchanges, 4) if results.exchanges else 0.0,
        "not_checked": len(results.skipped),
        "links": len(results.links),
        "links_followed": sum(results.links.values()),
    }


def _in_shard(run: Run, name: str) -> bool:
    """Whether an operation is one of those that a part of a run is about; a run without parts is about all."""
    return run.settings.shard is None or name in (run.settings.about or ())


def tallied(document: Document, results: ResultCollector, name: str) -> dict[str, Any]:
    """What was judged of one operation, and how often."""
    operation = document.operations[name]
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


def shown_finding(seen: FindingEntry, run: Run, secrets: list[str]) -> dict[str, Any]:
    """A finding as plain data."""
    finding, how = seen.finding, run.session.reproduction
    operation = run.document.operations.get(finding.operation)
    called = f"{operation.method} {operation.path}" if operation else "the run as a whole"
    logins = run.vendor.logins
    login = next((each for each in run.session.history if each.operation in logins and each.success), None)
    return {
        "check": finding.check,
        "operation": finding.operation,
        "message": masked(finding.message, secrets),
        "path": masked(finding.path, secrets),
        "key": masked(finding.key, secrets),
        "times": seen.times,
        "expected": masked(finding.expected or CHECKS.get(finding.check, ""), secrets),
        "seen": masked(finding.seen or finding.message, secrets),
        "where": masked(f"{called} {finding.path}".strip(), secrets),
        "replay": _replay(run, finding),
        "token": _before(run, login, secrets, how),
        "exchanges": [_exchange(each, secrets, how, finding.path) for each in finding.exchanges[-_MOST_REQUESTS:]],
        "steps": steps(
            finding, run.session.history, run.document, variables(run, how), lambda text: masked(text, secrets)
        ),
    }


def variables(run: Run, how: Reproduction) -> dict[str, str]:
    """The environment variables by the secret that each holds; a token has none, as the client gets its own."""
    return {
        secret: name for secret, name in how.names.items() if name != "TOKEN" and secret not in run.session.own_tokens
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


def _before(run: Run, login: Exchange | None, secrets: list[str], how: Reproduction) -> str:
    """What to do before the requests can be sent again: serve a sandbox where the run had its own, get a token."""
    lines = [token_line(login, secrets, how)] if login is not None else []
    if run.target.sandbox is not None:
        where = typed("sandbox", run.document.name, port=SERVED)
        lines.insert(0, f"# in another terminal: {where}; paste the exports that it prints")
    return "\n".join(each for each in lines if each)


def _replay(run: Run, finding: Finding) -> str:
    """The command that judges just this again."""
    settings = run.settings
    return typed(
        "contract",
        run.document.name,
        seed=settings.seed,
        profile=settings.profile.name if settings.profile.name != "quick" else "",
        target=run.target.label if run.target.sandbox is None else "",
        operation=finding.operation,
        check=finding.check,
    )


def _exchange(exchange: Exchange, secrets: list[str], how: Reproduction, path: str) -> dict[str, Any]:
    body = exchange.response.body.decode("utf-8", errors="replace") if exchange.response else ""
    return {
        "request": curl(exchange, secrets, how),
        "status": exchange.status,
        "answer": excerpt(masked(body or exchange.failure, secrets), path),
    }


def excerpt(text: str, path: str) -> str:
    """The part of a response that shows the field at a JSON path; its beginning where it is not there."""
    if len(text) <= _EXCERPT or not path:
        return text[:_EXCERPT]
    try:
        node: Any = json.loads(text)
    except ValueError:
        return text[:_EXCERPT]
    around, steps = node, re.findall(r"\[(\d+)\]|\.([^.\[]+)", path)
    for index, name in steps:
        around = node
        if index and is_array(node) and int(index) < len(node):
            node = node[int(index)]
        elif name and is_object(node) and name in node:
            node = node[name]
        else:
            break
    shown = json.dumps(around, ensure_ascii=False)
    at = max(0, shown.find(json.dumps(steps[-1][1], ensure_ascii=False)) - _EXCERPT // 3) if steps else 0
    return f"{'...' if at else ''}{shown[at : at + _EXCERPT]}"


def packages() -> dict[str, str]:
    """The packages that decide what a run finds, with their versions."""
    return dict(_versions())


def _versions() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue
