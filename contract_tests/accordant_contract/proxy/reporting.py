"""What a proxy says of the traffic that it passes on: each deviation as it happens, and a summary at the end."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from typing import Any, Final, TextIO
from urllib.parse import urlsplit

from attrs import define, field

from ..baseline.file import Baseline, KnownDeviation
from ..baseline.settling import settle
from ..document.checks import CHECKS
from ..document.document import Document
from ..document.policy import Allowance
from ..document.values import Finding
from ..printable import printable
from ..target.clients import generated_operations
from ..target.reproduction import masked
from ..target.vendor import TargetVendor
from ..traffic.command import stray
from ..traffic.judging import TrafficJudge
from ..traffic.matching import Matcher
from ..traffic.recording import RecordedEntry, unpacked
from .passing import Passed

_CONTROL: Final = "/_sandbox/"
"""Where a sandbox has its control plane, which is no part of the API."""
_STRAYS: Final = 100
_SHOWN: Final = 40


@define(eq=False)
class Reporter:
    """Judges what passed, in the order in which it ended; one thread at a time may use it.

    ``lines`` gets each deviation as a JSON object, ``err`` each new one in words.
    """

    document: Document
    vendor: TargetVendor
    upstream: str
    err: TextIO
    lines: TextIO | None = None
    strict: bool = False
    baseline: Baseline | None = None
    exchanges: int = field(default=0, init=False)
    _judge: TrafficJudge = field(init=False)
    _matcher: Matcher = field(init=False)
    _strays: Counter[str] = field(factory=Counter[str], init=False)
    _told: set[str] = field(factory=set[str], init=False)
    _number: int = field(default=0, init=False)
    _status: int = field(default=0, init=False)
    _unread: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._matcher = Matcher(self.document, self.upstream)
        generated = generated_operations(self.document.name)
        # The vendor's Date headers tell the time: a sandbox has its own, and this machine's clock is not judged.
        self._judge = TrafficJudge(self.document, self.vendor, generated, self.strict, server_clock=True)
        self._judge.results.every = self._found

    def take(self, passed: Passed) -> None:
        """Judge one request with its response."""
        self._number += 1
        if urlsplit(passed.url).path.startswith(_CONTROL):
            return
        called = self._matcher.find(passed.method, passed.url)
        if called is None:
            self._note_stray(passed)
            return
        if passed.left:
            return  # what the caller did not wait for shows nothing
        wire = next((value for name, value in passed.response_headers if name.lower() == "content-encoding"), "")
        content, headers = unpacked(passed.content, wire.strip().lower(), passed.response_headers)
        entry = RecordedEntry(
            *(self._number, passed.at, passed.method, passed.url, passed.headers, passed.body, passed.status),
            *(headers, content, passed.failure),
        )
        self.exchanges += 1
        self._status = passed.status
        self._unread += content is None
        exchange = self._judge.exchange(called, entry)
        self._judge.look(called.operation, exchange, whole=content is not None)

    def finish(self) -> bool:
        """Write the summary; returns whether there was a deviation."""
        results = self._judge.results
        results.every = None
        if self.baseline is not None:
            settle(results, self.baseline, datetime.datetime.now(datetime.UTC).astimezone().date())
        deviations = list(results.findings.values())
        times = sum(each.times for each in deviations)
        parts = [
            f"{self.exchanges} exchanges at {len(results.statuses)} of {len(self.document.operations)} operations",
            f"{len(deviations)} deviations, seen {times} times" if deviations else "no deviation",
        ]
        parts += [f"{len(results.known)} known ones"] if results.known else []
        parts += [f"{sum(self._strays.values())} requests that are no operation"] if self._strays else []
        parts += [f"{self._unread} bodies that could not be read"] if self._unread else []
        self._say(f"accordant proxy: {', '.join(parts)}")
        for each in deviations[:_SHOWN]:
            found = each.finding
            place = f" at {found.path}" if found.path else ""
            self._say(f"  {each.times:>5} {found.operation} {found.check}{place}: {found.message}")
        if len(deviations) > _SHOWN:
            self._say(f"  ... and {len(deviations) - _SHOWN} more")
        for _, entry in results.known.values():
            self._say(f"  known until {entry.expires}: {entry}: {entry.reason}")
        for (operation, path), kind in list(results.undocumented.items())[:_SHOWN]:
            self._say(f"  undocumented: {operation} {path}: {kind} (a deviation with --strict)")
        return bool(deviations)

    def _note_stray(self, passed: Passed) -> None:
        entry = RecordedEntry(self._number, passed.at, passed.method, passed.url, (), b"", passed.status)
        shown = stray(entry).partition(": ")[2]
        if not self._strays[shown] and len(self._strays) < _STRAYS:
            self._say(f"NO OPERATION {shown}")
        if shown in self._strays or len(self._strays) < _STRAYS:
            self._strays[shown] += 1

    def _found(self, finding: Finding, allowance: Allowance | None) -> None:
        if allowance is not None:
            return
        known = self._known(finding)
        operation = self.document.operations.get(finding.operation)
        told: dict[str, Any] = {
            "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
            "exchange": self._number,
            "vendor": self.document.name,
            "operation": finding.operation,
            "method": operation.method if operation else "",
            "path": operation.path if operation else "",
            "status": self._status,
            "check": finding.check,
            "field": finding.path,
            "message": finding.message,
            "expected": finding.expected or CHECKS.get(finding.check, ""),
            "seen": finding.seen or finding.message,
        }
        secrets = list(self._judge.secrets)
        told = {name: masked(value, secrets) if isinstance(value, str) else value for name, value in told.items()}
        if known is not None:
            told["known"] = {"reason": known.reason, "expires": known.expires.isoformat()}
        if self.lines is not None:
            self.lines.write(json.dumps(told, ensure_ascii=False) + "\n")
            self.lines.flush()
        if finding.key in self._told or known is not None:
            return
        self._told.add(finding.key)
        place = f" at {told['field']}" if told["field"] else ""
        self._say(
            f"DEVIATION {told['check']} {told['operation']}{place} (exchange {told['exchange']}): {told['message']}\n"
            f"  expected: {told['expected']}\n  seen: {told['seen']}"
        )

    def _known(self, finding: Finding) -> KnownDeviation | None:
        today = datetime.datetime.now(datetime.UTC).astimezone().date()
        entries = self.baseline.entries if self.baseline is not None else ()
        return next((each for each in entries if each.covers(finding) and not each.expired(today)), None)

    def _say(self, text: str) -> None:
        self.err.write(f"{printable(masked(text, list(self._judge.secrets)))}\n")
        self.err.flush()
