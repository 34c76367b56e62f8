"""Builds the documentation site in `build/site`: ``python -m release.site``, with `requirements/docs.txt`.

The pages are those of `docs/`, the README as the first page, and the changelog and the other files that a code host
shows. They are written for a code host, so their links lead to files of the repository. They are copied to
`build/site-source`, where a link to another page leads to that page, and a link to any other file to the repository
(`ACCORDANT_REPOSITORY`, or what GitHub sets for its jobs). Without an address such a link becomes its text: a dead link
is worse than none.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from posixpath import normpath, relpath
from typing import Any, Final

__all__ = ["copies", "linked", "main", "stage", "strays", "tidied"]

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = ROOT / "build" / "site-source"
SITE: Final = ROOT / "build" / "site"
OTHERS: Final = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
"""Pages that are not in `docs/`, with their names in the site."""
PYTHON_PAGES: Final = (
    "accordant",
    "accordant.clients",
    "accordant.errors",
    "accordant.testing",
    "accordant.dibop",
    "accordant.dime_scheduler",
    "accordant.dispatch",
    "accordant.espace",
    "accordant_sandbox",
)
"""The public packages whose docstrings become pages."""
_LINK: Final = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?://|#|mailto:)([^)\s]+)\)")
_ROLE: Final = re.compile(r":(?:mod|class|func|meth|attr|data):(?=<code>)")
_CODE: Final = re.compile(r"(^```.*?^```|`[^`\n]*`)", re.MULTILINE | re.DOTALL)


def copies(root: Path) -> dict[str, str]:
    """The pages: path in the repository, path in the site's source."""
    pages = {f"docs/{path.relative_to(root / 'docs').as_posix()}" for path in (root / "docs").rglob("*.md")}
    return {**{page: page.removeprefix("docs/") for page in sorted(pages)}, **OTHERS}


def linked(text: str, page: str, pages: Mapping[str, str], address: str) -> str:
    """The text of a page with the links that it has in the site.

    Args:
        text: The page as it is in the repository.
        page: Its path in the repository.
        pages: All pages, as `copies` returns them.
        address: Where the repository is published; empty if nowhere.

    Raises:
        FileNotFoundError: A link leads to no file.
    """

    def link(found: re.Match[str]) -> str:
        words, (path, _, anchor) = found[1], found[2].partition("#")
        target = normpath(f"{page}/../{path}")
        if target not in pages:
            if not (ROOT / target).exists():
                raise FileNotFoundError(f"{page} links to {found[2]}, and {target} does not exist")
            return f"[{words}]({address}/blob/main/{target})" if address else words
        place = relpath(pages[target], f"{pages[page]}/..")
        return f"[{words}]({place}{'#' + anchor if anchor else ''})"

    return "".join(
        part if odd else _LINK.sub(link, part) for part, odd in zip(_CODE.split(text), _alternately(), strict=False)
    )


def _alternately() -> Iterator[bool]:
    """Text and code by turns, as `re.split` returns them."""
    while True:
        yield False
        yield True


def stage(source: Path, address: str) -> int:
    """Write the source of the site; returns the number of pages."""
    shutil.rmtree(source, ignore_errors=True)
    pages = copies(ROOT)
    for page, name in pages.items():
        place = source / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(linked((ROOT / page).read_text(encoding="utf-8"), page, pages, address), encoding="utf-8")
    for name in PYTHON_PAGES:
        place = source / "python" / f"{name}.md"
        place.parent.mkdir(exist_ok=True)
        place.write_text(f"# {name}\n\n::: {name}\n", encoding="utf-8")
    return len(pages) + len(PYTHON_PAGES)


def strays(config: Mapping[str, Any], source: Path) -> list[str]:
    """Pages that the navigation names and that do not exist, and pages that it does not name."""
    named = set(_named(config["project"]["nav"]))
    pages = {path.relative_to(source).as_posix() for path in source.rglob("*.md")}
    return [f"{page} does not exist" for page in sorted(named - pages)] + [
        f"{page} is in no section" for page in sorted(pages - named)
    ]


def _named(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        for target in entry.values():
            if isinstance(target, str):
                yield target
            else:
                yield from _named(target)


def tidied(page: str) -> str:
    """A page of docstrings without the marks of reStructuredText that our docstrings use."""
    page = _ROLE.sub("", page.replace("<p>::</p>", ""))
    return re.sub(r"::(?=</p>)", ":", page)


def _address() -> str:
    """Where the repository is published, as the wheel's metadata takes it (`hatch_build.py`, which needs hatchling)."""
    given = os.environ.get("ACCORDANT_REPOSITORY", "").strip()
    if not given and os.environ.get("GITHUB_REPOSITORY"):
        given = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{os.environ['GITHUB_REPOSITORY']}"
    return given.removesuffix(".git").rstrip("/")


def main() -> int:
    """Build the site; a warning is a failure. Returns the exit status."""
    count = stage(SOURCE, _address())
    wrong = strays(tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8")), SOURCE)
    if wrong:
        print("docs: the navigation (nav in zensical.toml) and the pages differ: " + "; ".join(wrong), file=sys.stderr)
        return 1
    shutil.rmtree(SITE, ignore_errors=True)
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "--config-file", "zensical.toml"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        print("docs: the site was not built; the lines above say what is wrong", file=sys.stderr)
        return 1
    for place in (SITE / "python").glob("*.html"):
        place.write_text(tidied(place.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"docs: {count} pages in build/site; to read them with the search, serve them:")
    print("  python3 -m http.server --bind 127.0.0.1 --directory build/site 8000")
    return 0


if __name__ == "__main__":
    sys.exit(main())
