"""What is read, what is refused, and how the refusal names the file and the place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.errors import CodegenError, DocumentError
from accordant_codegen.read.checks import check_openapi, load
from accordant_codegen.read.document import below, follow, operations, pointer, references, resolve, walk
from accordant_codegen.read.load import parse, read_data
from tests.codegen.checkouts import MINIMAL, Checkout, refused


def problem(text: str) -> tuple[str, str]:
    """The place and the problem that a text is refused with."""
    with pytest.raises(DocumentError) as caught:
        parse(text, "specs/a/openapi.yaml")
    assert caught.value.file == "specs/a/openapi.yaml"
    assert str(caught.value).startswith(f"specs/a/openapi.yaml: {caught.value.path}: {caught.value.problem}. ")
    return caught.value.path, caught.value.problem


class TestText:
    @pytest.mark.parametrize(
        ("text", "place", "said"),
        [
            ("", "$", "it is empty"),
            (" \n\t\n", "$", "it is empty"),
            ("<!DOCTYPE html><html></html>", "$", "it is an HTML or XML page"),
            ("\n <?xml version='1.0'?>", "$", "it is an HTML or XML page"),
            ('{"openapi": "3.1.0",\n "paths": {', "line 2, column 12", "it is not whole JSON"),
            ('{"a": 1, "a": 2}', "$", "the key 'a' occurs twice"),
            ('{"a": NaN}', "$", "NaN is not JSON"),
            ("a: [1, 2\nb: 3", "line 2, column 2", "it is not YAML"),
            ("a: 1\n\tb: 2", "line 2, column 1", "it is not YAML"),
            ("a: {b: 1}\nb: 2\na: 3\n", "line 3, column 1", "the key 'a' occurs twice"),
            ("a: 1\n---\nb: 2\n", "line 2, column 1", "it is not YAML"),
            ("just words", "$", "it holds str, not an object"),
            ("[1, 2]", "$", "it holds list, not an object"),
            ("- 1\n- 2\n", "$", "it holds list, not an object"),
            ("a: &x [*x]\n", "$.a", "it holds itself"),
            ("[" * 100_000, "line 1, column 201", "nested too deeply"),
        ],
    )
    def test_refused(self, text: str, place: str, said: str) -> None:
        """What is no whole JSON or YAML object is refused, with the place where it stops being one."""
        found, words = problem(text)
        assert found == place
        assert said in words

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ('{"a": {"200": [1, null, true]}}', {"a": {"200": [1, None, True]}}),
            ("a:\n  200: {x: 1}\n  4XX: 2\n", {"a": {"200": {"x": 1}, "4XX": 2}}),
            ("on: off\ny: no\nyes: n\n", {"on": "off", "y": "no", "yes": "n"}),
            (
                "when: 2026-03-01\nat: 2026-03-01T09:00:00Z\nt: 12:30:00\n",
                {"when": "2026-03-01", "at": "2026-03-01T09:00:00Z", "t": "12:30:00"},
            ),
            ("a: 1_000\nb: 0o17\nc: 0x1f\nd: 08\ne: -012\n", {"a": "1_000", "b": 15, "c": 31, "d": 8, "e": -12}),
            ("a: -1.5e3\nb: .5\nc: 12:30\n", {"a": -1500.0, "b": 0.5, "c": "12:30"}),
            ("a: ~\nb: null\nc:\nd: Null\n", {"a": None, "b": None, "c": None, "d": None}),
            ("true: 1\nnull: 2\n1.5: 3\n", {"true": 1, "null": 2, "1.5": 3}),
            ("base: &b {x: 1, y: 2}\nmore: {<<: *b, y: 3}\n", {"base": {"x": 1, "y": 2}, "more": {"x": 1, "y": 3}}),
        ],
    )
    def test_read(self, text: str, value: Any) -> None:
        """JSON and YAML 1.2 give the same data: integer keys are text, and `on`, `no` and dates stay text."""
        assert parse(text, "a.yaml") == value

    def test_byte_order_mark(self, tmp_path: Path) -> None:
        """A byte order mark is no part of the document."""
        (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"a": 1}')
        assert read_data(tmp_path / "a.json") == {"a": 1}

    @pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
    def test_unreadable(self, content: bytes | None, tmp_path: Path) -> None:
        """A file that is no UTF-8 text, or no file at all, is refused by name."""
        place = tmp_path / "a.json"
        if content is None:
            place.mkdir()
        else:
            place.write_bytes(content)
        with pytest.raises(DocumentError, match=r"^a\.json: \$: it cannot be read"):
            read_data(place, label="a.json")

    def test_missing(self, tmp_path: Path) -> None:
        """A missing file is refused by name."""
        with pytest.raises(DocumentError, match=r"none\.json: \$: the file does not exist"):
            read_data(tmp_path / "none.json")


def document(**parts: Any) -> dict[str, Any]:
    """A document of one operation, with some parts replaced."""
    return {**parse(MINIMAL, "a"), **parts}


def get(**parts: Any) -> dict[str, Any]:
    """A document whose one operation has these parts."""
    return document(paths={"/a": {"get": {"responses": {}, **parts}}})


class TestOpenApi:
    @pytest.mark.parametrize(
        ("found", "place", "said"),
        [
            ({"a": 1}, "$", "neither `openapi` nor `swagger`"),
            ({"$schema": "https://json-schema.org", "type": "object"}, "$", "neither `openapi` nor `swagger`"),
            (document(openapi="4.0.0"), "$.openapi", "version '4.0.0' is not supported"),
            (document(openapi="2.0"), "$.openapi", "version '2.0' is not supported"),
            ({"swagger": "1.2", "info": {}, "paths": {}}, "$.swagger", "version '1.2' is not supported"),
            (document(openapi=None), "$", "neither `openapi` nor `swagger`"),
            ({"openapi": "3.1.0", "paths": {}}, "$.info", "it is missing"),
            ({"openapi": "3.1.0", "info": {}}, "$.paths", "it is missing"),
            (document(paths=[]), "$.paths", "it is a list, not an object"),
            (document(paths={"a": {}}), "$.paths.a", "a path must start with '/'"),
            (document(paths={"/a": None}), "$.paths['/a']", "it is missing"),
            (document(paths={"/a": {"$ref": "#/info"}}), "$.paths['/a']", "path item by reference"),
            (document(paths={"/a": {"get": "x"}}), "$.paths['/a'].get", "it is a text, not an object"),
            (document(paths={"/a": {"parameters": {}}}), "$.paths['/a'].parameters", "it is an object, not a list"),
            (document(components=1), "$.components", "it is a number, not an object"),
            (document(components={"schemas": []}), "$.components.schemas", "it is a list, not an object"),
            (document(tags=[{"description": "a"}]), "$.tags[0]", "a tag needs a `name`"),
            (document(security={}), "$.security", "it is an object, not a list"),
            (get(parameters=[{"in": "query"}]), "$.paths['/a'].get.parameters[0]", "a parameter needs a `name`"),
            (
                get(parameters=[{"name": "a", "in": "body"}]),
                "$.paths['/a'].get.parameters[0].in",
                "'body' is no place for a parameter",
            ),
            (get(tags=["a", 1]), "$.paths['/a'].get.tags[1]", "it is a number, not a text"),
            (get(security=["bearer"]), "$.paths['/a'].get.security[0]", "it is a text, not an object"),
            (get(requestBody=[]), "$.paths['/a'].get.requestBody", "it is a list, not an object"),
            (get(requestBody={"content": 1}), "$.paths['/a'].get.requestBody.content", "it is a number"),
            (get(responses=[]), "$.paths['/a'].get.responses", "it is a list, not an object"),
            (get(responses={"OK": {}}), "$.paths['/a'].get.responses.OK", "neither a status nor `default`"),
            (get(responses={"200": None}), "$.paths['/a'].get.responses['200']", "it is missing"),
            (
                get(responses={"200": {"$ref": "#/components/responses/No"}}),
                "$.paths['/a'].get.responses['200']",
                "$ref '#/components/responses/No' points at nothing",
            ),
            (
                document(paths={}, components={"schemas": {"A": {"items": {"$ref": "other.yaml#/A"}}}}),
                "$.components.schemas.A.items",
                "points outside the document",
            ),
        ],
    )
    def test_refused(self, found: dict[str, Any], place: str, said: str) -> None:
        """What is not OpenAPI is refused at the place where it stops being it."""
        with pytest.raises(DocumentError) as caught:
            check_openapi(found, "a.yaml")
        assert caught.value.path == place
        assert said in caught.value.problem

    @pytest.mark.parametrize("version", ["3.0.0", "3.0.3", "3.1.0", "3.1.1", "3.1", 3.1])
    def test_versions(self, version: Any) -> None:
        """OpenAPI 3.0 and 3.1 are taken, also where the version was written as a number."""
        check_openapi(document(openapi=version), "a.yaml")

    def test_references_in_data(self) -> None:
        """A `$ref` in an example is data; one in a property that is called `example` is a reference."""
        data = {"A": {"example": {"$ref": "#/no"}, "enum": [{"$ref": "#/no"}], "default": {"$ref": "#/no"}}}
        check_openapi(document(paths={}, components={"schemas": data}), "a.yaml")
        named = {"A": {"properties": {"example": {"$ref": "#/no"}}}}
        with pytest.raises(DocumentError, match=r"properties\.example: .*points at nothing"):
            check_openapi(document(paths={}, components={"schemas": named}), "a.yaml")

    def test_extensions_among_paths(self) -> None:
        """An extension beside the paths is no path."""
        found = document(paths={"x-note": "get to it", "/a": {"get": {"responses": {}}}})
        check_openapi(found, "a.yaml")
        assert [path for path, _, _ in operations(found)] == ["/a"]

    def test_load(self, tmp_path: Path) -> None:
        """Loading reads and checks, and errors carry the label."""
        (tmp_path / "a.yaml").write_text(MINIMAL)
        assert load(tmp_path / "a.yaml")["openapi"] == "3.1.0"
        (tmp_path / "a.yaml").write_text("openapi: 3.1.0\n")
        with pytest.raises(DocumentError, match=r"^specs/a: \$\.info: it is missing"):
            load(tmp_path / "a.yaml", label="specs/a")


class TestNavigation:
    def test_pointer(self) -> None:
        """References are JSON pointers, percent-encoded where they have to be."""
        assert pointer("#/paths/~1a~1{id}/get") == ["paths", "/a/{id}", "get"]
        assert pointer("#/a%20b/~01") == ["a b", "~1"]
        assert pointer("#") == []

    def test_resolve(self) -> None:
        """A pointer leads through objects and arrays; one that leads nowhere is a KeyError."""
        found = {"a": [{"b c": 1}]}
        assert resolve(found, "#/a/0/b%20c") == 1
        assert resolve(found, "#") is found
        for bad in ("#/a/1", "#/a/x", "#/a/0/b c/d", "#/x"):
            with pytest.raises(KeyError):
                resolve(found, bad)

    def test_follow(self) -> None:
        """References are followed to their end, and a circle of them ends as well."""
        found = {"a": {"$ref": "#/b"}, "b": {"$ref": "#/c"}, "c": {"x": 1}, "d": {"$ref": "#/d"}}
        assert follow(found, found["a"]) == {"x": 1}
        assert follow(found, found["d"]) == {"$ref": "#/d"}
        assert follow(found, None) is None

    def test_places(self) -> None:
        """A place is a JSON path: names that are no identifiers stand in brackets."""
        assert below("$", "paths") == "$.paths"
        assert below("$.paths", "/a") == "$.paths['/a']"
        found = {"a": [{"$ref": "#/b"}], "b": {"x-y": {"$ref": "#/a"}}}
        assert list(references(found)) == [("$.a[0]", "#/b"), ("$.b['x-y']", "#/a")]

    def test_walk(self) -> None:
        """Walking skips data and the maps of names, and finds what those names hold."""
        found = {"properties": {"enum": {"type": "string"}}, "example": {"type": "no"}}
        assert [place for place, _ in walk(found)] == ["$", "$.properties.enum"]
        assert [place for place, _ in walk(found["properties"], "$", names=True)] == ["$.enum"]


class TestCommand:
    @pytest.mark.parametrize(
        ("document", "said"),
        [
            ("", "specs/shop/openapi.yaml: $: it is empty"),
            ("<html></html>", "specs/shop/openapi.yaml: $: it is an HTML or XML page"),
            ('{"openapi": "3.1.0", ', "specs/shop/openapi.yaml: line 1, column 22: it is not whole JSON"),
            ("a: [", "specs/shop/openapi.yaml: line 2, column 1: it is not YAML"),
            ("a: 1", "specs/shop/openapi.yaml: $: it has neither `openapi` nor `swagger`"),
            (MINIMAL.replace("3.1.0", "5.0.0"), "specs/shop/openapi.yaml: $.openapi: version '5.0.0'"),
            (MINIMAL.replace("paths:", "paths: []\nx-paths:"), "specs/shop/openapi.yaml: $.paths: it is a list"),
            (b"\xff\xfe", "specs/shop/openapi.yaml: $: it cannot be read"),
        ],
    )
    def test_bad_document(
        self, document: str | bytes, said: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A bad document is refused with its file and place, exit status 1 and no traceback; nothing is written."""
        checkout.add("shop", document)
        assert refused(checkout, capsys).startswith(said)
        assert not checkout.generated.exists()

    def test_missing_document(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A document that is not there is refused by name."""
        checkout.add("shop")
        (checkout.root / "specs" / "shop" / "openapi.yaml").unlink()
        assert refused(checkout, capsys).startswith("specs/shop/openapi.yaml: $: the file does not exist")

    def test_integer_keys(self, checkout: Checkout) -> None:
        """Status codes that YAML reads as numbers are status codes all the same."""
        checkout.add("shop", MINIMAL.replace('"200"', "200"))
        assert checkout.run("regenerate") == 0
        assert 'Answer("200", lazy("Thing"))' in (checkout.package("shop") / "things.py").read_text()

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            (None, "specs/shop/source.toml: $: it cannot be read"),
            ("document = ", "specs/shop/source.toml: $: it cannot be read"),
            ("vendor = 'shop'", "specs/shop/source.toml: document: it is missing"),
            ("document = 'openapi.yaml'", "specs/shop/openapi.yaml: $: it was changed: its sha256 is"),
            ("document = 'openapi.yaml'\nsha256 = 'abc'", "specs/shop/openapi.yaml: $: it was changed: its sha256 is"),
        ],
    )
    def test_bad_source(
        self, source: str | None, said: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A source file that is missing, broken or vouches for another document is refused by name."""
        checkout.add("shop")
        place = checkout.root / "specs" / "shop" / "source.toml"
        if source is None:
            place.unlink()
        else:
            place.write_text(source)
        assert refused(checkout, capsys).startswith(said)

    def test_error_root(self) -> None:
        """Every refusal is a CodegenError, whose message is complete."""
        assert issubclass(DocumentError, CodegenError)
        error = DocumentError("a.yaml", "$.x", "it is wrong", "Correct it")
        assert str(error) == "a.yaml: $.x: it is wrong. Correct it"


def test_each_reading_gives_another_object() -> None:
    """What a text holds is kept for the next who reads it: what one of them writes into it, the others do not see."""
    first = parse('{"info": {"title": "A"}}', "a.json")
    first["info"]["title"] = "B"
    assert parse('{"info": {"title": "A"}}', "a.json") == {"info": {"title": "A"}}
