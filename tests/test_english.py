"""The words of the project: documentation, docstrings and messages use the field's plain terms."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from tests.sources import texts

ROOT: Final = Path(__file__).resolve().parents[1]
ROOMS: Final = ("runtime", "overlays", "codegen", "sandboxes", "contract_tests", "benchmarks")
PAGES: Final = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/*.md", "docs/decisions/*.md")

PLAIN: Final = {
    r"answer(s|ed|ing)?": "respond, response, return",
    r"as ever": "as usual",
    r"(of|on) (its|their) own": "its own ..., separate",
    r"stand(s|ing)?": "is, is written, occurs",
    r"there (is one|are none)": "if present; name the thing",
    r"such(?! as\b)": "this, these, of this kind",
    r"by (itself|themselves)": "automatically",
    r"behind (a|an|http) \d\w*": "in a 200 response",
    r"knock(s|ed|ing)?": "call without credentials",
    r"strangers?": "foreign",
    r"junk": "malformed",
    r"purse": "retry budget",
    r"is an? `+\w+Error`+": "raises ...",
}
"""Patterns that no text may have, each with what to write instead."""
MEANT: Final = (
    "customers answer surveys",
    "The customer answers the survey",
    "no such ",
    "has no such ",
)
"""Sentences in which a word of the list means what it says."""

_WORDS: Final = re.compile("|".join(rf"\b(?:{pattern})(?!\w)" for pattern in PLAIN), re.IGNORECASE)
_CODE: Final = re.compile(r"```.*?```|``[^`]*``|`(?![^`]*Error`)[^`]*`|\"[^\"\n]*\"", re.DOTALL)


def _misused(text: str) -> list[str]:
    for meant in MEANT:
        text = text.replace(meant, "")
    return sorted({found.group().lower() for found in _WORDS.finditer(_CODE.sub("", text))})


@pytest.mark.parametrize("room", ROOMS)
def test_docstrings_and_messages(room: str) -> None:
    """Docstrings and error messages say "returns" and "response", and none of the words of the list."""
    found = [
        f"{place.relative_to(ROOT)}:{line}: {', '.join(words)}"
        for place in sorted((ROOT / room).rglob("*.py"))
        for line, text in texts(place)
        if (words := _misused(text))
    ]
    assert not found, "\n".join(found)


_PAGES: Final = sorted(place for pages in PAGES for place in ROOT.glob(pages) if place.name != "api.md")
"""Not the list of methods: its sentences are the docstrings, many in the vendors' words."""


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_pages(page: Path) -> None:
    """The documentation says "returns" and "response", and none of the words of the list."""
    assert not _misused(page.read_text(encoding="utf-8"))


def test_the_list_finds_them() -> None:
    """Each pattern finds what it is for, and neither code nor a quotation is a word of the text."""
    assert _misused("The vendor answers; it is a `RequestError`.") == ["answers", "is a `requesterror`"]
    assert _misused('`answer` and "no answer left" are quoted; such as this') == []
