"""The pytest plugin: a fresh sandbox per test, checked when the test is over.

Fixtures: `<vendor>_sandbox` for every vendor, and `accordant_sandbox`, a factory for several. The marker
`@pytest.mark.sandbox(...)` and the factory's keywords say how: `seed`, `random_seed`, `clock`, `faults`, `settings`,
`mode` (`"inprocess"` or `"http"`), `allow_unknown_routes`.

Loading this module imports pytest alone: everything else comes with the first fixture that is used.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from accordant_sandbox.server.pytest_support import Factory
    from accordant_sandbox.server.sandbox import Sandbox

__all__ = ["accordant_sandbox", "pytest_addoption", "pytest_configure", "pytest_runtest_makereport"]

_OPENED: Final = pytest.StashKey["Factory"]()
_FAILED: Final = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The command-line options."""
    group = parser.getgroup("accordant sandbox")
    group.addoption(
        "--sandbox-faults",
        default="",
        metavar="NAMES",
        help="arm these faults (separated by commas) in every sandbox that has them, to see what your code does",
    )
    group.addoption(
        "--sandbox-journal", default=None, metavar="FILE", help="write every exchange to FILE, one JSON object a line"
    )
    group.addoption(
        "--sandbox-mode",
        choices=("inprocess", "http"),
        default="inprocess",
        help="how credentials of the fixtures reach a sandbox that does not say so itself (default: inprocess)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; check the options that need no sandbox to be wrong."""
    config.addinivalue_line(
        "markers",
        "sandbox(seed, random_seed, clock, faults, settings, mode, allow_unknown_routes): how the sandbox fixtures of "
        "a test begin",
    )
    if config.getoption("--sandbox-faults"):
        from accordant_sandbox.server.pytest_support import chosen_faults

        chosen_faults(config)
    if config.getoption("--sandbox-journal"):
        from accordant_sandbox.server.pytest_support import begin_journal

        begin_journal(config)


@pytest.fixture
def accordant_sandbox(request: pytest.FixtureRequest) -> Iterator[Factory]:
    """Makes sandboxes: `accordant_sandbox("dispatch", seed="empty")`. Each is checked and closed after the test."""
    from accordant_sandbox.server.pytest_support import Factory

    factory = Factory(request.node)
    request.node.stash[_OPENED] = factory
    yield factory
    factory.finish(failed=request.node.stash.get(_FAILED, False))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what the sandboxes saw to the report of a test that failed."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
        factory = item.stash.get(_OPENED, None)
        if factory is not None and report.when == "call":
            report.sections.extend(factory.sections())
    return report


def _fixture(vendor: str) -> Any:
    def sandbox(accordant_sandbox: Factory) -> Sandbox:
        return accordant_sandbox(vendor)

    sandbox.__doc__ = f"A fresh {vendor} sandbox, which fails the test when it has reason to."
    return pytest.fixture(name=f"{vendor}_sandbox")(sandbox)


for _module in iter_modules([str(Path(__file__).parent.parent / "vendors")]):  # from a zip file as well
    if _module.ispkg:
        globals()[f"{_module.name}_sandbox"] = _fixture(_module.name)
