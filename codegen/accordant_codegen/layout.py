"""Where the files of vendors are, and what their packages are called: in this repository, or in a user's project.

A user's project says it in its ``pyproject.toml``::

    [tool.accordant]
    package = "acme_clients"

Its documents are in ``specs/``, its corrections in ``overlays/``, and its package in ``src/acme_clients/``.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeGuard

from .errors import CodegenError

_REPOSITORY: Final = "repository"
_MAKE: Final = {
    "vendor": "VENDOR=",
    "name": "NAME=",
    "url": "URL=",
    "document": "DOC=",
    "against": "OLD=",
}
"""The variables of the Makefile, by the options of the commands."""


class Layout(NamedTuple):
    """The folders below a root, and the packages that they hold."""

    overlays: str
    """Has a folder for each vendor's corrections."""
    clients: str
    """Has a package for each vendor's client."""
    source: str
    """Where the generated packages are imported from."""
    client_package: str
    generated_package: str
    documents_package: str
    shared: tuple[str, ...]
    """The generated files that belong to no vendor, below ``source``."""
    project: bool = True

    @property
    def generated(self) -> str:
        """The folder of the generated packages, below ``source``."""
        return self.generated_package.replace(".", "/")

    @property
    def documents(self) -> str:
        """The folder of the effective documents, below ``source``."""
        return self.documents_package.replace(".", "/")

    def command(self, name: str, vendor: str = "", **options: str) -> str:
        """A command as a user of this place types it, without the quotes."""
        if not self.project:
            said = [f"VENDOR={vendor}"] if vendor else []
            return " ".join([f"make {name}", *said, *(f"{_MAKE[key]}{value}" for key, value in options.items())])
        said = [vendor] if vendor else []
        return " ".join([f"accordant {name}", *said, *(f"--{key} {value}" for key, value in options.items())])

    def option(self, name: str) -> str:
        """An option as a user of this place types it."""
        if not self.project:
            return _MAKE[name]
        return "NAME" if name in ("vendor", "name") else f"--{name}"


REPOSITORY: Final = Layout(
    "overlays/accordant",
    "overlays/accordant",
    "generated",
    "accordant",
    "accordant_generated",
    "accordant_documents",
    tuple(
        f"{package}/{file}"
        for package in ("accordant_generated", "accordant_documents")
        for file in ("__init__.py", "py.typed")
    ),
    project=False,
)


def layout_of(root: Path) -> Layout:
    """The layout of the place at ``root``: a user's where its ``pyproject.toml`` says so, else this repository's."""
    table = _table(root / "pyproject.toml")
    if table is None or table == {"layout": _REPOSITORY}:
        return REPOSITORY
    package = table.get("package")
    if not isinstance(package, str) or set(table) != {"package"} or not package.isidentifier():
        raise CodegenError(
            f"{root / 'pyproject.toml'}: [tool.accordant] has one key, package, the name of the package in src/. "
            'Write package = "my_clients"'
        )
    return of_package(package)


def of_package(package: str) -> Layout:
    """The layout of a project whose package has that name."""
    return Layout(
        overlays="overlays",
        clients=f"src/{package}",
        source="src",
        client_package=package,
        generated_package=f"{package}._generated",
        documents_package=f"{package}._documents",
        shared=(f"{package}/_generated/__init__.py",),
    )


def _table(file: Path) -> dict[str, Any] | None:
    try:
        found: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CodegenError(f"{file} cannot be read ({error}). Correct it") from None
    table: Any = found.get("tool", {}).get("accordant")
    if table is None:
        return None
    if _is_table(table):
        return table
    raise CodegenError(f"{file}: [tool.accordant] is no table. Write it as [tool.accordant]")


def _is_table(value: object) -> TypeGuard[dict[str, Any]]:
    """The runtime has the same question, but the import of all of it costs more than the rest of a regeneration that
    finds nothing changed."""
    return isinstance(value, dict)
