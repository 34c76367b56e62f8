"""A generated client whose document has every form in which an argument takes a dict."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import accordant_generated
from accordant_runtime import RequestError, build_request
from tests.codegen.checkouts import Checkout
from tests.codegen.type_checks import Complaint
from tests.codegen.typed_packages import DEPOT_PROGRAM

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def depot(typed_checkout: Checkout) -> Iterator[Checkout]:
    """The generated package, importable."""
    place = str(typed_checkout.generated / "accordant_generated")
    accordant_generated.__path__.append(place)
    yield typed_checkout
    accordant_generated.__path__.remove(place)
    for name in [name for name in sys.modules if name.startswith("accordant_generated.depot")]:
        del sys.modules[name]
    if hasattr(accordant_generated, "depot"):
        delattr(accordant_generated, "depot")


@pytest.mark.parametrize("tool", ["mypy", "basedpyright"])
def test_checkers_refuse_what_is_wrong_and_nothing_else(
    tool: str, complaints: Callable[[str], list[Complaint]]
) -> None:
    """Both type checkers, strict, are content with the generated code and with right dicts; each wrong one is said."""
    said = [each for each in complaints(tool) if "depot" in each.file]
    assert {each.file for each in said} == {"uses_depot.py"}, said
    wrong = {number for number, line in enumerate(DEPOT_PROGRAM.splitlines(), 1) if "# WRONG" in line}
    assert {each.line for each in said} == wrong, said


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
