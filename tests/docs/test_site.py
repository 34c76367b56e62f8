"""The documentation site: every page is in it, its links lead somewhere, and it needs no other host."""

from __future__ import annotations

import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest

from release.site import ROOT, copies, linked, stage, strays, tidied

PAGES: Final = {"README.md": "index.md", "docs/client.md": "client.md", "docs/decisions/attrs.md": "decisions/attrs.md"}
ADDRESS: Final = "https://code.example/accordant"
_LOADING: Final = {"script", "link", "img", "iframe", "source", "object", "embed", "video", "audio", "use", "form"}


class Loads(HTMLParser):
    """What a page loads when it is opened, and where its forms go."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if tag in _LOADING and name in ("src", "href", "srcset", "data", "action", "xlink:href"):
                self.places.append(value or "")
            if name == "style":
                self.places += re.findall(r"url\(['\"]?([^)'\"]+)", value or "")


def foreign(places: list[str]) -> list[str]:
    """Those that name another host."""
    return [place for place in places if re.match(r"(?:[a-z][a-z0-9+.-]*:)?//", place.strip(), re.IGNORECASE)]


def test_links_lead_to_pages_of_the_site() -> None:
    """A link to a page of the repository leads to that page of the site, from any folder and with its anchor."""
    text = "[a](docs/client.md#errors) [b](docs/decisions/attrs.md) [c](https://x.example) [d](#here)"
    shown = "[a](client.md#errors) [b](decisions/attrs.md) [c](https://x.example) [d](#here)"
    assert linked(text, "README.md", PAGES, "") == shown
    assert linked("[up](../../README.md#use)", "docs/decisions/attrs.md", PAGES, "") == "[up](../index.md#use)"


def test_links_to_other_files_lead_to_the_repository() -> None:
    """A link to a file that is no page leads to the published repository, and is plain text where there is none."""
    assert linked("[the licence](../LICENSE)", "docs/client.md", PAGES, ADDRESS) == (
        f"[the licence]({ADDRESS}/blob/main/LICENSE)"
    )
    assert linked("[the licence](../LICENSE)", "docs/client.md", PAGES, "") == "the licence"


def test_a_link_to_nothing_is_an_error() -> None:
    """A page with a link to a file that does not exist is not built: the message names page and file."""
    with pytest.raises(FileNotFoundError, match=r"docs/client.md links to nowhere.md, and docs/nowhere.md does not"):
        linked("[x](nowhere.md)", "docs/client.md", PAGES, ADDRESS)


def test_code_is_left_alone() -> None:
    """What looks like a link inside code stays as it is."""
    for text in ("`[x](nowhere.md)`", "```python\nrows[0](nowhere.md)\n[x](nowhere.md)\n```\n"):
        assert linked(text, "docs/client.md", PAGES, "") == text


def test_every_page_is_in_the_navigation(tmp_path: Path) -> None:
    """A reader finds every page of docs/ in the navigation, and no entry of it leads to a page that does not exist."""
    stage(tmp_path / "source", "")
    config = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))
    assert strays(config, tmp_path / "source") == []
    assert len(copies(ROOT)) > 30


def test_a_page_outside_the_navigation_is_found(tmp_path: Path) -> None:
    """A page without an entry, and an entry without a page, each stop the build with their names."""
    (tmp_path / "b.md").write_text("# B\n", encoding="utf-8")
    config = {"project": {"nav": [{"A": [{"Inner": "a.md"}]}]}}
    assert strays(config, tmp_path) == ["a.md does not exist", "b.md is in no section"]


def test_docstrings_are_shown_without_their_marks() -> None:
    """The pages made of docstrings show text and code, and none of the marks of reStructuredText around them."""
    page = "<p>::</p>\n<pre>x</pre><p>See :class:<code>Clock</code>::</p><p>a::b</p>"
    assert tidied(page) == "\n<pre>x</pre><p>See <code>Clock</code>:</p><p>a::b</p>"


def test_the_site_needs_no_other_host(site: Path) -> None:
    """No page and no style sheet of the built site loads anything from another host: it works without the internet."""
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        assert foreign(Loads(page.read_text(encoding="utf-8")).places) == [], page
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert foreign(re.findall(r"(?:url\(|@import )['\"]?([^)'\"]+)", text)) == [], sheet


def test_foreign_hosts_are_seen() -> None:
    """The search for foreign hosts finds scripts, styles, pictures, forms and hosts without a scheme."""
    page = (
        '<script src="//cdn.example/x.js"></script><link href="https://fonts.example/f.css"><img src="a.png">'
        '<a href="https://only.example/a-link"></a><form action="HTTP://x.example/">'
        '<p style="background:url(//y.example/z)">'
    )
    assert foreign(Loads(page).places) == [
        "//cdn.example/x.js",
        "https://fonts.example/f.css",
        "HTTP://x.example/",
        "//y.example/z",
    ]
