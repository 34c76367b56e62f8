"""The keys that a derived sandbox makes up."""

from __future__ import annotations

import pytest

from accordant_sandbox.derive.rows import key_maker
from accordant_sandbox.http.document import Document


@pytest.mark.parametrize(
    ("example", "second", "eleventh"),
    [
        ("secret_S0R1Q", "secret_S0R12", "secret_S0R21"),
        ("job-17", "job-18", "job-27"),
        ("job-99", "job100", "job109"),
        ("abc", "ab2", "a11"),
        ("x", "2", "11"),
        ("0042", "0043", "0052"),
        ("5a0b-44665544000f", "5a0b-446655440002", "5a0b-446655440011"),
        ("", "2", "11"),
    ],
)
def test_made_up_keys_are_like_the_example_and_never_the_same(example: str, second: str, eleventh: str) -> None:
    """The first key is the example; the others have another number at their end, and no two are the same."""
    schema = {"type": "string", "example": example}
    made = key_maker(Document("made", {"openapi": "3.1.0", "paths": {}}), schema, "id").make
    keys = [made(number) for number in range(1, 2001)]
    assert [keys[0], keys[1], keys[10]] == [example, second, eleventh]
    assert len({*keys}) == len(keys)
