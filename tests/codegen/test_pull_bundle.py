"""``make pull`` of a document in several files: one file comes out that says the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.read.document import follow, references
from accordant_codegen.read.load import parse, read_data
from tests.codegen.checkouts import Checkout, refused
from tests.codegen.document_server import DocumentServer, Page

FILES = {
    "openapi.yaml": """\
openapi: 3.1.0
info: {$ref: info.yaml}
paths:
  /pets: {$ref: paths/pets.yaml}
  /pets/{id}:
    parameters: [{$ref: "common.yaml#/components/parameters/Id"}]
    get: {$ref: "paths/pet.yaml#/get"}
components:
  schemas:
    Pet: {$ref: schemas/pet.yaml}
    Local: {type: object, properties: {again: {$ref: "#/components/schemas/Pet"}}}
""",
    "info.yaml": 'title: Pets\nversion: "1"\n',
    "paths/pets.yaml": """\
get:
  operationId: listPets
  responses:
    "200":
      description: Pets.
      content:
        application/json:
          schema: {type: array, items: {$ref: ../schemas/pet.yaml}}
          examples: {one: {$ref: ../examples/pet.json}}
    default: {$ref: "../common.yaml#/components/responses/Failed"}
post:
  operationId: createPet
  requestBody: {$ref: "../common.yaml#/components/requestBodies/Pet"}
  responses: {"201": {description: Made.}}
""",
    "paths/pet.yaml": """\
get:
  operationId: getPet
  responses:
    "200":
      description: A pet.
      content: {application/json: {schema: {$ref: "../openapi.yaml#/components/schemas/Pet"}}}
""",
    "common.yaml": """\
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {$ref: "#/components/schemas/Id"}}
  schemas:
    Id: {type: integer}
    Local: {type: string}
    Problem:
      type: object
      properties: {code: {$ref: "#/components/schemas/Local"}, cause: {$ref: "#/components/schemas/Problem"}}
  responses:
    Failed: {description: No., content: {application/json: {schema: {$ref: "#/components/schemas/Problem"}}}}
  requestBodies:
    Pet: {content: {application/json: {schema: {$ref: schemas/pet.yaml}}}}
""",
    "schemas/pet.yaml": """\
type: object
required: [kind]
discriminator: {propertyName: kind, mapping: {dog: dog.yaml}}
properties:
  kind: {type: string}
  example: {$ref: "sizes.yaml#/Size"}
  friend: {$ref: pet.yaml}
  dog: {$ref: dog.yaml}
example: {$ref: is data}
""",
    "schemas/dog.yaml": "allOf: [{$ref: pet.yaml}, {type: object, properties: {bark: {type: string}}}]\n",
    "schemas/sizes.yaml": "Size: {type: string, enum: [small, large]}\n",
    "examples/pet.json": '{"value": {"kind": "dog"}}',
}


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder / next(iter(files))


def bundled(checkout: Checkout, place: str) -> dict[str, Any]:
    assert checkout.run("pull", "--vendor", "pets", "--url", place) == 0
    return read_data(next((checkout.root / "specs/pets").glob("openapi.*")))


def check(document: dict[str, Any]) -> None:
    assert all(reference.startswith("#/") for _, reference in references(document))
    schemas = document["components"]["schemas"]
    assert set(schemas) == {"Pet", "Local", "Id", "Local_2", "Problem", "Size", "dog"}
    assert document["info"] == {"title": "Pets", "version": "1"}
    pet = schemas["Pet"]
    assert pet["properties"]["friend"] == {"$ref": "#/components/schemas/Pet"}
    assert pet["properties"]["example"] == {"$ref": "#/components/schemas/Size"}
    assert pet["discriminator"]["mapping"] == {"dog": "#/components/schemas/dog"}
    assert pet["example"] == {"$ref": "is data"}
    assert schemas["dog"]["allOf"][0] == {"$ref": "#/components/schemas/Pet"}
    assert schemas["Problem"]["properties"] == {
        "code": {"$ref": "#/components/schemas/Local_2"},
        "cause": {"$ref": "#/components/schemas/Problem"},
    }
    listing = document["paths"]["/pets"]["get"]
    media = listing["responses"]["200"]["content"]["application/json"]
    assert media["schema"]["items"] == {"$ref": "#/components/schemas/Pet"}
    assert follow(document, media["examples"]["one"]) == {"value": {"kind": "dog"}}
    assert listing["responses"]["default"] == {"$ref": "#/components/responses/Failed"}
    one = document["paths"]["/pets/{id}"]
    assert follow(document, one["parameters"][0])["schema"] == {"$ref": "#/components/schemas/Id"}
    assert one["get"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/Pet"
    body = follow(document, document["paths"]["/pets"]["post"]["requestBody"])
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Pet"}


def test_files(checkout: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files beside each other become one; what is used in several places stays one component, circles included."""
    check(bundled(checkout, str(written(tmp_path / "in", FILES))))
    assert "pets: bundled with 8 other files" in capsys.readouterr().out
    assert checkout.run("regenerate") == 0


def test_addresses(checkout: Checkout) -> None:
    """Files on a server become one, those of another host included; a later pull reads them all again."""
    pages = {f"/v1/{name}": Page(text, headers={"ETag": '"1"'}) for name, text in FILES.items()}
    sizes = {"/sizes.yaml": pages["/v1/schemas/sizes.yaml"]}
    with DocumentServer(pages) as server, DocumentServer(sizes) as other:
        pet = FILES["schemas/pet.yaml"].replace("sizes.yaml", f"{other.url}/sizes.yaml")
        server.routes["/v1/schemas/pet.yaml"] = Page(pet)
        check(bundled(checkout, f"{server.url}/v1/openapi.yaml"))
        other.routes["/sizes.yaml"] = Page("Size: {type: string, enum: [small, huge]}")
        assert checkout.run("pull") == 0
        assert "huge" in (checkout.root / "specs/pets/openapi.yaml").read_text()


def test_sections(checkout: Checkout, tmp_path: Path) -> None:
    """A whole section in a file of its own, with references of its own, is written out."""
    files = {
        "openapi.json": """{"openapi": "3.0.3", "info": {"title": "x", "version": "1"},
            "paths": {"$ref": "paths.json"}, "components": {"schemas": {"$ref": "schemas/index.json"}}}""",
        "paths.json": """{"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "a", "content":
            {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}}}}}""",
        "schemas/index.json": """{"A": {"$ref": "a.json"},
            "B": {"type": "object", "properties": {"a": {"$ref": "#/A"}}}}""",
        "schemas/a.json": '{"type": "object", "properties": {"b": {"$ref": "index.json#/B"}}}',
    }
    document = bundled(checkout, str(written(tmp_path / "in", files)))
    a = document["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert follow(document, a)["properties"]["b"] == {"$ref": "#/components/schemas/B"}
    assert follow(document, document["components"]["schemas"]["B"]["properties"]["a"])["type"] == "object"
    assert set(document["components"]["schemas"]) == {"A", "B"}


def test_swagger(checkout: Checkout, tmp_path: Path) -> None:
    """In a Swagger 2.0 document the parts become definitions, parameters and responses."""
    files = {
        "swagger.yaml": """\
swagger: "2.0"
info: {title: x, version: "1"}
paths:
  /a:
    get:
      parameters: [{$ref: "parts.yaml#/parameters/Limit"}]
      responses:
        200: {description: a, schema: {$ref: "parts.yaml#/definitions/A"}}
        404: {$ref: "parts.yaml#/responses/Gone"}
""",
        "parts.yaml": """\
definitions: {A: {type: object, properties: {a: {$ref: "#/definitions/A"}}}}
parameters: {Limit: {name: limit, in: query, type: integer}}
responses: {Gone: {description: gone}}
""",
    }
    document = bundled(checkout, str(written(tmp_path / "in", files)))
    assert document["definitions"]["A"]["properties"]["a"] == {"$ref": "#/definitions/A"}
    assert set(document["parameters"]) == {"Limit"}
    assert set(document["responses"]) == {"Gone"}


ONE = "openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {/a: {$ref: %s}}\n"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"o.yaml": ONE % "a.yaml"}, "the file does not exist"),
        ({"o.yaml": ONE % "a.yaml", "a.yaml": "get: {$ref: a.yaml}"}, "leads back to itself"),
        ({"o.yaml": ONE % "a.yaml#/x", "a.yaml": "get: {}"}, "points at nothing"),
        ({"o.yaml": ONE % "a.yaml", "a.yaml": "[1]"}, "it holds list"),
        ({"o.yaml": ONE % "a.yaml", "a.yaml": "<html>"}, "it is an HTML or XML page"),
        ({"o.yaml": ONE % '"gopher://x/y"'}, "neither beside it nor on the web"),
        ({"o.yaml": ONE % '"http://[x"'}, "is no address"),
    ],
)
def test_refused(
    files: dict[str, str], reason: str, checkout: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be bundled is refused with the file, the place and the reason."""
    place = written(tmp_path / "in", files)
    assert reason in refused(checkout, capsys, "pull", "--vendor", "pets", "--url", str(place))
    assert not (checkout.root / "specs").exists()


def test_web_stays_on_the_web(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """A document from the web cannot bring in files of this machine."""
    with DocumentServer({"/o.yaml": Page(ONE % '"file:///etc/hostname"')}) as server:
        message = refused(checkout, capsys, "pull", "--vendor", "pets", "--url", f"{server.url}/o.yaml")
    assert "file:///etc/hostname, which is neither beside it nor on the web" in message


def test_yaml_of_another_age(checkout: Checkout, tmp_path: Path) -> None:
    """Texts that look like other values (on, a date, a number) are the same texts afterwards."""
    part = (
        "get: {operationId: a, responses: {'200': {description: on}}, x-texts: [on, 2020-01-01, '1', 'null', 1e3, 0o7]}"
    )
    place = written(tmp_path / "in", {"o.yaml": ONE % "a.yaml", "a.yaml": part})
    assert bundled(checkout, str(place))["paths"]["/a"] == parse(part, "part")
