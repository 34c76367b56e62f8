"""`make spec-lint` and `make tighten`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from ..document.document import Document, Operation, load
from ..document.values import Exchange
from ..errors import ContractError
from ..evidence import store
from ..target import vendor as vendors
from ..target.addresses import given_parts
from ..traffic.judging import TrafficJudge
from ..traffic.matching import Matcher
from ..traffic.recording import read
from .lint import KINDS, counted, gaps
from .observing import observe
from .proposing import overlay, proposals


def spec_lint(names: Sequence[str], out: TextIO, *, as_json: bool) -> None:
    """Print what each effective document leaves open."""
    found = {name: gaps(load(name)) for name in names}
    if as_json:
        told = {
            name: {"counts": counted(each), "gaps": [{"path": gap.path, "kind": gap.kind} for gap in each]}
            for name, each in found.items()
        }
        out.write(json.dumps(told) + "\n")
        return
    for name, each in found.items():
        for gap in each:
            out.write(f"{name} {gap.kind:<8} {gap.path}\n")
    for name, each in found.items():
        counts = counted(each)
        out.write(f"\n{name}: {len(each)} places leave something open\n")
        for kind, sentence in KINDS.items():
            out.write(f"  {counts[kind]:>5} {kind:<8} {sentence}\n")


def tighten(name: str, recording: Path, target: str, file: Path) -> int:
    """Write proposals from a recording; returns how many. Raises :class:`ContractError`."""
    if not recording.exists():
        raise ContractError(
            f"there is no recording {recording}: make one with `make contract VENDOR={name} HAR_OUT=build/evidence` "
            "(and TARGET=), or name one of a real integration with HAR="
        )
    if target:
        given_parts(target, "TARGET")
    document = load(name)
    exchanges = _answers(document, recording, target)
    if not exchanges:
        raise ContractError(f"{recording} holds no response of {name} that could be read")
    found = list(proposals(document, observe(document, exchanges)))
    store.write(file, overlay(document, found, f"{len(exchanges)} responses of {recording.name}"))
    return len(found)


def _answers(document: Document, recording: Path, target: str) -> list[tuple[Operation, Exchange]]:
    """The readable responses of a recording, without those to requests that a fuzzer has made up."""
    judge = TrafficJudge(document, vendors.load(document.name), {})
    entries = read(recording)
    matcher = Matcher(document, target)
    if not any(matcher.find(each.method, each.url) for each in entries):
        matcher = Matcher(document, target, anywhere=not target)
    found: list[tuple[Operation, Exchange]] = []
    for entry in entries:
        called = matcher.find(entry.method, entry.url)
        fuzzed = str(entry.marks.get("phase", "")).startswith("fuzz")
        if called is not None and entry.content and not fuzzed:
            found.append((called.operation, judge.exchange(called, entry)))
    return found
