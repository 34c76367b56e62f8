"""Texts that a vendor may harm: marks, line breaks, spaces, accents of both forms, other scripts, and full length.

Each begins with a token that no other text has, so that it is known again wherever a response shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Literal

from accordant_runtime import is_array, is_object

Kind = Literal["", "marks", "one line", "longest", "shorter", "digits"]
"""What a text is about: every piece of the vocabulary, all but line breaks, its full length, one character less, or
that it looks like a number with zeros that a number would not have."""

TOKEN: Final = re.compile("tx[0-9a-f]{6}|7[0-9]{8}", re.IGNORECASE)
LONG: Final = 1000
"""The characters of a long text where the document has no ``maxLength``."""
_LESS: Final = 256
_LINES: Final = ("1\n2", "3\r\n4", "\t")
_PIECES: Final = (
    *("&", "<i>", '"', "'", "\\", "&amp;", "%41", "+", "a  b", "aBc", "\u00e9", "e\u0301"),
    *("\u05e9\u05dc\u05d5\u05dd", "\U0001f527", "\U0001d4b3", "1\u00a02", "a\u200db"),
)
"""Marks of markup and of code, double spaces, a capital, both normal forms, right to left, beyond the basic plane, a
space that breaks no line, a joiner that nobody sees."""


def special(kind: Kind, token: str, longest: int | None, turn: int) -> str:
    """A text of that kind, of at most ``longest`` characters; the shorter it is, the fewer pieces it has.

    ``turn`` chooses which: short texts have the first piece, and take turns with the others.
    """
    if kind in ("longest", "shorter"):
        size = (longest or (LONG if kind == "longest" else _LESS + 1)) - (kind == "shorter")
        return f"{token} {'filled to the end ' * (size // 17 + 1)}"[: size - 1] + "z"
    if kind == "digits":
        number = 700_000_000 + int(token[-6:], 16)
        return f"00{number}.50" if longest is None or longest >= len("00700000000.50") else token
    pieces = _PIECES if kind == "one line" else (*_PIECES[:6], *_LINES, *_PIECES[6:])
    if longest is None or longest >= len(token) + sum(map(len, pieces)) + len(pieces) + 4:
        return f"  {token} {' '.join(pieces)} "
    room = longest - len(token)
    text = token
    first, *others = pieces  # what escapes markup harms the first of them, and is met most often
    at = turn % len(others)
    for piece in (first, *others[at:], *others[:at]):
        if len(piece) + 1 <= room:
            text, room = f"{text} {piece}", room - len(piece) - 1
    return text


def marked(value: Any, name: str = "") -> Iterator[tuple[str, str, str]]:
    """Every text with a token inside of a value: its token, the name of the property that holds it, and itself."""
    if is_object(value):
        for key, item in value.items():
            yield from marked(item, key)
    elif is_array(value):
        for item in value:
            yield from marked(item, name)
    elif isinstance(value, str):
        found = TOKEN.search(value)
        if found is not None:
            yield found[0].lower(), name, value
