"""Contract runs over derived sandboxes that take several records in one body."""

from __future__ import annotations

from typing import Any

from .derived_target import facts, findings, shows, takes

TEXT = {"type": "string"}
NOTE: dict[str, Any] = {"type": "object", "required": ["id"], "properties": {"id": TEXT, "text": TEXT}}


def test_a_creation_adds_as_many_rows_as_its_body_holds() -> None:
    """A body that is a list of two records makes two of them: no more is due, and no less."""
    several = {"type": "array", "minItems": 2, "items": {"type": "object", "properties": {"text": TEXT}}}
    notes = {"type": "array", "items": NOTE}
    paths = {
        "/notes": {
            "get": facts("listNotes", "list", "note", **shows(notes)),
            "post": facts("makeNotes", "create", "note", **takes(several), **shows(notes)),
        },
    }
    assert findings(paths) == []
