"""The command `accordant`: which command runs, and what becomes of errors: one line and an exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from traceback import walk_tb
from typing import Final, TextIO

import accordant_documents

from .._version import __version__
from ..errors import AccordantError, ConfigurationError, RequestError
from .call import call
from .methods import client_class, known_vendor, method_names, resources, vendor_names
from .printing import one_line
from .proxy import proxy
from .sandboxes import sandbox
from .usage import UsageError, unknown

OK: Final = 0
FAILED: Final = 1
"""The vendor returned an error, or no response came."""
WRONG: Final = 2
"""The command line, a setting or a variable is wrong; nothing was sent."""
INTERRUPTED: Final = 130

HELP: Final = """usage: accordant COMMAND ...

  vendors                         the vendors, with their clients
  spec VENDOR                     the effective OpenAPI document of a vendor, as JSON
  call VENDOR RESOURCE.METHOD     call a method of a client: accordant call --help
  sandbox VENDOR|all              serve a sandbox on loopback: accordant sandbox --help
  proxy VENDOR --upstream URL     pass an app's traffic on, and report deviations: accordant proxy --help
  --version                       the version

Exit codes: 0 success, 1 the vendor returned an error or no response came, 2 the command line or a setting is wrong.
"""
COMMANDS: Final = ("vendors", "spec", "call", "sandbox", "proxy")


def main(arguments: Sequence[str] | None = None, out: TextIO | None = None, err: TextIO | None = None) -> int:
    """Run the command and return its exit code; an error is one line on the standard error stream."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    stream, errors = out or sys.stdout, err or sys.stderr
    try:
        code = _run(words, stream, errors)
        stream.flush()
    except UsageError as error:
        return _failed(errors, str(error), WRONG)
    except AccordantError as error:
        wrong = isinstance(error, (ConfigurationError, RequestError))
        return _failed(errors, f"{type(error).__name__}: {error}", WRONG if wrong else FAILED)
    except KeyboardInterrupt:
        return _failed(errors, "interrupted", INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # or the interpreter complains there when it fails to flush the rest
        return FAILED
    except OSError as error:
        return _failed(errors, f"{error.strerror or type(error).__name__}: {error.filename or 'no file named'}", FAILED)
    except Exception as error:  # its text may quote anything, secrets too: only its kind and its place are told
        return _failed(errors, f"unexpected {type(error).__name__} at {_place(error)}; please report it", FAILED)
    return code


def _run(words: Sequence[str], out: TextIO, err: TextIO) -> int:
    command, rest = (words[0], words[1:]) if words else ("", words)
    if command in ("", "-h", "--help", "help"):
        out.write(HELP)
        return OK if words else WRONG
    if command in ("--version", "-V"):
        out.write(f"accordant {__version__}\n")
        return OK
    if command == "call":
        return call(rest, out, err)
    if command == "sandbox":
        return sandbox(rest, out)
    if command == "proxy":
        return proxy(rest, out, err)
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
    how = f"from accordant.{vendor} import {client.__name__}"
    title = info["title"] if info["version"] in info["title"].split() else f"{info['title']} {info['version']}"
    return f"{title}, {count} methods: {how}"


def _failed(err: TextIO, message: str, code: int) -> int:
    err.write(f"accordant: {one_line(message)}\n")
    return code


def _place(error: BaseException) -> str:
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    file, line = frames[-1] if frames else ("", 0)
    return f"{'/'.join(Path(file).parts[-2:])}:{line}"
