"""One version of a vendor's API: its effective document and the package that is generated from it."""

from __future__ import annotations

import copy
import json
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import define, field

from accordant_runtime import is_object

from .. import fingerprint
from ..errors import CodegenError
from ..read import effective
from ..read.checks import check_version
from ..read.overlay import Overlay, read_overlay
from ..vendors import VendorFolder
from .surface import Texts


@define(slots=False)
class ApiVersion:
    """An effective document; ``unmatched`` are the overlay actions that had to be left out of it."""

    vendor: VendorFolder
    document: dict[str, Any] = field(repr=False)
    unmatched: tuple[str, ...] = ()
    folder: Path | None = None
    """Where its generated package stands, if it does."""

    @cached_property
    def package(self) -> Texts:
        """The generated modules."""
        if self.folder is not None:
            return read_package(self.folder)
        return rendered(self.vendor, self.document)


def rendered(vendor: VendorFolder, document: dict[str, Any]) -> Texts:
    """The modules that a document gives, formatted as the committed ones are."""
    from ..render import package as render

    with tempfile.TemporaryDirectory(prefix="accordant-drift-") as scratch:
        folder = Path(scratch)
        render.write(render.render(vendor, copy.deepcopy(document)).files, folder)
        render.tidy([folder])
        return read_package(folder)


def read_package(folder: Path) -> Texts:
    """The modules of a package, whatever line endings they have."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8").replace("\r\n", "\n")
        for path in sorted(folder.rglob("*.py"))
    }


def present(vendor: VendorFolder) -> ApiVersion | None:
    """What callers have now: the committed document and package, if there are any."""
    try:
        document: Any = json.loads(vendor.effective.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not is_object(document) or not (vendor.generated / "operations.py").exists():
        return None
    return ApiVersion(vendor, document, folder=vendor.generated)


def stored(vendor: VendorFolder) -> ApiVersion:
    """What ``specs/`` says: the committed version where nothing has changed since, or else the document built anew.

    A document that was replaced by hand is not what callers have; then it is the committed version as well.
    """
    committed = present(vendor)
    if committed is not None and fingerprint.unchanged(vendor):
        return committed
    try:
        return ApiVersion(vendor, effective.build(vendor).document)
    except CodegenError:
        if committed is None:
            raise
        return committed


def of_document(vendor: VendorFolder, upstream: dict[str, Any], name: str) -> ApiVersion:
    """The version that a document gives with this vendor's overlays; actions that no longer fit are left out."""
    check_version(upstream, name)
    overlays = [read_overlay(file, label=vendor.label(file)) for file in vendor.overlays]
    unmatched: list[str] = []
    while True:
        try:
            made = effective.prepare(copy.deepcopy(upstream), overlays, name, known=_keys(overlays))
        except CodegenError as error:
            overlays, refused = _without_refused(overlays, str(error))
            if not refused:
                raise
            unmatched += refused
        else:
            unmatched += [f"{error.spot} ({error.target})" for error in made.left_out]
            return ApiVersion(vendor, made.document, tuple(unmatched))


def _keys(overlays: list[Overlay]) -> frozenset[str]:
    return frozenset(fingerprint.action_key(action.target) for overlay in overlays for action in overlay.actions)


def _without_refused(overlays: list[Overlay], message: str) -> tuple[list[Overlay], list[str]]:
    """The overlays without the actions that an error names, and those."""
    fitting: list[Overlay] = []
    refused: list[str] = []
    for overlay in overlays:
        named = [action for action in overlay.actions if f"{overlay.file}: {action.place}: " in message]
        refused += [f"{overlay.file}: {action.place} ({action.target})" for action in named]
        kept = tuple(action for action in overlay.actions if action not in named)
        fitting.append(Overlay(overlay.file, kept, overlay.path))
    return fitting, refused
