"""Answers that are not what the document promises."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from accordant import DeviationReport
from accordant.errors import AccordantError, ConfigurationError, DecodeError, ResponseDecodeError
from accordant.testing import Script
from accordant_runtime import Operation
from tests.client.support import DELETE, FILE, GET, LIST, LIST_BARE, LIST_NUMBERED, TEXT, UPDATE, Player, Thing

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html; charset=utf-8"}
THING = {"thing": {"id": 7}}

UNREADABLE = [
    ((200, b"<html><title>Sign in</title>", HTML), "text/html where application/json was promised", "<html><title>"),
    ((200, b'{"thing": {"id": 7', JSON), "not JSON", '{"thing"'),
    ((200, b'{"thing"', {**JSON, "Content-Length": "18"}), "cut short: 8 of 18 bytes came", '{"thing"'),
    ((200, b"", JSON), "empty where JSON was promised", ""),
    ((200, b"  \n", JSON), "empty where JSON was promised", ""),
    ((204, b""), "empty where JSON was promised", ""),
    ((200, b'{"a": "\xff"', JSON), "not JSON", '{"a"'),
    ((200, b'{"thing": nan}', JSON), "not JSON", '{"thing"'),
    ((200, b"[" * 100_000, JSON), "nested more than 254 levels deep at character 255", "[[["),
    (
        (200, b'{"thing": {"a": ' + b"[" * 253 + b"]" * 253 + b"}}", JSON),
        r"254 levels deep below \$\.thing\.a\[0\]",
        '{"',
    ),
    ((200, b"\x89PNG", {"Content-Type": "image/png"}), "image/png where", "\ufffdPNG"),
    ((200, b"thing", {"Content-Type": "text/plain"}), "text/plain where", "thing"),
    ((200, b"\xfe\xff{", {"Content-Type": "application/json; charset=no-such"}), "not JSON", "\ufffd\ufffd{"),
]


@pytest.mark.parametrize(("answer", "message", "start"), UNREADABLE)
def test_unreadable_bodies(play: Player, answer: Any, message: str, start: str) -> None:
    """HTML, cut, empty, misdeclared or broken bodies: one DecodeError with operation, content type and the start."""
    api = play.client(Script(answer, repeat=True), retries=0)
    with pytest.raises(ResponseDecodeError, match=message) as caught:
        play.do(lambda: api.things.get(7))
    error = caught.value
    assert (error.operation, error.status) == ("getThing", answer[0])
    assert error.content_type == (answer[2]["Content-Type"] if len(answer) > 2 else "")
    assert error.start.startswith(start)
    assert str(error).startswith("getThing: ")


WRONG_SHAPES: list[tuple[Any, str]] = [
    ([], "$"),
    ("text", "$"),
    (None, "$"),
    (7, "$"),
    ({"thing": []}, "$.thing"),
    ({"thing": "text"}, "$.thing"),
    ({"thing": None}, "$.thing"),
    ({"error": "we failed, but say 200"}, "$.thing"),
    ({}, "$.thing"),
]


@pytest.mark.parametrize(("document", "path"), WRONG_SHAPES)
def test_wrong_shapes(play: Player, document: Any, path: str) -> None:
    """What has not even the shape of a record is never returned as one; the error names the JSON path."""
    body = b"null" if document is None else document
    api = play.client(Script((200, body, JSON)))
    with pytest.raises(DecodeError) as caught:
        play.do(lambda: api.things.get(7))
    assert caught.value.path == path


LISTS: list[tuple[Any, str]] = [
    ({"meta": {"total": 1}}, "$.things"),
    ({"things": None, "meta": {"total": 1}}, "$.things"),
    ({"things": {}, "meta": {"total": 1}}, "$.things"),
    ({"things": []}, "$.meta.total"),
    ({"things": [], "meta": None}, "$.meta.total"),
    ({"things": [], "meta": {}}, "$.meta.total"),
    ({"things": [], "meta": {"total": None}}, "$.meta.total"),
    ({"things": [], "meta": {"total": "12"}}, "$.meta.total"),
    ({"things": [], "meta": {"total": -1}}, "$.meta.total"),
    ({"things": [], "meta": {"total": True}}, "$.meta.total"),
    ({"things": [{"id": 1}, "text"], "meta": {"total": 2}}, "$.things[1]"),
    ({"things": [None], "meta": {"total": 1}}, "$.things[0]"),
    ([{"id": 1}], "$.things"),
]


@pytest.mark.parametrize(("document", "path"), LISTS)
def test_lists_without_their_frame(play: Player, document: Any, path: str) -> None:
    """A list answer without its documented rows or total raises DecodeError naming the path."""
    api = play.client(Script((200, document)))
    with pytest.raises(DecodeError) as caught:
        play.do(lambda: api.things.list().collect())
    assert caught.value.path == path


def test_bare_list(play: Player) -> None:
    """A list that is documented as a bare array names places by their index alone."""
    api = play.client(Script((200, [{"id": 1}, 5])))
    with pytest.raises(DecodeError, match=r"\$\[1\]"):
        play.do(lambda: api.things.walk(LIST_BARE).collect())


def test_total_is_optional_where_it_is_not_documented(play: Player) -> None:
    """A list whose total is not documented needs none."""
    api = play.client(Script((200, [{"id": 1}]), (200, [])))
    assert play.do(lambda: api.things.walk(LIST_BARE).collect()) == [Thing(1)]


def test_cut_answers_are_tried_again(play: Player) -> None:
    """A read whose answer was cut off is tried again; a write is not, but its answer's status is known."""
    cut = (200, b'{"thing', {**JSON, "Content-Length": "100"})
    script = Script(cut, (200, THING), cut)
    api = play.client(script)
    assert play.do(lambda: api.things.get(7)).id == 7
    with pytest.raises(ResponseDecodeError, match="cut short") as caught:
        play.do(lambda: api.things.run(UPDATE, id=7, body={}))
    assert caught.value.status == 200


@pytest.mark.parametrize(
    "body",
    [b'\xef\xbb\xbf{"thing": {"id": 7}}', b' {"thing": {"id": 7}} ', '{"thing": {"id": 7}}'.encode("utf-16")],
)
def test_tolerable_encodings(play: Player, body: bytes) -> None:
    """A byte order mark, blanks and a declared charset are no reason to fail."""
    charset = "; charset=utf-16" if body.startswith(b"\xff\xfe") else ""
    api = play.client(Script((200, body, {"Content-Type": f"application/json{charset}"})))
    assert play.do(lambda: api.things.get(7)).id == 7


@pytest.mark.parametrize("kind", ["application/problem+json", "text/json", "APPLICATION/JSON", ""])
def test_json_by_other_names(play: Player, kind: str) -> None:
    """JSON may come under another JSON type, in capitals, or without a content type."""
    headers = {"Content-Type": kind} if kind else {}
    api = play.client(Script((200, b'{"thing": {"id": 7}}', headers)))
    assert play.do(lambda: api.things.get(7)).id == 7


def test_redirect_without_location(play: Player) -> None:
    """A documented redirect that names no place raises DecodeError."""
    api = play.client(Script((302, None)))
    with pytest.raises(DecodeError, match="without a Location"):
        play.do(lambda: api.things.run(FILE, id=7))


def test_text_that_is_none(play: Player) -> None:
    """Text in another encoding than it says raises DecodeError."""
    api = play.client(Script((200, b"\xff\xfe\xfd", {"Content-Type": "text/plain"})))
    with pytest.raises(DecodeError, match="not text"):
        play.do(lambda: api.things.run(TEXT))


def test_other_success_statuses(play: Player) -> None:
    """A success under another 2xx than the documented one is read all the same, and reported."""
    api = play.client(Script((200, {"deleted": True}), (202, THING), (202, None)))
    assert play.do(lambda: api.things.run(DELETE, id=7)) is None
    assert play.do(lambda: api.things.get(7)) == Thing(7)
    assert play.do(lambda: api.things.run(DELETE, id=7)) is None
    first, second, _ = api.deviations
    assert str(first) == "deleteThing 200: $: expected 204, found 200"
    assert str(second) == "getThing 202: $: expected 200, found 202"


def test_lenient(play: Player) -> None:
    """By default a deviation inside a record is kept as it came and collected."""
    api = play.client(Script((200, {"thing": {"id": "7", "name": 5}})))
    assert play.do(lambda: api.things.get(7)) == Thing("7", 5)
    [report] = api.deviations
    assert [(item.path, item.kind) for item in report.deviations] == [
        ("$.thing.id", "wrong_type"),
        ("$.thing.name", "wrong_type"),
    ]
    assert (report.operation, report.status) == ("getThing", 200)


DEVIATING: list[tuple[Operation[Any], Any, str]] = [
    (GET, {"thing": {"id": "7"}}, "$.thing.id"),
    (LIST, {"things": [{"id": 1}, {"id": "2"}], "meta": {"total": 2}}, "$.things[1].id"),
    (LIST_NUMBERED, {"items": [{}], "total": 1}, "$.items[0].id"),
    (LIST_BARE, [{"id": None}], "$[0].id"),
]


@pytest.mark.parametrize(("operation", "document", "path"), DEVIATING)
def test_strict(play: Player, operation: Any, document: Any, path: str) -> None:
    """A strict client raises DecodeError with every place and the body, and collects nothing."""
    api = play.client(Script((200, document)), deviations="strict")
    action: Callable[[], Any] = partial(api.things.get, 7) if operation is GET else api.things.walk(operation).collect
    with pytest.raises(DecodeError) as caught:
        play.do(action)
    assert [item.path for item in caught.value.deviations] == [path]
    assert caught.value.body is not None
    assert len(api.deviations) == 0


def test_callback(play: Player) -> None:
    """A function as policy is called with each report; what it raises goes to the caller."""
    seen: list[DeviationReport] = []
    api = play.client(Script((200, {"thing": {"id": "7"}}), repeat=True), deviations=seen.append)
    play.do(lambda: api.things.get(7))
    assert [report.operation for report in seen] == ["getThing"]

    def refuse(report: DeviationReport) -> None:
        raise LookupError(str(report))

    api = play.client(Script((200, {"thing": {"id": "7"}})), deviations=refuse)
    with pytest.raises(LookupError, match=r"\$\.thing\.id"):
        play.do(lambda: api.things.get(7))


def test_unknown_policy(play: Player) -> None:
    """An unknown policy is refused when the client is made."""
    with pytest.raises(ConfigurationError, match="'lenient', 'strict' or a function, not 'loose'"):
        play.client(Script(), deviations="loose")


def test_log_is_bounded(play: Player) -> None:
    """Only the last 1000 reports are kept; the others are counted, and clear() forgets all."""
    api = play.client(Script((200, {"thing": {"id": "7"}}), repeat=True))
    for _ in range(1003):
        play.do(lambda: api.things.get(7))
    assert (len(api.deviations), api.deviations.dropped) == (1000, 3)
    assert api.deviations[0].operation == "getThing"
    api.deviations.clear()
    assert (len(api.deviations), api.deviations.dropped) == (0, 0)


def test_decode_errors_travel(play: Player) -> None:
    """A decode error keeps all its parts when it is pickled."""
    api = play.client(Script((200, {"thing": {"id": "7"}}, {"X-Request-Id": "r-1"})), deviations="strict")
    with pytest.raises(AccordantError) as caught:
        play.do(lambda: api.things.get(7))
    twin = pickle.loads(pickle.dumps(caught.value))
    assert type(twin) is ResponseDecodeError
    assert str(twin) == str(caught.value)
    assert (twin.path, twin.body, twin.request_id) == ("$.thing.id", b'{"thing":{"id":"7"}}', "r-1")
