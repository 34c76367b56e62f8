"""The first step, in a separate process: a document becomes a vendor in a scratch checkout."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

from accordant_codegen import commands
from accordant_codegen.errors import CodegenError
from accordant_codegen.guess.guess import Guesses
from accordant_codegen.new_vendor.command import write_guesses
from accordant_codegen.pull.command import PullRequest, folder, pull
from accordant_codegen.read.document import operations
from accordant_codegen.vendors import find
from accordant_runtime import is_array, is_object

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def main(name: str, file: str, root: str, result: str) -> None:
    """Generate, and write what came of it."""
    Path(result).write_text(json.dumps(generated(name, Path(file), Path(root))), encoding="utf-8")


def generated(name: str, file: Path, root: Path) -> dict[str, Any]:
    """What came of a document, by the names of a row."""
    upstream = _loaded(file)
    if isinstance(upstream, str):
        return {"unreadable": upstream}
    counted = {f"{method} {path}" for path, method in _counted(upstream)}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            pull(folder(root, name), PullRequest(root, name, str(file)), {})
            vendor = find(root, name)[0]
            guesses = write_guesses(vendor)
            effective = commands.make(vendor)
    except CodegenError as error:
        return {"operations": len(counted), "refused": str(error)}
    facts = _facts(effective.document, effective.losses, guesses, counted, vendor.generated)
    return {"operations": len(counted), **facts}


def _facts(
    document: dict[str, Any], losses: tuple[str, ...], guesses: Guesses, counted: set[str], package: Path
) -> dict[str, Any]:
    present = {f"{method} {path}" for path, method, _ in operations(document)}
    gone = sorted(counted - present)
    return {
        "generated": len(present),
        "losses": losses,
        "silent": [each for each in gone if not any(_tells(loss, each) for loss in losses)],
        "models": len(list((package / "models").glob("*.py"))) - 1,
        "paged": guesses.counts().get("paging", 0),
        "paging": guesses.counts().get("paging", 0) + sum(each.kind == "paging" for each in guesses.left),
    }


def _tells(loss: str, operation: str) -> bool:
    """Whether a report line is about an operation, or about its whole path."""
    method, _, path = operation.partition(" ")
    place = f"$.paths['{path}']"
    return re.match(rf"{re.escape(place)}(\.{method}\b|:|\.\$ref)", loss) is not None


def _loaded(file: Path) -> dict[str, Any] | str:
    """The document as data, read anew here; why it is none."""
    try:
        content = file.read_text(encoding="utf-8-sig")
        found = json.loads(content) if content.lstrip()[:1] == "{" else yaml.load(content, yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError) as error:
        return f"it is neither JSON nor YAML ({' '.join(str(error).split())[:120]})"
    if not is_object(found) or not {"openapi", "swagger"} & found.keys():
        return "it has neither `openapi` nor `swagger`"
    return found


def _counted(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Every operation of a document, counted without the generator's help."""
    paths = document.get("paths")
    found: list[tuple[str, str]] = []
    for path, item in paths.items() if is_object(paths) else ():
        shared = item.get("$ref") if is_object(item) else None
        if isinstance(shared, str) and shared.startswith("#/"):
            node: Any = document
            for key in shared[2:].split("/"):
                node = node.get(key.replace("~1", "/").replace("~0", "~")) if is_object(node) else None
            item = node
        found += [(path, method) for method in METHODS if is_object(item) and is_object(item.get(method))]
    assert not is_array(paths)
    return found


if __name__ == "__main__":
    main(*sys.argv[1:5])
