"""Grouping operations into resource modules: what each module imports and defines besides its methods."""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from ..names import pascal, resource_name
from ..text import clean, docstring
from ..types.code import PARAM, RUNTIME, Need, code
from ..types.naming import RESERVED
from .documentation import class_doc
from .imports import import_lines
from .methods import MethodView
from .models import Catalogue
from .operation_values import DEFAULTS
from .problems import MODULE

_EAGER = ("typing", RUNTIME, f".{DEFAULTS}", f".{MODULE}")
"""Modules that are imported when a resource's module is; everything else is for annotations alone."""


@frozen
class Side:
    """One of the two classes of a resource: what its module imports."""

    imports: tuple[str, ...]
    type_imports: tuple[str, ...]


@frozen
class ResourceView:
    """The two modules of a resource: its operations with the blocking class, and the asynchronous class."""

    name: str
    module: str
    class_name: str
    doc: str
    class_doc: str
    methods: tuple[MethodView, ...]
    blocking: Side
    asynchronous: Side


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
    kinds = [kind for method in methods for kind in (*method.kinds, *method.answered)]
    classes = frozenset[str]().union(*(kind.models | kind.enums for kind in kinds))
    needed = frozenset[Need]().union(*(method.signature_needs for method in methods))
    classes |= {name for place, name in needed if place == PARAM}
    class_name = pascal(name)
    taken = RESERVED.union(classes, (method.constant for method in methods))
    if taken & {class_name, f"Async{class_name}"}:
        class_name = f"{class_name}Resource"
    text = doc or f"Operations on {name.replace('_', ' ')}."
    values = frozenset[Need]().union(*(code(*method.data).needs | method.runtime for method in methods))
    values |= {("typing", "Final")}
    values |= frozenset[Need]().union(*(method.returns.needs for method in methods))
    return ResourceView(
        name=name,
        module=methods[0].module,
        class_name=class_name,
        doc=docstring(text, 4),
        class_doc=class_doc(text, methods[0].shared),
        methods=tuple(methods),
        blocking=_side(values | _needs(methods, "SyncResource", ""), ".models.", catalogue),
        asynchronous=_side(_needs(methods, "AsyncResource", "Async"), "..models.", catalogue),
    )


def _needs(methods: list[MethodView], base: str, prefix: str) -> frozenset[Need]:
    """What the class of these methods needs."""
    names = [base, *sorted({f"{prefix}{method.wrapper}" for method in methods if method.wrapper})]
    own: frozenset[Need] = frozenset((RUNTIME, name) for name in names)
    return own.union(*(method.signature_needs for method in methods))


def _side(needs: frozenset[Need], models: str, catalogue: Catalogue) -> Side:
    eager = {(place, name) for place, name in needs if place in _EAGER}
    typed = needs - eager
    eager |= {("typing", "TYPE_CHECKING")} if typed else set()
    return Side(import_lines(eager, catalogue.module), import_lines(typed, catalogue.module, models))
