"""`make chaos`: every client in the storm, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from ..lab.cases import TWINS, VENDORS
from .run import storm
from .server import in_process


def chaos(vendor: str | None, calls: int, seed: int) -> Iterator[tuple[str, bool]]:
    """A text for each client, and whether nothing was wrong."""
    if vendor is not None and vendor not in VENDORS:
        yield f"no vendor {vendor!r}; there are {', '.join(VENDORS)}", False
        return
    for name in VENDORS if vendor is None else (vendor,):
        for twin in TWINS:
            report = storm(name, twin, calls, seed, in_process)
            yield report.text(), report.verdict.good
