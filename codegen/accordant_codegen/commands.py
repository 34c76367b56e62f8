"""What the commands do: build aside, check, then swap into place."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from . import fingerprint
from .errors import CodegenError
from .text import shown
from .vendors import VendorFolder, document_url

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

    from .layout import Layout
    from .read.effective import Effective

_CLIENT = "client"
"""Where the files of a client are made, below the scratch place."""


def _scratch_folder() -> TemporaryDirectory[str]:
    """Where a vendor is generated before it is put into place."""
    from tempfile import TemporaryDirectory  # as with shutil: a run that finds nothing changed does without it

    return TemporaryDirectory(prefix="accordant-codegen-")


def regenerate(vendors: list[VendorFolder], *, force: bool = False) -> int:
    """Rewrite what changed and say so; returns the exit status."""
    for vendor in vendors:
        if not force and fingerprint.unchanged(vendor) and (vendor.client / "client.py").exists():
            print(f"{vendor.name}: unchanged")
            continue
        from . import pointless

        with _scratch_folder() as scratch:
            root = Path(scratch)
            effective = build(vendor, root)
            for loss in effective.losses:
                print(f"{vendor.name}: normalised: {shown(loss)}")
            for action in effective.superfluous:
                print(
                    f"{vendor.name}: superfluous overlay action {action.place} ({action.target}): the document has it"
                )
            changes = differences(vendor, root)
            told = _for_callers(vendor, root, effective) if changes else ""
            stale = pointless.lines(vendor, effective)
            _install(vendor, root)
        print(f"{vendor.name}: " + (f"{len(changes)} files changed" if changes else "same bytes"))
        _print_changes(changes)
        for text in (told, pointless.as_text(vendor, stale)):
            if text:
                print(text)
    return 0


def _for_callers(vendor: VendorFolder, scratch: Path, effective: Effective) -> str:
    """What the new package changes for callers of the one that is there; empty where none is, or nothing changes."""
    from .drift.report import as_text, compare
    from .drift.versions import ApiVersion, present

    old = present(vendor)
    if old is None:
        return ""
    folder = scratch / vendor.layout.generated / vendor.name
    report = compare(old, ApiVersion(vendor, effective.document, folder=folder), packages=True)
    return as_text(report, most=25) if report.lines else ""


def make(vendor: VendorFolder) -> Effective:
    """Generate a vendor and put it into place; returns its effective document and what was given up."""
    with _scratch_folder() as scratch:
        effective = build(vendor, Path(scratch))
        _install(vendor, Path(scratch))
    return effective


def _print_changes(changes: list[str], most: int = 25) -> None:
    for line in changes[:most]:
        print(f"  {line}")
    if len(changes) > most:
        print(f"  ... and {len(changes) - most} more")


def check_generated(vendors: list[VendorFolder]) -> int:
    """Compare what is committed with what the inputs give; returns the exit status."""
    from . import pointless

    failed = False
    for vendor in vendors:
        with _scratch_folder() as scratch:
            root = Path(scratch)
            left_out = build(vendor, root, twice=True).left_out
            changes = differences(vendor, root)
        if left_out:
            failed = True
            print(pointless.as_text(vendor, pointless.of_overlays(left_out)))
        if changes:
            failed = True
            again = vendor.layout.command("regenerate")
            print(f"{vendor.name}: the committed files are not what the document gives; run `{again}`:")
            _print_changes(changes)
        elif not left_out:
            print(f"{vendor.name}: generated code is up to date")
    for place in _orphans(vendors[0].root, vendors[0].layout):
        failed = True
        print(f"{place}: no vendor of specs/ gives it; delete it")
    return 1 if failed else 0


def _orphans(root: Path, layout: Layout) -> list[str]:
    """What was generated for vendors that are gone."""
    known = {folder.name for folder in (root / "specs").glob("*/")}
    source = root / layout.source
    packages = [place for place in (source / layout.generated).glob("*/") if place.name.isidentifier()]
    documents = list((source / layout.documents).glob("*.json"))
    own = [place for place in (*packages, *documents) if place.stem not in known | {"__pycache__"}]
    return sorted(str(place.relative_to(root)) for place in own)


def build(vendor: VendorFolder, scratch: Path, *, twice: bool = False) -> Effective:
    """Generate one vendor below ``scratch`` (laid out as ``generated/``, or a project's ``src/``), gates included.

    ``twice`` renders it a second time and refuses a generator that depends on chance.
    """
    from attrs import evolve

    from . import gates, pointless
    from .read import effective as pipeline
    from .render import client
    from .render import package as render

    effective = pipeline.build(vendor)
    by_hand = client.is_written_by_hand(vendor.client)
    if not by_hand:
        client.note_arguments(effective.document)
    rendered = render.render(vendor, effective.document)
    if twice and rendered != render.render(vendor, effective.document):
        raise CodegenError(f"{vendor.name}: two runs gave different bytes; a template or view depends on chance")
    layout = vendor.layout
    package = scratch / layout.generated / vendor.name
    render.write(render.shared_files(layout), scratch)
    render.write(rendered.files, package)
    document = scratch / layout.documents / f"{vendor.name}.json"
    render.write({document.name: pipeline.as_text(effective.document)}, document.parent)
    render.tidy([scratch / layout.generated, scratch / layout.documents])
    gates.check(vendor, effective.document, scratch, rendered.narrowed)
    fingerprint.record(vendor, package, document, pointless.remembered(effective), whole=not effective.left_out)
    losses = (*effective.losses, *rendered.losses)
    if not by_hand:
        made = client.client_files(
            effective.document,
            vendor.name,
            client.Packages(f"{layout.client_package}.{vendor.name}", f"{layout.generated_package}.{vendor.name}"),
            document_url=document_url(vendor),
            place=vendor.label(vendor.document),
            command=layout.command("regenerate"),
        )
        render.write(made.files, scratch / _CLIENT / vendor.name)
        losses += made.losses
    return evolve(effective, losses=losses)


def _pairs(vendor: VendorFolder, scratch: Path) -> list[tuple[Path, Path]]:
    """Generated places and where they belong."""
    layout = vendor.layout
    target = vendor.root / layout.source
    own = [Path(layout.generated) / vendor.name, Path(layout.documents) / f"{vendor.name}.json"]
    places = [*own, *map(Path, layout.shared)]
    return [(scratch / place, target / place) for place in places] + _client_pairs(vendor, scratch)


def _client_pairs(vendor: VendorFolder, scratch: Path) -> list[tuple[Path, Path]]:
    """The files of the client, as far as nobody has taken them over."""
    from .render.client import is_made

    made = sorted((scratch / _CLIENT / vendor.name).glob("*.py"))
    pairs = [(file, vendor.client / file.name) for file in made]
    return [(new, old) for new, old in pairs if not old.exists() or is_made(_text(old))]


def differences(vendor: VendorFolder, scratch: Path) -> list[str]:
    """One line per file that differs between the scratch place and the checkout."""
    lines: list[str] = []
    for new, old in _pairs(vendor, scratch):
        fresh = _texts(new)
        present = _texts(old)
        for name in sorted(fresh.keys() | present.keys()):
            if fresh.get(name) == present.get(name) or name == fingerprint.FILE:
                continue
            place = vendor.label(old / name if name else old)
            lines.append(f"{place}: {_summary(present.get(name), fresh.get(name))}")
    return lines


def _texts(place: Path) -> dict[str, str]:
    if place.is_file():
        return {"": _text(place)}
    return {
        str(path.relative_to(place)): _text(path)
        for path in place.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def _text(path: Path) -> str:
    """A generated file; a clone may have it with either line ending."""
    return path.read_bytes().replace(b"\r\n", b"\n").decode("utf-8", "replace")


def _summary(old: str | None, new: str | None) -> str:
    if old is None:
        return "new"
    if new is None:
        return "gone"
    import difflib  # only a difference pays for it

    before, after = _between(old.splitlines(), new.splitlines())
    lines = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
    added = sum(line.startswith("+") for line in lines)
    return f"+{added} -{sum(line.startswith('-') for line in lines)} lines"


def _between(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """What is left of two texts without the lines that both begin and end with: a long file is compared in no time."""
    most = min(len(old), len(new))
    first = next((index for index in range(most) if old[index] != new[index]), most)
    last = next((index for index in range(most - first) if old[-1 - index] != new[-1 - index]), most - first)
    return old[first : len(old) - last], new[first : len(new) - last]


def _install(vendor: VendorFolder, scratch: Path) -> None:
    """Move the new files into place. Everything is copied beside its place first, so that a full disk or a missing
    permission leaves the old as it was; then each package is swapped whole, each file by rename."""
    import shutil

    ready: list[tuple[Path, Path]] = []
    try:
        for new, old in _pairs(vendor, scratch):
            old.parent.mkdir(parents=True, exist_ok=True)
            aside = old.with_name(f".{old.name}.new")
            _discard(aside)
            ready.append((aside, old))
            if new.is_dir():
                shutil.copytree(new, aside, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(new, aside)
        for aside, old in ready:
            _swap(aside, old)
    finally:
        for aside, _ in ready:
            _discard(aside)


def _swap(new: Path, old: Path) -> None:
    if not new.is_dir():
        os.replace(new, old)
        return
    gone = old.with_name(f".{old.name}.old")
    _discard(gone)
    if old.exists():
        old.rename(gone)
    try:
        new.rename(old)
    except OSError:
        if gone.exists():
            gone.rename(old)
        raise
    _discard(gone)


def _discard(place: Path) -> None:
    if place.is_dir():
        import shutil

        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
