"""How a secret may be written where somebody shows it: as it is, escaped, percent-encoded, in base64, in hexadecimal.

Error pages, proxies and libraries rarely show a text as they were sent it. A :class:`Spellings` finds one text in
whatever a vendor's page, a header or a library's message makes of it, and in mixtures: ``\\/`` beside ``\\u003c``,
percent-encoding with the slash kept, JSON inside JSON.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from typing import Final

SHORTEST: Final = 6
"""Secrets with fewer characters are not looked for. ``true``, ``false``, ``null``, ``api`` or ``2026`` stand in every
answer: masking them would garble whole bodies, and hide nothing that is not guessed in seconds."""

WORDS: Final = 8
"""Secrets with fewer characters than this are masked only where they are not a part of a longer word or number."""

_ALONE_BEFORE: Final = r"(?:(?<![0-9A-Za-z])|(?<=\\[nrtbf])|(?<=%[0-9A-Fa-f]{2})|(?<=\\x..)|(?<=\\u....))"
_ALONE_AFTER: Final = r"(?![0-9A-Za-z])"
_HEX: Final = re.compile(r"[0-9a-f-]+|[0-9A-F-]+")
_BASE64_CHARACTER: Final = "[A-Za-z0-9+/_-]"
_IS_BASE64: Final = re.compile(_BASE64_CHARACTER).match
_CONTROLS: Final = {"\n": "n", "\r": "r", "\t": "t"}


class Spellings:
    """Finds one secret in a text, however it is spelt there.

    What is looked for are pairs: a plain piece that each text must hold, which is looked for first because that
    is fast, and the pattern of the whole. ``_inside`` are those of which the character before is masked as well.
    """

    __slots__ = ("_folded", "_inside", "_pairs")

    def __init__(self, value: str) -> None:
        self._pairs: list[tuple[str, str]] = []
        self._inside: list[tuple[str, str]] = []
        self._folded: list[str] = []
        if len(value) < SHORTEST:
            return
        before, after = (_ALONE_BEFORE, _ALONE_AFTER) if len(value) < WORDS else ("", "")
        self._add(self._pairs, value, before + "".join(map(_spelt, value)) + after)
        # Bytes that are not UTF-8, each a character of its own (see Redactor.data)
        for encoding in ("utf-16-le", "utf-16-be"):
            wide = value.encode(encoding, "surrogatepass").decode("latin-1").strip("\0")
            self._pairs.append((wide, re.escape(wide)))
        raw = value.encode("utf-8", "surrogatepass")
        for shift in range(3):
            core, pattern = _base64(raw, shift)
            self._add(self._inside if shift else self._pairs, core, pattern)
        digits = [f"{byte:02x}" for byte in raw]
        self._folded += ["".join(digits), ":".join(digits), " ".join(digits)]
        self._folded += ["".join(mark + pair for pair in digits) for mark in ("%", "\\x", "\\u00")]
        self._folded += ["".join(f"&#{ord(char)};" for char in value), "".join(f"&#x{ord(char):x};" for char in value)]
        if len(value) >= WORDS and _HEX.fullmatch(value):
            self._folded.append(value.lower())

    def _add(self, pairs: list[tuple[str, str]], text: str, pattern: str) -> None:
        pairs.append((max(re.findall("[A-Za-z0-9]+", text), key=len, default=""), pattern))

    def masked(self, text: str, mask: str) -> str:
        """The text with ``mask`` in the place of the secret."""
        for piece, pattern in self._pairs:
            if piece in text:
                text = re.sub(pattern, mask, text)
        for piece, pattern in self._inside:
            if piece in text:
                text = _without_inside(text, pattern, mask)
        lower = text.lower()
        for form in self._folded:
            if form in lower:
                text = re.sub(re.escape(form), mask, text, flags=re.IGNORECASE)
        return text

    def __repr__(self) -> str:
        return "Spellings(***)"


def without_beginning(text: str, value: str, mask: str) -> str:
    """The text with ``mask`` for what an ellipsis leaves of a secret: half of one is one that nobody recognises."""
    for form in {value, repr(value)[1:-1]}:
        if len(value) < SHORTEST or form[:WORDS] not in text:
            continue
        for size in range(len(form) - 1, WORDS - 1, -1):
            for end in ("...", "'...", '"...'):
                text = text.replace(form[:size] + end, mask + end)
    return text


def _without_inside(text: str, pattern: str, mask: str) -> str:
    """The text with ``mask`` for what a pattern finds in the midst of base64, and for the character before it. A
    pattern that began with any character would be tried at every place, and take ten times as long."""
    search = re.compile(pattern).search
    parts: list[str] = []
    start = at = 0
    while (found := search(text, at)) is not None:
        before = found.start() - 1
        if before < start or not _IS_BASE64(text, before):
            at = found.start() + 1
            continue
        parts += [text[start:before], mask]
        start = at = found.end()
    return "".join([*parts, text[start:]])


@lru_cache(maxsize=512)
def _spelt(char: str) -> str:
    """A pattern of one character, as it is, escaped, and as it looks where UTF-8 is read as Latin-1."""
    if char.isascii():
        return char if char.isalnum() else _escaped(char)
    misread = char.encode("utf-8", "surrogatepass").decode("latin-1")
    return f"(?:{_escaped(char)}|{''.join(map(_escaped, misread))})"


def _escaped(char: str) -> str:
    """A pattern of one character, as it is and escaped in the usual ways, also several times over."""
    code, raw = ord(char), char.encode("utf-8", "surrogatepass")
    ways = [r"\\+" if char == "\\" else r"\\*" + re.escape(char)]
    if not char.isascii():
        ways.append(re.escape(raw.decode("latin-1")))
    if char == " ":
        ways.append(r"\+")
    if char in _CONTROLS:
        ways.append(r"\\+" + _CONTROLS[char])
    ways.append("(?i:" + "".join(f"%(?:25)*{byte:02x}" for byte in raw) + ")")
    ways.append("(?i:" + "".join(rf"\\+x{byte:02x}" for byte in raw) + ")")
    units = char.encode("utf-16-be", "surrogatepass")
    ways.append("(?i:" + "".join(rf"\\+u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)) + ")")
    if code < 256:
        ways.append(rf"(?i:%(?:25)*{code:02x}|\\+x{code:02x})")
    names = "|".join([f"#0*{code};?", f"#[xX]0*(?i:{code:x});?", *_entities().get(char, ())])
    ways.append(f"&(?:amp;)*(?:{names})")
    return f"(?:{'|'.join(ways)})"


@lru_cache(maxsize=1)
def _entities() -> dict[str, list[str]]:
    """The names that HTML has for characters."""
    from html.entities import html5  # a table of 2,231 names, for those who mask something

    found: dict[str, list[str]] = {}
    for name, value in html5.items():
        if len(value) == 1:
            found.setdefault(value, []).append(re.escape(name))
    for names in found.values():
        names.sort(key=len, reverse=True)
    return found


def _base64(raw: bytes, shift: int) -> tuple[str, str]:
    """What ``raw`` becomes in the base64 of a longer text, ``shift`` bytes after a group of three begins.

    As with ``user:password`` in Basic credentials. The characters at the edges hold bits of the neighbours as well:
    they are masked, whatever they are. The pattern holds the last one; a first one is before it unless ``shift`` is 0.
    """
    size = shift + len(raw)
    text = b64encode(b"\0" * shift + raw).decode()
    core = text[(0, 2, 3)[shift] : size * 8 // 6]
    pattern = "".join(_same().get(char) or char for char in core)
    last = _BASE64_CHARACTER if size % 3 else ""
    return core, pattern + last


@lru_cache(maxsize=1)
def _same() -> dict[str, str]:
    """The two characters in which the alphabets of base64 differ (RFC 4648, 4 and 5)."""
    return {"+": f"(?:{_spelt('+')}|{_spelt('-')})", "/": f"(?:{_spelt('/')}|{_spelt('_')})"}
