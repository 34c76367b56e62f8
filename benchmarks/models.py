"""Models beside the stock generator's and pydantic's: reading, writing, memory. ``python -m benchmarks.models --help``.

One entity of 28 fields represents all: date-times, an enum, a UUID, an address, phone numbers, fields that are null and
fields that are absent. Both generators make their package from the same document, on the spot. Contenders take turns
within a round; what counts is CPU time, and the median over the rounds of each round's ratio.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import importlib
import importlib.util
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from attrs import field, frozen

import accordant_generated
from accordant_codegen.__main__ import main as generate
from accordant_runtime import ListOf, Notes, loads

ROWS = (100, 1000)
STRINGS = ("Subject", "Body", "SourceApp", "SourceType", "Category")
FLAGS = ("Locked", "Planner")
INSTANTS = ("Start", "End", "Created", "Modified", "Planned")
NULLABLE = {
    "Pin": "string",
    "Remark": "string",
    "Shape": "integer",
    "Color": "integer",
    "Rate": "number",
    "Due": "string",
}
ABSENT = {"Note": "string", "Reference": "string", "Batch": "integer", "Region": "string"}


@frozen
class Contender:
    """One library: how it reads a page of so many rows, and how it writes one record as bytes."""

    name: str
    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes]


@frozen
class Row:
    """What was measured of every contender: microseconds or bytes an object."""

    name: str
    unit: str
    figures: dict[str, float]
    ratios: dict[str, list[float]] = field(factory=dict[str, list[float]])
    """Of each contender, round by round: how many times better than stock."""

    def ratio(self, name: str) -> float:
        """How many times better than stock."""
        return statistics.median(self.ratios[name])

    def spread(self, name: str) -> float:
        """The quartile distance of that ratio, as a share of it."""
        if len(self.ratios[name]) < 4:
            return 0.0
        first, _, third = statistics.quantiles(self.ratios[name], n=4)
        return (third - first) / self.ratio(name)


def document() -> dict[str, Any]:
    """The OpenAPI document of the entity."""
    text, moment = {"type": "string"}, {"type": "string", "format": "date-time"}
    address = dict.fromkeys(("Street", "House", "City", "Zip", "State", "Country"), text)
    fields: dict[str, Any] = {
        **{"Id": {"type": "integer"}, "Uid": {"type": "string", "format": "uuid"}, "Duration": {"type": "integer"}},
        **{"Status": {"$ref": "#/components/schemas/Status"}, "Address": {"$ref": "#/components/schemas/Address"}},
        **{"Phones": {"type": "array", "items": {"$ref": "#/components/schemas/Phone"}}},
        **dict.fromkeys(STRINGS, text),
        **{name: {"type": "boolean"} for name in FLAGS},
        **dict.fromkeys(INSTANTS, moment),
        **{name: {"type": [kind, "null"]} for name, kind in NULLABLE.items()},
        **{name: {"type": kind} for name, kind in ABSENT.items()},
    }
    fields["Due"]["format"] = "date-time"
    position = {"Latitude": {"type": "number"}, "Longitude": {"type": "number"}}
    schemas = {
        "Status": {"type": "string", "enum": ["open", "planned", "done", "cancelled"]},
        "Address": _object({**address, **position}),
        "Phone": _object({"Kind": text, "Number": text}),
        "Appointment": _object(fields, tuple(ABSENT)),
        "Appointments": _object({"Data": {"type": "array", "items": {"$ref": "#/components/schemas/Appointment"}}}),
    }
    answer = {"application/json": {"schema": {"$ref": "#/components/schemas/Appointments"}}}
    get = {"operationId": "listAppointments", "responses": {"200": {"description": "All.", "content": answer}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Bench", "version": "1"},
        "paths": {"/appointments": {"get": {"tags": ["appointments"], **get}}},
        "components": {"schemas": schemas},
    }


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def page(rows: int, unknown: bool = False) -> bytes:
    """A page of records that differ from each other; with ``unknown``, each has a key that the document lacks."""
    chance = random.Random(7)
    records = [_record(number, chance, unknown) for number in range(rows)]
    return json.dumps({"Data": records}, separators=(",", ":")).encode()


def _record(number: int, chance: random.Random, unknown: bool) -> dict[str, Any]:
    def word() -> str:
        return f"{chance.getrandbits(40):010x}"

    address: dict[str, Any] = {name: word() for name in ("Street", "House", "City", "Zip", "State", "Country")}

    def moment() -> str:
        return (
            f"2026-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}T0{chance.randint(0, 9)}:{chance.randint(10, 59)}:00Z"
        )

    moments = {name: moment() for name in INSTANTS}
    if chance.random() < 0.5:  # a record that was never changed
        moments["Modified"] = moments["Created"]
    values: dict[str, Callable[[], Any]] = {
        **{"string": word, "integer": lambda: chance.randint(0, 9999), "number": chance.random},
    }
    return {
        **{"Id": number, "Uid": str(uuid.UUID(int=chance.getrandbits(128))), "Duration": chance.randint(1, 9999)},
        **{"Status": chance.choice(("open", "planned", "done", "cancelled"))},
        "Address": {**address, "Latitude": chance.random(), "Longitude": chance.random()},
        "Phones": [{"Kind": word(), "Number": word()} for _ in range(chance.randint(1, 3))],
        **{name: word() for name in STRINGS},
        **{name: chance.random() < 0.5 for name in FLAGS},
        **moments,
        **{name: values[kind]() if chance.random() < 0.5 else None for name, kind in NULLABLE.items()},
        **({"Due": moment()} if chance.random() < 0.5 else {"Due": None}),
        **{name: values[kind]() for name, kind in ABSENT.items() if chance.random() < 0.5},
        **({"Surprise": number} if unknown else {}),
    }


def ours(folder: Path) -> Contender:
    """The models of this repository."""
    content = json.dumps(document()).encode()
    place = folder / "specs" / "bench"
    place.mkdir(parents=True)
    (place / "openapi.json").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (place / "source.toml").write_text(f'vendor = "bench"\ndocument = "openapi.json"\nsha256 = "{digest}"\n')
    if generate(["regenerate", "--root", str(folder)]) != 0:
        raise SystemExit("accordant's package could not be generated")
    accordant_generated.__path__.append(str(folder / "generated" / "accordant_generated"))
    model: Any = importlib.import_module("accordant_generated.bench.models").Appointment

    def read(data: bytes) -> Any:
        notes = Notes()
        parsed = loads(data, notes)
        found = ListOf(model.decode).in_place(parsed["Data"], notes)  # as a client reads a page
        assert not notes.items
        return found

    return Contender("accordant", read, lambda record: cast(bytes, record.to_json()))


def stock(folder: Path) -> Contender:
    """The models of openapi-python-client, unchanged, with JSON as its transport does it (the standard library)."""
    (folder / "bench.json").write_text(json.dumps(document()))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--overwrite"]
    subprocess.run(
        [*command, "--path", str(folder / "bench.json"), "--output-path", str(folder / "stock_bench")],
        check=True,
        capture_output=True,
    )
    sys.path.insert(0, str(folder))
    model: Any = importlib.import_module("stock_bench.models").Appointments

    def write(record: Any) -> bytes:
        return json.dumps(record.to_dict(), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()

    return Contender("stock", lambda data: model.from_dict(json.loads(data)).data, write)


def pydantic() -> Contender | None:
    """The same entity for pydantic v2, unknown keys kept; None where it is not installed."""
    if importlib.util.find_spec("pydantic") is None:
        return None
    from benchmarks import pydantic_models

    def read(data: bytes) -> Any:
        return pydantic_models.Appointments.model_validate_json(data).Data

    def write(record: Any) -> bytes:
        return cast(str, record.model_dump_json(exclude_unset=True)).encode()

    return Contender("pydantic", read, write)


def timed(name: str, per: int, rounds: int, work: dict[str, Callable[[], object]]) -> Row:
    """CPU microseconds an object, the contenders taking turns."""
    times: dict[str, list[float]] = {each: [] for each in work}
    order = list(work)
    repeat = max(1, 2000 // per)
    for number in range(rounds + 1):
        for each in order[number % len(order) :] + order[: number % len(order)]:
            gc.collect()
            began = time.process_time()
            for _ in range(repeat):
                work[each]()
            taken = (time.process_time() - began) / repeat / per * 1e6
            if number:  # the first round warms up
                times[each].append(taken)
    ratios = {each: [base / own for base, own in zip(times["stock"], times[each], strict=True)] for each in work}
    return Row(name, "us", {each: statistics.median(found) for each, found in times.items()}, ratios)


def memory(contenders: list[Contender], rows: int) -> Row:
    """Bytes an object, of everything that a page of them keeps alive."""
    data = page(rows)
    figures: dict[str, float] = {}
    for contender in contenders:
        contender.read(data)
        gc.collect()
        tracemalloc.start()
        kept = contender.read(data)
        gc.collect()
        figures[contender.name] = tracemalloc.get_traced_memory()[0] / rows
        tracemalloc.stop()
        del kept
    return Row("memory", "B", figures, {name: [figures["stock"] / own] for name, own in figures.items()})


def measured(contenders: list[Contender], rounds: int) -> Iterator[Row]:
    """Every row."""
    for rows in ROWS:
        data = page(rows)
        yield timed(f"read a page of {rows}", rows, rounds, {c.name: _reading(c, data) for c in contenders})
    data = page(100, unknown=True)
    yield timed("read 100, an unknown key each", 100, rounds, {c.name: _reading(c, data) for c in contenders})
    data = page(1000)
    yield timed("write 1000", 1000, rounds, {c.name: _writing(c, c.read(data)) for c in contenders})
    plain = {c.name: _to_dict(c.read(data)) for c in contenders if c.name != "pydantic"}
    yield timed("to_dict 1000", 1000, rounds, plain)
    yield memory(contenders, 2000)


def _reading(contender: Contender, data: bytes) -> Callable[[], object]:
    return lambda: contender.read(data)


def _writing(contender: Contender, records: list[Any]) -> Callable[[], object]:
    return lambda: [contender.write(record) for record in records]


def _to_dict(records: list[Any]) -> Callable[[], object]:
    return lambda: [record.to_dict() for record in records]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Models beside the stock generator's and pydantic's.")
    parser.add_argument("--rounds", type=int, default=15, help="rounds, each contender once in each (default 15)")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="accordant-bench-") as scratch:
        folder = Path(scratch)
        contenders = [each for each in (stock(folder), ours(folder), pydantic()) if each is not None]
        rows = list(measured(contenders, options.rounds))
    for row in rows:
        shown = [
            f"{name} {row.figures[name]:8.2f} {row.unit} ({row.ratio(name):5.2f}x +-{row.spread(name):4.0%})"
            for name in row.figures
        ]
        print(f"{row.name:32}", "  ".join(shown))  # noqa: T201 - this is what the command is for
    if options.json:
        found = {
            row.name: {"unit": row.unit, "figures": row.figures, "ratios": {n: row.ratio(n) for n in row.figures}}
            for row in rows
        }
        options.json.write_text(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
