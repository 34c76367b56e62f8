"""The control plane: what a test may do to a sandbox, over HTTP under `/_sandbox/`; the same things as the methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import orjson

from treaty_sandbox.errors import SandboxError
from treaty_sandbox.exchange import Reply, Request
from treaty_sandbox.jsons import is_object
from treaty_sandbox.problems import Problem

if TYPE_CHECKING:
    from treaty_sandbox.sandbox import Sandbox

__all__ = ["PAGE", "answer_control"]

PAGE = "console.html"
"""The console page, a file of this package."""


def answer_control(sandbox: Sandbox, request: Request) -> Reply:
    """Answer a request under `/_sandbox/`.

    GET: `` (the console page), `overview`, `operations`, `state`, `state/<collection>`, `clock`, `faults`, `journal`,
    `defects`, `rules`, `outbox`. POST with a JSON object: `reset`, `snapshot`, `restore` {name}, `clock`
    {seconds, minutes, hours, days}, `faults` {name, on, times, after, every}, `faults/clear` {name}, `given`
    {collection, count, values}, `actions/<action>` {arguments}, `outbox/deliver`.
    """
    parts = [unquote(part) for part in request.path.split("/")[2:] if part]
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != (request.headers.get("host") or urlsplit(request.root).netloc):
        return _json({"error": "the control plane answers pages of its own origin only"}, 403)
    if request.method == "GET" and not parts:
        return _page()
    name, arguments = (parts[0], parts[1:]) if parts else ("", [])
    try:
        with sandbox.engine.lock:
            if request.method == "GET" and name in _GET:
                return _json(_GET[name](sandbox, arguments, dict(request.query)))
            if request.method == "POST" and name in _POST:
                body: Any = orjson.loads(request.body or b"{}")
                if not is_object(body):
                    raise SandboxError("the body must be a JSON object")
                return _json(_POST[name](sandbox, arguments, body))
    except (TypeError, ValueError) as problem:
        return _json({"error": str(problem)}, 400)
    except Problem as problem:
        return _json({"error": problem.message}, 422)
    known = ", ".join(sorted({*_GET, *_POST}))
    return _json({"error": f"no such control: {request.method} {request.path} (known: {known})"}, 404)


def _overview(sandbox: Sandbox, _: list[str], __: Mapping[str, str]) -> Any:
    return {
        "vendor": sandbox.name,
        "title": sandbox.vendor.document.data.get("info", {}).get("title", sandbox.name),
        "operations": len(sandbox.operations),
        "now": sandbox.clock.text(),
        "exchanges": sandbox.journal.count,
        "rows": sandbox.state.counts(),
        "faults": [armed.describe() for armed in sandbox.engine.faults.armed],
        "defects": len(sandbox.defects),
        "assumptions": len(sandbox.assumptions),
        "settings": sandbox.engine.settings,
        "actions": sorted(sandbox.vendor.actions),
    }


def _operations(sandbox: Sandbox, _: list[str], __: Mapping[str, str]) -> Any:
    calls: dict[str, dict[str, int]] = {}
    for entry in sandbox.journal:
        if entry.operation:
            statuses = calls.setdefault(entry.operation, {})
            statuses[str(entry.status)] = statuses.get(str(entry.status), 0) + 1
    return [
        {
            "id": operation.id,
            "method": operation.method,
            "path": operation.path,
            "summary": operation.data.get("summary", ""),
            "tags": operation.data.get("tags", []),
            "calls": calls.get(operation.id, {}),
        }
        for operation in sandbox.vendor.document.operations.values()
        if operation.id in sandbox.operations
    ]


def _state(sandbox: Sandbox, arguments: list[str], query: Mapping[str, str]) -> Any:
    if not arguments:
        return sandbox.state.counts()
    rows = getattr(sandbox.state, arguments[0]).all()
    start, size = int(query.get("offset", "0")), int(query.get("limit", "100"))
    return {"total": len(rows), "rows": [_plain(row) for row in rows[start : start + size]]}


def _clock(sandbox: Sandbox, _: list[str], body: Mapping[str, Any]) -> Any:
    if body:
        sandbox.clock.advance(**body)
    return {"now": sandbox.clock.text()}


def _faults(sandbox: Sandbox, _: list[str], __: Mapping[str, str]) -> Any:
    return {
        "armed": [armed.describe() for armed in sandbox.engine.faults.armed],
        "catalogue": [
            {
                "name": fault.name,
                "class": fault.cls,
                "sentence": fault.sentence,
                "violates": fault.violates,
                "oracle": fault.oracle,
                "every": fault.every,
                "options": dict(fault.options),
                "operations": list(fault.operations),
            }
            for fault in sandbox.engine.faults.catalogue.values()
        ],
    }


def _arm(sandbox: Sandbox, arguments: list[str], body: Mapping[str, Any]) -> Any:
    if arguments == ["clear"]:
        for armed in list(sandbox.engine.faults.armed):
            if body.get("name") in (None, armed.fault.name):
                sandbox.engine.faults.disarm(armed)
    else:
        if "name" not in body:
            raise SandboxError('say which fault: {"name": ...}')
        sandbox.arm(**body)
    return {"armed": [armed.describe() for armed in sandbox.engine.faults.armed]}


def _journal(sandbox: Sandbox, _: list[str], query: Mapping[str, str]) -> Any:
    limit = int(query.get("limit", "100"))
    entries = list(sandbox.journal)[-limit:]
    return {"count": sandbox.journal.count, "entries": [entry.view() for entry in entries]}


def _defects(sandbox: Sandbox, _: list[str], __: Mapping[str, str]) -> Any:
    return [str(defect) for defect in sandbox.defects]


def _rules(sandbox: Sandbox, _: list[str], __: Mapping[str, str]) -> Any:
    used = sandbox.engine.used_rules
    return [
        {"name": rule.name, "evidence": rule.evidence, "sentence": rule.sentence, "used": rule.name in used}
        for rule in sandbox.vendor.rules
    ]


def _outbox(sandbox: Sandbox, arguments: list[str], body: Mapping[str, Any]) -> Any:
    del body
    if arguments == ["deliver"]:
        sandbox.outbox.deliver()
    return {
        "events": [{"topic": event.topic, "at": event.at, "payload": event.payload} for event in sandbox.outbox.events],
        "deliveries": [
            {"topic": each.topic, "url": each.url, "attempts": each.attempts, "status": each.status}
            for each in sandbox.outbox.deliveries
        ],
    }


def _reset(sandbox: Sandbox, _: list[str], __: Mapping[str, Any]) -> Any:
    sandbox.reset()
    return {"rows": sandbox.state.counts()}


def _snapshot(sandbox: Sandbox, _: list[str], body: Mapping[str, Any]) -> Any:
    name = str(body.get("name", f"snapshot-{len(sandbox.snapshots) + 1}"))
    sandbox.snapshots[name] = sandbox.snapshot()
    return {"name": name}


def _restore(sandbox: Sandbox, _: list[str], body: Mapping[str, Any]) -> Any:
    name = str(body.get("name", ""))
    if name not in sandbox.snapshots:
        raise SandboxError(f"no snapshot is named {name!r} (known: {', '.join(sandbox.snapshots) or 'none'})")
    sandbox.restore(sandbox.snapshots[name])
    return {"rows": sandbox.state.counts()}


def _given(sandbox: Sandbox, _: list[str], body: Mapping[str, Any]) -> Any:
    values: Mapping[str, Any] = body.get("values", {})
    rows = sandbox.given(str(body.get("collection", "")), int(body.get("count", 1)), **values)
    return {"rows": [_plain(row) for row in rows]}


def _act(sandbox: Sandbox, arguments: list[str], body: Mapping[str, Any]) -> Any:
    return {"result": getattr(sandbox.act, arguments[0] if arguments else "")(**body)}


_GET: Mapping[str, Callable[[Sandbox, list[str], Mapping[str, str]], Any]] = {
    "overview": _overview,
    "operations": _operations,
    "state": _state,
    "clock": lambda sandbox, arguments, _: _clock(sandbox, arguments, {}),
    "faults": _faults,
    "journal": _journal,
    "defects": _defects,
    "rules": _rules,
    "outbox": _outbox,
}
_POST: Mapping[str, Callable[[Sandbox, list[str], Mapping[str, Any]], Any]] = {
    "reset": _reset,
    "snapshot": _snapshot,
    "restore": _restore,
    "clock": _clock,
    "faults": _arm,
    "given": _given,
    "actions": _act,
    "outbox": _outbox,
}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    hidden = ("password", "secret")
    return {name: value for name, value in row.items() if not isinstance(value, bytes) and name not in hidden}


def _json(value: Any, status: int = 200) -> Reply:
    return Reply.plain(status, orjson.dumps(value), "application/json")


def _page() -> Reply:
    page = files("treaty_sandbox").joinpath(PAGE)
    if not page.is_file():
        return _json({"error": "this installation has no console page; see /_sandbox/overview"}, 404)
    return Reply.plain(200, page.read_bytes(), "text/html; charset=utf-8")
