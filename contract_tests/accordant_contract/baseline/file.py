"""The file of a vendor's known deviations, read strictly: a line that means nothing would hide nothing."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from accordant_runtime import is_array, is_object

from ..document.checks import CHECKS
from ..document.document import Document
from ..document.values import Finding, general
from ..errors import ContractError

_TABLE: Final = "deviation"
_HEADER: Final = rf"\s*\[*\s*{_TABLE}\b"
_REQUIRED: Final = ("operation", "check", "reason", "expires")
_KNOWN: Final = (*_REQUIRED, "field")
_FIELD: Final = re.compile(r"\$(?:\[\d*\]|\.[^.\[\]]+)*")


@frozen
class KnownDeviation:
    """One entry: at this operation this check finds something, until that day; ``field`` narrows it to a JSON path."""

    operation: str
    check: str
    reason: str
    expires: datetime.date
    line: int
    field: str = ""

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is what the entry is about."""
        here = (finding.operation, finding.check) == (self.operation, self.check)
        return here and (not self.field or general(finding.path) == general(self.field))

    def expired(self, today: datetime.date) -> bool:
        """Whether the day until which it counts is past."""
        return today > self.expires

    def __str__(self) -> str:
        return f"{self.check} at {self.operation}{f' {self.field}' if self.field else ''}"


@frozen
class Baseline:
    """The known deviations of one vendor, and the file that has them."""

    file: str
    entries: tuple[KnownDeviation, ...] = ()


def path_of(vendor: str) -> Path:
    """The file of a vendor's known deviations; it need not exist."""
    return Path(__file__).with_name(f"{vendor}.toml")


def read(file: Path, document: Document) -> Baseline:
    """Read a file; raises :class:`ContractError` with file, line and field."""
    try:
        text = file.read_bytes().decode()
        data = tomllib.loads(text)
    except OSError as error:
        raise ContractError(f"cannot read {file}: {error.strerror or error}") from error
    except ValueError as error:  # TOML that is none, or bytes that are no UTF-8
        raise ContractError(f"{file}: {error}") from None
    entries = data.get(_TABLE, [])
    for name in data:
        if name != _TABLE:
            line = _line(text, rf"\[*{re.escape(name)}\b")
            raise ContractError(f"{file}:{line}: {name}: write [[{_TABLE}]] tables alone")
    if not is_array(entries) or not all(map(is_object, entries)):
        raise ContractError(f"{file}:{_line(text, _HEADER)}: {_TABLE}: write each entry as a [[{_TABLE}]] table")
    found: list[KnownDeviation] = []
    for entry, begin in zip(entries, _begins(text, len(entries)), strict=True):
        one = _entry(file, text, entry, begin, document)
        if any((one.operation, one.check, one.field) == (each.operation, each.check, each.field) for each in found):
            raise ContractError(f"{file}:{begin}: {one} is there twice; keep one entry")
        found.append(one)
    return Baseline(str(file), tuple(found))


def _entry(file: Path, text: str, entry: Mapping[str, Any], begin: int, document: Document) -> KnownDeviation:
    def wrong(name: str, problem: str) -> ContractError:
        line = _line(text, rf"\s*{re.escape(name)}\s*=", begin) if name in entry else begin
        return ContractError(f"{file}:{line}: {name}: {problem}")

    for name in entry:
        if name not in _KNOWN:
            near = get_close_matches(name, _KNOWN, 1, 0)[0]
            raise wrong(name, f"there is no such field; the closest is {near}")
    for name in _REQUIRED:
        if name not in entry:
            raise wrong(name, "it is required and missing")
    for name in ("operation", "check", "reason", "field"):
        if name in entry and not (isinstance(entry[name], str) and entry[name].strip()):
            raise wrong(name, "it must be a text that is not empty")
    for name, known in (("operation", list(document.operations)), ("check", list(CHECKS))):
        if entry[name] not in known:
            near = ", ".join(get_close_matches(str(entry[name]), known, 3, 0))
            raise wrong(name, f"{entry[name]!r} is none; the closest: {near}")
    expires = entry["expires"]
    if type(expires) is not datetime.date:
        raise wrong("expires", "it must be a date without quotes and without a time, such as 2026-12-31")
    field = str(entry.get("field", ""))
    if field and not _FIELD.fullmatch(field):
        raise wrong("field", "it must be a JSON path such as $.jobs[].title")
    return KnownDeviation(entry["operation"], entry["check"], " ".join(entry["reason"].split()), expires, begin, field)


def _begins(text: str, count: int) -> list[int]:
    """The lines on which the entries begin."""
    header = re.compile(rf"\s*\[\[\s*{_TABLE}\s*\]\]")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if header.match(line)]
    return lines if len(lines) == count else [1] * count


def _line(text: str, pattern: str, begin: int = 1) -> int:
    """The first line from ``begin`` that matches; ``begin`` itself where none does."""
    for number, line in enumerate(text.splitlines()[begin - 1 :], begin):
        if re.match(pattern, line):
            return number
    return begin
