"""Import lines, from what pieces of code say that they need."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..types.code import CLASS, INPUT, PARAM, Need


def import_lines(needs: Iterable[Need], module: Callable[[str], str], models: str = ".") -> tuple[str, ...]:
    """One line for each module; ``module`` says in which module a class lives, ``models`` where those modules are."""
    found: dict[str, set[str]] = {}
    for place, name in needs:
        if place in (CLASS, PARAM):
            found.setdefault(f"{models}{module(name)}", set()).add(name)
        elif place == INPUT:
            found.setdefault(f"{models}{module(name)}", set()).add(f"{name}Input")
        else:
            found.setdefault(place, set()).update({name} - {""})
    return tuple(
        f"from {place} import {', '.join(sorted(names))}" if names else f"import {place}"
        for place, names in sorted(found.items())
    )
