"""Metadata of the wheel that depends on where the repository is published: project URLs, and a README for an index.

An index page does not resolve the README's relative links, so they are made absolute. The address of the repository is
in ``ACCORDANT_REPOSITORY``, or in the variables that GitHub sets for its jobs. Without one there are no project URLs,
and a link becomes its text: a dead link is worse than none.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://|#|mailto:)([^)\s]+)\)")


class IndexMetadata(MetadataHookInterface):
    """Fills in what `pyproject.toml` declares as dynamic."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the README and the project URLs."""
        address = repository(os.environ)
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": for_index(text, address)}
        metadata["urls"] = urls(address)


class PackEvidence(BuildHookInterface[Any]):
    """Packs the records of contract runs, where ``ACCORDANT_EVIDENCE`` names the folder that holds them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add each record under the name at which `accordant.<vendor>.evidence()` looks for it."""
        folder = os.environ.get("ACCORDANT_EVIDENCE", "")
        if folder and version != "editable":
            for path in sorted(Path(folder).glob("*.json")):
                build_data["force_include"][str(path)] = f"accordant/_evidence_records/{path.name}"


def repository(environ: Mapping[str, str]) -> str:
    """The address of the repository, empty where nothing names it."""
    given = environ.get("ACCORDANT_REPOSITORY", "").strip()
    if not given and environ.get("GITHUB_REPOSITORY"):
        given = f"{environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{environ['GITHUB_REPOSITORY']}"
    if given and not given.startswith("https://"):
        raise ValueError("ACCORDANT_REPOSITORY must be the https:// address of the repository")
    return given.removesuffix(".git").rstrip("/")


def for_index(text: str, address: str) -> str:
    """The README without relative links."""
    return _LINK.sub(lambda found: f"[{found[1]}]({address}/blob/main/{found[2]})" if address else found[1], text)


def urls(address: str) -> dict[str, str]:
    """The project URLs."""
    if not address:
        return {}
    return {
        "Source": address,
        "Documentation": f"{address}/tree/main/docs",
        "Reference": f"{address}/blob/main/docs/api.md",
        "Changelog": f"{address}/blob/main/CHANGELOG.md",
        "Issues": f"{address}/issues",
    }
