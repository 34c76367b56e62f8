"""What goes onto the wire: addresses, headers, bodies."""

from __future__ import annotations

from typing import Any

import pytest

from accordant import CallOptions
from accordant.errors import ConfigurationError, NotFoundError, RequestError
from accordant.testing import Script
from accordant_runtime import Body, Entity, Operation
from tests.client.support import (
    BASE_URL,
    CREATE,
    GET,
    LIST,
    SEARCH,
    UPLOAD,
    VENDOR,
    AsyncTiny,
    Player,
    Tiny,
)

THING = (200, {"thing": {"id": 7}})
MADE = (201, {"thing": {"id": 7}})
EMPTY: tuple[int, Any] = (200, {"things": [], "meta": {"total": 0}})


def test_path_segments_are_encoded(play: Player) -> None:
    """A path argument cannot leave its segment."""
    script = Script(THING)
    api = play.client(script)
    play.do(lambda: api.things.get("a/../b?c#d é"))
    assert script.requests[0].url == f"{BASE_URL}/v1/things/a%2F..%2Fb%3Fc%23d%20%C3%A9"


def test_query_is_encoded(play: Player) -> None:
    """Query arguments arrive as they were given, brackets, ampersands and umlauts included."""
    script = Script(EMPTY)
    api = play.client(script)
    options = CallOptions(query={"extra": "1 2+3"})
    play.do(lambda: api.things.list(name_eq="ä&b=c", options=options).collect())
    query = script.requests[0].query
    assert ("filter[name_eq]", "ä&b=c") in query
    assert ("extra", "1 2+3") in query


def test_base_url_with_a_path(play: Player) -> None:
    """An address may have a path, with or without a slash at its end."""
    script = Script(THING)
    api = play.client(script, base_url="https://api.tiny.test/prefix/")
    play.do(lambda: api.things.get(7))
    assert script.requests[0].url == "https://api.tiny.test/prefix/v1/things/7"


def test_call_headers(play: Player) -> None:
    """Headers of a call replace those of the same name, in any case of letters."""
    script = Script(THING)
    api = play.client(script)
    play.do(lambda: api.things.get(7, options=CallOptions(headers={"ACCEPT": "text/json", "X-One": "1"})))
    assert (script.requests[0].headers["accept"], script.requests[0].headers["x-one"]) == ("text/json", "1")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("Authorization", "Bearer x", "client's own"),
        ("host", "elsewhere", "client's own"),
        ("Content-Length", "0", "client's own"),
        ("X-Evil", "a\r\nHost: b", "one line of ASCII"),
        ("X-Evil\r\nHost", "a", "no header name"),
        ("", "a", "no header name"),
        ("X-Umlaut", "ä", "one line of ASCII"),
    ],
)
def test_refused_headers(play: Player, name: str, value: str, message: str) -> None:
    """Headers that the client answers for, and values that break out of their line, are refused."""
    script = Script()
    api = play.client(script)
    with pytest.raises(RequestError, match=message):
        play.do(lambda: api.things.get(7, options=CallOptions(headers={name: value})))
    assert script.requests == []


def test_extra_body_properties(play: Player) -> None:
    """Further JSON properties join those of the body, and make one where there is none."""
    script = Script(MADE, THING)
    api = play.client(script)
    options = CallOptions(body={"more": [1], "name": "later"})
    play.do(lambda: api.things.create({"name": "x", "size": 2}, options=options))
    play.do(lambda: api.things.get(7, options=CallOptions(body={"why": "not"})))
    assert script.requests[0].json == {"name": "later", "size": 2, "more": [1]}
    assert script.requests[1].json == {"why": "not"}
    with pytest.raises(RequestError, match="a body that is a JSON object"):
        play.do(lambda: api.things.run(SEARCH, body=[1], options=CallOptions(body={"a": 1})))


def test_form_bodies(play: Player) -> None:
    """A form body is sent as one, with further properties."""
    operation: Operation[Any] = Operation(
        id="sendForm",
        method="POST",
        path="/v1/form",
        resource="things",
        name="form",
        entity=Entity("thing", "custom"),
        body=Body("application/x-www-form-urlencoded", "form"),
        answers=CREATE.answers,
    )
    script = Script(MADE)
    api = play.client(script)
    play.do(lambda: api.things.run(operation, body={"a": "1 2", "b": ["x", "y"]}, options=CallOptions(body={"c": "3"})))
    assert script.requests[0].body == b"a=1+2&b=x&b=y&c=3"
    assert script.requests[0].headers["content-type"] == "application/x-www-form-urlencoded"


def test_idempotency_key_without_a_header() -> None:
    """A vendor without idempotency keys makes one an error instead of dropping it silently."""
    from attrs import evolve

    api = Tiny(vendor=evolve(VENDOR, idempotency_header=None), transport=Script())
    with pytest.raises(RequestError, match="Tiny has no idempotency keys"):
        api.things.create({}, options=CallOptions(idempotency_key="k"))


def test_free_request(play: Player) -> None:
    """An endpoint that the document does not know is called with the client's credentials and retries."""
    script = Script((503, None), (200, {"anything": [1]}))
    api = play.client(script)
    raw = play.do(lambda: api.request("get", "/v1/secret-feature"))
    assert raw.parse() == {"anything": [1]}
    assert raw.attempts == 2
    assert script.requests[0].headers["x-api-key"]


def test_free_request_query(play: Player) -> None:
    """Lists in a query are repeated, None is left out, and the query joins one that stands in the path."""
    script = Script((200, None), repeat=True)
    api = play.client(script)
    play.do(lambda: api.request("GET", "/v1/x", query={"b": [True, "x y"], "left-out": None}))
    assert script.requests[0].query == [("b", "true"), ("b", "x y")]
    play.do(lambda: api.request("GET", "/v1/x?a=1", query={"b": 1}))
    assert script.requests[1].query == [("a", "1"), ("b", "1")]


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ((200, b"plain", {"Content-Type": "text/plain"}), "plain"),
        ((200, b"\x00\x01", {"Content-Type": "application/zip"}), b"\x00\x01"),
        ((204, None), None),
        ((200, [1, 2]), [1, 2]),
        ((201, b'"x"', {"Content-Type": "application/json"}), "x"),
    ],
)
def test_free_answers(play: Player, answer: Any, value: Any) -> None:
    """A free answer is parsed by its content type."""
    api = play.client(Script(answer))
    assert play.do(lambda: api.request("POST", "/v1/x", json={"a": 1})).parse() == value


def test_free_redirect(play: Player) -> None:
    """A redirect of a free request is an answer, not followed."""
    api = play.client(Script((307, None, {"Location": "/v2/x"})))
    assert play.do(lambda: api.request("GET", "/v1/x")).parse().location == "/v2/x"


def test_free_bodies(play: Player) -> None:
    """A free request sends JSON or bytes, not both."""
    script = Script((200, None), (200, None))
    api = play.client(script)
    play.do(lambda: api.request("PUT", "/v1/x", json=None))
    play.do(lambda: api.request("PUT", "/v1/x", content=b"raw"))
    assert [sent.body for sent in script.requests] == [b"null", b"raw"]
    assert script.requests[1].headers["content-type"] == "application/octet-stream"
    with pytest.raises(RequestError, match="not both"):
        play.do(lambda: api.request("PUT", "/v1/x", json=1, content=b"raw"))


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "v1/x"), ("GET", "//host/x"), ("GET", "/a b"), ("GE T", "/x"), ("GET", "/x#y"), ("GET", "/x\r\nA: b")],
)
def test_refused_free_requests(play: Player, method: str, path: str) -> None:
    """A method or a path that cannot be sent as it is, is refused."""
    api = play.client(Script())
    with pytest.raises(RequestError):
        play.do(lambda: api.request(method, path))


def test_raw_is_typed_by_the_method(play: Player) -> None:
    """raw(method, ...) gives status, headers, bytes, request id and attempts, and parses like the call itself."""
    headers = {"X-Request-Id": "r-9", "Content-Type": "application/json"}
    api = play.client(Script((503, None), (200, b'{"thing": {"id": 7}}', headers)))
    raw = play.do(lambda: api.raw(api.things.get, 7))
    assert (raw.status, raw.request_id, raw.attempts) == (200, "r-9", 2)
    assert raw.content == b'{"thing": {"id": 7}}'
    assert raw.headers["content-TYPE"] == "application/json"
    assert raw.parse().id == 7


def test_raw_by_name(play: Player) -> None:
    """raw.things.get(7) is the short form."""
    api = play.client(Script(THING))
    assert play.do(lambda: api.raw.things.get(7)).parse().id == 7


def test_raw_lists(play: Player) -> None:
    """raw of a list fetches one page and parses to it, with the token for what follows."""
    page = {"things": [{"id": 1}], "meta": {"total": 2}}
    rest = {"things": [{"id": 2}], "meta": {"total": 2}}
    script = Script((200, page), (200, rest))
    api = play.client(script)
    raw = play.do(lambda: api.raw(api.things.list, limit=1))
    parsed = raw.parse()
    assert ([item.id for item in parsed.items], parsed.total) == ([1], 2)
    assert [item.id for item in play.do(lambda: api.things.list(limit=1).resume(parsed.token).collect())] == [2]


def test_raw_keeps_the_copy_s_settings(play: Player) -> None:
    """raw of a copy's method uses the copy's settings."""
    script = Script(THING)
    api = play.client(script)
    copy = api.with_options(timeout=3)
    play.do(lambda: api.raw(copy.things.get, 7))
    assert script.requests[0].timeout == 3


def test_raw_errors(play: Player) -> None:
    """raw raises for an error as ever, and parse() raises what decoding raises."""
    api = play.client(Script((404, None), (200, b"<p>", {"Content-Type": "text/html"})))
    with pytest.raises(NotFoundError):
        play.do(lambda: api.raw(api.things.get, 7))
    raw = play.do(lambda: api.raw(api.things.get, 7))
    with pytest.raises(ValueError, match="text/html"):
        raw.parse()


def test_raw_of_something_else(play: Player) -> None:
    """raw refuses what is no method of a resource, and has no private attributes."""
    api = play.client(Script())
    with pytest.raises(RequestError, match="a method of one of the client's resources"):
        api.raw(len, "x")
    with pytest.raises(AttributeError):
        _ = api.raw._things
    with pytest.raises(AttributeError):
        _ = api.raw.no_such_resource


def test_transport_must_fit() -> None:
    """A blocking client refuses an asynchronous transport when it is made."""

    async def transport(*_request: Any) -> Any:
        return 200, [], b""

    with pytest.raises(ConfigurationError, match="asynchronous client"):
        Tiny(transport=transport)
    assert AsyncTiny(transport=transport).base_url == BASE_URL


def test_operations_are_what_they_say() -> None:
    """The tests' own operations are complete: every path parameter is declared."""
    for operation in (GET, LIST, CREATE, UPLOAD):
        declared = {item.wire for item in operation.parameters if item.where == "path"}
        assert all("{" + name + "}" in operation.path for name in declared)
