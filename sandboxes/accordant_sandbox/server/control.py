"""The control plane: what a test may do to a sandbox, over HTTP under `/_sandbox/`; the same things as the methods."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping
from functools import partial
from inspect import signature
from typing import Any, Final, TypeAlias
from urllib.parse import unquote

import orjson

from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.http.exchange import Reply, Request, Steps
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.model.events import Delivery
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.server.access import control_refusal
from accordant_sandbox.server.double import Double
from accordant_sandbox.server.pages import PAGES, credentials, document, page

__all__ = ["answer_control"]

AT_ONCE: Final = 50
"""Rows made, or timers run, in one step."""
MOST_GIVEN: Final = 100_000
"""Rows that one request may ask for."""
MOST_SHOWN: Final = 1_000
"""Rows and exchanges that one answer shows."""
Long: TypeAlias = Generator[Callable[[], object] | None, None, Any]


def answer_control(sandbox: Double, request: Request) -> Steps:
    """Respond to a request under `/_sandbox/`, in steps between which the sandbox serves other calls.

    GET: `` (the console page), `docs` (the page of all operations), `overview`, `operations`, `document`,
    `credentials`, `state`, `state/<collection>`, `clock`, `faults`, `journal`, `har`,
    `defects`, `rules`, `outbox`. POST with a JSON object: `reset`, `snapshot`, `restore` {name}, `clock`
    {seconds, minutes, hours, days}, `faults` {name, on, times, after, every}, `faults/clear` {name}, `stub` {operation,
    status, body, headers, ...}, `given` {collection, count, values}, `actions/<action>` {arguments}, `outbox/deliver`.
    """
    refusal = control_refusal(request, sandbox.control_token)
    if refusal:
        return _json({"error": refusal[1]}, refusal[0])
    parts = [unquote(part) for part in request.path.split("/")[2:] if part]
    if request.method == "GET" and "/".join(parts) in PAGES:
        return page("/".join(parts))
    name, arguments = (parts[0], parts[1:]) if parts else ("", [])
    try:
        if request.method == "GET" and name in _GET:
            with sandbox.engine.lock:
                return _json(_GET[name](sandbox, arguments, dict(request.query)))
        if request.method == "POST" and name in _LONG:
            return _json((yield from _LONG[name](sandbox, arguments, _object(request))))
        if request.method == "POST" and name in _POST:
            with sandbox.engine.lock:
                return _json(_POST[name](sandbox, arguments, _object(request)))
    except (TypeError, ValueError) as problem:
        return _json({"error": str(problem)}, 400)
    except Problem as problem:
        return _json({"error": problem.message}, 422)
    except Exception as problem:
        # What a vendor's own functions make of impossible values; nothing of it was stored.
        return _json({"error": f"the sandbox cannot do that: {type(problem).__name__}: {problem}"}, 422)
    wrong = unknown("control", f"{request.method} /_sandbox/{'/'.join(parts)}", _KNOWN)
    return _json({"error": str(wrong)}, 404)


def _object(request: Request) -> Mapping[str, Any]:
    try:
        body: Any = orjson.loads(request.body or b"{}")
    except orjson.JSONDecodeError as problem:
        raise SandboxError(f"the body is not JSON: {problem}") from None
    if not is_object(body):
        raise SandboxError("the body must be a JSON object")
    return body


def _only(body: Mapping[str, Any], *known: str) -> None:
    for name in body:
        if name not in known:
            raise unknown("member of the body", name, known)


def _whole(value: Any, name: str, most: int) -> int:
    """A count out of a query or a body."""
    number = int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,9}", value) else value
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= most:
        raise SandboxError(f"{name} must be a whole number from 0 to {most}, not {value!r}")
    return number


def _collection(sandbox: Double, name: Any) -> str:
    names = sandbox.state.names()
    if not isinstance(name, str) or name not in names:
        raise unknown("collection", str(name), names)
    return name


def _overview(sandbox: Double, _: list[str], __: Mapping[str, str]) -> Any:
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
        "derived": len(sandbox.derived),
        "stale": list(sandbox.stale),
        "settings": sandbox.engine.settings,
        "snapshots": list(sandbox.snapshots),
        "base_path": sandbox.vendor.document.base_path,
        "actions": sorted(sandbox.vendor.actions),
    }


def _operations(sandbox: Double, _: list[str], __: Mapping[str, str]) -> Any:
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
            "derived": sandbox.vendor.operations.served[operation.id].derived,
        }
        for operation in sandbox.vendor.document.operations.values()
        if operation.id in sandbox.operations
    ]


def _state(sandbox: Double, arguments: list[str], query: Mapping[str, str]) -> Any:
    if not arguments:
        return sandbox.state.counts()
    view = sandbox.state.of(_collection(sandbox, arguments[0]))
    start, size = (
        _whole(query.get("offset", "0"), "offset", 10**9),
        _whole(query.get("limit", "100"), "limit", MOST_SHOWN),
    )
    return {"total": len(view), "rows": [_plain(row) for row in view.part(start, start + size)]}


def _now(sandbox: Double, _: list[str], __: Mapping[str, str]) -> Any:
    return {"now": sandbox.clock.text()}


def _clock(sandbox: Double, _: list[str], body: Mapping[str, Any]) -> Long:
    if body:
        _only(body, "seconds", "minutes", "hours", "days")
        target = sandbox.clock.after(**body)
        while sandbox.engine.run_timers(target, most=AT_ONCE):
            yield None
        with sandbox.engine.lock:
            if target > sandbox.clock.now():
                sandbox.clock.set(target)
    return {"now": sandbox.clock.text()}


def _faults(sandbox: Double, _: list[str], __: Mapping[str, str]) -> Any:
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


def _arm(sandbox: Double, arguments: list[str], body: Mapping[str, Any]) -> Any:
    if arguments == ["clear"]:
        _only(body, "name")
        for armed in list(sandbox.engine.faults.armed):
            if body.get("name") in (None, armed.fault.name):
                sandbox.engine.faults.disarm(armed)
    else:
        if "name" not in body:
            raise SandboxError('say which fault: {"name": ...}')
        sandbox.arm(**body)
    return {"armed": [armed.describe() for armed in sandbox.engine.faults.armed]}


def _journal(sandbox: Double, _: list[str], query: Mapping[str, str]) -> Any:
    limit = _whole(query.get("limit", "100"), "limit", MOST_SHOWN)
    entries = list(sandbox.journal)[-limit:] if limit else []
    return {"count": sandbox.journal.count, "entries": [entry.view() for entry in entries]}


def _har(sandbox: Double, _: list[str], __: Mapping[str, str]) -> Any:
    return sandbox.har()


def _defects(sandbox: Double, _: list[str], __: Mapping[str, str]) -> Any:
    return [str(defect) for defect in sandbox.defects]


def _rules(sandbox: Double, _: list[str], __: Mapping[str, str]) -> Any:
    used = sandbox.engine.used_rules
    return [
        {"name": rule.name, "evidence": rule.evidence, "sentence": rule.sentence, "used": rule.name in used}
        for rule in (*sandbox.vendor.rules, *sandbox.derived)
    ]


def _stub(sandbox: Double, _: list[str], body: Mapping[str, Any]) -> Any:
    _only(body, *(name for name in signature(sandbox.stub).parameters if name != "content"))
    headers = body.get("headers", {})
    if not is_object(headers):
        raise SandboxError("headers must be a JSON object: a header's name and its text")
    given: dict[str, Any] = {"operation": "", **body}
    sandbox.stub(**given)
    return _faults(sandbox, [], {})


def _deliver(sandbox: Double, arguments: list[str], body: Mapping[str, Any]) -> Long:
    del body
    if arguments == ["deliver"]:
        failed: list[SandboxError] = []
        for delivery in sandbox.outbox.due:
            # A receiver takes its time, and may call the sandbox meanwhile.
            yield partial(_post, sandbox, delivery, failed)
            if failed:
                raise failed[0]
    return _outbox(sandbox, [], {})


def _post(sandbox: Double, delivery: Delivery, failed: list[SandboxError]) -> None:
    try:
        sandbox.outbox.deliver_one(delivery)
    except SandboxError as problem:
        failed.append(problem)


def _outbox(sandbox: Double, _: list[str], __: Mapping[str, str]) -> Any:
    return {
        "events": [{"topic": event.topic, "at": event.at, "payload": event.payload} for event in sandbox.outbox.events],
        "deliveries": [
            {"topic": each.topic, "url": each.url, "attempts": each.attempts, "status": each.status}
            for each in sandbox.outbox.deliveries
        ],
        "notices": [
            {"topic": each.topic, "channel": each.channel, "to": each.to, "at": each.at, "payload": each.payload}
            for each in sandbox.outbox.notices
        ],
    }


def _reset(sandbox: Double, _: list[str], __: Mapping[str, Any]) -> Any:
    sandbox.reset()
    return {"rows": sandbox.state.counts()}


def _snapshot(sandbox: Double, _: list[str], body: Mapping[str, Any]) -> Any:
    _only(body, "name")
    name = str(body.get("name", f"snapshot-{len(sandbox.snapshots) + 1}"))
    sandbox.snapshots[name] = sandbox.snapshot()
    return {"name": name}


def _restore(sandbox: Double, _: list[str], body: Mapping[str, Any]) -> Any:
    _only(body, "name")
    name = str(body.get("name", ""))
    if name not in sandbox.snapshots:
        raise unknown("snapshot", name, sandbox.snapshots)
    sandbox.restore(sandbox.snapshots[name])
    return {"rows": sandbox.state.counts()}


def _given(sandbox: Double, _: list[str], body: Mapping[str, Any]) -> Long:
    _only(body, "collection", "count", "values")
    name, values = _collection(sandbox, body.get("collection", "")), body.get("values", {})
    count = _whole(body.get("count", 1), "count", MOST_GIVEN)
    if not is_object(values):
        raise SandboxError("values must be a JSON object: a field's name and its value")
    rows: list[dict[str, Any]] = []
    for made in range(0, count, AT_ONCE):
        if made:
            yield None
        rows += sandbox.make(name, min(AT_ONCE, count - made), values)[: MOST_SHOWN - len(rows)]
    return {"count": count, "rows": [_plain(row) for row in rows]}


def _act(sandbox: Double, arguments: list[str], body: Mapping[str, Any]) -> Any:
    name = arguments[0] if arguments else ""
    if name not in sandbox.vendor.actions:
        raise unknown("action", name, sandbox.vendor.actions)
    known = list(signature(sandbox.vendor.actions[name]).parameters)[1:]
    for each in body:
        if each not in known:
            raise unknown(f"argument of the action {name!r}", each, known)
    return {"result": getattr(sandbox.act, name)(**body)}


_GET: Mapping[str, Callable[[Double, list[str], Mapping[str, str]], Any]] = {
    "overview": _overview,
    "operations": _operations,
    "document": document,
    "credentials": credentials,
    "state": _state,
    "clock": _now,
    "faults": _faults,
    "journal": _journal,
    "har": _har,
    "defects": _defects,
    "rules": _rules,
    "outbox": _outbox,
}
_POST: Mapping[str, Callable[[Double, list[str], Mapping[str, Any]], Any]] = {
    "reset": _reset,
    "snapshot": _snapshot,
    "restore": _restore,
    "faults": _arm,
    "stub": _stub,
    "actions": _act,
}
_LONG: Mapping[str, Callable[[Double, list[str], Mapping[str, Any]], Long]] = {
    "clock": _clock,
    "given": _given,
    "outbox": _deliver,
}
"""Those that may take long: between their steps they hold no lock."""
_KNOWN = sorted([*(f"GET /_sandbox/{name}" for name in _GET), *(f"POST /_sandbox/{name}" for name in {*_POST, *_LONG})])


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    hidden = ("password", "secret", "client_secret", "token")
    return {name: value for name, value in row.items() if not isinstance(value, bytes) and name not in hidden}


def _json(value: Any, status: int = 200) -> Reply:
    return Reply.plain(status, orjson.dumps(value), "application/json")
