"""HTTP for a pull: redirects, one limit on the whole size and one deadline for everything."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import zlib
from collections.abc import Mapping
from functools import cache
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import httpx
from attrs import field, frozen

from ..errors import CodegenError
from .credentials import EnvironmentValues

MOST_REDIRECTS = 10
SECONDS = 60.0
MEGABYTES = 50.0
_ACCEPT = "application/json, application/yaml;q=0.9, text/html;q=0.5, */*;q=0.3"


@frozen
class Download:
    """What one address gave. ``asked`` is that address, ``url`` the one at the end of its redirects."""

    asked: str
    url: str
    status: int
    content: bytes
    headers: Mapping[str, str] = field(factory=dict[str, str])


@frozen
class Limits:
    """How long a pull may take and how much it may read, all its requests together."""

    seconds: float = SECONDS
    megabytes: float = MEGABYTES


@frozen
class Login:
    """Headers that only the origin of ``url`` gets."""

    url: str = ""
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)


class StoppedError(CodegenError):
    """A limit of the whole pull is reached; nothing else is tried."""


@cache
def _tls() -> ssl.SSLContext:
    """What httpx makes for each client, made once: to read the certificates takes longer than to fetch a document."""
    return httpx.create_ssl_context()


class Fetcher:
    """Fetches addresses one after the other. The deadline begins with the first of them.

    The request runs on a separate event loop because only a cancelled task stops a server that sends a byte now and
    then: a timeout of each read would never end it.
    """

    def __init__(self, values: EnvironmentValues, limits: Limits, login: Login | None = None) -> None:
        self._values = values
        self._limits = limits
        self._login = login or Login()
        self._left = int(limits.megabytes * 1_000_000)
        self._runner = asyncio.Runner()
        self._client: httpx.AsyncClient | None = None
        self._deadline: float | None = None

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._client is not None:
                self._runner.run(self._client.aclose())
        finally:
            self._runner.close()

    def get(self, url: str, conditions: Mapping[str, str] | None = None) -> Download:
        """Fetch one address; any status is returned, what prevents a response raises :class:`CodegenError`."""
        shown = self._values.hide(url)
        try:
            return self._runner.run(self._get(url, conditions or {}))
        except TimeoutError:
            raise StoppedError(
                f"{shown}: the pull took more than {self._limits.seconds:g} s and was stopped. "
                "Try again, or allow more with SECONDS="
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, OSError, ValueError) as error:
            words = " ".join(str(error).split()) or type(error).__name__
            raise CodegenError(
                self._values.hide(f"{url} cannot be fetched ({words}). Check the address and the network")
            ) from None

    async def _get(self, url: str, conditions: Mapping[str, str]) -> Download:
        loop = asyncio.get_running_loop()
        if self._client is None:
            headers = {"Accept": _ACCEPT}
            self._client = httpx.AsyncClient(verify=_tls(), timeout=None, follow_redirects=False, headers=headers)
            self._deadline = loop.time() + self._limits.seconds
        asked = url
        async with asyncio.timeout_at(self._deadline):
            for _ in range(MOST_REDIRECTS + 1):
                async with self._client.stream("GET", url, headers=self._headers(url, conditions)) as response:
                    if not response.has_redirect_location:
                        content = await self._content(response, url)
                        return Download(asked, url, response.status_code, content, dict(response.headers))
                    url = self._next(url, response.headers["location"])
        raise CodegenError(
            f"{self._values.hide(url)}: more than {MOST_REDIRECTS} redirects. Name the document's own URL"
        )

    def _headers(self, url: str, conditions: Mapping[str, str]) -> dict[str, str]:
        headers = {"Accept-Encoding": "gzip", **conditions}
        if self._login.headers and origin(url) == origin(self._login.url):
            if urlsplit(url).scheme != "https" and not is_local(url):
                raise CodegenError(
                    f"{self._values.hide(url)}: credentials are not sent without TLS. Use the https address"
                )
            headers.update(self._login.headers)
        return headers

    def _next(self, url: str, location: str) -> str:
        target = urljoin(url, location)
        check_followed(url, target, self._values.hide(f"{url} redirects to {target}"))
        return target

    async def _content(self, response: httpx.Response, url: str) -> bytes:
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise CodegenError(f"{self._values.hide(url)}: the content encoding {encoding!r} was not asked for")
        inflate = zlib.decompressobj(47) if "gzip" in encoding or encoding == "deflate" else None
        content = bytearray()
        async for chunk in response.aiter_raw():
            try:
                content += chunk if inflate is None else inflate.decompress(chunk, self._left + 1)
            except zlib.error as error:
                raise CodegenError(f"{self._values.hide(url)}: the compressed content is damaged ({error})") from None
            if len(content) > self._left or (inflate is not None and inflate.unconsumed_tail):
                raise StoppedError(
                    f"{self._values.hide(url)}: it is larger than the {self._limits.megabytes:g} MB that a pull may "
                    "read. Check the address, or allow more with MEGABYTES="
                )
        self._left -= len(content)
        return bytes(content)


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: what a credential belongs to."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def is_local(url: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def check_followed(url: str, target: str, what: str) -> None:
    """Refuse an address that another one leads to where it leaves the web, TLS, or reaches into a private network."""
    if urlsplit(target).scheme not in ("http", "https"):
        raise CodegenError(f"{what}, which is no web address. Name the document's own URL")
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme == "http":
        raise CodegenError(f"{what}: from https to http. Name the document's own https URL")
    if is_private(target) and not is_private(url):
        raise CodegenError(f"{what}, an address of this machine or a private network. Name that URL if it is meant")


def is_private(url: str) -> bool:
    """Whether the host is a literal address of this machine or of a private network, or this machine's name."""
    try:
        return not ipaddress.ip_address(urlsplit(url).hostname or "").is_global
    except ValueError:
        return is_local(url)
