"""What a run made at an account, on disk: a crash, Ctrl-C or a killed process does not lose it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

from attrs import define, field, frozen

from accordant_runtime import is_object

from ..errors import ContractError

FORMAT: Final = 1
JOURNALS: Final = Path(".accordant")
"""Where journals are by default: not in a folder that is cleared with the evidence."""


@frozen
class MadeRecord:
    """A record that the run made: its kind, its id, and the path parameters and key fields that lead to it.

    ``names`` are the fields by which operations call it, with what each of them holds.
    """

    entity: str
    key: Any
    context: Mapping[str, Any] = field(factory=dict[str, Any])
    names: Mapping[str, Any] = field(factory=dict[str, Any], eq=False)


@frozen
class OpenWrite:
    """A write that was begun and whose result is not known.

    ``texts`` are the marked texts that it sent, ``within`` the run's own records that it named, by kind and id.
    ``named`` is the record that it makes, where the request itself names it.
    """

    operation: str
    texts: tuple[str, ...]
    within: tuple[tuple[str, Any], ...] = ()
    named: MadeRecord | None = None


@frozen
class JournalHead:
    """Where the run of a journal was: the vendor, and the address of its API."""

    vendor: str
    url: str


@define(eq=False)
class RunJournal:
    """One run's journal: a file of JSON lines, each on disk before the run goes on.

    It holds ids and marked texts of the run's own making, and no credential.
    """

    file: Path
    vendor: str
    url: str
    _stream: IO[str] = field(repr=False)
    made: list[MadeRecord] = field(factory=list[MadeRecord], init=False)
    open_writes: dict[int, OpenWrite] = field(factory=dict[int, OpenWrite], init=False)
    _number: int = field(default=0, init=False)
    _kept: set[tuple[str, str]] = field(factory=set[tuple[str, str]], init=False, repr=False)
    """Kind and id of every record in ``made``."""

    @classmethod
    def begin(cls, folder: Path, vendor: str, url: str, started: datetime) -> RunJournal:
        """A new journal for a run at ``url``."""
        name = f"{_prefix(vendor, url)}-{started:%Y%m%dT%H%M%S}-{os.getpid()}.jsonl"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stream = (folder / name).open("x", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise ContractError(f"cannot write {folder / name}: {error.strerror or error}") from error
        journal = cls(folder / name, vendor, url, stream)
        _lock(stream)
        journal._write({"format": FORMAT, "vendor": vendor, "url": url, "started": started.isoformat()})
        return journal

    @classmethod
    def head(cls, file: Path) -> JournalHead:
        """Whose journal a file is. Raises :class:`ContractError` for another file."""
        try:
            entry = next(_entries(file.read_text(encoding="utf-8")), dict[str, Any]())
        except (OSError, ValueError) as error:
            raise ContractError(f"cannot read {file}: {error}") from error
        vendor, url = entry.get("vendor"), entry.get("url")
        if entry.get("format") != FORMAT or not isinstance(vendor, str) or not isinstance(url, str):
            raise ContractError(f"{file} is no journal of a contract run; move it elsewhere")
        return JournalHead(vendor, url)

    @classmethod
    def resume(cls, file: Path) -> RunJournal | None:
        """An earlier run's journal; ``None`` while that run goes on. Raises :class:`ContractError` for another file."""
        head = cls.head(file)
        try:
            stream = file.open("r+", encoding="utf-8", errors="backslashreplace")
            if not _lock(stream):
                stream.close()
                return None
            entries = list(_entries(stream.read()))
        except OSError as error:
            raise ContractError(f"cannot read {file}: {error.strerror or error}") from error
        journal = cls(file, head.vendor, head.url, stream)
        for entry in entries[1:]:
            journal._replay(entry)
        return journal

    def intend(self, write: OpenWrite) -> int:
        """Note a write before it is sent; returns its number."""
        self._number += 1
        within = [list(each) for each in write.within]
        entry = {"intend": self._number, "operation": write.operation, "texts": list(write.texts), "within": within}
        if (named := write.named) is not None:
            entry |= {"entity": named.entity, "key": named.key, "context": dict(named.context)}
        self._put(entry)
        os.fsync(self._stream.fileno())  # this one outlives the machine as well: its record may be there soon
        return self._number

    def settled(self, number: int, made: MadeRecord | None = None) -> None:
        """Note what a write came to: the record that it made, or nothing."""
        entry: dict[str, Any] = {"settled": number}
        if made is not None:
            entry |= {"entity": made.entity, "key": made.key, "context": dict(made.context)}
            entry |= {"names": dict(made.names)} if made.names else {}
        self._put(entry)

    def gone(self, made: MadeRecord) -> None:
        """Note that a record was deleted."""
        self._put({"gone": made.key, "entity": made.entity, "context": dict(made.context)})

    def names(self, entity: str, key: object) -> bool:
        """Whether a record that the run made is there still."""
        return (entity, str(key)) in self._kept

    @property
    def empty(self) -> bool:
        """Whether nothing is left to delete."""
        return not self.made and not self.open_writes

    def close(self) -> None:
        """Let go of the file; one with nothing left to delete is removed."""
        if self._stream.closed:
            return
        self._stream.close()
        if self.empty:
            self.file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # other journals are in it
                self.file.parent.rmdir()

    def __enter__(self) -> RunJournal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _put(self, entry: dict[str, Any]) -> None:
        self._write(entry)
        self._replay(entry)

    def _write(self, entry: dict[str, Any]) -> None:
        self._stream.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._stream.flush()

    def _replay(self, entry: Mapping[str, Any]) -> None:
        if "intend" in entry:
            self._number = max(self._number, int(entry["intend"]))
            within = tuple((entity, key) for entity, key in entry["within"])
            named = MadeRecord(entry["entity"], entry["key"], entry["context"]) if "key" in entry else None
            write = OpenWrite(str(entry["operation"]), tuple(entry["texts"]), within, named)
            self.open_writes[int(entry["intend"])] = write
        elif "settled" in entry:
            self.open_writes.pop(int(entry["settled"]), None)
            if "key" in entry:
                made = MadeRecord(entry["entity"], entry["key"], entry["context"], entry.get("names", {}))
                if not self.names(made.entity, made.key) or made not in self.made:
                    self.made.append(made)
                    self._kept.add((made.entity, str(made.key)))
        elif "gone" in entry:
            gone = MadeRecord(entry["entity"], entry["gone"], entry["context"])
            self.made = [each for each in self.made if each.key != gone.key or each != gone]
            if not any(each.entity == gone.entity and str(each.key) == str(gone.key) for each in self.made):
                self._kept.discard((gone.entity, str(gone.key)))


def earlier(folder: Path, vendor: str | None = None, url: str | None = None) -> list[Path]:
    """The journals that earlier runs left in ``folder``, oldest first."""
    pattern = "*.jsonl" if vendor is None else f"{vendor}-*.jsonl" if url is None else f"{_prefix(vendor, url)}-*.jsonl"
    return sorted(folder.glob(pattern), key=lambda file: (file.stat().st_mtime, file.name))


def _prefix(vendor: str, url: str) -> str:
    return f"{vendor}-{hashlib.sha256(url.rstrip('/').encode()).hexdigest()[:8]}"


def _entries(text: str) -> Iterator[dict[str, Any]]:
    """The entries of a journal; the last line may be cut off, where the run was killed while it wrote it."""
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            return
        if is_object(entry):
            yield entry


def _lock(stream: IO[str]) -> bool:
    """Hold the file for this process where the system can: two runs never clean up the same records."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
