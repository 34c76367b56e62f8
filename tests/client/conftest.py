"""Fixtures for the tests of the client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client.support import Player
from tests.client.transports import TRANSPORTS, Net


@pytest.fixture(params=["sync", "async"])
def play(request: pytest.FixtureRequest) -> Iterator[Player]:
    """Every test that uses this runs twice: against the blocking client and against the asynchronous one."""
    player = Player(request.param)
    yield player
    player.close()


@pytest.fixture(params=TRANSPORTS)
def net(play: Player, request: pytest.FixtureRequest) -> Net:
    """Every test that uses this runs for every transport, blocking and asynchronous."""
    return Net(play, request.param)
