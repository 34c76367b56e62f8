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
from .overlay import Action, apply, read_overlay


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
    return of_document(vendor, read_data(vendor.document, label=name), name)


def of_document(vendor: VendorFolder, upstream: dict[str, Any], name: str) -> Effective:
    """Convert, correct and normalise a document as this vendor's; ``name`` is what messages call it."""
    check_openapi(upstream, name, repaired=bool(vendor.overlays) and "openapi" in upstream)
    if "swagger" in upstream:
        from .swagger2 import to_openapi3

        upstream = to_openapi3(upstream, source=name)
    superfluous: list[Action] = []
    corrected = upstream
    for file in vendor.overlays:
        applied = apply(corrected, read_overlay(file, label=vendor.label(file)))
        corrected = applied.document
        superfluous += applied.superfluous
    check_openapi(corrected, f"{name} with its overlay")
    check_extensions(corrected, f"{name} with its overlay")
    report = rules.normalise(corrected)
    return Effective(corrected, tuple(report.losses), tuple(superfluous))


def as_text(document: dict[str, Any]) -> str:
    """The committed form: JSON, one space of indent, in document order."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
