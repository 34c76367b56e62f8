"""Small documents that would become huge ones, and data that is no document: each ends in one sentence with a place."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.circles import circles
from accordant_codegen.read.effective import prepare
from accordant_codegen.read.load import DEEPEST, parse
from accordant_codegen.render import models
from accordant_codegen.render.package import render
from accordant_codegen.types.parser import parse as parse_types
from accordant_codegen.types.typed import Types
from accordant_codegen.vendors import VendorFolder
from tests.codegen.checkouts import MINIMAL, Checkout, refused

ROOT = Path(__file__).parents[2]
HEAD = 'openapi: 3.1.0\ninfo: {title: T, version: "1"}\npaths: {}\n'


def laughs(levels: int, line: str, first: str) -> str:
    """Levels of aliases, each of ten of the level before."""
    above = [f"  l{level}: &l{level} " + line.replace("*", f"*l{level - 1}") for level in range(1, levels)]
    return "\n".join([f"{HEAD}x-bomb:", f"  l0: &l0 {first}", *above, ""])


LIST = f"[{', '.join(['*'] * 10)}]"
MAP = "{" + ", ".join(f"k{key}: *" for key in range(10)) + "}"
MERGE = f"{{<<: {LIST}}}"


def reference(number: int) -> dict[str, str]:
    """A reference to a numbered schema."""
    return {"$ref": f"#/components/schemas/S{number}"}


def document(schemas: dict[str, Any]) -> str:
    """A document with an operation that answers the schema S0."""
    answer = {"description": "x", "content": {"application/json": {"schema": reference(0)}}}
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": answer}}}},
            "components": {"schemas": schemas},
        }
    )


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (laughs(12, LIST, "[a, b, c]"), "$['x-bomb'].l5", "its aliases stand for more than 200000 values (line 10)"),
        (laughs(30, MAP, "{a: 1}"), "$['x-bomb'].l5", "its aliases stand for more than"),
        (laughs(30, MERGE, "{a: 1, b: 2}"), "$['x-bomb'].l5['<<']", "its aliases stand for more than"),
        (f"{HEAD}x: &x {{y: {{z: *x}}}}\n", "$.x", "it holds itself"),
        (f"{HEAD}x: {'[' * 20_000}{']' * 20_000}\n", "line 4, column 203", "nested too deeply"),
        (f"{HEAD}x:\n  {'- ' * 20_000}1\n", "line 5, column 401", "nested too deeply"),
        ('{"a": "[[[\\"[[",\n "b": ' + "[" * 300 + "]" * 300 + "}", "$.b" + "[0]" * (DEEPEST), "nested too deeply"),
        ('{"a": "[[[\\"[[",\n "b": ' + "[" * 100_000, "line 2, column 206", "nested too deeply"),
        (f"{HEAD}x: {'9' * 10_000}\n", "$", "cannot be read"),
        ('{"a": ' + "9" * 10_000 + "}", "$", "cannot be read"),
        ('{"a": [1, 1e999]}', "$.a[1]", "inf is no number of JSON"),
        (f"{HEAD}x: [.nan]\n", "$.x[0]", "nan is no number of JSON"),
        ('{"a": {"b": "\\ud800"}}', "$.a.b", "half of a surrogate pair"),
        ('{"a": {"\\udfff": 1}}', "$.a", "is no Unicode text"),
        (f"{HEAD}x: !!binary aGk=\n", "$.x", "a bytes is no value of JSON"),
        (f"{HEAD}x: !!set {{a}}\n", "$.x", "a set is no value of JSON"),
        (f"{HEAD}x: !!bool perhaps\n", "$", "cannot be read"),
        (f"{HEAD}x: !!timestamp 2020-99-99\n", "$", "cannot be read"),
    ],
)
def test_refused_with_the_place(
    text: str, place: str, words: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bomb, and a value that JSON does not have, is refused in a sentence with its place, before it grows."""
    checkout.add("toy", text)
    said = refused(checkout, capsys)
    assert said.startswith(f"specs/toy/openapi.yaml: {place}: ")
    assert words in said


def test_honest_aliases_are_read() -> None:
    """A document may repeat a part by an alias as often as it likes, if it stays a document."""
    names = ", ".join(f"p{number}: *p" for number in range(3000))
    found = parse(f"{HEAD}x-part: &p {{type: string, maxLength: 5}}\nx: {{{names}}}\n", "toy")
    assert found["x"]["p2999"] == {"type": "string", "maxLength": 5}


WIDE = 40


@pytest.mark.parametrize(
    "schemas",
    [
        {f"S{number}": {"allOf": [reference(number + 1)] * 2} for number in range(WIDE)},
        {
            f"S{number}": {"allOf": [*[reference(number + 1)] * 2, {"properties": {f"p{number}": reference(0)}}]}
            for number in range(WIDE)
        },
        {f"S{number}": {"oneOf": [*[reference(number + 1)] * 2, reference(WIDE)]} for number in range(WIDE)},
        {
            "S0": {"allOf": [{"properties": {"a": {"allOf": [reference(0), {"properties": {"b": reference(0)}}]}}}]},
            "S1": {"allOf": [reference(0), {"properties": {"a": {"allOf": [reference(1), reference(0)]}}}]},
        },
        {f"S{number}": {"type": "object", "properties": {"n": reference(number + 1)}} for number in range(300)},
    ],
    ids=["allOf", "allOf with properties", "oneOf", "itself", "a long way"],
)
def test_references_that_multiply_are_followed_once(
    schemas: dict[str, Any], checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    """Parts that many others refer to are generated in a moment, not once for every way that leads to them; and models
    that lead to each other in a long row can be imported."""
    last = {f"S{len(schemas)}": {"type": "object", "properties": {"a": {"type": "string"}}}}
    checkout.add("toy", document({**schemas, **last, "S40": last.get("S40", {"type": "string"})}))
    assert checkout.run("regenerate") == 0, capsys.readouterr().err


@pytest.mark.parametrize(
    ("schemas", "place"),
    [
        ({f"S{number}": reference(number + 1) for number in range(1000)}, "$.components.schemas.S100"),
        (
            {f"S{number}": {"type": "array", "items": reference(number + 1)} for number in range(1000)},
            "$.components.schemas.S50",
        ),
        (
            {
                f"S{number}": {"allOf": [reference(number + 1), {"properties": {f"p{number}": {"type": "string"}}}]}
                for number in range(600)
            },
            "$.components.schemas.S52",
        ),
    ],
    ids=["references", "arrays", "inherited properties"],
)
def test_ways_that_nobody_means_are_refused(
    schemas: dict[str, Any], place: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    """References that lead on and on, and inheritance that multiplies a document, are refused at the schema."""
    checkout.add("toy", document({**schemas, f"S{len(schemas)}": {"type": "object"}}))
    assert refused(checkout, capsys).startswith(f"{place}: ")


def test_a_contradiction_is_reported(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """An `allOf` that no value fits is reported with its place; a number that is to be an integer is none."""
    parts = {"v": [{"type": "string"}, {"type": "integer"}], "w": [{"type": "number"}, {"type": "integer"}]}
    properties = {name: {"allOf": each} for name, each in parts.items()}
    checkout.add("toy", document({"S0": {"type": "object", "properties": properties}}))
    assert checkout.run("regenerate") == 0
    said = capsys.readouterr().out
    assert "$.components.schemas.S0.properties.v: no value is integer and string" in said
    assert "properties.w" not in said


def test_documents_without_models_or_paths(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    """A document without a single model, and a 3.1 document of webhooks alone, are generated."""
    answer = {"description": "x", "content": {"application/json": {"schema": {"type": "string"}}}}
    base = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}}
    plain = {**base, "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": answer}}}}}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"id": {"type": "integer"}}}}}}
    hooks = {**base, "webhooks": {"changed": {"post": {"requestBody": body, "responses": {"200": answer}}}}}
    checkout.add("plain", json.dumps(plain))
    checkout.add("hooks", json.dumps(hooks))
    assert checkout.run("regenerate") == 0, capsys.readouterr().err
    assert (checkout.package("hooks") / "models" / "changed_payload.py").exists()


def test_whatever_happens_there_is_no_traceback(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw ends in one sentence that names the error and where it came from."""

    def broken(*_: object, **__: object) -> None:
        raise LookupError("something odd\nin two lines")

    checkout.add("toy")
    monkeypatch.setattr("accordant_codegen.read.effective.check_extensions", broken)
    said = refused(checkout, capsys)
    assert "LookupError: something odd in two lines; effective.py:" in said
    assert "\n" not in said


# Growth


def dense(count: int) -> dict[str, Any]:
    """An effective document of models that each refer to five others, in circles."""
    schemas = {
        f"S{number}": {
            "type": "object",
            "properties": {f"p{step}": reference((number * step + step) % count) for step in range(1, 6)},
        }
        for number in range(count)
    }
    found: dict[str, Any] = json.loads(document(schemas))
    return found


def test_the_work_for_a_model_does_not_grow_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times as many models, densely linked, make four times the work: every property's type is worked out twice at
    most, whatever leads to it."""
    asked: list[int] = []
    for count in (20, 80):
        catalogue = models.Catalogue(parse_types(dense(count), "toy"))
        calls: list[object] = []
        plain = Types.of

        def counted(self: Types, prop: Any, plain: Any = plain, calls: list[object] = calls) -> Any:
            calls.append(prop)
            return plain(self, prop)

        monkeypatch.setattr(Types, "of", counted)
        for name in catalogue.models:
            if name.startswith("S"):
                models.view_model(catalogue, name, request_only=False)
        asked.append(len(calls))
        monkeypatch.undo()
    assert asked[1] <= 4.2 * asked[0]


def test_the_work_for_an_operation_does_not_grow_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times as many operations, of as many models, make four times the work, from the types to the files."""
    asked: list[int] = []
    for count in (10, 40):
        found = dense(count)
        [item] = [item["get"] for item in found["paths"].values()]
        found["paths"] = {
            f"/a{number}": {
                "get": {**json.loads(json.dumps(item).replace("S0", f"S{number}")), "operationId": f"o{number}"}
            }
            for number in range(count)
        }
        calls: list[object] = []
        plain = Types.of

        def counted(self: Types, prop: Any, plain: Any = plain, calls: list[object] = calls) -> Any:
            calls.append(prop)
            return plain(self, prop)

        monkeypatch.setattr(Types, "of", counted)
        document = prepare(found, [], "toy").document
        assert len(render(VendorFolder("toy", ROOT, ROOT / "toy.yaml"), document).files) > 3 * count
        asked.append(len(calls))
        monkeypatch.undo()
    assert asked[1] <= 4.2 * asked[0]


@pytest.mark.parametrize(
    ("links", "groups"),
    [
        ({"a": "b", "b": "c", "c": ""}, [["c"], ["b"], ["a"]]),
        ({"a": "b", "b": "a", "c": "a"}, [["a", "b"], ["c"]]),
        ({"a": "a", "b": "ab"}, [["a"], ["b"]]),
        ({"a": "bc", "b": "d", "c": "d", "d": "be"}, [[], ["b", "d"], ["c"], ["a"]]),
        ({"a": "b", "b": "c", "c": "d", "d": "bx", "x": "y", "y": "x"}, [["x", "y"], ["b", "c", "d"], ["a"]]),
    ],
)
def test_circles(links: dict[str, str], groups: list[list[str]]) -> None:
    """Those that lead to each other are one group; what a group leads to comes before it."""
    links = {"e": "", **links} if "e" in "".join(links.values()) else links
    expected = [group or ["e"] for group in groups]
    assert [sorted(group) for group in circles(links, lambda name: links[name])] == expected


def test_a_circle_longer_than_pythons_stack() -> None:
    """A circle of ten thousand is found."""
    links = {str(number): [str((number + 1) % 10_000)] for number in range(10_000)}
    assert len(circles(links, lambda name: links[name])) == 1


# Line endings


@pytest.mark.parametrize("recorded", ["lf", "crlf"])
@pytest.mark.parametrize("stored", ["lf", "crlf"])
def test_line_endings_do_not_change_the_document(
    recorded: str, stored: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    """The hash in `source.toml` vouches for the document whichever line endings either was written with."""
    ends = {"lf": MINIMAL.encode(), "crlf": MINIMAL.replace("\n", "\r\n").encode()}
    checkout.add("toy", ends[recorded])
    (checkout.root / "specs" / "toy" / "openapi.yaml").write_bytes(ends[stored])
    assert checkout.run("regenerate") == 0, capsys.readouterr().err
    (checkout.root / "specs" / "toy" / "openapi.yaml").write_bytes(ends[stored] + b"# more\n")
    assert "its sha256 is" in refused(checkout, capsys)


def test_a_clone_for_windows_has_the_same_lines(tmp_path: Path) -> None:
    """A clone with `core.autocrlf=true`, Git for Windows' own setting, checks every text out with the line endings that
    it was committed with: documents, scripts and generated code."""

    def git(*arguments: str, where: Path = tmp_path) -> None:
        subprocess.run(["git", "-C", str(where), *arguments], check=True, capture_output=True)

    first, clone = tmp_path / "first", tmp_path / "clone"
    first.mkdir()
    git("init", "-q", where=first)
    texts = {"specs/a.yaml": b"a: 1\nb: 2\n", "Makefile": b"all:\n\ttrue\n", "run": b"#!/bin/sh\ntrue\n"}
    for name, content in {**texts, ".gitattributes": (ROOT / ".gitattributes").read_bytes()}.items():
        (first / name).parent.mkdir(exist_ok=True)
        (first / name).write_bytes(content)
    git("add", ".", where=first)
    git("-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm", "All", where=first)
    git("clone", "-q", "-c", "core.autocrlf=true", str(first), str(clone))
    assert {name: (clone / name).read_bytes() for name in texts} == texts
