"""Exchanges as a recording, HAR 1.2: each secret gives way to a placeholder, the same one wherever it occurred."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from attrs import define, field

from accordant._http.spellings import Spellings

from ..document.values import Exchange, Pairs
from ..evidence import store
from ..target.reproduction import CREDENTIAL
from .recording import MARKS

_SHORTEST: Final = 6
_NO_SECRETS: Final = ("www-authenticate", "proxy-authenticate")
"""Header fields that say which credential is wanted."""


@define(eq=False)
class Mask:
    """Puts ``***secret-1***`` and so on in the place of secrets: which two were the same can still be told."""

    _known: dict[str, str] = field(factory=dict[str, str], init=False, repr=False)

    def learn(self, secrets: Iterable[str]) -> None:
        """Texts that must not be shown."""
        for secret in secrets:
            if len(secret) >= _SHORTEST and secret not in self._known:
                self._known[secret] = f"***secret-{len(self._known) + 1}***"

    def text(self, text: str) -> str:
        """The text without secrets, however they are spelt there."""
        for secret in sorted(self._known, key=len, reverse=True):
            if len(text) >= len(secret):
                text = _spellings(secret).masked(text, self._known[secret])
        return text.encode("utf-8", "replace").decode()

    def header(self, name: str, value: str) -> str:
        """The value of a header field; one that is called like a credential is masked, whatever it holds."""
        shown = self.text(value)
        if shown != value or not CREDENTIAL.search(name) or not value or name.lower() in _NO_SECRETS:
            return shown
        scheme, space, rest = value.partition(" ")
        secret = rest if space and scheme.isalpha() else value
        self.learn([secret])
        known = self._known.get(secret, "***")
        return f"{scheme} {known}" if secret is rest else known

    def data(self, content: bytes) -> bytes:
        """Bytes that are no text, without secrets."""
        for secret, shown in self._known.items():
            content = content.replace(secret.encode("utf-8", "surrogatepass"), shown.encode())
        return content


def write(file: Path, exchanges: Iterable[tuple[str, Exchange]], secrets: Iterable[str], title: str) -> Path:
    """Write a recording of exchanges, each with the phase of the run that sent it; returns the file."""
    store.write(file, json.dumps(har(exchanges, secrets, title), ensure_ascii=False, indent=1) + "\n")
    return file


def har(exchanges: Iterable[tuple[str, Exchange]], secrets: Iterable[str], title: str) -> dict[str, Any]:
    """The recording as plain data."""
    mask = Mask()
    mask.learn(secrets)
    entries = [_entry(phase, exchange, mask) for phase, exchange in exchanges]
    begun = entries[0]["startedDateTime"] if entries else "1970-01-01T00:00:00+00:00"
    page: dict[str, Any] = {"startedDateTime": begun, "id": "run", "title": title, "pageTimings": {}}
    creator = {"name": "accordant", "version": _version()}
    return {"log": {"version": "1.2", "creator": creator, "pages": [page], "entries": entries}}


def _entry(phase: str, exchange: Exchange, mask: Mask) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    url = mask.text(request.url)
    sent: dict[str, Any] = {
        "method": request.method,
        "url": url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(request.headers, mask),
        "queryString": [
            {"name": name, "value": value} for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        sent["postData"] = _posted(request.body, request.header("content-type") or "", mask)
    headers = response.headers if response is not None else ()
    got: dict[str, Any] = {
        "status": exchange.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(headers, mask),
        "content": _content(response.body if response else b"", _header(headers, "content-type"), mask),
        "redirectURL": mask.text(_header(headers, "location")),
        "headersSize": -1,
        "bodySize": len(response.body) if response else -1,
    }
    marks: Mapping[str, Any] = {
        "operation": exchange.operation,
        "intent": exchange.intent,
        "phase": phase,
        "bytes": True,
        **({"failure": mask.text(exchange.failure)} if exchange.failure else {}),
    }
    return {
        "pageref": "run",
        "startedDateTime": exchange.at.isoformat(),
        "time": 0,
        "request": sent,
        "response": got,
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        MARKS: marks,
    }


def _posted(body: bytes, kind: str, mask: Mask) -> dict[str, Any]:
    text = _text(body)
    if text is None:
        shown = base64.b64encode(mask.data(body)).decode()
        return {"mimeType": kind, "params": [], "text": shown, "encoding": "base64"}
    return {"mimeType": kind, "params": [], "text": mask.text(text)}


def _content(body: bytes, kind: str, mask: Mask) -> dict[str, Any]:
    text = _text(body)
    if text is None:
        shown = base64.b64encode(mask.data(body)).decode()
        return {"size": len(body), "mimeType": kind, "text": shown, "encoding": "base64"}
    return {"size": len(body), "mimeType": kind, "text": mask.text(text)}


def _headers(pairs: Pairs, mask: Mask) -> list[dict[str, str]]:
    return list(_shown(pairs, mask))


def _shown(pairs: Pairs, mask: Mask) -> Iterator[dict[str, str]]:
    for name, value in pairs:
        yield {"name": name, "value": mask.header(name, value)}


def _header(pairs: Pairs, name: str) -> str:
    return next((value for key, value in pairs if key.lower() == name), "")


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _version() -> str:
    try:
        return version("accordant")
    except PackageNotFoundError:
        return "0"


@lru_cache(maxsize=4096)
def _spellings(secret: str) -> Spellings:
    return Spellings(secret)
