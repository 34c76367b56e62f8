"""The pytest plugin: a fresh sandbox per test, checked when the test is over.

Fixtures: `<vendor>_sandbox` for every vendor, and `accordant_sandbox`, a factory for several. The factories
`accordant_sandbox_module` and `accordant_sandbox_session` are for fixtures that live longer than a test. The marker
`@pytest.mark.sandbox(...)` and the factory's keywords say how: `seed`, `random_seed`, `clock`, `real_time`, `faults`,
`settings`, `mode` (`"inprocess"` or `"http"`), `allow_unknown_routes`.

Loading this module imports pytest alone: everything else comes with the first fixture that is used.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from accordant_sandbox.server.pytest_support import Factory
    from accordant_sandbox.server.sandbox import Sandbox

__all__ = [
    "accordant_sandbox",
    "accordant_sandbox_module",
    "accordant_sandbox_session",
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_runtest_makereport",
    "pytest_sessionfinish",
]

_OPENED: Final = pytest.StashKey["Factory"]()
_FAILED: Final = pytest.StashKey[bool]()
_NEEDED: Final = ("jsonschema_rs", "orjson", "python_multipart", "uvicorn")
"""What the extra `sandbox` installs."""


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
        "sandbox(seed, random_seed, clock, real_time, faults, settings, mode, allow_unknown_routes): how the sandbox "
        "fixtures of a test begin",
    )
    if config.getoption("--sandbox-faults"):
        from accordant_sandbox.server.pytest_support import chosen_faults

        chosen_faults(config)
    if config.getoption("--sandbox-journal"):
        from accordant_sandbox.server.pytest_support import begin_journal

        begin_journal(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Say at once, in one line, that sandboxes need an extra, where a test uses one and the extra is missing."""
    del config
    missing = [name for name in _NEEDED if find_spec(name) is None]
    users = [item for item in items if missing and _uses_sandboxes(item)]
    if users:
        raise pytest.UsageError(
            f"{users[0].nodeid} uses an accordant sandbox, which needs an extra: pip install 'accordant[sandbox]' "
            f"(there is no module {missing[0]!r})"
        )


def _uses_sandboxes(item: pytest.Item) -> bool:
    names: list[str] = getattr(item, "fixturenames", [])
    return any(name.startswith("accordant_sandbox") or name in _VENDOR_FIXTURES for name in names)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Make one journal of those of the workers."""
    if session.config.getoption("--sandbox-journal"):
        from accordant_sandbox.server.pytest_support import end_journal

        end_journal(session.config)


@pytest.fixture
def accordant_sandbox(request: pytest.FixtureRequest) -> Iterator[Factory]:
    """Makes sandboxes: `accordant_sandbox("dispatch", seed="empty")`. Each is checked and closed after the test."""
    yield from _factory(request.node)


@pytest.fixture(scope="module")
def accordant_sandbox_module(request: pytest.FixtureRequest) -> Iterator[Factory]:
    """Makes sandboxes for a module's own fixtures; each is checked and closed after the module's last test."""
    yield from _factory(request.node)


@pytest.fixture(scope="session")
def accordant_sandbox_session(request: pytest.FixtureRequest) -> Iterator[Factory]:
    """Makes sandboxes for fixtures of the whole run; each is checked and closed at its end."""
    yield from _factory(request.node)


def _factory(node: pytest.Item | pytest.Collector) -> Iterator[Factory]:
    from accordant_sandbox.server.pytest_support import Factory

    factory = Factory(node)
    node.stash[_OPENED] = factory
    yield factory
    factory.finish(failed=node.stash.get(_FAILED, False))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add what the sandboxes saw to the report of a test that failed."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
        for node in item.listchain() if report.when == "call" else ():
            factory = node.stash.get(_OPENED, None)
            if factory is not None:
                report.sections.extend(factory.sections())
    return report


def _fixture(vendor: str) -> Any:
    def sandbox(accordant_sandbox: Factory) -> Sandbox:
        return accordant_sandbox(vendor)

    sandbox.__doc__ = f"A fresh {vendor} sandbox, which fails the test when it has reason to."
    return pytest.fixture(name=f"{vendor}_sandbox")(sandbox)


_VENDOR_FIXTURES: Final[set[str]] = set()
for _module in iter_modules([str(Path(__file__).parent.parent / "vendors")]):  # from a zip file as well
    if _module.ispkg:
        globals()[f"{_module.name}_sandbox"] = _fixture(_module.name)
        _VENDOR_FIXTURES.add(f"{_module.name}_sandbox")
