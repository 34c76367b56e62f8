"""What the fast transport writes and reads itself: heads of requests, and responses in whatever pieces they come."""

from __future__ import annotations

from typing import Any, Final

import h11
import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accordant import HttpOptions
from accordant._http.fast_engine import FastEngine
from accordant._http.library import shared_tls
from accordant._http.messages import HttpRequest
from accordant._http.outgoing import Outgoing
from accordant._http.request_head import target_of
from accordant._http.response_reading import MOST_HEAD, ResponseReading
from accordant._http.routes import Route
from accordant._http.wire_errors import HeadTooLongError, WireProtocolError, WireRequestError

OK: Final = b"HTTP/1.1 200 OK\r\n"
CHUNKED: Final = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def read(data: bytes, method: str = "GET", sizes: tuple[int, ...] = (), *, end: bool = False) -> ResponseReading:
    """A response out of pieces of these sizes, and the rest in one."""
    found = ResponseReading(method)
    for size in sizes:
        piece, data = data[:size], data[size:]
        if piece and not found.over:
            found.feed(piece)
        elif piece:
            found.leftover = True
    if data and not found.over:
        found.feed(data)
    if end and not found.over:
        found.feed(b"")
    return found


@pytest.mark.parametrize(
    ("data", "body", "leftover"),
    [
        (OK + b"Content-Length: 2\r\n\r\n{}", b"{}", False),
        (OK + b"Content-Length: 2\r\n\r\n{}x", b"{}", True),
        (OK + b"Content-Length: 2\r\n\r\n{}\r\n", b"{}", True),
        (OK + b"Content-Length: 0\r\n\r\n", b"", False),
        (b"HTTP/1.1 204 No\r\n\r\n", b"", False),
        (b"HTTP/1.1 204 No\r\n\r\n{}", b"", True),
        (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n", b"{}", False),
        (CHUNKED + b"1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX-After: 1\r\n\r\n", b"{}", False),
        (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n\r\n", b"{}", True),
        (CHUNKED + b"2\r\n{}\r\n0\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\nx", b"{}", True),
        (CHUNKED + b"2\r\n{}\r\n0\r\n\r\nnonsense", b"{}", True),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n{}", b"{}", False),
    ],
)
def test_a_response_in_any_pieces(data: bytes, body: bytes, leftover: bool) -> None:
    """However a response is cut, its body is the same; what came behind it is noticed when it comes with the end."""
    for cut in range(len(data)):
        found = read(data, sizes=(cut,))
        assert found.over
        assert b"".join(found.taken()) == body
        if leftover:
            assert found.leftover or cut
    assert read(data).leftover == leftover


FIELD: Final = st.tuples(
    st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,9}", fullmatch=True).filter(
        lambda name: name.lower() not in ("content-length", "transfer-encoding", "connection", "upgrade")
    ),
    st.from_regex(r"[!-~]([ -~]{0,9}[!-~])?", fullmatch=True),
)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(200, 599),
    st.lists(FIELD, max_size=5),
    st.lists(st.binary(min_size=1, max_size=30), max_size=4),
    st.booleans(),
    st.lists(st.integers(0, 40), max_size=6),
)
def test_responses_are_read_as_another_parser_reads_them(
    status: int, fields: list[tuple[str, str]], parts: list[bytes], chunked: bool, cuts: list[int]
) -> None:
    """Status, header fields and body of any proper response, in any pieces, are those that h11 finds."""
    data = b"HTTP/1.1 %d Words\r\n" % status
    data += b"".join(f"{name}: {value}\r\n".encode() for name, value in fields)
    body = b"".join(parts)
    if chunked:
        data += b"Transfer-Encoding: chunked\r\n\r\n"
        data += b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    else:
        data += b"Content-Length: %d\r\n\r\n" % len(body) + body
    if status in (204, 304):
        data = data[: data.index(b"\r\n\r\n") + 4]
    other = h11.Connection(h11.CLIENT)
    other.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    other.send(h11.EndOfMessage())
    other.receive_data(data)
    events: list[Any] = []
    while not events or not isinstance(events[-1], h11.EndOfMessage):
        events.append(other.next_event())
    found = read(data, sizes=tuple(cuts))
    assert found.over
    assert not found.leftover
    assert found.status == events[0].status_code
    assert [(name.lower(), value) for name, value in found.headers] == list(events[0].headers)
    assert b"".join(found.taken()) == b"".join(bytes(each.data) for each in events if isinstance(each, h11.Data))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "before it sent a whole response"),
        (OK, "before it sent a whole response"),
        (OK + b"Content-Length: 9\r\n\r\n{}", "7 bytes before the end"),
        (CHUNKED + b"2\r\n{}\r\n", "before the last chunk"),
        (CHUNKED + b"no size\r\n", "chunk size"),
        (OK + b"Transfer-Encoding: gzip\r\n\r\n", "other than chunked"),
        (OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "Content-Length"),
        (OK + b"Content-Length: -1\r\n\r\n", "Content-Length"),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "another protocol"),
        (b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", "another version"),
        (b"SSH-2.0-OpenSSH_9.0\r\n\r\n", "Expected"),
        (OK + b"X-Bad\x00: 1\r\n\r\n", "header"),
    ],
)
def test_what_is_no_response(data: bytes, words: str) -> None:
    """A response that is cut, says its length twice, or is none is an error in whatever pieces it comes."""
    for cut in range(len(data) + 1):
        with pytest.raises(WireProtocolError, match=words):
            read(data, sizes=(cut,), end=True)


def again_and_again(found: ResponseReading, piece: bytes) -> None:
    """Feed a piece until it is more than a head may have."""
    for _ in range(MOST_HEAD // len(piece) + 1):
        found.feed(piece)


@pytest.mark.parametrize("piece", [b"HTTP/1.1 100 Continue\r\n\r\n", b"X-More: a\r\n"])
def test_a_head_has_an_end(piece: bytes) -> None:
    """A head that goes on for ever, responses before the final one included, is refused at the limit."""
    found = ResponseReading("GET")
    found.feed(b"HTTP/1.1 100 Continue\r\n")
    if not piece.startswith(b"X"):
        found.feed(b"\r\n")
    with pytest.raises(HeadTooLongError):
        again_and_again(found, piece)


@pytest.mark.parametrize("start", [b"0\r\n", b"1;"])
def test_what_stands_between_chunks_has_an_end(start: bytes) -> None:
    """Fields after the last chunk, and what may stand behind the size of one, are refused where they do not end."""
    found = read(CHUNKED + start)
    with pytest.raises(WireProtocolError, match="more than 100 kB"):
        again_and_again(found, b"X-More: a\r\n" if start == b"0\r\n" else b"moremoremore")


@pytest.mark.parametrize("order", [1, -1])
def test_a_length_beside_chunks(order: int) -> None:
    """Where a response has a length and chunks, the chunks count, and its connection is not used again."""
    fields = [b"Content-Length: 1\r\n", b"Transfer-Encoding: chunked\r\n"][::order]
    found = read(OK + b"".join(fields) + b"\r\n2\r\n{}\r\n0\r\n\r\n")
    assert found.over
    assert found.taken() == [b"{}"]
    assert not found.keeps


def test_no_body_where_there_is_none() -> None:
    """A response to HEAD ends with its head, whatever length it names."""
    assert read(OK + b"Content-Length: 20\r\n\r\n", "HEAD").over


PARTS: Final = st.text(alphabet="abcXYZ019-._~!$&'()*+,;=:@%/?#[]{}|\\^` \"<>äß€", max_size=20)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["http", "https"]), st.sampled_from(["", ":80", ":443", ":8080"]), PARTS)
@example("http", "", "/a/../b?c=%2")
@example("https", ":443", "")
@example("https", "", "/%7e/%C3%A4?q=a'b")
def test_addresses_are_written_as_httpx_writes_them(scheme: str, port: str, rest: str) -> None:
    """Path, query and host of any address are those that the other transports send."""
    url = f"{scheme}://vendor.test{port}/{rest}"
    try:
        expected = httpx.URL(url)
    except httpx.InvalidURL:
        with pytest.raises(WireRequestError):
            target_of(url)
        return
    found = target_of(url)
    assert (found.netloc, found.host, found.path) == (expected.netloc, expected.host, expected.raw_path)


@pytest.mark.parametrize(
    "url", ["https://[::1]:8443/x", "https://Vendor.Test/x", "https://bücher.test/x", "http://127.0.0.1:9"]
)
def test_hosts_are_written_as_httpx_writes_them(url: str) -> None:
    """Hosts that are numbers, have capitals or letters beyond ASCII are those that the other transports send."""
    expected = httpx.URL(url)
    found = target_of(url)
    assert (found.netloc, found.host.encode(), found.path) == (expected.netloc, expected.raw_host, expected.raw_path)


def written(request: HttpRequest, proxy: str | None = None) -> bytes:
    """The head of a request."""
    route = Route(("http", "vendor.localhost", 9), HttpOptions(proxy=proxy), "", lambda: shared_tls("httpx"))
    head: bytes = FastEngine().request(request, Outgoing(request), None, route).head
    return head


def test_a_head_for_a_proxy() -> None:
    """A proxy that is told a plain address gets the whole of it, and its own credentials."""
    head = written(HttpRequest("GET", "http://vendor.localhost:9/x"), "http://ann:p%40ss@127.0.0.1:8")
    assert head.startswith(b"GET http://vendor.localhost:9/x HTTP/1.1\r\n")
    assert b"\r\nProxy-Authorization: Basic YW5uOnBAc3M=\r\n" in b"\r\n" + head


@pytest.mark.parametrize(
    ("method", "header"),
    [
        ("GET /x HTTP/1.1\r\nX: ", ("X", "y")),
        ("GET", ("X", "y\r\nX-Other: z")),
        ("GET", ("X", "y\x00")),
        ("GET", ("X Y", "z")),
        ("GET", ("", "z")),
        ("GET", ("Host", "elsewhere.test")),
        ("POST", ("content-length", "5")),
    ],
)
def test_a_head_that_would_mean_something_else(method: str, header: tuple[str, str]) -> None:
    """What would end a header field, or says a second time where a request goes or ends, is not written."""
    with pytest.raises(WireRequestError):
        written(HttpRequest(method, "http://vendor.localhost:9/x", (header,), b"body"))
