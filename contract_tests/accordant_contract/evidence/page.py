"""One self-contained HTML page over the evidence: nothing is loaded from anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any, Final

from jinja2 import Environment, StrictUndefined, Template

from ..document.checks import CHECKS
from .record import no_result

_FEW: Final = 3
_OPEN: Final = 12
"""Findings that are shown at once; the grid below must not be pages away."""
_BADGES: Final = {"not_run": ("skip", "SKIPPED"), "not_finished": ("fail", "NO RESULT")}


def page(records: Sequence[dict[str, Any]]) -> str:
    """The page of several vendors' evidence."""
    columns = _columns([each for each in records if not no_result(each)])
    views = [_view(each) for each in records]
    css, script = _text("css"), _text("js")
    return _template().render(css=css, script=script, views=views, columns=columns, sentences=CHECKS, open=_OPEN)


@cache
def _template() -> Template:
    """The page's template. To compile it takes longer than to fill it, and a run fills it once for each vendor."""
    rooms = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return rooms.from_string(_text("html"))


@cache
def _text(kind: str) -> str:
    return files("accordant_contract.evidence").joinpath(f"page.{kind}").read_text(encoding="utf-8")


def _view(record: dict[str, Any]) -> dict[str, Any]:
    """What the page shows of one vendor."""
    live = bool(record.get("live"))
    vendor = str(record["vendor"])
    reason = no_result(record)
    passed = ("pass", "passed") if record.get("passed") else ("fail", "FAILED")
    view: dict[str, Any] = {
        "anchor": f"{vendor}-live" if live else vendor,
        "name": f"{vendor} (live)" if live else vendor,
        "title": f"{record.get('title', vendor)}{', live' if live else ''}",
        "badge": next((badge for name, badge in _BADGES.items() if name in record), passed),
        "reason": reason,
        "overview": _overview(record, reason),
    }
    if reason:
        return view
    anchors = {number: f"finding-{view['anchor']}-{number}" for number in range(1, len(record["findings"]) + 1)}
    history: Mapping[str, Any] = record.get("history", {})
    fresh = set(history.get("new", ()))
    return {
        **view,
        "facts": _facts(record),
        "versions": ", ".join(f"{name} {number}" for name, number in record["versions"].items()),
        "findings": [
            (each, anchors[number], each.get("key") in fresh) for number, each in enumerate(record["findings"], 1)
        ],
        "since": f"Of the run that started {_time(history.get('since', ''))}",
        "gone": [_line(each, each["message"], "gone") for each in history.get("gone", ())],
        "runs": [{**each, "started": _time(each["started"])} for each in reversed(history.get("runs", ()))],
        "columns": _columns([record]),
        "groups": _groups(record, anchors),
        "stateless": [
            _line({"operation": each["id"]}, f"{each['id']}: {each['stateless']}", "stateless")
            for each in record["operations"]
            if each.get("stateless")
        ],
        "known": [_known(each) for each in record.get("known", ())],
        "excused": _excused(record),
        "skipped": [_line({"operation": each.partition(":")[0]}, each, "skipped") for each in record["skipped"]],
    }


def _overview(record: dict[str, Any], reason: str) -> list[tuple[str, str, str]]:
    if reason:
        return [("Covered", "", "n"), ("Findings", "", "n"), ("Calls", "", "n"), ("Target", reason, "")]
    return [
        ("Covered", f"{len(record['covered'])} of {len(record['operations'])}", "n"),
        ("Findings", str(len(record["findings"])), "n"),
        ("Calls", f"{record['exchanges']:,}", "n"),
        ("Target", f"{record['target']}, {record['profile']}, seed {record['seed']}", ""),
    ]


def _facts(record: dict[str, Any]) -> list[tuple[str, str]]:
    document, reach = record["document"], record.get("reach", {})
    facts = [
        ("Covered", f"{len(record['covered'])} of {len(record['operations'])} operations"),
        ("Findings", str(len(record["findings"]))),
        ("Calls", f"{record['exchanges']:,} in {record['seconds']} s"),
        ("Target", record["target"]),
        ("Profile and seed", f"{record['profile']}, {record['seed']}"),
        ("Started", _time(record["started"])),
        ("Document", f"{document['version']}, sha256 {document['sha256'][:16]}"),
        ("Environment", f"Python {record['environment']['python']}, {record['environment']['system']}"),
    ]
    if reach:
        facts += [
            ("Fewest checks on an operation", str(reach["fewest_checks"])),
            ("Refused with 429", f"{reach['limited']:,} calls ({reach['limited_share']:.1%})"),
            ("Links followed", f"{reach['links']} of the fuzzer's, {reach['links_followed']:,} times"),
            ("Not checked", f"{len(record['skipped'])} things"),
        ]
    return facts


def _groups(record: dict[str, Any], anchors: Mapping[int, str]) -> list[tuple[str, list[dict[str, Any]]]]:
    """The rows of the grid by resource; a cell that found something leads to its first finding."""
    places: dict[tuple[str, str], str] = {}
    for number, finding in enumerate(record["findings"], 1):
        places.setdefault((finding["operation"], finding["check"]), anchors[number])
    columns = _columns([record])
    found = groupby(record["operations"], lambda each: str(each["resource"]))
    return [(resource, [_row(each, columns, places) for each in rows]) for resource, rows in found]


def _row(operation: dict[str, Any], columns: Sequence[str], places: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    checks: Mapping[str, Any] = operation["checks"]
    failed = any(each["failed"] for each in checks.values())
    status = ["failed" if failed else "passed"]
    status += [] if operation["covered"] else ["uncovered"]
    status += ["stateless"] if operation.get("stateless") else []
    return {
        "id": operation["id"],
        "place": f"{operation['method']} {operation['path']}",
        "covered": operation["covered"],
        "status": " ".join(status),
        "checks": " ".join(checks),
        "cells": [(name, checks.get(name), places.get((operation["id"], name), "")) for name in columns],
    }


def _line(about: Mapping[str, Any], text: str, status: str, small: str = "") -> dict[str, str]:
    check, operation = str(about.get("check", "")), str(about.get("operation", ""))
    return {"check": check, "operation": operation, "text": text, "status": status, "small": small}


def _known(each: dict[str, Any]) -> dict[str, str]:
    """A known deviation that was seen."""
    text = " ".join(part for part in (each["operation"], each["path"], each["message"]) if part)
    return _line(each, text, "known", f"until {each['expires']}: {each['reason']}")


def _excused(record: dict[str, Any]) -> list[dict[str, str]]:
    """Findings that the vendor's policy explains, one line for each reason."""
    reasons: dict[tuple[str, str, str], list[str]] = {}
    for each in record["excused"]:
        places = reasons.setdefault((each["check"], each["reason"], each["evidence"]), [])
        places += [each["operation"]] if each["operation"] not in places else []
    return [
        _line({"check": check, "operation": " ".join(places)}, f"{reason} [{evidence}]", "allowed", _several(places))
        for (check, reason, evidence), places in reasons.items()
    ]


def _columns(records: Sequence[dict[str, Any]]) -> list[str]:
    seen = {check for record in records for operation in record["operations"] for check in operation["checks"]}
    seen |= {str(finding["check"]) for record in records for finding in record["findings"]}
    return [check for check in CHECKS if check in seen]


def _several(places: Sequence[str]) -> str:
    if len(places) <= _FEW:
        return ", ".join(places)
    return f"{', '.join(places[:_FEW])} and {len(places) - _FEW} more"


def _time(text: object) -> str:
    return str(text).replace("T", " ")
