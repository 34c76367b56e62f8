"""Lifecycles: which states a record may take, who may move it, and what follows from a move."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.model.problems import Kind, Problem
from accordant_sandbox.ports import Row, Tx

__all__ = ["Effect", "Lifecycle", "Move", "Step", "reads_of"]


@dataclass(frozen=True, slots=True)
class Move:
    """Allowed moves: from any of `sources` to any of `targets` (names separated by blanks, `*` = any).

    `by` names the operation ids that may make the move (blank-separated); empty = any write. `rule` is noted when the
    move is made.
    """

    sources: str
    targets: str
    by: str = ""
    rule: str | None = None

    def allows(self, source: str, target: str, by: str) -> bool:
        """Whether this line allows the move."""
        return (
            _listed(source, self.sources) and _listed(target, self.targets) and (not self.by or by in self.by.split())
        )


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens when a record enters a state (`*` = any write of it), at creation or by a change.

    `run(tx, new, old)` gets the stored row and the one before it (None at creation).
    """

    state: str
    run: Callable[[Tx, Row, Row | None], None]
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """An automatic move of a record: `after` seconds in `source` it goes to `target`, unless it has moved on.

    The setting `progress` says when: `time` (as written here), `at_once` (as soon as `source` is entered), or `reads:n`
    (with the n-th reading of the record alone; lists do not count).

    target:
        The state, or a function of the transaction and the row that gives the fields which change, the state included.
    after:
        Seconds, or a function of the row that gives them.
    """

    source: str
    target: str | Callable[[Tx, Row], Mapping[str, Any]]
    after: float | Callable[[Row], float]

    def take(self, tx: Tx, collection: str, row: Row, field: str) -> None:
        """Make the move."""
        changes = {field: self.target} if isinstance(self.target, str) else self.target(tx, row)
        tx.update(collection, tx.key_of(collection, row), changes, by="effect")

    def seconds(self, row: Row) -> float:
        """How long a row stays in `source`."""
        return self.after if isinstance(self.after, int | float) else self.after(row)


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The states of a collection.

    Args:
        field: The field that holds the state.
        moves: Allowed moves; empty = every move. Staying where it is is always allowed.
        effects: What follows from moves.
        steps: Automatic moves of records.
        refusal: Problem kind of a forbidden move.
        rule: The rule that a forbidden move breaks.
    """

    field: str
    moves: tuple[Move, ...] = ()
    effects: tuple[Effect, ...] = ()
    steps: tuple[Step, ...] = ()
    refusal: Kind = "invalid"
    rule: str | None = None

    def check(self, tx: Tx, old: Row, new: Row, by: str) -> None:
        """Raise the problem of a forbidden move."""
        source, target = old.get(self.field), new.get(self.field)
        if source == target or not self.moves:
            return
        move = next((each for each in self.moves if each.allows(str(source), str(target), by)), None)
        if move is not None and move.rule:
            tx.rule(move.rule)
        if move is None:
            message = f"{self.field} cannot change from {source} to {target}"
            raise Problem(self.refusal, message, details=[(self.field, message)], rule=self.rule)

    def follow(self, tx: Tx, collection: str, new: Row, old: Row | None) -> None:
        """Run the effects of a stored write, and set the timers of the state that it entered."""
        entered = old is None or old.get(self.field) != new.get(self.field)
        for effect in self.effects:
            if effect.state == "*" or (entered and effect.state == new.get(self.field)):
                if effect.rule:
                    tx.rule(effect.rule)
                effect.run(tx, new, old)
        for number, step in enumerate(self.steps):
            if not entered or step.source != new.get(self.field):
                continue
            mode = tx.settings.get("progress", "time")
            if mode == "at_once":
                step.take(tx, collection, new, self.field)
            elif mode == "time":
                key = tx.key_of(collection, new)
                tx.later(step.seconds(new), "accordant.step", collection=collection, key=key, number=number)

    def due(self, tx: Tx, collection: str, row: Row) -> None:
        """Count a reading of a row, and make the move that it brings about under `progress=reads:n`."""
        wanted = reads_of(str(tx.settings.get("progress", "time")))
        step = next((each for each in self.steps if each.source == row.get(self.field)), None)
        if wanted is None or step is None:
            return
        sequence = f"accordant.reads/{collection}/{tx.key_of(collection, row)}/{step.source}"
        if tx.next(sequence) >= wanted:
            step.take(tx, collection, row, self.field)

    def late(self, tx: Tx, collection: str, row: Row, number: int) -> None:
        """The move of a timer: made if the row is still where it was."""
        step = self.steps[number]
        if step.source == row.get(self.field):
            step.take(tx, collection, row, self.field)


def reads_of(progress: str) -> int | None:
    """The number in the setting `progress=reads:n`; None in the other modes.

    Raises:
        SandboxError: The setting is none of `time`, `at_once` and `reads:n`.
    """
    if progress in ("time", "at_once"):
        return None
    if not re.fullmatch(r"reads:[1-9][0-9]{0,5}", progress):
        raise SandboxError(f"progress={progress!r}: write time, at_once or reads:n, such as reads:3")
    return int(progress.partition(":")[2])


def _listed(name: str, names: str) -> bool:
    return names == "*" or name in names.split()
