"""The guesses as an overlay file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from accordant_codegen.guess.guess import guess
from accordant_codegen.guess.overlay import as_overlay, report
from accordant_codegen.read.extensions import check_extensions
from accordant_codegen.read.overlay import apply, read_overlay
from tests.codegen.ruled import document

TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
THING = {"type": "object", "properties": {"id": TEXT}}


def shop() -> dict[str, Any]:
    """A document with guesses of several kinds, and a path that has to be quoted."""

    def returns(schema: Any) -> dict[str, Any]:
        return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}

    things = {"type": "object", "properties": {"things": {"type": "array", "items": THING}, "total": NUMBER}}
    page = [{"name": name, "in": "query", "schema": NUMBER} for name in ("page", "size")]
    return document(
        {
            "/it's/things": {"get": {"parameters": page, "responses": returns(things)}},
            "/things/{thing_id}": {"get": {"responses": returns(THING)}},
            "/cats/{name}": {"get": {"responses": returns({"type": "object", "properties": {"colour": TEXT}})}},
        }
    )


def test_the_overlay_applies(tmp_path: Path) -> None:
    """The file is an overlay whose actions all match, each marked [assumed], and whose extensions are allowed."""
    found = guess(shop())
    file = tmp_path / "spec.overlay.yaml"
    file.write_text(as_overlay(found, title="A: shop", document="../specs/a.yaml"))
    overlay = read_overlay(file)
    assert len(overlay.actions) == len(found.made) == 3
    assert all(action.reason.startswith("[assumed] ") for action in overlay.actions)
    applied = apply(shop(), overlay)
    assert applied.superfluous == ()
    check_extensions(applied.document, "shop")
    assert applied.document["paths"]["/it's/things"]["get"]["x-accordant-pagination"]["total"] == "total"
    assert guess(applied.document).made == ()


def test_what_no_overlay_reaches_is_left() -> None:
    """A guess about what the document has only by a reference is told in the report: an action would match nothing."""
    met = shop()
    met["paths"]["/it's/things"] = {"$ref": "#/components/pathItems/Things"}
    found = guess(shop(), met)
    assert [each.kind for each in found.made] == ["key"]
    assert ["no overlay action reaches it" in each.why for each in found.left if each.kind == "paging"] == [True]


def test_the_same_document_gives_the_same_bytes() -> None:
    """Two runs over one document give the same file."""
    first, second = (as_overlay(guess(shop()), title="A", document="a.yaml") for _ in range(2))
    assert first == second


def test_a_document_without_guesses(tmp_path: Path) -> None:
    """A document that leaves nothing open gives an overlay without actions."""
    file = tmp_path / "spec.overlay.yaml"
    file.write_text(as_overlay(guess(document({})), title="A", document="a.yaml"))
    assert read_overlay(file).actions == ()


def test_what_was_not_guessed_is_told() -> None:
    """The report counts the guesses and names what was left with its reason, and the overlay lists each place."""
    found = guess(shop())
    why = "no field of the record is called like `name` or `id`"
    assert report(found) == ["guessed: 2 key, 1 paging", f"not guessed: key: {why} ($.paths['/cats/{{name}}'].get)"]
    assert f"#   $.paths['/cats/{{name}}'].get: key: {why}" in as_overlay(found, title="A", document="a.yaml")


def test_many_places_are_summed_up() -> None:
    """Operations that were left for the same reason are told in one line."""
    cat = {"type": "object", "properties": {"colour": TEXT}}
    content = {"200": {"description": "", "content": {"application/json": {"schema": cat}}}}
    paths = {f"/cats{number}/{{name}}": {"get": {"responses": content}} for number in range(20)}
    lines = report(guess(document(paths)))
    assert len(lines) == 2
    assert "20 operations, the first is $.paths['/cats0/{name}'].get" in lines[1]
