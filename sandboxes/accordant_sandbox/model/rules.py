"""Rules with evidence: what a sandbox does, and how sure anyone can be that the vendor does it too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from accordant_sandbox.errors import SandboxError, unknown

__all__ = ["Evidence", "Rule", "RuleBook"]

Evidence: TypeAlias = Literal["seed", "docs", "sdk", "third-party", "assumed", "document"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One behaviour: its name, where the fact comes from, and the behaviour in a sentence.

    evidence:
        seed: the vendor's documentation as supplied to us; docs: the vendor's published pages; sdk: a vendor's client
        library; third-party: someone else's code or description; assumed: our choice, no source says so;
        document: derived from the effective document, nobody wrote it down.
    """

    name: str
    evidence: Evidence
    sentence: str


class RuleBook:
    """All rules of a vendor by name."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules: dict[str, Rule] = {}
        for rule in rules:
            if rule.name in self._rules:
                raise SandboxError(f"two rules are named {rule.name!r}")
            self._rules[rule.name] = rule

    def __getitem__(self, name: str) -> Rule:
        try:
            return self._rules[name]
        except KeyError:
            raise unknown("rule", name, self._rules) from None

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules.values())

    def __contains__(self, name: str) -> bool:
        return name in self._rules

    def __len__(self) -> int:
        return len(self._rules)
