"""`accordant call dispatch appointments.list --status-in scheduled`: one call of a client's method."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any, Final, TextIO

from .arguments import keywords, split
from .methods import Method, client_class, find_method, method_names, resources
from .printing import print_lines, print_table, rows_of
from .progress import counted
from .usage import UsageError
from .values import in_words

USAGE: Final = "usage: accordant call VENDOR RESOURCE.METHOD [VALUE ...] [--ARGUMENT VALUE ...]"
HELP: Final = f"""{USAGE}

Calls a method of a client. Credentials and the address come from the environment, as for from_env() of the client.
Arguments are the method's own, with "-" for "_": --status-in scheduled; an option that takes several is repeated.
An argument that is an object or a list of them is JSON, or @FILE, or @- for the standard input.

  --body JSON  the fields of the body as the vendor names them; @FILE reads a file
  --max N      at most N rows of a list; without it every page is fetched
  --table      a table instead of one line of JSON for each row
  --help       what the vendor has: accordant call VENDOR [RESOURCE[.METHOD]] --help
"""


def call(words: Sequence[str], out: TextIO, err: TextIO) -> int:
    """Run the command.

    Raises:
        UsageError: The words make no call.
    """
    asked = [word for word in words if word in ("-h", "--help")]
    if not words or words[0] in asked:
        out.write(HELP)
        return 0 if words else 2
    client = client_class(words[0])
    if len(words) == 1 or words[1] in asked:
        out.writelines(f"{line}\n" for line in _overview(client))
        return 0
    if words[1].startswith("--"):
        raise UsageError(f"name the method before its options; {USAGE}")
    resource = words[1].replace("-", "_")
    if "." not in resource and resource in resources(client):
        out.writelines(f"{line}\n" for line in _methods(resource, resources(client)[resource]))
        return 0
    method = find_method(client, words[1])
    given = split(method, words[2:])
    if given.help:
        out.writelines(f"{line}\n" for line in _arguments(method))
        return 0
    rest, named = keywords(method, given)
    connect: Any = client  # from_env() is each vendor's own
    with connect.from_env() as api:
        function = getattr(getattr(api, method.resource), method.name)
        first = [each.name for each in method.arguments if rest and each.by_position and not each.repeated]
        positional = [named.pop(name) for name in first]
        rows = rows_of(function(*positional, *rest, **named), given.most)
        show = print_table if given.table else print_lines
        # Rows that appear one by one on the same terminal are a sign of life themselves.
        waits = err.isatty() and (given.table or not out.isatty())
        show(counted(rows, err) if waits else rows, out)
    return 0


def _overview(client: type[Any]) -> Iterator[str]:
    for name, resource in resources(client).items():
        yield from _methods(name, resource)


def _methods(name: str, resource: type[Any]) -> Iterator[str]:
    for method in method_names(resource):
        yield f"{name}.{method}  {_first(getattr(resource, method))}"


def _first(function: Any) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]


def _arguments(method: Method) -> Iterator[str]:
    """What a method does and takes: its own words, with its arguments as options."""
    shown = [f"[{each.option}]" if not each.required else each.option for each in method.arguments]
    yield " ".join(["usage: accordant call VENDOR", method.path, *shown])
    yield ""
    known = {f"{each.name}:": f"{each.option}:" for each in method.arguments}
    for line in (inspect.getdoc(method.function) or "").splitlines():
        word = line.strip().partition(" ")[0]  # "status_in:" becomes "--status-in:"
        yield line.replace(word, known[word], 1) if word in known and line.startswith("    ") else line
    yield ""
    width = max((len(each.option) for each in method.arguments), default=0)
    for each in method.arguments:
        yield f"{each.option:<{width}}  {in_words(each.kind)}"
