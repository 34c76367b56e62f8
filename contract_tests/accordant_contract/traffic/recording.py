"""A recording, HAR 1.2, read with care: what tools leave out or write in their own way is said, and never guessed."""

from __future__ import annotations

import base64
import binascii
import datetime
import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from attrs import field, frozen

from accordant_runtime import is_array, is_object

from ..document.values import EPOCH, Pairs
from ..errors import ContractError

MARKS: Final = "_accordant"
"""The member of an entry in which a run of ours notes what a recording cannot show: what a request was meant to be."""
_LARGEST: Final = 1 << 30
_GZIP, _ZLIB = b"\x1f\x8b", (b"\x78\x01", b"\x78\x9c", b"\x78\xda")
_LENGTHS: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Header fields that speak of the bytes on the wire, where a recording holds the text that was read from them."""


@frozen
class RecordedEntry:
    """One request with its response; ``number`` counts from 1.

    A body is ``None`` where the recording does not hold it. ``status`` is 0 where no response came. ``notes`` say what
    cannot be judged, and why.
    """

    number: int
    at: datetime.datetime
    method: str
    url: str = field(repr=False)
    headers: Pairs = field(repr=False)
    body: bytes | None = field(repr=False)
    status: int
    response_headers: Pairs = field(default=(), repr=False)
    content: bytes | None = field(default=b"", repr=False)
    failure: str = ""
    notes: tuple[str, ...] = ()
    marks: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)


def read(file: Path) -> list[RecordedEntry]:
    """The entries of a recording in the order in which they were sent; raises :class:`ContractError`."""
    try:
        if file.stat().st_size > _LARGEST:
            raise ContractError(f"{file}: a recording of more than {_LARGEST >> 20} MB is not read; cut it in parts")
        data: Any = json.loads(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except OSError as error:
        raise ContractError(f"cannot read {file}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "its text"
        raise ContractError(f"{file}: {place} is not JSON; export the traffic as HAR 1.2") from None
    return parse(data, str(file))


def parse(data: Any, name: str) -> list[RecordedEntry]:
    """The entries of a parsed recording, the earliest first; ``name`` is said in what is raised."""
    log = data.get("log") if is_object(data) else None
    entries = log.get("entries") if is_object(log) else None
    if not is_array(entries):
        raise ContractError(f"{name}: log.entries is not a list; export the traffic as HAR 1.2")
    found = [_entry(each, number, name) for number, each in enumerate(entries, 1)]
    return sorted(found, key=lambda each: each.at)  # stable: entries of one instant keep their order


def _entry(raw: Any, number: int, name: str) -> RecordedEntry:
    def broken(place: str, problem: str) -> ContractError:
        return ContractError(f"{name}: log.entries[{number - 1}].{place}: {problem}")

    request = raw.get("request") if is_object(raw) else None
    response = raw.get("response") if is_object(raw) else None
    if not is_object(raw) or not is_object(request) or not is_object(response):
        raise broken("request" if not is_object(request) else "response", "it must be an object")
    for member in ("method", "url"):
        if not isinstance(request.get(member), str) or not request[member]:
            raise broken(f"request.{member}", "it must be a text")
    status = response.get("status")
    if type(status) is not int:
        raise broken("response.status", "it must be a whole number")
    notes: list[str] = []
    marks = raw.get(MARKS)
    own = marks if is_object(marks) else {}
    headers = _pairs(response.get("headers"))
    if own.get("bytes") is True:
        content = _as_it_came(response, notes)
    else:
        content, headers = _content(response, status, str(request["method"]), headers, notes)
    return RecordedEntry(
        number,
        _instant(raw.get("startedDateTime"), broken),
        str(request["method"]).upper(),
        str(request["url"]),
        _pairs(request.get("headers")),
        _body(request, notes),
        max(0, status),
        headers,
        content,
        str(own.get("failure") or response.get("_error") or response.get("statusText") or "no response was recorded"),
        tuple(notes),
        own,
    )


def _instant(value: Any, broken: Any) -> datetime.datetime:
    try:
        found = datetime.datetime.fromisoformat(value) if isinstance(value, str) else EPOCH
    except ValueError:
        raise broken("startedDateTime", "it is no ISO 8601 date and time") from None
    return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)


def _pairs(value: Any) -> Pairs:
    """Header fields; those that HTTP/2 writes with a colon say nothing that the request does not."""
    listed = value if is_array(value) else []
    found = [(each.get("name"), each.get("value")) for each in listed if is_object(each)]
    return tuple(
        (name, value)
        for name, value in found
        if isinstance(name, str) and isinstance(value, str) and not name.startswith(":")
    )


def _body(request: Mapping[str, Any], notes: list[str]) -> bytes | None:
    """The body of a request; ``None`` where it had one that the recording does not hold."""
    posted, size = request.get("postData"), request.get("bodySize")
    if is_object(posted):
        text, params = posted.get("text"), posted.get("params")
        if isinstance(text, str) and (text or not params):
            return _bytes(text, posted.get("encoding") or posted.get("_encoding"), "request", notes)
        kind = str(posted.get("mimeType", "")).partition(";")[0].strip().lower()
        if is_array(params) and params and kind == "application/x-www-form-urlencoded":
            pairs = [(str(each.get("name", "")), str(each.get("value", ""))) for each in params if is_object(each)]
            return urlencode(pairs).encode()
        notes.append("the body of the request is not in the recording")
        return None
    if type(size) is int and size > 0:
        notes.append("the body of the request is not in the recording")
        return None
    return b""


def _content(
    response: Mapping[str, Any], status: int, method: str, headers: Pairs, notes: list[str]
) -> tuple[bytes | None, Pairs]:
    """The body of a response, decoded, and its header fields without those of what it was on the wire."""
    content = response.get("content")
    told = content if is_object(content) else {}
    text, encoding = told.get("text"), told.get("encoding")
    wire = next((value.strip().lower() for name, value in headers if name.lower() == "content-encoding"), "")
    plain = tuple(pair for pair in headers if pair[0].lower() not in _LENGTHS)
    if not isinstance(text, str):
        size = next((each for each in (told.get("size"), response.get("bodySize")) if type(each) is int), -1)
        if size == 0 or method.upper() == "HEAD" or status in (0, 204, 304) or 100 <= status < 200:
            return b"", headers
        notes.append("the body of the response is not in the recording")
        return None, plain
    body = _bytes(text, encoding, "response", notes)
    if body is None or not wire or wire == "identity":
        return body, headers
    if encoding != "base64":
        return body, plain  # the text is what the recorder has already decoded
    found, headers = unpacked(body, wire, headers)
    if found is None:
        notes.append(f"the body of the response is compressed as {wire} in the recording, and cannot be decoded")
    return found, headers


def unpacked(body: bytes | None, wire: str, headers: Pairs) -> tuple[bytes | None, Pairs]:
    """A body without its Content-Encoding (``wire``), and header fields without those of what it was on the wire.

    ``None`` where it cannot be decoded. A body that reads as text is not what the header says, and stays.
    """
    if not body or wire in ("", "identity"):
        return body, headers
    plain = tuple(pair for pair in headers if pair[0].lower() not in _LENGTHS)
    if body[:2] == _GZIP or (wire == "deflate" and body[:2] in _ZLIB):
        try:
            return zlib.decompress(body, 47), plain
        except zlib.error:
            return None, plain
    return (body, plain) if _reads(body) else (None, plain)


def _as_it_came(response: Mapping[str, Any], notes: list[str]) -> bytes | None:
    """The bytes of a response on the wire, which recordings of ours hold."""
    content = response.get("content")
    text = content.get("text") if is_object(content) else None
    encoding = content.get("encoding") if is_object(content) else None
    return _bytes(text, encoding, "response", notes) if isinstance(text, str) else b""


def _bytes(text: str, encoding: Any, what: str, notes: list[str]) -> bytes | None:
    if encoding != "base64":
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        notes.append(f"the body of the {what} is not the base64 that it says it is")
        return None


def _reads(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
