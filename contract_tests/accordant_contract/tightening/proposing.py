"""From what was seen to what a document could say: overlay actions with their evidence, to be reviewed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from accordant_runtime import is_object

from ..document.document import Document
from .lint import types
from .observing import Observed, place_of
from .places import Place, json_path, schemas

_ENOUGH: Final = 20
"""Values from which something is proposed."""
_MANY: Final = 50
_FEW: Final = 8
_USUAL: Final = (16, 32, 50, 64, 100, 128, 200, 255, 500, 1000, 2000, 4000, 8000, 65_535)
_LONGEST_VALUE: Final = 40


@frozen
class Proposal:
    """One action: where, what to say there, and what was seen."""

    place: Place
    update: Mapping[str, Any]
    evidence: str


def proposals(document: Document, seen: Mapping[Place, Observed]) -> Iterator[Proposal]:
    """What the observed responses would let the document say, in its order."""
    asked = _in_requests(document)
    for place, schema in schemas(document.data):
        found = seen.get(place)
        if found is None or found.count < _ENOUGH:
            continue
        yield from _type(place, schema, found)
        if place not in asked:  # what every response holds need not be in a request
            yield from _required(place, schema, found)
        yield from _text(place, schema, found)
        yield from _number(place, schema, found)


def overlay(document: Document, found: list[Proposal], source: str) -> str:
    """The proposals as an overlay, YAML whose values are written as JSON."""
    title = f"What responses of {document.name} would let its document say"
    lines = [
        f"# Proposed by `make tighten` from {source}: {len(found)} actions. Nothing applies them.",
        "# What was seen so far is no promise of the vendor's: take over what it confirms, with the reason.",
        "overlay: 1.0.0",
        "info:",
        f"  title: {json.dumps(title)}",
        "  version: 1.0.0",
        "actions:" if found else "actions: []",
    ]
    for each in found:
        lines += [
            f"  - target: {json.dumps(json_path(each.place), ensure_ascii=False)}",
            f"    description: {json.dumps('[observed] ' + each.evidence, ensure_ascii=False)}",
            f"    update: {json.dumps(each.update, ensure_ascii=False)}",
        ]
    return "\n".join(lines) + "\n"


def _type(place: Place, schema: Mapping[str, Any], found: Observed) -> Iterator[Proposal]:
    if any(each in schema for each in ("type", "enum", "const", "anyOf", "oneOf", "allOf")):
        return
    kinds = set(found.kinds)
    if kinds == {"integer", "number"} or kinds == {"integer", "number", "null"}:
        kinds -= {"integer"}
    real = sorted(kinds - {"null"})
    if len(real) == 1:
        named: Any = [real[0], "null"] if "null" in kinds else real[0]
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(found.kinds.items()))
        yield Proposal(place, {"type": named}, f"type: {found.count} values seen: {counts}.")


def _required(place: Place, schema: Mapping[str, Any], found: Observed) -> Iterator[Proposal]:
    if found.objects < _ENOUGH:
        return
    known = schema.get("required", ())
    always = [
        name for name in schema.get("properties", {}) if name not in known and found.members[name] == found.objects
    ]
    if always:
        text = f"required: {len(always)} properties were in each of {found.objects} objects seen."
        yield Proposal(place, {"required": always}, text)


def _text(place: Place, schema: Mapping[str, Any], found: Observed) -> Iterator[Proposal]:
    count = found.kinds["string"]
    if types(schema) != {"string"} or count < _ENOUGH:
        return
    if any(each in schema for each in ("enum", "const", "x-accordant-known-values", "format", "pattern")):
        return
    different = "many different" if found.many else f"{len(found.values)} different"
    fitting = next((name for name, times in found.fits.items() if times == count), None)
    if fitting is not None and (found.many or len(found.values) > 2):
        yield Proposal(place, {"format": fitting}, f"format: {count} texts seen, {different}, each one a {fitting}.")
        return
    often = not found.many and len(found.values) <= _FEW and count >= _MANY and min(found.values.values()) >= 3
    if often and all(0 < len(each) <= _LONGEST_VALUE for each in found.values):
        values = sorted(found.values)
        text = f"values: {count} texts seen, {different}: {', '.join(values)}."
        yield Proposal(place, {"x-accordant-known-values": values}, text)
        return
    bound = next((each for each in _USUAL if each >= found.longest), None)
    if bound is not None and "maxLength" not in schema and count >= _MANY:
        lengths = f"{found.shortest} to {found.longest} characters"
        text = f"bounds: {count} texts seen, {different}, of {lengths}; the next usual bound."
        yield Proposal(place, {"maxLength": bound}, text)


def _number(place: Place, schema: Mapping[str, Any], found: Observed) -> Iterator[Proposal]:
    kinds = types(schema)
    count = found.kinds["integer"] + found.kinds["number"]
    lower = any(each in schema for each in ("minimum", "exclusiveMinimum", "enum", "x-accordant-known-values"))
    if len(kinds) == 1 and kinds <= {"integer", "number"} and count >= _ENOUGH and found.least >= 0 and not lower:
        text = f"bounds: {count} numbers seen, from {found.least} to {found.most}, none below 0."
        yield Proposal(place, {"minimum": 0}, text)


def _in_requests(document: Document) -> set[Place]:
    """The places of schemas that requests use."""
    found: set[Place] = set()
    for operation in document.operations.values():
        for pointer in operation.body.values():
            _reach(document, pointer, found)
    return found


def _reach(document: Document, pointer: str, found: set[Place]) -> None:
    schema, pointer = document.schemas.follow({"$ref": f"#{pointer}"})
    place = place_of(pointer, document.data)
    if place in found:
        return
    found.add(place)
    for name in schema.get("properties", {}):
        escaped = str(name).replace("~", "~0").replace("/", "~1")
        _reach(document, f"{pointer}/properties/{escaped}", found)
    for keyword in ("items", "additionalProperties"):
        if is_object(schema.get(keyword)):
            _reach(document, f"{pointer}/{keyword}", found)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index in range(len(schema.get(keyword, ()))):
            _reach(document, f"{pointer}/{keyword}/{index}", found)
