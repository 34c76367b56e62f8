"""The first typed call to a vendor's sandbox, as five lines that a user can paste."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ..layout import layout_of
from ..names import client_class_name
from ..read.document import operations
from ..vendors import VendorFolder

PACKAGES: Final = "ACCORDANT_PACKAGES"
"""The variable that names packages with vendors which are not installed, for sandboxes and contract tests."""

_TRIES = 4
_SECONDS = 30.0


def importing(root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which a project's package can be imported and found, although it may not be installed."""
    layout = layout_of(root)
    found = dict(environment)
    if layout.project:
        paths = [str(root / layout.source), *filter(None, [found.get("PYTHONPATH")])]
        found |= {"PYTHONPATH": os.pathsep.join(paths), PACKAGES: layout.client_package}
    return found


def first_call(vendor: VendorFolder, document: dict[str, Any], environment: Mapping[str, str]) -> list[str]:
    """Five lines that call an operation which the sandbox serves; the first that runs, of the likeliest.

    Empty where none of them runs.
    """
    for call in list(_calls(document))[:_TRIES]:
        lines = _lines(vendor, call)
        done = subprocess.run(
            [sys.executable, "-c", "\n".join(lines)],
            cwd=vendor.root,
            env=importing(vendor.root, environment),
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode == 0:
            return lines
    return []


def _lines(vendor: VendorFolder, call: str) -> list[str]:
    name, client = vendor.name, client_class_name(vendor.name)
    return [
        f"from {vendor.layout.client_package}.{name} import {client}",
        "from accordant_sandbox import Sandbox",
        "",
        f'with Sandbox("{name}") as sandbox, {client}(**sandbox.credentials) as api:',
        f"    print({call})",
    ]


def _calls(document: dict[str, Any]) -> Iterator[str]:
    """Calls of operations that only read and need no argument; paged lists first, then other lists, then records."""
    found: list[tuple[int, str]] = []
    for _, method, operation in operations(document):
        if method != "get" or operation.get("deprecated"):
            continue
        paging: Any = operation.get("x-accordant-pagination")
        set_by_walk = set(paging.values()) if paging else set[str]()
        needed = [each for each in operation.get("parameters", []) if each.get("required")]
        if any(each["name"] not in set_by_walk for each in needed):
            continue
        call = f"api.{operation['x-accordant-resource']}.{operation['x-accordant-name']}()"
        rank = 0 if paging else 1 if operation["x-accordant-action"] == "list" else 2
        found.append((rank, f"{call}.first()" if paging else call))
    yield from (call for _, call in sorted(found, key=lambda each: each[0]))
