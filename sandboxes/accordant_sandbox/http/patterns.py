"""A text that matches a pattern, for the common part of regular expressions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

__all__ = ["matching"]

_CLASSES: Final = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a", "n": "\n", "t": "\t", "r": "\r"}
_INSIDE: Final = {"d": "0123456789", "w": "abc019_", "s": " "}
_ANY: Final = "a0A-_ .:/@#é"
_MOST: Final = 512
"""Repetitions that are written out."""


def matching(pattern: str) -> str | None:
    """The shortest text that its parts suggest; None where the pattern has parts that are not understood."""
    try:
        text = _Sample(pattern).text()
        return text if re.search(pattern, text) else None
    except (re.error, ValueError, IndexError, RecursionError, OverflowError):
        return None


class _Sample:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def text(self) -> str:
        made = self._choice()
        if self._at < len(self._pattern):
            raise ValueError("a bracket closes that was not opened")
        return made

    def _peek(self) -> str:
        return self._pattern[self._at] if self._at < len(self._pattern) else ""

    def _next(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]

    def _choice(self) -> str:
        """The first of alternatives that has something to it."""
        made = [self._sequence()]
        while self._peek() == "|":
            self._next()
            made.append(self._sequence())
        return next(filter(None, made), "")

    def _sequence(self) -> str:
        made = ""
        while self._peek() not in ("", "|", ")"):
            atom = self._atom()
            made += atom * self._times()
        return made

    def _atom(self) -> str:
        character = self._next()
        special: dict[str, Callable[[], str]] = {"[": self._class, "(": self._group, "\\": self._escape}
        if character in special:
            return special[character]()
        return {"^": "", "$": "", ".": "a"}.get(character, character)

    def _escape(self) -> str:
        character = self._next()
        if character in "bBAZzG":
            return ""
        if character in "xu":
            size = 2 if character == "x" else 4
            digits = self._pattern[self._at : self._at + size]
            self._at += size
            return chr(int(digits, 16))
        if character in "pPk":
            raise ValueError("a class of letters, or a group by name")
        return _CLASSES.get(character, character)

    def _group(self) -> str:
        ahead = re.match(r"\?(:|P?<\w+>|[imsx]+:|=|!|<=|<!)", self._pattern[self._at :])
        if self._peek() == "?" and ahead is None:
            raise ValueError("an extension of groups")
        if ahead is not None:
            self._at += ahead.end()
        made = self._choice()
        if self._next() != ")":
            raise ValueError("a group is not closed")
        looks = ahead is not None and ahead.group(1) in ("=", "!", "<=", "<!")
        return "" if looks else made

    def _class(self) -> str:
        negated = self._peek() == "^"
        if negated:
            self._next()
        members = ""
        while True:
            character = self._next()
            if character == "]" and members:
                break
            if character == "\\":
                character = self._next()
                members += _INSIDE.get(character, _CLASSES.get(character, character))
            elif self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._next()
                last = self._next()
                last = self._next() if last == "\\" else last
                members += character + last
            else:
                members += character
        if not negated:
            return members[0]
        whole = self._pattern[: self._at]
        shut = whole[whole.rindex("[^") :]
        return next(each for each in _ANY if re.fullmatch(shut, each))

    def _times(self) -> int:
        """How often the part before is repeated: as seldom as it may, but once where that is allowed."""
        character = self._peek()
        times = 1
        if character and character in "?*+":
            self._next()
        elif found := re.match(r"\{(\d*)(,?)(\d*)\}", self._pattern[self._at :]):
            self._at += found.end()
            least = int(found.group(1) or 0)
            most = int(found.group(3)) if found.group(3) else _MOST if found.group(2) else least
            times = min(max(least, min(1, most)), _MOST)
        else:
            return 1
        if self._peek() in ("?", "+"):
            self._next()
        return times
