"""A sandbox per test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from accordant_sandbox import Sandbox
from tests.sandbox import dibop_caller, espace_caller
from tests.sandbox.dispatch_caller import Api


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A fresh Dispatch sandbox that must not break its own document."""
    with Sandbox("dispatch") as made:
        yield made
        made.raise_defects()


@pytest.fixture
def api(sandbox: Sandbox) -> Api:
    """A caller with every right."""
    return Api(sandbox)


@pytest.fixture
def as_principal(sandbox: Sandbox) -> Callable[[str | None], Api]:
    """A caller as another principal, or as nobody."""
    return lambda principal: Api(sandbox, principal)


@pytest.fixture
def dibop() -> Iterator[Sandbox]:
    """A fresh DIBOP sandbox that must not break its own document."""
    with Sandbox("dibop") as made:
        yield made
        made.raise_defects()


@pytest.fixture
def dibop_api(dibop: Sandbox) -> dibop_caller.Api:
    """A caller with the rights of an administrator of its enterprise."""
    return dibop_caller.Api(dibop)


@pytest.fixture
def espace() -> Iterator[Sandbox]:
    """A fresh eSPACE sandbox that must not break its own document."""
    with Sandbox("espace") as made:
        yield made
        made.raise_defects()


@pytest.fixture
def espace_api(espace: Sandbox) -> espace_caller.Api:
    """A caller with the rights of an administrator."""
    return espace_caller.Api(espace)
