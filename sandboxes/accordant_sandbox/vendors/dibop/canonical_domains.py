"""The canonical data model: its domains and fields as the document lists them, and which of them are personal data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from accordant_sandbox.http.document import Document
from accordant_sandbox.http.json_types import is_array, is_object

__all__ = ["Domain", "domains", "masked", "personal"]

_SCHEMAS: Final = "/components/schemas"
_MAPPED: Final = {"vehicle": 3, "customer": 2, "order": 1, "part": 1}
"""How many of the seeded connectors map a domain."""


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain: its name in paths, the field that is its business key, where its schema is, its public row."""

    path: str
    key: str
    pointer: str
    row: Mapping[str, Any]


@cache
def domains(document: Document) -> Mapping[str, Domain]:
    """The domains by their name in paths, in the vendor's order."""
    found: dict[str, Domain] = {}
    for name in document.schemas.at(f"{_SCHEMAS}/CanonicalDomainName")["enum"]:
        schema_name, schema = next(
            (key, each)
            for key, each in document.data["components"]["schemas"].items()
            if each.get("x-domain", {}).get("path") == name
        )
        about = schema["x-domain"]
        required = schema.get("required", ())
        row = {
            "domain": name,
            "name": about["name"],
            "category": about["category"],
            "description": schema.get("description"),
            "fields": [
                _field(field, part, field in required, _MAPPED.get(name, 0))
                for field, part in schema["properties"].items()
            ],
        }
        found[name] = Domain(name, about["key"], f"{_SCHEMAS}/{schema_name}", row)
    return found


@cache
def personal(document: Document) -> frozenset[str]:
    """The names of fields with personal data, of whichever domain."""
    return frozenset(
        field["name"]
        for domain in domains(document).values()
        for field in domain.row["fields"]
        if field["pii"] != "none"
    )


def masked(value: Any, names: frozenset[str]) -> Any:
    """A payload whose values of those names are replaced by `***`, at any depth."""
    if is_object(value):
        return {
            name: "***" if name in names and each is not None else masked(each, names) for name, each in value.items()
        }
    return [masked(each, names) for each in value] if is_array(value) else value


def _field(name: str, schema: Mapping[str, Any], required: bool, mapped_by: int) -> dict[str, Any]:
    types = schema["type"] if is_array(schema["type"]) else [schema["type"]]
    kind = next(each for each in types if each != "null")
    return {
        "name": name,
        "type": "datetime" if schema.get("format") == "date-time" else kind,
        "required": required,
        "pii": schema.get("x-pii", "none"),
        "description": schema.get("description"),
        "mapped_by": mapped_by,
    }
