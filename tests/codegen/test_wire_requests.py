"""What clients of a generated package send, read from the bytes that leave them."""

from __future__ import annotations

import asyncio
import inspect
import io
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from accordant import Clock
from accordant.errors import RequestError
from accordant.testing import Script, SentRequest
from accordant_runtime import Upload
from tests.client.loopback import Loopback, http
from tests.codegen.checkouts import Checkout
from tests.codegen.wired import KEY, client, generated, importable

NOTE = {"id": 1, "made": "2026-03-01T00:00:00Z", "title": "t"}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """The document, generated."""
    return generated(tmp_path_factory.mktemp("wire"), "requests")


@pytest.fixture(scope="module")
def package(checkout: Checkout) -> Iterator[str]:
    """The name of the generated package."""
    with importable(checkout, "requests") as name:
        yield name


class Sender:
    """Runs one call of a blocking or an asynchronous client, and keeps what was sent."""

    def __init__(self, package: str, asynchronous: bool) -> None:
        self._package = package
        self._asynchronous = asynchronous

    def __call__(self, call: Callable[[Any], Any], answer: Any = NOTE, **settings: Any) -> tuple[SentRequest, Any]:
        """What was sent, and the result."""
        script = Script((200, answer), repeat=True)
        if not self._asynchronous:
            api = client(self._package, False, transport=script, **settings)
            result = call(api)
        else:

            async def run() -> Any:
                api = client(self._package, True, transport=script, **settings)
                found = call(api)
                return await found if inspect.isawaitable(found) else found

            result = asyncio.run(run())
        return script.requests[-1], result


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def send(package: str, request: pytest.FixtureRequest) -> Sender:
    """Every test that uses it runs with both clients."""
    return Sender(package, request.param)


def parts(request: SentRequest) -> dict[str, tuple[list[str], bytes]]:
    """The parts of a multipart body by name: the lines of the head after the first, and the content."""
    boundary = request.headers["content-type"].partition("boundary=")[2]
    found: dict[str, tuple[list[str], bytes]] = {}
    for part in request.body.split(f"--{boundary}".encode())[1:-1]:
        head, _, content = part.strip(b"\r\n").partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        found[first.partition('name="')[2].partition('"')[0]] = (lines, content)
    return found


class TestHeaders:
    def test_own_headers(self, package: str, send: Sender) -> None:
        """``Accept``, ``Content-Type`` and ``Authorization`` of the document are no arguments: the client sets them."""
        method = import_module(f"{package}.memos").Memos.list_notes
        assert not {"accept", "content_type", "authorization"} & set(inspect.signature(method).parameters)
        request, _ = send(lambda api: api.memos.list_notes())
        assert request.headers["accept"] == "application/json"
        assert "authorization" not in request.headers

    def test_an_authorization_header_without_security(self, checkout: Checkout, package: str) -> None:
        """An operation that names the header Authorization and no security needs credentials: a scheme says which."""
        operations = import_module(f"{package}.operations").OPERATIONS
        assert operations["getOpen"].security == (("AuthorizationBearer",),)
        assert operations["listNotes"].security == (("key",),)
        document = checkout.document("wire_requests").read_text(encoding="utf-8")
        assert '"AuthorizationBearer"' in document

    @pytest.mark.parametrize(
        ("value", "what"), [("grüß", "characters beyond ASCII"), ("日本", "characters beyond ASCII"), ("a\nb", "line")]
    )
    def test_text_that_no_header_holds(self, send: Sender, value: str, what: str) -> None:
        """Text that a header cannot hold is a RequestError that names the argument, and nothing is sent."""
        with pytest.raises(RequestError, match=f"listNotes: argument 'x_labels' cannot hold .*{what}"):
            send(lambda api: api.memos.list_notes(x_labels=[value]))

    def test_commas_in_a_list(self, send: Sender) -> None:
        """A comma inside an item of a header would make two of it, so it is refused."""
        assert send(lambda api: api.memos.list_notes(x_labels=["a", "b"]))[0].headers["x-labels"] == "a,b"
        with pytest.raises(RequestError, match="argument 'x_labels' cannot hold ','"):
            send(lambda api: api.memos.list_notes(x_labels=["a", "b,c"]))


class TestQueries:
    @pytest.mark.parametrize(
        ("name", "separator", "items"),
        [
            ("commas", ",", ["a", "b,c", "d e", "ü"]),
            ("pipes", "|", ["a", "b|c", "d,e"]),
            ("blanks", "+", ["a", "b c", "d+e"]),
        ],
    )
    def test_delimiters_in_items(self, send: Sender, name: str, separator: str, items: list[str]) -> None:
        """A list in one value arrives with as many items as it has, whatever the items hold."""
        request, _ = send(lambda api: api.memos.list_notes(**{name: items}))
        value = urlsplit(request.url).query.removeprefix(f"{name}=")
        assert [unquote(item) for item in value.split(separator)] == items

    def test_nested_deep_object(self, send: Sender) -> None:
        """Lists and objects inside a deepObject get brackets of their own; objects in a list are numbered."""
        value = {"size": {"gte": 3}, "tags": ["x", "y z"], "parts": [{"no": 1}, {"no": 2}]}
        request, _ = send(lambda api: api.memos.list_notes(filter=value))
        assert request.query == [
            ("filter[size][gte]", "3"),
            ("filter[tags][]", "x"),
            ("filter[tags][]", "y z"),
            ("filter[parts][0][no]", "1"),
            ("filter[parts][1][no]", "2"),
        ]


class TestBodies:
    def test_the_fittest_content_type(self, send: Sender) -> None:
        """Of several content types application/json is spoken, wherever the document lists it."""
        request, _ = send(lambda api: api.memos.create(title="t", secret="s"))
        assert request.headers["content-type"] == "application/json"
        assert request.json == {"title": "t", "secret": "s"}

    def test_read_only(self, package: str, send: Sender) -> None:
        """What only the vendor sets is no argument of a create, required or not; the response has it as its type."""
        method = import_module(f"{package}.memos").Memos.create
        assert list(inspect.signature(method).parameters) == ["self", "title", "secret", "options"]
        _, note = send(lambda api: api.memos.create(title="t", secret="s"))
        assert (note.id, note.made.year) == (1, 2026)

    def test_write_only(self, send: Sender) -> None:
        """A response without a required property that only requests hold is what the document promises."""
        _, note = send(lambda api: api.memos.create(title="t", secret="s"), deviations="strict")
        assert not note.secret
        assert note.to_dict() == NOTE

    def test_only_in_requests(self, package: str, send: Sender) -> None:
        """A model that only requests hold can be made without what only the vendor sets."""
        model = import_module(f"{package}.models").SealedNote
        assert model(body="b").to_dict() == {"body": "b"}
        request, _ = send(lambda api: api.memos.replace(7, body="b"))
        assert request.json == {"body": "b"}

    def test_forms(self, send: Sender) -> None:
        """The fields of a form travel as ``encoding`` says; the others repeat their name or are JSON."""
        given = {"amount": 5, "meta": {"k": "v w", "l": "m"}, "expand": ["a,b", "c"], "bill": {"no": 1}}
        request, _ = send(lambda api: api.forms.create(lines=["x", "y"], **given))
        assert "expand=a%2Cb,c" in request.body.decode()
        assert parse_qsl(request.body.decode()) == [
            ("amount", "5"),
            ("meta[k]", "v w"),
            ("meta[l]", "m"),
            ("expand", "a,b,c"),
            ("bill", '{"no":1}'),
            ("lines", "x"),
            ("lines", "y"),
        ]

    def test_multipart(self, send: Sender) -> None:
        """Parts have the content type and the headers of the document; JSON says that it is JSON."""
        request, _ = send(
            lambda api: api.forms.create_parts(
                page="<p>",
                rows=[{"no": 1}, {"no": 2}],
                meta={"no": 3},
                note="plain",
                data=b"\x00\xff",
                coded="iVBO",
                picture=Upload(b"png", filename="a.png"),
                scan=Upload(b"tif", headers={"X-Page": "2"}),
            )
        )
        found = parts(request)
        assert found["page"] == (["Content-Type: text/html", "X-Part: page"], b"<p>")
        assert found["rows"] == (["Content-Type: application/json"], b'[{"no":1},{"no":2}]')
        assert found["meta"] == (["Content-Type: application/json"], b'{"no":3}')
        assert found["note"] == ([], b"plain")
        assert found["data"] == (["Content-Type: application/octet-stream"], b"\x00\xff")
        assert found["coded"] == (["Content-Type: image/png", "Content-Transfer-Encoding: base64"], b"iVBO")
        assert found["picture"] == (["Content-Type: image/png"], b"png")
        assert found["scan"] == (["Content-Type: image/tiff", "X-Page: 2"], b"tif")

    def test_part_headers(self, send: Sender) -> None:
        """A header of a part that would break out of its line is refused."""
        with pytest.raises(RequestError, match="the header 'X-Page' of the part 'scan'"):
            send(lambda api: api.forms.create_parts(scan=Upload(b"tif", headers={"X-Page": "2\r\nX: y"})))

    def test_losses(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """What nobody can send and what is the client's own is told when the client is generated, with its place."""
        generated(tmp_path, "requests")
        told = capsys.readouterr().out
        assert ".headers['X-Free']: the header of a part has no value of its own" in told
        assert "$.paths['/notes'].get and 1 more: the header Authorization is the client's own" in told
        assert "application/*+json is taken as" not in told


def _upload(body: Any, api: Any) -> Any:
    return api.files.create(body)


class TestUploads:
    def test_kinds(self, send: Sender, tmp_path: Path) -> None:
        """A raw body is bytes, text, a path, an open file or an Upload, which may name its content type."""
        path = tmp_path / "a.bin"
        path.write_bytes(b"from disk")
        for body, content, kind in (
            (b"raw", b"raw", "application/octet-stream"),
            ("text", b"text", "application/octet-stream"),
            (path, b"from disk", "application/octet-stream"),
            (io.BytesIO(b"open"), b"open", "application/octet-stream"),
            (Upload(path, content_type="image/png"), b"from disk", "image/png"),
        ):
            request, _ = send(partial(_upload, body))
            assert (request.body, request.headers["content-type"]) == (content, kind)
        with path.open() as file, pytest.raises(RequestError, match="open it in binary mode"):
            send(lambda api: api.files.create(file))

    def test_streamed(self, package: str) -> None:
        """A file is read in pieces while it is sent, and never as a whole; one of unknown length is sent in chunks."""

        class Large(io.RawIOBase):
            """A file of 3 MB that cannot be rewound; it remembers how much was asked for at once."""

            left = 3_000_000
            most = 0

            def readable(self) -> bool:
                return True

            def read(self, size: int = -1) -> bytes:
                self.most = max(self.most, self.left if size < 0 else size)
                self.left, piece = max(0, self.left - size), min(self.left, size)
                return b"x" * piece

        for asynchronous in (False, True):
            file = Large()
            with Loopback(http(b'{"id":1,"made":"2026-03-01T00:00:00Z","title":"t"}')) as server:
                given: dict[str, Any] = {"base_url": server.url, "clock": Clock()}

                async def run(given: dict[str, Any] = given, file: Large = file) -> Any:
                    async with client(package, True, **given) as api:
                        return await api.files.create(file)

                if asynchronous:
                    assert asyncio.run(run()).id == 1
                else:
                    with client(package, False, **given) as api:
                        assert api.files.create(file).id == 1
                assert b"transfer-encoding: chunked" in server.requests[0].lower()
                assert server.requests[0].count(b"x") > 2_999_999
            assert file.most <= 65536


class TestServers:
    def test_own_address(self, send: Sender) -> None:
        """An operation goes to the address that the document names for it, with the client's credentials."""
        request, _ = send(lambda api: api.files.create(b"x"))
        assert request.url == "https://eu.files.wire.test/upload"
        assert request.headers["x-key"] == KEY

    def test_by_environment(self, send: Sender) -> None:
        """Where an operation has an address for each environment, it is the one of the client's environment."""
        assert send(lambda api: api.files.replace_file("<a/>"))[0].url == "https://a.wire.test/upload"
        request, _ = send(lambda api: api.files.replace_file("<a/>"), environment="staging")
        assert request.url == "https://b.wire.test/upload"

    def test_a_path(self, send: Sender) -> None:
        """An address that is a path alone is one of the client's own host."""
        assert send(lambda api: api.files.touch_file(), None)[0].url == "https://api.wire.test/v2/upload"

    def test_address_of_the_user(self, send: Sender) -> None:
        """A client with an address of its user's own, such as a sandbox, sends everything there."""
        request, _ = send(lambda api: api.files.create(b"x"), base_url="http://127.0.0.1:9/x")
        assert request.url == "http://127.0.0.1:9/x/upload"

    def test_no_credentials_without_tls(self, send: Sender) -> None:
        """Credentials do not go to an address without TLS, even where the document names it."""
        with pytest.raises(RequestError, match=r"deleteFile: no credentials are sent: .* must use https"):
            send(lambda api: api.files.delete_file())

    def test_no_other_address(self, send: Sender) -> None:
        """The document's further addresses do not open the way to others: a call goes to none but its own."""
        request, _ = send(lambda api: api.memos.list_notes())
        assert request.url == "https://api.wire.test/v1/notes"
