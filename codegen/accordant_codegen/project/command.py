"""The commands of a project: ``accordant init``, ``vendor``, ``pull``, ``regenerate`` and ``drift``.

Each is one of ``python -m accordant_codegen``, which the Makefile of accordant's repository calls; here is how a user's
command line names them, and where the project is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from .. import __main__ as codegen
from ..errors import CodegenError
from .starting import init

_PLACE: Final = "an address, a page that leads to the document, or a file"


def main(command: str, words: Sequence[str], root: Path | None) -> int:
    """Run one command in the project at ``root``; 0 done, 1 refused, 2 wrong arguments.

    ``drift`` returns 0 for no change, 1 for a breaking one, 2 for an additive one, and 3 where it cannot compare.
    """
    parser = argparse.ArgumentParser(prog=f"accordant {command}", description=_TEXTS[command])
    _ARGUMENTS[command](parser)
    try:
        options = parser.parse_args(words)
    except SystemExit as stopped:
        if command == "drift" and stopped.code == 2:
            return 3  # 1 and 2 are results
        raise
    try:
        if command == "init":
            return init(Path(options.folder), options.name)
        if root is None:
            raise CodegenError(
                "this is no project: neither this folder nor one above it has a pyproject.toml with [tool.accordant]. "
                "Begin one with `accordant init` in an empty folder, or change into one"
            )
    except (CodegenError, OSError) as error:
        print(f"accordant: {codegen.in_words(error)}", file=sys.stderr)
        return 3 if command == "drift" else 1
    return codegen.main([*_given(command, options), "--root", str(root)], said="accordant")


def _given(command: str, options: argparse.Namespace) -> list[str]:
    """The same command in the words of ``python -m accordant_codegen``."""
    given = dict(vars(options))
    if command == "vendor":
        command = "guess" if given.pop("action") == "guess" else "vendor"
    elif command == "regenerate" and given.pop("check"):
        command = "check-generated"
        given.pop("force")
    words = [command]
    for name, value in given.items():
        if value is not None and value is not False:
            option = f"--{name.replace('_', '-')}"
            words += [option] if value is True else [f"{option}={value}"]
    return words


def _init(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help="empty or new; default: this one")
    parser.add_argument("--name", help="the name of the project; default: that of the folder")


def _vendor(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make a new vendor", description=_TEXTS["vendor"])
    add.add_argument("name", metavar="NAME", help="what to call it: small letters, digits, underscores")
    add.add_argument("url", metavar="URL", help=_PLACE)
    add.add_argument("--no-contract", action="store_true", help="leave the contract tests out")
    _limits(add)
    text = "print as an overlay what can be guessed beyond what the overlays say"
    guess = actions.add_parser("guess", help=text, description=text)
    guess.add_argument("vendor", metavar="NAME")


def _pull(parser: argparse.ArgumentParser) -> None:
    _one_or_all(parser)
    parser.add_argument("--url", metavar="URL", help=f"{_PLACE}; default: where it came from the last time")
    _limits(parser)


def _regenerate(parser: argparse.ArgumentParser) -> None:
    _one_or_all(parser)
    parser.add_argument("--check", action="store_true", help="write nothing, and exit with 1 on any difference")
    parser.add_argument("--force", action="store_true", help="also where nothing changed")


def _drift(parser: argparse.ArgumentParser) -> None:
    _one_or_all(parser)
    parser.add_argument("--document", metavar="URL", help=f"the newer document: {_PLACE}; default: as `pull` finds it")
    parser.add_argument("--against", metavar="URL", help="an older document instead of a vendor's")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--strict", action="store_true", help="count what only a strict client refuses as breaking")
    _limits(parser)


def _one_or_all(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("vendor", nargs="?", metavar="NAME", help="one vendor; default: all of the project")


def _limits(parser: argparse.ArgumentParser) -> None:
    codegen.add_limits(parser)


_TEXTS: Final = {
    "init": "Begin a project of your own, with a Python package for clients, in an empty folder.",
    "vendor": "Make a new vendor: document, guesses, client, contract tests on its sandbox.",
    "pull": "Bring a vendor's document in and say what it changes.",
    "regenerate": "Make the generated code and the clients from the documents and their corrections.",
    "drift": "Say what a newer document changes for callers: 0 nothing, 1 breaking, 2 additive, 3 failed.",
}
_ARGUMENTS: Final[dict[str, Callable[[argparse.ArgumentParser], None]]] = {
    "init": _init,
    "vendor": _vendor,
    "pull": _pull,
    "regenerate": _regenerate,
    "drift": _drift,
}
