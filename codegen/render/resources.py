"""Grouping operations into resource modules: what each module imports and defines besides its methods."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from attrs import evolve, frozen

from ..names import pascal, resource_name
from ..text import clean, docstring
from ..types.naming import RESERVED
from ..types.typed import Typed
from .methods import MethodView
from .models import Catalogue

_BUILTINS = {"bool", "bytes", "dict", "float", "int", "list", "str"}


@frozen
class ResourceView:
    """One module: the operations of a resource and its two classes."""

    name: str
    module: str
    class_name: str
    doc: str
    methods: tuple[MethodView, ...]
    imports: tuple[str, ...]
    type_imports: tuple[str, ...]
    lazies: tuple[tuple[str, str, str], ...]


def resources(methods: list[MethodView], document: dict[str, Any], catalogue: Catalogue) -> list[ResourceView]:
    """Group method views into resource modules, in order of first appearance."""
    tags = {resource_name(tag["name"]): clean(tag.get("description")) for tag in document.get("tags", [])}
    groups: dict[str, list[MethodView]] = {}
    for method in methods:
        groups.setdefault(method.resource, []).append(method)
    views = [_resource(name, group, tags.get(name, ""), catalogue) for name, group in groups.items()]
    taken = {*catalogue.models, *catalogue.enums, *(method.constant for method in methods)}
    used: set[str] = set()
    for index, view in enumerate(views):
        name, count = view.class_name, 1
        while used & {name, f"Async{name}"} or (count > 1 and taken & {name, f"Async{name}"}):
            count += 1
            name = f"{view.class_name}{count}"
        used |= {name, f"Async{name}"}
        views[index] = evolve(view, class_name=name)
    return views


def _resource(name: str, methods: list[MethodView], doc: str, catalogue: Catalogue) -> ResourceView:
    kinds = [kind for method in methods for kind in (*method.kinds, method.answered)]
    models = sorted(frozenset[str]().union(*(kind.models for kind in kinds)))
    enums = sorted(frozenset[str]().union(*(kind.enums for kind in kinds)))
    class_name = pascal(name)
    taken = RESERVED.union(models, enums, (method.constant for method in methods))
    if taken & {class_name, f"Async{class_name}"}:
        class_name = f"{class_name}Resource"
    # Annotations name ``builtins.list``: within the class, ``list`` is a method. So with its like.
    hidden = {"list", *(method.name for method in methods)} & _BUILTINS
    methods = [_unhidden(method, hidden) for method in methods]
    data = "\n".join(line for method in methods for line in method.data)
    types = "\n".join(
        [argument.annotation for method in methods for argument in method.arguments]
        + [method.returns for method in methods]
    )
    lazies = {item: f"_{catalogue.module(item).upper()}" for item in _mentions(data, [*models, *enums], r"\.decode\b")}
    runtime = set(frozenset[str]().union(*(method.runtime for method in methods)))
    runtime |= set(_mentions(types, ("Unset", "FileInput", "Redirect")))
    runtime |= {"UNSET"} if any(argument.default for method in methods for argument in method.arguments) else set()
    runtime |= {"Lazy"} if lazies else set()
    return ResourceView(
        name=name,
        module=methods[0].module,
        class_name=class_name,
        doc=docstring(doc or f"Operations on {name.replace('_', ' ')}.", 4),
        methods=tuple(evolve(method, data=_with_lazies(method.data, lazies)) for method in methods),
        imports=(
            f"from typing import {', '.join(['TYPE_CHECKING', 'Final', *_mentions(types, ('Any', 'Literal'))])}",
            f"from accordant_runtime import {', '.join(sorted(runtime))}",
        ),
        type_imports=tuple(_type_imports(types + "\n" + data, models, enums, kinds, catalogue)),
        lazies=tuple((lazies[item], item, catalogue.module(item)) for item in lazies),
    )


def _unhidden(method: MethodView, hidden: set[str]) -> MethodView:
    pattern = re.compile(rf"""("(?:[^"\\]|\\.)*")|(?<![\w.])({"|".join(sorted(hidden))})\b""")

    def plain(text: str) -> str:
        return pattern.sub(lambda found: found.group(1) or f"builtins.{found.group(2)}", text)

    return evolve(
        method,
        returns=plain(method.returns),
        positional=tuple(evolve(item, annotation=plain(item.annotation)) for item in method.positional),
        keywords=tuple(evolve(item, annotation=plain(item.annotation)) for item in method.keywords),
    )


def _mentions(text: str, names: Iterable[str], suffix: str = r"\b") -> list[str]:
    return [name for name in names if re.search(rf"(?<![\w.]){name}{suffix}", text)]


def _with_lazies(data: tuple[str, ...], lazies: dict[str, str]) -> tuple[str, ...]:
    """Decoders of models become their lazy stand-ins, so that a resource imports no model before it needs one."""
    if not lazies:
        return data
    pattern = re.compile(rf"(?<![\w.])({'|'.join(lazies)})\.decode\b")
    return tuple(pattern.sub(lambda found: lazies[found.group(1)], line) for line in data)


def _type_imports(
    text: str, models: list[str], enums: list[str], kinds: list[Typed], catalogue: Catalogue
) -> list[str]:
    lines = [f"from .models.{catalogue.module(item)} import {item}" for item in _mentions(text, [*models, *enums])]
    inputs = _mentions(text, [f"{item}Input" for item in enums])
    lines += [f"from .models.{catalogue.module(item.removesuffix('Input'))} import {item}" for item in inputs]
    abc = _mentions(text, ("Mapping", "Sequence"), r"\[")
    lines += [f"from collections.abc import {', '.join(abc)}"] if abc else []
    standard = sorted(frozenset[str]().union(*(kind.imports for kind in kinds)))
    lines += [line for line in standard if _mentions(text, [line.rsplit(" ", 1)[-1]])]
    return lines + (["import builtins"] if "builtins." in text else [])
