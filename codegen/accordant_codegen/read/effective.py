"""From the upstream document to the effective one."""

from __future__ import annotations

import copy
import json
from collections import Counter
from contextlib import suppress
from typing import Any

from attrs import define, field, frozen

from ..errors import DocumentError
from ..fingerprint import action_key, known_actions
from ..vendors import VendorFolder
from . import rules
from .anchors import local_references
from .checks import check_openapi, check_paths, check_version
from .document import operations
from .extensions import check_extensions
from .hashes import check_hash
from .load import ADVICE, read_data
from .mending import mend
from .overlay import (
    Action,
    Overlay,
    Replaced,
    UnmatchedError,
    apply_found,
    read_overlay,
    refuse_unmatched,
    without_lost_fields,
)


@frozen
class Effective:
    """An effective document, what normalisation lost on the way, the overlay actions no longer needed, and those that
    were left out, as what they corrected is gone."""

    document: dict[str, Any]
    losses: tuple[str, ...]
    superfluous: tuple[Action, ...]
    left_out: tuple[UnmatchedError, ...] = ()
    targets: tuple[str, ...] = ()
    """What the overlay actions aim at."""
    replaced: tuple[Replaced, ...] = ()
    """What they take away of the vendor's word."""


def build(vendor: VendorFolder) -> Effective:
    """Load, correct, mend, convert and normalise one vendor's document."""
    name = vendor.label(vendor.document)
    check_hash(vendor, name)
    overlays = [read_overlay(file, label=vendor.label(file)) for file in vendor.overlays]
    return prepare(read_data(vendor.document, label=name), overlays, name, known=frozenset(known_actions(vendor)))


def prepare(
    document: dict[str, Any], overlays: list[Overlay], name: str, *, known: frozenset[str] = frozenset()
) -> Effective:
    """The effective document of any document and its overlays; ``name`` is the file that errors name.

    ``known`` are the overlay actions, as :func:`..fingerprint.action_key` writes them, that have matched before: they
    are left out where they match nothing any more. Any other is an error then.
    """
    report = rules.Report()
    document, corrections = _corrected(document, overlays, name, report.losses, known)
    rules.normalise(document, report)
    losses = tuple(dict.fromkeys(report.losses))
    targets = tuple(action.target for overlay in overlays for action in overlay.actions)
    return Effective(
        document,
        losses,
        tuple(corrections.superfluous),
        tuple(corrections.unmatched),
        targets,
        tuple(corrections.replaced),
    )


@frozen
class Corrected:
    """A vendor's document on its way: ``met`` is OpenAPI 3 as a further overlay action meets it, ``document`` the same,
    mended."""

    met: dict[str, Any]
    document: dict[str, Any]


def corrected(vendor: VendorFolder) -> Corrected:
    """One vendor's document with its overlays applied, before normalisation: what is guessed about."""
    name = vendor.label(vendor.document)
    overlays = [read_overlay(file, label=vendor.label(file)) for file in vendor.overlays]
    data = read_data(vendor.document, label=name)
    document, corrections = _corrected(data, overlays, name, [], frozenset(known_actions(vendor)), keep_met=True)
    return Corrected(corrections.met, document)


def _corrected(
    document: dict[str, Any],
    overlays: list[Overlay],
    name: str,
    losses: list[str],
    known: frozenset[str],
    *,
    keep_met: bool = False,
) -> tuple[dict[str, Any], _Corrections]:
    check_version(document, name)
    corrections = _Corrections(name, "swagger" in document, overlays, known, keep_met=keep_met)
    if corrections.swagger:
        from .swagger2 import to_openapi3

        document = corrections.mended(document, losses, before_conversion=True)
        document = to_openapi3(document, source=name, losses=losses)
    document = corrections.mended(document, losses, before_conversion=False)
    check_openapi(document, corrections.label)
    check_extensions(document, f"{name} with its overlay")
    return document, corrections


@define
class _Corrections:
    """The overlays of a document: what they have done, and which of their actions found nothing to do."""

    name: str
    swagger: bool
    overlays: list[Overlay]
    known: frozenset[str] = frozenset()
    superfluous: list[Action] = field(factory=list[Action])
    unmatched: list[UnmatchedError] = field(factory=list[UnmatchedError])
    replaced: list[Replaced] = field(factory=list[Replaced])
    met: dict[str, Any] = field(factory=dict[str, Any])
    """The document as the last action left it, before it was mended; empty unless ``keep_met``."""
    keep_met: bool = False

    @property
    def label(self) -> str:
        """How errors name the corrected document."""
        return f"{self.name} with its overlay" if self.overlays else self.name

    def mended(self, document: dict[str, Any], losses: list[str], *, before_conversion: bool) -> dict[str, Any]:
        """The document, corrected by the actions of that time, then mended. What is wrong by the overlays' own doing
        is no fault of the vendor's, and refused."""
        corrected = document
        for overlay in self.overlays:
            chosen = [
                action for action in overlay.actions if (action.before_conversion and self.swagger) == before_conversion
            ]
            applied = apply_found(corrected, overlay, chosen)
            corrected = applied.document
            self.superfluous += applied.superfluous
            self.unmatched += applied.unmatched
            self.replaced += applied.replaced
        if not before_conversion:
            for overlay in self.overlays:
                self.unmatched += without_lost_fields(corrected, overlay)
        if not before_conversion and any(action_key(error.target) not in self.known for error in self.unmatched):
            refuse_unmatched(self.unmatched)
        if self.keep_met:
            self.met = copy.deepcopy(corrected)
        found: list[str] = []
        mended = _mended(corrected, self.name, found)
        if found and corrected is not document:
            self._refuse_own(document, found)
        losses += found
        return mended

    def _refuse_own(self, document: dict[str, Any], found: list[str]) -> None:
        without: list[str] = []
        with suppress(DocumentError):
            _mended(copy.deepcopy(document), self.name, without)
        theirs = Counter(line.partition(": ")[2] for line in without)
        for line in found:
            place, _, problem = line.partition(": ")
            if theirs[problem] == 0:
                raise DocumentError(self.label, place, problem.split("; ")[0], "Correct the overlay")
            theirs[problem] -= 1


def _mended(document: dict[str, Any], name: str, losses: list[str]) -> dict[str, Any]:
    """The document with what can be made good made good; refused where that leaves nothing to generate."""
    check_paths(document, name)
    document.setdefault("info", {})
    local_references(document, losses)
    mend(document, losses)
    shared = document.get("components", {}).get("schemas") or document.get("definitions")
    if losses and not (shared or document.get("webhooks") or any(operations(document))):
        place, _, problem = losses[0].partition(": ")
        raise DocumentError(name, place, f"nothing is left to generate: {problem}", ADVICE)
    return document


def as_text(document: dict[str, Any]) -> str:
    """The committed form: JSON, one space of indent, in document order."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
