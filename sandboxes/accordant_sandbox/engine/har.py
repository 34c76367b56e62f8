"""The journal as a recording, HAR 1.2, which many tools show. Secrets are masked, as they are in the journal."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from accordant_sandbox.engine.journal import Entry

__all__ = ["har"]

_EMPTY: Final = (204, 304)


def har(entries: Iterable[Entry], title: str) -> dict[str, Any]:
    """A recording of exchanges as plain JSON data.

    Bodies are what the journal knows of them, which is JSON; a body that is none is left out, with a comment.
    """
    found = [_entry(each) for each in entries]
    begun = found[0]["startedDateTime"] if found else "1970-01-01T00:00:00Z"
    page: dict[str, Any] = {"startedDateTime": begun, "id": "sandbox", "title": title, "pageTimings": {}}
    creator = {"name": "accordant sandbox", "version": _version()}
    return {"log": {"version": "1.2", "creator": creator, "pages": [page], "entries": found}}


def _entry(entry: Entry) -> dict[str, Any]:
    pairs, headers = entry.query, entry.headers
    query = [{"name": name, "value": value} for name, value in pairs]
    url = f"{entry.host}{entry.path}"
    request: dict[str, Any] = {
        "method": entry.method,
        "url": f"{url}?{urlencode(pairs)}" if query else url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "queryString": query,
        "headersSize": -1,
        "bodySize": -1,
    }
    kind = _header(headers, "content-type")
    body = entry.body
    if body is not None and "json" in kind:
        request["postData"] = {"mimeType": kind, "params": [], "text": orjson.dumps(body).decode()}
    elif body is not None:
        posted: dict[str, Any] = {"mimeType": kind, "params": [], "comment": "not JSON, so not in the journal"}
        request["postData"] = posted
    else:
        request["bodySize"] = 0
    return {
        "pageref": "sandbox",
        "startedDateTime": entry.at,
        "time": 0,
        "request": request,
        "response": _response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "comment": entry.operation or "no operation",
    }


def _response(entry: Entry) -> dict[str, Any]:
    headers = entry.answer_headers
    kind, length = _header(headers, "content-type"), _header(headers, "content-length")
    content: dict[str, Any] = {"size": int(length) if length.isdigit() else 0, "mimeType": kind}
    answer = entry.answer
    if entry.status in _EMPTY or content["size"] == 0:
        content["size"] = 0
    elif answer is not None or content["size"] == len(b"null"):
        content["text"] = orjson.dumps(answer).decode()
    else:
        content["comment"] = "not JSON, so not in the journal"
    return {
        "status": entry.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(headers),
        "content": content,
        "redirectURL": _header(headers, "location"),
        "headersSize": -1,
        "bodySize": content["size"],
    }


def _pairs(headers: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _header(headers: Iterable[tuple[str, str]], name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _version() -> str:
    try:
        return version("accordant")
    except PackageNotFoundError:
        return "0"
