"""Which vendors there are, and where their files are."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from .errors import CodegenError, DocumentError
from .layout import REPOSITORY, Layout, layout_of


class VendorFolder(NamedTuple):
    """The places of one vendor's files in a checkout, or in a user's project."""

    name: str
    root: Path
    document: Path
    layout: Layout = REPOSITORY

    @property
    def source(self) -> Path:
        """Where the document came from, when, and its hash."""
        return self.root / "specs" / self.name / "source.toml"

    @property
    def overlay(self) -> Path:
        """Our corrections."""
        return self.root / self.layout.overlays / self.name / "spec.overlay.yaml"

    @property
    def overlays(self) -> tuple[Path, ...]:
        """Every ``*.overlay.yaml`` file, our corrections first: long additions have their own files."""
        files = sorted(self.overlay.parent.glob("*.overlay.yaml"))
        return tuple(sorted(files, key=lambda path: path != self.overlay))

    @property
    def client(self) -> Path:
        """The package with the client, which is made from the document or written by hand."""
        return self.root / self.layout.clients / self.name

    @property
    def generated(self) -> Path:
        """The generated package."""
        return self.root / self.layout.source / self.layout.generated / self.name

    @property
    def effective(self) -> Path:
        """The effective document."""
        return self.root / self.layout.source / self.layout.documents / f"{self.name}.json"

    def label(self, path: Path) -> str:
        """A path as messages name it: relative to the checkout."""
        return str(path.relative_to(self.root)) if path.is_relative_to(self.root) else str(path)


def folder_of(root: Path, name: str) -> VendorFolder:
    """The places of a vendor that has no document yet."""
    return VendorFolder(name, root, root / "specs" / name / "openapi.json", layout_of(root))


def find_all(root: Path) -> list[VendorFolder]:
    """Every folder of ``specs/``, by name; each needs a ``source.toml``, and there has to be one at least."""
    layout = layout_of(root)
    folders = sorted(folder for folder in (root / "specs").glob("*/") if not folder.name.startswith("."))
    if not folders:
        advice = ". Add one with `accordant vendor add NAME URL`" if layout.project else ""
        raise CodegenError(f"there is no vendor: {root / 'specs'} has no folders{advice}")
    return [_vendor(root, folder / "source.toml", layout) for folder in folders]


def find(root: Path, name: str | None) -> list[VendorFolder]:
    """The named vendor, or all; an unknown name is an error that lists those there are."""
    vendors = find_all(root)
    if not name:
        return vendors
    chosen = [vendor for vendor in vendors if vendor.name == name]
    if not chosen:
        import difflib  # only a wrong name pays for it

        names = [vendor.name for vendor in vendors]
        close = difflib.get_close_matches(name, names, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise CodegenError(f"there is no vendor {name!r}; there are: {', '.join(names)}.{hint}")
    return chosen


def _vendor(root: Path, file: Path, layout: Layout) -> VendorFolder:
    source = read_source(file, root)
    document = source.get("document")
    if not isinstance(document, str):
        raise DocumentError(str(file.relative_to(root)), "document", "it is missing", "Name the document's file")
    return VendorFolder(file.parent.name, root, file.parent / document, layout)


def document_url(vendor: VendorFolder) -> str | None:
    """Where the document was found the last time that it was pulled."""
    from accordant_runtime import is_object  # a regeneration that finds nothing changed does without the runtime

    pull: Any = read_source(vendor.source, vendor.root).get("pull")
    urls = [pull.get(key) for key in ("found", "url")] if is_object(pull) else []
    return next((url for url in urls if isinstance(url, str) and url), None)


def read_source(file: Path, root: Path) -> dict[str, Any]:
    """Read a ``source.toml``."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DocumentError(str(file.relative_to(root)), "$", f"it cannot be read ({error})", "Correct it") from None
