"""How much a run does: ``quick`` on every change, ``full`` before a release, ``nightly`` with a new seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from ..errors import ContractError


@frozen
class Profile:
    """The budget of one run.

    fields: how many fields of a record are changed one at a time. examples, chains: how many cases the fuzzer makes for
    an operation, and how many chains of up to ``steps`` calls. negative: whether its coverage phase enumerates
    forbidden requests too. methods: whether it sends undeclared methods. widest: the number of properties in a body,
    with those of the objects in it, beyond which that phase is left out, as it makes several cases of each. seconds: of
    probing a hundred operations, after which the run counts as hollow. fuzzing: seconds after which the fuzzer is
    stopped. fewer: how many cases the fuzzer makes for an operation of which cases are kept, in the place of
    ``examples`` and of the coverage phase; ``None`` where kept cases spare nothing.
    """

    name: str
    fields: int
    examples: int
    chains: int
    steps: int
    negative: bool
    methods: bool
    widest: int
    seconds: float
    fuzzing: float
    fewer: int | None = None

    def probing(self, operations: int) -> float:
        """The seconds of probing for a document with so many operations: ``seconds`` for every hundred of them."""
        return self.seconds * max(1.0, operations / 100)


PROFILES: Final[Mapping[str, Profile]] = {
    each.name: each
    for each in (
        Profile(
            "quick",
            fields=8,
            examples=4,
            chains=6,
            steps=4,
            negative=False,
            methods=False,
            widest=110,
            seconds=300,
            fuzzing=120,
            fewer=1,
        ),
        Profile(
            "full",
            fields=100,
            examples=40,
            chains=40,
            steps=6,
            negative=True,
            methods=True,
            widest=1000,
            seconds=900,
            fuzzing=1800,
        ),
        Profile(
            "nightly",
            fields=100,
            examples=150,
            chains=150,
            steps=8,
            negative=True,
            methods=True,
            widest=1000,
            seconds=3600,
            fuzzing=7200,
        ),
    )
}


def profile(name: str) -> Profile:
    """A profile by name."""
    if name not in PROFILES:
        raise ContractError(f"there is no profile {name!r}; there are: {', '.join(PROFILES)}")
    return PROFILES[name]
