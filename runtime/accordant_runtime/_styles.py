"""How arguments outside the body become text: OpenAPI's styles.

Path, header and cookie values follow RFC 6570 as OpenAPI maps it; query arguments are pairs. What a style cannot say
(null inside a list, an object inside an object) raises ``ValueError``, so that nothing is ever sent as a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from ._encode import to_text, to_wire
from ._json import dumps
from ._json_types import is_array, is_object
from ._operation import Parameter

_SAFE_IN_QUERY = ":/@"
_SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}
# What a style writes before everything, between exploded items, and whether it repeats the name.
_EXPANSIONS = {"simple": ("", ",", False), "label": (".", ".", False), "matrix": (";", ";", True)}
_BARE = {" ": "+"}
_NOT_IN_COOKIES = frozenset(' ",;\\')


class Joined(str):
    """Several items as one value of a query; ``encoded`` is its text in a URL, where only separators are bare."""

    __slots__ = ("encoded",)
    encoded: str


def query_pairs(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    """The pairs of one query argument."""
    wire, plain = parameter.wire, to_wire(value)
    if parameter.json:
        return [(wire, dumps(plain).decode())]
    if is_object(plain):
        if parameter.style == "deepObject":
            return list(_deep(wire, plain))
        if parameter.explode:
            return [(_scalar(key), _scalar(item)) for key, item in plain.items()]
        separator = _SEPARATORS.get(parameter.style, ",")
        return [(wire, _joined(separator, [text for pair in plain.items() for text in map(_scalar, pair)]))]
    if is_array(plain) and not parameter.explode:
        return [(wire, _joined(_SEPARATORS.get(parameter.style, ","), list(map(_scalar, plain))))]
    return [(wire, _scalar(item)) for item in (plain if is_array(plain) else [plain])]


def _deep(name: str, plain: Any) -> Iterator[tuple[str, str]]:
    """The pairs of an object with whatever lies in it: ``a[b][c]=1``, the items of a list ``a[b][]=1``.

    Items that are no scalars are numbered, since ``[][c]`` would not say which of them a key belongs to.
    """
    if is_object(plain):
        for key, item in plain.items():
            yield from _deep(f"{name}[{_scalar(key)}]", item)
    elif is_array(plain):
        numbered = any(is_object(item) or is_array(item) for item in plain)
        for index, item in enumerate(plain):
            yield from _deep(f"{name}[{index if numbered else ''}]", item)
    else:
        yield name, _scalar(plain)


def _joined(separator: str, items: list[str]) -> str:
    """Items in one value; a separator inside an item is told from one between items by its percent-encoding.

    Between items it is then the bare character (a blank is ``+`` in a query), so that who splits before decoding finds
    as many items as there are.
    """
    text = separator.join(items)
    if not any(separator in item for item in items):
        return text
    joined = Joined(text)
    joined.encoded = _BARE.get(separator, separator).join(quote(item, safe=_SAFE_IN_QUERY) for item in items)
    return joined


def path_text(parameter: Parameter, value: Any) -> str:
    """The percent-encoded text of one path argument; what would leave its segment is refused."""
    plain = to_wire(value)
    text = _expanded(parameter, plain, str)
    if text in ("", ".", ".."):
        raise ValueError(f"cannot be {text!r}: it is a path segment")
    return _expanded(parameter, plain, lambda item: quote(item, safe=""))


def header_text(parameter: Parameter, value: Any) -> str:
    """The text of one header argument: one line."""
    plain = to_wire(value)
    if not parameter.json and any("," in text for text in _listed(plain)):
        raise ValueError("cannot hold ',' inside an item of a list: it separates the items of a header")
    text = _expanded(parameter, plain, str)
    trouble = header_trouble(text)
    if trouble is not None:
        raise ValueError(f"cannot hold {trouble}: it is a header")
    return text


def header_trouble(text: str) -> str | None:
    """What keeps a text from being the value of a header, ``None`` where nothing does; the text is not part of it."""
    if any((character < " " and character != "\t") or character == "\x7f" for character in text):
        return "line breaks or other control characters"
    if not text.isascii():
        return "characters beyond ASCII"
    return "blanks at its start or end" if text != text.strip(" \t") else None


def cookie_text(parameter: Parameter, value: Any) -> str:
    """One cookie as ``name=value``."""
    plain = to_wire(value)
    text = dumps(plain).decode() if parameter.json else ",".join(_flat(plain))
    if any(character in _NOT_IN_COOKIES or not " " < character < "\x7f" for item in _flat(plain) for character in item):
        # The value stays out of the message: a cookie may be a secret.
        raise ValueError("cannot be sent: a cookie is ASCII without blanks, quotes, commas, semicolons or backslashes")
    return f"{parameter.wire}={text}"


def _expanded(parameter: Parameter, plain: Any, encode: Callable[[str], str]) -> str:
    if parameter.json:
        return encode(dumps(plain).decode())
    first, separator, named = _EXPANSIONS.get(parameter.style, _EXPANSIONS["simple"])
    name = f"{parameter.wire}=" if named else ""
    if is_object(plain):
        pairs = [(encode(_scalar(key)), encode(_scalar(item))) for key, item in plain.items()]
        if parameter.explode:
            return first + separator.join(f"{key}={item}" for key, item in pairs)
        return first + name + ",".join(text for pair in pairs for text in pair)
    texts = [encode(item) for item in _flat(plain)]
    if parameter.explode and is_array(plain):
        return first + separator.join(f"{name}{text}" for text in texts)
    return first + name + ",".join(texts)


def _listed(plain: Any) -> list[str]:
    """The texts in a list or an object, which a separator tells apart."""
    items: list[Any] = list(plain.values()) if is_object(plain) else plain if is_array(plain) else []
    return [*map(_scalar, items), *(map(_scalar, plain) if is_object(plain) else ())]


def _flat(plain: Any) -> list[str]:
    return [_scalar(item) for item in (plain if is_array(plain) else [plain])]


def _scalar(plain: Any) -> str:
    if plain is None or is_object(plain) or is_array(plain):
        what = "null" if plain is None else "an object" if is_object(plain) else "a list"
        raise ValueError(f"cannot hold {what} inside: its style has no text for it")
    return to_text(plain)
