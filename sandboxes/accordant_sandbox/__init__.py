"""Stateful doubles of vendor APIs: `with Sandbox("dispatch") as sandbox: ...`.

Importing this package loads nothing else; `Sandbox` and `vendors` are loaded when first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accordant_sandbox.errors import DefectError, SandboxError
    from accordant_sandbox.model.vendor import vendors
    from accordant_sandbox.server.sandbox import Sandbox

__all__ = ["DefectError", "Sandbox", "SandboxError", "vendors"]

_HOMES = {"DefectError": "errors", "Sandbox": "server.sandbox", "SandboxError": "errors", "vendors": "model.vendor"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
