"""Where a page of API documentation says that its OpenAPI document is."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from attrs import field, frozen

from accordant_runtime import is_array, is_object

USUAL = (
    *("openapi.json", "openapi.yaml", "openapi.yml", "swagger.json", "swagger.yaml", "swagger.yml"),
    *("v3/api-docs", "v2/api-docs", "swagger/v1/swagger.json", "openapi/v1.json", "swagger/docs/v1", "api-docs"),
    *("api/openapi.json", "api/swagger.json", "api/v1/openapi.json", "api/v3/api-docs", "api-docs.json", "api-json"),
    *("docs/openapi.json", "docs/swagger.json", "v1/openapi.json", "api/schema/", ".well-known/openapi.json"),
)
"""Paths below an origin at which servers usually offer their document."""
USUAL_PAGES = (
    "docs",
    "swagger-ui/index.html",
    "swagger",
    "api-docs/",
    "redoc",
    "api/docs",
    "reference",
    "scalar",
    "api",
)
"""Paths below an origin at which servers usually offer a page that names it."""

_ATTRIBUTES = ("spec-url", "data-url", "data-spec-url", "apidescriptionurl", "api-description-url", "data-openapi-url")
_KEYS = r"configUrl|specUrl|spec-url|specURL|apiDescriptionUrl|openApiUrl|openapiUrl|swaggerUrl|documentUrl|url"
_ASSIGNED = re.compile(rf"""(?<![\w-])\\?["']?({_KEYS})\\?["']?\s*[:=]\s*\\?["'`]([^"'`\s\\<>]+)\\?["'`]""")
_INITIALISED = re.compile(r"""(?:Redoc\.init|SwaggerUI(?:Bundle)?|createApiReference)\(\s*["'`]([^"'`\s<>#]+)["'`]""")
_EMBEDDED = re.compile(r"""(?:["']?(?:swaggerDoc|spec|content|document)["']?\s*:|__redoc_state\s*=)\s*(?=\{)""")
_LOOKS = re.compile(r"openapi|swagger|api-?docs?\b|\.(json|ya?ml)$", re.IGNORECASE)
_OWN_SCRIPT = re.compile(r"init|config|redoc|scalar|swagger|openapi|index|docs", re.IGNORECASE)
_LIBRARY = re.compile(r"bundle|standalone|preset|\.min\.js|vendor|chunk|jquery|react", re.IGNORECASE)


@frozen
class Mentions:
    """What a page names, best first: addresses, scripts and settings that may name more, and documents inside it."""

    documents: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    inside: tuple[dict[str, Any], ...] = field(default=(), repr=False)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.attributes: list[str] = []
        self.links: list[str] = []
        self.scripts: list[str] = []
        self.inline: list[str] = []
        self.services: list[str] = []
        self.base = ""
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value for name, value in attrs if value}
        self.attributes += [values[name] for name in _ATTRIBUTES if name in values]
        if "data-configuration" in values:
            self.inline.append(values["data-configuration"])
        self._in_script = tag == "script"
        if tag == "script" and "src" in values:
            self.scripts.append(values["src"])
        if tag == "base" and not self.base:
            self.base = values.get("href", "")
        if tag in ("a", "link") and "href" in values:
            described = values.get("rel", "").lower() in ("service-desc", "describedby")
            (self.services if described else self.links if tag == "a" else []).append(values["href"])

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.inline.append(data)


def read_page(text: str, url: str) -> Mentions:
    """What an HTML page names."""
    page = _Page()
    page.feed(text)
    page.close()
    base = next(iter(_absolute([page.base], url)), url)
    named, settings, inside = _scripted(page.inline, base)
    links = [link for link in _absolute(page.links, base) if _LOOKS.search(urlsplit(link).path)]
    documents = _absolute([*page.services, *page.attributes], base) + named + links
    scripts = [
        script
        for script in _absolute(page.scripts, base)
        if urlsplit(script).netloc == urlsplit(base).netloc
        and _OWN_SCRIPT.search(urlsplit(script).path)
        and not _LIBRARY.search(urlsplit(script).path.rpartition("/")[2])
    ]
    return Mentions(_ordered(documents, base), tuple(dict.fromkeys([*settings, *scripts])), tuple(inside))


def read_script(text: str, url: str, page: str) -> Mentions:
    """What a script names; its addresses are relative to the page that loads it."""
    named, settings, inside = _scripted([text], page)
    beside = [found for found in _scripted([text], url)[0] if found not in named]
    return Mentions(_ordered([*named, *beside], page), tuple(settings), tuple(inside))


def read_settings(data: dict[str, Any], url: str) -> Mentions:
    """What a JSON object names that configures Swagger UI (springdoc's ``swagger-config``)."""
    several: Any = data.get("urls")
    entries = [*([data] if "url" in data else []), *(several if is_array(several) else [])]
    named = [item["url"] for item in entries if is_object(item) and isinstance(item.get("url"), str)]
    return Mentions(_ordered(_absolute(named, url), url))


def linked(header: str, url: str) -> tuple[str, ...]:
    """The documents of a ``Link`` header (RFC 8631)."""
    found = re.findall(r"""<([^>]+)>\s*;[^,<]*\brel\s*=\s*"?(?:service-desc|describedby)\b""", header)
    return tuple(_absolute(found, url))


def _scripted(texts: list[str], base: str) -> tuple[list[str], list[str], list[dict[str, Any]]]:
    named: list[str] = []
    settings: list[str] = []
    inside: list[dict[str, Any]] = []
    for text in texts:
        plain = text.replace("\\u0022", '"').replace("\\/", "/")
        for key, value in _ASSIGNED.findall(plain):
            (settings if key == "configUrl" else named).append(html.unescape(value))
        named += _INITIALISED.findall(plain)
        inside += _embedded(text)
    return _absolute(named, base), _absolute(settings, base), inside


def _embedded(text: str) -> Iterator[dict[str, Any]]:
    """OpenAPI documents that a page or script holds as JSON: the whole of it, or the value of a usual name."""
    starts = [found.end() for found in _EMBEDDED.finditer(text)]
    stripped = len(text) - len(text.lstrip())
    for start in [*([stripped] if text.lstrip().startswith("{") else []), *starts]:
        try:
            value, _ = json.JSONDecoder().raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        for _ in range(3):
            if is_object(value) and ("openapi" in value or "swagger" in value):
                yield value
                break
            inner = [value[key] for key in ("spec", "data", "content") if key in value] if is_object(value) else []
            value = inner[0] if inner else None


def _absolute(values: list[str], base: str) -> list[str]:
    found: list[str] = []
    for value in values:
        try:
            target = urljoin(base, value.strip())
            if urlsplit(target).scheme in ("http", "https"):
                found.append(target.partition("#")[0])
        except ValueError:
            continue
    return found


def _ordered(found: list[str], base: str) -> tuple[str, ...]:
    """Each once, the demonstration document that Swagger UI comes with last."""
    unique = [url for url in dict.fromkeys(found) if url != base]
    return tuple(sorted(unique, key=lambda url: "petstore.swagger.io" in url and "petstore" not in base))
