"""What a generated package must show before it is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

from accordant_runtime import is_array

from .errors import CodegenError
from .read.document import operations, sent_path, walk
from .vendors import VendorFolder

_PROBE = """
import importlib, json, pkgutil, sys
package = importlib.import_module(sys.argv[1])
modules = []
for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    modules.append(importlib.import_module(found.name))
from accordant_runtime import OpenIntEnum, OpenStrEnum
enums = {}
for module in modules:
    for name, value in vars(module).items():
        own = isinstance(value, type) and value.__module__ == module.__name__
        if own and issubclass(value, (OpenStrEnum, OpenIntEnum)):
            enums[name] = [member.value for member in value]
table = importlib.import_module(package.__name__ + ".operations").OPERATIONS
print(json.dumps({"operations": {key: [table[key].method, table[key].path] for key in table}, "enums": enums}))
"""


def check(
    vendor: VendorFolder, document: dict[str, Any], generated: Path, narrowed: Collection[frozenset[Any]] = frozenset()
) -> None:
    """Every module imports; the operations and enum values are the document's; raises :class:`CodegenError`.

    ``narrowed`` are the lists of values that ``allOf`` and alternatives make of several of the document's.
    """
    name, package = vendor.name, vendor.layout.generated_package
    above = generated / package.partition(".")[0] / "__init__.py"
    above.touch()  # without it, a package of the same name that is installed would be imported instead
    begin = f"import sys; sys.path.insert(0, {str(generated)!r})"
    done = subprocess.run(
        [sys.executable, "-B", "-c", f"{begin}\n{_PROBE}", f"{package}.{name}"],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise CodegenError(f"{name}: the generated package cannot be imported:\n{done.stderr.strip()[-2000:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    same_operations(name, document, found["operations"])
    same_enums(name, document, found["enums"], narrowed)


def same_operations(name: str, document: dict[str, Any], generated: dict[str, list[str]]) -> None:
    """Refuse a package whose operations are not the document's: methods and paths, as far as a path is sent."""
    documented = {item["operationId"]: [method.upper(), sent_path(path)] for path, method, item in operations(document)}
    if documented != generated:
        missing = sorted(set(documented) - set(generated))
        extra = sorted(set(generated) - set(documented))
        raise CodegenError(f"{name}: operations differ from the document (missing: {missing}, extra: {extra})")


def same_enums(
    name: str, document: dict[str, Any], generated: dict[str, list[Any]], narrowed: Collection[frozenset[Any]]
) -> None:
    """Refuse a package with an enum whose values are not those of one of the document's, or what ``narrowed`` says."""
    documented = {
        frozenset(value for value in node[key] if isinstance(value, str | int))
        for _, node in walk(document)
        for key in ("enum", "x-accordant-known-values")
        if is_array(node.get(key))
    }
    nothing: frozenset[Any] = frozenset()
    documented |= {values for values in narrowed if any(values < each for each in documented)}
    documented |= {each for each in narrowed if each == nothing.union(*(one for one in documented if one < each))}
    for enum, values in generated.items():
        if frozenset(values) not in documented:
            raise CodegenError(f"{name}: enum {enum} holds {values}, which no enum of the document does")
