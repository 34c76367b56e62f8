"""Every page that we make for people, in a real browser: it works, it fits, and it asks no other host."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from accordant.dispatch import Dispatch
from accordant_sandbox import Sandbox
from tests.browser.chromium import Browser, Page
from tests.browser.pages import results_of_search, search_is_open, served, type_into_search, write_evidence
from tests.sandbox.shop_document import shop

TOKEN: Final = "an-invented-control-token"
VENDORS: Final = ("dibop", "dime_scheduler", "dispatch", "espace")
READS: Final = {
    "dibop": "listSystems",
    "dime_scheduler": "listCategories",
    "dispatch": "listJobs",
    "espace": "MinistryV2_Locations",
}
"""An operation of each vendor that needs nothing but credentials."""


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the built site is, on loopback."""
    with served(site) as place:
        yield place


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where an evidence page is, on loopback."""
    folder = tmp_path_factory.mktemp("evidence")
    write_evidence(folder)
    with served(folder) as place:
        yield place


@pytest.fixture
def dispatch() -> Iterator[Sandbox]:
    """A Dispatch sandbox that was called: a success, an error, and a row with markup in it."""
    with Sandbox("dispatch") as sandbox:
        with Dispatch(**sandbox.credentials) as api:
            api.brands.create(name="<img src=x onerror=document.title='broken'>" + "wide" * 60)
            api.jobs.list().first()
        yield sandbox


def sound(page: Page, address: str) -> None:
    """What holds for every page: no complaint in its console, no scrolling sideways, no host but its own."""
    assert page.complaints() == []
    assert page.overflow() == []
    assert page.hosts() == {address.split("/")[2]}


@pytest.mark.parametrize(
    "name",
    ["index", "quickstart", "api", "dispatch", "client", "lab", "contract-tests", "python/accordant.dispatch"],
)
def test_a_page_of_the_site(chromium: Browser, address: str, width: int, name: str) -> None:
    """A page of the documentation fits a desk and a telephone, loads from its own host alone, and has no error."""
    with chromium.page(f"{address}/{name}.html", width) as page:
        page.until("document.querySelector('h1')")
        sound(page, address)


def test_the_search_of_the_site(chromium: Browser, address: str, width: int) -> None:
    """A reader who searches for "appointments" finds pages about them, without the internet."""
    with chromium.page(f"{address}/index.html", width) as page:
        opener = ".md-search__button" if width > 600 else "label[for=__search]"
        page.run(f"document.querySelector({opener!r}).click()")
        page.until(search_is_open())
        page.run(type_into_search("appointments"))
        page.until(f"{results_of_search()}.length > 2")
        found = page.run(results_of_search())
        assert any("/dispatch.html" in each or "/api.html" in each for each in found), found
        sound(page, address)


def test_the_evidence_page(chromium: Browser, evidence: str, width: int) -> None:
    """The evidence of all vendors is one page that fits any window, with every finding open."""
    with chromium.page(f"{evidence}/index.html", width) as page:
        assert page.run("document.querySelectorAll('details').forEach(each => { each.open = true }) ?? true")
        assert all(vendor in page.text() for vendor in VENDORS)
        sound(page, evidence)


def test_the_evidence_page_is_searched(chromium: Browser, evidence: str, width: int) -> None:
    """A reader filters by operation, check and status; groups and findings that do not fit are out of sight."""
    with chromium.page(f"{evidence}/index.html", width) as page:
        page.run("""(() => {
          const form = document.forms[0];
          form.elements.text.value = "createtoken"; form.elements.check.value = "page_walk";
          form.elements.status.value = "failed";
          form.dispatchEvent(new Event("input", {bubbles: true}));
        })()""")
        assert page.run("document.querySelector('form output').textContent") == "1 operations, 1 findings"
        seen = "[...document.querySelectorAll('tr.operation')].filter(each => each.getClientRects().length)"
        assert page.run(f"{seen}.map(each => each.querySelector('th').firstChild.textContent)") == ["createToken"]
        sound(page, evidence)
        page.run("document.forms[0].reset()")
        page.until(f"{seen}.length > 300")


def test_a_cell_leads_to_its_finding(chromium: Browser, evidence: str, width: int) -> None:
    """A red cell leads to what was found, and opens it, also where it is among those that are folded away."""
    with chromium.page(f"{evidence}/index.html", width) as page:
        page.run("document.querySelector('a.fail[href=\"#finding-dispatch-14\"]').click()")
        page.until("document.querySelector('#finding-dispatch-14 details').open")
        assert page.run("document.querySelector('#finding-dispatch-14').getClientRects().length") == 1
        assert page.run("document.querySelector('#dispatch thead a').title").startswith("Walks with different page")
        sound(page, evidence)


def test_the_console(chromium: Browser, dispatch: Sandbox, width: int) -> None:
    """The console of a sandbox lists its credentials, shows what was called, and never reads data as markup."""
    with chromium.page(f"{dispatch.root}/_sandbox/", width) as page:
        page.until("document.querySelector('#credentials pre')")
        text = page.text()
        for principal, login in dispatch.vendor.credentials.items():
            assert principal in text.lower()
            assert all(f'{name}="{value}"' in text for name, value in login.items())
        page.run("[...document.querySelectorAll('button')].find(each => each.textContent.startsWith('brands')).click()")
        page.until("document.querySelector('#rows details')")
        page.run("document.querySelectorAll('details').forEach(each => { each.open = true })")
        assert page.run("document.querySelectorAll('img').length") == 0
        assert "brands" in page.text()
        assert page.run("document.title") == "Dispatch REST API v3: sandbox"
        sound(page, dispatch.root)


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_page_of_operations(chromium: Browser, vendor: str, width: int) -> None:
    """A sandbox's page of operations lists all of them, logs in with the sandbox's credentials, and tries one."""
    with Sandbox(vendor) as sandbox, chromium.page(f"{sandbox.root}/_sandbox/docs", width) as page:
        page.until("document.getElementById('who').textContent === 'as default'")
        assert page.run("document.querySelectorAll('#groups details').length") == len(
            sandbox.vendor.document.operations
        )
        operation = sandbox.vendor.document.operations[READS[vendor]]
        page.run(
            "(() => { const search = document.getElementById('search'); "
            f"search.value = {operation.path!r}; search.dispatchEvent(new Event('input')); }})()"
        )
        shown = "[...document.querySelectorAll('#groups details:not([hidden])')]"
        mine = f"{shown}.find(each => each.dataset.words.startsWith('get {operation.path.lower()} '))"
        page.run(f"{mine}.open = true")
        page.until(f"{mine}.querySelector('form')")
        page.run(f"{mine}.querySelector('button[type=submit]').click()")
        page.until(f"{mine}.querySelector('.result pre')")
        assert page.run(f"{mine}.querySelector('.result p').textContent").startswith("200"), page.text()[-2000:]
        assert "curl -X GET" in page.text()
        sound(page, sandbox.root)
    assert [entry.status for entry in sandbox.journal if entry.operation == READS[vendor]] == [200]


def test_the_page_of_operations_of_any_document(chromium: Browser) -> None:
    """The sandbox of any document has the page as well; it logs in as the document's security schemes say."""
    with Sandbox.for_document(shop()) as sandbox, chromium.page(f"{sandbox.root}/_sandbox/docs", 400) as page:
        page.until("document.getElementById('who').textContent === 'as default'")
        assert page.run("document.querySelectorAll('#groups details').length") == len(sandbox.operations)
        sound(page, sandbox.root)


def test_the_page_of_operations_writes(chromium: Browser, dispatch: Sandbox) -> None:
    """A body begins with a value that fits the document: sent as it is, it makes a record; a refusal is shown."""
    with chromium.page(f"{dispatch.root}/_sandbox/docs", 1280) as page:
        page.until("document.getElementById('who').textContent === 'as default'")
        all_of_them = "[...document.querySelectorAll('#groups details')]"
        mine = f"{all_of_them}.find(each => each.dataset.words.startsWith('post /v3/brands '))"
        page.run(f"{mine}.open = true")
        page.until(f"{mine}.querySelector('textarea')")
        before = len(dispatch.state.brands)
        page.run(f"{mine}.querySelector('button[type=submit]').click()")
        page.until(f"{mine}.querySelector('.result pre')")
        assert page.run(f"{mine}.querySelector('.result p').className") == "good", page.text()
        assert len(dispatch.state.brands) == before + 1
        sound(page, dispatch.root)


def test_the_pages_of_a_sandbox_with_a_token(chromium: Browser) -> None:
    """With the token in their address both pages work, and lead to each other; without it they say what is missing."""
    with Sandbox("dispatch", control_token=TOKEN) as sandbox:
        with chromium.page(f"{sandbox.root}/_sandbox/#token={TOKEN}", 1280) as page:
            page.until("document.querySelector('#credentials pre')")
            link = page.run("document.getElementById('try').href")
            sound(page, sandbox.root)
        with chromium.page(link, 1280) as page:
            page.until("document.getElementById('who').textContent === 'as default'")
            assert page.run("document.getElementById('console').href") == f"{sandbox.root}/_sandbox/#token={TOKEN}"
            sound(page, sandbox.root)
        with chromium.page(f"{sandbox.root}/_sandbox/docs", 1280) as page:
            page.until("document.getElementById('who').textContent.includes('needs its token')")


@pytest.mark.parametrize("allowed", [True, False])
def test_a_front_end_calls_a_sandbox(chromium: Browser, tmp_path: Path, allowed: bool) -> None:
    """A page of an origin that `cors` allows calls the API, with its own headers; the browser stops any other page."""
    (tmp_path / "index.html").write_text("<!doctype html><title>front end</title><link rel=icon href='data:,'>")
    with served(tmp_path) as address, Sandbox("dispatch", cors=[address] if allowed else []) as sandbox:
        login = {**sandbox.vendor.credentials["default"], "grant_type": "client_credentials"}
        with chromium.page(f"{address}/index.html", 1280) as page:
            called = page.run(f"""(async () => {{
              try {{
                const json = {{"Content-Type": "application/json"}}, root = {sandbox.root!r};
                const body = {json.dumps(json.dumps(login))};
                const login = await fetch(root + "/v3/oauth/token", {{method: "POST", headers: json, body}});
                const headers = {{Authorization: "Bearer " + (await login.json()).access_token}};
                return (await (await fetch(root + "/v3/jobs", {{headers}})).json()).jobs.length;
              }} catch (trouble) {{ return String(trouble); }}
            }})()""")
        assert called == (len(sandbox.state.jobs) if allowed else "TypeError: Failed to fetch")


def test_a_browser_sees_what_is_wrong(chromium: Browser, tmp_path: Path) -> None:
    """An error in the console, a page that is too wide and a foreign host are each found by these tests."""
    (tmp_path / "index.html").write_text(
        "<!doctype html><title>x</title><body><div style='width:3000px'>wide</div>"
        "<script>console.error('loud'); fetch('http://elsewhere.example/').catch(() => 0); nothing.here</script>",
        encoding="utf-8",
    )
    with served(tmp_path) as address, chromium.page(f"{address}/index.html", 400) as page:
        complaints = " ".join(page.complaints())
        assert "loud" in complaints
        assert "nothing is not defined" in complaints
        assert page.overflow()
        assert "elsewhere.example" in page.hosts()
