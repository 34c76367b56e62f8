"""Ten thousand names that nobody would choose, and a document full of them: all of it becomes code that can be used."""

from __future__ import annotations

import importlib
import json
import keyword
import random
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import accordant
from accordant_codegen.names import CLIENT_ATTRIBUTES, DEVICES, LONGEST, module_name, resource_name, snake
from accordant_codegen.types.naming import Classes, attributes, member_names, operation_constant
from accordant_runtime import Model, Notes
from tests.codegen.checkouts import Checkout

LETTERS = "生産 Größe 🎉 ﬁ ｆｕｌｌ ² ⅷ ſ \u212a ǆ İ ı ŉ ß ẞ a\u0301 é 𝒳 ٣ ª क्ष ไทย עברית Ω ω Ώ ﬀ １ 𐐀 𐐨 Ꭰ ꭰ"  # noqa: RUF001 - alike
WORDS = (
    "con nul aux Com1 class None self cls options body __init__ _x x_ to_dict from_dict decode define field "
    "additional_properties raw close environment request Model Any UNSET Async Resource Input list Id ID id Type"
)
REST = ("", "-", ".", " ", "/", "$", "[]", "{}", "1", "0", "_", "__", "\u200d", "\u202e", "A" * 300, "生" * 150)
SPICE = [*LETTERS.split(), *WORDS.split(), *REST]
RANGES = [
    *[(32, 127), (0xA0, 0x250), (0x370, 0x600), (0x2070, 0x2190), (0x3040, 0xA000), (0xF900, 0xFE00)],
    *[(0xFE70, 0xFFF0), (0x10400, 0x10450), (0x1D400, 0x1D800)],
]


def invented(count: int, seed: int) -> list[str]:
    """Names out of hostile pieces and random characters, each once, in an order that the seed decides."""
    chance = random.Random(seed)
    names: dict[str, None] = {}
    while len(names) < count:
        if chance.random() < 0.15:
            letters = (chr(chance.randrange(*chance.choice(RANGES))) for _ in range(chance.randrange(1, 12)))
            names["".join(letters)] = None
        else:
            names["".join(chance.choice(SPICE) for _ in range(chance.randrange(1, 5)))] = None
    return list(names)


NAMES = invented(10_000, 7)


def usable(names: Iterator[str] | list[str]) -> list[str]:
    """Those that Python would not take as they are written, or a file system not at all."""
    return [
        name
        for name in names
        if not name.isidentifier()
        or keyword.iskeyword(name)
        or unicodedata.normalize("NFKC", name) != name
        or len(f"{name}.py".encode()) > 255
    ]


def test_ten_thousand_names_are_identifiers() -> None:
    """Any name becomes an identifier that Python reads as it is written, short enough for a file, and stays it."""
    for name in NAMES:
        found = snake(name)
        assert (usable([found, resource_name(name), operation_constant(name)]), snake(found)) == ([], found)
        assert operation_constant(name) != found
        assert resource_name(name) not in CLIENT_ATTRIBUTES
        module = module_name(resource_name(name), frozenset({"client", "models", "operations"}))
        assert module.lower() == module
        assert module not in DEVICES | {"client", "models", "operations"}


def test_ten_thousand_properties() -> None:
    """The properties of one object get an attribute each, none of them one of the model's own."""
    found = attributes(dict.fromkeys(NAMES))
    assert list(found) == NAMES
    assert usable(list(found.values())) == []
    assert len(set(found.values())) == len(NAMES)
    assert not {name for name in found.values() if name.startswith("_") or hasattr(Model, name)}
    assert max(len(name.encode()) for name in found.values()) <= LONGEST + 8


def test_ten_thousand_classes() -> None:
    """Schemas get a class and a module each, different even where capitals do not count, none a device of Windows."""
    losses: list[str] = []
    classes = Classes(losses)
    found = [classes.claim(name, "$", enum=index % 3 == 0) for index, name in enumerate(NAMES)]
    assert usable(found) == []
    assert len({name.casefold() for name in found}) == len(NAMES)
    assert not {name.lower() for name in found} & DEVICES
    assert [line for line in losses if "since" not in line] == []


def test_ten_thousand_enum_values() -> None:
    """The values of one enum get a member each."""
    found = member_names(None, NAMES, NAMES)
    assert found is not None
    assert usable(found) == []
    assert len(set(found)) == len(NAMES)


def test_names_do_not_depend_on_what_has_nothing_to_do_with_them() -> None:
    """A name that collides with no other is the same in any company, in any order, in every run."""
    few = invented(400, 8)
    alone = {name: attributes({name: None})[name] for name in few}
    lonely = {name for name in few if list(alone.values()).count(alone[name]) == 1}
    others = [name for name in NAMES if attributes({name: None})[name].rsplit("_", 1)[0] not in alone.values()]
    random.Random(9).shuffle(others)
    together = attributes(dict.fromkeys([*others[:500], *few[::-1], *others[500:1000]]))
    kept = {name for name in lonely if alone[name] not in {together[other] for other in others[:1000]}}
    assert len(kept) > 100
    assert {name: together[name] for name in kept} == {name: alone[name] for name in kept}


@pytest.mark.parametrize("longest", ["a" * 300, "A" * 300, "AaBb" * 90, "生" * 300, "x_" * 200, "Get" * 120])
def test_long_names_are_cut_and_stay_apart(longest: str) -> None:
    """Two names that differ at their end only are still two when they are cut, each the same in every run."""
    assert snake(f"{longest}1") != snake(f"{longest}2")
    assert len(snake(longest).encode()) <= LONGEST
    first, second = (Classes([]).claim(f"{longest}{end}", "$") for end in "12")
    assert first != second
    assert usable([first, second]) == []
    assert snake("ab" * 100) == f"{'ab' * 55}a_80f54952"


def hostile(names: list[str]) -> dict[str, Any]:
    """A document in which everything that can have a name has one of these."""
    turned = [[*names[index:], *names[:index]] for index in range(len(names))]
    schemas = {
        name: {"type": "object", "properties": {each: {"type": "string"} for each in turned[index][:25]}}
        if index % 2
        else {"type": "string", "enum": turned[index][:25]}
        for index, name in enumerate(names)
    }
    paths: dict[str, Any] = {}
    for index, name in enumerate(names):
        reference = {"schema": {"$ref": f"#/components/schemas/{name.replace('~', '~0').replace('/', '~1')}"}}
        operation: dict[str, Any] = {
            "operationId": name,
            "tags": [name],
            "parameters": [
                {"name": each, "in": place, "schema": {"type": "string"}}
                for each, place in zip(turned[index][:12], ["query", "header", "cookie"] * 4, strict=True)
                if each
            ],
            "responses": {"200": {"description": name, "content": {"application/json": reference}}},
        }
        if index % 3 == 0:
            operation["requestBody"] = {"content": {"application/json": reference}}
        paths[f"/{index}"] = {"post": operation}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Names", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


PIECES = [*(each for each in SPICE if each not in ("{}", "%")), "Foo", "foo", "FOO", "async foo", "client", "models"]


def test_a_document_full_of_such_names_is_generated(
    checkout: Checkout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every operation, parameter, schema and property of such a document can be reached through a client as users have
    it, and the same document gives the same bytes."""
    checkout.add("names", json.dumps(hostile(PIECES)))
    assert checkout.run("regenerate") == 0, capsys.readouterr().err
    before = checkout.contents()
    assert checkout.run("regenerate", "--force") == 0
    assert checkout.contents() == before
    files = [path.relative_to(checkout.generated) for path in checkout.package("names").rglob("*.py")]
    assert len({str(path).casefold() for path in files}) == len(files)
    monkeypatch.setattr(sys, "path", [str(checkout.generated), *sys.path])
    package = importlib.import_module("accordant_generated")
    monkeypatch.setattr(package, "__path__", [str(checkout.generated / "accordant_generated"), *package.__path__])
    try:
        _reach_all(checkout.document("names"))
    finally:
        for name in [name for name in sys.modules if name.startswith("accordant_generated.names")]:
            del sys.modules[name]
        vars(package).pop("names", None)


def _reach_all(path: Path) -> None:
    base = importlib.import_module("accordant._client.clients").BaseClient
    client = importlib.import_module("accordant_generated.names.client")
    table = importlib.import_module("accordant_generated.names.operations")
    models = importlib.import_module("accordant_generated.names.models")
    document = json.loads(path.read_text(encoding="utf-8"))
    operations = [item["post"] for item in document["paths"].values()]
    calls: list[Any] = []

    class Caller:
        def call(self, operation: Any, arguments: dict[str, Any], options: Any) -> None:
            calls.append((operation.id, arguments, options))

    kind: Any = type("Api", (base, client.Resources), {"__init__": object.__init__})
    api = kind()
    api._caller = Caller()
    for operation in operations:
        resource = getattr(api, operation["x-accordant-resource"])
        getattr(resource, table.OPERATIONS[operation["operationId"]].name)(
            **{each["x-accordant-name"]: each["name"] for each in operation["parameters"]}
        )
        name, arguments, _ = calls[-1]
        assert name == operation["operationId"]
        assert [arguments[each["x-accordant-name"]] for each in operation["parameters"]] == [
            each["name"] for each in operation["parameters"]
        ]
    assert len(calls) == len(operations) == len(table.OPERATIONS)
    for name in models.__all__:
        found = getattr(models, name)
        if issubclass(found, Model):
            data = {each: each for each in PIECES}
            made: Any = found.decode(data, Notes())
            assert made.to_dict() == data
            assert len(made.additional_properties) == len(PIECES) - 25


def test_what_the_client_has_itself() -> None:
    """Every public attribute of a client is known to the generator, so that no resource hides behind one."""
    own: set[str] = set()
    module = importlib.import_module("accordant._client.clients")
    for kind in (module.BaseClient, module.Client, module.AsyncClient):
        own |= {name for name in dir(kind) if not name.startswith("_")}
    assert accordant.__name__ == "accordant"
    assert own <= CLIENT_ATTRIBUTES
