"""Small checkouts with a vendor or two, and what the codegen commands do in them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from accordant_codegen.__main__ import main

HERE = Path(__file__).parent
MINIMAL = """\
openapi: 3.1.0
info: {title: Small, version: "1"}
paths:
  /things/{id}:
    get:
      operationId: getThing
      tags: [things]
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
components:
  schemas:
    Thing:
      type: object
      required: [id]
      properties: {id: {type: integer}, state: {$ref: "#/components/schemas/State"}}
    State: {type: string, enum: [open, closed]}
"""
OVERLAY = """\
overlay: 1.0.0
info: {title: Corrections, version: 1.0.0}
actions:
  - target: $.components.schemas.Thing.properties
    description: "[docs] Things have a name."
    update: {name: {type: string}}
"""


class Checkout:
    """A folder that looks like this repository to the codegen commands."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, name: str, document: str | bytes = MINIMAL, overlay: str | None = None) -> None:
        """Write a vendor's document, its source file with the right hash, and its overlay."""
        content = document.encode() if isinstance(document, str) else document
        folder = self.root / "specs" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "openapi.yaml").write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        (folder / "source.toml").write_text(f'vendor = "{name}"\ndocument = "openapi.yaml"\nsha256 = "{digest}"\n')
        if overlay is not None:
            place = self.root / "overlays" / "accordant" / name
            place.mkdir(parents=True, exist_ok=True)
            (place / "spec.overlay.yaml").write_text(overlay)

    def run(self, *arguments: str) -> int:
        """Run one codegen command here; answers its exit status."""
        return main([*arguments, "--root", str(self.root)])

    @property
    def generated(self) -> Path:
        """The generated folder."""
        return self.root / "generated"

    def package(self, name: str) -> Path:
        """The generated package of a vendor."""
        return self.generated / "accordant_generated" / name

    def document(self, name: str) -> Path:
        """The effective document of a vendor."""
        return self.generated / "accordant_documents" / f"{name}.json"

    def contents(self) -> dict[str, bytes]:
        """Every generated file with its bytes."""
        return {
            str(path.relative_to(self.generated)): path.read_bytes()
            for path in sorted(self.generated.rglob("*"))
            if path.is_file() and path.suffix != ".pyc"
        }


def refused(checkout: Checkout, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command says that refuses its work: exit status 1, one message on stderr, no traceback."""
    assert checkout.run(*(arguments or ("regenerate",))) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert "Traceback" not in captured.err + captured.out
    return captured.err.removeprefix("error: ").rstrip()
