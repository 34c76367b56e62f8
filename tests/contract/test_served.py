"""A clean target is green: a sandbox with its documented limits over HTTP, also through a network with troubles."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest
from attrs import evolve

from accordant_contract.document.document import load
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor
from accordant_contract.target.recognition import recognise
from accordant_sandbox import Sandbox

from .loopback_servers import BenignProxy

SHORT = evolve(PROFILES["quick"], examples=1, chains=1, steps=2, fields=2)


def run_at(
    name: str,
    url: str,
    environment: Mapping[str, str],
    *,
    fuzz: bool = False,
    timeout: float = 5.0,
    focus: Collection[str] | None = None,
) -> Run:
    """Test the API at an address as the command does."""
    with targets.remote(vendor.load(name), url, environment) as target:
        target.timeout = timeout
        recognise(target, load(name))
        run = Run(target, Settings(SHORT, fuzz=fuzz, focus=focus))
        run.execute()
    return run


def findings(run: Run) -> list[str]:
    """Each finding in a line."""
    found = [seen.finding for seen in run.results.findings.values()]
    return [f"{each.check} {each.operation}: {each.message}" for each in found]


def sample(name: str, every: int) -> set[str]:
    """One operation in ``every`` and the logins."""
    return {*list(load(name).operations)[::every], *vendor.load(name).logins}


def some(name: str) -> set[str]:
    """About a dozen operations and the logins: whether a credential opens an API shows at a part of it."""
    return sample(name, every=-(-len(load(name).operations) // 12))


@pytest.mark.parametrize("name", vendor.names())
def test_a_served_sandbox_is_green(name: str) -> None:
    """What ``make sandbox`` serves and prints is enough for a run at its address that finds nothing.

    Of the two large vendors every third operation shows it: tests/contract/test_vendors.py tries all, in process.
    """
    every = sample(name, every=3 if len(load(name).operations) > 100 else 1)
    with Sandbox(name, real_time=True) as sandbox:
        run = run_at(name, sandbox.url, sandbox.env(), focus=every)
        assert not findings(run)
        assert len(run.results.covered) >= len(every) - 2  # with a key, no login is tested
        refused = [entry for entry in sandbox.journal if entry.status == 429]
        assert not refused


@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("dibop", ("api_key",)),
        ("dibop", ("email", "password")),
        ("dime_scheduler", ("username", "password")),
        ("dispatch", ("client_id", "client_secret")),
    ],
)
def test_every_credential_of_a_vendor_is_enough(name: str, variables: tuple[str, ...]) -> None:
    """A key or a login alone, without the other variables, is enough for a run that finds nothing."""
    with Sandbox(name, real_time=True) as sandbox:
        held: dict[str, str] = {}
        for principal in sandbox.principals:
            held = {**{key: str(value) for key, value in sandbox.credentials_for(principal).items()}, **held}
        environment = {vendor.load(name).variable(each): held[each] for each in variables}
        run = run_at(name, sandbox.url, environment, focus=some(name))
        assert not findings(run)
        assert len(run.results.covered) >= len(some(name)) - 2  # one way in may leave the others' logins untested


@pytest.mark.parametrize(("name", "retry_after"), [("dispatch", "0"), ("dibop", "1")])
def test_what_was_ridden_out_is_no_finding(name: str, retry_after: str) -> None:
    """Every 25th request refused for now, one connection dropped and one response too slow: a run finds nothing."""
    with Sandbox(name, real_time=True) as sandbox:
        proxy = BenignProxy(sandbox.url, retry_after=retry_after, drop=133, slow=311)
        focus = sample(name, every=2)
        with proxy:
            run = run_at(name, proxy.url, sandbox.env(), fuzz=name == "dibop", timeout=1.5, focus=focus)
        assert not findings(run)
        assert len(proxy.troubles) == 2
        assert proxy.limited > 20
        assert len(run.results.covered) >= len(focus) - 2
