"""``make drift``, and what pull and regenerate say of a change: sentences, verdicts, exit statuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.__main__ import main
from tests.codegen.checkouts import MINIMAL, Checkout, refused
from tests.codegen.document_server import DocumentServer, Page
from tests.codegen.drift_documents import MODERN, SWAGGER

QUERY = "parameters: [{name: id, in: path, required: true, schema: {type: integer}}"
BREAKING = MINIMAL.replace(QUERY, QUERY + ", {name: lang, in: query, required: true, schema: {type: string}}")
ADDITIVE = MINIMAL.replace("enum: [open, closed]", "enum: [open, closed, lost]")
WORDS = MINIMAL.replace("description: It.", "description: The thing.")


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """Where a test writes the newer document."""
    return tmp_path / "newer.yaml"


@pytest.mark.parametrize(
    ("document", "status", "verdict"),
    [(MINIMAL, 0, "none"), (WORDS, 0, "patch"), (BREAKING, 1, "major"), (ADDITIVE, 2, "minor")],
)
def test_statuses(
    document: str, status: int, verdict: str, shop: Checkout, newer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit status says whether a caller breaks (1), gains (2) or sees nothing (0); the verdict ends it."""
    newer.write_text(document)
    before = shop.contents()
    assert shop.run("drift", "--vendor", "shop", "--document", str(newer)) == status
    assert capsys.readouterr().out.splitlines()[-1].endswith(f"(verdict: {verdict})")
    assert shop.contents() == before


def test_layers(shop: Checkout, newer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What breaks code and what breaks the client of today are told apart, each marked in its line."""
    newer.write_text(BREAKING)
    shop.run("drift", "--vendor", "shop", "--document", str(newer))
    assert capsys.readouterr().out.splitlines()[:4] == [
        "shop: in code, once the client is regenerated:",
        "  - ⚠ things.get: argument `lang` is new and required",
        "shop: on the wire, with the client of today:",
        "  - ⚠ GET /things/{id}: query parameter `lang` is new and required",
    ]


def test_json(shop: Checkout, newer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same as one JSON object for programs."""
    newer.write_text(ADDITIVE)
    assert shop.run("drift", "--vendor", "shop", "--document", str(newer), "--json") == 2
    data: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert data["verdict"] == "minor"
    assert {(line["layer"], line["kind"], line["impact"]) for line in data["changes"]} == {
        ("code", "enum-member-added", "additive"),
        ("wire", "response-value-added", "additive"),
    }
    assert len(data["changelog"]) == 2
    assert "⚠" not in "".join(data["changelog"])


def test_strict(shop: Checkout, newer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A new value in a response is additive with a note, and breaking for those whose clients are strict."""
    newer.write_text(ADDITIVE)
    assert shop.run("drift", "--vendor", "shop", "--document", str(newer)) == 2
    assert "only strict ones refuse them" in capsys.readouterr().out
    assert shop.run("drift", "--vendor", "shop", "--document", str(newer), "--strict") == 1


def test_two_documents(checkout: Checkout, tmp_path: Path) -> None:
    """Two documents are compared without any vendor, whatever version each of them has."""
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(SWAGGER)
    new.write_text(SWAGGER.replace("maximum: 100", "maximum: 10"))
    assert checkout.run("drift", "--against", str(old), "--document", str(new)) == 1
    assert checkout.run("drift", "--against", str(old), "--document", str(old)) == 0
    new.write_text(MODERN)
    assert checkout.run("drift", "--against", str(old), "--document", str(new)) == 1


def test_against_the_address(shop: Checkout) -> None:
    """Without a document the vendor's own address is asked, and nothing is written."""
    with DocumentServer({"/o.yaml": Page(BREAKING)}) as server:
        place = shop.root / "specs/shop/source.toml"
        place.write_text(place.read_text() + f'[pull]\nurl = "{server.url}/o.yaml"\n')
        before = place.read_bytes(), (place.parent / "openapi.yaml").read_bytes()
        assert shop.run("drift") == 1
        assert (place.read_bytes(), (place.parent / "openapi.yaml").read_bytes()) == before


def test_a_replaced_document(shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """A document that was replaced by hand is compared with what callers have: the advice of its refusal works."""
    place = shop.root / "specs/shop/openapi.yaml"
    place.write_text(BREAKING)
    assert shop.run("drift", "--vendor", "shop", "--document", str(place)) == 1
    assert "argument `lang` is new and required" in capsys.readouterr().out


def test_overlay_does_not_fit(shop: Checkout, newer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Overlay actions that a newer document leaves nothing to do for are named; the rest is compared."""
    newer.write_text(MINIMAL.replace("schemas/Thing", "schemas/Item").replace("    Thing:", "    Item:"))
    assert shop.run("drift", "--vendor", "shop", "--document", str(newer)) == 1
    said = capsys.readouterr().out
    assert "overlay actions that do not fit any more" in said
    assert "overlays/accordant/shop/spec.overlay.yaml:4: $.actions[0] ($.components.schemas.Thing.properties)" in said


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--vendor", "shop"), "names no address. Give DOC="),
        (("--vendor", "shap"), "Did you mean 'shop'?"),
        (("--document", "nowhere.yaml"), "nowhere.yaml: the file does not exist. Give an address"),
        (("--against", "x"), "name both"),
        (("--document", "{page}"), "it is an HTML or XML page"),
        (("--document", "{broken}"), "$.paths: it is a list, not an object"),
        (("--document", "http://127.0.0.1:9/x"), "cannot be fetched"),
    ],
)
def test_failures(
    arguments: tuple[str, ...], reason: str, shop: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be compared is exit status 3 with the reason, never one of the results."""
    (tmp_path / "page.html").write_text("<html>")
    (tmp_path / "broken.yaml").write_text("openapi: 3.1.0\ninfo: {}\npaths: []\n")
    places = {"page": str(tmp_path / "page.html"), "broken": str(tmp_path / "broken.yaml")}
    assert shop.run("drift", *(each.format(**places) for each in arguments)) == 3
    said = capsys.readouterr().err
    assert reason in said
    assert "Traceback" not in said


def test_several_vendors(shop: Checkout, newer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One document for several vendors is refused: it belongs to one."""
    shop.add("other")
    newer.write_text(MINIMAL)
    assert shop.run("drift", "--document", str(newer)) == 3
    assert "Name it with VENDOR=" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["drift", "--urk"], ["drift", "--seconds", "0"], ["drift", "--vendor"]])
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong arguments are exit status 3 as well, for 2 is a result."""
    assert main(arguments) == 3
    assert "usage:" in capsys.readouterr().err


def test_pull_shows_it(shop: Checkout, newer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pull says what the newer document changes for callers before it replaces the old one."""
    newer.write_text(BREAKING)
    assert shop.run("pull", "--vendor", "shop", "--url", str(newer)) == 0
    said = capsys.readouterr().out
    assert "argument `lang` is new and required" in said
    assert said.index("verdict: major") < said.index("is the new document")


def test_regenerate_says_it(shop: Checkout, newer: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``make regenerate`` prints what changed for callers, not only how many lines."""
    newer.write_text(BREAKING)
    assert shop.run("pull", "--vendor", "shop", "--url", str(newer)) == 0
    capsys.readouterr()
    assert shop.run("regenerate") == 0
    said = capsys.readouterr().out
    assert "⚠ things.get: argument `lang` is new and required" in said
    assert "(verdict: major)" in said


def test_regenerate_of_a_correction(shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """So it does where our own overlay has changed."""
    overlay = shop.root / "overlays/accordant/shop/spec.overlay.yaml"
    overlay.write_text(overlay.read_text().replace("{name: {type: string}}", "{label: {type: string}}"))
    assert shop.run("regenerate") == 0
    said = capsys.readouterr().out
    assert "⚠ models.Thing: field `name` is gone; `label` is new and of the same type" in said


def test_regenerate_of_the_same(shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing changes for callers nothing is said of them."""
    assert shop.run("regenerate", "--force") == 0
    assert "verdict" not in capsys.readouterr().out


HOSTILE = {
    "parameters": ("parameters: [{", "parameters: [{$ref: '#/components/parameters/x'}, {"),
    "a list of nothing": ("required: [id]", "required: 1"),
    "properties": ("properties: {id:", "properties: {odd: true, odder: null, id:"),
    "union": ("State: {", "Odd: {anyOf: 3, oneOf: {}, allOf: [true, 1]}\n    State: {"),
    "circle": ("State: {", "Round: {allOf: [{$ref: '#/components/schemas/Round'}]}\n    State: {"),
    "security": ("paths:", "security: [{none: 1}]\npaths:"),
    "discriminator": ("type: object", "type: object\n      discriminator: [1]"),
    "additional": ("type: object", "type: object\n      additionalProperties: {$ref: '#/components/schemas/Thing'}"),
    "bounds": ("id: {type: integer}", "id: {type: integer, maximum: x, multipleOf: 0, minimum: true}"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_traceback(kind: str, checkout: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document that is odd in a place is compared or refused with a sentence, in either role."""
    old, odd = tmp_path / "old.yaml", tmp_path / "odd.yaml"
    old.write_text(MINIMAL)
    odd.write_text(MINIMAL.replace(*HOSTILE[kind], 1))
    for pair in ((old, odd), (odd, old), (odd, odd)):
        assert checkout.run("drift", "--against", str(pair[0]), "--document", str(pair[1])) in (0, 1, 2, 3)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        assert "please report it" not in said.err


def test_unknown_vendor_folder(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """A checkout without vendors says so to a pull."""
    assert "there is no vendor" in refused(checkout, capsys, "pull")
