"""eSPACE's habits: its address, its wrapper, its windows."""

from __future__ import annotations

from typing import Any, Final

from accordant_runtime import is_object

from ..clients import Problem, Vendor, WindowWalker

TOKEN_PATH: Final = "/api/v2/requesttoken"


def problem(document: Any) -> Problem:
    """Read an error body: the wrapper of all responses, ``{"IsSuccessStatusCode": false, "Message"}`` [assumed]."""
    message: object = document.get("Message", document.get("message")) if is_object(document) else None
    return Problem(message) if isinstance(message, str) else Problem()


VENDOR: Final = Vendor(
    name="espace",
    title="eSPACE",
    variable_prefix="ESPACE",
    environments={"production": "https://api.espace.cool"},
    wall_clock=True,
    problem=problem,
    walkers={"window": WindowWalker},
)
