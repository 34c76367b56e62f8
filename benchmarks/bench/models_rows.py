"""Models: reading, writing and memory, contenders taking turns in one process."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from benchmarks import models

from .rows import Goal, Row

UNTYPED = models.Contender("untyped", orjson.loads, orjson.dumps)


def rows(rounds: int) -> Iterator[Row]:
    """Reading pages of 100 and 1,000 records, one with unknown keys, writing, and the memory of what was read."""
    with tempfile.TemporaryDirectory(prefix="accordant-bench-") as scratch:
        folder = Path(scratch)
        made = [each for each in (models.stock(folder), models.ours(folder), models.pydantic()) if each is not None]
        for size in models.ROWS:
            yield _read(f"decode a page of {size}", models.page(size), size, [*made, UNTYPED], rounds)
        yield _read("decode 100, an unknown key in each", models.page(100, unknown=True), 100, made, rounds)
        data = models.page(1000)
        write = {each.name: _writing(each, each.read(data)) for each in made}
        write["untyped"] = _writing(UNTYPED, orjson.loads(data)["Data"])
        yield _row(models.timed("encode 1000", 1000, rounds, write), "us/object", Goal(3.0, better="higher"))
        found = models.memory(made, 2000)
        stock, ours = found.figures["stock"], found.figures["accordant"]
        goal = Goal(0.58)
        yield Row("memory", "bytes/object", ours, stock, found.figures.get("pydantic"), ratio=ours / stock, goal=goal)


def growth(rounds: int) -> Iterator[Row]:
    """Reading 1, 100 and 10,000 records: each costs the same."""
    with tempfile.TemporaryDirectory(prefix="accordant-bench-") as scratch:
        ours = models.ours(Path(scratch))
        base = 0.0
        for size in (1, 100, 10_000):
            data = models.page(size)
            timed = models.timed("", size, max(3, rounds // 3), {"stock": _reading(ours, data)})
            figure = timed.figures["stock"]
            base = base or figure
            yield Row(f"growth: decode {size:,}", "us/object", figure, ratio=figure / base, note="over 1 record")


def _read(name: str, data: bytes, size: int, made: list[models.Contender], rounds: int) -> Row:
    work: dict[str, Callable[[], object]] = {each.name: _reading(each, data) for each in made}
    return _row(models.timed(name, size, rounds, work), "us/object", Goal(2.3, better="higher"))


def _row(found: models.Row, unit: str, goal: Goal) -> Row:
    figures = found.figures
    return Row(
        found.name,
        unit,
        figures["accordant"],
        figures["stock"],
        figures.get("pydantic"),
        figures.get("untyped"),
        found.ratio("accordant"),
        found.spread("accordant"),
        goal,
        "peer pydantic, limit orjson untyped" if "untyped" in figures else "peer pydantic",
    )


def _reading(contender: models.Contender, data: bytes) -> Callable[[], object]:
    return lambda: contender.read(data)


def _writing(contender: models.Contender, records: list[Any]) -> Callable[[], object]:
    return lambda: [contender.write(record) for record in records]
