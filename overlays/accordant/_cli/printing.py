"""What a call returned, on a terminal or in a pipe: JSON lines, or a table."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, TextIO

import attrs

from accordant_runtime import RequestModel, dumps, is_array, is_object, to_wire

from .._client.pages import WalkedPages
from .._client.streams import ReadStream

_WIDEST: Final = 40
"""Characters of a cell."""
_GAP: Final = "  "
_STREAM: Final[type[Any]] = ReadStream
_LISTS: Final[tuple[type[Any], ...]] = (list, WalkedPages)


def rows_of(result: Any, most: int | None) -> Iterator[Any]:
    """The rows of a result, at most so many; a result that is no list is one row, and nothing is none."""
    stack: AbstractContextManager[Any] = result if isinstance(result, _STREAM) else nullcontext()
    if isinstance(result, (_STREAM, *_LISTS)):
        items: Any = result
        with stack:
            yield from islice(items, most)
    elif result is not None:
        yield result


def plain(value: Any) -> Any:
    """A value as JSON can say it."""
    if isinstance(value, RequestModel):
        return value.to_dict()
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    if isinstance(value, Path):
        return str(value)
    if is_array(value):
        return [plain(item) for item in value]
    if is_object(value):
        return {name: plain(item) for name, item in value.items()}
    kind: Any = value.__class__
    if attrs.has(kind):
        return {each.name: plain(getattr(value, each.name)) for each in attrs.fields(kind)}
    return to_wire(value)


def print_lines(rows: Iterable[Any], out: TextIO) -> None:
    """One line of JSON for each row, as it comes; bytes as they are."""
    for row in rows:
        if isinstance(row, bytes):
            binary: BinaryIO | None = getattr(out, "buffer", None)
            if binary is not None:
                out.flush()
                binary.write(row)
            else:
                out.write(row.decode("utf-8", "replace"))
        else:
            out.write(dumps(plain(row)).decode() + "\n")
        out.flush()


def print_table(rows: Iterable[Any], out: TextIO) -> None:
    """A table with a column for each field; on a terminal, as many columns as fit."""
    found = [plain(row) for row in rows]
    if not found:
        return
    records = [row if is_object(row) else {"value": row} for row in found]
    columns = list(dict.fromkeys(name for record in records for name in record))
    cells = [[_cell(record[name]) if name in record else "" for name in columns] for record in records]
    widths = [max(len(name), *(len(row[at]) for row in cells)) for at, name in enumerate(columns)]
    room = shutil.get_terminal_size().columns if out.isatty() else None
    shown = _fitting(widths, room)
    for line in ([name.upper() for name in columns], *cells):
        out.write(_GAP.join(text.ljust(widths[at]) for at, text in enumerate(line[:shown])).rstrip() + "\n")
    if shown < len(columns):
        out.write(f"({len(columns) - shown} more columns: {', '.join(columns[shown:])})\n")


def _fitting(widths: list[int], room: int | None) -> int:
    if room is None:
        return len(widths)
    used = -len(_GAP)
    for count, width in enumerate(widths):
        used += width + len(_GAP)
        if used > room:
            return max(count, 1)
    return len(widths)


def _cell(value: Any) -> str:
    """A value on one line; control characters, which may move a terminal's cursor, are written out."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else dumps(value).decode()
    line = one_line(text)
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"


def one_line(text: str) -> str:
    """A text without line breaks and control characters."""
    joined = " ".join(text.split())
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in joined)
