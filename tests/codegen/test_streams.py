"""The commands of the generator: outputs that cannot be written as they are, and numbers and places that are wrong."""

from __future__ import annotations

import errno
import io
import sys
from pathlib import Path

import pytest

from accordant_codegen.__main__ import main

DOCUMENT = (
    "openapi: 3.1.0\ninfo: {{title: T, version: '1'}}\npaths:\n  /a:\n    get:\n      operationId: a\n"
    "      parameters: [{{name: {name}, required: {required}, in: query, schema: {{type: string}}}}]\n"
    "      responses: {{'200': {{description: ok}}}}\n"
)


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """A drift that breaks callers, which is told with a sign that not every encoding has."""
    for file, name, required in (("old.yaml", "q", "false"), ("new.yaml", "ü", "true")):
        (tmp_path / file).write_text(DOCUMENT.format(name=name, required=required), encoding="utf-8")
    return ["drift", "--against", str(tmp_path / "old.yaml"), "--document", str(tmp_path / "new.yaml")]


def test_an_output_in_another_encoding(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What the encoding of the output lacks, as that of a pipe of Windows may, is written as an escape."""
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding="cp1252") as out, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        assert main(words) == 1
        out.flush()
        assert b"\\u26a0 GET /a: query parameter `\xfc` is new" in raw.getvalue()


class FullDisk(io.StringIO):
    """An output of which nothing can be kept."""

    def write(self, _text: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_output_that_cannot_be_written(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A full disk below the output is one sentence, and no comparison."""
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", FullDisk())
        assert main(words) == 3
    assert capsys.readouterr().err == "error: cannot read or write: No space left on device\n"


@pytest.mark.parametrize("number", ["0", "-1", "nan", "inf", "ten"])
@pytest.mark.parametrize("option", ["--seconds", "--megabytes"])
def test_a_limit_that_is_none(option: str, number: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A limit of a pull is a number above 0, and the message says so."""
    assert main(["drift", f"{option}={number}"]) == 3
    said = f"argument {option}: {number!r} is not possible: give a number above 0 and below 1,000,000"
    assert said in capsys.readouterr().err


def test_a_folder_in_the_place_of_a_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder is called one, and not a file that does not exist."""
    assert main(["drift", "--against", str(tmp_path), "--document", str(tmp_path)]) == 3
    assert capsys.readouterr().err == f"error: {tmp_path}: it is a folder. Give an address or the path of a file\n"
