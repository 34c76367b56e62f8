"""What a drift comes to: its lines, a verdict, and both as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from accordant_runtime import is_array, is_object

from .api import compare_packages
from .lines import CODE, WIRE, DriftLine, Impact, worst
from .operations import compare_documents
from .versions import ApiVersion
from .views import key

_WORDS = {Impact.BREAKING: "major", Impact.ADDITIVE: "minor"}
_STATUS = {Impact.NONE: 0, Impact.BREAKING: 1, Impact.ADDITIVE: 2}
_TEXTS = frozenset(
    {"description", "summary", "title", "example", "examples", "externalDocs", "termsOfService", "contact"}
)

_ADVICE = "  (x-accordant-deprecated-name in the overlay keeps an old name alive; docs/extensions.md says how)"


@frozen
class DriftReport:
    """What a newer version changes for callers."""

    vendor: str
    lines: tuple[DriftLine, ...]
    changed: bool
    unmatched: tuple[str, ...] = ()

    @property
    def impact(self) -> Impact:
        """The worst of it."""
        return worst(self.lines)

    @property
    def verdict(self) -> str:
        """The part of a version that has to go up: ``major``, ``minor``, ``patch`` or ``none``."""
        return _WORDS.get(self.impact, "patch" if self.changed else "none")

    @property
    def status(self) -> int:
        """The exit status of a command: 0 nothing for callers, 1 breaking, 2 additive."""
        return _STATUS[self.impact]

    def as_data(self) -> dict[str, Any]:
        """For programs."""
        return {
            "vendor": self.vendor,
            "verdict": self.verdict,
            "changes": [
                {
                    "layer": line.layer,
                    "kind": line.kind,
                    "impact": line.impact.name.lower(),
                    "place": line.place,
                    "text": line.text,
                    "tolerated": line.tolerated,
                    "operations": list(line.operations),
                    **{key: each for key in ("name", "now", "value") if (each := getattr(line, key))},
                }
                for line in self.lines
            ],
            "changelog": list(changelog(self.lines)),
            "overlay_actions_unmatched": list(self.unmatched),
        }


def compare(old: ApiVersion, new: ApiVersion, *, strict: bool = False, packages: bool = False) -> DriftReport:
    """Compare two versions, documents first; packages only where the documents differ in more than their words, or
    where ``packages`` asks for it: then the generator may have changed.

    ``strict`` counts as breaking what only a client with ``deviations="strict"`` does not tolerate.
    """
    vendor = new.vendor.name
    if key(old.document) == key(new.document) and not packages:
        return DriftReport(vendor, (), False, new.unmatched)
    lines = compare_documents(old.document, new.document)
    if packages or key(_without_words(old.document)) != key(_without_words(new.document)):
        lines = [*lines, *compare_packages(old.package, new.package)]
    return DriftReport(vendor, ordered(lines, strict=strict), True, new.unmatched)


def _without_words(node: Any, *, named: bool = False) -> Any:
    """A document without what only people read."""
    if is_object(node):
        maps = ("properties", "schemas", "patternProperties", "$defs", "parameters", "headers")
        return {
            name: _without_words(value, named=not named and name in maps)
            for name, value in node.items()
            if named or name not in _TEXTS
        }
    return [_without_words(item) for item in node] if is_array(node) else node


def ordered(lines: list[DriftLine], *, strict: bool = False) -> tuple[DriftLine, ...]:
    """Code before wire, the worst first, each once, nothing that is no change for anybody."""
    from attrs import evolve

    told = [
        evolve(line, impact=Impact.BREAKING) if strict and line.tolerated else line
        for line in dict.fromkeys(lines)
        if line.impact is not Impact.NONE
    ]
    return tuple(sorted(told, key=lambda line: (line.layer == WIRE, -line.impact)))


def changelog(lines: tuple[DriftLine, ...]) -> Iterator[str]:
    """Lines for a changelog; ⚠ marks what can break a caller."""
    for line in lines:
        mark = "⚠ " if line.impact is Impact.BREAKING else ""
        note = " (clients keep values that they do not know; only strict ones refuse them)" if line.tolerated else ""
        yield f"- {mark}{line.sentence}{note}"


def as_text(report: DriftReport, *, most: int | None = None) -> str:
    """For people."""
    parts: list[str] = []
    for layer, title in (
        (CODE, "in code, once the client is regenerated"),
        (WIRE, "on the wire, with the client of today"),
    ):
        lines = tuple(line for line in report.lines if line.layer == layer)
        if lines:
            parts += [f"{report.vendor}: {title}:", *_limited(lines, most)]
            parts += [_ADVICE] if any(line.kind.endswith("-renamed") for line in lines) else []
    if report.unmatched:
        parts.append(f"{report.vendor}: overlay actions that do not fit any more (they were left out):")
        parts += [f"  {each}" for each in report.unmatched]
    return "\n".join([*parts, f"{report.vendor}: {summary(report)}"])


def _limited(lines: tuple[DriftLine, ...], most: int | None) -> list[str]:
    """Everything that breaks, and as much of the rest as there is room for."""
    breaking = [line for line in lines if line.impact is Impact.BREAKING]
    shown = lines if most is None else lines[: max(most, len(breaking))]
    left = len(lines) - len(shown)
    return [f"  {line}" for line in changelog(shown)] + ([f"  ... and {left} additions more"] if left else [])


def summary(report: DriftReport) -> str:
    """The verdict in a sentence."""
    breaking = sum(line.impact is Impact.BREAKING for line in report.lines)
    additive = len(report.lines) - breaking
    if not report.changed:
        return "no difference (verdict: none)"
    if not report.lines:
        return "nothing changes for callers (verdict: patch)"
    return f"{breaking} breaking and {additive} additive changes (verdict: {report.verdict})"


def as_json(reports: list[DriftReport]) -> str:
    """One object for one vendor, a list for several."""
    data = [report.as_data() for report in reports]
    return json.dumps(data[0] if len(data) == 1 else data, indent=1, ensure_ascii=False)
