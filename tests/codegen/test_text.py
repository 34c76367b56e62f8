"""Literals and docstrings: whatever the document says, the generated code says the same and stays code."""

from __future__ import annotations

import ast

import pytest

from accordant_codegen.text import clean, docstring, literal, quoted
from accordant_codegen.types.media import body_kind, choose_content, is_json, successes

NASTY = ['a"b', "a\\", "a\\n", '"""', '""""', "'", "a\nb", "\u2028", "é", "{x}", "%s", '\\"""', 'ends with "', "\x00"]


@pytest.mark.parametrize("text", NASTY)
def test_quoted(text: str) -> None:
    """A text as a literal is that text."""
    assert ast.literal_eval(quoted(text)) == text
    assert ast.literal_eval(literal(text)) == text


def test_literal() -> None:
    """Numbers and booleans are Python's."""
    assert [literal(value) for value in (1, -1, True)] == ["1", "-1", "True"]


@pytest.mark.parametrize("text", NASTY)
def test_docstring(text: str) -> None:
    """A docstring of any text is one docstring, however the text ends."""
    made = docstring(f"A {text}", 4, [("b", f"B {text}")], "Attributes:", last=text, more=text)
    [statement] = ast.parse(f'class A:\n    """{made}"""\n').body
    assert isinstance(statement, ast.ClassDef)
    assert len(statement.body) == 1
    found = ast.get_docstring(statement)
    assert found is not None
    assert clean(f"A {text}").replace('"""', "'''").split()[0] in found


def test_docstring_form() -> None:
    """Paragraphs, names with what is said of them, and the end stand apart; names without words are left out."""
    made = docstring("Sum.", 4, [("a", "One."), ("b", "")], "Args:", last="End.", more="More.")
    assert made == "Sum.\n\n    More.\n\n    Args:\n        a: One.\n\n    End.\n    "
    assert docstring("Sum.", 4) == "Sum."


def test_long_lines() -> None:
    """No line is longer than the formatter allows."""
    made = docstring("word " * 100, 8, [("name", "word " * 100)], "Args:")
    assert all(len(line) <= 120 for line in made.splitlines())


class TestMedia:
    @pytest.mark.parametrize(
        ("media", "json"),
        [
            ("application/json", True),
            ("application/json; charset=utf-8", True),
            ("application/problem+json", True),
            ("text/json", True),
            ("Application/JSON", True),
            ("application/jsonl", False),
            ("text/plain", False),
        ],
    )
    def test_is_json(self, media: str, json: bool) -> None:
        """JSON is JSON under any of its names."""
        assert is_json(media) is json

    @pytest.mark.parametrize(
        ("offered", "chosen"),
        [
            (["text/csv", "application/json"], "application/json"),
            (["application/x-www-form-urlencoded", "multipart/form-data"], "multipart/form-data"),
            (["application/xml", "application/x-www-form-urlencoded"], "application/x-www-form-urlencoded"),
            (["application/pdf", "image/png"], "application/pdf"),
        ],
    )
    def test_choice(self, offered: list[str], chosen: str) -> None:
        """JSON is preferred to multipart, that to forms, and those to whatever comes first."""
        found = choose_content({name: {} for name in offered})
        assert found is not None
        assert found[0] == chosen

    def test_nothing_to_choose(self) -> None:
        """Without content there is nothing to choose."""
        assert choose_content({}) is None
        assert choose_content(None) is None

    def test_bodies(self) -> None:
        """A body is JSON, a form, multipart, or bytes."""
        media = ["application/json", "multipart/form-data", "application/x-www-form-urlencoded", "image/png"]
        assert [body_kind(name) for name in media] == ["json", "multipart", "form", "bytes"]

    @pytest.mark.parametrize(
        ("statuses", "found"),
        [
            (["200", "404"], ["200"]),
            (["2XX", "302", "default"], ["2XX", "302"]),
            (["404", "default"], ["default"]),
            (["404"], []),
        ],
    )
    def test_successes(self, statuses: list[str], found: list[str]) -> None:
        """Successes are what 2xx and 3xx document, and `default` where they document nothing."""
        assert successes({"responses": dict.fromkeys(statuses)}) == found
