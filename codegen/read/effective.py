"""From the upstream document to the effective one."""

from __future__ import annotations

import json
from typing import Any

from attrs import frozen

from ..vendors import VendorFolder
from . import rules
from .checks import check_openapi
from .extensions import check_extensions
from .hashes import check_hash
from .load import read_data
from .overlay import Action, Overlay, apply, read_overlay


@frozen
class Effective:
    """An effective document, what normalisation lost on the way, and the overlay actions no longer needed."""

    document: dict[str, Any]
    losses: tuple[str, ...]
    superfluous: tuple[Action, ...]


def build(vendor: VendorFolder) -> Effective:
    """Load, convert, correct and normalise one vendor's document."""
    name = vendor.label(vendor.document)
    check_hash(vendor, name)
    overlays = [read_overlay(file, label=vendor.label(file)) for file in vendor.overlays]
    return prepare(read_data(vendor.document, label=name), overlays, name)


def prepare(upstream: dict[str, Any], overlays: list[Overlay], name: str) -> Effective:
    """The effective document of any document and its overlays; ``name`` is the file that errors name."""
    check_openapi(upstream, name, repaired=bool(overlays) and "openapi" in upstream)
    if "swagger" in upstream:
        from .swagger2 import to_openapi3

        upstream = to_openapi3(upstream, source=name)
    superfluous: list[Action] = []
    corrected = upstream
    for overlay in overlays:
        applied = apply(corrected, overlay)
        corrected = applied.document
        superfluous += applied.superfluous
    check_openapi(corrected, f"{name} with its overlay")
    check_extensions(corrected, f"{name} with its overlay")
    report = rules.normalise(corrected)
    return Effective(corrected, tuple(report.losses), tuple(superfluous))


def as_text(document: dict[str, Any]) -> str:
    """The committed form: JSON, one space of indent, in document order."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
