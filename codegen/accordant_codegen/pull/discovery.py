"""Finding a document: at its address, behind a page of documentation, or where servers usually offer it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit, urlunsplit

from attrs import evolve, field, frozen

from ..errors import CodegenError, DocumentError
from ..read.load import parse
from .fetching import Download, StoppedError, check_followed
from .pages import USUAL, USUAL_PAGES, Mentions, linked, read_page, read_script, read_settings

MOST_REQUESTS = 60


@frozen
class FoundDocument:
    """A document, its text, the address that was ``asked`` for it, and the one that gave it."""

    asked: str
    url: str
    text: str = field(repr=False)
    data: dict[str, Any] = field(repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    others: tuple[str, ...] = ()


class Get(Protocol):
    """Fetches an address."""

    def __call__(self, url: str, conditions: Mapping[str, str] | None = None) -> Download: ...


def find(url: str, first: Download, get: Get) -> FoundDocument:
    """The document at an address that gave ``first``, or one that it leads to."""
    if first.status in (401, 403):
        raise CodegenError(
            f"{url} returned status {first.status}. If it needs credentials, name their environment variables below "
            '[pull.headers] of source.toml, such as Authorization = "Bearer ${ITS_NAME}"'
        )
    reached = not 400 <= first.status < 600
    at_root = urlsplit(first.url).path in ("", "/")
    if not reached and not (at_root and first.status in (404, 405, 406, 410)):
        raise CodegenError(f"{url} returned status {first.status}. Check the address")
    search = _Search(get)
    direct = search.document(first) if reached else None
    if direct is None and reached and not at_root and not _is_page(first) and not _is_settings(search, first):
        raise search.reason or CodegenError(f"{url} is no OpenAPI document")
    found = direct or search.everywhere(first)
    if found is None:
        raise CodegenError(
            f"no OpenAPI document was found at {url}: {search.tried} addresses were tried, among them those that "
            "the page names and the usual ones (/openapi.json, /swagger.json, /v3/api-docs, ...). "
            "Name the document's own URL"
        )
    return found


def _is_page(download: Download) -> bool:
    return decoded(download).lstrip()[:1] == "<" or "html" in download.headers.get("content-type", "")


def _is_settings(search: _Search, download: Download) -> bool:
    data = search.parsed(download)
    return data is not None and bool(read_settings(data, download.url).documents)


def decoded(download: Download) -> str:
    """The text of a response: UTF-8, or what its byte order mark or content type says."""
    content = download.content
    for mark, codec in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return content.decode(codec, "replace")
    named = re.search(r"charset=\"?([\w.:-]+)", download.headers.get("content-type", ""))
    for codec in ("utf-8", *([named[1]] if named else [])):
        try:
            return content.decode(codec)
        except (UnicodeDecodeError, LookupError):
            continue
    return content.decode("utf-8", "replace")


class _Search:
    def __init__(self, get: Get) -> None:
        self._get = get
        self._seen: set[str] = set()
        self.tried = 1
        self.reason: CodegenError | None = None

    def parsed(self, download: Download) -> dict[str, Any] | None:
        """The object that a response holds, if it is one; else the reason is kept."""
        try:
            return parse(decoded(download), download.url)
        except DocumentError as error:
            self.reason = error
            return None

    def document(self, download: Download) -> FoundDocument | None:
        """What a response holds, if it is an OpenAPI document."""
        if _is_page(download) and decoded(download).lstrip()[:1] == "<":
            return None
        data = self.parsed(download)
        if data is None:
            return None
        if "openapi" not in data and "swagger" not in data:
            self.reason = DocumentError(
                download.url,
                "$",
                "it has neither `openapi` nor `swagger`: it is not an OpenAPI document",
                "Name the URL or the file of the OpenAPI document",
            )
            return None
        return FoundDocument(download.asked, download.url, decoded(download), data, download.headers)

    def everywhere(self, first: Download) -> FoundDocument | None:
        """Look at what the page names, then at the usual places below it and below its origin."""
        self._seen.add(first.url)
        found = self._behind(first, 3)
        for place in () if found else _usual(first.url, USUAL):
            download = self._fetch(first.url, place)
            found = self.document(download) if download and download.status == 200 else None
            if found:
                break
        for place in () if found else _usual(first.url, USUAL_PAGES):
            download = self._fetch(first.url, place)
            if download and download.status == 200 and _is_page(download):
                found = self._behind(download, 2)
            if found:
                break
        return found

    def _behind(self, page: Download, depth: int) -> FoundDocument | None:
        """Follow what a page, a script of it or its settings name, documents before scripts, the nearest first."""
        pending = [(page, page.url, depth)]
        while pending:
            current, at, left = pending.pop(0)
            named = self._named(current, at)
            for data in named.inside:
                return FoundDocument(current.asked, current.url, "", data)
            for place in named.documents:
                download = self._fetch(current.url, place)
                if download is None or download.status != 200:
                    continue
                found = self.document(download)
                if found:
                    others = tuple(each for each in named.documents if each not in self._seen and _is_document(each))
                    return evolve(found, others=others)
                if left > 1:
                    pending.append((download, download.url, left - 1))
            for place in named.more if left else ():
                download = self._fetch(current.url, place)
                if download is not None and download.status == 200:
                    pending.append((download, at, left - 1))
        return None

    def _named(self, download: Download, page: str) -> Mentions:
        text = decoded(download)
        if text.lstrip()[:1] == "<":
            named = read_page(text, download.url)
            services = linked(download.headers.get("link", ""), download.url)
            return Mentions((*services, *named.documents), named.more, named.inside)
        if "javascript" in download.headers.get("content-type", "") or urlsplit(download.url).path.endswith(".js"):
            return read_script(text, download.url, page)
        data = self.parsed(download)
        services = linked(download.headers.get("link", ""), download.url)
        return (
            Mentions(services) if data is None else Mentions((*services, *read_settings(data, download.url).documents))
        )

    def _fetch(self, source: str, place: str) -> Download | None:
        """Fetch an address that another one leads to, once; what cannot be had is passed over."""
        if place in self._seen or self.tried >= MOST_REQUESTS:
            return None
        self._seen.add(place)
        self.tried += 1
        try:
            check_followed(source, place, place)
            return self._get(place)
        except StoppedError:
            raise
        except CodegenError:
            return None


def _is_document(url: str) -> bool:
    return not urlsplit(url).path.endswith((".js", ".css", ".html"))


def _usual(url: str, names: tuple[str, ...]) -> Iterator[str]:
    parts = urlsplit(url)
    root = urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
    folder = urljoin(url, ".")
    folders = dict.fromkeys([folder, root])
    yield from (urljoin(base, name) for base in folders for name in names)
