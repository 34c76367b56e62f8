"""The keys that a derived sandbox makes up."""

from __future__ import annotations

import re

import pytest

from accordant_sandbox.derive.made_keys import key_maker
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


@pytest.mark.parametrize(
    ("pattern", "second", "eleventh"),
    [
        ("^org:[a-z0-9-_]+$", "org:2", "org:a11"),
        ("^las:[a-f0-9]{4}$", "las:aaa2", "las:aa11"),
        ("^[A-Z]{3}$", "AAB", "AAK"),
        ("^[a-z]{2}-[A-Z]{2}$", "aa-AB", "aa-AK"),
        ("^[0-9]+$", "1", "10"),
    ],
)
def test_made_up_keys_keep_to_their_pattern(pattern: str, second: str, eleventh: str) -> None:
    """No two keys are the same, and each is one that the pattern allows."""
    schema = {"type": "string", "pattern": pattern}
    made = key_maker(Document("made", {"openapi": "3.1.0", "paths": {}}), schema, "id").make
    keys = [made(number) for number in range(1, 201)]
    assert [keys[1], keys[10]] == [second, eleventh]
    assert len({*keys}) == len(keys)
    assert [each for each in keys if not re.search(pattern, each)] == []
