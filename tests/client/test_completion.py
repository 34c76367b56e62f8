"""`accordant completion`: the words that a shell is given, and the scripts that ask for them; and signs of life."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from accordant._cli import progress
from accordant._cli.call import call
from accordant._cli.methods import vendor_names
from accordant_sandbox import Sandbox
from tests.client.command_line import run, served


@pytest.fixture(scope="module")
def dispatch() -> Iterator[Sandbox]:
    with served("dispatch") as sandbox:
        yield sandbox


def words(*line: str) -> list[str]:
    """What the last word of a line may become."""
    done = run("__complete", *line)
    assert done.code == 0
    assert done.err == ""
    return done.out.splitlines()


def test_commands_and_vendors() -> None:
    """Commands come first, then the vendors of a command that takes one."""
    assert words("") == [
        *("vendors", "spec", "call", "sandbox", "evidence", "mcp", "proxy", "upgrade-check", "completion"),
        *("init", "vendor", "pull", "regenerate", "drift", "contract", "--help", "--version"),
    ]
    assert words("s") == ["spec", "sandbox"]
    for command in ("spec", "evidence", "call", "mcp", "sandbox"):
        assert set(vendor_names()) <= set(words(command, ""))
    assert words("sandbox", "a") == ["all"]
    assert words("upgrade-check", "--") == ["--from", "--changes", "--strict", "--json", "--help"]
    assert words("completion", "") == ["bash", "zsh", "fish", "--help"]


def test_methods_and_their_options() -> None:
    """A call continues with RESOURCE.METHOD and with the options of that method; one that was given is left out."""
    assert words("call", "dispatch", "appointments.l") == ["appointments.list"]
    assert "survey_responses.list" in words("call", "dispatch", "")
    options = words("call", "dispatch", "appointments.list", "")
    assert {"--status-in", "--limit", "--max", "--table"} <= set(options)
    later = words("call", "dispatch", "appointments.list", "--limit", "5", "--status-in", "draft", "--")
    assert "--limit" not in later
    assert "--status-in" in later  # takes several values
    assert "--max" not in words("call", "dispatch", "appointments.get", "--")
    assert words("call", "dime-scheduler", "categories.u")


def test_values() -> None:
    """Behind an option come its values where there are a few: of an enum, of a yes or no, behind `=` as well."""
    line = ("call", "dispatch", "appointments.list")
    assert words(*line, "--status-in", "s") == ["scheduled", "started"]
    assert words(*line, "--status-in=sch") == ["--status-in=scheduled"]
    assert words(*line, "--user-id-null", "") == ["true", "false"]
    assert words(*line, "--limit", "") == []
    assert words("mcp", "dispatch", "--only", "j") == ["jobs"]
    assert words("mcp", "dispatch", "--write", "--") == ["--only", "--help"]


@pytest.mark.parametrize(
    "line",
    [("call", "dispach", ""), ("call", "dispatch", "jobs.lits", "--"), ("frobnicate", ""), ("spec", "dispatch", "")],
)
def test_a_line_that_makes_no_sense(line: tuple[str, ...]) -> None:
    """A word that does not exist completes to nothing, without a message in the middle of the prompt."""
    assert words(*line) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_valid(shell: str) -> None:
    """The script of each shell parses there (of a shell that this machine has); another shell is refused."""
    done = run("completion", shell)
    assert done.code == 0
    assert "__complete" in done.out
    program = shutil.which(shell)
    if program is not None:
        checked = subprocess.run(
            [program, "-n"], input=done.out, capture_output=True, text=True, timeout=60, check=False
        )
        assert (checked.returncode, checked.stderr) == (0, "")
    assert "there is no script for the shell 'tcsh'" in run("completion", "tcsh").complaint


@pytest.mark.skipif(shutil.which("bash") is None, reason="it is bash that completes here")
def test_bash_completes(tmp_path: Path) -> None:
    """In bash, the function of the script fills in what the command says, also values with a blank or none."""
    program = tmp_path / "accordant"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m accordant "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    script = run("completion", "bash").out + (
        "COMP_WORDS=(accordant call dispatch appointments.list --status-in s)\n"
        'COMP_CWORD=5\n_accordant\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash"], input=script, capture_output=True, text=True, timeout=60, check=True, env=environment
    )
    assert done.stdout.splitlines() == ["scheduled", "started"]


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


LIST = ("dispatch", "appointments.list", "--max", "25")


@pytest.mark.parametrize("table", [(), ("--table",)])
def test_signs_of_life(dispatch: Sandbox, monkeypatch: pytest.MonkeyPatch, table: tuple[str, ...]) -> None:
    """A long walk into a file counts its rows on one line of the terminal, which is wiped when the walk ends."""
    dispatch.given("appointments", 30)
    monkeypatch.setattr(progress, "EVERY", 10)
    err = _Terminal()
    assert call([*LIST, *table], StringIO(), err) == 0
    assert err.getvalue() == "\r10 rows\r20 rows\r       \r"


def test_signs_of_life_where_somebody_waits(dispatch: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table counts on the terminal that it will appear on; rows that appear one by one do not, nor does a file."""
    dispatch.given("appointments", 30)
    monkeypatch.setattr(progress, "EVERY", 10)
    for table, out, err, counts in (
        (("--table",), _Terminal(), _Terminal(), True),
        ((), _Terminal(), _Terminal(), False),
        (("--table",), StringIO(), StringIO(), False),
    ):
        assert call([*LIST, *table], out, err) == 0
        assert ("20 rows" in err.getvalue()) is counts


def test_an_error_stands_on_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a long walk fails, its count is wiped before the error is told."""
    monkeypatch.setattr(progress, "EVERY", 1)
    err = _Terminal()

    def rows() -> Iterator[int]:
        yield 1
        yield 2
        raise LookupError

    with pytest.raises(LookupError):
        list(progress.counted(rows(), err))
    assert err.getvalue().endswith("\r      \r")
