"""A vendor out of the standard modules of its package: the same files for every vendor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

from accordant_sandbox.derive.completing import completed
from accordant_sandbox.http.document import Document
from accordant_sandbox.model.events import Delivery, Event, Notice
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.ports import Page, Tx

__all__ = ["assembled"]


def assembled(
    package: str,
    document: Document,
    *,
    pages: Mapping[str, Page] | None = None,
    deliver: Callable[[Tx, Event], Iterable[Delivery | Notice]] | None = None,
) -> Vendor:
    """The vendor that a package states, completed with what its document says.

    Args:
        package: Import name of the package. Its modules `dialect`, `collections`, `operations`, `rules`, `seeds` and
            `actions` hold `DIALECT`, `COLLECTIONS`, `OPERATIONS`, `RULES`, `SEEDS` with `CREDENTIALS`, and `ACTIONS`.
            The collections and the operations may be functions of the document: `collections`, `operations`.
        document: The effective document.
        pages, deliver: See `Vendor`.
    """

    def stated(module: str, name: str = "") -> Any:
        home = import_module(f"{package}.{module}")
        made = getattr(home, module, None) if not name and not hasattr(home, module.upper()) else None
        return made(document) if made else getattr(home, name or module.upper())

    return completed(
        Vendor(
            name=package.rpartition(".")[2],
            dialect=stated("dialect"),
            collections=stated("collections"),
            operations=stated("operations"),
            rules=stated("rules"),
            seeds=stated("seeds"),
            credentials=stated("seeds", "CREDENTIALS"),
            actions=stated("actions"),
            document=document,
            pages=pages or {},
            deliver=deliver,
            partial=True,
        )
    )
