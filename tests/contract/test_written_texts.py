"""Texts that a vendor may harm: what is written, and how a response that shows another text is told."""

from __future__ import annotations

import pytest

from accordant_contract.document.values import Arguments
from accordant_contract.judges.texts import difference, text_truth
from accordant_contract.records.texts import LONG, TOKEN, marked, special

from .widget_api import exchange, operation, widget

CREATE, GET, LIST = operation("createWidget"), operation("getWidget"), operation("listWidgets")


@pytest.mark.parametrize("longest", [9, 12, 20, 40, 60, 255])
@pytest.mark.parametrize("turn", range(6))
def test_bounded(longest: int, turn: int) -> None:
    """A text of the vocabulary is never longer than the document allows, and is known again by its token."""
    made = special("marks", "tx00c0de", longest, turn)
    assert len(made) <= longest
    assert TOKEN.search(made)


def test_whole_vocabulary() -> None:
    """A text without a bound holds every kind of character that vendors are known to harm."""
    made = special("marks", "tx00c0de", None, 0)
    for piece in ("&", "<", ">", '"', "'", "\\", "\n", "\r\n", "  ", "\u00e9", "e\u0301", "\u05e9", "\U0001f527"):
        assert piece in made
    assert made != made.strip()


@pytest.mark.parametrize(
    ("kind", "bound", "length"),
    [("longest", 30, 30), ("shorter", 30, 29), ("longest", None, LONG), ("shorter", None, 256)],
)
def test_full_length(kind: str, bound: int | None, length: int) -> None:
    """Long texts are as long as the document allows, or one less; without a bound 1,000 and 256 characters."""
    assert len(special(kind, "tx00c0de", bound, 0)) == length  # type: ignore[arg-type]  # a parameter


def test_a_text_is_found_wherever_it_is() -> None:
    """Texts in lists and inner objects are told by the property that holds them."""
    found = list(marked({"a": {"b": ["tx00c0de one", "plain"]}, "c": 1}))
    assert found == [("tx00c0de", "b", "tx00c0de one")]


def test_other_properties_are_not_judged() -> None:
    """A display name made of a written text, and what only another property shows, is no finding."""
    written = exchange(CREATE.id, 201, widget(1), arguments=Arguments(body={"name": " tx00c0de "}))
    composed = exchange(GET.id, 200, widget(1, name=" tx00c0de ", colour="The tx00c0de"))
    assert list(text_truth(CREATE, written, [composed])) == []


def test_a_row_of_a_list_tells() -> None:
    """A text that only a list shows is judged there, and the finding shows the place where the two differ."""
    text = f"tx00c0de {'long ' * 40}& more"
    written = exchange(CREATE.id, 201, {}, arguments=Arguments(body={"name": text}))
    listed = exchange(LIST.id, 200, {"widgets": [widget(2), widget(1, name=text.replace("&", "&amp;"))]})
    (found,) = text_truth(CREATE, written, [listed])
    assert "'ong long long & more'" not in found.message
    assert "&amp; more" in found.seen
    assert "& more" in found.expected
    assert found.exchanges == (written, listed)


def test_a_lost_end_is_shown() -> None:
    """Where one text is the beginning of the other, both are shown at the end of the shorter one."""
    assert difference("abcdef", "abc") == ("'abcdef' (6 characters)", "'abc' (3 characters)")
