"""Texts of others on a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """A text whose lines stay lines, and whose control characters, which may move a terminal's cursor, are escapes."""
    return "".join(each if each == "\n" or each.isprintable() else ascii(each)[1:-1] for each in text)
