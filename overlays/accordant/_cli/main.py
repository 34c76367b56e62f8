"""The command `accordant`: which command runs, and what becomes of errors: one line and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from typing import Final, TextIO

import accordant_documents

from .._version import __version__
from ..errors import ConfigurationError, RequestError
from . import workbench
from .assistants import mcp
from .call import call
from .complaints import complaint
from .completion import COMMANDS, COMPLETE, complete, completion
from .evidence import evidence
from .methods import client_class, client_package, known_vendor, method_names, resources, vendor_names
from .project import Project, find_project, use
from .proxy import proxy
from .sandboxes import sandbox
from .streams import settle, standard
from .upgrade.check import upgrade_check
from .usage import UsageError, unknown

OK: Final = 0
FAILED: Final = 1
"""The vendor returned an error, or no response came."""
WRONG: Final = 2
"""The command line, a setting or a variable is wrong; nothing was sent."""
INTERRUPTED: Final = 130

HELP: Final = f"""usage: accordant COMMAND ...

  vendors                         the vendors, with their clients
  spec VENDOR                     the effective OpenAPI document of a vendor, as JSON
  call VENDOR RESOURCE.METHOD     call a method of a client: accordant call --help
  sandbox VENDOR|all              serve a sandbox on loopback: accordant sandbox --help
  evidence [VENDOR]               what the contract tests have proven
  mcp VENDOR                      a vendor's operations as tools for assistants: accordant mcp --help
  proxy VENDOR --upstream URL     pass an app's traffic on, and report deviations: accordant proxy --help
  upgrade-check PATH              what code uses that a newer version changed: accordant upgrade-check --help
  completion bash|zsh|fish        a script that completes commands in a shell: accordant completion --help
  --version                       the version
{workbench.HELP}
Exit codes: 0 success, 1 the vendor returned an error or no response came, 2 the command line or a setting is wrong.
"""
_HELP: Final = {
    "vendors": "usage: accordant vendors\n\nLists the vendors, with the import of each client.\n",
    "spec": "usage: accordant spec VENDOR\n\nPrints the effective OpenAPI document of a vendor, as JSON.\n",
}


def main(arguments: Sequence[str] | None = None, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Run the command and return its exit code; an error is one line on the standard error stream."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    stream, errors = out or standard("stdout"), err or standard("stderr") or StringIO()
    if stream is None:
        return _failed(errors, "the standard output is closed", FAILED)
    try:
        code = _run(words, stream, errors)
        stream.flush()
    except KeyboardInterrupt:
        return _failed(errors, "interrupted", INTERRUPTED)
    except BrokenPipeError:
        return FAILED
    except Exception as error:
        wrong = isinstance(error, (UsageError, ConfigurationError, RequestError))
        return _failed(errors, complaint(error), WRONG if wrong else FAILED)
    finally:
        settle(stream, errors)
    return code


def _run(words: Sequence[str], out: TextIO, err: TextIO) -> int:
    command, rest = (words[0], words[1:]) if words else ("", words)
    if command in ("", "-h", "--help", "help"):
        out.write(HELP)
        return OK if words else WRONG
    if command in ("--version", "-V"):
        out.write(f"accordant {__version__}\n")
        return OK
    project = _project()
    use(project)
    if command in workbench.COMMANDS:
        return workbench.workbench(command, rest, project, out, err)
    if command == "call":
        return call(rest, out, err)
    if command == "sandbox":
        return sandbox(rest, out)
    if command == "evidence":
        return evidence(rest, out)
    if command == "mcp":
        return mcp(rest, out)
    if command == "proxy":
        return proxy(rest, out, err)
    if command == "upgrade-check":
        return upgrade_check(rest, out, err)
    if command == "completion":
        return completion(rest, out)
    if command == COMPLETE:
        return complete(rest, out)
    if command in _HELP and rest[:1] in (["-h"], ["--help"]):
        out.write(_HELP[command])
        return OK
    if command == "vendors":
        _no_more(command, rest, 0)
        out.writelines(f"{line}\n" for line in _vendors())
        return OK
    if command == "spec":
        _no_more(command, rest, 1)
        if not rest:
            raise UsageError(f"name a vendor: {', '.join(vendor_names())}")
        out.write(accordant_documents.path(known_vendor(rest[0])).read_text(encoding="utf-8"))
        return OK
    if command.startswith("-"):
        raise UsageError("name a command before its options; accordant --help lists them")
    raise unknown("command", command, COMMANDS)


def _project() -> Project | None:
    try:
        return find_project(Path.cwd())
    except OSError:  # the folder is gone: nothing is there
        return None


def _no_more(command: str, words: Sequence[str], most: int) -> None:
    if len(words) > most:
        raise UsageError(f"accordant {command} takes {'one vendor' if most else 'no arguments'}; it got {len(words)}")


def _vendors() -> list[str]:
    names = vendor_names()
    width = max((len(name) for name in names), default=0)
    return [f"{name:<{width}}  {_described(name)}" for name in names]


def _described(vendor: str) -> str:
    client = client_class(vendor)
    count = sum(len(method_names(each)) for each in resources(client).values())
    info = accordant_documents.load(vendor)["info"]
    how = f"from {client_package(vendor)} import {client.__name__}"
    title = info["title"] if info["version"] in info["title"].split() else f"{info['title']} {info['version']}"
    return f"{title}, {count} methods: {how}"


def _failed(err: TextIO, message: str, code: int) -> int:
    err.write(f"accordant: {message}\n")
    return code
