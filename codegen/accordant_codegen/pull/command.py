"""``make pull``: bring a vendor's document in, and say what it changes."""

from __future__ import annotations

import copy
import datetime
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from ..drift.command import shown_before
from ..errors import CodegenError
from ..fingerprint import known_actions
from ..layout import layout_of
from ..read import effective
from ..read.checks import check_version
from ..read.hashes import digest, is_vouched
from ..read.overlay import read_overlay
from ..vendors import VendorFolder, find, find_all, folder_of, read_source
from .fetch import PulledDocument, from_file, from_web, is_address
from .fetching import Limits, origin
from .source import PullSettings, first_text, rewritten, settings
from .store import finish, store


@frozen
class PullRequest:
    """What was asked for: one vendor or all, and where its document is if ``source.toml`` does not say it."""

    root: Path
    vendor: str | None = None
    place: str | None = None
    limits: Limits = field(factory=Limits)


def run(request: PullRequest, environment: Mapping[str, str] = os.environ) -> int:
    """Pull and say so; returns the exit status."""
    if request.place is None:
        chosen = find(request.root, request.vendor)
        for vendor in chosen:
            finish(vendor.source.parent)
            if settings(vendor.source, vendor.label(vendor.source), vendor.root).url:
                pull(vendor, request, environment)
            elif request.vendor:
                raise CodegenError(
                    f"{vendor.label(vendor.source)} names no address. "
                    f"Run `{vendor.layout.command('pull', vendor.name, url='...')}` once; the address is kept there"
                )
            else:
                gives = vendor.layout.option("url")
                print(f"{vendor.name}: source.toml names no address; skipped. {gives} gives one")
        return 0
    pull(folder(request.root, request.vendor), request, environment)
    return 0


def folder(root: Path, name: str | None) -> VendorFolder:
    """The folder of a vendor, which may be a new one."""
    if not name:
        layout = layout_of(root)
        raise CodegenError(
            f"{layout.option('url')} is the document of one vendor. Name it with {layout.option('vendor')}"
        )
    present = root / "specs" / name
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise CodegenError(
            f"{name!r} is no name for a vendor. Use small letters, digits and underscores, such as my_vendor"
        )
    finish(present)
    if (present / "source.toml").exists():
        return next(vendor for vendor in find_all(root) if vendor.name == name)
    return folder_of(root, name)


def pull(vendor: VendorFolder, request: PullRequest, environment: Mapping[str, str]) -> bool:
    """Bring one vendor's document in; returns whether it is another one than before."""
    label = vendor.label(vendor.source)
    known = settings(vendor.source, label, vendor.root)
    present = vendor.document.read_bytes() if vendor.document.exists() else None
    expected = read_source(vendor.source, vendor.root).get("sha256") if vendor.source.exists() else None
    vouched = present is not None and is_vouched(present, expected)
    wanted = (
        known
        if request.place in (None, known.url)
        else evolve(known, url=request.place, found="", etag="", last_modified="")
    )
    if is_address(wanted.url):
        if _other_origin(known, wanted) and (known.headers or known.basic):
            raise CodegenError(
                f"{label}: its credentials belong to another host than {wanted.url}. Correct url, headers and basic "
                f"below [pull] there, and pull without {vendor.layout.option('url')}"
            )
        pulled = from_web(wanted, label, environment, request.limits, conditional=vouched)
    else:
        pulled = from_file(Path(wanted.url).expanduser(), request.limits)
    if pulled is None:
        print(f"{vendor.name}: unchanged (the server says so)")
        return False
    _keep(vendor, pulled, wanted, vouched=vouched, expected=expected)
    return True


def _other_origin(known: PullSettings, wanted: PullSettings) -> bool:
    """Whether another origin is asked than the one that the settings were made for."""
    return bool(known.url) and origin(known.url) != origin(wanted.url)


def _keep(vendor: VendorFolder, pulled: PulledDocument, wanted: PullSettings, *, vouched: bool, expected: Any) -> None:
    name = _file_name(vendor, pulled)
    content = pulled.text.encode()
    said = {"found": pulled.url, "etag": pulled.etag, "last-modified": pulled.last_modified}
    said |= {"url": wanted.url} if is_address(wanted.url) else {}
    label = vendor.label(vendor.source)
    old = vendor.source.read_bytes().decode() if vendor.source.exists() else None
    if old is None:
        old = first_text(vendor.name, pulled.data, wanted.url if is_address(wanted.url) else Path(wanted.url).name)
    if vouched and is_vouched(content, expected):
        text = rewritten(old, label, {}, said)
        if text != old:
            store(vendor.source.parent, vendor.document.name, vendor.document.read_bytes(), text, None)
        print(f"{vendor.name}: unchanged")
        return
    check(vendor, pulled)
    for note in pulled.notes:
        print(f"{vendor.name}: {note}")
    if vendor.source.exists():
        print(shown_before(vendor, pulled.data, pulled.url or wanted.url))
    values = {"retrieved": datetime.date.today(), "document": name, "sha256": digest(content)}
    store(vendor.source.parent, name, content, rewritten(old, label, values, said), vendor.document.name)
    print(f"{vendor.name}: {vendor.label(vendor.source.parent / name)} is the new document")
    print(f"next: {vendor.layout.command('regenerate', vendor.name)}")


def _file_name(vendor: VendorFolder, pulled: PulledDocument) -> str:
    """The name that the document has, with the ending that says what it is now."""
    is_json = pulled.text.lstrip()[:1] == "{"
    suffix = vendor.document.suffix
    fits = suffix == ".json" if is_json else suffix in (".yaml", ".yml")
    return vendor.document.name if fits else f"{vendor.document.stem}{'.json' if is_json else '.yaml'}"


def check(vendor: VendorFolder, pulled: PulledDocument) -> None:
    """Refuse what gives no client, unless it does with the vendor's overlay."""
    place = pulled.url or vendor.label(vendor.document)
    check_version(pulled.data, place)
    try:
        effective.prepare(copy.deepcopy(pulled.data), [], place)
    except CodegenError as refusal:
        if not vendor.overlays:
            raise
        try:
            overlays = [read_overlay(file, label=vendor.label(file)) for file in vendor.overlays]
            effective.prepare(copy.deepcopy(pulled.data), overlays, place, known=frozenset(known_actions(vendor)))
        except CodegenError:
            raise refusal from None
