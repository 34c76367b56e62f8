"""What documents leave open, and what observed responses would let them say."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.read.overlay import apply, read_overlay
from accordant_contract.__main__ import main
from accordant_contract.document.document import Document, load
from accordant_contract.document.values import Exchange
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor
from accordant_contract.tightening.lint import counted, gaps
from accordant_contract.tightening.observing import formats_of, observe
from accordant_contract.tightening.proposing import proposals
from accordant_contract.traffic import export

from .widget_api import WIDGETS, exchange, operation, page, widget


def document(**properties: Any) -> Document:
    """A document with one schema of these properties."""
    return Document("x", {"components": {"schemas": {"X": {"type": "object", "properties": properties}}}})


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        ({}, ["type"]),
        ({"description": "Anything."}, ["type"]),
        ({"type": "string"}, ["format", "bounds"]),
        ({"type": ["string", "null"]}, ["format", "bounds"]),
        ({"type": "string", "maxLength": 9}, ["format"]),
        ({"type": "string", "format": "uuid"}, []),
        ({"type": "string", "enum": ["a"]}, []),
        ({"type": "string", "x-accordant-known-values": ["a"]}, []),
        ({"type": "integer"}, ["bounds"]),
        ({"type": "integer", "minimum": 0}, []),
        ({"type": "boolean"}, []),
        ({"type": "array", "items": {"type": "boolean"}}, ["bounds"]),
        ({"type": "array", "maxItems": 3, "items": {"type": "number"}}, ["bounds"]),
        ({"type": "object", "properties": {"a": {"type": "boolean"}}}, ["required"]),
        ({"type": "object", "required": ["a"], "properties": {"a": {"type": "boolean"}}}, []),
        ({"$ref": "#/components/schemas/X"}, []),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, ["format", "bounds"]),
    ],
)
def test_the_lint_finds_what_a_schema_leaves_open(schema: dict[str, Any], kinds: list[str]) -> None:
    """Types, required members, formats and bounds are missed, each where it would say something."""
    found = [each for each in gaps(document(p=schema)) if "['p']" in each.path]
    assert [each.kind for each in found] == kinds


def test_the_lint_names_json_paths_and_counts() -> None:
    """A place is a normalized JSON path, also where a name holds a quote; schemas of paths are places as well."""
    strange = document(**{"it's": {}})
    strange.data["paths"] = {"/x": {"get": {"parameters": [{"name": "q", "schema": {"type": "integer"}}]}}}  # type: ignore[index]
    assert [each.path for each in gaps(strange)] == [
        "$['components']['schemas']['X']",
        "$['components']['schemas']['X']['properties']['it\\'s']",
        "$['paths']['/x']['get']['parameters'][0]['schema']",
    ]
    assert counted(gaps(strange)) == {"type": 1, "required": 1, "format": 0, "bounds": 1}


def test_the_command_prints_lines_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    """`make spec-lint` exits with 0, whatever it finds; `--json` is one object with the same counts."""
    assert main(["spec-lint", "--vendor", "dispatch"]) == 0
    said = capsys.readouterr().out
    assert main(["spec-lint", "--vendor", "dispatch", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["dispatch"]
    assert sum(told["counts"].values()) == len(told["gaps"]) == said.count("\ndispatch ") + said.startswith("dispatch ")


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("2026-03-01T09:00:00Z", ["date-time"]),
        ("2026-03-01T09:00:00", []),
        ("2026-03-01", ["date"]),
        ("2026-13-01", []),
        ("49952399-c4aa-4ac1-b7dc-76fb0f17a300", ["uuid"]),
        ("a.b@example.com", ["email"]),
        ("https://example.com/x", ["uri"]),
        ("plain text", []),
    ],
)
def test_formats_are_known_by_the_text(text: str, formats: list[str]) -> None:
    """A text has a format only if it keeps to all of it."""
    assert formats_of(text) == formats


def seen(*exchanges: Exchange) -> dict[str, tuple[Any, str]]:
    """The proposals from some exchanges: the update and the evidence, by the last name of the place."""
    named = [(operation(each.operation), each) for each in exchanges]
    found = list(proposals(WIDGETS, observe(WIDGETS, named)))
    return {str(each.place[-1]): (dict(each.update), each.evidence) for each in found}


def test_a_proposal_says_how_many_values_were_seen_and_which() -> None:
    """Numbers with their least and most, texts with their lengths, few texts with all of them."""
    rows = [widget(n, name=f"name {n}", price=n / 2, owner=None, seen_at="2026-03-01T09:00:00Z") for n in range(60)]
    found = seen(*(page(rows[start : start + 20], 60, limit=20) for start in (0, 20, 40)))
    assert found["price"] == ({"minimum": 0}, "bounds: 60 numbers seen, from 0.0 to 29.5, none below 0.")
    assert found["name"][0] == {"maxLength": 16}
    assert "60 texts seen, many different, of 6 to 7 characters" in found["name"][1]
    assert found["Widget"][0] == {"required": ["price", "owner", "seen_at"]}
    assert "60 objects" in found["Widget"][1]


def test_few_values_and_failures_propose_nothing() -> None:
    """Nineteen values are not enough, and what came with an error is no evidence."""
    assert seen(page([widget(n) for n in range(19)], 19, limit=20)) == {}
    assert seen(*(exchange("getWidget", 404, widget(n, price=3)) for n in range(60))) == {}


def test_a_schema_that_requests_use_is_not_made_stricter_by_responses() -> None:
    """What every response holds need not be in a request: no `required` is proposed there."""
    data = copy.deepcopy(dict(WIDGETS.data))
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Widget"}}}}
    data["paths"]["/widgets"]["post"]["requestBody"] = body
    shared = Document("widgets", data)
    rows = page([widget(n, price=1.5) for n in range(60)], 60, limit=100)
    found = list(proposals(shared, observe(shared, [(shared.operations["listWidgets"], rows)])))
    assert not [each for each in found if "required" in each.update]
    assert [each for each in found if "minimum" in each.update]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recorded run of some operations."""
    folder = tmp_path_factory.mktemp("recorded")
    with targets.local(vendor.load("dibop"), way="process") as target:
        focus = {"listSystems", "getSystem", "createSystem", "listOrchestrations", "listExecutions"}
        run = Run(target, Settings(PROFILES["quick"], focus=focus, fuzz=False))
        run.results.recorded = []
        run.execute()
    return export.write(folder / "dibop.har", run.results.recorded or (), run.session.secrets(), "x")


def test_proposals_are_an_overlay_that_our_reader_takes(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every action has a reason, finds its place in the effective document, and changes it; nothing was applied."""
    file = recording.with_name("proposed.overlay.yaml")
    before = load("dibop").digest
    words = ["tighten", "--vendor", "dibop", "--out", str(recording.parent), "--file", str(file)]
    assert main(words) == 0
    overlay = read_overlay(file)
    assert f"{len(overlay.actions)} proposals" in capsys.readouterr().out
    assert len(overlay.actions) > 5
    assert all(each.reason.startswith("[observed] ") and " seen" in each.reason for each in overlay.actions)
    applied = apply(copy.deepcopy(dict(load("dibop").data)), overlay)
    assert applied.superfluous == ()
    assert load("dibop").digest == before
    # What was observed fits the tighter document: no proposal contradicts its own evidence.
    tighter = Document("dibop", applied.document)
    assert sum(counted(gaps(tighter)).values()) < sum(counted(gaps(load("dibop"))).values())
    for response in json.loads(recording.read_text(encoding="utf-8"))["log"]["entries"]:
        which = tighter.operations[response["_accordant"]["operation"]]
        found = which.response(response["response"]["status"])
        text = response["response"]["content"]["text"]
        if found is not None and 200 <= response["response"]["status"] < 300 and text and "***" not in text:
            pointer = f"{found[1]}/content/application~1json/schema"
            assert list(tighter.schemas.violations(pointer, json.loads(text))) == []


def test_without_a_recording_it_says_how_to_make_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no recording the command exits with 2 and names the command that makes one."""
    assert main(["tighten", "--vendor", "dibop", "--out", str(tmp_path)]) == 2
    assert "HAR_OUT=" in capsys.readouterr().err
