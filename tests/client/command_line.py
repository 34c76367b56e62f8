"""The command `accordant` as a test runs it: in this process, with its streams and the variables of a sandbox."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from attrs import frozen

from accordant._cli.main import main
from accordant_sandbox import Sandbox


@frozen
class Done:
    """A command that has run."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[Any]:
        """The lines of JSON that it wrote."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def complaint(self) -> str:
        """The one line of an error; it is the only thing that the command wrote."""
        assert self.out == ""
        assert len(self.err.splitlines()) == 1
        assert self.err.startswith("accordant: ")
        return self.err.removeprefix("accordant: ").rstrip()


def run(*words: str) -> Done:
    """Run the command."""
    out, err = StringIO(), StringIO()
    return Done(main(words, out, err), out.getvalue(), err.getvalue())


@contextmanager
def served(vendor: str) -> Generator[Sandbox]:
    """A sandbox on loopback whose variables are those of this process."""
    with Sandbox(vendor, random_seed=7, clock="2026-03-01T09:00:00Z") as sandbox, pytest.MonkeyPatch.context() as patch:
        set_variables(patch, sandbox.env())
        yield sandbox


def set_variables(patch: pytest.MonkeyPatch, variables: Mapping[str, str]) -> None:
    """Set environment variables for the time of a test."""
    for name, value in variables.items():
        patch.setenv(name, value)
