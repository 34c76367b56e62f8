"""``make corpus DIR=``: every document of a folder, two at a time, each in a temporary place."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from attrs import frozen

from accordant_codegen.errors import CodegenError
from accordant_codegen.new_vendor.names import LONGEST, check_name
from accordant_runtime import is_array

from .rows import Row

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = 2
SECONDS = 1800
"""How long one step of one document may take."""
_SUFFIXES = (".json", ".yaml", ".yml")
_ANYWHERE = re.compile(r"[^a-z0-9]+")


@frozen
class Wanted:
    """What was asked for: the folder, only names that hold a text, whether mypy looks at what was generated, and
    whether the contract tests run."""

    folder: Path
    only: str = ""
    mypy: bool = False
    seed: int = 7
    contract: bool = True


def corpus(wanted: Wanted) -> Iterator[Row]:
    """The rows, in the order of the files; two processes work at a time."""
    files = sorted(each for each in wanted.folder.iterdir() if each.suffix in _SUFFIXES and wanted.only in each.name)
    with ThreadPoolExecutor(PROCESSES) as pool:
        yield from pool.map(partial(_row, wanted), files)


def _row(wanted: Wanted, file: Path) -> Row:
    name = _name(file)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="accordant-corpus-") as scratch:
        facts, most = _step(["benchmarks.corpus.generate", name, str(file), scratch], scratch, {})
        if "failed" in facts:
            facts = {"refused": facts["failed"]}
        if not facts.keys() & {"refused", "unreadable"}:
            paths = {"PYTHONPATH": os.pathsep.join((f"{scratch}/generated", str(ROOT)))}
            words = ["benchmarks.corpus.use", name, scratch, str(wanted.seed), "yes" if wanted.contract else "no"]
            used, more = _step(words, scratch, paths)
            most = max(most, more)
            facts |= {"client": used["failed"], "contract": used["failed"]} if "failed" in used else used
            facts |= {"mypy": _mypy(name, Path(scratch))} if wanted.mypy else {}
    seconds = round(time.monotonic() - begun, 1)
    values: dict[str, Any] = {key: tuple(value) if is_array(value) else value for key, value in facts.items()}
    return Row(name, **values, seconds=seconds, megabytes=most)


def _name(file: Path) -> str:
    """The file's name as that of a vendor."""
    plain = _ANYWHERE.sub("_", file.stem.lower()).strip("_")[:LONGEST].rstrip("_")
    try:
        return check_name(ROOT, plain)
    except CodegenError:
        return f"doc_{plain}"[:LONGEST].rstrip("_")


def _step(words: list[str], scratch: str, environment: dict[str, str]) -> tuple[dict[str, Any], int]:
    """Run a module that writes JSON into the file of its last argument; returns that, and the most memory that it had,
    in MB."""
    result = Path(scratch, "result.json")
    result.unlink(missing_ok=True)
    with Path(scratch, "said.txt").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *words, str(result)],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        timer = threading.Timer(SECONDS, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        lines = [line for line in said.read().splitlines() if line.strip()]
    if process.returncode == 0:
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    else:
        last = lines[-1][:300] if lines else f"nothing was said within {SECONDS} s"
        found = {"failed": f"{words[0]} ended with {process.returncode}: {last}"}
    return found, usage.ru_maxrss // 1024


def _mypy(name: str, root: Path) -> str:
    """What mypy --strict says of the generated packages; empty when nothing."""
    places = [root / "generated" / "accordant_generated" / name, root / "overlays" / "accordant" / name]
    words = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", str(root / ".mypy")]
    words += [str(place) for place in places if any(place.rglob("*.py"))]
    environment = {**os.environ, "MYPYPATH": str(root / "generated")}
    done = subprocess.run(words, cwd=root, env=environment, capture_output=True, text=True, check=False)
    lines = (done.stdout or done.stderr).strip().splitlines()
    return "" if done.returncode == 0 else f"{len(lines)} lines, the first: {lines[0] if lines else done.returncode}"
