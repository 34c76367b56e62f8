"""``make pull``: what it fetches, keeps, sends, refuses, and what stays when it fails."""

from __future__ import annotations

import base64
import contextlib
import gzip
import hashlib
import os
import tomllib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from accordant_codegen.pull import store as storing
from tests.codegen.checkouts import MINIMAL, Checkout, refused
from tests.codegen.document_server import DocumentServer, Page

NEWER = MINIMAL.replace("enum: [open, closed]", "enum: [open, closed, lost]")
SOURCE = """\
# Where it is from: a comment that stays.
vendor = "shop"
document = "openapi.yaml"  # YAML
sha256 = ""

[pull]
url = "{url}/openapi.yaml" # theirs
"""


@pytest.fixture
def server() -> Iterator[DocumentServer]:
    """A server for one test."""
    with DocumentServer() as started:
        yield started


def source(checkout: Checkout) -> dict[str, Any]:
    return tomllib.loads((checkout.root / "specs/shop/source.toml").read_text())


def document(checkout: Checkout, name: str = "openapi.yaml") -> str:
    return (checkout.root / "specs/shop" / name).read_text()


def files(checkout: Checkout) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (checkout.root / "specs/shop").iterdir()}


def with_source(checkout: Checkout, server: DocumentServer, more: str = "") -> None:
    """A vendor whose ``source.toml`` names the server."""
    checkout.add("shop")
    text = SOURCE.format(url=server.url).replace(
        'sha256 = ""', f'sha256 = "{hashlib.sha256(MINIMAL.encode()).hexdigest()}"'
    )
    (checkout.root / "specs/shop/source.toml").write_text(text + more)


class TestKeeps:
    def test_a_new_vendor(self, checkout: Checkout, server: DocumentServer) -> None:
        """A vendor that is not there yet gets its document and a source.toml from which it can be regenerated."""
        server.routes["/openapi.yaml"] = Page(MINIMAL + "servers: [{url: https://api.shop.example/v1}]\n")
        assert checkout.run("pull", "--vendor", "shop", "--url", f"{server.url}/openapi.yaml") == 0
        told = source(checkout)
        assert told["title"] == "Small"
        assert told["environments"] == {"production": {"url": "https://api.shop.example/v1"}}
        assert told["pull"] == {"url": f"{server.url}/openapi.yaml"}
        assert checkout.run("regenerate") == 0

    def test_a_newer_document(
        self, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A newer document replaces the old one together with its hash; comments of source.toml stay."""
        with_source(checkout, server)
        server.routes["/openapi.yaml"] = Page(NEWER)
        assert checkout.run("pull") == 0
        assert document(checkout) == NEWER
        text = (checkout.root / "specs/shop/source.toml").read_text()
        assert "# Where it is from: a comment that stays." in text
        assert "# theirs" in text
        assert source(checkout)["sha256"] == hashlib.sha256(NEWER.encode()).hexdigest()
        assert "make regenerate VENDOR=shop" in capsys.readouterr().out

    def test_the_same_document(
        self, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The same document, line endings aside, changes no byte."""
        with_source(checkout, server)
        before = files(checkout)
        server.routes["/openapi.yaml"] = Page(MINIMAL.replace("\n", "\r\n"))
        assert checkout.run("pull") == 0
        assert files(checkout) == before
        assert "shop: unchanged" in capsys.readouterr().out

    def test_form_changes(self, checkout: Checkout, server: DocumentServer) -> None:
        """A document that was YAML and is JSON now gets the ending of JSON; the old file goes."""
        import json

        from accordant_codegen.read.load import parse

        with_source(checkout, server)
        server.routes["/openapi.yaml"] = Page(json.dumps(parse(NEWER, "x")))
        assert checkout.run("pull") == 0
        assert source(checkout)["document"] == "openapi.json"
        assert sorted(files(checkout)) == ["openapi.json", "source.toml"]
        assert checkout.run("regenerate") == 0

    def test_a_file(self, checkout: Checkout, tmp_path: Path) -> None:
        """A file is taken in like an address; its path is not kept."""
        checkout.add("shop")
        (tmp_path / "newer.yaml").write_text(NEWER)
        assert checkout.run("pull", "--vendor", "shop", "--url", str(tmp_path / "newer.yaml")) == 0
        assert document(checkout) == NEWER
        assert "pull" not in source(checkout)

    def test_a_replaced_document(self, shop: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A document that was replaced by hand is refused with the two commands that help, and pull takes it in."""
        place = shop.root / "specs/shop/openapi.yaml"
        place.write_text(NEWER)
        message = refused(shop, capsys)
        assert "specs/shop/openapi.yaml" in message
        assert "make drift VENDOR=shop DOC=specs/shop/openapi.yaml" in message
        assert "make pull VENDOR=shop URL=specs/shop/openapi.yaml" in message
        assert shop.run("pull", "--vendor", "shop", "--url", str(place)) == 0
        assert shop.run("regenerate") == 0

    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("checked_out", ["\n", "\r\n"])
    def test_line_endings(self, ending: str, checked_out: str, checkout: Checkout, server: DocumentServer) -> None:
        """Whatever line endings a document came with, it is accepted with those that Git gives it."""
        server.routes["/a"] = Page(MINIMAL.replace("\n", ending, 5).replace("\r", ending))
        assert checkout.run("pull", "--vendor", "shop", "--url", f"{server.url}/a") == 0
        place = checkout.root / "specs/shop/openapi.yaml"
        unix = place.read_bytes().replace(b"\r\n", b"\n")
        place.write_bytes(unix.replace(b"\n", checked_out.encode()))
        assert checkout.run("regenerate") == 0

    def test_utf_16(self, checkout: Checkout, server: DocumentServer) -> None:
        """A document in UTF-16 is kept as UTF-8."""
        server.routes["/a"] = Page(MINIMAL.replace("It.", "Größe").encode("utf-16"))
        assert checkout.run("pull", "--vendor", "shop", "--url", f"{server.url}/a") == 0
        assert "Größe" in document(checkout)

    def test_without_address(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """Without an address a pull of all vendors skips it and says so; one that names it says what to give."""
        checkout.add("shop")
        assert checkout.run("pull") == 0
        assert "shop: source.toml names no address; skipped" in capsys.readouterr().out
        assert "make pull VENDOR=shop URL=" in refused(checkout, capsys, "pull", "--vendor", "shop")


class TestConditional:
    @pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
    def test_not_modified(
        self, header: str, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What the server said of a document is sent with the next request, and its 304 leaves everything."""
        server.routes["/openapi.yaml"] = Page(NEWER, headers={header: '"Sat, 28 Nov 2026"'})
        with_source(checkout, server)
        assert checkout.run("pull") == 0
        before = files(checkout)
        assert checkout.run("pull") == 0
        assert files(checkout) == before
        sent = {"ETag": "if-none-match", "Last-Modified": "if-modified-since"}[header]
        assert server.asked[-1][1][sent] == '"Sat, 28 Nov 2026"'
        assert "unchanged (the server says so)" in capsys.readouterr().out

    def test_not_where_the_document_differs(self, checkout: Checkout, server: DocumentServer) -> None:
        """A document that is not the one that was fetched is fetched whole."""
        server.routes["/openapi.yaml"] = Page(NEWER, headers={"ETag": '"1"'})
        with_source(checkout, server)
        assert checkout.run("pull") == 0
        (checkout.root / "specs/shop/openapi.yaml").write_text(MINIMAL)
        assert checkout.run("pull") == 0
        assert "if-none-match" not in server.asked[-1][1]
        assert document(checkout) == NEWER


class TestRedirects:
    def test_followed(self, checkout: Checkout, server: DocumentServer) -> None:
        """A redirect is followed; the address that was given is the one that is kept."""
        server.routes["/old"] = Page(status=302, headers={"Location": "/new?sig=abc"})
        server.routes["/new?sig=abc"] = Page(MINIMAL)
        assert checkout.run("pull", "--vendor", "shop", "--url", f"{server.url}/old") == 0
        assert source(checkout)["pull"] == {"url": f"{server.url}/old"}

    def test_credentials_stay_with_their_host(
        self, checkout: Checkout, server: DocumentServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Credentials go to the host that they are for, never to one that it redirects to."""
        monkeypatch.setenv("SHOP_DOCS_TOKEN", "tok-7f3a")
        with DocumentServer({"/there": Page(NEWER)}) as other:
            server.routes["/openapi.yaml"] = Page(status=307, headers={"Location": f"{other.url}/there"})
            with_source(checkout, server, 'headers = {Authorization = "Bearer ${SHOP_DOCS_TOKEN}"}\n')
            assert checkout.run("pull") == 0
            assert server.asked[0][1]["authorization"] == "Bearer tok-7f3a"
            assert "authorization" not in other.asked[0][1]

    def test_round_and_round(
        self, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Redirects that lead nowhere are refused."""
        server.routes["/a"] = Page(status=302, headers={"Location": "/a"})
        assert "more than 10 redirects" in refused(
            checkout, capsys, "pull", "--vendor", "x", "--url", server.url + "/a"
        )

    @pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
    def test_elsewhere(
        self, target: str, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A redirect that leaves the web is refused."""
        server.routes["/a"] = Page(status=302, headers={"Location": target})
        assert "no web address" in refused(checkout, capsys, "pull", "--vendor", "x", "--url", server.url + "/a")


class TestCredentials:
    def test_never_shown(
        self,
        checkout: Checkout,
        server: DocumentServer,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """What comes from the environment is sent, and stands in no message and no file."""
        monkeypatch.setenv("SHOP_KEY", "k y/7f3a")
        monkeypatch.setenv("SHOP_TOKEN", "tok-51bc")
        headers = 'headers = {X-Token = "${SHOP_TOKEN}"}\n'
        with_source(checkout, server, headers)
        place = checkout.root / "specs/shop/source.toml"
        place.write_text(place.read_text().replace('/openapi.yaml"', '/o?key=${SHOP_KEY}"'))
        server.routes["/o?key=k%20y/7f3a"] = Page("no: [")
        message = refused(checkout, capsys, "pull")
        server.routes["/o?key=k%20y/7f3a"] = Page(NEWER, headers={"ETag": '"2"'})
        assert checkout.run("pull") == 0
        said = message + capsys.readouterr().out + place.read_text() + repr(files(checkout))
        assert server.asked[-1][1]["x-token"] == "tok-51bc"
        assert "${SHOP_KEY}" in said
        assert not any(secret in said for secret in ("7f3a", "51bc"))

    def test_basic(self, checkout: Checkout, server: DocumentServer, monkeypatch: pytest.MonkeyPatch) -> None:
        """A user name and a password are sent as basic credentials."""
        monkeypatch.setenv("SHOP_USER", "ann")
        monkeypatch.setenv("SHOP_PASSWORD", "pw")
        with_source(checkout, server, 'basic = "${SHOP_USER}:${SHOP_PASSWORD}"\n')
        server.routes["/openapi.yaml"] = Page(NEWER)
        assert checkout.run("pull") == 0
        assert server.asked[0][1]["authorization"] == "Basic " + base64.b64encode(b"ann:pw").decode()

    def test_missing(self, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]) -> None:
        """A variable that is not set is named, and nothing is sent."""
        with_source(checkout, server, 'headers = {X-Token = "${SHOP_NOT_SET}"}\n')
        assert "SHOP_NOT_SET, which is not set" in refused(checkout, capsys, "pull")
        assert server.asked == []

    @pytest.mark.parametrize(
        "url",
        ["https://ann:pw-51bc@127.0.0.1/x", "https://127.0.0.1/x?api_key=pw-51bc", "https://h/?access_token=pw-51bc"],
    )
    def test_in_the_address(self, url: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """An address with a credential in it is refused without repeating it, for it would be kept."""
        message = refused(checkout, capsys, "pull", "--vendor", "shop", "--url", url)
        assert "would be written into source.toml" in message
        assert "pw-51bc" not in message

    def test_in_the_file(self, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]) -> None:
        """A credential in source.toml itself is refused without repeating it."""
        with_source(checkout, server, 'headers = {Authorization = "Bearer tok-51bc"}\n')
        message = refused(checkout, capsys, "pull")
        assert "Authorization is a credential and must not be written into a file" in message
        assert "51bc" not in message

    def test_of_another_host(
        self, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """An address at another host than the credentials are for is refused."""
        with_source(checkout, server, 'headers = {X-Token = "${SHOP_TOKEN}"}\n')
        message = refused(checkout, capsys, "pull", "--vendor", "shop", "--url", "https://other.example/openapi.json")
        assert "its credentials belong to another host" in message


def endless(server: DocumentServer) -> Callable[[BaseHTTPRequestHandler], None]:
    """A response that sends a byte now and then, until the server ends."""

    def route(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        with contextlib.suppress(OSError):
            while not server.ended.wait(0.02):
                handler.wfile.write(b" ")
                handler.wfile.flush()

    return route


class TestLimits:
    def test_time(self, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]) -> None:
        """A server that sends a byte now and then is left at the deadline of the whole pull."""
        server.routes["/a"] = endless(server)
        arguments = ("pull", "--vendor", "x", "--url", f"{server.url}/a", "--seconds", "0.3")
        assert "took more than 0.3 s" in refused(checkout, capsys, *arguments)

    @pytest.mark.parametrize("packed", [False, True])
    def test_size(
        self, packed: bool, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A document that is too large is refused, packed or not."""
        body = b" " * 2_000_000
        headers = {"Content-Encoding": "gzip"} if packed else {}
        server.routes["/a"] = Page(gzip.compress(body) if packed else body, headers=headers)
        arguments = ("pull", "--vendor", "x", "--url", f"{server.url}/a", "--megabytes", "1")
        assert "larger than the 1 MB" in refused(checkout, capsys, *arguments)

    def test_packed(self, checkout: Checkout, server: DocumentServer) -> None:
        """A packed document is unpacked."""
        server.routes["/a"] = Page(gzip.compress(MINIMAL.encode()), headers={"Content-Encoding": "gzip"})
        assert checkout.run("pull", "--vendor", "shop", "--url", f"{server.url}/a") == 0
        assert document(checkout) == MINIMAL

    def test_nobody_there(self, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A host that does not respond is named."""
        with DocumentServer() as gone:
            url = gone.url
        assert f"{url}/a cannot be fetched" in refused(checkout, capsys, "pull", "--vendor", "x", "--url", f"{url}/a")

    @pytest.mark.parametrize("url", ["http://[", "http://", "https://127.0.0.1:99999999/", "http://\x00/"])
    def test_no_address(self, url: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """What is no address is refused with a sentence."""
        refused(checkout, capsys, "pull", "--vendor", "x", "--url", url)


REFUSALS = {
    "half JSON": ('{"openapi": "3.1.0",', "it is not whole JSON"),
    "no YAML": ("a: [", "it is not YAML"),
    "empty": ("", "it is empty"),
    "a list": ("[1]", "it holds list, not an object"),
    "other JSON": ('{"name": "x"}', "it has neither `openapi` nor `swagger`"),
    "other version": ('{"openapi": "4.0.0", "info": {}, "paths": {}}', "version '4.0.0' is not supported"),
    "no paths": ('{"openapi": "3.0.0", "info": {}}', "$.paths: it is missing"),
    "paths in a list": ('{"openapi": "3.0.0", "info": {}, "paths": []}', "$.paths: it is a list, not an object"),
}


class TestRefuses:
    @pytest.mark.parametrize("kind", REFUSALS)
    def test_what_is_no_openapi(
        self, kind: str, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What is no OpenAPI document is refused with the reason, and nothing is replaced."""
        body, reason = REFUSALS[kind]
        with_source(checkout, server)
        before = files(checkout)
        server.routes["/openapi.yaml"] = Page(body)
        assert reason in refused(checkout, capsys, "pull")
        assert files(checkout) == before

    @pytest.mark.parametrize("status", [401, 404, 500])
    def test_statuses(
        self, status: int, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A status that is no success is named."""
        server.routes["/openapi.yaml"] = Page("no", status)
        url = f"{server.url}/openapi.yaml"
        assert f"{url} returned status {status}" in refused(checkout, capsys, "pull", "--vendor", "x", "--url", url)
        assert not (checkout.root / "specs/x").exists()

    @pytest.mark.parametrize("name", ["../x", "A", "a-b", "1a"])
    def test_names(self, name: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """A name that cannot be a package is refused."""
        assert "is no name for a vendor" in refused(
            checkout, capsys, "pull", "--vendor", name, "--url", "http://127.0.0.1/"
        )

    @pytest.mark.parametrize("table", ["pull = 1", "[pull]\nurk = 1", "[pull]\nheaders = {a = 1}", "[pull]\nurl = 1"])
    def test_settings(self, table: str, checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
        """Settings that make no sense are named by key."""
        checkout.add("shop")
        place = checkout.root / "specs/shop/source.toml"
        place.write_text(place.read_text() + table + "\n")
        assert "specs/shop/source.toml: pull" in refused(checkout, capsys, "pull")

    def test_mended_by_the_overlay(
        self, checkout: Checkout, server: DocumentServer, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A document that is refused as it is, and mended by the vendor's overlay, is accepted."""
        server.routes["/a"] = Page(MINIMAL.replace("3.1.0", "3.0.3").replace("paths:", "x-paths:"))
        arguments = ("pull", "--vendor", "shop", "--url", f"{server.url}/a")
        checkout.add("shop")
        assert "$.paths: it is missing" in refused(checkout, capsys, *arguments)
        overlay = (
            "overlay: 1.0.0\ninfo: {title: C, version: 1.0.0}\nactions:\n"
            '  - {target: $, description: "[docs] Missing.", update: {paths: {/a: {get: {operationId: a}}}}}\n'
        )
        checkout.add("shop", overlay=overlay)
        assert checkout.run(*arguments) == 0


class TestWhole:
    @pytest.mark.parametrize("fails", [1, 2])
    def test_a_failed_rename(
        self,
        fails: int,
        checkout: Checkout,
        server: DocumentServer,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """Where either file cannot be put into place, both stay as they were, and nothing lies about."""
        with_source(checkout, server)
        before = files(checkout)
        server.routes["/openapi.yaml"] = Page(NEWER)
        replace = os.replace
        calls: list[Path] = []

        def failing(source: Path, target: Path) -> None:
            calls.append(target)
            if len(calls) == fails:
                raise OSError("no space left")
            replace(source, target)

        monkeypatch.setattr("os.replace", failing)
        assert "no space left" in refused(checkout, capsys, "pull")
        assert files(checkout) == before

    def test_killed_between(self, checkout: Checkout, server: DocumentServer) -> None:
        """A pull that was killed between the two renames is finished by the next one, even offline."""
        with_source(checkout, server)
        server.routes["/openapi.yaml"] = Page(NEWER)
        folder = checkout.root / "specs/shop"
        assert checkout.run("pull") == 0
        done = files(checkout)
        (folder / "source.toml").rename(folder / ".source.toml.new")
        with_source(checkout, server)
        (folder / "openapi.yaml").write_text(NEWER)
        storing.finish(folder)
        assert files(checkout) == done

    def test_killed_before(self, checkout: Checkout, server: DocumentServer) -> None:
        """What a pull left that was killed before is cleared away."""
        with_source(checkout, server)
        before = files(checkout)
        (checkout.root / "specs/shop/.source.toml.new").write_text("half")
        (checkout.root / "specs/shop/.openapi.yaml.new").write_text(NEWER)
        storing.finish(checkout.root / "specs/shop")
        assert files(checkout) == before
