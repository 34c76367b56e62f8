"""The command's streams, and words that a shell may hand over by mistake."""

from __future__ import annotations

import errno
import io
import sys
from pathlib import Path

import pytest

from accordant._cli.main import main
from accordant._cli.usage import UsageError
from accordant._cli.values import from_text
from accordant.espace.models import EquipmentTypeNumber
from accordant.testing import no_waits
from tests.client.command_line import run, served


class FullDisk(io.StringIO):
    """An output of which nothing can be kept."""

    def write(self, _text: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_an_output_that_cannot_be_written() -> None:
    """A full disk below the output is one sentence that names no file where there is none."""
    err = io.StringIO()
    assert main(["vendors"], FullDisk(), err) == 1
    assert err.getvalue() == "accordant: cannot read or write: No space left on device\n"


def test_closed_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that the shell has closed (`>&-`, `<&-`) is one sentence, and no error where nobody can read one."""
    err = io.StringIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", None)
        assert main(["vendors"], None, err) == 1
        patch.setattr(sys, "stderr", None)
        assert main(["vendors"], None, None) == 1
        assert main(["hlep"], io.StringIO(), None) == 2
    assert err.getvalue() == "accordant: the standard output is closed\n"
    monkeypatch.setattr(sys, "stdin", None)
    done = run("call", "dispatch", "appointments.create", "--body", "@-")
    assert (done.code, done.complaint) == (2, "--body: cannot read the standard input: it is closed")


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_an_input_that_is_no_text(errors: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that are not UTF-8 on the standard input are one sentence, whatever the locale makes of them."""
    with io.TextIOWrapper(io.BytesIO(b'{"job_id": "\xff"}'), encoding="utf-8", errors=errors) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        done = run("call", "dispatch", "appointments.create", "--body", "@-")
    assert (done.code, done.complaint) == (2, "--body: cannot read the standard input: it is not UTF-8 text")


def test_an_output_in_another_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the encoding of the output lacks is written as an escape, and ends no command."""
    raw = io.BytesIO()
    with served("dispatch") as sandbox, io.TextIOWrapper(raw, encoding="ascii") as out, no_waits():
        job = sandbox.given("jobs", 1, title="Café \U0001f6b0")[0]["id"]
        monkeypatch.setattr(sys, "stdout", out)
        assert main(["call", "dispatch", "jobs.get", str(job)]) == 0
        assert b'"Caf\\xe9 \\U0001f6b0"' in raw.getvalue()


def test_a_folder_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command runs in a folder that somebody has deleted."""

    def gone() -> Path:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory")

    monkeypatch.setattr(Path, "cwd", gone)
    assert run("vendors").code == 0


def test_a_byte_order_mark(tmp_path: Path) -> None:
    """A file that some editors begin with a byte-order mark is read as JSON."""
    file = tmp_path / "body.json"
    file.write_text('{"job_id": "x"}', encoding="utf-8-sig")
    assert "--body: job_id" in run("call", "dispatch", "appointments.create", "--body", f"@{file}").complaint


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--body", '{"job_id": ' + "9" * 5000 + "}"], "--body is not JSON that can be read: a number in it has too"),
        (["--body", "{}", "--body", "{}"], "--body is given twice"),
        (["--job-id", "1_000"], "--job-id is not a whole number"),
        (["--job-id", "١٢"], "--job-id is not a whole number"),
        (["--duration", "1" * 5000], "--duration is not a whole number"),
    ],
    ids=lambda each: each if isinstance(each, str) else each[0],
)
def test_what_a_vendor_would_not_understand(words: list[str], said: str) -> None:
    """Digits of other scripts, `1_000`, endless numbers and options of the command that are given twice are refused."""
    done = run("call", "dispatch", "appointments.create", *words)
    assert done.code == 2
    assert done.complaint.startswith(said)


def test_max_given_twice() -> None:
    """So is the end of a list."""
    done = run("call", "dispatch", "appointments.list", "--max", "1", "--max", "2")
    assert (done.code, done.complaint) == (2, "--max is given twice")


@pytest.mark.parametrize("text", ["²", "--5", "5-"])
def test_numbers_of_an_enum(text: str) -> None:
    """A number that no member of an enum has is a value of it; what is no number is refused."""
    assert from_text("--type", EquipmentTypeNumber, "-77") == -77
    with pytest.raises(UsageError, match="--type has no such value"):
        from_text("--type", EquipmentTypeNumber, text)


@pytest.mark.parametrize("command", ["vendors", "spec", "evidence", "call", "mcp", "upgrade-check", "completion"])
def test_every_command_has_help(command: str) -> None:
    """`--help` and `-h` print how a command is used, and need nothing."""
    for word in ("--help", "-h"):
        done = run(command, word)
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith(f"usage: accordant {command}")


def test_an_assistant_that_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """`accordant mcp` with a closed input says who has to write there."""
    with served("dispatch"):
        monkeypatch.setattr(sys, "stdin", None)
        done = run("mcp", "dispatch")
    assert (done.code, done.complaint.partition(":")[0]) == (2, "the standard input is closed")
