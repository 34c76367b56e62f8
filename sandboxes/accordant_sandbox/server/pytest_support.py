"""What the pytest plugin does once a sandbox fixture is used."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

import orjson
import pytest

from accordant_sandbox.engine.journal import Entry
from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.faults import all_faults
from accordant_sandbox.server.access import MAX_BODY, refused_body
from accordant_sandbox.server.sandbox import Sandbox
from accordant_sandbox.server.serve import Server
from accordant_sandbox.vendors import load, vendors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accordant_sandbox.http.exchange import Reply, Request, Steps
    from accordant_sandbox.model.faults import Armed

__all__ = ["Factory", "How", "begin_journal", "chosen_faults", "end_journal"]

SHOWN: Final = 10
"""How many of the latest exchanges a failure report shows."""


class How(TypedDict, total=False):
    """How a sandbox begins: the arguments of `Sandbox` of these names, and `mode` and `allow_unknown_routes`."""

    seed: str
    random_seed: int
    clock: str
    real_time: bool
    faults: Sequence[str]
    settings: Mapping[str, Any]
    mode: str
    allow_unknown_routes: bool


class Factory:
    """Makes the sandboxes of one test, module or session, and checks them when it is over."""

    def __init__(self, item: pytest.Item | pytest.Collector) -> None:
        self._item = item
        self._opened: list[_Opened] = []

    def __call__(self, vendor: str, **how: Unpack[How]) -> Sandbox:
        """A fresh sandbox of a vendor. Keywords win over those of the test's marker; see `How`.

        Raises:
            pytest.fail.Exception: An unknown vendor, argument, seed, setting or fault; the message says which.
        """
        try:
            given: dict[str, Any] = {**_marked(self._item), **_known(dict(how), "accordant_sandbox()")}
            opened = _Opened(vendor, given, self._item.config)
        except SandboxError as problem:
            pytest.fail(str(problem), pytrace=False)
        self._opened.append(opened)
        return opened.sandbox

    def sections(self) -> Iterator[tuple[str, str]]:
        """Report sections: what each sandbox saw last."""
        for opened in self._opened:
            lines = [_line(entry) for entry in list(opened.sandbox.journal)[-SHOWN:]]
            lines += [f"! {complaint}" for complaint in opened.complaints()]
            if lines:
                title = f"accordant sandbox {opened.sandbox.name}: the last {min(SHOWN, len(opened.sandbox.journal))}"
                yield f"{title} of {opened.sandbox.journal.count} exchanges", "\n".join(lines)

    def finish(self, *, failed: bool) -> None:
        """Close every sandbox; fail the test with what is wrong with one, unless it has failed already."""
        complaints: list[str] = []
        for opened in self._opened:
            opened.write_journal(self._item)
            complaints += [f"{opened.sandbox.name} sandbox: {complaint}" for complaint in opened.complaints()]
            opened.sandbox.close()
        if complaints and not failed:
            pytest.fail("\n".join(complaints), pytrace=False)


class _Opened:
    """One sandbox of a test, and how it was asked for."""

    def __init__(self, vendor: str, how: dict[str, Any], config: pytest.Config) -> None:
        self._config = config
        self._allow_unknown_routes = bool(how.pop("allow_unknown_routes", False))
        mode = how.pop("mode", config.getoption("--sandbox-mode"))
        if mode not in ("inprocess", "http"):
            raise unknown("mode", str(mode), ("inprocess", "http"))
        kind = _HttpSandbox if mode == "http" else _PooledSandbox
        self.sandbox: Sandbox = kind(vendor, **how)
        self._chaos: list[Armed] = [
            self.sandbox.arm(name) for name in chosen_faults(config) if name in self.sandbox.engine.faults.catalogue
        ]

    def complaints(self) -> Iterator[str]:
        """What is wrong with the sandbox, or with the way in which it was used."""
        for defect in self.sandbox.defects:
            yield f"it broke its own document: {defect}"
        for armed in self.sandbox.idle_faults:
            if armed.fault.cls == "stub":
                yield f"{armed.fault.name} was never called: the test proved nothing with it"
            elif armed not in self._chaos:
                yield f"the fault {armed.fault.name!r} was armed and never acted: the test proved nothing with it"
        if not self._allow_unknown_routes:
            for entry in self.sandbox.journal:
                if entry.problem in ("unknown_path", "wrong_method"):
                    yield self._stray(entry)

    def write_journal(self, item: pytest.Item | pytest.Collector) -> None:
        """Append every exchange to the file of `--sandbox-journal`."""
        path = _journal_path(self._config)
        if path is not None:
            with path.open("ab") as file:
                for entry in self.sandbox.journal:
                    line = {"test": item.nodeid or "session", "vendor": self.sandbox.name, **entry.view()}
                    file.write(orjson.dumps(line) + b"\n")

    def _stray(self, entry: Entry) -> str:
        if entry.problem == "wrong_method":
            return f"{entry.method} {entry.path}: the path does not have this method"
        near = self.sandbox.engine.router.nearest(entry.path)
        return f"{entry.method} {entry.path}: no such path; the closest one is {near}"


class _Desk:
    """A server that stays for the whole session; sandboxes take turns in it."""

    def __init__(self) -> None:
        self._behind: Sandbox | None = None
        self.server = Server(self, "127.0.0.1", 0)

    @property
    def max_body(self) -> int:
        """How many bytes the body of a request may have."""
        return self._behind.max_body if self._behind else MAX_BODY

    def answer(self, request: Request) -> Steps:
        """Respond to one request."""
        if self._behind is None:
            from accordant_sandbox.http.exchange import Headers, Reply

            return Reply(503, Headers([("Content-Length", "0")]), b"")
        return (yield from self._behind.answer(request))

    def refuse_body(self, request: Request) -> Reply:
        """Respond to a request whose body is too large."""
        return self._behind.refuse_body(request) if self._behind else refused_body(MAX_BODY)

    def seat(self, sandbox: Sandbox | None) -> None:
        """Let a sandbox respond from now on, or nobody."""
        self._behind = sandbox


class _PooledSandbox(Sandbox):
    """A sandbox whose server outlives it: the address is the same from test to test."""

    _free: Final[list[_Desk]] = []
    _desk: _Desk | None = None

    def close(self) -> None:
        """Give the server back."""
        self._server = None
        if self._desk is not None:
            self._desk.seat(None)
            self._free.append(self._desk)
            self._desk = None

    def _serving(self) -> Server:
        if self._desk is None:
            self._desk = self._free.pop() if self._free else _Desk()
            self._desk.seat(self)
            self._server = self._desk.server
        return self._desk.server


class _HttpSandbox(_PooledSandbox):
    """A sandbox whose `credentials` lead over HTTP."""

    def credentials_for(self, principal: str) -> dict[str, Any]:
        """Client arguments, over HTTP, of one of the vendor's principals."""
        return {**self._login(principal), "base_url": self.url}


def chosen_faults(config: pytest.Config) -> list[str]:
    """The faults of `--sandbox-faults`.

    Raises:
        pytest.UsageError: No vendor has a fault of that name.
    """
    names = [name.strip() for name in str(config.getoption("--sandbox-faults")).split(",") if name.strip()]
    if names:
        known = {fault.name for fault in all_faults()}
        known |= {fault.name for vendor in vendors() for fault in load(vendor).faults}
        for name in names:
            if name not in known:
                raise pytest.UsageError(f"--sandbox-faults: {unknown('fault', name, known)}")
    return names


def begin_journal(config: pytest.Config) -> None:
    """Empty the file of `--sandbox-journal`, and take away those of an earlier run's workers.

    Raises:
        pytest.UsageError: It cannot be written.
    """
    path = _journal_path(config)
    if path is not None:
        try:
            path.write_bytes(b"")
            if not _worker():
                for old in _of_workers(path):
                    old.unlink()
        except OSError as problem:
            raise pytest.UsageError(f"--sandbox-journal={path}: {problem.strerror}") from problem


def end_journal(config: pytest.Config) -> None:
    """Gather what the workers of a parallel run have written into the one file that was asked for."""
    path = _journal_path(config)
    if path is not None and not _worker():
        with path.open("ab") as file:
            for part in _of_workers(path):
                file.write(part.read_bytes())
                part.unlink()


def _worker() -> str:
    """The name of this worker of a parallel run; empty in the process that gathers."""
    return os.environ.get("PYTEST_XDIST_WORKER", "")


def _of_workers(path: Path) -> list[Path]:
    return sorted(part for part in path.parent.glob(f"{glob.escape(path.name)}.gw*") if part.suffix[3:].isdigit())


def _journal_path(config: pytest.Config) -> Path | None:
    """The journal's file; each worker of a parallel run has its own until the run ends."""
    path = config.getoption("--sandbox-journal")
    worker = _worker()
    return None if path is None else Path(f"{path}.{worker}" if worker else path)


def _marked(item: pytest.Item | pytest.Collector) -> dict[str, Any]:
    """The arguments of the test's markers; those of the closest one win."""
    found: dict[str, Any] = {}
    for marker in item.iter_markers("sandbox"):
        if marker.args:
            raise SandboxError(f"@pytest.mark.sandbox takes keywords only, not {marker.args[0]!r}")
        found = {**_known(marker.kwargs, "@pytest.mark.sandbox"), **found}
    return found


def _known(arguments: Mapping[str, Any], where: str) -> dict[str, Any]:
    for name in arguments:
        if name not in How.__annotations__:
            raise unknown(f"argument of {where}", name, How.__annotations__)
    return dict(arguments)


def _line(entry: Entry) -> str:
    """One exchange in a line or two, without secrets."""
    query = "&".join(f"{name}={value}" for name, value in entry.query)
    faults = f"  faults: {', '.join(entry.faults)}" if entry.faults else ""
    head = f"#{entry.number} {entry.at} {entry.method} {entry.path}{f'?{query}' if query else ''}"
    lines = [f"{head} -> {entry.status} {entry.operation or entry.problem or ''}{faults}"]
    for arrow, value in ((">", entry.body), ("<", entry.answer)):
        if value is not None:
            text = json.dumps(value, ensure_ascii=False, default=str)
            lines.append(f"    {arrow} {text if len(text) <= 200 else f'{text[:200]}...'}")
    return "\n".join(lines)
