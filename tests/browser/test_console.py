"""The console of a sandbox after calls, faults and notifications, as somebody sees it in a browser."""

from __future__ import annotations

from accordant_sandbox import Sandbox
from tests.browser.chromium import Browser
from tests.sandbox.dispatch_caller import Api


def test_the_console_in_a_browser(chromium: Browser, width: int) -> None:
    """In a real browser the page shows operations, calls, rows, clock, faults and journal."""
    with Sandbox("dispatch") as sandbox:
        api = Api(sandbox)
        api.post("/v3/brands", {"name": "<img src=x onerror=document.title='broken'>"})
        with sandbox.fault("wrong_type", on="getJob"):
            api.get("/v3/jobs/123")
        sandbox.arm("page_overlap")
        api.appointment(status="scheduled")
        with chromium.page(f"{sandbox.root}/_sandbox/", width, 1600) as page:
            page.until("document.querySelector('#credentials pre')")
            root, dom = sandbox.root, str(page.run("document.documentElement.outerHTML"))
        sandbox.raise_defects()
    for shown in (
        "createWorkOrder",
        "201 \u00d7 1",
        "brands 3",
        "2026-03-01T09:00:00Z",
        "acted 0 of 0",
        "/v3/jobs/123",
        "Take a snapshot",
        "appointment scheduled to +16175550121",
        f"curl -X GET '{root}/v3/jobs/123' -H \"Authorization: Bearer $TOKEN\"",
        "with Dispatch.from_env() as api:",
        'print(api.request("GET", "/v3/jobs/123").parse())',
        'json={"name": "&lt;img src=x onerror=document.title=\'broken\'&gt;"}',
    ):
        assert shown in dom
    assert "<img" not in dom
