"""What the fuzzer sends hangs on the document and the seed, not on what else there is on the machine."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis.internal.conjecture import providers

from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor

SOME = evolve(PROFILES["quick"], examples=30, chains=1, steps=2)


def fuzzed(operation: str, way: targets.Way) -> tuple[Run, list[Any]]:
    """A run of the fuzzer over one operation of a Dispatch sandbox, and what it sent there."""
    with targets.local(vendor.load("dispatch"), way=way) as target:
        run = Run(target, Settings(SOME, focus=()))
        run.results.about = frozenset([operation])
        run.execute()
        assert target.sandbox is not None
        return run, [(each.method, each.path, each.query, each.body) for each in target.sandbox.journal]


def test_a_proxy_or_a_password_of_the_environment_does_not_count_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A sandbox's server is fuzzed directly and with the run's credential, whatever the environment says of others."""
    passwords = tmp_path / "netrc"
    passwords.write_text("default login somebody password something\n")
    passwords.chmod(0o600)
    monkeypatch.setenv("NETRC", str(passwords))
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    run, sent = fuzzed("listBrands", "http")
    assert len(sent) > 20
    assert not run.results.findings


def test_the_code_that_is_loaded_does_not_change_the_cases(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same seed makes the same cases where a program has loaded modules of its own, with texts of their own."""
    cases: list[Any] = []
    for words in (0, 900):
        file = tmp_path / f"somebodys_{words}.py"
        file.write_text(f"WORDS = {[f'word {number}' for number in range(words)]}")
        described = importlib.util.spec_from_file_location(file.stem, file)
        assert described is not None
        monkeypatch.setitem(sys.modules, file.stem, importlib.util.module_from_spec(described))
        monkeypatch.setattr(providers, "CONSTANTS_CACHE", type(providers.CONSTANTS_CACHE)(1024))  # as in a new process
        cases.append(fuzzed("createCustomer", "mixed")[1])
    assert cases[0] == cases[1]
    assert len(cases[0]) > 20
