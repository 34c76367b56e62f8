"""From the upstream document to the effective one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from attrs import frozen

from ..errors import DocumentError
from ..vendors import VendorFolder, read_source
from . import rules
from .checks import check_openapi, load
from .extensions import check_extensions
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
    _check_hash(vendor, name)
    upstream = load(vendor.document, label=name, repaired=bool(vendor.overlays))
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


def _check_hash(vendor: VendorFolder, name: str) -> None:
    """The document is the one that ``source.toml`` vouches for."""
    expected = read_source(vendor.source, vendor.root).get("sha256")
    try:
        data = vendor.document.read_bytes()
    except OSError:
        return  # loading says it better
    # Git may write the lines of a text with either ending; the document is the same.
    unix = data.replace(b"\r\n", b"\n")
    found = hashlib.sha256(unix).hexdigest()
    if expected not in {hashlib.sha256(each).hexdigest() for each in (unix, data, unix.replace(b"\n", b"\r\n"))}:
        raise DocumentError(
            name,
            "$",
            f"its sha256 is {found}, and {vendor.label(vendor.source)} says {expected}",
            "If you did not change it, restore it with git; if you replaced it with the vendor's newer one, record "
            "the new hash in source.toml",
        )


def as_text(document: dict[str, Any]) -> str:
    """The committed form: JSON, one space of indent, in document order."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
