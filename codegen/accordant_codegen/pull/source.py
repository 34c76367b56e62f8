"""``source.toml`` as a pull reads and rewrites it; comments and order stay."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import tomlkit
from attrs import field, frozen
from tomlkit.exceptions import TOMLKitError

from accordant_runtime import is_array, is_object

from ..errors import DocumentError
from ..vendors import read_source
from .credentials import EnvironmentValues, check_header, check_url

_KEYS = {"url": str, "found": str, "etag": str, "last-modified": str, "basic": str, "headers": dict}


@frozen
class PullSettings:
    """The table ``[pull]``: where the document is, what the server said of it, and what it wants to know."""

    url: str = ""
    found: str = ""
    etag: str = ""
    last_modified: str = ""
    basic: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)

    @property
    def conditions(self) -> dict[str, str]:
        """Headers of a request that wants the document only where it is another one."""
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in pairs.items() if value}

    def login(self, values: EnvironmentValues, label: str) -> dict[str, str]:
        """The headers with what the environment holds for them."""
        place = f"{label}: [pull]"
        filled = {name: values.fill(value, f"{place} headers.{name}") for name, value in self.headers.items()}
        return filled | ({"Authorization": values.basic(self.basic, f"{place} basic")} if self.basic else {})


def settings(file: Path, label: str, root: Path) -> PullSettings:
    """Read ``[pull]``; a file that is not there has none."""
    table: Any = read_source(file, root).get("pull", {}) if file.exists() else {}
    if not is_object(table):
        raise DocumentError(label, "pull", "it is not a table", "Write it as [pull]")
    for key, value in table.items():
        if key not in _KEYS or not isinstance(value, _KEYS[key]):
            problem = "it is not known" if key not in _KEYS else f"it is no {'table' if key == 'headers' else 'text'}"
            raise DocumentError(label, f"pull.{key}", problem, f"The keys are {', '.join(_KEYS)}")
    headers: dict[str, Any] = table.get("headers", {})
    for name, value in headers.items():
        if not isinstance(value, str):
            raise DocumentError(label, f"pull.headers.{name}", "it is no text", 'Write it as "..."')
        check_header(name, value, f"{label}: pull.headers.{name}")
    check_url(table.get("url", ""))
    if basic := table.get("basic"):
        check_header("Authorization", basic, f"{label}: pull.basic")
    plain = {key.replace("-", "_"): value for key, value in table.items()}
    return PullSettings(**plain)


def rewritten(text: str, label: str, values: Mapping[str, Any], pull: Mapping[str, str]) -> str:
    """The text of a ``source.toml`` with these values, and these keys of ``[pull]``; an empty one is taken out."""
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise DocumentError(label, "$", f"it cannot be read ({error})", "Correct it") from None
    for key, value in values.items():
        document[key] = value
    present: Any = document.unwrap().get("pull")
    table: Any = tomlkit.table() if present is None else document["pull"]
    for key, value in pull.items():
        if value:
            table[key] = value
        elif key in table:
            del table[key]
    if present is None and table:
        document["pull"] = table
    return tomlkit.dumps(document)


def first_text(vendor: str, data: Mapping[str, Any], place: str) -> str:
    """A ``source.toml`` for a vendor that has none: title and servers are the document's."""
    document = tomlkit.document()
    info = data.get("info")
    document["vendor"] = vendor
    document["title"] = str(info.get("title") or vendor) if is_object(info) else vendor
    document["origin"] = f"The vendor's own document, pulled from {place}."
    document["retrieved"] = datetime.date.today()
    document["document"] = "openapi.json"
    document["sha256"] = ""
    addresses = _server_addresses(data, place)
    if addresses:
        environments = tomlkit.table(is_super_table=True)
        for name, url in addresses.items():
            environments[name] = tomlkit.table()
            environments[name]["url"] = url
        document["environments"] = environments
    return tomlkit.dumps(document)


def _server_addresses(data: Mapping[str, Any], place: str) -> dict[str, str]:
    """The servers of a document by what their descriptions call them, the first one ``production``."""
    if "swagger" in data:
        scheme = next(
            (each for each in ("https", *_list(data.get("schemes"))) if each in _list(data.get("schemes"))), "https"
        )
        host = data.get("host") or urlsplit(place).netloc
        return {"production": f"{scheme}://{host}{data.get('basePath') or ''}".rstrip("/")} if host else {}
    found: dict[str, str] = {}
    for server in _list(data.get("servers")):
        url = _joined(place, server.get("url")) if is_object(server) else ""
        if not url.startswith(("http://", "https://")) or url.rstrip("/") in found.values():
            continue
        described = str(server.get("description") or "").lower()
        name = next((each for each in ("sandbox", "staging", "test") if each in described), f"server_{len(found) + 1}")
        found["production" if not found else name if name not in found else f"server_{len(found) + 1}"] = url.rstrip(
            "/"
        )
    return found


def _joined(place: str, url: Any) -> str:
    """An address as a document at ``place`` means it; empty for what is none."""
    try:
        return urljoin(place, url) if isinstance(url, str) else ""
    except ValueError:
        return ""


def _list(value: Any) -> list[Any]:
    return value if is_array(value) else []
