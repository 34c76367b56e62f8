"""A vendor changes its document: what that costs at each of the four, from `make pull` to the contract tests."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from attrs import evolve, frozen

from accordant_codegen import fingerprint, gates
from accordant_codegen.__main__ import ROOT, main
from accordant_codegen.drift import report
from accordant_codegen.drift.api import compare_packages
from accordant_codegen.drift.operations import compare_documents
from accordant_codegen.read import effective
from accordant_codegen.read.document import operations
from accordant_codegen.read.load import read_data
from accordant_codegen.read.overlay import Overlay
from accordant_codegen.render import package
from accordant_codegen.vendors import VendorFolder, find_all
from tests import warm
from tests.codegen.spec_edits import EDITS, VENDORS

ONLY_READ = ("sandboxes", "contract_tests", "examples", "tests", "docs")
"""Folders in which no command writes."""
ADDED = ("added operations", "added fields", "added value", "required parameter")
GONE = ("renamed operation", "removed operation", "renamed field")
RUN = """
import importlib, json, sys
from pathlib import Path
import accordant, accordant_documents, accordant_generated
accordant.__path__[:] = [str(Path("overlays/accordant").resolve())]
accordant_generated.__path__[:] = [str(Path("generated/accordant_generated").resolve())]
importlib.reload(accordant_documents)
from accordant_contract.run.profiles import profile
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor
name, *focus = sys.argv[1:]
for package in (importlib.import_module(f"accordant.{name}"), accordant_documents):
    assert Path(package.__file__).is_relative_to(Path.cwd())
target = targets.local(vendor.load(name), seed=7, way="inproc")
with target:
    run = Run(target, Settings(profile("quick"), 7, focus=set(focus), fuzz=False))
    run.execute()
    print(json.dumps({
        "findings": [f"{each.finding.check} {each.finding.operation}: {each.finding.message}"
                     for each in run.results.findings.values()],
        "proven": sorted(run.results.proven),
        "stale": list(run.vendor.stale),
        "sandbox": list(target.sandbox.stale),
    }))
"""
"""Takes client and documents from the checkout that it runs in; all else is this repository's, and loaded already.

Imports the client, starts the sandbox, and runs the probes of the contract tests with some operations."""


@frozen
class Changed:
    """A checkout after a change of a vendor's document, and what the commands said."""

    vendor: str
    root: Path
    pulled: str
    regenerated: str

    @property
    def document(self) -> dict[str, Any]:
        """The effective document."""
        place = self.root / "generated" / "accordant_documents" / f"{self.vendor}.json"
        found: dict[str, Any] = json.loads(place.read_text())
        return found

    def module(self, resource: str) -> str:
        """The generated module of a room."""
        return (self.root / "generated" / "accordant_generated" / self.vendor / f"{resource}.py").read_text()

    def command(self, *arguments: str) -> tuple[int, str]:
        """Exit status and output of a codegen command here."""
        return _command(self.root, *arguments)

    def contract(self, *focus: str) -> dict[str, Any]:
        """What the contract tests find out about some operations, with the code of this checkout."""
        folders = ("generated", "overlays", "sandboxes", "contract_tests")
        path = os.pathsep.join([*(str(self.root / each) for each in folders), str(ROOT / "runtime")])
        environment = {**os.environ, "PYTHONPATH": path}
        done = warm.run(["-c", RUN, self.vendor, *focus], env=environment, cwd=self.root, libraries=warm.CONTRACT)
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result


def _command(root: Path, *arguments: str) -> tuple[int, str]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = main([*arguments, "--root", str(root)])
    return status, said.getvalue()


def _checkout(root: Path, vendor: str) -> None:
    """The files of one vendor, and what all of them share: a link to what is only read, whose code is compiled once."""
    skipped = shutil.ignore_patterns("__pycache__")
    for folder in (f"overlays/accordant/{vendor}", f"specs/{vendor}", f"generated/accordant_generated/{vendor}"):
        shutil.copytree(ROOT / folder, root / folder, ignore=skipped)
    for folder in ONLY_READ:
        (root / folder).symlink_to(ROOT / folder)
    for each in (ROOT / "overlays" / "accordant").iterdir():
        if each.name != vendor:
            (root / "overlays" / "accordant" / each.name).symlink_to(each)
    (root / "generated" / "accordant_documents").mkdir()
    for shared in ("accordant_generated", "accordant_documents"):
        for name in ("__init__.py", "py.typed"):
            shutil.copy(ROOT / "generated" / shared / name, root / "generated" / shared / name)
    document = f"generated/accordant_documents/{vendor}.json"
    shutil.copy(ROOT / document, root / document)
    [own] = find_all(root)
    committed = own.generated / fingerprint.FILE
    # As a regeneration leaves it: a generator that was changed since gives the same files, and other fingerprints.
    recorded = json.loads(committed.read_text()) | {"inputs": fingerprint.of_inputs(own)}
    committed.write_text(json.dumps(recorded, indent=1) + "\n")
    assert fingerprint.unchanged(own)


def _changed(root: Path, vendor: str, edits: tuple[str, ...]) -> Changed:
    """What `make pull` and `make regenerate` make of an edited document."""
    _checkout(root, vendor)
    [present] = (root / "specs" / vendor).glob("*.yaml")
    document = read_data(present)
    for name in edits:
        EDITS[name](VENDORS[vendor])(document)
    newer = root / "newer.yaml"
    newer.write_text(yaml.dump(orjson.loads(orjson.dumps(document)), Dumper=yaml.CSafeDumper, sort_keys=False))
    status, pulled = _command(root, "pull", "--vendor", vendor, "--url", str(newer))
    assert status == 0, pulled
    status, regenerated = _command(root, "regenerate", "--vendor", vendor)
    assert status == 0, regenerated
    return Changed(vendor, root, pulled, regenerated)


class _Once:
    """A step of the generator that works once for each input, which ``key`` tells from others."""

    def __init__(self, work: Callable[..., Any], key: Callable[..., Hashable]) -> None:
        self._work, self._key = work, key
        self._known: dict[Hashable, Any] = {}

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """What the step returned for that input; it is not to be changed."""
        key = self._key(*arguments, **named)
        if key not in self._known:
            self._known[key] = self._work(*arguments, **named)
        return self._known[key]


def _correction(document: Any, overlays: list[Overlay], _: str, known: frozenset[str] = frozenset()) -> Hashable:
    return orjson.dumps(document), repr(overlays), known


def _package(vendor: VendorFolder, document: Any, *_: Any) -> Hashable:
    return vendor.name, orjson.dumps(document)


def _texts(*packages: Mapping[str, str]) -> Hashable:
    return tuple(frozenset(each.items()) for each in packages)


@pytest.fixture(scope="module", autouse=True)
def worked_out_once() -> Iterator[None]:
    """Each document is corrected, rendered, imported and compared once here, though a pull, a regeneration and a check
    all ask for it; the one of before the change too, which two checkouts of each vendor have."""
    once = _Once(effective.prepare, _correction)

    def prepare(*arguments: Any, **named: Any) -> effective.Effective:
        made: effective.Effective = once(*arguments, **named)
        return evolve(made, document=orjson.loads(orjson.dumps(made.document)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(effective, "prepare", prepare)
        patch.setattr(package, "render", _Once(package.render, _package))
        patch.setattr(gates, "check", _Once(gates.check, _package))
        patch.setattr(report, "compare_documents", _Once(compare_documents, lambda *given: orjson.dumps(given)))
        patch.setattr(report, "compare_packages", _Once(compare_packages, _texts))
        yield


@pytest.fixture(scope="module", params=sorted(VENDORS))
def grown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Changed:
    """A vendor that has added things."""
    return _changed(tmp_path_factory.mktemp("grown"), request.param, ADDED)


@pytest.fixture(scope="module", params=sorted(VENDORS))
def shrunk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Changed:
    """A vendor that has taken things away and renamed others."""
    return _changed(tmp_path_factory.mktemp("shrunk"), request.param, GONE)


def _beside(changed: Changed, path: str) -> list[str]:
    """The operations of the room that a path's GET is in."""
    every = [(place, verb, item) for place, verb, item in operations(changed.document)]
    room = next(item["x-accordant-resource"] for place, verb, item in every if (place, verb) == (path, "get"))
    return [item["operationId"] for _, _, item in every if item["x-accordant-resource"] == room]


def test_an_added_operation_stands_in_its_place(grown: Changed) -> None:
    """An added operation is a documented method of the room that the vendor's tag names, a new tag is a new room."""
    changes = VENDORS[grown.vendor]
    _, _, operation = changes.existing
    module = grown.module(changes.resource)
    assert f'    "{operation["operationId"]}",\n' in module
    assert operation["summary"] in module
    assert "def create(self, *, label: str, bays: int | Unset" in grown.module("depots")
    assert not (grown.root / "generated" / "accordant_generated" / grown.vendor / "default.py").exists()


def test_what_is_added_needs_no_line(grown: Changed) -> None:
    """Added operations and fields are served by the sandbox and pass the contract tests with no hand-written line."""
    changes = VENDORS[grown.vendor]
    new = [changes.existing[2]["operationId"], "listDepots", "createDepot"]
    result = grown.contract(*new, *_beside(grown, changes.listed))
    assert result == {"findings": [], "proven": result["proven"], "stale": [], "sandbox": []}
    assert {*new, *_beside(grown, changes.listed)} <= {*result["proven"]}
    lines = grown.regenerated.partition("hand-written lines")[2]
    assert "left out" not in lines
    assert lines == "" or grown.vendor == "espace"
    assert grown.command("check-generated", "--vendor", grown.vendor)[0] == 0


def test_callers_are_told_what_is_added(grown: Changed) -> None:
    """`make regenerate` lists what is new for callers, and marks a newly required argument or field as breaking."""
    changes = VENDORS[grown.vendor]
    told = grown.regenerated
    assert re.search(rf"- {changes.resource}\.\w+: is new\n", told)
    assert "- depots.create: is new" in told
    assert re.search(r"- ⚠ \w+\.\w+: argument `region` is new and required", told)
    assert re.search(r"- ⚠ .*`crest` is new and required", told)
    assert re.search(r"- models\.\w+: field `motto` is new", told)
    if grown.vendor == "espace":  # our overlay states these values itself
        assert re.search(r"overlay.yaml:\d+: .*properties\['Type', ?'TrackingMetricType'\].* is not what it was", told)
    else:
        assert f"the new value {changes.value!r}" in told
    assert " is gone" not in told
    assert told.split("verdict: ")[1].startswith("major")
    assert grown.pulled.split("verdict: ")[1].startswith("major")


def test_lines_that_point_at_nothing_are_told(shrunk: Changed) -> None:
    """A renamed or removed operation names the lines of overlay, sandbox, contract module and tests that it orphans."""
    changes = VENDORS[shrunk.vendor]
    told = shrunk.regenerated.split("hand-written lines that point at nothing now")[1]
    lines = re.findall(r"^  (\S+):(\d+): (.*)$", told, re.MULTILINE)
    for name, fate in ((changes.renamed, f"it is {changes.renamed}Anew now"), (changes.removed, "no more")):
        found = {file for file, _, text in lines if text.startswith(f"{name} (") and fate in text}
        named = any(name in path.read_text(encoding="utf-8") for path in (ROOT / "sandboxes").rglob("*.py"))
        assert any(file.startswith("sandboxes/") for file in found) or not named, (name, lines)
        assert any(file.startswith("tests/") for file in found), (name, lines)
    assert any(file.startswith("contract_tests/") for file, _, _ in lines)
    overlay = [(file, int(line)) for file, line, text in lines if file.startswith("overlays/") and "left out" in text]
    assert overlay
    for file, line in overlay:
        assert (shrunk.root / file).read_text().splitlines()[line - 1].lstrip().startswith("- target")


def test_the_rest_goes_on_working(shrunk: Changed) -> None:
    """After operations were renamed and removed the client is imported, the sandbox starts, and what is left passes.

    Reasons for refusals that were written down for what is gone are left out, so a refusal may be told until then.
    """
    changes = VENDORS[shrunk.vendor]
    result = shrunk.contract(f"{changes.renamed}Anew", *_beside(shrunk, changes.listed))
    assert [each for each in result["findings"] if not each.startswith("positive_data_acceptance ")] == []
    reached = (*result["proven"], *(each.split()[1].rstrip(":") for each in result["findings"]))
    assert f"{changes.renamed}Anew" in reached
    code = (path.read_text(encoding="utf-8") for path in (ROOT / "sandboxes").rglob("*.py"))
    named = any(changes.renamed in text for text in code)
    assert any(changes.renamed in line for line in result["sandbox"]) or not named


def test_callers_are_told_what_is_gone(shrunk: Changed) -> None:
    """`make regenerate` marks a removed operation and a renamed field as breaking, a renamed operationId as not."""
    changes = VENDORS[shrunk.vendor]
    assert re.search(r"- ⚠ \w+\.\w+: is gone", shrunk.regenerated)
    assert re.search(rf"- ⚠ schema .*field `(\w+\.)?{changes.field}` is gone", shrunk.regenerated)
    assert re.search(
        rf"- schema .*`(\w+\.)?{changes.field}Anew` is new|⚠.*{changes.field}Anew` is new and req", shrunk.regenerated
    )
    assert f"  - {_call(changes.renamed, shrunk)}: its operationId is {changes.renamed}Anew" in shrunk.regenerated


def _call(old: str, changed: Changed) -> str:
    return next(
        f"{verb.upper()} {path}"
        for path, verb, item in operations(changed.document)
        if item["operationId"] == f"{old}Anew"
    )


def test_pointless_lines_fail_the_check(shrunk: Changed) -> None:
    """`make check-generated` fails, and a second `make regenerate` says it again, until the overlay is put right."""
    status, said = shrunk.command("check-generated", "--vendor", shrunk.vendor)
    assert status == 1
    assert re.search(r"overlays/\S+:\d+: \$\.actions\[\d+\]: .*, and it was left out", said)
    status, again = shrunk.command("regenerate", "--vendor", shrunk.vendor)
    assert status == 0
    assert "same bytes" in again
    assert "and it was left out" in again
