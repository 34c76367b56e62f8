"""`make vendor`: from a document to a vendor, all of it or nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from accordant_codegen import commands
from accordant_codegen.__main__ import main
from accordant_codegen.new_vendor.files import places
from accordant_codegen.new_vendor.first_call import first_call
from accordant_codegen.read.overlay import read_overlay
from accordant_codegen.vendors import folder_of
from tests.codegen.checkouts import MINIMAL, Checkout
from tests.codegen.ruled import document


@pytest.fixture
def shop_file(tmp_path: Path) -> Path:
    """A document with a list that pages, in a file."""
    found = yaml.safe_load(MINIMAL)
    rows = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
    page = {"name": "page", "in": "query", "schema": {"type": "integer"}}
    found["paths"]["/things"] = {
        "get": {
            "operationId": "listThings",
            "tags": ["things"],
            "parameters": [page],
            "responses": {"200": {"description": "", "content": {"application/json": {"schema": rows}}}},
        }
    }
    file = tmp_path / "shop.yaml"
    file.write_text(yaml.safe_dump(found))
    return file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty checkout."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    return folder


def vendor(root: Path, name: str, place: Any) -> int:
    return main(["vendor", "--name", name, "--url", str(place), "--root", str(root), "--no-contract"])


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_a_vendor_from_a_file(root: Path, shop_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One command gives the document, the guesses and the generated client, and says what it did and how to undo it."""
    assert vendor(root, "shop", shop_file) == 0
    told = capsys.readouterr().out
    overlay = read_overlay(root / "overlays" / "accordant" / "shop" / "spec.overlay.yaml")
    assert "`page` is the number of a page" in overlay.actions[0].reason
    generated = (root / "generated" / "accordant_generated" / "shop" / "things.py").read_text()
    assert 'Pagination("page", "", position="page"' in generated
    assert "guessed: 1 paging" in told
    assert "2 operations generated" in told
    assert "next: make regenerate" not in told
    undo = next(line for line in told.splitlines() if line.startswith("Undo it: rm -r "))
    for place in undo.removeprefix("Undo it: rm -r ").split():
        assert (root / place).exists()
        if (root / place).is_dir():
            shutil.rmtree(root / place)
        else:
            (root / place).unlink()
    assert not [path for path in files(root) if "shop" in path]


def test_the_generated_client_follows_the_guesses(root: Path, shop_file: Path) -> None:
    """A corrected guess is what the next `make regenerate` generates."""
    assert vendor(root, "shop", shop_file) == 0
    overlay = root / "overlays" / "accordant" / "shop" / "spec.overlay.yaml"
    overlay.write_text(overlay.read_text().replace("page: page}", "page: page, start: 0}"))
    assert main(["regenerate", "--vendor", "shop", "--root", str(root)]) == 0
    assert "start=0" in (root / "generated" / "accordant_generated" / "shop" / "things.py").read_text()


def test_guesses_about_new_operations(root: Path, shop_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`make guess` prints only what the overlays do not say yet; nothing is written."""
    assert vendor(root, "shop", shop_file) == 0
    before = files(root)
    overlay = root / "overlays" / "accordant" / "shop" / "spec.overlay.yaml"
    capsys.readouterr()
    assert main(["guess", "--vendor", "shop", "--root", str(root)]) == 0
    assert "actions: []" in capsys.readouterr().out
    overlay.write_text(overlay.read_text().partition("actions:")[0] + "actions: []\n")
    assert main(["guess", "--vendor", "shop", "--root", str(root)]) == 0
    assert "`page` is the number of a page" in capsys.readouterr().out
    assert files(root) == before


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "a vendor needs a name"),
        ("My-Shop", "Try 'my_shop'"),
        ("1shop", "Try 'shop'"),
        ("_shop", "begins with a letter"),
        ("shop__b", "single underscores"),
        ("class", "a word of Python's"),
        ("match", "a word of Python's"),
        ("json", "a module of Python's"),
        ("con", "under Windows"),
        ("a" * 41, "at most 40"),
        ("../shop", "small letters"),
    ],
)
def test_names_that_no_vendor_can_have(
    root: Path, shop_file: Path, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that is no package, is a word of Python's or is not to be a file is refused with what to do."""
    assert vendor(root, name, shop_file) == 1
    assert said in capsys.readouterr().err
    assert files(root) == set()


def test_a_name_that_is_a_module_of_accordant(root: Path, shop_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A vendor cannot be called like a module that users import from accordant."""
    (root / "overlays" / "accordant").mkdir(parents=True)
    (root / "overlays" / "accordant" / "errors.py").touch()
    assert vendor(root, "errors", shop_file) == 1
    assert "accordant has a module of that name" in capsys.readouterr().err


def test_a_name_that_is_taken(checkout: Checkout, shop_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A vendor that is there already stays as it is, and the message says what to do."""
    checkout.add("shop")
    before = files(checkout.root)
    assert vendor(checkout.root, "shop", shop_file) == 1
    assert "there is a vendor 'shop' already: specs/shop" in capsys.readouterr().err
    assert files(checkout.root) == before


@pytest.mark.parametrize("content", ["<html>", "[1, 2]", "openapi: 3.1.0\ninfo: {title: A, version: '1'}\npaths: 7\n"])
def test_a_document_that_is_refused_leaves_nothing(root: Path, tmp_path: Path, content: str) -> None:
    """Where the document cannot be used, no folder and no file of the vendor is left."""
    file = tmp_path / "bad.yaml"
    file.write_text(content)
    assert vendor(root, "shop", file) == 1
    assert files(root) == set()


@pytest.mark.parametrize("trouble", [KeyboardInterrupt(), OSError("the disk is full")])
def test_trouble_on_the_way_leaves_nothing(
    root: Path, shop_file: Path, trouble: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupted or failed generation takes the document and the guesses away again, and nobody else's files."""
    (root / "specs" / "other").mkdir(parents=True)
    (root / "specs" / "other" / "source.toml").write_text('document = "openapi.yaml"\n')

    def fail(_vendor: Any) -> Any:
        raise trouble

    monkeypatch.setattr(commands, "make", fail)
    assert vendor(root, "shop", shop_file) != 0
    assert files(root) == {"specs", "specs/other", "specs/other/source.toml"}


def test_an_address_is_needed(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without URL= the message says what it is."""
    assert vendor(root, "shop", "") == 1
    assert "URL= is where shop's document is" in capsys.readouterr().err


def test_the_places_of_a_vendor(root: Path) -> None:
    """The same fixed places are a vendor's, whatever its document."""
    assert [str(place.relative_to(root)) for place in places(root, "shop")] == [
        "specs/shop",
        "overlays/accordant/shop",
        "generated/accordant_generated/shop",
        "generated/accordant_documents/shop.json",
    ]


def test_no_first_call_is_printed_that_does_not_run(root: Path) -> None:
    """The lines that are printed were run; where none runs, none is printed."""
    get = {"x-accordant-resource": "things", "x-accordant-name": "list", "x-accordant-action": "list"}
    assert first_call(folder_of(root, "nobody"), document({"/things": {"get": get}}), {}) == []
