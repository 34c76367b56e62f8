"""Runs at the address of a sandbox that they take for somebody's account, and every row there before and after."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias

from attrs import field, frozen

from accordant_sandbox import Sandbox

from ..errors import ContractError
from ..evidence import store
from ..target import vendor as vendors

Rows: TypeAlias = Mapping[tuple[str, str], str]
"""Each row's hash by its table and key."""
HIDDEN: Final[Mapping[str, tuple[str, ...]]] = {
    "espace": ("occurrences", "schedules"),
    "dime_scheduler": ("recurring_appointments",),
}
"""Tables whose rows outlive the record that they belong to, and that no operation shows then: the dates of deleted
events, and the orders to repeat appointments that are gone."""
_LOGIN: Final = "last_login_at"
"""The field of a user that a login changes, and a run has to log in."""
_SETTLED: Final = 30.0
"""Seconds after which what a data set began with, such as an execution under way, has come to its end."""
_JOURNAL: Final = 1_000_000
_GLANCE: Final = 0.02
_LONGEST: Final = 3600.0


def rows(sandbox: Sandbox) -> Rows:
    """Every row that the API can show."""
    return {place: digest for place, digest in _every(sandbox) if place[0] not in HIDDEN.get(sandbox.name, ())}


def unshown(sandbox: Sandbox) -> Rows:
    """Every row that no operation shows once the record that it belongs to is gone."""
    return {place: digest for place, digest in _every(sandbox) if place[0] in HIDDEN.get(sandbox.name, ())}


def _every(sandbox: Sandbox) -> Iterator[tuple[tuple[str, str], str]]:
    for name in sandbox.state.names():
        for key, row in sandbox.state.of(name).items():
            text = json.dumps({**row, _LOGIN: None}, sort_keys=True, default=str)
            yield (name, str(key)), hashlib.sha256(text.encode()).hexdigest()


@frozen
class RowDifference:
    """What became of the rows of an account: how many there were and are, and those that are not as they were."""

    before: int
    after: int
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    left: tuple[str, ...]

    @classmethod
    def between(cls, before: Rows, after: Rows) -> RowDifference:
        """The difference of two readings."""
        changed = [place for place, digest in before.items() if after.get(place, digest) != digest]
        removed, left = before.keys() - after.keys(), after.keys() - before.keys()
        return cls(len(before), len(after), _told(changed), _told(sorted(removed)), _told(sorted(left)))

    @property
    def none(self) -> bool:
        """Whether every row is as it was, and there is no other."""
        return not (self.changed or self.removed or self.left)


def _told(places: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(f"{name} {key}" for name, key in places)


@frozen
class LiveRun:
    """One run at an account: how it was made, what became of the rows, and what the run found.

    ``left_behind`` is what the run itself says that it could not delete, ``unshown`` how many more rows hidden tables
    have. ``killed`` is the number of rows at the moment when the run was killed, ``None`` where it was not.
    """

    vendor: str
    mode: str
    rows: RowDifference
    requests: int
    limited: int
    findings: tuple[str, ...]
    left_behind: tuple[str, ...] = ()
    unshown: int = 0
    killed: int | None = None
    code: int = 0
    """The exit code of the run, of the clean-up where it was killed."""

    @property
    def well(self) -> bool:
        """Whether the account is as it was, and nothing was found."""
        return self.rows.none and not self.findings and not self.left_behind and self.code == 0


@frozen
class Account:
    """A sandbox as somebody's account: its control plane asks for a token that a run does not have.

    ``folder`` holds the journals and the evidence of the runs. It follows the real clock, as an account does.
    """

    sandbox: Sandbox
    folder: Path
    before: Rows = field(repr=False)
    before_unshown: Rows = field(repr=False)

    def credentials(self, ways: Sequence[str] = ()) -> dict[str, str]:
        """The environment variables of all principals, or of these secrets alone."""
        sandbox, vendor = self.sandbox, vendors.load(self.sandbox.name)
        if not ways:
            return {name: value for each in sandbox.principals for name, value in sandbox.env(each).items()}
        held = {key: value for each in sandbox.principals for key, value in sandbox.credentials_for(each).items()}
        held |= sandbox.credentials_for(vendor.principal)
        return {vendor.variable(each): str(held[each]) for each in ways}

    def start(self, command: str, variables: Mapping[str, str], *more: str) -> subprocess.Popen[bytes]:
        """A command of the contract tests at its address, in another process."""
        name = self.sandbox.name
        where = ("--vendor", name, "--target", self.sandbox.url, "--journals", str(self.folder / "journals"))
        prefix = vendors.load(name).prefix
        others = {key: value for key, value in os.environ.items() if not key.startswith(f"{prefix}_")}
        return subprocess.Popen(
            [sys.executable, "-m", "accordant_contract", command, *where, *more],
            env={**others, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, mode: str, *more: str, ways: Sequence[str] = ()) -> LiveRun:
        """A whole run."""
        evidence = self.folder / "evidence"
        with self.start("run", self.credentials(ways), "--out", str(evidence), *more) as process:
            said = process.communicate(timeout=_LONGEST)[0].decode(errors="replace")
        record = store.load(evidence, store.named(self.sandbox.name, live=True)) or {}
        if "findings" not in record:
            raise ContractError(f"{self.sandbox.name}, {mode}: the run has no result: {said.strip()[-400:]}")
        found = tuple(f"{each['check']} {each['operation']}: {each['message']}" for each in record["findings"])
        return self._seen(mode, found, tuple(record["left_behind"]), code=process.returncode)

    def killed_run(self, mode: str, after: int) -> LiveRun:
        """A run with WRITE=1 that gets SIGKILL after so many requests, when it has records there; then the clean-up."""
        out = ("--out", str(self.folder / "evidence"), "--write")
        with self.start("run", self.credentials(), *out) as process:
            there = kill_in_the_middle(process.pid, lambda: process.poll() is None, self._writes(after))
            process.communicate()
        with self.start("cleanup", self.credentials()) as cleaning:
            said = cleaning.communicate(timeout=_LONGEST)[0].decode(errors="replace")
        left = tuple(line.strip() for line in said.splitlines() if line.startswith("  "))
        return self._seen(mode, (), left, killed=there, code=cleaning.returncode)

    def _writes(self, after: int) -> Callable[[], int]:
        """How many rows there are, as soon as a run has sent so many requests and has changed some; before, 0."""

        def look() -> int:
            now = rows(self.sandbox) if len(self.sandbox.journal) >= after else self.before
            return len(now) if now != self.before else 0

        return look

    def _seen(
        self,
        mode: str,
        findings: tuple[str, ...],
        left: tuple[str, ...],
        *,
        killed: int | None = None,
        code: int = 0,
    ) -> LiveRun:
        sandbox = self.sandbox
        more = len(unshown(sandbox)) - len(self.before_unshown)
        limited = sum(entry.status == 429 for entry in sandbox.journal)
        difference = RowDifference.between(self.before, rows(sandbox))
        sent = len(sandbox.journal)
        return LiveRun(sandbox.name, mode, difference, sent, limited, findings, left, more, killed, code)


def kill_in_the_middle(process: int, alive: Callable[[], bool], look: Callable[[], int]) -> int:
    """Send SIGKILL to a process as soon as it has done what ``look`` counts; returns that count.

    Raises :class:`ContractError` where the process ends before.
    """
    deadline = time.monotonic() + _LONGEST
    try:
        while alive() and time.monotonic() < deadline:
            if look():
                # It may undo what was seen at once: it stands still while there is a second look.
                os.kill(process, signal.SIGSTOP)
                if seen := look():
                    return seen
                os.kill(process, signal.SIGCONT)
            time.sleep(_GLANCE)
    finally:
        if alive():
            os.kill(process, signal.SIGKILL)
    raise ContractError("the run ended before it could be killed in the middle of its writes")


def live_runs(name: str, folder: Path) -> Iterator[LiveRun]:
    """A vendor's runs, each at a new account: reading by each way in, with WRITE=1, and with WRITE=1 until SIGKILL."""
    vendor = vendors.load(name)
    for number, ways in enumerate(each for each in (vendor.secrets, vendor.instead) if each):
        with account(name, folder / f"read-{number}") as there:
            yield there.run(f"reads, {' and '.join(map(vendor.variable, ways))}", ways=ways)
    with account(name, folder / "write") as there:
        writing = there.run("WRITE=1", "--write")
        yield writing
    with account(name, folder / "killed") as there:
        yield there.killed_run("WRITE=1, SIGKILL, clean-up", writing.requests // 2)


@contextmanager
def account(name: str, folder: Path) -> Generator[Account]:
    """A new account, at rest: what the data set began with has come to its end."""
    token = secrets.token_hex(16)
    with Sandbox(name, real_time=True, control_token=token, journal_size=_JOURNAL) as sandbox:
        sandbox.clock.advance(seconds=_SETTLED)
        yield Account(sandbox, folder, rows(sandbox), unshown(sandbox))
