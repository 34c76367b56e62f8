"""A bad node costs a field, a parameter or its own operation, never the document; the report names it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.errors import CodegenError, DocumentError
from accordant_codegen.read.checks import check_openapi
from accordant_codegen.read.document import operations
from accordant_codegen.read.effective import Effective, prepare
from accordant_codegen.read.load import parse
from accordant_codegen.render.package import Rendered, render
from accordant_codegen.vendors import VendorFolder
from accordant_runtime import is_object
from tests.codegen.mutations import DOCUMENTS, WRONG, changed, path, places

VENDOR = VendorFolder("toy", Path("/toy"), Path("/toy/specs/toy/openapi.yaml"))
HEAD = 'openapi: 3.1.0\ninfo: {title: T, version: "1"}\n'
SWAGGER = 'swagger: "2.0"\ninfo: {title: T, version: "1"}\n'


def effective(text: str) -> Effective:
    """What reading makes of a document."""
    return prepare(parse(text, "a.yaml"), [], "a.yaml")


def rendered(document: dict[str, Any]) -> Rendered:
    """The generated files of an effective document."""
    return render(VENDOR, document)


def operation(text: str, *, head: str = HEAD, more: str = "") -> str:
    """A document with one bad operation, which this is, and one good one."""
    good = "  /good: {get: {operationId: good, responses: {'200': {description: ok}}}}\n"
    return f"{head}paths:\n  /a: {{get: {{operationId: a, {text}}}}}\n{good}{more}"


def schema(text: str, *, head: str = HEAD, more: str = "") -> str:
    """A document whose schema A has this property."""
    answer = "{'200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}"
    component = f"components: {{schemas: {{A: {{type: object, properties: {{a: {text}}}}}{more}}}}}\n"
    return f"{head}paths: {{/a: {{get: {{operationId: a, responses: {answer}}}}}}}\n{component}"


class TestMended:
    @pytest.mark.parametrize(
        ("text", "lines"),
        [
            ("parameters: null", ["$.paths['/a'].get.parameters: it is null, not a list; it is left out"]),
            ("parameters: {}", ["$.paths['/a'].get.parameters: it is an object, not a list; it is left out"]),
            (
                "requestBody: {content: {application/form-data: {schema: {type: object}}}}",
                [
                    "$.paths['/a'].get.requestBody.content['application/form-data']: there is no such media type; it "
                    "is taken as multipart/form-data"
                ],
            ),
            (
                "parameters: [{in: query}]",
                ["$.paths['/a'].get.parameters[0]: a parameter needs a `name`; the parameter is left out"],
            ),
            (
                "parameters: [{$ref: '#/components/parameters/No'}]",
                ["$.paths['/a'].get.parameters[0]: $ref '#/components/parameters/No' points at nothing; the parameter"],
            ),
            ("responses: {'200': null}", ["$.paths['/a'].get.responses['200']: it is null, not an object; nothing is"]),
            ("responses: {OK: {}}", ["$.paths['/a'].get.responses.OK: it is neither a status nor `default`"]),
            ("responses: {2xx: {description: ok}}", []),
            ("tags: null", ["$.paths['/a'].get.tags: it is null, not a list of texts; it is left out"]),
            ("tags: a", []),
            ("security: [bearer]", ["$.paths['/a'].get.security[0]: it is a text, not an object; it is left out"]),
            ("requestBody: null", ["$.paths['/a'].get.requestBody: it is null, not an object; it is left out"]),
            ("requestBody: []", ["$.paths['/a'].get.requestBody: it is a list, not an object; nothing is known of it"]),
            (
                "requestBody: {content: {application/json: null}}",
                ["$.paths['/a'].get.requestBody.content['application/json']: it is null, not an object"],
            ),
        ],
    )
    def test_a_field_of_an_operation(self, text: str, lines: list[str]) -> None:
        """What is wrong in an operation costs that field, and the operation is generated all the same."""
        found = effective(operation(text))
        assert [id for _, _, item in operations(found.document) for id in [item["operationId"]]] == ["a", "good"]
        losses = [line for line in found.losses if "no responses are documented" not in line]
        assert [line for line, start in zip(losses, lines, strict=True) if not line.startswith(start)] == []
        assert len(rendered(found.document).files) > 5

    @pytest.mark.parametrize(
        "text",
        [
            operation("responses: {}").replace("get: {operationId: a, responses: {}}", "get: nothing"),
            operation("parameters: [{name: a, in: header, type: array, required: true, items: {type: array}}]")
            .replace(HEAD, SWAGGER),
        ],
    )  # fmt: skip
    def test_an_operation(self, text: str) -> None:
        """An operation of which nothing can be made is left out and reported; the others are generated."""
        found = effective(text)
        assert [item["operationId"] for _, _, item in operations(found.document)] == ["good"]
        [line] = [line for line in found.losses if "is left out" in line]
        assert line.startswith("$.paths['/a'].get")
        assert "the operation" in line

    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("null", "$.components.schemas.A.properties.a: it is null, not a schema; any value is taken there"),
            ("{pattern: '['}", "$.components.schemas.A.properties.a.pattern: it is a text, not a regular expression"),
            (
                "{type: object, patternProperties: {'(': {}, 'a+': {}}}",
                "$.components.schemas.A.properties.a.patternProperties['(']: it is no regular expression",
            ),
            ("{enum: text}", "$.components.schemas.A.properties.a.enum: it is a text, not a list; it is left out"),
            ("{minLength: '3'}", "$.components.schemas.A.properties.a.minLength: it is a text, not a whole number"),
            (
                "{type: int}",
                "$.components.schemas.A.properties.a.type: type 'int' is none of JSON Schema's; it is taken",
            ),
            ("{type: thing}", "$.components.schemas.A.properties.a.type: type 'thing' is none of JSON Schema's"),
            ("{allOf: {type: string}}", "$.components.schemas.A.properties.a.allOf: it is an object, not a list"),
            (
                "{$ref: '#/no'}",
                "$.components.schemas.A.properties.a: $ref '#/no' points at nothing; any value is taken",
            ),
            ("{$ref: other.yaml#/B}", "$.components.schemas.A.properties.a: $ref 'other.yaml#/B' points outside the"),
            (
                "{type: array, items: [{type: string}]}",
                "$.components.schemas.A.properties.a: the order of the types in it is not",
            ),
            (
                "{items: [{type: string}, {type: integer}]}",
                "$.components.schemas.A.properties.a: it lists schemas under `items` and is not said to be an array; "
                "they are alternatives",
            ),
            (
                "{type: integer, enum: ['1', '2']}",
                "$.components.schemas.A.properties.a: its `enum` lists texts and its type is integer; they are",
            ),
            (
                "{type: object, items: {$ref: '#/components/schemas/A'}}",
                "$.components.schemas.A.properties.a: an object has no `items`; it is read as what they are said to be",
            ),
            (
                "{type: 'null', oneOf: [{type: string}, {type: number}]}",
                "$.components.schemas.A.properties.a: its type is null, and none of its `oneOf` is; null is one more",
            ),
            (
                "{additionalProperties: false, allOf: [{properties: {b: {}}}]}",
                "$.components.schemas.A.properties.a: it forbids properties that its own parts have; they are allowed",
            ),
            (
                "{properties: {b: {}}, allOf: [{additionalProperties: false, properties: {c: {}}}]}",
                "$.components.schemas.A.properties.a: it forbids properties that its own parts have; they are allowed",
            ),
            (
                "{type: array, items: {type: string}, enum: [a, b]}",
                "$.components.schemas.A.properties.a: its `enum` lists no array; the values are those of its items",
            ),
            (
                "{oneOf: [{$ref: '#/components/schemas/A'}], discriminator: {propertyName: k, mapping: {z: Zzz}}}",
                "$.components.schemas.A.properties.a.discriminator.mapping.z: 'Zzz' names no schema; the value is left",
            ),
        ],
    )
    def test_a_schema(self, text: str, line: str) -> None:
        """What is wrong in a schema costs what it says of the type, in its place."""
        found = effective(schema(text))
        losses = [*found.losses, *rendered(found.document).losses]
        assert any(loss.startswith(line) for loss in losses), losses

    @pytest.mark.parametrize("node", ["true", "null", "false"])
    def test_a_component_without_words(self, node: str) -> None:
        """A component that is true, false or null is any value where it is used."""
        found = effective(schema("{$ref: '#/components/schemas/B'}", more=f", B: {node}"))
        assert "a: Any" in rendered(found.document).files["models/a.py"]

    @pytest.mark.parametrize("pattern", [r"^\p{L}+$", r"(?<year>\d{4})-\k<year>", r"(?<=a)b(?!c)", r"\u{1F600}|\uD83D"])
    def test_patterns_of_other_languages(self, pattern: str) -> None:
        """A pattern that JSON Schema has and Python has not stays."""
        found = parse(schema("{type: string}"), "a.yaml")
        found["components"]["schemas"]["A"]["properties"]["a"]["pattern"] = pattern
        result = prepare(found, [], "a.yaml")
        assert result.losses == ()
        assert result.document["components"]["schemas"]["A"]["properties"]["a"]["pattern"] == pattern

    def test_a_reference_in_a_circle(self) -> None:
        """Parameters that only refer to each other are left out, and reported."""
        loop = (
            "components: {parameters: {P: {$ref: '#/components/parameters/Q'}, Q: {$ref: '#/components/parameters/P'}}}"
        )
        found = effective(operation("parameters: [{$ref: '#/components/parameters/P'}]", more=loop))
        assert (
            "parameters" not in next(operations(found.document))[2]
            or not next(operations(found.document))[2]["parameters"]
        )
        assert any(line.startswith("$.paths['/a'].get.parameters[0]: $ref") for line in found.losses)

    def test_nothing_is_left(self) -> None:
        """A document whose every operation is unusable is refused, with the first place and what is wrong there."""
        with pytest.raises(DocumentError) as caught:
            effective(f"{HEAD}paths: {{/a: {{get: 1}}, /b: 2}}\n")
        assert caught.value.path == "$.paths['/a'].get"
        assert caught.value.problem.startswith("nothing is left to generate: it is a number, not an object")

    def test_a_sound_document(self) -> None:
        """A document without a fault is left as it is: nothing is reported."""
        for name, found in DOCUMENTS.items():
            losses = prepare(copy.deepcopy(found), [], name).losses
            assert not [line for line in losses if "left out" in line or "taken there" in line]


class TestKinds:
    def test_without_models(self) -> None:
        """A document in which no object is used gives a package without models."""
        text = operation("responses: {'200': {description: ok, content: {application/json: {schema: {type: array, "
                         "items: {type: string}}}}}}")  # fmt: skip
        files = rendered(effective(text).document).files
        assert any("-> builtins.list[str]" in file for file in files.values())
        compile(files["models/__init__.py"], "models", "exec")

    @pytest.mark.parametrize("keyword", ["patternProperties", "definitions", "oneOf", "anyOf", "not", "prefixItems"])
    def test_references_in_swagger(self, keyword: str) -> None:
        """A reference under any keyword of a Swagger 2.0 schema leads to the component."""
        part = {"$ref": "#/definitions/Part"}
        nodes: dict[str, Any] = {"oneOf": [part], "anyOf": [part], "prefixItems": [part], "not": part}
        found = parse(f"{SWAGGER}paths: {{}}\ndefinitions: {{Part: {{type: object}}}}\n", "a.yaml")
        found["definitions"]["A"] = {keyword: nodes.get(keyword, {"x": part})}
        result = prepare(found, [], "a.yaml")
        assert result.losses == ()
        assert "#/components/schemas/Part" in str(result.document["components"]["schemas"]["A"])

    def test_path_items_by_reference(self) -> None:
        """A path item by reference is that path item, and what is beside the reference comes first."""
        more = (
            "components: {pathItems: {P: {get: {operationId: p, responses: {}}, put: {operationId: q, responses: {}}}}}"
        )
        used = "{$ref: '#/components/pathItems/P', put: {operationId: own, responses: {}}}"
        found = effective(f"{HEAD}paths: {{/p: {used}}}\n{more}")
        assert [item["operationId"] for _, _, item in operations(found.document)] == ["p", "own"]

    @pytest.mark.parametrize(
        ("reference", "target"),
        [
            ("#part", "{$anchor: part, type: object, properties: {x: {type: integer}}}"),
            ("https://a.test/part", "{$id: 'https://a.test/part', type: object, properties: {x: {type: integer}}}"),
            ("https://a.test/part#in", "{$id: 'https://a.test/part', $defs: {I: {$anchor: in, type: object, "
                                       "properties: {x: {type: integer}}}}}"),
            ("https://a.test/p#/$defs/I", "{$id: 'https://a.test/p', $defs: {I: {type: object, "
                                          "properties: {x: {type: integer}}}}}"),
            ("B.json", "{$id: B.json, type: object, properties: {x: {type: integer}}}"),
        ],
    )  # fmt: skip
    def test_anchors(self, reference: str, target: str) -> None:
        """A reference by $anchor or $id is a reference to that schema."""
        found = effective(schema(f"{{$ref: '{reference}'}}", more=f", B: {target}"))
        assert found.losses == ()
        check_openapi(found.document, "a.yaml")
        [model] = [text for text in rendered(found.document).files.values() if "x: int" in text]
        assert "class " in model

    def test_models_alone(self) -> None:
        """A 3.1 document that has components alone is generated: all its models."""
        found = effective(
            f"{HEAD}components: {{schemas: {{A: {{type: object, properties: {{a: {{type: string}}}}}}}}}}\n"
        )
        assert "models/a.py" in rendered(found.document).files

    @pytest.mark.parametrize(
        ("text", "annotation", "line"),
        [
            ("{allOf: [{type: string}, {type: integer}]}", "int", ": no value is integer and string; it is taken"),
            (
                "{allOf: [{enum: [a], type: string}, {enum: [b]}]}",
                "str",
                ": its enums have no value in common",
            ),
            (
                "{type: object, patternProperties: {^x: {type: integer}}}",
                "dict[str, Any]",
                ".patternProperties: what is under the keys that match is not typed",
            ),
            (
                "{type: object, patternProperties: {^x: {type: integer}}, additionalProperties: false}",
                "dict[str, int]",
                "",
            ),
            (
                "{type: object, then: {properties: {b: {type: string}}}}",
                "dict[str, Any]",
                ".then: the properties that depend on a condition are not typed",
            ),
        ],
    )
    def test_what_types_do_not_say(self, text: str, annotation: str, line: str) -> None:
        """A contradiction, and whatever else a type does not say, is in the report."""
        files = rendered(effective(schema(text)).document)
        assert f"a: {annotation} | Unset" in files.files["models/a.py"]
        said = [loss.removeprefix("$.components.schemas.A.properties.a") for loss in files.losses]
        assert [loss for loss in said if loss.startswith(line or ":")] == said[:1]
        assert len(said) == bool(line) or annotation == "str"

    def test_an_operation_called_like_a_model(self) -> None:
        """An operation and a model that are both called TSP do not get into each other's way."""
        text = schema("{$ref: '#/components/schemas/TSP'}", more=", TSP: {type: object, properties: {b: {}}}")
        text = text.replace("operationId: a", "operationId: tsp, tags: [x]").replace("schemas/A'", "schemas/TSP'")
        files = rendered(effective(text).document).files
        assert "TSP_OPERATION: Final[Operation[TSP]]" in files["x.py"]
        assert '"tsp": ("x", "TSP_OPERATION")' in files["operations.py"]

    def test_two_enums_in_one(self) -> None:
        """An enum that allOf makes of two holds what both allow."""
        found = effective(schema("{allOf: [{type: string, enum: [a, b, c]}, {enum: [b, c, d]}]}"))
        [enum] = [text for text in rendered(found.document).files.values() if "OpenStrEnum" in text]
        assert [value for value in "abcd" if f'"{value}"' in enum] == ["b", "c"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_whatever_is_wrong_there_is_no_traceback(name: str) -> None:
    """One wrong value anywhere gives a document of which every lost operation is reported, and code that compiles; or
    an error that names the place."""
    for number, way in enumerate(places(DOCUMENTS[name])):
        document = changed(DOCUMENTS[name], way, WRONG[number % len(WRONG)])
        before = _operations(document)
        try:
            found = prepare(document, [], name)
        except CodegenError as error:
            assert f"{name}: $" in str(error), path(way)  # noqa: PT017 - either of two endings is right
            continue
        for each, method in before - {(each, method) for each, method, _ in operations(found.document)}:
            assert any(each in line and "left out" in line for line in found.losses), (path(way), each, method)
        if number % 12 == 0:
            for text in rendered(found.document).files.values():
                compile(text, path(way), "exec")


def _operations(document: dict[str, Any]) -> set[tuple[str, str]]:
    """The operations that are objects, wherever they are."""
    paths = document.get("paths")
    return {
        (each, method)
        for each, item in (paths.items() if is_object(paths) else ())
        if is_object(item)
        for method in ("get", "put", "post")
        if is_object(item.get(method))
    }
