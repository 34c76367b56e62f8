"""How modules write the decoders of classes that are imported when a value of them is first read."""

from __future__ import annotations

from ..text import quoted
from ..types.code import CodeText
from ..types.typed import Spelling
from .operation_values import DEFAULTS


class LateSpelling(Spelling):
    """Decoders of classes come late, so that no model is imported before it is needed."""

    def decoder(self, name: str) -> CodeText:
        """The decoder of a generated class."""
        return CodeText(f"lazy({quoted(name)})", frozenset({(f".{DEFAULTS}", "lazy")}))
