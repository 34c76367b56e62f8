"""The codegen commands: what they write, skip, compare and refuse, and how they exit."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from codegen import commands, fingerprint, gates, render
from codegen.__main__ import ROOT, main
from codegen.errors import CodegenError
from codegen.vendors import find, find_all
from tests.codegen.checkouts import MINIMAL, OVERLAY, Checkout, refused


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with one generated vendor, to be copied."""
    checkout = Checkout(tmp_path_factory.mktemp("generated"))
    checkout.add("shop", MINIMAL, OVERLAY)
    assert checkout.run("regenerate") == 0
    return checkout


@pytest.fixture
def shop(generated: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Checkout:
    """A checkout with one generated vendor."""
    shutil.copytree(generated.root, tmp_path / "shop")
    capsys.readouterr()
    return Checkout(tmp_path / "shop")


class TestRegenerate:
    def test_first(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A new vendor gets its package, its effective document and what all vendors share; the change is said."""
        checkout.add("shop")
        assert checkout.run("regenerate") == 0
        assert "shop: 13 files changed" in capsys.readouterr().out
        assert set(checkout.contents()) == {
            "treaty_documents/__init__.py",
            "treaty_documents/py.typed",
            "treaty_documents/shop.json",
            "treaty_generated/__init__.py",
            "treaty_generated/py.typed",
            *(
                f"treaty_generated/shop/{name}"
                for name in (
                    "__init__.py",
                    "client.py",
                    "fingerprint.json",
                    "models/__init__.py",
                    "models/state.py",
                    "models/thing.py",
                    "operations.py",
                    "py.typed",
                    "things.py",
                )
            ),
        }

    def test_same_bytes(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """The same input gives the same bytes."""
        before = shop.contents()
        assert shop.run("regenerate", "--force") == 0
        assert "shop: same bytes" in capsys.readouterr().out
        assert shop.contents() == before

    def test_independent_of_the_place(self, shop: Checkout, tmp_path: Path) -> None:
        """Nothing generated depends on where the checkout is."""
        other = Checkout(tmp_path / "somewhere else")
        other.add("shop", MINIMAL, OVERLAY)
        assert other.run("regenerate") == 0
        assert other.contents() == shop.contents()
        assert not [name for name, content in shop.contents().items() if str(tmp_path).encode() in content]

    def test_stale_files_go(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A file that the document no longer gives is gone afterwards."""
        stale = shop.package("shop") / "stale.py"
        stale.write_text("x = 1\n")
        assert shop.run("regenerate") == 0
        assert "generated/treaty_generated/shop/stale.py: gone" in capsys.readouterr().out
        assert not stale.exists()

    def test_one_vendor(self, shop: Checkout) -> None:
        """A named vendor is generated alone."""
        shop.add("other", MINIMAL)
        assert shop.run("regenerate", "--vendor", "shop") == 0
        assert not shop.package("other").exists()
        assert shop.run("regenerate", "--vendor", "other") == 0
        assert shop.package("other").is_dir()

    def test_losses_are_said(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """What normalisation or the types lose is said with its place."""
        checkout.add(
            "shop", MINIMAL.replace("{type: string, enum: [open, closed]}", "{type: string, enum: [open, open]}")
        )
        assert checkout.run("regenerate") == 0
        assert "shop: normalised: $.components.schemas.State.enum: repeated values" in capsys.readouterr().out


class TestFingerprint:
    def test_skips(self, shop: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        """What is unchanged is skipped before anything is built."""

        def never(*_: object) -> None:
            raise AssertionError("built although nothing changed")

        monkeypatch.setattr(commands, "build", never)
        assert shop.run("regenerate") == 0
        assert capsys.readouterr().out == "shop: unchanged\n"

    @pytest.mark.parametrize(
        "changed",
        [
            "generated/treaty_generated/shop/things.py",
            "generated/treaty_generated/shop/models/thing.py",
            "generated/treaty_generated/shop/py.typed",
            "generated/treaty_generated/__init__.py",
            "generated/treaty_documents/shop.json",
            "generated/treaty_documents/__init__.py",
        ],
    )
    def test_a_generated_byte(self, changed: str, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A byte changed in anything generated is written anew."""
        before = shop.contents()
        place = shop.root / changed
        place.write_bytes(place.read_bytes() + b"\n")
        assert shop.run("regenerate") == 0
        assert f"  {changed}: " in capsys.readouterr().out
        assert shop.contents() == before

    def test_a_missing_file(self, shop: Checkout) -> None:
        """So is a file that is missing."""
        before = shop.contents()
        (shop.package("shop") / "client.py").unlink()
        assert shop.run("regenerate") == 0
        assert shop.contents() == before

    def test_the_overlay(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A changed overlay is noticed."""
        shop.add("shop", MINIMAL, OVERLAY.replace("name:", "title:"))
        assert shop.run("regenerate") == 0
        assert "models/thing.py" in capsys.readouterr().out

    def test_the_document(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A changed document is noticed."""
        shop.add("shop", MINIMAL.replace("[open, closed]", "[open, closed, lost]"), OVERLAY)
        assert shop.run("regenerate") == 0
        assert "models/state.py" in capsys.readouterr().out

    def test_the_source_file(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A changed source file is noticed, although it changes no byte of code."""
        place = shop.root / "specs" / "shop" / "source.toml"
        place.write_text(place.read_text() + "# checked\n")
        assert shop.run("regenerate") == 0
        assert "shop: same bytes" in capsys.readouterr().out

    @pytest.mark.parametrize("part", ["templates/model.py.jinja", "naming.py"])
    def test_the_generator(self, part: str, shop: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A changed template or module of the generator is noticed."""
        [vendor] = find_all(shop.root)
        own = Path(fingerprint.__file__).parent
        copied = tmp_path / "codegen"
        shutil.copytree(own, copied, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.setattr(fingerprint, "__file__", str(copied / "fingerprint.py"))
        fingerprint.of_generator.cache_clear()
        assert fingerprint.unchanged(vendor)
        place = copied / part
        place.write_text(place.read_text() + "\n")
        fingerprint.of_generator.cache_clear()
        assert not fingerprint.unchanged(vendor)
        fingerprint.of_generator.cache_clear()

    @pytest.mark.parametrize("content", [None, "", "{}", "[]", "not JSON"])
    def test_a_bad_fingerprint(self, content: str | None, shop: Checkout) -> None:
        """A fingerprint that is missing or broken only costs the work."""
        place = shop.package("shop") / "fingerprint.json"
        before = place.read_text()
        if content is None:
            place.unlink()
        else:
            place.write_text(content)
        assert shop.run("regenerate") == 0
        assert place.read_text() == before


class TestCheckGenerated:
    def test_up_to_date(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """What was just generated is up to date, and checking writes nothing."""
        before = shop.contents()
        assert shop.run("check-generated") == 0
        assert capsys.readouterr().out == "shop: generated code is up to date\n"
        assert shop.contents() == before

    @pytest.mark.parametrize(
        "changed",
        [
            "generated/treaty_generated/shop/things.py",
            "generated/treaty_generated/shop/models/__init__.py",
            "generated/treaty_generated/__init__.py",
            "generated/treaty_documents/shop.json",
            "generated/treaty_documents/__init__.py",
        ],
    )
    def test_a_generated_byte(self, changed: str, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A changed byte in anything generated fails the check, which names the file and mends nothing."""
        place = shop.root / changed
        content = bytearray(place.read_bytes())
        content[len(content) // 2] ^= 1
        place.write_bytes(content)
        assert shop.run("check-generated") == 1
        said = capsys.readouterr().out
        assert "run `make regenerate`" in said
        assert f"  {changed}: +" in said
        assert place.read_bytes() == content

    def test_a_changed_document(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A changed byte in a document fails the check: its hash is not the one that the source file vouches for."""
        place = shop.root / "specs" / "shop" / "openapi.yaml"
        place.write_text(place.read_text().replace("Small", "Smell"))
        assert "its sha256 is" in refused(shop, capsys, "check-generated")

    def test_a_changed_document_with_its_hash(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A document that was changed with its hash fails the check until the code is generated anew."""
        shop.add("shop", MINIMAL.replace("[open, closed]", "[open, closed, lost]"), OVERLAY)
        assert shop.run("check-generated") == 1
        assert "generated/treaty_generated/shop/models/state.py: +" in capsys.readouterr().out
        assert shop.run("regenerate") == 0
        assert shop.run("check-generated") == 0

    def test_a_changed_overlay(self, shop: Checkout) -> None:
        """So does an overlay."""
        shop.add("shop", MINIMAL, OVERLAY.replace("name:", "title:"))
        assert shop.run("check-generated") == 1

    def test_never_generated(self, checkout: Checkout) -> None:
        """A vendor that was never generated fails the check."""
        checkout.add("shop")
        assert checkout.run("check-generated") == 1
        assert not checkout.generated.exists()

    def test_more_and_less(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A file too many and a file too few are told apart."""
        (shop.package("shop") / "more.py").write_text("")
        (shop.package("shop") / "things.py").unlink()
        assert shop.run("check-generated") == 1
        said = capsys.readouterr().out
        assert "treaty_generated/shop/more.py: gone" in said
        assert "treaty_generated/shop/things.py: new" in said

    def test_orphans(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """What was generated for a vendor that is gone fails the check."""
        shop.add("other")
        assert shop.run("regenerate") == 0
        shutil.rmtree(shop.root / "specs" / "other")
        assert shop.run("check-generated") == 1
        said = capsys.readouterr().out
        assert "generated/treaty_documents/other.json: no vendor of specs/ gives it; delete it" in said
        assert "generated/treaty_generated/other: no vendor of specs/ gives it; delete it" in said


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
        """A generator that depends on chance is found out: two runs have to give the same."""
        original, count = render.render, [0]

        def differs(*arguments: object) -> object:
            count[0] += 1
            rendered = original(*arguments)  # type: ignore[arg-type]
            return render.Rendered({**rendered.files, "chance.py": f"x = {count[0]}\n"}, rendered.losses)

        self.broken(shop)
        monkeypatch.setattr(render, "render", differs)
        assert "two runs gave different bytes" in refused(shop, capsys)

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
        assert "usage: python -m codegen" in capsys.readouterr().err

    def test_help(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Help names the commands."""
        with pytest.raises(SystemExit) as caught:
            main(["--help"])
        assert caught.value.code == 0
        assert {"regenerate", "check-generated"} <= set(capsys.readouterr().out.split())

    def test_root(self) -> None:
        """Without further words the commands work on this repository."""
        assert (ROOT / "codegen" / "__main__.py").is_file()
        assert {"dispatch", "dibop"} <= {vendor.name for vendor in find(ROOT, None)}


class TestGates:
    @pytest.fixture
    def document(self, shop: Checkout) -> dict[str, object]:
        """The effective document of the shop."""
        found: dict[str, object] = json.loads(shop.document("shop").read_text())
        return found

    def test_pass(self, shop: Checkout, document: dict[str, object]) -> None:
        """What was generated passes."""
        gates.check("shop", document, shop.generated)

    @pytest.mark.parametrize(
        ("file", "old", "new", "said"),
        [
            ("things.py", 'id="getThing"', 'id="getThing', "cannot be imported"),
            ("models/thing.py", "import State", "import Stat", "cannot be imported"),
            ("operations.py", '"getThing"', '"fetchThing"', "operations differ from the document"),
            ("things.py", 'method="GET"', 'method="PUT"', "operations differ from the document"),
            ("models/state.py", 'CLOSED = "closed"', "", "enum State holds ['open']"),
        ],
    )
    def test_fail(self, file: str, old: str, new: str, said: str, shop: Checkout, document: dict[str, object]) -> None:
        """A module that does not import, an operation or an enum value that is not the document's: each is refused."""
        place = shop.package("shop") / file
        assert old in place.read_text()
        place.write_text(place.read_text().replace(old, new))
        with pytest.raises(CodegenError, match=said.replace("[", r"\[").replace("]", r"\]")):
            gates.check("shop", document, shop.generated)

    def test_nothing_is_left(self, shop: Checkout, document: dict[str, object]) -> None:
        """The gates leave no compiled files behind."""
        gates.check("shop", document, shop.generated)
        assert not [name for _, folders, _ in os.walk(shop.generated) for name in folders if name == "__pycache__"]
