"""From an effective document to the text of every generated file."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen
from jinja2 import Environment, FileSystemLoader
from ruff import find_ruff_bin  # type: ignore[import-untyped]  # it has types, but does not say so

from ..errors import CodegenError
from ..layout import REPOSITORY, Layout
from ..read.document import operations
from ..text import clean, safe
from ..types.code import Need
from ..types.naming import RESERVED
from ..types.old_names import OldNameError
from ..types.parser import parse
from ..types.typed import Typed
from ..vendors import VendorFolder
from .methods import MethodView, view_methods
from .models import Catalogue, view_enum, view_model
from .operation_values import DEFAULTS, common_facts
from .params import view_params
from .problems import Problems
from .resources import resources
from .webhooks import MODULE, view_webhooks

TEMPLATES = Path(__file__).parent / "templates"


@frozen
class Rendered:
    """The files of a generated package by their path in it, before formatting, and what their types do not say.

    ``narrowed`` are the lists of values that are those of several enums of the document.
    """

    files: dict[str, str]
    losses: tuple[str, ...]
    narrowed: frozenset[frozenset[Any]] = frozenset()


def render(vendor: VendorFolder, document: dict[str, Any]) -> Rendered:
    """Render one vendor's package."""
    try:
        return _rendered(vendor, document)
    except OldNameError as error:
        raise error.of(f"{vendor.label(vendor.document)} with its overlay") from None


@cache
def _templates() -> Environment:
    """Our templates, each compiled once: that takes longer than to fill them for a small document."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _rendered(vendor: VendorFolder, document: dict[str, Any]) -> Rendered:
    parsed = parse(document, vendor.name, vendor.layout.generated_package)
    catalogue = Catalogue(parsed)
    problems = Problems(catalogue)
    methods = view_methods(document, catalogue, problems)
    groups = resources(methods, document, catalogue)
    templates = _templates()
    common = {
        "header": _header(vendor),
        "package": parsed.package,
        "methods": methods,
        "resources": groups,
        "title": safe(clean(document["info"].get("title", vendor.name))),
    }

    def fill(template: str, **values: Any) -> str:
        return str(templates.get_template(f"{template}.jinja").render(**common, **values))

    files = {
        "__init__.py": fill("package_init.py"),
        "aio/__init__.py": fill("package_init.py"),
        "operations.py": fill("operations.py"),
        "client.py": fill("client.py"),
        f"{DEFAULTS}.py": fill("defaults.py", defaults=common_facts(each for _, _, each in operations(document))),
        "py.typed": "",
    }
    for group in groups:
        files[f"{group.module}.py"] = fill("resource.py", resource=group)
        files[f"aio/{group.module}.py"] = fill("async_resource.py", resource=group)
    if problems.kinds:
        files["problems.py"] = fill("problems.py", problems=problems)
    received = view_webhooks(catalogue)
    if received is not None:
        files[f"{MODULE}.py"] = fill("received.py", received=received)
    files.update(_models(catalogue, methods, problems.kinds, fill))
    catalogue.heard.refuse_others(document)
    return Rendered(files, tuple(parsed.schemas.losses), frozenset(parsed.schemas.narrowed))


def _models(catalogue: Catalogue, methods: list[MethodView], problems: list[Typed], fill: Any) -> dict[str, str]:
    received = catalogue.received()
    # What a request names by a label is sent, even where nothing but the list of models mentions it.
    arriving = [
        kind for kind in received if not any(catalogue.parsed.schemas.facts[name].label for name in kind.models)
    ]
    answers = [*(kind for method in methods for kind in method.answered), *arriving, *problems]
    models, enums = catalogue.reachable([*answers, *received, *(kind for method in methods for kind in method.kinds)])
    answered, _ = catalogue.reachable(answers)
    needs = frozenset[Need]().union(*(method.signature_needs for method in methods))
    files: dict[str, str] = {}
    entries: list[tuple[str, str]] = []
    for name in sorted(models):
        view = view_model(catalogue, name, request_only=name not in answered)
        needs |= view.params
        files[f"models/{view.module}.py"] = fill("model.py", model=view)
        entries.append((name, view.module))
    for name in sorted(enums):
        enum = view_enum(catalogue, name)
        files[f"models/{enum.module}.py"] = fill("enum.py", enum=enum)
        entries.append((name, enum.module))
    params = view_params(catalogue, needs)
    renamed = _renamed(catalogue, sorted(entries), {param.name for param in params.params})
    if params.params:
        files[f"models/{catalogue.params_module}.py"] = fill("params.py", view=params)
        entries += [(param.name, catalogue.params_module) for param in params.params]
    files["models/__init__.py"] = fill("models_init.py", entries=sorted(entries), renamed=renamed)
    return files


def _renamed(catalogue: Catalogue, entries: list[tuple[str, str]], others: set[str]) -> list[tuple[str, str, str]]:
    """The old name of each class that had another one before, with the class and its module."""
    taken = {*(name for name, _ in entries), *others, *RESERVED}
    found: list[tuple[str, str, str]] = []
    for name, module in entries:
        for old in catalogue.parsed.schemas.facts[name].old.of_class:
            found.append((catalogue.heard.usable(old, taken, "class"), name, module))
            taken.add(old.name)
    return found


def _header(vendor: VendorFolder) -> str:
    place = vendor.label(vendor.document)
    command = vendor.layout.command("regenerate")
    return f'"""Generated by `{command}` from {place} and its overlay: correct those, not this."""\n'


def shared_files(layout: Layout = REPOSITORY) -> dict[str, str]:
    """The generated files that belong to no vendor, by their path below the folder of the generated packages."""
    root = (TEMPLATES / "root_init.py.jinja").read_text(encoding="utf-8")
    documents = (TEMPLATES / "documents_init.py.jinja").read_text(encoding="utf-8")
    texts = {f"{layout.generated}/__init__.py": root, f"{layout.documents}/__init__.py": documents}
    return {file: texts.get(file, "") for file in layout.shared}


def write(files: dict[str, str], folder: Path) -> None:
    """Write files below a folder that is new or ours alone."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def tidy(folders: Iterable[Path]) -> None:
    """Sort imports, drop unused ones and format: the pinned ruff, blind to any configuration around it."""
    ruff = [find_ruff_bin()]
    paths = [str(folder) for folder in folders]
    isolated = ["--isolated", "--no-cache", "--quiet", "--line-length", "120", "--target-version", "py311"]
    # What is imported counts as foreign, whatever lies where the command runs: the same order everywhere.
    isolated += ["--config", "src = []"]
    compact = ["--config", "format.skip-magic-trailing-comma = true"]
    for command in (["check", "--fix", "--select", "I,F401", "--ignore-noqa"], ["format", *compact]):
        done = subprocess.run(
            [*ruff, *command, *isolated, *paths], capture_output=True, encoding="utf-8", errors="backslashreplace"
        )
        if done.returncode != 0:
            raise CodegenError(f"ruff cannot read the generated code:\n{(done.stdout + done.stderr).strip()[:2000]}")
