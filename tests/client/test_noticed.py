"""Sentences that small faults in the code showed to be missing (``make mutants``)."""

from __future__ import annotations

import datetime
import logging
import re
from typing import Any

import pytest
from attrs import evolve

from accordant import RetryPolicy
from accordant._call.attempts import CallState, exchange
from accordant._http.messages import HttpRequest
from accordant.dime_scheduler import DimeScheduler
from accordant.errors import (
    ConfigurationError,
    CredentialError,
    RequestError,
    ResponseDecodeError,
    ServiceUnavailableError,
)
from accordant.espace import Espace
from accordant.testing import Script
from accordant_runtime import Answer, dumps
from tests.client.support import GET, VENDOR, Player, Thing, token_answer, token_auth

NAIVE = datetime.datetime(2026, 3, 1, 9)
THING = (200, {"thing": {"id": 7}})


def test_credentials_stay_at_home(play: Player) -> None:
    """Whatever leads a call with credentials to another address, nothing is sent there."""
    script = Script(repeat=True)
    api = play.client(script)
    astray = HttpRequest("GET", "https://elsewhere.test/v1/things/7", ())
    state = CallState(api._session, GET.id, astray, api._defaults, None, authenticated=True, repeatable=True)
    with pytest.raises(RequestError, match=r"credentials for https://.* do not travel to another address"):
        play.do(lambda: api._io.run(exchange(state)))
    assert script.requests == []


def test_a_token_that_another_call_has_renewed_is_not_renewed_again() -> None:
    """Two calls that are refused with the same token ask for one other token, not for two."""
    player = Player("sync")
    asked: list[str] = []

    def vendor(method: str, url: str, headers: Any, body: bytes, timeout: float | None) -> Any:
        del method, body, timeout
        if url.endswith("/oauth/token"):
            asked.append(url)
            return 200, [("Content-Type", "application/json")], dumps(token_answer(len(asked))[1])
        if dict(headers)["Authorization"] != "Bearer access-token-1":
            return 200, [("Content-Type", "application/json")], dumps(THING[1])
        if url.endswith("/7"):  # while this call is under way, another one is refused and renews the token
            assert api.things.get(8).id == 7
        return 401, [], b""

    api = player.client(vendor, auth=token_auth())
    assert api.things.get(7).id == 7
    assert len(asked) == 2
    player.close()


def test_every_attempt_is_in_the_log(play: Player, caplog: pytest.LogCaptureFixture) -> None:
    """At the level DEBUG each request is a line with its operation, status and number; above it there is none."""
    for level, lines in ((logging.DEBUG, 2), (logging.INFO, 0)):
        caplog.clear()
        with caplog.at_level(level, "accordant"):
            api = play.client(Script((503, None), THING), retries=RetryPolicy(1))
            play.do(lambda: api.things.get(7))  # noqa: B023 - it is called at once
        debug = [record.getMessage() for record in caplog.records if record.levelno == logging.DEBUG]
        assert len(debug) == lines
        assert all("getThing" in line for line in debug)


def test_a_message_counts_what_it_does_not_show(play: Player) -> None:
    """Where several fields deviate, the error shows the first and says how many more there are."""
    script = Script((200, {"thing": {"id": "7", "name": 5}}))
    with pytest.raises(ResponseDecodeError, match=r"\(and 1 more\)"):
        play.do(lambda: play.client(script, deviations="strict").things.get(7))


def test_json_under_another_documented_name(play: Player) -> None:
    """Where the document promises JSON as another media type, that type is right, whatever its parameters."""
    named = evolve(GET, answers=(Answer("200", Thing.decode, "thing", content_type="text/x-thing; charset=utf-8"),))
    given = {"Content-Type": "text/x-thing"}
    api = play.client(Script((200, {"thing": {"id": 7}}, given)))
    assert play.do(lambda: api.things.run(named, id=7)).id == 7
    wrong = play.client(Script((200, {"thing": {"id": 7}}, {"Content-Type": "text/html"})))
    with pytest.raises(ResponseDecodeError, match="the content type is text/html"):
        play.do(lambda: wrong.things.run(named, id=7))


def test_a_catalogue_that_is_asked_anew_is_kept_longest(play: Player) -> None:
    """Of more answers than are kept, those go first that were asked for the longest time ago."""
    kept = evolve(VENDOR, cacheable=frozenset({GET.id}))
    script = Script(*[(200, {"thing": {"id": number}}) for number in range(600)])
    api = play.client(script, vendor=kept, catalogue_ttl=60)
    for number in range(256):
        play.do(lambda: api.things.get(number))  # noqa: B023 - it is called at once
    play.clock.advance(61)
    play.do(lambda: api.things.get(0))
    play.do(lambda: api.things.get(999))
    sent = len(script.requests)
    play.do(lambda: api.things.get(0))
    assert len(script.requests) == sent


def test_too_much_and_too_little_to_log_in_with() -> None:
    """eSPACE takes a key or a token: with both, or with neither, nothing is guessed."""
    with pytest.raises(ConfigurationError, match="give an api_key or a token, not both"):
        Espace(api_key="invented", token="invented")
    with pytest.raises(ConfigurationError, match="credentials are missing"):
        Espace()
    with pytest.raises(ConfigurationError):
        DimeScheduler()


def test_a_busy_token_endpoint_is_no_refusal(play: Player) -> None:
    """A token endpoint that says it is busy, under whatever status, is the error of a busy server."""
    for status in (200, 400):
        script = Script((status, {"error": "temporarily_unavailable"}), repeat=True)
        api = play.client(script, auth=token_auth(), retries=0)
        with pytest.raises(ServiceUnavailableError):
            play.do(lambda: api.things.get(7))  # noqa: B023 - it is called at once


def test_words_of_a_refusal_in_the_charset_they_came_in(play: Player) -> None:
    """The vendor's words about a refused login are read in the charset that the response declares."""
    words = '{"error": "invalid_client", "error_description": "gesperrt für Ümit"}'.encode("latin-1")
    script = Script((401, words, {"Content-Type": "application/json; charset=iso-8859-1"}), repeat=True)
    with pytest.raises(CredentialError, match="gesperrt für Ümit"):
        play.do(lambda: play.client(script, auth=token_auth(), retries=0).things.get(7))


@pytest.mark.parametrize(
    ("body", "place"),
    [({"times": [NAIVE]}, "times[0]"), ({"inner": {"at": NAIVE}}, "inner.at"), ({"at": NAIVE}, "at")],
)
def test_a_time_without_an_offset_is_refused_wherever_it_is(play: Player, body: Any, place: str) -> None:
    """A naive datetime deep in a body is refused with its place, before anything is sent."""
    script = Script()
    api = play.client(script)
    with pytest.raises(RequestError, match=f"{re.escape(place)}: 2026-03-01T09:00:00 has no offset"):
        play.do(lambda: api.things.create(body))
    assert script.requests == []
