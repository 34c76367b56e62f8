"""`make contract HAR=file`: a recording of a real integration judged by each vendor's document; nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from attrs import evolve, frozen

from ..baseline.file import Baseline
from ..baseline.settling import settle
from ..document.document import load as load_document
from ..document.values import Exchange
from ..errors import ContractError
from ..judges.limits import remaining_honest, states_limit
from ..target import vendor as vendors
from ..target.addresses import given_parts
from ..target.clients import generated_operations
from .judging import TrafficJudge, clocks_differ
from .matching import Matcher
from .record import record
from .recording import RecordedEntry, read

_PLAIN: Final = re.compile(r"[A-Za-z._~-]{1,24}|v?\d{1,6}")
"""Parts of a path that can be shown: words and short numbers, and nothing that may be a key."""


@frozen
class Judged:
    """What judging a recording came to: the evidence by vendor, and a line for each entry that is no operation."""

    records: tuple[dict[str, Any], ...]
    strays: tuple[str, ...]
    entries: int


def judge_file(
    file: Path,
    names: Sequence[str],
    *,
    target: str = "",
    strict: bool = False,
    baselines: Mapping[str, Baseline | None] | None = None,
) -> Judged:
    """Judge a recording by the documents of these vendors; raises :class:`ContractError`.

    A vendor that the recording never called is left out. Where ``names`` is one vendor whose servers are not in the
    recording, its operations are looked for at every other address.
    """
    if target:
        given_parts(target, "TARGET")
    entries = read(file)
    left = dict.fromkeys(each.number for each in entries)
    records: list[dict[str, Any]] = []
    for name in names:
        matcher = Matcher(load_document(name), target)
        own = [each for each in entries if matcher.find(each.method, each.url)]
        note = ""
        if not own and len(names) == 1 and not target:
            matcher = evolve(matcher, anywhere=True)
            own = [each for each in entries if matcher.find(each.method, each.url)]
            note = "no entry is at an address of the document: the operations were matched by their paths alone"
        if not own:
            continue
        for each in own:
            left.pop(each.number, None)
        baseline = baselines.get(name) if baselines else None
        records.append(_judged(file, name, matcher, own, strict, baseline, [note] if note else []))
    if not records:
        asked = names[0] if len(names) == 1 else "any vendor"
        raise ContractError(
            f"{file}: none of its {len(entries)} entries is an operation of {asked}; name the vendor with VENDOR=, and "
            "with TARGET= the address of the API that was recorded"
        )
    return Judged(tuple(records), tuple(stray(each) for each in entries if each.number in left), len(entries))


def _judged(
    file: Path,
    name: str,
    matcher: Matcher,
    entries: Sequence[RecordedEntry],
    strict: bool,
    baseline: Baseline | None,
    notes: list[str],
) -> dict[str, Any]:
    vendor = vendors.load(name)
    differ = clocks_differ(matcher, list(entries))
    judge = TrafficJudge(matcher.document, vendor, generated_operations(name), strict, server_clock=differ)
    if differ:
        notes.append("the clocks of the recording and of the vendor differ: times are held against the Date headers")
    history: list[tuple[int, Exchange]] = []
    for entry in entries:
        called = matcher.find(entry.method, entry.url)
        if called is None:
            continue
        notes += [f"entry {entry.number}: {note}" for note in entry.notes]
        if not entry.status and "failure" not in entry.marks:
            notes.append(f"entry {entry.number}: no response was recorded, so nothing is judged")
            continue
        exchange = judge.exchange(called, entry)
        history.append((entry.number, exchange))
        fuzzed = str(entry.marks.get("phase", "")).startswith("fuzz")
        judge.look(called.operation, exchange, whole=entry.content is not None, fuzzed=fuzzed)
    for operation in dict.fromkeys(each.operation for _, each in history):
        stated = [each for _, each in history if each.operation == operation]
        if any(map(states_limit, stated)):
            found = remaining_honest(matcher.document.operations[operation], stated)
            judge.results.judge("retry_after", operation, found)
    if baseline is not None:
        settle(judge.results, baseline, datetime.now(UTC).astimezone().date())
        notes += judge.results.skipped
    replay = f"make contract HAR={file} VENDOR={name}"
    return record(judge, f"recording {file.name}", history, replay, notes, datetime.now(UTC).astimezone())


def stray(entry: RecordedEntry) -> str:
    """An entry that is no operation, in a line: no query, and no part of a path that may be a key."""
    method = entry.method if re.fullmatch("[A-Z]{1,20}", entry.method) else "***"
    try:
        parts = urlsplit(entry.url)
    except ValueError:
        return f"entry {entry.number}: {method} ***, which is no address"
    path = "/".join(part if not part or _PLAIN.fullmatch(unquote(part)) else "***" for part in parts.path.split("/"))
    return f"entry {entry.number}: {method} {parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}"
