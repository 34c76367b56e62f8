"""Fixtures for the tests of the client."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from accordant._http.engines import NETWORKS, VARIABLE
from tests.client.support import Player
from tests.client.transports import Net


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that has a client and is marked ``every_transport`` runs for each, and so does one that uses ``net``."""
    if "transport" not in metafunc.fixturenames:
        return
    if metafunc.definition.get_closest_marker("every_transport") or "net" in metafunc.fixturenames:
        metafunc.parametrize("transport", NETWORKS, indirect=True)


@pytest.fixture
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The transport of the clients that a test makes, those in processes of its own included.

    It is the environment's, httpx where that names none, unless the test is marked to run for each.
    """
    name: str = getattr(request, "param", os.environ.get(VARIABLE, "httpx"))
    monkeypatch.setenv(VARIABLE, name)
    return name


@pytest.fixture(params=["sync", "async"])
def play(request: pytest.FixtureRequest, transport: str) -> Iterator[Player]:  # noqa: ARG001 (it sets a variable)
    """Every test that uses this runs twice: against the blocking client and against the asynchronous one."""
    player = Player(request.param)
    yield player
    player.close()


@pytest.fixture
def net(play: Player, transport: str) -> Net:
    """Every test that uses this runs for every transport, blocking and asynchronous."""
    return Net(play, transport)
