"""`make corpus`: what is counted, which bars there are, and how the table says it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from accordant_codegen import commands
from benchmarks.__main__ import main
from benchmarks.corpus import generate
from benchmarks.corpus.command import Wanted
from benchmarks.corpus.rows import LEFT_OUT, Corpus, Row
from benchmarks.corpus.table import page, text
from tests.codegen.checkouts import MINIMAL

GOOD = Row("shop", 10, 10, models=3, paging=2, paged=2, client="", schemes=1, served=10, contract="", seconds=4.2)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"refused": "$.paths: it is missing"}, "shop is refused: $.paths: it is missing"),
        ({"generated": 9}, "9 of 10 operations are generated, fewer than 99.5%"),
        ({"silent": ("get /a",)}, "shop loses without a word: get /a"),
        ({"client": "TypeError: no"}, "shop: the client: TypeError: no"),
        ({"contract": "2 findings"}, "shop: the contract run: 2 findings"),
        ({"served": 9}, "9 of 10 operations return a success on the sandbox, fewer than 95%"),
        ({"mypy": "3 lines"}, "shop: mypy: 3 lines"),
    ],
)
def test_each_bar(changes: dict[str, Any], said: str) -> None:
    """Each bar that a document does not reach is told in a sentence of the table, and fails it."""
    assert Corpus((GOOD,)).missed() == []
    corpus = Corpus((evolve(GOOD, **changes),))
    assert said in corpus.missed()
    assert f"MISSED {said}" in text(corpus)
    assert f"- {said}" in page(corpus)


def test_what_is_no_document_does_not_count() -> None:
    """A file that is no document is named with its reason, and is no miss; a folder of none is one."""
    odd = Row("odd", unreadable="it is neither JSON nor YAML")
    assert Corpus((GOOD, odd)).missed() == []
    assert "unreadable odd: it is neither JSON nor YAML" in text(Corpus((GOOD, odd)))
    assert Corpus((odd,)).missed() == ["there is no document"]


def test_the_sums() -> None:
    """The last row adds up what the others say."""
    rows = (GOOD, evolve(GOOD, name="other", contract="1 finding", findings=("x",)))
    last = text(Corpus(rows)).split("\n\n")[0].splitlines()[-1].split("  ")
    assert [cell.strip() for cell in last if cell][:3] == ["2 documents", "20", "20"]
    assert "20 of 20" in page(Corpus(rows))
    assert "1 of 2 green" in page(Corpus(rows))


def test_a_contract_run_that_nobody_asked_for() -> None:
    """Where the contract tests are left out, the table says so, and that is no miss."""
    corpus = Corpus((evolve(GOOD, contract=LEFT_OUT),))
    assert corpus.missed() == []
    assert "left out" in page(corpus)


def test_operations_are_counted_without_the_generator(tmp_path: Path) -> None:
    """Operations are counted in the file, and one that is gone without a report is named."""
    file = tmp_path / "shop.yaml"
    file.write_text(MINIMAL)
    found = generate.generated("shop", file, tmp_path / "root")
    assert (found["operations"], found["generated"], found["silent"], found["models"]) == (1, 1, [], 2)


def test_a_lost_operation_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operation of the file that the client lacks is a silent loss, unless a report line is about its place."""
    file = tmp_path / "shop.yaml"
    file.write_text(MINIMAL)
    counted = [("/things/{id}", "get"), ("/gone", "put"), ("/told", "get")]

    def count(_document: Any) -> list[tuple[str, str]]:
        return counted

    monkeypatch.setattr(generate, "_counted", count)
    make = commands.make

    def told(vendor: Any) -> Any:
        return evolve(make(vendor), losses=("$.paths['/told'].get: it is left out",))

    monkeypatch.setattr(commands, "make", told)
    found = generate.generated("shop", file, tmp_path / "root")
    assert found["silent"] == ["put /gone"]


@pytest.mark.parametrize("content", ["<html></html>", "{", "a: [1", "title: none"])
def test_files_that_are_no_documents(tmp_path: Path, content: str) -> None:
    """What is no OpenAPI document at all is unreadable, with the reason."""
    file = tmp_path / "odd.json"
    file.write_text(content)
    assert generate.generated("odd", file, tmp_path / "root").keys() == {"unreadable"}


def test_a_refused_document(tmp_path: Path) -> None:
    """A document that is read and refused says why."""
    file = tmp_path / "odd.json"
    file.write_text(json.dumps({"openapi": "9.0", "info": {}, "paths": {}}))
    assert "version" in generate.generated("odd", file, tmp_path / "root")["refused"]


def test_no_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is not there is said to be none."""
    assert main(["corpus", "--dir", "/nowhere"]) == 2
    assert "is no folder" in capsys.readouterr().err


def test_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder without documents fails."""
    assert main(["corpus", "--dir", str(tmp_path)]) == 1
    assert "there is no document" in capsys.readouterr().out


PETS = """\
openapi: 3.1.0
info: {title: Pets, version: "1"}
servers: [{url: https://api.pets.example/v1}]
security: [{key: []}]
paths:
  /pets:
    get:
      operationId: listPets
      tags: [pets]
      parameters:
        - {name: page, in: query, schema: {type: integer, minimum: 1}}
        - {name: per_page, in: query, schema: {type: integer, minimum: 1, maximum: 50}}
      responses:
        "200":
          description: Some.
          content:
            application/json:
              schema:
                type: object
                required: [pets, total]
                properties:
                  pets: {type: array, items: {$ref: "#/components/schemas/Pet"}}
                  total: {type: integer}
        "400": {description: No.}
        "401": {description: Who?}
    post:
      operationId: createPet
      tags: [pets]
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/NewPet"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
        "400": {description: No.}
        "401": {description: Who?}
        "422": {description: No.}
  /pets/{pet_id}:
    get:
      operationId: getPet
      tags: [pets]
      parameters: [{name: pet_id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
        "400": {description: No.}
        "401": {description: Who?}
        "404": {description: None.}
components:
  securitySchemes: {key: {type: apiKey, in: query, name: api_key}}
  schemas:
    NewPet: {type: object, required: [name], properties: {name: {type: string, minLength: 1}}}
    Pet:
      type: object
      required: [id, name]
      properties: {id: {type: integer}, name: {type: string, minLength: 1}}
"""


def test_from_a_document_to_a_green_contract_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A document with a key in the query and a paged list becomes a client, a sandbox and a contract run without a
    finding, with no line written by hand, and leaves nothing behind."""
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "pets.yaml").write_text(PETS)
    status = main(["corpus", "--dir", str(folder), "--write", str(tmp_path / "page.md")])
    told = capsys.readouterr()
    assert status == 0, told.out
    assert "| pets | 3 | 3 | 0 | 2 | 1 of 1 | 1 schemes | 3 of 3 | green |" in (tmp_path / "page.md").read_text()
    assert [each.name for each in folder.iterdir()] == ["pets.yaml"]


def _one_good_row(_wanted: Wanted) -> Iterator[Row]:
    yield GOOD


def test_a_page_keeps_what_is_written_around_its_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is there gets a new table between its marks; what somebody wrote above and below it stays."""
    target = tmp_path / "page.md"
    target.write_text("# Mine\n\n<!-- corpus -->\nold\n<!-- /corpus -->\n\nWritten by hand.\n")
    monkeypatch.setattr("benchmarks.__main__.corpus", _one_good_row)
    assert main(["corpus", "--dir", str(tmp_path), "--write", str(target)]) == 0
    shown = target.read_text()
    assert shown.startswith("# Mine\n\n<!-- corpus -->\n")
    assert shown.endswith("All bars are reached.\n\n<!-- /corpus -->\n\nWritten by hand.\n")
    assert "old" not in shown
    assert f"| {GOOD.name} |" in shown


def test_a_page_without_marks_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A page without marks is refused before anything is run, and stays as it is."""
    target = tmp_path / "page.md"
    target.write_text("# Mine\n")
    assert main(["corpus", "--dir", str(tmp_path), "--write", str(target)]) == 2
    assert "<!-- corpus -->" in capsys.readouterr().err
    assert target.read_text() == "# Mine\n"


def test_a_new_page_can_be_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that the command made has the marks that it looks for the next time."""
    monkeypatch.setattr("benchmarks.__main__.corpus", _one_good_row)
    words = ["corpus", "--dir", str(tmp_path), "--write", str(tmp_path / "pages" / "page.md")]
    assert main(words) == 0
    first = (tmp_path / "pages" / "page.md").read_text()
    assert main(words) == 0
    assert (tmp_path / "pages" / "page.md").read_text() == first


def test_the_documents_of_the_stock_generator_are_named() -> None:
    """The page says of each of the 28 documents that the stock generator was measured on what is made of it here, and
    of those that the folder lacks that they cannot be had."""
    shown = page(Corpus((evolve(GOOD, name="openai", operations=288, generated=288),)))
    assert "| OpenAI | 288 | 256 | 288 of 288 |" in shown
    assert shown.count("cannot be had here |") == 27
