"""Texts that are none: in responses they cost nothing but a deviation, in requests they are errors that say where."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from attrs import evolve

from accordant import Upload
from accordant.errors import DecodeError, NotFoundError, RequestError, ResponseDecodeError
from accordant.testing import Script
from accordant_runtime import Answer, Body, CallOptions, Operation, Parameter, instant
from tests.client.loopback import Loopback, http
from tests.client.support import BASE_URL, CREATE, GET, LIST_CURSOR, SEARCH, VENDOR, Player, Thing, Tiny

JSON = {"Content-Type": "application/json"}
HALF = "half \ud800 a character"


def places(api: Any) -> list[tuple[str, str]]:
    """Where and of which kind the deviations are that a client has seen."""
    return [(item.path, item.kind) for report in api.deviations for item in report.deviations]


@pytest.mark.parametrize(
    ("fields", "name", "place"),
    [
        (rb'"id": 2, "name": "x\ud800"', "x\ud800", ("$.things[1].name", "bad_value")),
        (b'"id": 2, "name": "\xfc"', "\udcfc", ("$.things[1].name", "bad_value")),
        (b'"id": 1, "id": 2, "name": "n"', "n", ("$.things[1].id", "duplicate")),
    ],
)
def test_one_bad_field_does_not_cost_the_page(play: Player, fields: bytes, name: str, place: tuple[str, str]) -> None:
    """A page with a text that is none is returned whole; the deviation names the field."""
    page = b'{"things": [{"id": 1}, {' + fields + b'}, {"id": 3}], "meta": {"total": 3.0}}'
    api = play.client(Script((200, page, JSON)))
    assert play.do(lambda: api.things.list().collect()) == [Thing(1), Thing(2, name), Thing(3)]
    assert places(api) == [place]


def test_numbers_that_are_none(play: Player) -> None:
    """NaN where an integer is promised is kept and noted twice over: it is no JSON, and no integer."""
    api = play.client(Script((200, b'{"thing": {"id": NaN, "name": "x"}}', JSON)))
    assert repr(play.do(lambda: api.things.get(7)).id) == "nan"
    assert places(api) == [("$.thing.id", "bad_value"), ("$.thing.id", "wrong_type")]


def test_strict_about_texts(play: Player) -> None:
    """A strict client refuses them with the same path."""
    api = play.client(Script((200, b'{"thing": {"id": 7, "id": 8}}', JSON)), deviations="strict")
    with pytest.raises(ResponseDecodeError, match=r"\$\.thing\.id: expected one value, found 2 values") as caught:
        play.do(lambda: api.things.get(7))
    assert caught.value.path == "$.thing.id"


def test_long_integers_keep_their_digits(play: Player) -> None:
    """An integer beyond 64 bits is exactly the one that came."""
    api = play.client(Script((200, b'{"thing": {"id": 123456789012345678901234567890}}', JSON)))
    assert play.do(lambda: api.things.get(7)).id == 123456789012345678901234567890
    assert places(api) == []


def test_missing_envelope(play: Player) -> None:
    """A record that comes without its envelope is read, and the deviation names the envelope."""
    api = play.client(Script((200, {"id": 7}), (200, {"id": 7})))
    assert play.do(lambda: api.things.get(7)) == Thing(7)
    [report] = api.deviations
    assert str(report) == "getThing 200: $.thing: expected the envelope 'thing', found its content without it"
    bare = evolve(GET, answers=(Answer("200", Thing.decode, envelope="thing", bare=True),))
    assert play.do(lambda: api.things.run(bare, id=7)) == Thing(7)
    assert len(api.deviations) == 1


def test_times_without_an_offset() -> None:
    """A time without an offset is a deviation, except of a vendor that names times by the wall clock."""
    at: Answer[Any] = Answer("200", instant, envelope="at")
    operation = evolve(GET, answers=(at,))
    for vendor, expected in ((VENDOR, [("$.at", "bad_value")]), (evolve(VENDOR, wall_clock=True), [])):
        api: Any = Tiny(transport=Script((200, {"at": "2026-03-01T09:00:00"})), vendor=vendor)
        assert api.things.run(operation, id=7).tzinfo is None
        assert places(api) == expected


@pytest.mark.parametrize(
    ("body", "charset", "kinds"),
    [
        ('{"thing": {"id": 7, "name": "ü"}}'.encode("utf-16"), "", ["encoding"]),
        ('{"thing": {"id": 7, "name": "ü"}}'.encode("utf-16-le"), "", ["encoding"]),
        ('{"thing": {"id": 7, "name": "ü"}}'.encode("utf-32"), "", ["encoding"]),
        ('{"thing": {"id": 7, "name": "ü"}}'.encode("utf-8-sig"), "", []),
        ('{"thing": {"id": 7, "name": "ü"}}'.encode("latin-1"), "iso-8859-1", []),
        ('{"thing": {"id": 7, "name": "ü"}}'.encode("utf-16"), "utf-16", []),
        ('{"thing": {"id": 7, "name": "ü"}}'.encode(), "iso-8859-1", ["encoding"]),
        ('{"thing": {"id": 7, "name": "ü"}}'.encode(), "no-such", ["encoding"]),
        ('{"thing": {"id": 7, "name": "ü"}}'.encode(), "hex", ["encoding"]),
        ('{"thing": {"id": 7, "name": "ü"}} '.encode(), "utf-16", ["encoding"]),
        ('{"thing": {"id": 7, "name": "ü"}}'.encode("utf-16"), "utf-32", ["encoding", "encoding"]),
    ],
)
def test_encodings(play: Player, body: bytes, charset: str, kinds: list[str]) -> None:
    """JSON in another encoding than it says, or than JSON has, is read as what it is, and that is noted."""
    content_type = f"application/json; charset={charset}" if charset else "application/json"
    api = play.client(Script((200, body, {"Content-Type": content_type})))
    assert play.do(lambda: api.things.get(7)) == Thing(7, "ü")
    assert [kind for _, kind in places(api)] == kinds


def test_cursors_that_no_request_could_carry(play: Player) -> None:
    """A next cursor that is no text is a DecodeError with its path, not a walk that ends."""
    api = play.client(Script((200, rb'{"items": [{"id": 1}], "next": "\ud800"}', JSON)))
    with pytest.raises(DecodeError, match=r"\$\.next: expected a cursor that can be sent"):
        play.do(lambda: api.things.walk(LIST_CURSOR).collect())


def test_errors_with_bad_texts(play: Player) -> None:
    """The vendor's words for an error survive a text that is none, and can be printed."""
    api = play.client(Script((404, b'{"error": "not \xff found", "code": NaN}', JSON)))
    with pytest.raises(NotFoundError, match=r"not \\udcff found") as caught:
        play.do(lambda: api.things.get(7))
    assert str(caught.value).encode()


def test_response_headers_beyond_ascii(play: Player) -> None:
    """Headers of a response that are not ASCII are kept, whatever their encoding."""
    with Loopback(http(b'{"thing": {"id": 7}}', X_One="grün \xff"), http(b"{}", X_One="\u20ac")) as server:
        api = play.client(base_url=server.url)
        raw = play.do(lambda: api.raw(api.things.get, 7))
        assert raw.headers["x-one"] == "grün \xff"
        assert raw.parse().id == 7
        assert play.do(lambda: api.request("GET", "/x")).headers["x-one"] == "\u20ac"


def _with(*parameters: Parameter, path: str = "/v1/x", body: Body | None = None) -> Operation[Any]:
    return evolve(GET, id="op", path=path, parameters=parameters, body=body)


@pytest.mark.parametrize("value", ["grüß", "a\r\nX: b", " k4711", "k4711 ", "\tk4711", "a\x7f", "\u20ac", "a\0", HALF])
def test_header_values(play: Player, value: str) -> None:
    """A header that cannot travel is a RequestError that names the parameter or the header, and not the value."""
    api = play.client(Script())
    operation = _with(Parameter("X-Name", "x_name", "header"))
    with pytest.raises(RequestError, match=r"^op: argument 'x_name' (cannot hold|holds) ") as caught:
        play.do(lambda: api.things.run(operation, x_name=value))
    assert value.strip(" \t") not in str(caught.value)
    with pytest.raises(RequestError, match="the value of the header 'X-Secret' must be one line of ASCII") as caught:
        play.do(lambda: api.things.get(7, options=CallOptions(headers={"X-Secret": value})))
    assert value.strip(" \t") not in str(caught.value)
    with pytest.raises(RequestError, match="the value of the header 'Idempotency-Key'"):
        play.do(lambda: api.things.create({}, options=CallOptions(idempotency_key=value)))


def test_header_values_that_travel(play: Player) -> None:
    """Blanks and tabs inside a header, and an empty one, travel; a value that is no text is refused."""
    script = Script((200, {"thing": {"id": 7}}), repeat=True)
    api = play.client(script)
    for value in ("a b\tc", ""):
        options = CallOptions(headers={"X-One": value})
        play.do(partial(api.things.get, 7, options=options))
        assert script.requests[-1].headers["x-one"] == value
    wrong: Any = {"X-One": 5}
    with pytest.raises(RequestError, match="the value of the header 'X-One' must be text, not int"):
        play.do(lambda: api.things.get(7, options=CallOptions(headers=wrong)))


@pytest.mark.parametrize(
    "path",
    [
        "/v3/../admin",
        "/..",
        "/v3/.",
        "/v3/./x",
        "/v3/%2e%2E/x",
        "/v3/.%2e?a=1",
        "/v3/\x7f",
        "/v3/\x85",
        f"/v3/{HALF}",
        "/v3/x\t",
        "/v3#x",
    ],
)
def test_paths_that_lead_elsewhere(play: Player, path: str) -> None:
    """A path of an undocumented endpoint that would not be sent as it is, is a RequestError, and nothing is sent."""
    script = Script()
    api = play.client(script)
    with pytest.raises(RequestError, match=r"^a path ") as caught:
        play.do(lambda: api.request("GET", path))
    assert str(caught.value).isascii()
    assert script.requests == []


@pytest.mark.parametrize("path", ["/v3/a.b/..c/...", "/v3/x?next=../y&z=%2e%2e", "/.well-known/%20x", "/v3/%2fx"])
def test_paths_that_stay(play: Player, path: str) -> None:
    """Dots inside names, dots in a query and encoded characters are sent as they are."""
    script = Script((200, None))
    api = play.client(script)
    play.do(lambda: api.request("GET", path))
    assert script.requests[0].url == f"{BASE_URL}{path}"


@pytest.mark.parametrize("value", ["", ".", "..", HALF])
def test_path_arguments(play: Player, value: str) -> None:
    """An argument that is no segment of a path is a RequestError that names it."""
    api = play.client(Script())
    with pytest.raises(RequestError, match=r"^getThing: argument 'id' "):
        play.do(lambda: api.things.run(GET, id=value))


@pytest.mark.parametrize("value", [HALF, float("nan"), {"a": None}, b"bytes"])
def test_query_arguments(play: Player, value: Any) -> None:
    """An argument that has no text in a query is a RequestError that names it, in every way to give one."""
    api = play.client(Script())
    with pytest.raises(RequestError, match="argument 'name_eq' "):
        play.do(lambda: api.things.list(name_eq=value).collect())
    with pytest.raises(RequestError, match="query parameter 'q': "):
        play.do(lambda: api.request("GET", "/v1/x", query={"q": [1, value]}))
    with pytest.raises(RequestError, match="query parameter 'q': "):
        play.do(lambda: api.things.get(7, options=CallOptions(query={"q": value})))
    with pytest.raises(RequestError, match=r"query parameter '.*udfff"):
        play.do(lambda: api.request("GET", "/v1/x", query={"\udfff": 1}))


def test_separators_inside_items(play: Player) -> None:
    """An item that holds its list's separator stays one item: within it the separator is percent-encoded."""
    script = Script((200, {"thing": {"id": 7}}), repeat=True)
    api = play.client(script)
    commas = _with(Parameter("ids", "ids", explode=False))
    play.do(lambda: api.things.run(commas, ids=["a", "b,c", "d e"]))
    play.do(lambda: api.things.run(commas, ids={"a": "b,c"}))
    play.do(lambda: api.things.run(commas, ids=["a", "b"]))
    play.do(lambda: api.things.run(commas, ids="a,b"))
    sent = [request.url.partition("?")[2] for request in script.requests]
    assert sent == ["ids=a,b%2Cc,d%20e", "ids=a,b%2Cc", "ids=a,b", "ids=a,b"]
    pipes = _with(Parameter("ids", "ids", explode=False, style="pipeDelimited"))
    blanks = _with(Parameter("ids", "ids", explode=False, style="spaceDelimited"))
    for operation, ids in ((pipes, ["a|b", "c"]), (pipes, ["a", "c"]), (blanks, ["a b", "c+"]), (blanks, ["a", "c"])):
        play.do(partial(api.things.run, operation, ids=ids))
    sent = [request.url.partition("?")[2] for request in script.requests[4:]]
    assert sent == ["ids=a%7Cb|c", "ids=a%7Cc", "ids=a%20b+c%2B", "ids=a%20c"]


@pytest.mark.parametrize(("value", "what"), [(HALF, "lone surrogate"), (float("nan"), "nan")])
def test_bodies(play: Player, value: Any, what: str) -> None:
    """A body that holds what no body can say is a RequestError that names the place, in every content type."""
    api = play.client(Script())
    extra = CallOptions(body={"more": [value]})
    form = Body("application/x-www-form-urlencoded", "form")
    multipart = Body("multipart/form-data", "multipart", files=("file",))
    cases: list[tuple[str, Any]] = [
        (r"\$\.a\[1\]\.b: ", lambda: api.things.create({"a": [0, {"b": value}]})),
        (r"\$\[0\]: ", lambda: api.things.run(SEARCH, body=[value])),
        (r"\$\.a: ", lambda: api.request("POST", "/v1/x", json={"a": value})),
        (r"\$\.more\[0\]: ", lambda: api.things.create({"a": 1}, options=extra)),
        ("field 'a' ", lambda: api.things.run(evolve(CREATE, body=form), body={"a": value})),
        ("field 'more' ", lambda: api.things.run(evolve(CREATE, body=form), body={"a": 1}, options=extra)),
        ("field 'a' ", lambda: api.things.run(evolve(CREATE, body=multipart), file=b"x", a=value)),
        ("field 'more' ", lambda: api.things.run(evolve(CREATE, body=multipart), file=b"x", options=extra)),
    ]
    for place, action in cases:
        with pytest.raises(RequestError, match=f"{place}.*{what}"):
            play.do(action)


def test_bodies_of_text(play: Player) -> None:
    """A body of plain text is a RequestError when it is none."""
    api = play.client(Script())
    with pytest.raises(RequestError, match="the body cannot be sent: holds a lone surrogate"):
        play.do(lambda: api.things.run(evolve(CREATE, body=Body("text/plain", "bytes")), body=HALF))


def test_names_of_files(play: Player) -> None:
    """A file name or content type that no header could carry is a RequestError."""
    api = play.client(Script())
    with pytest.raises(RequestError, match=r"the file name 'a\\udcff.txt' is no Unicode text"):
        play.do(lambda: api.things.upload(Upload(b"x", filename="a\udcff.txt")))
    with pytest.raises(RequestError, match="the content type of a file is ASCII"):
        play.do(lambda: api.things.upload(Upload(b"x", content_type="text/grün")))


def test_arguments_without_an_end(play: Player) -> None:
    """An argument that holds itself is a RequestError."""
    body: dict[str, Any] = {}
    body["a"] = body
    api = play.client(Script())
    with pytest.raises(RequestError, match="createThing: an argument is nested too deeply"):
        play.do(lambda: api.things.create(body))


def test_long_integers_are_sent(play: Player) -> None:
    """Integers beyond 64 bits are sent with all their digits, beside further properties as well."""
    script = Script((201, {"thing": {"id": 7}}))
    api = play.client(script)
    play.do(lambda: api.things.create({"a": 10**30}, options=CallOptions(body={"b": 2**64})))
    assert script.requests[0].body == b'{"a":%d,"b":%d}' % (10**30, 2**64)
