"""What single schemas become in Python, through the whole of the parser."""

from __future__ import annotations

from typing import Any

from accordant_codegen.render.models import Catalogue
from accordant_codegen.types.parser import parse
from accordant_codegen.types.typed import decoder, input_text, output_text

Node = dict[str, Any]


def document(**components: Any) -> dict[str, Any]:
    """An effective document with these component schemas, all of them mentioned."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "A", "version": "1"},
        "paths": {},
        "x-accordant-models": list(components),
        "components": {"schemas": components},
    }


def field(node: Any, **components: Any) -> tuple[str, str, list[str]]:
    """What a property of class X becomes: its annotation, its decoder, and the losses."""
    parsed = parse(document(X={"type": "object", "properties": {"a": node}}, **components), "test")
    catalogue = Catalogue(parsed)
    [(_, _, prop)] = catalogue.fields("X")
    kind = catalogue.typed(prop)
    return output_text(kind, optional=False).text, decoder(kind).text, parsed.schemas.losses


def annotation(node: Any, **components: Any) -> str:
    """The annotation alone, where nothing is lost."""
    text, _, losses = field(node, **components)
    assert losses == []
    return text


def argument(node: Any, **components: Any) -> str:
    """What an argument of this type takes."""
    parsed = parse(document(X={"type": "object", "properties": {"a": node}}, **components), "test")
    catalogue = Catalogue(parsed)
    [(_, _, prop)] = catalogue.fields("X")
    return input_text(catalogue.typed(prop), optional=True).text


def ref(name: str) -> Node:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


NULL: Node = {"type": "null"}
DOG: Node = {"type": "object", "properties": {"kind": {"type": "string"}, "bark": {"type": "boolean"}}}
CAT: Node = {"type": "object", "properties": {"kind": {"type": "string"}, "meow": {"type": "boolean"}}}
