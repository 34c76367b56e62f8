"""Filling a sandbox: what a seed makes is made once in a process, and every further sandbox begins with a copy."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from accordant_sandbox.engine.engine import Engine
from accordant_sandbox.engine.state import Snapshot
from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.model.vendor import Vendor

__all__ = ["fill", "parse_seed"]

_MOST: Final = 8
"""Seeds that are kept for each vendor; beyond that, the one that was not used for longest is forgotten."""
_MOST_ROWS: Final = 1_000_000
"""Records that an option of a seed may ask for."""
_Key: TypeAlias = tuple[str, int, datetime, Any]
_made: WeakKeyDictionary[Vendor, OrderedDict[_Key, Snapshot]] = WeakKeyDictionary()


def fill(engine: Engine, seed: str, *, keep: bool) -> None:
    """Put into an empty engine what a seed makes; ``keep`` says that it makes the same each time.

    Raises:
        SandboxError: The seed or one of its options does not exist.
    """
    key = _key(engine, seed) if keep else None
    if key is None:
        _make(engine, seed)
        return
    known = _made.setdefault(engine.vendor, OrderedDict())
    found = known.pop(key, None)
    if found is None:
        _make(engine, seed)
        if engine.defects:
            return
        found = _copied(engine.snapshot())
    else:
        engine.restore(_copied(found))
    known[key] = found
    while len(known) > _MOST:
        known.popitem(last=False)


def parse_seed(text: str) -> tuple[str, dict[str, int]]:
    """A seed's name and options: `busy_day:appointments=2000,technicians=40`.

    Raises:
        SandboxError: An option is not of the form name=number.
    """
    name, _, rest = text.partition(":")
    options: dict[str, int] = {}
    for part in rest.split(",") if rest else ():
        option, _, value = part.partition("=")
        count = value.strip()
        if not (count.isascii() and count.isdigit()):
            raise SandboxError(f"seed option {part!r}: write name=number, such as busy_day:appointments=2000")
        if len(count) > len(str(_MOST_ROWS)) or int(count) > _MOST_ROWS:
            raise SandboxError(f"seed option {part!r}: a sandbox makes at most {_MOST_ROWS:,} records of a kind")
        options[option.strip()] = int(count)
    return name, options


def _make(engine: Engine, text: str) -> None:
    name, options = parse_seed(text)
    known = engine.vendor.options_of(name)
    for option in options:
        if option not in known:
            raise unknown(f"option of the seed {name!r}", option, known)
    tx = engine.transaction(by="seed")
    engine.vendor.seeds[name](tx, **options)
    tx.commit()


def _key(engine: Engine, seed: str) -> _Key | None:
    """What the rows depend on; nothing where a setting is no key."""
    settings = _frozen(engine.settings)
    try:
        hash(settings)
    except TypeError:
        return None
    return seed, engine.random_seed, engine.clock.now(), settings


def _frozen(value: Any) -> Any:
    """A setting as a key: what a table of limits says, rather than which table it is. 1, 1.0 and true differ."""
    if is_object(value):
        return frozenset((name, _frozen(each)) for name, each in value.items())
    if is_array(value):
        return tuple(map(_frozen, value))
    return type(value), value


def _copied(snapshot: Snapshot) -> Snapshot:
    """A snapshot for another sandbox, maybe in another thread: rows are shared, what the tables find them by is not."""
    return replace(snapshot, tables={name: table.shared() for name, table in snapshot.tables.items()})
