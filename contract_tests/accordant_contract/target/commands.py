"""Commands as the users of a vendor type them: those of this repository with `make`, all others with `accordant`."""

from __future__ import annotations

from typing import Final

import accordant_documents

_MAKE: Final = {"write": "WRITE=1", "strict": "STRICT=1", "keep": "KEEP=1"}


def typed(command: str, vendor: str, **options: object) -> str:
    """A command about a vendor with its options; one whose value is empty is left out."""
    given = {name: str(value) for name, value in options.items() if value not in (None, "")}
    if is_made(vendor):
        words = [f"VENDOR={vendor}", *(f"{name.upper()}={value}" for name, value in given.items())]
        return " ".join([f"make {command}", *words])
    return " ".join([f"accordant {command} {vendor}", *(f"--{name} {value}" for name, value in given.items())])


def switch(name: str, vendor: str) -> str:
    """What switches something on in `contract`: `WRITE=1` or `--write`."""
    return _MAKE[name] if is_made(vendor) else f"--{name}"


def is_made(vendor: str) -> bool:
    """Whether a vendor is one of this repository."""
    return package_of(vendor) == "accordant"


def package_of(vendor: str) -> str:
    """The package of a vendor's client; accordant's where the document is not among those that are installed."""
    try:
        return accordant_documents.package(vendor)
    except KeyError:
        return "accordant"
