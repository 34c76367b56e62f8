"""Names of record kinds: `work_order_status` one of them, `work_order_statuses` all."""

from __future__ import annotations

import re

__all__ = ["plural", "singular", "snake"]


def snake(name: str) -> str:
    """`JobContact`, `job-contact` and `jobContact` as `job_contact`."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name))
    return re.sub(r"[^A-Za-z0-9]+", "_", spaced).strip("_").lower()


def plural(name: str) -> str:
    """The name of all records of a kind."""
    if re.search(r"[^aeiou]y$", name):
        return f"{name[:-1]}ies"
    return f"{name}es" if re.search(r"(s|x|z|ch|sh)$", name) else f"{name}s"


def singular(name: str) -> str:
    """The name of one record out of a name for many."""
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    if re.search(r"(ses|xes|zes|ches|shes)$", name):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
