"""What a response can show of a value that was sent."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_contract.document.comparison import lost
from accordant_contract.document.schemas import Schemas

COIN: dict[str, Any] = {"type": "string", "enum": ["CAD", "USD"]}


@pytest.mark.parametrize(
    ("sent", "found", "shown", "paths"),
    [
        ("juniper", "CAD", COIN, []),
        ("USD", "CAD", COIN, ["$.coin"]),
        (None, "CAD", {**COIN, "type": ["string", "null"]}, []),
        ("juniper", "elm", {"type": "string"}, ["$.coin"]),
        (3875, 1, {"type": "integer", "maximum": 1825}, []),
        (3, 1, {"type": "integer", "maximum": 1825}, ["$.coin"]),
        ("juniper", "CAD", {"type": "string", "pattern": "^[A-Z]+$"}, []),
        ("juniper", "elm", {"type": "string", "pattern": "["}, ["$.coin"]),
    ],
    ids=["unlisted", "another value", "null", "nothing listed", "too large", "another number", "pattern", "no pattern"],
)
def test_a_value_that_no_response_may_show_is_not_missed(
    sent: Any, found: Any, shown: dict[str, Any], paths: list[str]
) -> None:
    """Where the document bounds what responses show, what was sent must come back if it is within the bounds."""
    schema = {"type": "object", "properties": {"coin": shown}}
    differences = lost({"coin": sent}, {"coin": found}, schema, Schemas("made", {}))
    assert [each.path for each in differences] == paths
