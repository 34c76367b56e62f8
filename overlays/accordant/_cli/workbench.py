"""The commands of a project of one's own, which the extra `workbench` brings: they make clients, and test them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Final, TextIO

from .project import Project
from .usage import UsageError

COMMANDS: Final = ("init", "vendor", "pull", "regenerate", "drift", "contract")
MISSING: Final = "this command needs an extra: pip install 'accordant[workbench]'"
HELP: Final = """
In a project of your own (pip install 'accordant[workbench]'):

  init [FOLDER]                   begin a project in an empty folder
  vendor add NAME URL             make a new vendor from its OpenAPI document: client, sandbox, contract tests
  pull [NAME]                     bring a vendor's newer document in
  regenerate [NAME]               make the clients from the documents and their corrections
  drift [NAME]                    what a newer document changes for callers
  contract [NAME]                 test client, sandbox and document against each other
"""
_BROUGHT: Final = ("accordant_codegen", "accordant_contract")


def workbench(command: str, words: Sequence[str], project: Project | None, out: TextIO, err: TextIO) -> int:
    """Hand the words to the tools, which are imported here and nowhere else; returns the exit code.

    Raises:
        UsageError: The extra is not installed.
    """
    with redirect_stdout(out), redirect_stderr(err):
        if command == "contract":
            return _contract(words, project)
        try:
            from accordant_codegen.project.command import main
        except ImportError as error:
            raise _missing(error) from None
        return main(command, words, project.root if project else None)


def _contract(words: Sequence[str], project: Project | None) -> int:
    try:
        from accordant_contract.__main__ import main
        from accordant_contract.arguments import in_project
    except ImportError as error:
        raise _missing(error) from None
    root, package = (project.root, project.package) if project else (None, None)
    return main(in_project(words, root, package))


def _missing(error: ImportError) -> Exception:
    """What to say of a failed import: the tools name themselves where the extra is not installed."""
    return UsageError(MISSING) if error.name in _BROUGHT else error
