"""The effective documents, as data: those of accordant's vendors, and those of packages that `accordant init` began.

Such a package is found where it is installed, by its entry point in the group ``accordant.packages``, or where the
variable ``ACCORDANT_PACKAGES`` names it. Of two packages with a vendor of the same name the first one counts: accordant,
then those that the variable names, then those that are installed, by name.
"""

import json
import os
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

GROUP = "accordant.packages"
VARIABLE = "ACCORDANT_PACKAGES"


def names(package: str | None = None) -> tuple[str, ...]:
    """The vendors that there is a document for; with ``package``, those of that package alone."""
    own = _own() if package in (None, "accordant") else ()
    places = [place for name, place in _places() if package in (None, name)]
    return tuple(sorted({*own, *(file.stem for place in places for file in place.glob("*.json"))}))


def package(name: str) -> str:
    """The package that a vendor's client belongs to, ``accordant`` or a user's; raises ``KeyError`` when there is none.

    Its client is the package ``<package>.<name>``.
    """
    found = _found(name)
    return "accordant" if found is None else found[0]


def generated(name: str) -> str:
    """The package that was generated for a vendor; raises ``KeyError`` when there is none."""
    found = _found(name)
    return f"accordant_generated.{name}" if found is None else f"{found[0]}._generated.{name}"


def path(name: str) -> Path:
    """The file of one vendor's document; raises ``KeyError`` when there is none."""
    found = _found(name)
    file = found[1] if found is not None else Path(str(resources.files(__name__))) / f"{name}.json"
    if not file.is_file():
        raise _unknown(name)
    return file


def load(name: str) -> dict[str, Any]:
    """One vendor's effective document, OpenAPI 3.1, parsed anew; raises ``KeyError`` when there is none.

    Reads from a zip file as well.
    """
    found = _found(name)
    file = found[1] if found is not None else resources.files(__name__).joinpath(f"{name}.json")
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


def unfound() -> str:
    """What to say of packages that the variable names and that cannot be found; empty where there is none."""
    named = [each.strip() for each in os.environ.get(VARIABLE, "").split(",")]
    gone = [each for each in named if each and _folder(each) is None]
    return f"; {VARIABLE} names what cannot be imported: {', '.join(gone)}" if gone else ""


def _own() -> tuple[str, ...]:
    files = (file.name for file in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in files if name.endswith(".json")))


def _found(name: str) -> tuple[str, Path] | None:
    """The user's package that a vendor is in, and its document; ``None`` for a vendor of accordant."""
    if name in _own():
        return None
    if name.isidentifier():
        for package, place in _places():
            if (place / f"{name}.json").is_file():
                return package, place / f"{name}.json"
    raise _unknown(name)


def _unknown(name: str) -> KeyError:
    return KeyError(f"there is no document {name!r}; there are: {', '.join(names())}{unfound()}")


def _places() -> tuple[tuple[str, Path], ...]:
    return _places_of(os.environ.get(VARIABLE, ""))


@cache
def _places_of(named: str) -> tuple[tuple[str, Path], ...]:
    """The folders of documents of users' packages, by package."""
    from importlib.metadata import entry_points  # slow, and only asked for what accordant does not have

    installed = sorted(point.value for point in entry_points(group=GROUP))
    packages = dict.fromkeys(each.strip() for each in (*named.split(","), *installed))
    return tuple((each, place) for each in packages if each and (place := _folder(each)) is not None)


def _folder(package: str) -> Path | None:
    try:
        found = find_spec(package)
    except (ImportError, ValueError):
        return None
    places = found.submodule_search_locations if found is not None else None
    return next((Path(each) / "_documents" for each in places or ()), None)
