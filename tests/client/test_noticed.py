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
from accordant._paging import resume_tokens
from accordant._paging.resume_tokens import make_token
from accordant._paging.styles import Position
from accordant.dime_scheduler import DimeScheduler
from accordant.errors import (
    APIStatusError,
    ConfigurationError,
    CredentialError,
    PaginationError,
    RequestError,
    ResponseDecodeError,
    ResumeTokenError,
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
    for number in (5, *range(1000, 1010)):
        play.do(lambda: api.things.get(number))  # noqa: B023 - it is called at once
    sent = len(script.requests)
    play.do(lambda: api.things.get(5))
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


def test_a_resume_token_of_another_version(play: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that another version of the client made is refused as such, and not read as it may have been meant."""
    with monkeypatch.context() as patch:
        patch.setattr(resume_tokens, "_VERSION", 2)
        token = make_token("listThings", "", Position(20, 20))
    with pytest.raises(ResumeTokenError, match="another version of this client"):
        play.all(lambda: play.client(Script()).things.list().resume(token))


def test_a_row_without_a_date_ends_a_walk_by_dates() -> None:
    """A walk that goes on by the dates of rows says so where a row of a full answer has none."""
    row = {"OccurrenceId": 1}
    full = {"IsError": False, "Message": "", "Data": [row, row]}
    first, last = datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)
    with Espace(token="invented", transport=Script((200, full))) as api, pytest.raises(PaginationError, match="has no"):
        api.occurrences.list(start_date=first, end_date=last, limit=2).collect()


@pytest.mark.parametrize("wrong", [0, True, "1 MB", 1.5])
def test_a_limit_of_bytes_is_a_whole_number(play: Player, wrong: Any) -> None:
    """A limit for the size of responses that is no whole number above 0 is refused when the client is made."""
    with pytest.raises(ConfigurationError, match="max_response_bytes must be a whole number of bytes, 1 or more"):
        play.client(Script(), max_response_bytes=wrong)


def test_a_batch_has_a_size() -> None:
    """An import in batches of none is refused before anything is sent."""
    script = Script()
    with DimeScheduler(token="invented", transport=script) as api, pytest.raises(RequestError, match="size must be 1"):
        api.imports.batch(size=0)
    assert script.requests == []


def test_an_error_page_of_mere_text() -> None:
    """Dime.Scheduler may explain an error in a mere text, which is what the error says then."""
    script = Script((400, b'"the resource is not known"', {"Content-Type": "application/json"}))
    with DimeScheduler(token="invented", transport=script) as api, pytest.raises(APIStatusError, match="is not known"):
        api.request("GET", "/resource")
