"""What a command does with an output that takes nothing more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")
"""Linux's file for which no disk has room."""
COMMANDS = [
    ("accordant vendors", 1),
    ("accordant --help", 1),
    ("accordant_contract cleanup --journals .", 2),
    ("accordant_sandbox dispatch --fault list", 1),
    ("accordant_codegen regenerate", 1),
    ("accordant_codegen guess --vendor dibop", 1),
    ("accordant_codegen drift --vendor dibop --document specs/dibop/openapi.yaml --json", 3),
]
"""A command of each program, and its exit code where its output cannot be written."""


CLOSED = {"accordant vendors": 1, "accordant --help": 1, "accordant_sandbox dispatch --fault list": 1}
"""The exit codes of commands that do nothing but write, where there is no output; the others do their work."""


def run(words: str, stdout: int) -> tuple[int, str]:
    """The exit code and the complaints of a command."""
    command = [sys.executable, "-m", *words.split()]
    done = subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(("words", "code"), COMMANDS)
def test_nobody_reads(words: str, code: int) -> None:
    """`COMMAND | true` ends with the command's own exit code and without a complaint, not with Python's 120."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert run(words, writing) == (code, "")
    finally:
        os.close(writing)


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize(("words", "code"), COMMANDS)
def test_the_disk_is_full(words: str, code: int) -> None:
    """`COMMAND >/dev/full` ends with one line that says why, and with the exit code of a failure."""
    with FULL.open("w") as file:
        ended, complaint = run(words, file.fileno())
    assert ended == code
    assert complaint.endswith(": No space left on device\n")
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("words", [words for words, _ in COMMANDS])
def test_there_is_no_output(words: str) -> None:
    """`COMMAND >&-` does what it is for, or says in one line that the output is closed."""
    command = ["sh", "-c", f'exec "$0" -m {words} >&-', sys.executable]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    code = CLOSED.get(words, 0)
    assert done.returncode == code
    assert done.stderr == "" if code == 0 else done.stderr.endswith(": the standard output is closed\n")
