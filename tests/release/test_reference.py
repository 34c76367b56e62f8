"""The list of methods, `docs/api.md`."""

from __future__ import annotations

import re

import pytest

import accordant_documents
from release import reference


def test_the_reference_is_up_to_date() -> None:
    """`docs/api.md` names the methods as the code has them; `make reference` writes it anew."""
    assert reference.main(["--check"]) == 0


def test_a_stale_reference_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A method that the page does not name makes the check fail, and the message says what to run."""
    monkeypatch.setattr(reference, "PAGE", reference.ROOT / "docs" / "client.md")
    assert reference.main(["--check"]) == 1
    assert "Run `make reference`" in capsys.readouterr().err


def test_every_operation_of_every_document_is_in_the_reference() -> None:
    """The page has at least as many methods of a vendor as the vendor's document has operations."""
    text = reference.PAGE.read_text(encoding="utf-8")
    for vendor in accordant_documents.names():
        document = accordant_documents.load(vendor)
        operations = [name for item in document["paths"].values() for name in item if name in _METHODS]
        section = re.split(r"^## ", text, flags=re.MULTILINE)
        own = next(part for part in section if part.startswith(f"{vendor}\n"))
        assert own.count("```python") >= len(operations), vendor


def test_a_method_that_was_written_by_hand_is_in_the_reference() -> None:
    """Methods beyond the document, such as DIBOP's `execute_and_wait`, are listed with their signature."""
    assert "\norchestrations.execute_and_wait(\n    id: str,\n" in reference.page()


_METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}
