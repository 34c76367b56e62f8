"""The hash by which ``source.toml`` vouches for a document. Line endings do not count: Git may write any of them."""

from __future__ import annotations

import hashlib

from ..errors import DocumentError
from ..vendors import VendorFolder, read_source


def digest(data: bytes) -> str:
    """The sha256 of a document whose lines end in a line feed."""
    return hashlib.sha256(data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).hexdigest()


def is_vouched(data: bytes, expected: object) -> bool:
    """Whether a hash is that of a document. One that was taken of the bytes as they are, or of those that Git makes of
    them, is accepted too."""
    unix = data.replace(b"\r\n", b"\n")
    exact = (data, unix, unix.replace(b"\n", b"\r\n"))
    return expected in {digest(data), *(hashlib.sha256(each).hexdigest() for each in exact)}


def check_hash(vendor: VendorFolder, name: str) -> None:
    """Refuse a document that is not the one that ``source.toml`` vouches for."""
    expected = read_source(vendor.source, vendor.root).get("sha256")
    try:
        data = vendor.document.read_bytes()
    except OSError:
        return  # loading says it better
    if not is_vouched(data, expected):
        command = vendor.layout.command
        raise DocumentError(
            name,
            "$",
            f"it was changed: its sha256 is {digest(data)}, and {vendor.label(vendor.source)} says {expected}",
            f"If you did not mean to change it, run `git restore {name}`. If it is the vendor's newer document, "
            f"`{command('drift', vendor.name, document=name)}` says what it changes for callers, and "
            f"`{command('pull', vendor.name, url=name)}` takes it in and records its hash; then run "
            f"`{command('regenerate', vendor.name)}`. If the vendor's document is wrong, restore it and correct it in "
            f"{vendor.label(vendor.overlay)}",
        )
