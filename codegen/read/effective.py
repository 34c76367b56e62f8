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


def corrected(vendor: VendorFolder) -> dict[str, Any]:
    """One vendor's document as OpenAPI 3 with its overlays applied, before normalisation: what is guessed about."""
    name = vendor.label(vendor.document)
    return _corrected(vendor, read_data(vendor.document, label=name), name)[0]


def of_document(vendor: VendorFolder, upstream: dict[str, Any], name: str) -> Effective:
    """Convert, correct and normalise a document as this vendor's; ``name`` is what messages call it."""
    document, superfluous = _corrected(vendor, upstream, name)
    report = rules.normalise(document)
    return Effective(document, tuple(report.losses), tuple(superfluous))


def _corrected(vendor: VendorFolder, upstream: dict[str, Any], name: str) -> tuple[dict[str, Any], list[Action]]:
    check_openapi(upstream, name, repaired=bool(vendor.overlays) and "openapi" in upstream)
    if "swagger" in upstream:
        from .swagger2 import to_openapi3

        upstream = to_openapi3(upstream, source=name)
    superfluous: list[Action] = []
    document = upstream
    for file in vendor.overlays:
        applied = apply(document, read_overlay(file, label=vendor.label(file)))
        document = applied.document
        superfluous += applied.superfluous
    check_openapi(document, f"{name} with its overlay")
    check_extensions(document, f"{name} with its overlay")
    return document, superfluous


def as_text(document: dict[str, Any]) -> str:
    """The committed form: JSON, one space of indent, in document order."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
