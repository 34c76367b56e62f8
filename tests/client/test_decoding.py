"""Undoing content encodings in pieces, so that a limit on the size holds while it is undone."""

from __future__ import annotations

import gzip
import zlib

import pytest

from accordant._http.content_decoding import MOST_CODINGS, PIECE, ContentDecoder, DecodingError

BODY = bytes(range(256)) * 2000


def decoded(codings: list[str], data: bytes, step: int = 1000) -> bytes:
    decoder = ContentDecoder(codings)
    pieces = [piece for start in range(0, len(data), step) for piece in decoder.decode(data[start : start + step])]
    decoder.end()
    assert all(len(piece) <= max(PIECE, step) for piece in pieces)
    return b"".join(pieces)


@pytest.mark.parametrize("step", [1, 999, 1_000_000])
@pytest.mark.parametrize(
    ("codings", "data"),
    [
        ([], BODY),
        (["identity"], BODY),
        (["gzip"], gzip.compress(BODY)),
        (["X-GZIP "], gzip.compress(BODY)),
        (["gzip"], gzip.compress(BODY[:5000]) + gzip.compress(BODY[5000:])),
        (["gzip"], gzip.compress(BODY) + bytes(20)),
        (["deflate"], zlib.compress(BODY)),
        (["deflate"], zlib.compress(BODY)[2:-4]),
        (["deflate", "gzip"], gzip.compress(zlib.compress(BODY))),
        (["gzip"], b""),
    ],
    ids=["none", "identity", "gzip", "x-gzip", "two members", "padded", "zlib", "bare deflate", "both", "empty"],
)
def test_every_coding_is_undone(codings: list[str], data: bytes, step: int) -> None:
    """The body is the same whatever the coding, and however the data is cut into chunks."""
    assert decoded(codings, data, step) == (BODY if data else b"")


def test_a_bomb_comes_in_pieces() -> None:
    """A small chunk that stands for much is undone piece by piece, so that whoever counts can stop."""
    decoder = ContentDecoder(["gzip", "gzip"])
    pieces = decoder.decode(gzip.compress(gzip.compress(bytes(50_000_000))))
    assert max(len(next(pieces)) for _ in range(10)) <= PIECE


@pytest.mark.parametrize(
    ("codings", "data", "words"),
    [
        (["gzip"], gzip.compress(BODY)[:-9], "ends too early"),
        (["deflate"], zlib.compress(BODY)[:-9], "ends too early"),
        (["gzip"], b"{}", "cannot be decompressed"),
        (["br"], b"{}", "'br'; the request accepts gzip, deflate"),
        (["gzip"] * (MOST_CODINGS + 1), b"", f"{MOST_CODINGS} are allowed"),
    ],
    ids=["cut gzip", "cut deflate", "not gzip", "unknown coding", "too many codings"],
)
def test_what_cannot_be_undone_says_why(codings: list[str], data: bytes, words: str) -> None:
    """A body that is not what its header says is an error that says so."""
    with pytest.raises(DecodingError, match=words):
        decoded(codings, data)
