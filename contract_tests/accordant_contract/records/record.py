"""A record that a run knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ..document.values import Exchange


@frozen
class Record:
    """A record that is known to exist: its id, what it holds, and the arguments that led to it."""

    entity: str
    key: Any
    value: Mapping[str, Any] = field(repr=False)
    context: Mapping[str, Any] = field(factory=dict[str, Any])
    own: bool = False
    made_by: Exchange | None = field(default=None, repr=False)
    within: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)

    def names(self, key: Any, context: Mapping[str, Any]) -> bool:
        """Whether a key means this record, in a context that says within what it is unique; a path carries a number as
        a text."""
        return str(self.key) == str(key) and all(
            self.context[name] == value for name, value in context.items() if name in self.context
        )
