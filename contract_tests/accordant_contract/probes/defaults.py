"""Probes of what is not sent: documented defaults, in new records and in replaced ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..document.document import Operation
from ..document.values import ABSENT
from ..judges.defaults import documented_default, replaced_wholly
from ..records.examples import Recipe
from .context import ProbeContext


def try_defaults(context: ProbeContext, operation: Operation) -> None:
    """Write the least that the document allows, and the objects in it as empty as they may be."""
    replaces = operation.action == "replace"
    if operation.body_schema is None or not (replaces or _has_default(operation, operation.body_schema)):
        return
    makes = operation.action in ("create", "upsert")
    record = None if makes else context.filler.changeable(operation)
    if record is None and not makes:
        return
    hollow: dict[str, Any] = {}
    for name, part in operation.schemas.properties(operation.body_schema).items():
        if "default" not in part and _has_default(operation, part) and "properties" in part:
            value = context.filler.examples.value(name, part, Recipe(full=False))
            hollow |= {} if value is ABSENT else {name: value}
    arguments = context.filler.arguments(operation, record, Recipe(full=False, variant=1, fixed=hollow))
    if arguments is None or context.session.refusal(operation, arguments):
        return
    before = context.reader.read(record) if record is not None and replaces else None
    written = context.store.call(operation, arguments)
    if not written.success or (written.status == 200 and "201" in operation.responses and makes):
        return
    about = context.store.of(operation, written) if makes else record
    reading = context.reader.read(about) if about is not None else None
    found = documented_default(operation, written, reading)
    context.session.results.judge("documented_default", operation.id, found)
    if before is not None and reading is not None:
        kept = replaced_wholly(operation, written, before, reading)
        context.session.results.judge("documented_default", operation.id, kept)


def _has_default(operation: Operation, schema: Mapping[str, Any], depth: int = 0) -> bool:
    parts = operation.schemas.properties(schema).values()
    return any("default" in part or (depth < 2 and _has_default(operation, part, depth + 1)) for part in parts)
