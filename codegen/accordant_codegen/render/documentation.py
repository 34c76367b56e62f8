"""What generated classes and methods say of themselves."""

from __future__ import annotations

from collections import Counter
from typing import Any

from attrs import frozen

from ..text import docstring

_EVIDENCE = {
    "seed": "as documented",
    "docs": "as documented",
    "sdk": "as in the vendor's own client",
    "third-party": "as third parties describe it: the vendor does not say",
    "assumed": "assumed: the vendor does not say",
}


@frozen
class Shared:
    """What the methods of a class have in common: the statuses that each raises for, and where they come from.

    ``evidence`` is empty where not every method says it.
    """

    errors: tuple[str, ...]
    evidence: str

    @property
    def text(self) -> str:
        """The sentences of the class."""
        parts = [f"Every method raises an APIStatusError for {', '.join(self.errors)}."] if self.errors else []
        parts += [f"What a method does is {self.evidence}, unless it says otherwise."] if self.evidence else []
        return " ".join(parts)


def shared_by(operations: list[dict[str, Any]]) -> Shared:
    """What operations have in common."""
    common = set[str].intersection(*(set(_errors(operation)) for operation in operations))
    told = [evidence for evidence in map(_evidence, operations) if evidence]
    usual = Counter(told).most_common(1)[0][0] if told and len(told) == len(operations) else ""
    return Shared(tuple(sorted(common)), usual)


def class_doc(text: str, shared: Shared) -> str:
    """The docstring of a class of methods."""
    return docstring(text, 4, more=shared.text)


def method_doc(operation: dict[str, Any], arguments: list[tuple[str, str]], shared: Shared) -> str:
    """The docstring of a method: what differs from what its class says."""
    errors = [status for status in _errors(operation) if status not in shared.errors]
    verb = "Also raises" if shared.errors else "Raises"
    gone = operation.get("deprecated") is True
    closing = ["Deprecated: the vendor may take it away."] if gone else []
    closing += [f"{verb} an APIStatusError for {', '.join(errors)}."] if errors else []
    evidence = _evidence(operation)
    closing += [f"{evidence[0].upper()}{evidence[1:]}."] if evidence and evidence != shared.evidence else []
    return docstring(
        operation.get("summary") or operation["operationId"],
        8,
        arguments,
        "Args:",
        more=operation.get("description") or "",
        last=" ".join(closing),
    )


def _errors(operation: dict[str, Any]) -> list[str]:
    return sorted({status for status in operation["responses"] if status[0] in "45"})


def _evidence(operation: dict[str, Any]) -> str:
    word = str(operation.get("x-evidence") or "")
    return _EVIDENCE.get(word, word)
