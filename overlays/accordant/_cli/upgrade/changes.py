"""What versions removed and changed: the data that each release ships, and files of one's own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from accordant_runtime import is_array, is_object

from ..usage import UsageError

FOLDER: Final = "_upgrades"
"""The folder of the package with a file for each version."""
_REMOVED: Final = "the changelog says what to do instead, if anything"
_INSTEAD: Final = {
    "argument-removed": "leave it out",
    "required-argument-added": "give `{name}`",
    "argument-became-required": "give `{name}`",
    "required-field-added": "give `{name}`",
    "field-became-required": "give `{name}`",
    "field-became-optional": "reckon with UNSET",
    "argument-moved": "give it by its name",
    "argument-type-changed": "give what it takes",
    "field-type-changed": "look at what is done with it",
    "return-changed": "look at what is done with the result",
    "alias-changed": "look at what is made of it",
    "class-kind-changed": "look at what is done with it",
    "enum-member-changed": "look at what is compared with it",
}


@frozen
class UpgradeChange:
    """One change: what it is about, and the version that made it.

    ``vendor`` is empty for what is no vendor's. ``place`` is ``resource.method``, ``models.Class`` or a module,
    ``name`` an argument, a field, a member, or a name of that module, ``now`` what it is called now. ``sure`` changes
    are not held against what is installed.
    """

    version: str
    vendor: str
    kind: str
    place: str
    text: str
    name: str = ""
    now: str = ""
    value: str = ""
    instead: str = ""
    sure: bool = False

    @property
    def advice(self) -> str:
        """What to do."""
        if self.instead or self.now:
            return self.instead or f"write `{self.now}`"
        return _INSTEAD.get(self.kind, _REMOVED).format(name=self.name)


@frozen
class Renaming:
    """The project had another name: packages by their old name, and what texts begin with."""

    version: str
    packages: Mapping[str, str] = field(factory=dict[str, str])
    texts: Mapping[str, str] = field(factory=dict[str, str])

    def module(self, name: str) -> str | None:
        """What a module is called now; None where it has its name still."""
        first, dot, rest = name.partition(".")
        return f"{self.packages[first]}{dot}{rest}" if first in self.packages else None

    def text(self, value: str) -> str | None:
        """What a text is now that begins with the old name; None for any other."""
        pairs = (pair for pair in self.texts.items() if value == pair[0] or _begins(value, pair[0]))
        return next((new + value.removeprefix(old) for old, new in pairs), None)


def _begins(value: str, prefix: str) -> bool:
    return prefix[-1:] in "-_." and value.startswith(prefix)


class Changes:
    """The changes between two versions, by what they are about."""

    def __init__(self, changes: Iterable[UpgradeChange], renamings: Iterable[Renaming] = ()) -> None:
        self.renamings = tuple(renamings)
        self._at: dict[tuple[str, str], list[UpgradeChange]] = {}
        for each in changes:
            self._at.setdefault((each.vendor, each.place), []).append(each)

    def at(self, vendor: str, place: str, *kinds: str, name: str = "") -> list[UpgradeChange]:
        """The changes of these kinds at a place, the newest last."""
        found = self._at.get((vendor, place), ())
        return [each for each in found if each.kind in kinds and (not name or each.name == name)]

    def latest(self, change: UpgradeChange) -> str:
        """What a renamed method, class or module is called after all later renamings."""
        now, seen = change.now, {change.place}
        prefix = "models." if change.place.startswith("models.") and not change.name else ""
        while not change.name and now not in seen:
            seen.add(now)
            later = [each for each in self._at.get((change.vendor, prefix + now), ()) if each.now and not each.name]
            now = later[-1].now if later else now
        return now

    @property
    def vendors(self) -> set[str]:
        """The vendors that have changes."""
        return {vendor for vendor, _ in self._at if vendor}


def shipped() -> dict[str, dict[str, Any]]:
    """The data of each version that this installation has, the oldest first."""
    folder = files("accordant") / FOLDER
    found = [each for each in folder.iterdir() if each.name.endswith(".json")] if folder.is_dir() else []
    data = {each.name.removesuffix(".json"): json.loads(each.read_text(encoding="utf-8")) for each in found}
    return {version: data[version] for version in sorted(data, key=numbers)}


def numbers(version: str) -> tuple[int, ...]:
    """A version in an order."""
    return tuple(map(int, re.findall(r"\d+", version.split("+")[0])[:3]))


def collected(start: str | None, own: Iterable[Path]) -> Changes:
    """The changes since a version (all that are known where none is named), and those of files of one's own.

    Raises:
        UsageError: A version that nobody knows, or a file that holds no changes.
    """
    data = shipped()
    if start is not None:
        known = [*dict.fromkeys([*(each["from"] for each in data.values()), *data])]
        if start not in known:
            raise UsageError(f"there is no version {start!r} to come from; there are: {', '.join(known) or 'none'}")
        cut = known.index(start)
        data = {version: each for version, each in data.items() if known.index(version) > cut}
    listed = {version: [*each["changes"], *each.get("by_hand", ())] for version, each in data.items()}
    changes = [change for version, each in listed.items() for change in _changes(each, version, sure=False)]
    for place in own:
        changes += _own(place)
    renamings = [
        Renaming(version, each["packages"], each.get("texts", {}))
        for version, each in data.items()
        if "packages" in each
    ]
    return Changes(changes, renamings)


def _changes(listed: Any, version: str, *, sure: bool, vendor: str = "") -> list[UpgradeChange]:
    keys = ("kind", "place", "text", "name", "now", "value", "instead")
    return [
        UpgradeChange(
            version, str(each.get("vendor", vendor)), sure=sure, **{key: str(each.get(key, "")) for key in keys}
        )
        for each in listed
    ]


def _own(place: Path) -> list[UpgradeChange]:
    """The changes of a file: the data of a version, or what `accordant drift --json` prints."""
    try:
        data: Any = json.loads(place.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{place}: {error.strerror or 'it cannot be read'}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{place}: it is no JSON; accordant drift --json prints what is expected") from None
    reports: list[Any] = data if is_array(data) else [data]
    found: list[UpgradeChange] = []
    for report in reports:
        listed: Any = report.get("changes") if is_object(report) else None
        if not is_object(report) or not is_array(listed) or not all(map(is_object, listed)):
            raise UsageError(f"{place}: it has no list of changes; accordant drift --json prints what is expected")
        told = [each for each in listed if each.get("layer", "code") == "code" and _matters(each)]
        found += _changes(told, str(report.get("version", "")), sure=True, vendor=str(report.get("vendor", "")))
    return found


def _matters(change: Mapping[str, Any]) -> bool:
    return change.get("impact", "breaking") == "breaking" or str(change.get("kind", "")).endswith("-deprecated")
