"""The effective documents, as data."""

import json
from importlib import resources
from pathlib import Path
from typing import Any


def names() -> tuple[str, ...]:
    """The vendors that there is a document for."""
    files = (file.name for file in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in files if name.endswith(".json")))


def path(name: str) -> Path:
    """The file of one vendor's document; raises ``KeyError`` when there is none."""
    file = Path(str(resources.files(__name__))) / f"{name}.json"
    if not file.is_file():
        raise KeyError(f"there is no document {name!r}; there are: {', '.join(names())}")
    return file


def load(name: str) -> dict[str, Any]:
    """One vendor's effective document, OpenAPI 3.1, parsed anew; raises ``KeyError`` when there is none.

    Reads from a zip file as well.
    """
    if name not in names():
        raise KeyError(f"there is no document {name!r}; there are: {', '.join(names())}")
    text = resources.files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document
