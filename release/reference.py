"""Writes `docs/api.md`: every vendor, resource and method, with its signature and one line.

``python -m release.reference`` writes it, ``python -m release.reference --check`` fails when it is stale. The page is
made of the classes that users call, so methods that were written by hand are in it as well.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from accordant.clients import Client
from accordant_runtime import is_old_name

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "api.md"
WIDTH: Final = 100
"""A signature that is longer is broken: one argument a line."""
_HEAD: Final = """\
<!-- Written by `make reference`; change the code or the vendor's document, not this page. -->

# Reference

Every vendor, resource and method. `AsyncDispatch` and the other asynchronous clients have the same methods: `await`
what returns one thing, `async for` what returns `Pages`. `UNSET` means that an argument is not sent. Errors, paging and
`options` are described in [client.md](client.md); a method's docstring says what each argument means.
"""


def page() -> str:
    """The whole page."""
    sections = [section for name in vendors() for section in _vendor(name)]
    return _HEAD + "\n" + "\n".join([*_contents(), *sections])


def vendors() -> list[str]:
    """The vendors that have a client, in alphabetical order."""
    folder = Path(str(import_module("accordant").__file__)).parent
    return sorted(place.parent.name for place in folder.glob("*/client.py") if not place.parent.name.startswith("_"))


def client_class(vendor: str) -> type[Client]:
    """The client of a vendor that waits for its responses."""
    found = [item for item in _public(vendor) if isinstance(item, type) and issubclass(item, Client)]
    assert len(found) == 1, f"accordant.{vendor} has {len(found)} blocking clients, not one"
    return found[0]


def resources(client: type[Client]) -> Iterator[tuple[str, type[Any]]]:
    """The attribute and the class of each resource of a client, in alphabetical order."""
    for name in sorted(set(dir(client))):
        member = inspect.getattr_static(client, name)
        if not name.startswith("_") and isinstance(member, cached_property):
            yield name, _returned(member.func)


def methods(resource: type[Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The methods of a resource, in alphabetical order."""
    for name in sorted(dir(resource)):
        member = inspect.getattr_static(resource, name)
        if not name.startswith("_") and inspect.isfunction(member) and not is_old_name(member):
            yield name, member


def _returned(function: Callable[..., Any]) -> type[Any]:
    """The class that a property returns; it is imported in the body of the function, as the first use does."""
    name = str(function.__annotations__["return"])
    found = re.search(rf"^\s+from (\.*)([\w.]*) import .*?\b{name}\b", inspect.getsource(function), re.MULTILINE)
    assert found is not None, f"{function.__qualname__} does not import {name}"
    package = function.__globals__["__package__"]
    returned: type[Any] = getattr(import_module(found[1] + found[2], package), name)
    return returned


def _public(vendor: str) -> list[Any]:
    module = import_module(f"accordant.{vendor}")
    return [getattr(module, name) for name in module.__all__]


def _contents() -> Iterator[str]:
    yield "| vendor | client | resources | methods |"
    yield "|---|---|---|---|"
    for vendor in vendors():
        client = client_class(vendor)
        found = [resource for _, resource in resources(client)]
        count = sum(1 for resource in found for _ in methods(resource))
        yield f"| [{vendor}](#{vendor}) | `accordant.{vendor}.{client.__name__}` | {len(found)} | {count} |"
    yield ""


def _vendor(vendor: str) -> Iterator[str]:
    client = client_class(vendor)
    yield f"## {vendor}\n"
    yield f"`from accordant.{vendor} import {client.__name__}`; more in [{vendor}.md]({vendor}.md).\n"
    functions = [item for item in _public(vendor) if inspect.isfunction(item)]
    names = [name for name, _ in resources(client)]
    yield "Resources: " + ", ".join(f"[{name}](#{vendor}-{name})" for name in names) + ".\n"
    for function in functions:
        yield from _entry(f"accordant.{vendor}.{function.__name__}", function, bound=False)
    for name, resource in resources(client):
        yield f"### {vendor}: {name}\n"
        yield _line(resource) + "\n"
        for method, called in methods(resource):
            yield from _entry(f"{name}.{method}", called, bound=True)


def _entry(name: str, function: Callable[..., Any], *, bound: bool) -> Iterator[str]:
    yield f"```python\n{signature(name, function, bound=bound)}\n```\n"
    yield _line(function) + "\n"


def signature(name: str, function: Callable[..., Any], *, bound: bool) -> str:
    """The call as a reader would write it, with the types as the code has them."""
    given = inspect.signature(function)
    parameters = list(given.parameters.values())[1 if bound else 0 :]
    arguments: list[str] = []
    keywords = False
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and not keywords:
            arguments.append("*")
            keywords = True
        arguments.append(_argument(parameter))
    result = f" -> {_words(given.return_annotation)}"
    line = f"{name}({', '.join(arguments)}){result}"
    if len(line) <= WIDTH:
        return line
    return f"{name}(\n" + "".join(f"    {argument},\n" for argument in arguments) + f"){result}"


def _argument(parameter: inspect.Parameter) -> str:
    stars = {"VAR_POSITIONAL": "*", "VAR_KEYWORD": "**"}.get(parameter.kind.name, "")
    text = f"{stars}{parameter.name}: {_words(parameter.annotation)}"
    if parameter.default is parameter.empty:
        return text
    default = "UNSET" if type(parameter.default).__name__ == "Unset" else repr(parameter.default)
    return f"{text} = {default}"


def _words(annotation: object) -> str:
    """An annotation; the modules of this repository are all strings, because they defer the annotations."""
    assert isinstance(annotation, str), f"{annotation!r}: the module lacks `from __future__ import annotations`"
    return annotation


def _line(item: Any) -> str:
    """The first paragraph of a docstring, on one line."""
    text = inspect.getdoc(item) or ""
    assert text, f"{item.__qualname__} has no docstring"
    return " ".join(text.split("\n\n")[0].split())


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` compare it; returns the exit status."""
    text = page()
    place = PAGE.relative_to(ROOT)
    if "--check" in arguments:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
            print(f"{place}: up to date")
            return 0
        print(f"{place} is stale: the methods have changed. Run `make reference` and commit it.", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8")
    print(f"{place}: {text.count('```python')} methods and functions")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
