"""Whole processes: imports, generation, what generation writes, and a contract run."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .environments import ROOT, stock
from .rows import Goal, Row, compared, spread

READY = "from accordant.{0} import {1}; {1}(token='bench')"
CLIENT = READY.format("dispatch", "Dispatch")
VENDORS = ("dispatch", "dibop", "dime_scheduler", "espace")


def imports(rounds: int) -> Iterator[Row]:
    """CPU seconds of an interpreter that imports and makes a client, over one that imports httpx."""
    figures: dict[str, list[float]] = {"httpx": [], "ours": []}
    code = {"httpx": "import httpx", "ours": CLIENT}
    for number in range(rounds + 1):
        for name, text in code.items():
            taken = cpu([sys.executable, "-c", text])
            if number:
                figures[name].append(taken * 1e3)
    yield compared("import and construct a client", "ms CPU", figures, Goal(1.4, "httpx"), note="base: import httpx")


def unchanged(rounds: int) -> Iterator[Row]:
    """CPU seconds of a regeneration of the four vendors when nothing has changed."""
    command = [sys.executable, "-m", "accordant_codegen", "regenerate"]
    found = [cpu(command) for _ in range(rounds + 1)][1:]
    bare = [cpu([sys.executable, "-c", "pass"]) for _ in range(rounds)]
    middle = statistics.median(found)
    yield Row(
        "regenerate unchanged, four vendors",
        "s CPU",
        middle,
        limit=statistics.median(bare),
        ratio=middle,
        spread=spread(found),
        goal=Goal(0.05, "seconds"),
        note="limit: a bare interpreter",
    )


def generation(sizes: Sequence[int] = (10, 100, 500, 1200)) -> Iterator[Row]:
    """CPU seconds of generating documents of so many operations, with half as many models that refer to each other."""
    goals = {500: 4.0, 1200: 12.0}
    base = 0.0
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="accordant-bench-") as scratch:
            folder = Path(scratch)
            _vendor(folder, size)
            taken = cpu([sys.executable, "-m", "accordant_codegen", "regenerate", "--root", str(folder)])
            other = None
            if size == 500:
                begun = _children()
                stock(folder / "specs" / "bench" / "openapi.json", folder, "stock_bench")
                other = _children() - begun
        base = base or taken / size
        if size in goals:
            yield Row(
                f"generate {size} operations", "s CPU", taken, other, ratio=taken, goal=Goal(goals[size], "seconds")
            )
        yield Row(
            f"growth: generate {size:,} operations",
            "ms CPU/operation",
            taken / size * 1e3,
            ratio=taken / size / base,
            note=f"over {sizes[0]} operations",
        )


def lines() -> Iterator[Row]:
    """Generated lines for each operation, models, both twins and documentation included."""
    for vendor in VENDORS:
        data = json.loads((ROOT / "generated" / "accordant_documents" / f"{vendor}.json").read_text(encoding="utf-8"))
        methods = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
        count = sum(len(methods & item.keys()) for item in data["paths"].values())
        folder = ROOT / "generated" / "accordant_generated" / vendor
        total = sum(len(place.read_text(encoding="utf-8").splitlines()) for place in folder.rglob("*.py"))
        yield Row(
            f"generated lines an operation, {vendor}",
            "lines",
            total / count,
            ratio=total / count,
            goal=Goal(130, "lines"),
        )


def contract() -> Iterator[Row]:
    """Wall seconds of a quick contract run of all four vendors."""
    with tempfile.TemporaryDirectory(prefix="accordant-bench-") as scratch:
        begun = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "accordant_contract", "run", "--out", scratch],
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        wall = time.perf_counter() - begun
    note = "" if done.returncode == 0 else f"it ended with {done.returncode}"
    yield Row("contract run, quick, four vendors", "s wall", wall, ratio=wall, goal=Goal(25, "seconds"), note=note)


def cpu(command: Sequence[str]) -> float:
    """CPU seconds of a process and its children."""
    begun = _children()
    subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    )
    return _children() - begun


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _vendor(folder: Path, operations: int) -> None:
    content = json.dumps(_document(operations)).encode()
    place = folder / "specs" / "bench"
    place.mkdir(parents=True)
    (place / "openapi.json").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (place / "source.toml").write_text(f'vendor = "bench"\ndocument = "openapi.json"\nsha256 = "{digest}"\n')


def _document(operations: int) -> dict[str, Any]:
    """Operations on half as many models of 10 fields, four of which refer to other models."""
    models = max(1, operations // 2)
    schemas: dict[str, Any] = {}
    for number in range(models):
        fields: dict[str, Any] = {f"Text{each}": {"type": "string"} for each in range(4)}
        fields |= {"Id": {"type": "integer"}, "At": {"type": "string", "format": "date-time"}}
        fields |= {
            f"Other{step}": {"$ref": f"#/components/schemas/Model{(number * step + step) % models}"}
            for step in (1, 2, 3, 7)
        }
        schemas[f"Model{number}"] = {"type": "object", "properties": fields, "required": ["Id"]}
    paths: dict[str, Any] = {}
    for number in range(operations):
        name = {"$ref": f"#/components/schemas/Model{number % models}"}
        content = {"application/json": {"schema": name}}
        operation = {
            "operationId": f"operation{number}",
            "tags": [f"tag{number % max(1, operations // 20)}"],
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "requestBody": {"content": content},
            "responses": {"200": {"description": "It.", "content": content}},
        }
        paths[f"/things{number}/{{id}}"] = {"put": operation}
    info = {"title": "Bench", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}
