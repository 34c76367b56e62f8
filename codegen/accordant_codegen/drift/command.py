"""``make drift``: compare a newer document with the one that callers' clients were made from."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from ..errors import CodegenError
from ..layout import layout_of
from ..pull.fetch import PulledDocument, from_file, from_web, is_address
from ..pull.fetching import Limits
from ..pull.source import PullSettings, settings
from ..vendors import VendorFolder, find, folder_of
from .report import DriftReport, as_json, as_text, compare
from .versions import ApiVersion, of_document, stored

FAILED = 3
"""The exit status of a command that could not compare."""


@frozen
class DriftRequest:
    """What was asked for: vendors of the checkout, or two documents."""

    root: Path
    vendor: str | None = None
    document: str | None = None
    against: str | None = None
    as_json: bool = False
    strict: bool = False
    limits: Limits = field(factory=Limits)


def run(request: DriftRequest, environment: Mapping[str, str] = os.environ) -> int:
    """Compare and say what it found; 0 nothing for callers, 1 breaking, 2 additive."""
    reports = _documents(request, environment) if request.against else _vendors(request, environment)
    if request.as_json:
        print(as_json(reports))
    else:
        for report in reports:
            print(as_text(report))
    found = {report.status for report in reports}
    return next((status for status in (1, 2) if status in found), 0)


def _documents(request: DriftRequest, environment: Mapping[str, str]) -> list[DriftReport]:
    """Two documents that need no vendor."""
    if request.against is None or request.document is None:
        option = layout_of(request.root).option
        raise CodegenError(f"{option('against')} is compared with {option('document')}: name both")
    vendor = folder_of(request.root, "api")
    if request.vendor:
        vendor = find(request.root, request.vendor)[0]
    old, new = (
        of_document(vendor, _read(PullSettings(url=place), place, request, environment).data, place)
        for place in (request.against, request.document)
    )
    return [_compared(old, new, request)]


def _vendors(request: DriftRequest, environment: Mapping[str, str]) -> list[DriftReport]:
    chosen = find(request.root, request.vendor)
    if request.document:
        if len(chosen) > 1:
            option = chosen[0].layout.option
            raise CodegenError(
                f"{option('document')} is compared with the document of one vendor. Name it with {option('vendor')}, "
                f"or give {option('against')}"
            )
        place = request.document
        data = _read(PullSettings(url=place), place, request, environment).data
        return [_compared(stored(chosen[0]), of_document(chosen[0], data, place), request)]
    reports: list[DriftReport] = []
    for vendor in chosen:
        label = vendor.label(vendor.source)
        known = settings(vendor.source, label, vendor.root)
        gives = vendor.layout.option("document")
        if known.url:
            pulled = _read(known, label, request, environment)
            reports.append(
                _compared(stored(vendor), of_document(vendor, pulled.data, pulled.url or known.url), request)
            )
        elif request.vendor:
            raise CodegenError(f"{label} names no address. Give {gives}, a file or an address")
        else:
            print(f"{vendor.name}: source.toml names no address; skipped. {gives} gives one", file=sys.stderr)
    return reports


def _read(known: PullSettings, label: str, request: DriftRequest, environment: Mapping[str, str]) -> PulledDocument:
    if not is_address(known.url):
        return from_file(Path(known.url).expanduser(), request.limits)
    pulled = from_web(known, label, environment, request.limits, conditional=False)
    if pulled is None:
        raise CodegenError(f"{known.url} returned status 304 to a request without conditions")
    return pulled


def _compared(old: ApiVersion, new: ApiVersion, request: DriftRequest) -> DriftReport:
    return compare(old, new, strict=request.strict)


def shown_before(vendor: VendorFolder, data: dict[str, Any], place: str) -> str:
    """What a pull says before it replaces a document; why not, where that cannot be said."""
    try:
        report = compare(stored(vendor), of_document(vendor, data, place))
    except CodegenError as error:
        return f"{vendor.name}: what it changes for callers cannot be said: {error}"
    return as_text(report, most=25)
