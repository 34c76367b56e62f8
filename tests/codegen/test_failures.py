"""When something fails: the old package stays, the exit status and the message say why, and gates refuse the rest."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from accordant_codegen import gates
from accordant_codegen.__main__ import ROOT, main
from accordant_codegen.errors import CodegenError
from accordant_codegen.render import package as render
from accordant_codegen.vendors import VendorFolder, find
from tests.codegen.checkouts import MINIMAL, OVERLAY, Checkout, refused


class TestAtomicity:
    def broken(self, shop: Checkout) -> None:
        """The next run has something to write."""
        shop.add("shop", MINIMAL.replace("[open, closed]", "[open, closed, lost]"), OVERLAY)

    def test_a_gate_fails(
        self, shop: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """When a gate fails, the old package stays byte for byte."""

        def fails(*_: object) -> None:
            raise CodegenError("shop: a gate says no")

        self.broken(shop)
        before = shop.contents()
        monkeypatch.setattr(gates, "check", fails)
        assert refused(shop, capsys) == "shop: a gate says no"
        assert shop.contents() == before

    @pytest.mark.parametrize("calls", [0, 1, 3])
    def test_the_disk_is_full(
        self, calls: int, shop: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """When a file cannot be written, the old package stays byte for byte and nothing lies about."""
        copyfile, left = shutil.copyfile, [calls]

        def full(new: Path, old: Path, **options: bool) -> None:
            if left[0] == 0:
                raise OSError(28, "No space left on device")
            left[0] -= 1
            copyfile(new, old, **options)

        self.broken(shop)
        before = shop.contents()
        monkeypatch.setattr(shutil, "copyfile", full)
        assert "No space left" in refused(shop, capsys)
        assert shop.contents() == before

    def test_the_swap_fails(
        self, shop: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """When the new package cannot be moved into place, the old one is moved back."""
        rename = Path.rename

        def fails(place: Path, target: Path) -> Path:
            if place.name == ".shop.new":
                raise OSError(13, "Permission denied")
            return rename(place, target)

        self.broken(shop)
        before = shop.contents()
        monkeypatch.setattr(Path, "rename", fails)
        assert "Permission denied" in refused(shop, capsys)
        assert shop.contents() == before

    def test_chance(self, shop: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        """`make check-generated` finds out a generator that depends on chance: two runs have to give the same."""
        original, count = render.render, [0]

        def differs(vendor: VendorFolder, document: dict[str, Any]) -> render.Rendered:
            count[0] += 1
            rendered = original(vendor, document)
            return render.Rendered({**rendered.files, "chance.py": f"x = {count[0]}\n"}, rendered.losses)

        self.broken(shop)
        monkeypatch.setattr(render, "render", differs)
        assert "two runs gave different bytes" in refused(shop, capsys, "check-generated")

    def test_interrupted(
        self, shop: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Ctrl-C ends with one line, status 130, and the old package."""

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        self.broken(shop)
        before = shop.contents()
        monkeypatch.setattr(gates, "check", interrupted)
        assert shop.run("regenerate") == 130
        assert capsys.readouterr().err.startswith("stopped")
        assert shop.contents() == before


class TestArguments:
    def test_unknown_vendor(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """An unknown vendor is refused with those there are, and the nearest of them."""
        shop.add("garage")
        assert refused(shop, capsys, "regenerate", "--vendor", "ship") == (
            "there is no vendor 'ship'; there are: garage, shop. Did you mean 'shop'?"
        )
        assert refused(shop, capsys, "check-generated", "--vendor", "xyz").endswith("there are: garage, shop.")

    def test_no_vendor_at_all(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A checkout without vendors is refused rather than found up to date."""
        assert refused(checkout, capsys, "check-generated").startswith("there is no vendor: ")

    @pytest.mark.parametrize("arguments", [[], ["nonsense"], ["regenerate", "--fast"], ["check-generated", "--force"]])
    def test_wrong_arguments(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        """Wrong arguments end with status 2 and the usage."""
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
        assert "usage: python -m accordant_codegen" in capsys.readouterr().err

    def test_help(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Help names the commands."""
        with pytest.raises(SystemExit) as caught:
            main(["--help"])
        assert caught.value.code == 0
        assert {"regenerate", "check-generated"} <= set(capsys.readouterr().out.split())

    def test_root(self) -> None:
        """Without further words the commands work on this repository."""
        assert (ROOT / "codegen" / "accordant_codegen" / "__main__.py").is_file()
        assert {"dispatch", "dibop"} <= {vendor.name for vendor in find(ROOT, None)}


class TestGates:
    @pytest.fixture
    def document(self, shop: Checkout) -> dict[str, object]:
        """The effective document of the shop."""
        found: dict[str, object] = json.loads(shop.document("shop").read_text())
        return found

    def test_pass(self, shop: Checkout, document: dict[str, object]) -> None:
        """What was generated passes."""
        gates.check(find(shop.root, "shop")[0], document, shop.generated)

    @pytest.mark.parametrize(
        ("file", "old", "new", "said"),
        [
            ("things.py", '"getThing"', '"getThing', "cannot be imported"),
            ("models/thing.py", "import State", "import Stat", "cannot be imported"),
            ("operations.py", '"getThing"', '"fetchThing"', "operations differ from the document"),
            ("things.py", '"GET /things/{id}"', '"PUT /things/{id}"', "operations differ from the document"),
            ("models/state.py", 'CLOSED = "closed"', "", "enum State holds ['open']"),
        ],
    )
    def test_fail(self, file: str, old: str, new: str, said: str, shop: Checkout, document: dict[str, object]) -> None:
        """A module that does not import, an operation or an enum value that is not the document's: each is refused."""
        place = shop.package("shop") / file
        assert old in place.read_text()
        place.write_text(place.read_text().replace(old, new))
        with pytest.raises(CodegenError, match=said.replace("[", r"\[").replace("]", r"\]")):
            gates.check(find(shop.root, "shop")[0], document, shop.generated)

    def test_nothing_is_left(self, shop: Checkout, document: dict[str, object]) -> None:
        """The gates leave no compiled files behind."""
        gates.check(find(shop.root, "shop")[0], document, shop.generated)
        assert not [name for _, folders, _ in os.walk(shop.generated) for name in folders if name == "__pycache__"]
