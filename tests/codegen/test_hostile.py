"""A document is data: whatever stands in it, the generated code only repeats it."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from tests import warm
from tests.codegen.checkouts import Checkout

RUNTIME = Path(__file__).parents[2] / "runtime"


def hostile(text: str) -> dict[str, Any]:
    """A document with the same text in every place that takes one."""
    schema = {
        "type": "object",
        "description": text,
        "required": [text],
        "properties": {
            text: {"type": "string", "description": text, "default": text, "example": text},
            "enum": {"type": "string", "enum": [text, f"{text}2"], "description": text},
            "const": {"const": text},
            "either": {
                "oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}],
                "discriminator": {"propertyName": text, "mapping": {text: "A", f"{text}2": "B"}},
            },
        },
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}
    operation = {
        "operationId": text,
        "tags": [text],
        "summary": text,
        "description": text,
        "x-evidence": text,
        "x-accordant-envelope": text,
        "x-accordant-key": {"field": text},
        "security": [{text: [text]}],
        "parameters": [{"name": text, "in": "query", "style": text, "description": text, "schema": {"type": "string"}}],
        "requestBody": {"description": text, "content": content},
        "responses": {"200": {"description": text, "content": content}, "404": {"description": text}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": text, "version": text},
        "tags": [{"name": text, "description": text}],
        "paths": {f"/{text}": {"post": operation}},
        "components": {"schemas": {"A": schema, "B": {**schema, "title": text}, text: {"type": "object"}}},
    }


@pytest.mark.parametrize(
    "text",
    [
        '"); open("MARK", "w") #',
        '"""\nopen("MARK", "w")\n"""',
        "'''\nopen(\"MARK\", \"w\")\n'''",
        '\\"); open("MARK", "w") #',
        '{{ open("MARK", "w") }}{% raw %}',
        "${open('MARK','w')}",
        'x\n    open("MARK", "w")',
        '\u2028open("MARK", "w")\u202e',
        "class",
        "__class__",
        "\\",
        "\x7f\x00",
        "{0} %s %(a)s",
        "é日本",
    ],
)
def test_text_stays_text(
    text: str, checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No text of a document becomes code: everything still parses, imports, does nothing, and repeats it as it is."""
    monkeypatch.chdir(tmp_path)
    checkout.add("shop", json.dumps(hostile(text)))
    assert checkout.run("regenerate") == 0, capsys.readouterr().err
    for path in checkout.package("shop").rglob("*.py"):
        ast.parse(path.read_text())
    code = (
        "import json, sys; from accordant_generated.shop.operations import OPERATIONS; "
        "from accordant_generated.shop import models; "
        "[operation] = [OPERATIONS[key] for key in OPERATIONS]; "
        "wires = [wire for name in models.__all__ for wire, _ in getattr(getattr(models, name), 'WIRE', {}).values()]; "
        "wire = operation.parameters[0].wire; "
        "print(json.dumps([operation.id, operation.path, wire, operation.security[0][0], wire in wires]))"
    )
    search = f"{checkout.generated}:{RUNTIME}"
    environment = {"PYTHONPATH": search, "PYTHONDONTWRITEBYTECODE": "1"}
    done = warm.run(["-c", code], cwd=tmp_path, env=environment, libraries=warm.GENERATED)
    assert done.returncode == 0, done.stderr
    sent = f"/{text}".partition("#")[0]  # what is behind a "#" is never sent
    assert json.loads(done.stdout) == [text, sent, text, text, True]
    assert not list(tmp_path.rglob("MARK"))
