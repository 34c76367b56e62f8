"""``make vendor NAME= URL=``: everything from a document to a green contract run, or nothing at all."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from attrs import frozen

from .. import commands
from ..errors import CodegenError
from ..guess.guess import Guesses, guess
from ..guess.overlay import as_overlay, report
from ..layout import layout_of
from ..pull.command import PullRequest, folder, pull
from ..pull.fetching import Limits
from ..read import effective
from ..read.document import operations
from ..text import shown
from ..vendors import VendorFolder, find, read_source
from .files import all_or_nothing, places, require_free
from .first_call import first_call, importing
from .names import check_name

_FINDINGS, _NO_VERDICT = 1, 2


@frozen
class NewVendor:
    """What was asked for: the name, where the document is, and whether the contract tests run at the end."""

    root: Path
    name: str | None
    place: str | None
    limits: Limits
    contract: bool = True


def run(request: NewVendor, environment: Mapping[str, str] = os.environ) -> int:
    """Make the vendor and say so; returns the exit status, that of the contract tests included."""
    begun = time.monotonic()
    root, name = request.root, check_name(request.root, request.name)
    require_free(root, name)
    if not request.place:
        given = layout_of(root).option("url")
        raise CodegenError(f"{given} is where {name}'s document is: an address, a page that leads to it, or a file")
    with all_or_nothing(root, name):
        with redirect_stdout(io.StringIO()) as said:
            pull(folder(root, name), PullRequest(root, name, request.place, request.limits), environment)
        vendor = find(root, name)[0]
        guesses = write_guesses(vendor)
        losses = commands.make(vendor).losses
    document: dict[str, Any] = json.loads(vendor.effective.read_text(encoding="utf-8"))
    lines = [line for line in said.getvalue().splitlines() if not line.startswith("next:")]
    lines += _some([f"{name}: normalised: {shown(loss)}" for loss in losses])
    lines += [f"{name}: {line}" for line in report(guesses)]
    print("\n".join(lines))
    status = contract(root, name, environment) if request.contract else 0
    _tell(vendor, document, status, environment, request)
    print(f"{name}: {time.monotonic() - begun:.0f} s")
    return status


def _some(lines: list[str], most: int = 20) -> list[str]:
    more = [f"  ... and {len(lines) - most} more"] if len(lines) > most else []
    return lines[:most] + more


def write_guesses(vendor: VendorFolder) -> Guesses:
    """Write the overlay with the guesses about a vendor's document beside its client; returns them."""
    guesses = _guessed(vendor)
    vendor.overlay.parent.mkdir(parents=True, exist_ok=True)
    vendor.overlay.write_text(_overlay(vendor, guesses), encoding="utf-8")
    return guesses


def show_guesses(vendor: VendorFolder) -> int:
    """Print, as an overlay, what can be guessed about a vendor's document beyond what its overlays say."""
    print(_overlay(vendor, _guessed(vendor)), end="")
    return 0


def _guessed(vendor: VendorFolder) -> Guesses:
    found = effective.corrected(vendor)
    return guess(found.document, found.met)


def _overlay(vendor: VendorFolder, guesses: Guesses) -> str:
    source = read_source(vendor.source, vendor.root)
    document = os.path.relpath(vendor.document, vendor.overlay.parent)
    title = str(source.get("title", vendor.name))
    return as_overlay(guesses, title=title, document=document, command=vendor.layout.command("regenerate"))


def contract(root: Path, name: str, environment: Mapping[str, str]) -> int:
    """Run the contract tests on the vendor's sandbox, in a process that finds the new packages; returns its status."""
    print(f"{name}: the contract tests run on its sandbox", flush=True)
    words = [sys.executable, "-m", "accordant_contract", "run", "--vendor", name]
    return subprocess.run(words, cwd=root, env=importing(root, environment), check=False).returncode


def _tell(
    vendor: VendorFolder, document: dict[str, Any], status: int, environment: Mapping[str, str], request: NewVendor
) -> None:
    """What there is now, how to use it, what to read, and how to be rid of it."""
    root, name, command = vendor.root, vendor.name, vendor.layout.command
    verdict = {
        0: "they pass",
        _FINDINGS: "they have findings, see above",
        _NO_VERDICT: "they gave no verdict, see above",
    }
    print(f"\n{name}: {sum(1 for _ in operations(document))} operations generated", end="")
    print(f"; contract tests: {verdict.get(status, f'status {status}')}" if request.contract else "")
    lines = first_call(vendor, document, environment)
    if lines:
        print(f"\nA first call, against its sandbox{_before_it(vendor)}:\n")
        print("\n".join(f"    {line}".rstrip() for line in lines))
    print("\nWhat to read next:")
    print(f"  {vendor.label(vendor.overlay)}: the guesses; correct them, then `{command('regenerate', name)}`")
    whose = "accordant's " if vendor.layout.project else ""
    print(f"  {whose}docs/extensions.md: what the guesses may say; docs/client.md: what the client can do")
    print(f"  `{command('sandbox', name)}` serves its sandbox, `{command('contract', name)}` tests it again")
    print(f"\nUndo it: rm -r {' '.join(vendor.label(place) for place in places(root, name))}")


def _before_it(vendor: VendorFolder) -> str:
    """What makes a project's package one that programs find, where it is not installed."""
    if not vendor.layout.project:
        return ""
    installed = {point.value for point in entry_points(group="accordant.packages")}
    return "" if vendor.layout.client_package in installed else " (once before it: pip install -e .)"
