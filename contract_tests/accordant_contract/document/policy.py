"""What a vendor's document cannot say, as data: as little as possible, each entry with its reason and evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal

from attrs import define, field, frozen

from accordant_runtime import is_object

from .checks import CHECKS
from .document import Document
from .values import Exchange, Finding

Evidence = Literal["seed", "docs", "sdk", "third-party", "assumed"]


@frozen
class Allowance:
    """A finding that is no fault of this vendor: by check, operation (a glob) and what else ``when`` asks of it.

    It is listed in the evidence with its reason. One that matched nothing in a whole run is an error, unless it is
    ``rare``: about requests that chance makes in some runs only.
    """

    check: str
    operations: str
    reason: str
    evidence: Evidence
    when: Callable[[Finding], bool] = lambda _: True
    rare: bool = False

    def covers(self, finding: Finding) -> bool:
        """Whether this allowance is about that finding."""
        return (
            finding.check == self.check and fnmatchcase(finding.operation, self.operations) and bool(self.when(finding))
        )

    def __str__(self) -> str:
        return f"{self.check} at {self.operations}: {self.reason} [{self.evidence}]"


@frozen
class PolicyStep:
    """One call of a situation: its body's fixed properties, as ``Recipe.fixed``."""

    operation: str
    body: Mapping[str, Any] = field(factory=dict[str, Any])


@frozen
class Situation:
    """What must hold for an operation to succeed.

    ``steps`` make the record that it acts on; ``required`` are properties of its body that the vendor asks for although
    the document calls them optional.
    """

    operation: str
    reason: str
    evidence: Evidence
    steps: tuple[PolicyStep, ...] = ()
    required: tuple[str, ...] = ()


@frozen
class Choice:
    """What a reference to kind ``entity`` must lead to at these operations (a glob): a record that shows ``fields``."""

    operations: str
    entity: str
    fields: Mapping[str, Any]
    reason: str
    evidence: Evidence

    def concerns(self, operation: str, entity: str) -> bool:
        """Whether this is about references of that kind at that operation."""
        return self.entity == entity and fnmatchcase(operation, self.operations)

    def admits(self, record: Mapping[str, Any]) -> bool:
        """Whether a record is one that will do."""
        return all(record.get(name) == value for name, value in self.fields.items())


@frozen
class SideEffect:
    """What a call does to another record than its own.

    ``steps`` make records, each referring to those before it as the document's references say. ``cause`` then acts on
    the newest record of its kind. After it the newest record of kind ``entity`` must show ``expected`` in ``field``;
    with ``ABSENT`` for ``expected`` it must be gone.
    """

    steps: tuple[PolicyStep, ...]
    cause: PolicyStep
    entity: str
    field: str
    expected: Any
    reason: str
    evidence: Evidence


@frozen
class Repeat:
    """A write that may be sent twice: the second time the same record comes back, and no row is added."""

    operation: str
    reason: str
    evidence: Evidence


@frozen
class Spared:
    """An operation that the fuzzer leaves alone, as calling it at random does harm; the probes call it with care."""

    operation: str
    reason: str
    evidence: Evidence


@frozen
class Refusal:
    """A rule of the vendor that refuses what its document allows: at which operations (a glob), how, and when.

    The fuzzer cannot know these rules. Unlike an allowance, a refusal need not come up in every run.
    """

    operations: str
    status: int
    reason: str
    evidence: Evidence
    when: Callable[[Exchange], bool]

    def explains(self, exchange: Exchange) -> bool:
        """Whether the rule refused this exchange."""
        named = fnmatchcase(exchange.operation, self.operations)
        return named and exchange.status == self.status and self.when(exchange)


Hint = Callable[[int], Any]
"""A value by property name; the number is different at every use."""


@frozen
class Policy:
    """Everything of one vendor.

    ``hints`` are values by property name, or by ``operation.property`` for a parameter or the top of a body; with
    ``ABSENT`` it is left out.
    """

    hints: Mapping[str, Hint] = field(factory=dict[str, Hint])
    allowances: tuple[Allowance, ...] = ()
    situations: tuple[Situation, ...] = ()
    effects: tuple[SideEffect, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    spared: tuple[Spared, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    choices: tuple[Choice, ...] = ()

    def situation(self, operation: str) -> Situation | None:
        """What an operation needs before it."""
        return next((each for each in self.situations if each.operation == operation), None)

    def problems(self, document: Document) -> Iterator[str]:
        """Entries that name something that the document does not have: they would never be used."""
        named = [each.operation for each in self.situations]
        named += [each.operation for each in self.repeats] + [each.operation for each in self.spared]
        for situation in self.situations:
            named += [step.operation for step in situation.steps]
        for effect in self.effects:
            named += [step.operation for step in (*effect.steps, effect.cause)]
            if effect.entity not in document.entities:
                yield f"an effect names {effect.entity!r}, no such kind of record"
        yield from (
            f"the policy names {each!r}, no such operation" for each in named if each not in document.operations
        )
        for allowance in self.allowances:
            if allowance.check not in CHECKS:
                yield f"an allowance names {allowance.check!r}, no such check"
            if not any(fnmatchcase(each, allowance.operations) for each in document.operations):
                yield f"an allowance names {allowance.operations!r}, which no operation matches"
        for choice in self.choices:
            if choice.entity not in document.entities:
                yield f"a choice names {choice.entity!r}, no such kind of record"
            if not any(fnmatchcase(each, choice.operations) for each in document.operations):
                yield f"a choice names {choice.operations!r}, which no operation matches"
        for refusal in self.refusals:
            if not any(fnmatchcase(each, refusal.operations) for each in document.operations):
                yield f"a refusal names {refusal.operations!r}, which no operation matches"
        known = property_names(document)
        for hint in self.hints:
            operation, _, name = hint.rpartition(".")
            if name not in known or (operation and operation not in document.operations):
                yield f"a hint names {hint!r}, no such property"


@define
class Used:
    """Which allowances have excused something."""

    policy: Policy
    _used: set[int] = field(factory=set[int], init=False)

    def excuse(self, finding: Finding) -> Allowance | None:
        """The allowance that covers a finding."""
        for index, each in enumerate(self.policy.allowances):
            if each.covers(finding):
                self._used.add(index)
                return each
        return None

    @property
    def unused(self) -> list[Allowance]:
        """Those that never did."""
        return [each for index, each in enumerate(self.policy.allowances) if index not in self._used and not each.rare]


def property_names(document: Document) -> set[str]:
    """Every property and parameter name of a document."""
    found = {each.name for operation in document.operations.values() for each in operation.parameters}
    schemas: Mapping[str, Any] = document.data.get("components", {}).get("schemas", {})
    for schema in schemas.values():
        found.update(schema.get("properties", {}))
    return found


def query_exceeds(name: str, limit: int) -> Callable[[Finding], bool]:
    """Whether the last request of a finding has a number above ``limit`` in a query parameter."""

    def test(finding: Finding) -> bool:
        exchange: Exchange | None = finding.exchanges[-1] if finding.exchanges else None
        text = str(exchange.arguments.query.get(name)) if exchange else ""
        return text.isdigit() and int(text) > limit

    return test


def answered(status: int, name: str | None = None) -> Callable[[Finding], bool]:
    """Whether the last response of a finding has that status, and its request the body property ``name``."""

    def test(finding: Finding) -> bool:
        exchange: Exchange | None = finding.exchanges[-1] if finding.exchanges else None
        if exchange is None or exchange.status != status:
            return False
        return name is None or (is_object(exchange.arguments.body) and name in exchange.arguments.body)

    return test
