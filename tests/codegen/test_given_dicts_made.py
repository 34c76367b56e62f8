"""A generated client whose document has every form in which an argument takes a dict."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import accordant_generated
from accordant_runtime import RequestError, build_request
from tests.codegen.checkouts import Checkout
from tests.codegen.type_checks import own_cache

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Depot", "version": "1"},
    "paths": {},
    "components": {
        "schemas": {
            "Pack": {
                "type": "object",
                "required": ["x-size", "from"],
                "additionalProperties": False,
                "properties": {
                    "x-size": {"type": "integer"},
                    "from": {"type": "string", "format": "date"},
                    "inner": {"$ref": "#/components/schemas/Pack"},
                    "kind": {"enum": ['"odd"', "even"]},
                },
            },
            "Window": {"type": "object", "properties": {"start": {"type": "string", "format": "date-time"}}},
            "Cat": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"const": "cat"}, "livesLeft": {"type": "integer"}},
            },
            "Dog": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"const": "dog"}, "tricks": {"type": "array", "items": {"type": "string"}}},
            },
            "Pet": {
                "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
                "discriminator": {"propertyName": "kind"},
            },
        }
    },
}


def ref(name: str) -> dict[str, str]:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def add(name: str, media: str, schema: dict[str, Any], *parameters: dict[str, Any]) -> None:
    """Add an operation with a body."""
    DOCUMENT["paths"][f"/{name}"] = {
        "post": {
            "operationId": name,
            "tags": ["packs"],
            "parameters": list(parameters),
            "requestBody": {"required": True, "content": {media: {"schema": schema}}},
            "responses": {"204": {"description": "Done."}},
        }
    }


WINDOW = {"name": "window", "in": "query", "style": "deepObject", "explode": True, "schema": ref("Window")}
ONE_OR_MANY = {"oneOf": [ref("Pack"), {"type": "array", "items": ref("Pack")}]}
BY_NAME = {"type": "object", "additionalProperties": ref("Window")}
PARTS = {
    "type": "object",
    "required": ["about"],
    "properties": {"about": ref("Window"), "file": {"type": "string", "format": "binary"}},
}
FIELDS = {"type": "object", "properties": {"pet": ref("Pet"), "packs": {"type": "array", "items": ref("Pack")}}}
add("storePacks", "application/json", ONE_OR_MANY, WINDOW)
add("putPet", "application/json", {"type": "array", "items": ref("Pet")})
add("putNames", "application/json", BY_NAME)
add("upload", "multipart/form-data", PARTS)
add("send", "application/x-www-form-urlencoded", FIELDS)
PROGRAM = """\
import datetime
from accordant_generated.depot.models import CatParam, PackParam, WindowParam
from accordant_generated.depot.packs import Packs

def right(packs: Packs) -> None:
    pack: PackParam = {"x-size": 1, "from": "2026-01-02", "kind": "even"}
    other: PackParam = {"x-size": 1, "from": datetime.date(2026, 1, 2), "inner": pack}
    window: WindowParam = {"start": datetime.datetime.now(datetime.UTC)}
    cat: CatParam = {"kind": "cat", "livesLeft": 7}
    packs.create(pack, window=window)
    packs.create([pack, other, {"x-size": 2, "from": "2026-01-02"}], window={"start": "2026-01-02T03:04:05Z"})
    packs.put_pet([cat, {"kind": "dog", "tricks": ["sit"]}])
    packs.put_names({"first": window, "second": {}})
    packs.upload(about={"start": "2026-01-02T03:04:05Z"}, file=b"")
    packs.send(pet={"kind": "cat"}, packs=[other])

def wrong(packs: Packs) -> None:
    packs.create({"x-size": 1})  # WRONG
    packs.create({"x-size": "1", "from": "2026-01-02"})  # WRONG
    packs.create([{"x-size": 1, "from": "2026-01-02", "form": ""}])  # WRONG
    packs.create({"x-size": 1, "from": "", "kind": "uneven"})  # WRONG
    packs.create({"x-size": 1, "from": "", "inner": {"x-size": 1}})  # WRONG
    packs.create([], window={"strat": "2026-01-02T03:04:05Z"})  # WRONG
    packs.put_pet([{"kind": "cat", "tricks": []}])  # WRONG
    packs.put_names({"first": {"started": ""}})  # WRONG
    packs.upload(about={"strat": ""})  # WRONG
    packs.send(pet={"kind": "cow"})  # WRONG
"""


@pytest.fixture(scope="module")
def depot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The generated package, importable."""
    checkout = Checkout(tmp_path_factory.mktemp("depot"))
    checkout.add("depot", json.dumps(DOCUMENT))
    assert checkout.run("regenerate") == 0
    place = str(checkout.generated / "accordant_generated")
    accordant_generated.__path__.append(place)
    yield checkout
    accordant_generated.__path__.remove(place)
    for name in [name for name in sys.modules if name.startswith("accordant_generated.depot")]:
        del sys.modules[name]
    if hasattr(accordant_generated, "depot"):
        delattr(accordant_generated, "depot")


@pytest.mark.parametrize("tool", ["mypy", "basedpyright"])
def test_checkers_refuse_what_is_wrong_and_nothing_else(tool: str, depot: Checkout, tmp_path: Path) -> None:
    """Both type checkers, strict, are content with the generated code and with right dicts; each wrong one is said."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    generated, runtime = depot.generated, ROOT / "runtime"
    if tool == "mypy":
        (tmp_path / "mypy.ini").write_text(
            f"[mypy]\nstrict = True\nmypy_path = {runtime}:{generated}\nexplicit_package_bases = True\n"
            f"namespace_packages = True\ncache_dir = {own_cache(tmp_path)}\nwarn_unreachable = True\n"
        )
        command = [sys.executable, "-m", "mypy", "--config-file", str(tmp_path / "mypy.ini"), str(program)]
    else:
        config: dict[str, Any] = {
            "include": [str(program), str(generated)],
            "extraPaths": [str(runtime), str(generated)],
        }
        config |= {"typeCheckingMode": "strict", "pythonVersion": "3.11"}
        (tmp_path / "pyrightconfig.json").write_text(json.dumps(config))
        command = [str(Path(sys.executable).parent / "basedpyright"), "--level", "error", "-p", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    errors = [line.strip() for line in done.stdout.splitlines() if "error:" in line or " - error" in line]
    assert errors
    assert all("program.py:" in line for line in errors), done.stdout
    found = {int(line.split("program.py:")[1].split(":")[0]) for line in errors}
    wrong = {number for number, line in enumerate(PROGRAM.splitlines(), 1) if "# WRONG" in line}
    assert found == wrong, done.stdout


def test_what_checkers_do_not_see_is_refused_when_called(depot: Checkout) -> None:
    """Bodies, lists, unions, maps, parts, forms and parameters: the operation knows which models each consists of."""
    operations = import_module("accordant_generated.depot.operations").OPERATIONS
    pack = {"x-size": 1, "from": "2026-01-02"}
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("storePacks", {"body": {**pack, "note": 1}}, "$: Pack has no key 'note', and the document allows none but"),
        ("storePacks", {"body": [pack, {**pack, "inner": {"x_size": 1}}]}, "$[1].inner: Pack has no key 'x_size'"),
        ("storePacks", {"body": [], "window": {"strat": ""}}, "argument 'window' cannot be sent: $: Window has no key"),
        ("putPet", {"body": [{"kind": "cat", "lives_left": 7}]}, "$[0]: Cat has no key 'lives_left'"),
        ("putNames", {"body": {"first": {"strat": ""}}}, "$.first: Window has no key 'strat'"),
        ("upload", {"about": {"strat": ""}}, "$.about: Window has no key 'strat'"),
        ("send", {"packs": [{**pack, "knd": "even"}]}, "$.packs[0]: Pack has no key 'knd'"),
    ]
    for name, arguments, message in cases:
        with pytest.raises(RequestError) as caught:
            build_request(operations[name], arguments)
        assert message in str(caught.value), name
    assert depot.package("depot").is_dir()


def test_importing_a_resource_imports_none_of_them(depot: Checkout) -> None:
    """The TypedDicts are a module of their own, which is imported when one of them is asked for and not before."""
    code = (
        "import sys, accordant_generated.depot.packs, accordant_generated.depot.models as models\n"
        "assert not [name for name in sys.modules if name.endswith('.params')]\n"
        "assert models.PackParam.__total__ is False and 'x-size' in models.PackParam.__annotations__\n"
        "assert 'PackParam' in models.__all__ and 'SendBodyParam' not in models.__all__\n"
    )
    path = f"{depot.generated}:{ROOT / 'runtime'}"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
