"""Sandboxes that begin with the same data: it is made once, and each has it for itself."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from accordant_sandbox import Sandbox, SandboxError, vendors
from accordant_sandbox.vendors import load


def held(sandbox: Sandbox) -> dict[str, Any]:
    """Every row that a sandbox has, its own notes included, in order."""
    return {name: list(table.items()) for name, table in sandbox.engine.state.tables.items()}


def made(sandbox: Sandbox) -> list[dict[str, Any]]:
    """A record of each kind that can be made up, one after another."""
    rows: list[dict[str, Any]] = []
    for name in sandbox.state.names():
        with contextlib.suppress(SandboxError):  # one whose key the caller has to give
            rows += sandbox.given(name, 2)
    assert rows
    return rows


@pytest.mark.parametrize("name", vendors())
def test_the_next_sandbox_is_like_the_first(name: str) -> None:
    """A further sandbox of the same seed has equal rows, and makes the same ids and choices when it is used."""
    with Sandbox(name, random_seed=401) as first, Sandbox(name, random_seed=401) as second:
        assert held(second) == held(first)
        assert second.engine.state.timers == first.engine.state.timers
        assert made(second) == made(first)


@pytest.mark.parametrize("name", vendors())
def test_what_one_changes_no_other_sees(name: str) -> None:
    """Sandboxes of the same seed change nothing for each other, nor for those that are started later."""
    with Sandbox(name, random_seed=402) as first, Sandbox(name, random_seed=402) as second:
        before = held(second)
        made(first)
        assert held(first) != before
        assert held(second) == before
        with Sandbox(name, random_seed=402) as third:
            assert held(third) == before
        first.reset()
        assert held(first) == before


def test_a_seed_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of a seed are made for the first sandbox only, and again for other options, times, ids or settings."""
    seeds: Any = load("dispatch").seeds
    calls: list[str] = []
    original = seeds["default"]

    def counted(tx: Any) -> None:
        calls.append(tx.now_text)
        original(tx)

    monkeypatch.setitem(seeds, "default", counted)
    for _ in range(3):
        Sandbox("dispatch", random_seed=403).close()
    assert len(calls) == 1
    Sandbox("dispatch", random_seed=404).close()
    Sandbox("dispatch", random_seed=403, clock="2027-01-01T00:00:00Z").close()
    Sandbox("dispatch", random_seed=403, settings={"token_lifetime": 60}).close()
    assert len(calls) == 4
    assert calls[2].startswith("2027-01-01")
    for _ in range(2):
        Sandbox("dispatch", random_seed=403, settings={"limits": {"default": "10/min"}}).close()
    Sandbox("dispatch", random_seed=403, settings={"limits": {"default": "20/min"}}).close()
    Sandbox("dispatch", random_seed=403, settings={"token_lifetime": 60.0}).close()
    assert len(calls) == 7


def test_real_time_and_own_vendors_are_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox on real time, and one of a vendor that the caller brings, keep nothing for the next."""
    vendor = load("dispatch")
    seeds: Any = vendor.seeds
    calls: list[str] = []
    original = seeds["default"]

    def counted(tx: Any) -> None:
        calls.append(tx.now_text)
        original(tx)

    monkeypatch.setitem(seeds, "default", counted)
    for _ in range(2):
        Sandbox("dispatch", random_seed=405, real_time=True).close()
        Sandbox(vendor, random_seed=405).close()
    assert len(calls) == 4


def test_questions_of_one_sandbox_are_not_the_others() -> None:
    """What a sandbox has looked for is remembered by itself alone, so that others may look in other threads."""
    with Sandbox("dispatch", random_seed=406) as first, Sandbox("dispatch", random_seed=406) as second:
        ours: Any = first.engine.state.tables["jobs"]
        theirs: Any = second.engine.state.tables["jobs"]
        ours.where(("title", "status"), ("none", "none"))
        assert ("title", "status") in ours._indexes
        assert ("title", "status") not in theirs._indexes


def test_questions_about_no_rows_are_not_the_others() -> None:
    """What a sandbox has looked for where it has no rows yet is looked up in no other sandbox's rows."""
    with Sandbox("dispatch", seed="empty") as first, Sandbox("dispatch", seed="empty", random_seed=407) as second:
        assert not first.engine.transaction().rows("brands", name="none", organization_id=1)
        second.given("brands")
        table: Any = second.engine.state.tables["brands"]
        assert ("name", "organization_id") not in table._indexes
