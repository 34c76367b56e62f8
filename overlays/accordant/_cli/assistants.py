"""`accordant mcp dispatch`: a vendor's methods as tools for assistants, over the standard streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TextIO

from attrs import define

from .methods import client_class, known_vendor, vendor_names
from .streams import standard
from .tools import tools_of
from .usage import UsageError, unknown

OPTIONS: Final = ("--write", "--only", "--help")
HELP: Final = """usage: accordant mcp VENDOR [--write] [--only RESOURCE,...]

Serves a vendor's methods as tools to an assistant (Model Context Protocol over the standard streams) until the input
ends. Credentials and the address come from the environment, as for from_env() of the client.

  --write  also the methods that change something; without it an assistant sees those that read
  --only   only the methods of these resources: --only appointments,jobs
"""
_EXTRA: Final = ("mcp", "anyio")


@define
class _Words:
    vendor: str | None = None
    write: bool = False
    only: tuple[str, ...] = ()
    help: bool = False


def mcp(words: Sequence[str], out: TextIO) -> int:
    """Run the command.

    Raises:
        UsageError: The words name no vendor or resource, or the extra is not installed.
    """
    given = _split(words)
    if given.help:
        out.write(HELP)
        return 0
    if given.vendor is None:
        raise UsageError(f"name a vendor: {', '.join(vendor_names())}")
    vendor = known_vendor(given.vendor)
    tools = tools_of(vendor, given.only, write=given.write)
    try:
        from .mcp_server import serve
    except ImportError as error:
        if (error.name or "").partition(".")[0] in _EXTRA:
            raise UsageError(str(error)) from None
        raise
    if standard("stdin") is None:
        raise UsageError("the standard input is closed: the assistant's program starts the command, and writes there")
    connect: Any = client_class(vendor)  # from_env() is each vendor's own
    with connect.from_env() as api:
        serve(vendor, api, tools)
    return 0


def _split(words: Sequence[str]) -> _Words:
    given = _Words()
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if word in ("-h", "--help"):
            given.help = True
        elif word == "--write":
            given.write = True
        elif name == "--only":
            text = value if equals else next(rest, "")
            given.only = (*given.only, *(each for each in text.split(",") if each))
            if not given.only:
                raise UsageError("--only needs resources, with commas between them")
        elif word.startswith("-"):
            raise unknown("option of accordant mcp", name, OPTIONS)
        elif given.vendor is None:
            given.vendor = word
        else:
            raise UsageError("accordant mcp takes one vendor")
    return given
