"""The codegen commands: what they write, skip, compare and refuse, and how they exit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from accordant_codegen import commands, fingerprint
from accordant_codegen.vendors import find_all
from tests.codegen.checkouts import MINIMAL, OVERLAY, Checkout, refused


class TestRegenerate:
    def test_first(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A new vendor gets its package, its effective document and what all vendors share; the change is said."""
        checkout.add("shop")
        assert checkout.run("regenerate") == 0
        assert "shop: 21 files changed" in capsys.readouterr().out
        assert set(checkout.contents()) == {
            "accordant_documents/__init__.py",
            "accordant_documents/py.typed",
            "accordant_documents/shop.json",
            "accordant_generated/__init__.py",
            "accordant_generated/py.typed",
            *(
                f"accordant_generated/shop/{name}"
                for name in (
                    "__init__.py",
                    "aio/__init__.py",
                    "aio/things.py",
                    "client.py",
                    "defaults.py",
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
        assert "generated/accordant_generated/shop/stale.py: gone" in capsys.readouterr().out
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
            "generated/accordant_generated/shop/things.py",
            "generated/accordant_generated/shop/models/thing.py",
            "generated/accordant_generated/shop/py.typed",
            "generated/accordant_generated/__init__.py",
            "generated/accordant_documents/shop.json",
            "generated/accordant_documents/__init__.py",
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

    def test_line_endings(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A clone whose lines end as those of Windows is as good as any other."""
        for path in [path for path in shop.root.rglob("*") if path.is_file() and path.suffix != ".pyc"]:
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert shop.run("check-generated") == 0
        assert shop.run("regenerate") == 0
        assert capsys.readouterr().out.endswith("shop: unchanged\n")

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

    @pytest.mark.parametrize("part", ["render/templates/model.py.jinja", "types/naming.py"])
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

    def test_the_quick_look(self, shop: Checkout) -> None:
        """The look that comes before all imports sees every byte that changes, whatever size and time say."""
        root = str(shop.root)
        assert fingerprint.unchanged_names(root) == ["shop"]
        files = [path for path in shop.root.rglob("*") if path.is_file() and path.suffix != ".pyc"]
        client = shop.root / "overlays" / "accordant" / "shop"
        files = [path for path in files if path.parent != client or path.name == "spec.overlay.yaml"]
        assert len(files) > 15
        for path in files:
            content, times = path.read_bytes(), path.stat()
            path.write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:] if content else b"#")
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            assert fingerprint.unchanged_names(root) == [], path
            path.write_bytes(content)
        assert fingerprint.unchanged_names(root) == ["shop"]
        shop.add("other")
        assert fingerprint.unchanged_names(root) == []

    def test_the_quick_look_is_quick(self, shop: Checkout) -> None:
        """The look that comes before all imports does without them."""
        code = f"""
import sys
before = set(sys.modules)
from accordant_codegen import fingerprint
assert fingerprint.unchanged_names({str(shop.root)!r}) == ["shop"]
assert not {{"argparse", "re", "json", "typing", "tomllib", "attrs", "accordant_runtime"}} & set(sys.modules) - before
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
        assert done.stderr == ""

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
            "generated/accordant_generated/shop/things.py",
            "generated/accordant_generated/shop/models/__init__.py",
            "generated/accordant_generated/__init__.py",
            "generated/accordant_documents/shop.json",
            "generated/accordant_documents/__init__.py",
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

    def test_changed_lines_are_counted(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """What the document gives more and less than a changed file is told in lines, wherever they are in it."""
        edits: dict[str, Callable[[list[str]], list[str]]] = {
            "client.py: +0 -1": lambda lines: ["# mine", *lines],
            "things.py: +0 -2": lambda lines: [*lines, "# mine", "# mine"],
            "operations.py: +1 -0": lambda lines: lines[:3] + lines[4:],
            "defaults.py: +1 -1": lambda lines: [*lines[:-1], "# mine"],
            "models/state.py: +2 -3": lambda lines: ["# mine", *lines[1:4], "# mine", "# mine", *lines[5:]],
            "models/thing.py: +0 -4": lambda lines: [*lines[:5], *lines[1:5], *lines[5:]],
        }
        for said, edit in edits.items():
            place = shop.package("shop") / said.partition(":")[0]
            place.write_text("\n".join(edit(place.read_text().splitlines())) + "\n")
        assert shop.run("check-generated") == 1
        told = capsys.readouterr().out
        assert [said for said in edits if f"shop/{said} lines\n" not in told] == [], told

    def test_a_changed_document(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A changed byte in a document fails the check: its hash is not the one that the source file vouches for."""
        place = shop.root / "specs" / "shop" / "openapi.yaml"
        place.write_text(place.read_text().replace("Small", "Smell"))
        assert "its sha256 is" in refused(shop, capsys, "check-generated")

    def test_a_changed_document_with_its_hash(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A document that was changed with its hash fails the check until the code is generated anew."""
        shop.add("shop", MINIMAL.replace("[open, closed]", "[open, closed, lost]"), OVERLAY)
        assert shop.run("check-generated") == 1
        assert "generated/accordant_generated/shop/models/state.py: +" in capsys.readouterr().out
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
        assert "accordant_generated/shop/more.py: gone" in said
        assert "accordant_generated/shop/things.py: new" in said

    def test_orphans(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """What was generated for a vendor that is gone fails the check."""
        shop.add("other")
        assert shop.run("regenerate") == 0
        shutil.rmtree(shop.root / "specs" / "other")
        assert shop.run("check-generated") == 1
        said = capsys.readouterr().out
        assert "generated/accordant_documents/other.json: no vendor of specs/ gives it; delete it" in said
        assert "generated/accordant_generated/other: no vendor of specs/ gives it; delete it" in said
