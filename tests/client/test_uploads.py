"""Multipart bodies: complete, honest about their length, and sent again only when they can be."""

from __future__ import annotations

import io
from email import message_from_bytes
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accordant import Upload
from accordant._clock import Clock
from accordant._http.multipart import MultipartBody
from accordant.errors import RequestError, TooManyRequestsError, UnauthorizedError
from accordant.testing import Script, SentRequest
from tests.client.support import Player

MADE = (201, {"thing": {"id": 7}})


def parts(sent: SentRequest) -> list[tuple[str | None, str | None, str, bytes]]:
    """Name, file name, media type and content of each part, read by the standard library."""
    message = message_from_bytes(f"Content-Type: {sent.headers['content-type']}\r\n\r\n".encode() + sent.body)
    found: list[tuple[str | None, str | None, str, bytes]] = []
    items: Any = message.get_payload()
    for item in items:
        name = item.get_param("name", header="content-disposition")
        found.append((name, item.get_filename(), item.get_content_type(), item.get_payload(decode=True)))
    return found


def test_from_bytes(play: Player) -> None:
    """Bytes are uploaded as application/octet-stream, beside the other fields."""
    script = Script(MADE)
    api = play.client(script)
    play.do(lambda: api.things.upload(b"\x00\x01", name="caption ä", count=3))
    assert parts(script.requests[0]) == [
        ("name", None, "text/plain", "caption ä".encode()),
        ("count", None, "text/plain", b"3"),
        ("file", "file", "application/octet-stream", b"\x00\x01"),
    ]


def test_from_a_path(play: Player, tmp_path: Path) -> None:
    """A path gives the file's name, and the name its media type."""
    path = tmp_path / "photo of door.png"
    path.write_bytes(b"\x89PNG")
    script = Script(MADE)
    api = play.client(script)
    play.do(lambda: api.things.upload(path))
    assert parts(script.requests[0]) == [("file", "photo of door.png", "image/png", b"\x89PNG")]


def test_from_an_open_file(play: Player, tmp_path: Path) -> None:
    """An open file is sent from where it stands, under its own name."""
    path = tmp_path / "notes.txt"
    path.write_bytes(b"skip this. send this.")
    script = Script(MADE)
    api = play.client(script)
    with path.open("rb") as file:
        file.seek(11)
        play.do(lambda: api.things.upload(file))
    assert parts(script.requests[0]) == [("file", "notes.txt", "text/plain", b"send this.")]


def test_from_an_upload(play: Player) -> None:
    """An Upload says name and media type itself."""
    script = Script(MADE)
    api = play.client(script)
    play.do(lambda: api.things.upload(Upload(b"{}", "data.bin", "application/json")))
    assert parts(script.requests[0]) == [("file", "data.bin", "application/json", b"{}")]


def test_names_cannot_break_out(play: Player) -> None:
    """Quotes and line ends in a file name cannot end the header that they stand in."""
    script = Script(MADE)
    api = play.client(script)
    play.do(lambda: api.things.upload(Upload(b"x", 'a"; name="b\r\nX-Evil: 1.txt')))
    assert b'filename="a%22; name=%22b%0D%0AX-Evil: 1.txt"' in script.requests[0].body
    with pytest.raises(RequestError, match="control characters"):
        play.do(lambda: api.things.upload(Upload(b"x", "a", "text/plain\r\nX-Evil: 1")))


def test_boundaries_are_random(play: Player) -> None:
    """Every upload has another boundary, which cannot be foreseen."""
    assert len({Clock().nonce() for _ in range(100)}) == 100
    script = Script(MADE, MADE)
    api = play.client(script, clock=Clock())
    for _ in range(2):
        play.do(lambda: api.things.upload(b"x"))
    first, second = (sent.headers["content-type"] for sent in script.requests)
    assert first != second


@pytest.mark.parametrize("source", ["bytes", "path", "file"])
def test_uploads_are_sent_again(play: Player, tmp_path: Path, source: str) -> None:
    """After 429 and after 401 a body that can be read again is sent again, whole."""
    path = tmp_path / "data.txt"
    path.write_bytes(b"content")
    sources: dict[str, Any] = {"bytes": b"content", "path": path, "file": io.BytesIO(b"content")}
    script = Script((429, None), MADE)
    api = play.client(script)
    play.do(lambda: api.things.upload(sources[source]))
    assert [parts(sent)[0][3] for sent in script.requests] == [b"content", b"content"]


class Pipe(io.BytesIO):
    """A stream that cannot be rewound."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_arguments: Any) -> int:
        raise OSError("not seekable")


def test_streams_are_not_sent_again(play: Player) -> None:
    """A stream that cannot be rewound is sent once; whatever comes then is raised, and never half a body sent."""
    for status, kind in ((429, TooManyRequestsError), (401, UnauthorizedError)):
        script = Script((status, None))
        api = play.client(script)
        with pytest.raises(kind):
            play.do(partial(api.things.upload, Upload(Pipe(b"content"), "a.txt")))
        assert len(script.requests) == 1


def test_unusable_files(play: Player, tmp_path: Path) -> None:
    """A missing file, a directory, a closed file or something else is refused before anything is sent."""
    script = Script()
    api = play.client(script)
    closed = io.BytesIO(b"x")
    closed.close()
    wrong: list[tuple[Any, str]] = [
        (tmp_path / "missing.png", r"cannot read the file '.*missing.png': No such file"),
        (tmp_path, "cannot read the file"),
        (closed, "cannot read the open file"),
        ("photo.png", "bytes, a path"),
        (7, "bytes, a path"),
    ]
    for file, message in wrong:
        with pytest.raises(RequestError, match=message):
            play.do(partial(api.things.upload, file))
    assert script.requests == []


def test_length() -> None:
    """The announced length is that of the bytes, and None where a stream does not tell."""
    body = MultipartBody([("a", "ä")], [("file", b"12345"), ("more", io.BytesIO(b"678"))], "b")
    assert body.length == len(b"".join(body.chunks()))
    assert body.replayable
    unknown = MultipartBody([], [("file", Pipe(b"12345"))], "b")
    assert unknown.length is None
    assert not unknown.replayable
    assert b"12345" in b"".join(unknown.chunks())
    with pytest.raises(RequestError, match="cannot be rewound"):
        b"".join(unknown.chunks())
