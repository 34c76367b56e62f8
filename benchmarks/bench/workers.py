"""Contenders as processes: each is loaded separately, in its own environment, and works when it is told to."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from attrs import define, field

from .environments import ROOT


class WorkerError(Exception):
    """A contender did not do what it was told."""


@define(eq=False)
class Worker:
    """One contender. ``ask`` has it do something; the result is what it measured."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    _process: subprocess.Popen[str] = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._process = subprocess.Popen(
            list(self.command),
            cwd=ROOT,
            env=dict(self.environment) or None,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, task: str, **arguments: Any) -> Any:
        """Do a task of the worker's module."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"task": task, **arguments}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise WorkerError(f"{self.name} ended in the middle of {task!r}")
        return json.loads(line)

    def close(self) -> None:
        """Let it end."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # it has ended already
                self._process.stdin.close()
        if self._process.stdout is not None:
            self._process.stdout.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def module(python: Path, name: str, *arguments: str) -> list[str]:
    """The command of a contender's module; a peer's environment has no package of ours but this one."""
    return [str(python), "-m", f"{__package__}.contenders.{name}", *arguments]
