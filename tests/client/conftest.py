"""Fixtures for the tests of the client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client.support import Player


@pytest.fixture(params=["sync", "async"])
def play(request: pytest.FixtureRequest) -> Iterator[Player]:
    """Every test that uses this runs twice: against the blocking client and against the asynchronous one."""
    player = Player(request.param)
    yield player
    player.close()
