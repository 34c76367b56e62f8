"""Catalogues: answers that change rarely are kept where the user asks for it, and only then."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from attrs import evolve

from accordant import CallOptions
from accordant._call.cache import Catalogues
from accordant.errors import ConfigurationError, NotFoundError, ResponseDecodeError
from accordant.testing import Script
from tests.client.support import GET, LIST_NUMBERED, VENDOR, Player

CATALOGUE = evolve(VENDOR, cacheable=frozenset({GET.id, LIST_NUMBERED.id}))
PAGE = (200, {"items": [{"id": 1}, {"id": 2}], "total": 2})


def thing(number: int) -> tuple[int, Any]:
    return 200, {"thing": {"id": number}}


def keeping(play: Player, script: Script, ttl: float | None = 60.0, **settings: Any) -> Any:
    return play.client(script, vendor=CATALOGUE, catalogue_ttl=ttl, **settings)


def test_kept_for_a_while(play: Player) -> None:
    """An answer is used again until it is as old as catalogue_ttl; then the vendor is asked once more."""
    script = Script(thing(1), thing(2))
    api = keeping(play, script)
    assert play.do(lambda: api.things.get(7)).id == 1
    play.clock.advance(59)
    assert play.do(lambda: api.things.get(7)).id == 1
    play.clock.advance(1)
    assert play.do(lambda: api.things.get(7)).id == 2
    assert len(script.requests) == 2


def test_nothing_is_kept_unasked(play: Player) -> None:
    """Without catalogue_ttl every call asks the vendor, and operations that are no catalogue are never kept."""
    api = keeping(play, Script(thing(1), thing(2)), ttl=None)
    assert [play.do(lambda: api.things.get(7)).id for _ in range(2)] == [1, 2]
    api = keeping(play, Script((201, {"thing": {"id": 1}}), (201, {"thing": {"id": 2}})))
    assert [play.do(lambda: api.things.create({})).id for _ in range(2)] == [1, 2]


def test_what_makes_them_different(play: Player) -> None:
    """Other arguments, and other headers of a call, are other answers; copies of a client share what is kept."""
    script = Script(thing(1), thing(2), thing(3))
    api = keeping(play, script)
    french = CallOptions(headers={"Accept-Language": "fr"})
    copy = api.with_options(timeout=5)
    assert [play.do(lambda: api.things.get(7)).id for _ in range(2)] == [1, 1]
    assert play.do(lambda: api.things.get(8)).id == 2
    assert [play.do(lambda: api.things.get(7, options=french)).id for _ in range(2)] == [3, 3]
    assert play.do(lambda: copy.things.get(7)).id == 1


def test_lists(play: Player) -> None:
    """A list is kept page by page."""
    script = Script(PAGE)
    api = keeping(play, script)
    for _ in range(2):
        assert [item.id for item in play.all(lambda: iter_of(api))] == [1, 2]
    assert len(script.requests) == 1


def iter_of(api: Any) -> Any:
    pages = api.things.walk(LIST_NUMBERED)
    return pages.__aiter__() if hasattr(pages, "__aiter__") else iter(pages)


def test_raw_answers_say_so(play: Player) -> None:
    """A raw answer that was kept took no attempt."""
    api = keeping(play, Script(thing(1)))
    play.do(lambda: api.things.get(7))
    again = play.do(lambda: api.raw(api.things.get, 7))
    assert (again.attempts, again.elapsed.total_seconds(), again.parse().id) == (0, 0.0, 1)


UNUSABLE: list[Any] = [
    ((404, {}), NotFoundError),
    ((200, b"<p>maintenance", {"Content-Type": "text/html"}), ResponseDecodeError),
    ((200, {"thing": "none"}), ResponseDecodeError),
]


@pytest.mark.parametrize(("bad", "error"), UNUSABLE)
def test_failures_are_not_kept(play: Player, bad: Any, error: type[Exception]) -> None:
    """An error, or an answer that cannot be read, is not kept."""
    api = keeping(play, Script(bad, thing(1)))
    with pytest.raises(error):
        play.do(lambda: api.things.get(7))
    assert play.do(lambda: api.things.get(7)).id == 1


def test_everyone_gets_an_object_of_their_own(play: Player) -> None:
    """What is kept is the answer, not the object: changing one does not change the next."""
    api = keeping(play, Script((200, {"thing": {"id": 1, "name": {"de": "Ding"}}})))
    first, second = (play.do(lambda: api.things.get(7)) for _ in range(2))
    assert first.name == second.name
    assert first.name is not second.name


def test_bounded(play: Player) -> None:
    """At most 256 answers are kept; the oldest makes room."""
    script = Script(thing(1), repeat=True)
    api = keeping(play, script)
    for number in range(257):
        play.do(partial(api.things.get, number))
    play.do(lambda: api.things.get(256))
    assert len(script.requests) == 257
    play.do(lambda: api.things.get(0))
    assert len(script.requests) == 258


def test_a_closed_client(play: Player) -> None:
    """A closed client answers nothing, also not what it keeps."""
    api = keeping(play, Script(thing(1)))
    play.do(lambda: api.things.get(7))
    play.do(api.close)
    with pytest.raises(ConfigurationError, match="closed"):
        play.do(lambda: api.things.get(7))


def test_clear(play: Player) -> None:
    """Clearing forgets everything at once."""
    script = Script(thing(1), repeat=True)
    api = keeping(play, script)
    kept: Catalogues = api._session.catalogues
    play.do(lambda: api.things.get(7))
    assert repr(kept) == "Catalogues(1 answers)"
    kept.clear()
    play.do(lambda: api.things.get(7))
    assert len(script.requests) == 2


def test_ttl(play: Player) -> None:
    """A catalogue_ttl that is no time is refused."""
    with pytest.raises(ConfigurationError, match="catalogue_ttl"):
        keeping(play, Script(), ttl=0)
