"""A vendor's document from an address or a file: found, read, and made one document where it is several."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml
from attrs import evolve, field, frozen

from ..errors import CodegenError, DocumentError
from ..read.load import parse, read_data
from .bundle import bundle, is_split
from .credentials import EnvironmentValues, check_url
from .discovery import FoundDocument, decoded, find
from .fetching import Fetcher, Limits, Login, check_followed
from .source import PullSettings


@frozen
class PulledDocument:
    """A document as it is to be stored. ``url`` is where it was found, empty for a file."""

    text: str = field(repr=False)
    data: dict[str, Any] = field(repr=False)
    url: str = ""
    etag: str = ""
    last_modified: str = ""
    notes: tuple[str, ...] = ()


def is_address(place: str) -> bool:
    """Whether a place is a web address, not a file."""
    return place.lower().startswith(("http://", "https://"))


def from_file(path: Path, limits: Limits) -> PulledDocument:
    """Read a document from a file; other files that it refers to come into it, and so does what it has on the web."""
    if not path.is_file():
        problem = "it is a folder" if path.is_dir() else "it is no file" if path.exists() else "the file does not exist"
        raise CodegenError(f"{path}: {problem}. Give an address or the path of a file")
    if path.stat().st_size > limits.megabytes * 1_000_000:
        raise CodegenError(f"{path}: it is larger than the {limits.megabytes:g} MB that a pull may read (MEGABYTES=)")
    data = read_data(path)
    text = path.read_text(encoding="utf-8-sig")
    if not is_split(data):
        return PulledDocument(text, data)
    address = path.resolve().as_uri()
    with Fetcher(EnvironmentValues({}), limits) as fetcher:
        return _bundled(FoundDocument(address, address, text, data), fetcher)


def from_web(
    settings: PullSettings, label: str, environment: Mapping[str, str], limits: Limits, *, conditional: bool
) -> PulledDocument | None:
    """Fetch a document; ``None`` where the server says that it is the one that was fetched last.

    The address at which it was found last is asked first, and all over again where that is gone.
    """
    check_url(settings.url)
    values = EnvironmentValues(environment)
    try:
        url = values.fill(settings.url, f"{label}: [pull] url")
        login = Login(url, settings.login(values, label))
        with Fetcher(values, limits, login) as fetcher:
            first = None
            if settings.found:
                place = values.fill(settings.found, f"{label}: [pull] found")
                first = fetcher.get(place, settings.conditions if conditional else None)
                if first.status == 304:
                    return None
                first = first if first.status == 200 else None
            elif conditional and settings.conditions:
                first = fetcher.get(url, settings.conditions)
                if first.status == 304:
                    return None
            found = find(url, first or fetcher.get(url), fetcher.get)
            return _kept(_bundled(found, fetcher), found.asked, url, settings.found, values)
    except DocumentError as error:
        raise DocumentError(
            values.hide(error.file), *map(values.hide, (error.path, error.problem, error.advice))
        ) from None
    except CodegenError as error:
        raise CodegenError(values.hide(str(error))) from None


def _kept(pulled: PulledDocument, asked: str, url: str, known: str, values: EnvironmentValues) -> PulledDocument:
    """With the address to ask next time, where it is another one than the user's; one with a credential is not kept."""
    if asked == url:
        return evolve(pulled, url="")
    try:
        check_url(asked)
        secret = values.hide(asked) != asked
    except CodegenError:
        secret = True
    if secret and values.hide(asked) != known:
        return evolve(pulled, url="", etag="", last_modified="")
    return evolve(pulled, url=values.hide(asked))


def _bundled(found: FoundDocument, fetcher: Fetcher) -> PulledDocument:
    others = ", ".join(found.others)
    notes = [f"the page names more documents: {others}. Pull one of them by its address"] if others else []
    headers = {name.lower(): value for name, value in found.headers.items()}
    if not found.text:
        notes.append(f"the document was inside the page {found.url}")
    if not is_split(found.data):
        text = found.text or json.dumps(found.data, indent=2, ensure_ascii=False) + "\n"
        return PulledDocument(
            text, found.data, found.url, headers.get("etag", ""), headers.get("last-modified", ""), tuple(notes)
        )
    parts: list[str] = []

    def read(address: str, base: str) -> dict[str, Any]:
        parts.append(address)
        return _part(address, base, fetcher)

    whole = bundle(found.data, found.url, read)
    notes.append(f"bundled with {len(parts)} other {'file' if len(parts) == 1 else 'files'}")
    return PulledDocument(_dumped(whole, found.text), whole, found.url, notes=tuple(notes))


def _part(address: str, base: str, fetcher: Fetcher) -> dict[str, Any]:
    """Another file of a document: beside a file, or on the web."""
    if is_address(address):
        if is_address(base):
            check_followed(base, address, f"{base} refers to {address}")
        download = fetcher.get(address)
        if download.status != 200:
            raise CodegenError(f"{address}, to which {base} refers, returned status {download.status}")
        return parse(decoded(download), address)
    parts = urlsplit(address)
    if parts.scheme != "file" or parts.netloc or is_address(base):
        raise CodegenError(f"{base} refers to {address}, which is neither beside it nor on the web. Bundle it first")
    return read_data(Path(unquote(parts.path)))


class _Plain(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        """Nothing is written as an alias."""
        del data
        return True


def _dumped(data: dict[str, Any], model: str) -> str:
    """The bundled document in the form of its first file, JSON or YAML."""
    if model.lstrip()[:1] in ("{", ""):
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    text = yaml.dump(data, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)
    # Quoting is PyYAML's, whose YAML is older: what reads back differently goes as JSON, which is YAML as well.
    return (
        text if parse(text, "the bundled document") == data else json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    )
