"""The peers' environment and processes. What they do is shown, and decides nothing."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from attrs import evolve

from .cases import Case, Seen
from .peer_shapes import PEER_MODULES, PEER_SHAPES
from .server import LabServer

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "lab.txt"
PLACE = ROOT / "build" / "lab-venv"
BOUND = 6.0
"""Seconds that a peer has for one case."""
WORKERS = 3
NOT_INSTALLED = "not installed"
PEERS = tuple(PEER_SHAPES)


def interpreter() -> Path | None:
    """The peers' Python, installed from the hash lock when it is not there; ``None`` where that cannot be done."""
    python = PLACE / "bin" / "python"
    mark = PLACE / ".ready"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if mark.is_file() and mark.read_text() == wanted:
        return python
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    try:
        subprocess.run([sys.executable, "-m", "venv", str(PLACE)], check=True, capture_output=True, timeout=120)
        subprocess.run([*pip, "-r", str(LOCK)], check=True, capture_output=True, timeout=300)
    except (OSError, subprocess.SubprocessError):
        return None
    mark.write_text(wanted)
    return python


def run_peers(cases: Sequence[Case]) -> Mapping[tuple[str, str], str]:
    """What each peer does in each case that it can be put into, by case and peer."""
    fitting = [case for case in cases if case.for_peers]
    python = interpreter() if fitting else None
    if python is None:
        return {(case.id, peer): NOT_INSTALLED for case in fitting for peer in PEERS}
    found: dict[tuple[str, str], str] = {}
    with ThreadPoolExecutor(WORKERS * len(PEERS)) as pool:
        waiting: dict[str, queue.SimpleQueue[Case]] = {peer: queue.SimpleQueue() for peer in PEERS}
        for case in fitting:
            for peer in PEERS:
                waiting[peer].put(case)
        ends = [pool.submit(_work, python, peer, waiting[peer], found) for peer in PEERS for _ in range(WORKERS)]
        for end in ends:
            end.result()
    return found


def _work(python: Path, peer: str, waiting: queue.SimpleQueue[Case], found: dict[tuple[str, str], str]) -> None:
    process = PeerProcess(python, peer)
    try:
        while True:
            try:
                case = waiting.get_nowait()
            except queue.Empty:
                return
            found[case.id, peer] = _play(case, peer, process)
    finally:
        process.end()


def _play(case: Case, peer: str, process: PeerProcess) -> str:
    assert case.script is not None
    shapes = PEER_SHAPES[peer]
    with (
        LabServer(case.elsewhere(shapes) if case.elsewhere else [b""]) as other,
        LabServer(case.script(shapes.at(other.url)), greeting=case.greeting) as server,
    ):
        outcomes = process.play(case, server.url)
        seen = Seen(tuple(outcomes), len(server.requests), elsewhere=len(other.requests))
    # Their errors have other words, and they know no deviations.
    return seen.text(evolve(case.expect, words=None, notes=None, waits=None, tokens=None))


class PeerProcess:
    """One process of a peer; it is ended and begun anew when a case takes too long."""

    def __init__(self, python: Path, peer: str) -> None:
        self._command = [str(python), "-m", f"benchmarks.lab.peers.{PEER_MODULES[peer]}"]
        self._process: subprocess.Popen[bytes] | None = None

    def play(self, case: Case, url: str) -> list[str]:
        """The outcomes of a case's calls."""
        told = {
            "url": url,
            "calls": case.calls,
            "timeout": case.settings.get("timeout", 2.0),
            "retries": case.settings.get("retries"),
        }
        first = self._process is None
        process = self._process = self._process or self._begin()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(told).encode() + b"\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], BOUND + (20 if first else 0))
        line = process.stdout.readline() if ready else b""
        if not line:
            self.end()
            return [f"no end within {BOUND:.0f} s" if not ready else "the process ended"]
        outcomes: list[str] = json.loads(line)
        return outcomes

    def end(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.communicate()

    def _begin(self) -> subprocess.Popen[bytes]:
        names = ("PATH", "HOME", "LANG", "SYSTEMROOT")
        environ = {name: os.environ[name] for name in names if name in os.environ}
        pipe = subprocess.PIPE
        return subprocess.Popen(
            self._command, cwd=ROOT, env=environ, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL
        )
