"""The console page: one file that needs nothing but the control plane beside it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import orjson
import pytest

from accordant_sandbox import Sandbox
from tests.sandbox.dispatch_caller import Api

PAGE = files("accordant_sandbox").joinpath("console.html").read_text(encoding="utf-8")
OPERATIONS = files("accordant_sandbox").joinpath("operations.html").read_text(encoding="utf-8")
VENDORS = ("dibop", "dime_scheduler", "dispatch", "espace")


class Page(HTMLParser):
    """Element ids, and every attribute that could load something."""

    def __init__(self, text: str = PAGE) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "action", "srcset"):
                self.loads.append(value or "")


def control(sandbox: Sandbox, method: str, path: str, body: object = None) -> Any:
    """The JSON answer of the control plane."""
    content = b"" if body is None else orjson.dumps(body)
    status, _, answer = sandbox.transport(method, f"http://localhost/_sandbox/{path}", [], content, 5.0)
    assert status == 200, answer
    return orjson.loads(answer)


def test_the_console_is_served_as_a_page(sandbox: Sandbox) -> None:
    """`/_sandbox/` is the console, an HTML page."""
    status, headers, content = sandbox.transport("GET", "http://localhost/_sandbox/", [], b"", 5.0)
    assert (status, dict(headers)["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert content.decode() == PAGE


@pytest.mark.parametrize(
    ("text", "links"), [(PAGE, ["data:,", "docs"]), (OPERATIONS, ["data:,", "./", "../openapi.json"])]
)
def test_the_pages_need_nothing_from_elsewhere(text: str, links: list[str]) -> None:
    """Each page is one file: it loads nothing, from no other host, and its policy forbids it."""
    assert Page(text).loads == links
    assert re.findall(r"https?://|@import|url\(", text) == []
    assert "default-src 'none'" in text
    assert "connect-src 'self'" in text


@pytest.mark.parametrize("text", [PAGE, OPERATIONS])
def test_the_pages_never_read_data_as_markup(text: str) -> None:
    """Whatever a client sent, or a document says, stands in the page as text."""
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text) == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_sandbox_has_a_page_of_its_operations(vendor: str) -> None:
    """`/_sandbox/docs` is a page that reads the effective document, for this server alone, and the credentials."""
    with Sandbox(vendor) as sandbox:
        status, headers, content = sandbox.transport("GET", "http://localhost/_sandbox/docs", [], b"", 5.0)
        assert (status, dict(headers)["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert content.decode() == OPERATIONS
        assert set(re.findall(r'control\("([^"]+)"\)', OPERATIONS)) == {"document", "credentials"}
        document = control(sandbox, "GET", "document")
        assert [each["url"] for each in document.pop("servers")] == [sandbox.vendor.document.base_path or "/"]
        assert document == {name: value for name, value in sandbox.vendor.document.data.items() if name != "servers"}
        assert control(sandbox, "GET", "credentials") == sandbox.vendor.credentials
        assert sandbox.journal.count == 0


def test_the_console_asks_only_for_what_the_control_plane_has(sandbox: Sandbox) -> None:
    """Every path that the page asks for is answered, with the members that it draws."""
    asked = {path.split("?")[0].split("${")[0] for path in re.findall(r'ask\([`"]([^`"]+)[`"]\)', PAGE)}
    changed = set(re.findall(r'change\("([^"]+)"', PAGE)) | {"faults", "faults/clear"}
    assert asked == {"overview", "operations", "faults", "rules", "outbox"} | {
        "credentials", "journal", "defects", "state/",
    }  # fmt: skip
    assert changed == {"clock", "reset", "faults", "faults/clear", "snapshot", "restore", "outbox/deliver"}
    for path in asked - {"state/"}:
        control(sandbox, "GET", path)
    assert set(control(sandbox, "GET", "outbox")) == {"events", "deliveries", "notices"}
    row = control(sandbox, "GET", "state/jobs?limit=100")
    assert set(row) == {"total", "rows"}
    catalogue = control(sandbox, "GET", "faults")
    for member in re.findall(r"fault\.(\w+)", PAGE):
        assert member in catalogue["catalogue"][0]
    overview = control(sandbox, "GET", "overview")
    for member in re.findall(r"overview\.(\w+)", PAGE):
        assert member in overview


def test_the_console_can_do_what_its_buttons_say(sandbox: Sandbox, api: Api) -> None:
    """Clock, fault switches and reset work with the very bodies that the page sends."""
    control(sandbox, "POST", "clock", {"seconds": 3600})
    assert sandbox.clock.text() == "2026-03-01T10:00:00Z"
    control(sandbox, "POST", "faults", {"name": "undocumented_status"})
    assert api.get("/v3/jobs/123").status == 202
    control(sandbox, "POST", "faults/clear", {"name": "undocumented_status"})
    assert api.get("/v3/jobs/123").status == 200
    control(sandbox, "POST", "faults/clear", {})
    name = control(sandbox, "POST", "snapshot", {})["name"]
    api.post("/v3/brands", {"name": "After"})
    assert control(sandbox, "GET", "overview")["snapshots"] == [name]
    control(sandbox, "POST", "restore", {"name": name})
    assert not sandbox.state.brands.all(name="After")
    control(sandbox, "POST", "reset", {})
    assert sandbox.journal.count == 0


def test_every_part_of_the_console_has_a_name_of_its_own() -> None:
    """No two elements share an id, and the script finds every one that it looks for."""
    page = Page()
    assert len(page.ids) == len(set(page.ids))
    looked_for = set(re.findall(r'(?:at|inside)\("(\w+)"', PAGE))
    assert looked_for <= set(page.ids)
