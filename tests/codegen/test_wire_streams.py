"""Streams: what comes value by value is given value by value, blocking and asynchronous, over real connections."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from accordant import Clock, HttpOptions
from accordant.errors import CallTimeoutError, NetworkError, NotFoundError, ResponseDecodeError
from accordant.testing import Script
from tests.client.loopback import Connection, Loopback
from tests.client.support import Player
from tests.codegen.wired import client, generated, importable

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENTS = {"content-type": "text/event-stream"}
LINES = {"content-type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package."""
    with importable(generated(tmp_path_factory.mktemp("wire"), "responses"), "responses") as name:
        yield name


@pytest.fixture(params=["sync", "async"])
def play(request: pytest.FixtureRequest) -> Iterator[Player]:
    """Every test that uses this runs twice: blocking and asynchronous."""
    player = Player(request.param)
    yield player
    player.close()


def scripted(package: str, play: Player, content: Any, headers: dict[str, str], status: int = 200, **more: Any) -> Any:
    """A client whose response is this."""
    script = Script((status, content, headers), repeat=True)
    return play.own(client(package, play.kind == "async", transport=script, **more))


@contextmanager
def real(package: str, play: Player, *answers: Any, **settings: Any) -> Generator[tuple[Any, Loopback]]:
    """A client over a real connection, and the server."""
    with Loopback(*answers, repeat=True) as server:
        settings = {"base_url": server.url, "clock": Clock(), **settings}
        api = play.do(lambda: client(package, play.kind == "async", **settings))
        yield api, server
        play.do(api.close)


def chunk(data: bytes) -> bytes:
    """A chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


class Teller:
    """A server that sends what it is given, chunk by chunk, and ends the body or cuts it."""

    def __init__(self, *texts: bytes, cut: bool = False) -> None:
        self._texts, self._cut = texts, cut

    def __call__(self, connection: Connection) -> None:
        """Respond to one request; the connection is closed after it."""
        connection.send(HEAD % b"application/x-ndjson" + b"".join(map(chunk, self._texts)))
        if not self._cut:
            connection.send(b"0\r\n\r\n")


class TestValues:
    def test_lines(self, package: str, play: Player) -> None:
        """Each line of JSON is a model; blank lines and the missing end of the last line do not matter."""
        content = b'\xef\xbb\xbf{"id":1,"text":"\xc3\xbc"}\r\n\n{"id":2}\n{"id":3}'
        api = scripted(package, play, content, LINES)
        found = play.all(api.streams.get_lines)
        assert [(type(note).__name__, note.id) for note in found] == [("Note", 1), ("Note", 2), ("Note", 3)]
        assert found[0].text == "ü"

    def test_events(self, package: str, play: Player) -> None:
        """Server-sent events have their kind, id and typed data; comments are skipped, several data lines are one."""
        content = (
            b': hello\n\nevent: note\nid: 7\nretry: 50\ndata: {"id":1,\ndata: "text":"a"}\n\n'
            b'data:{"id":2}\r\n\r\ndata: {"id":3}\n\ndata: unfinished'
        )
        events = play.all(scripted(package, play, content, EVENTS).streams.get_events)
        assert [(each.event, each.id, each.retry, each.data.id) for each in events] == [
            ("note", "7", 50, 1),
            ("message", "7", 50, 2),
            ("message", "7", 50, 3),
        ]
        assert events[0].data.text == "a"

    def test_data(self, package: str, play: Player) -> None:
        """Data is text where the document says so, and JSON or text where it says nothing."""
        content = b"data: 12\n\ndata: plain\n\n"
        api = scripted(package, play, content, EVENTS, deviations="strict")
        assert [each.data for each in play.all(api.streams.get_texts)] == ["12", "plain"]
        assert [each.data for each in play.all(api.streams.get_anything)] == [12, "plain"]

    def test_described_event(self, package: str, play: Player) -> None:
        """Where the document describes the whole event, the data is what its schema says of it."""
        events = play.all(scripted(package, play, b'data: {"id":1}\n\n', EVENTS).streams.get_enveloped)
        assert events[0].data.id == 1

    def test_done(self, package: str, play: Player) -> None:
        """The data ``[DONE]`` ends the stream, and is no value."""
        content = b'data: {"id":1}\n\ndata: [DONE]\n\ndata: {"id":2}\n\n'
        api = scripted(package, play, content, EVENTS)
        assert [each.data.id for each in play.all(api.streams.get_events)] == [1]
        assert [each.data.id for each in play.do(lambda: api.raw(api.streams.get_events)).parse()] == [1, 2]

    def test_nothing(self, package: str, play: Player) -> None:
        """A status that promises nothing is a stream without values."""
        assert play.all(scripted(package, play, b"", {}, 204).streams.get_events) == []

    def test_raw(self, package: str, play: Player) -> None:
        """Raw access reads the whole response; it is parsed to a list of the values."""
        api = scripted(package, play, b'{"id":1}\n{"id":2}\n', LINES)
        raw = play.do(lambda: api.raw(api.streams.get_lines))
        assert raw.content.startswith(b'{"id":1}')
        assert [note.id for note in raw.parse()] == [1, 2]

    def test_sent_when_read(self, package: str, play: Player) -> None:
        """Nothing is sent before the first value is asked for, and a stream that was read gives nothing again."""
        script = Script((200, b'{"id":1}\n', LINES), repeat=True)
        api = play.own(client(package, play.kind == "async", transport=script))
        stream = api.streams.get_lines()
        assert script.requests == []
        assert len(play.all(lambda: stream)) == 1
        assert play.all(lambda: stream) == []
        assert [request.headers["accept"] for request in script.requests] == ["application/x-ndjson"]


class TestTrouble:
    def test_errors(self, package: str, play: Player) -> None:
        """An error in the place of a stream is that error."""
        api = scripted(package, play, {"resource": "note"}, {}, 404)
        with pytest.raises(NotFoundError, match="getEvents: 404"):
            play.all(api.streams.get_events)

    def test_deviations(self, package: str, play: Player) -> None:
        """A value that differs from the document is kept and noted with its number, and refused in strict mode."""
        content = b'data: {"id":1}\n\ndata: {"id":"x"}\n\ndata: words\n\n'
        api = scripted(package, play, content, EVENTS)
        found = [each.data for each in play.all(api.streams.get_events)]
        assert [found[0].id, found[1].id, found[2]] == [1, "x", "words"]
        paths = [str(note) for report in api.deviations for note in report.deviations]
        assert paths[0].startswith("$[1].id: expected integer")
        assert "$[2]: expected JSON" in paths[1]
        with pytest.raises(ResponseDecodeError, match=r"\$\[1\]\.id: expected integer"):
            play.all(scripted(package, play, content, EVENTS, deviations="strict").streams.get_events)

    def test_no_json(self, package: str, play: Player) -> None:
        """A line that is no JSON is an error that says which; what came before it was given."""
        api = scripted(package, play, b'{"id":1}\n<html>\n', LINES)
        stream = api.streams.get_lines()
        assert [note.id for note in play.all(lambda: stream, most=1)] == [1]
        with pytest.raises(ResponseDecodeError, match="getLines: value 1 is not JSON"):
            play.all(lambda: stream)

    def test_another_content_type(self, package: str, play: Player) -> None:
        """A page in the place of events is an error, not an empty stream."""
        with pytest.raises(ResponseDecodeError, match="text/html where text/event-stream was promised"):
            play.all(scripted(package, play, b"<html>", {"content-type": "text/html"}).streams.get_events)

    def test_large_values(self, package: str, play: Player) -> None:
        """A single value may be as large as a whole body may, the stream as long as it likes."""
        content = b"".join(b'{"id":%d}\n' % number for number in range(99))
        api = scripted(package, play, content, LINES, max_response_bytes=50)
        assert len(play.all(api.streams.get_lines)) == 99
        api = scripted(package, play, b'{"id":1}\n' + b" " * 60, LINES, max_response_bytes=50)
        with pytest.raises(ResponseDecodeError, match="a value is larger than 50 bytes; the setting"):
            play.all(api.streams.get_lines)


class TestConnections:
    def test_as_they_come(self, package: str, play: Player) -> None:
        """A value is given although the response goes on: the server ends it only after the client has read it."""
        told: list[str] = []

        def serve(connection: Connection) -> None:
            connection.send(HEAD % b"text/event-stream")
            connection.send(chunk(b'data: {"id":1}\n\n'))
            connection.hang()

        with real(package, play, serve) as (api, _):
            stream = api.streams.get_events()
            told.append(str(play.all(lambda: stream, most=1)[0].data.id))
            play.do(stream.close)
            assert play.all(lambda: stream) == []
        assert told == ["1"]

    def test_pieces(self, package: str, play: Player) -> None:
        """Values that come in pieces are whole, and the connection serves the next call."""
        pieces = [b'{"i', b'd":1}\r', b'\n{"id":2}\n{"', b'id":3}\n']
        whole = HEAD % b"application/x-ndjson" + b"".join(map(chunk, pieces)) + b"0\r\n\r\n"
        with real(package, play, whole) as (api, server):
            for _ in range(2):
                assert [note.id for note in play.all(api.streams.get_lines)] == [1, 2, 3]
            assert server.connections == 1

    def test_abandoned(self, package: str, play: Player) -> None:
        """A stream that is left early gives its connection up: the next call gets another, within the limit of one."""
        server_of = Teller(b'{"id":1}\n', b'{"id":2}\n')
        with real(package, play, server_of, http=HttpOptions(connections=1)) as (api, server):
            for _ in range(2):
                stream = api.streams.get_lines()
                assert play.all(partial(iter, stream) if play.kind == "sync" else stream.__aiter__, most=1)[0].id == 1
                play.do(stream.close)
            assert server.connections == 2

    def test_cut_short(self, package: str, play: Player) -> None:
        """A connection that breaks is a NetworkError that names the operation, after the values that had come."""
        with real(package, play, Teller(b'{"id":1}\n', cut=True), retries=0) as (api, _):
            stream = api.streams.get_lines()
            assert play.all(lambda: stream, most=1)[0].id == 1
            with pytest.raises(NetworkError, match="getLines: "):
                play.all(lambda: stream)

    def test_silence(self, package: str, play: Player) -> None:
        """``timeout`` limits each wait for data; the deadline of the call does not end a stream."""

        def serve(connection: Connection) -> None:
            connection.send(HEAD % b"application/x-ndjson" + chunk(b'{"id":1}\n'))
            connection.hang()

        with real(package, play, serve, timeout=0.2, retries=0) as (api, _):
            stream = api.streams.get_lines()
            assert play.all(lambda: stream, most=1)[0].id == 1
            with pytest.raises(CallTimeoutError, match="getLines: "):
                play.all(lambda: stream)

    def test_slow_head(self, package: str, play: Player) -> None:
        """The beginning of a response has ``timeout`` in all, however often a little of it comes."""

        def serve(connection: Connection) -> None:
            connection.drip(HEAD % b"application/x-ndjson", 0.02)
            connection.send(chunk(b'{"id":1}\n') + b"0\r\n\r\n")

        with real(package, play, serve, timeout=0.3, retries=0) as (api, _), pytest.raises(CallTimeoutError):
            play.all(api.streams.get_lines)

    def test_with(self, package: str) -> None:
        """A stream is a context manager, and a loop over it ends where its block does."""
        with real(package, Player("sync"), Teller(b'{"id":1}\n', b'{"id":2}\n')) as (api, _):
            with api.streams.get_lines() as stream:
                assert next(stream).id == 1
            assert list(stream) == []

        async def run() -> None:
            script = Script((200, b'{"id":1}\n{"id":2}\n', LINES))
            async with client(package, True, transport=script) as api, api.streams.get_lines() as stream:
                assert (await anext(stream)).id == 1
            assert [note async for note in stream] == []

        asyncio.run(run())


class TestTexts:
    @pytest.mark.parametrize(
        ("content", "headers"),
        [
            ("<a>ü</a>".encode(), {"content-type": "application/xml"}),
            ("<a>ü</a>".encode("latin-1"), {"content-type": "application/xml; charset=latin-1"}),
            ("\ufeff<a>ü</a>".encode("utf-16"), {"content-type": "application/xml"}),
        ],
    )
    def test_xml(self, package: str, play: Player, content: bytes, headers: dict[str, str]) -> None:
        """XML is text, read in the encoding that its header, its mark or its declaration says."""
        api = scripted(package, play, content, headers)
        assert play.do(api.texts.get_xml).lstrip("\ufeff") == "<a>ü</a>"

    def test_declared(self, package: str, play: Player) -> None:
        """The declaration of an XML document names its encoding."""
        text = '<?xml version="1.0" encoding="iso-8859-1"?><a>ü</a>'
        api = scripted(package, play, text.encode("latin-1"), {"content-type": "application/xml"})
        assert play.do(api.texts.get_xml) == text

    def test_accept(self, package: str, play: Player) -> None:
        """A request says which of the vendor's forms it reads."""
        script = Script((200, {"id": 1}), (200, b"<a/>"))
        api = play.own(client(package, play.kind == "async", transport=script))
        play.do(api.texts.get_hal)
        play.do(api.texts.get_xml)
        accepted = [request.headers["accept"] for request in script.requests]
        assert accepted == ["application/hal+json", "application/xml, */*;q=0.5"]
