"""One self-contained HTML page over the evidence: nothing is loaded from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from typing import Any, Final

from ..document.checks import CHECKS
from .record import no_result

_FEW: Final = 3
_OPEN: Final = 12
"""Findings that are shown at once; the grid below must not be pages away."""


def page(records: Sequence[dict[str, Any]]) -> str:
    """The page of several vendors' evidence."""
    css = files("accordant_contract.evidence").joinpath("page.css").read_text(encoding="utf-8")
    body = "\n".join([_overview(records), *(_vendor(record) for record in records), _sentences(records)])
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Contract tests: evidence</title>
<link rel="icon" href="data:,">
<style>
{css}</style>
</head>
<body>
<main>
<header>
<h1>Contract tests</h1>
<p>What each vendor's document promises, held against what its API did. A green number says how often a check judged an
operation and found nothing wrong.</p>
</header>
{body}
</main>
</body>
</html>
"""


def _overview(records: Sequence[dict[str, Any]]) -> str:
    rows: list[str] = []
    for record in records:
        name = f'<a href="#{_text(record["vendor"])}">{_text(record["vendor"])}</a>'
        reason = no_result(record)
        if reason:
            cells = [("Covered", "", "n"), ("Findings", "", "n"), ("Calls", "", "n"), ("Target", reason, "")]
        else:
            covered = f"{len(record['covered'])} of {len(record['operations'])}"
            cells = [
                ("Covered", covered, "n"),
                ("Findings", str(len(record["findings"])), "n"),
                ("Calls", f"{record['exchanges']:,}", "n"),
                ("Target", f"{record['target']}, {record['profile']}, seed {record['seed']}", ""),
            ]
        row = "".join(f'<td class="{css}" data-label="{label}">{_text(value)}</td>' for label, value, css in cells)
        rows.append(f'<tr><td data-label="Vendor">{name}</td><td data-label="Result">{_badge(record)}</td>{row}</tr>')
    head = "<th>Vendor</th><th>Result</th><th class=n>Covered</th><th class=n>Findings</th><th class=n>Calls</th>"
    return (
        f'<table class="over"><thead><tr>{head}<th>Target</th></tr></thead><tbody>\n'
        + "\n".join(rows)
        + "\n</tbody></table>"
    )


def _vendor(record: dict[str, Any]) -> str:
    title = _text(record.get("title", record["vendor"]))
    head = f'<section class="vendor" id="{_text(record["vendor"])}"><h2>{title} {_badge(record)}</h2>'
    if no_result(record):
        return f"{head}<p>{_text(no_result(record))}</p></section>"
    parts = [head, _facts(record), _findings(record), "<h3>Operations and checks</h3>", _legend(), _grid(record)]
    parts += [_known(record), _excused(record), _skipped(record), "</section>"]
    return "\n".join(parts)


def _facts(record: dict[str, Any]) -> str:
    document = record["document"]
    versions = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
    facts = [
        ("Covered", f"{len(record['covered'])} of {len(record['operations'])} operations"),
        ("Findings", str(len(record["findings"]))),
        ("Calls", f"{record['exchanges']:,} in {record['seconds']} s"),
        ("Target", record["target"]),
        ("Profile and seed", f"{record['profile']}, {record['seed']}"),
        ("Started", str(record["started"]).replace("T", " ")),
        ("Document", f"{document['version']}, sha256 {document['sha256'][:16]}"),
        ("Environment", f"Python {record['environment']['python']}, {record['environment']['system']}"),
    ]
    cells = "".join(f"<div><dt>{_text(name)}</dt><dd>{_text(value)}</dd></div>" for name, value in facts)
    return f'<dl class="facts">{cells}<div class="wide"><dt>Versions</dt><dd>{_text(versions)}</dd></div></dl>'


def _findings(record: dict[str, Any]) -> str:
    if not record["findings"]:
        return ""
    lines = [_finding(each) for each in record["findings"]]
    rest = "\n".join(lines[_OPEN:])
    more = f"<details><summary>{len(lines) - _OPEN} more findings</summary>{rest}</details>" if rest else ""
    return "<h3>Findings</h3>" + "\n".join(lines[:_OPEN]) + more


def _finding(finding: dict[str, Any]) -> str:
    times = f", {finding['times']} times" if finding["times"] > 1 else ""
    where = " at ".join(part for part in (finding["operation"] or "the run as a whole", finding["path"]) if part)
    shown = "".join(
        f"<pre>{_text(each['request'])}</pre><pre>{each['status'] or 'no answer'} {_text(each['answer'])}</pre>"
        for each in finding["exchanges"]
    )
    told = "\n".join(f"{name}: {finding[name]}" for name in ("where", "expected", "seen", "replay") if name in finding)
    shown = f"<pre>{_text(told)}</pre><pre>{_text(finding.get('token', ''))}</pre>{shown}"
    count = len(finding["exchanges"])
    requests = "1 request" if count == 1 else f"{count} requests"
    more = f"<details><summary>{requests}</summary>{shown}</details>" if shown else ""
    return (
        f'<div class="finding"><b>{_text(finding["check"])}</b> <span class="where">{_text(where)}{times}</span>'
        f"<div>{_text(finding['message'])}</div>{more}</div>"
    )


def _legend() -> str:
    return (
        '<p class="legend"><span><i class="pass">12</i> judged, nothing wrong</span>'
        '<span><i class="fail">2/9</i> found something, of so many</span><span>· not judged here</span></p>'
    )


def _grid(record: dict[str, Any]) -> str:
    checks = _columns([record])
    head = "".join(f'<th scope="col"><span>{_text(check)}</span></th>' for check in checks)
    rows: list[str] = []
    resource = ""
    for operation in record["operations"]:
        if operation["resource"] != resource:
            resource = operation["resource"]
            rows.append(f'<tr class="group"><th colspan="{len(checks) + 1}">{_text(resource)}</th></tr>')
        cells = "".join(_cell(operation["checks"].get(check), check) for check in checks)
        css = "" if operation["covered"] else ' class="unreached"'
        place = f"{operation['method']} {operation['path']}"
        rows.append(f'<tr{css}><th scope="row">{_text(operation["id"])}<small>{_text(place)}</small></th>{cells}</tr>')
    return (
        f'<div class="scroll"><table class="grid"><thead><tr><th scope="col">Operation</th>{head}</tr></thead><tbody>\n'
        + "\n".join(rows)
        + "\n</tbody></table></div>"
    )


def _cell(tally: dict[str, int] | None, check: str) -> str:
    if tally is None:
        return '<td class="none">·</td>'
    name = _text(check)
    if tally["failed"]:
        return f'<td><span class="fail" data-check="{name}">{tally["failed"]}/{tally["checked"]}</span></td>'
    return f'<td><span class="pass" data-check="{name}">{tally["checked"]}</span></td>'


def _excused(record: dict[str, Any]) -> str:
    """Findings that the vendor's policy explains, one line for each reason."""
    if not record["excused"]:
        return ""
    reasons: dict[tuple[str, str, str], list[str]] = {}
    for each in record["excused"]:
        places = reasons.setdefault((each["check"], each["reason"], each["evidence"]), [])
        places += [each["operation"]] if each["operation"] not in places else []
    lines = [
        f"<li><b>{_text(check)}</b> {_text(reason)} [{_text(evidence)}] <small>{_text(_several(places))}</small></li>"
        for (check, reason, evidence), places in reasons.items()
    ]
    return f'<h3>Known and allowed</h3><ul class="list">{"".join(lines)}</ul>'


def _known(record: dict[str, Any]) -> str:
    """The known deviations that were seen."""
    lines = "".join(
        f"<li><b>{_text(each['check'])}</b> {_text(each['operation'])} {_text(each['path'])} {_text(each['message'])}"
        f" <small>until {_text(each['expires'])}: {_text(each['reason'])}</small></li>"
        for each in record.get("known", ())
    )
    return f'<h3>Known deviations</h3><ul class="list">{lines}</ul>' if lines else ""


def _skipped(record: dict[str, Any]) -> str:
    if not record["skipped"]:
        return ""
    lines = "".join(f"<li>{_text(each)}</li>" for each in record["skipped"])
    return f'<h3>Not checked</h3><ul class="list">{lines}</ul>'


def _sentences(records: Sequence[dict[str, Any]]) -> str:
    lines = "".join(
        f"<li><b>{_text(check)}</b> {_text(CHECKS.get(check, ''))}</li>"
        for check in _columns([record for record in records if not no_result(record)])
    )
    return f'<section class="vendor"><h2>What the checks say</h2><ul class="sentences">{lines}</ul></section>'


def _columns(records: Sequence[dict[str, Any]]) -> list[str]:
    seen = {check for record in records for operation in record["operations"] for check in operation["checks"]}
    return [check for check in CHECKS if check in seen]


def _badge(record: dict[str, Any]) -> str:
    if "not_run" in record:
        return '<span class="badge skip">SKIPPED</span>'
    if "not_finished" in record:
        return '<span class="badge fail">NO RESULT</span>'
    return '<span class="badge pass">passed</span>' if record["passed"] else '<span class="badge fail">FAILED</span>'


def _several(places: Sequence[str]) -> str:
    if len(places) <= _FEW:
        return ", ".join(places)
    return f"{', '.join(places[:_FEW])} and {len(places) - _FEW} more"


def _text(value: object) -> str:
    return escape(str(value))
