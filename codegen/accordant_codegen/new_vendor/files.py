"""The places of one vendor, which a new vendor fills, and which are deleted to be rid of it."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ..errors import CodegenError
from ..layout import layout_of
from ..vendors import folder_of


def places(root: Path, name: str) -> tuple[Path, ...]:
    """Every place that is one vendor's: deleting them all undoes ``make vendor``."""
    vendor = folder_of(root, name)
    found = (vendor.source.parent, vendor.overlay.parent, vendor.client, vendor.generated, vendor.effective)
    return tuple(dict.fromkeys(found))


def require_free(root: Path, name: str) -> None:
    """Raise where one of the places is taken."""
    taken = [place for place in places(root, name) if place.exists()]
    if taken:
        vendor = folder_of(root, name)
        raise CodegenError(
            f"there is a vendor {name!r} already: {', '.join(map(vendor.label, taken))}. Choose another name, bring "
            f"in a newer document with `{vendor.layout.command('pull', name)}`, or delete these places first"
        )


@contextmanager
def all_or_nothing(root: Path, name: str) -> Generator[None]:
    """Keep what is made for a vendor only where everything went well; shared files that were not there go too."""
    layout = layout_of(root)
    shared = [root / layout.source / file for file in layout.shared]
    absent = [file for file in shared if not file.exists()]
    folders = {parent for place in (*places(root, name), *shared) for parent in place.parents}
    missing = sorted((folder for folder in folders if not folder.exists()), key=lambda each: -len(each.parts))
    try:
        yield
    except BaseException:
        for place in (*places(root, name), *absent):
            _remove(place)
        for folder in missing:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
