"""Where PyInstaller finds what to bundle: it asks the entry point `hook-dirs`, and no program names anything."""

from __future__ import annotations

from pathlib import Path


def hook_dirs() -> list[str]:
    """The folder of the hooks."""
    return [str(Path(__file__).parent / "hooks")]
