"""The samples of README and docs: each runs, with the imports that it shows, against a sandbox."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accordant import Clock
from accordant_sandbox import Sandbox
from tests.docs.samples import NOT_HERE, PAGES, ROOT, Block, blocks, find, run
from tests.sandbox.shop_document import shop

VENDORS = ("dibop", "dime_scheduler", "dispatch", "espace")


def programs(page: str) -> list[Block]:
    """The blocks of a page that are run."""
    return [sample for sample in blocks(page) if sample.reason is None]


@pytest.fixture(scope="module")
def served() -> Iterator[list[Sandbox]]:
    """A sandbox of each vendor, on loopback."""
    sandboxes = [Sandbox(vendor) for vendor in VENDORS]
    yield sandboxes
    for sandbox in sandboxes:
        sandbox.close()


@pytest.fixture
def desk(served: list[Sandbox], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Where a reader sits: a folder, the variables of a sandbox for each vendor, no internet; waits take no time."""
    look_up = socket.getaddrinfo

    def only_here(host: Any, *arguments: Any, **more: Any) -> Any:
        if host not in ("127.0.0.1", "localhost", "::1"):
            raise AssertionError(f"a sample looked up {host}")
        return look_up(host, *arguments, **more)

    def let_pass(_: Clock, seconds: float) -> None:
        for sandbox in served:
            sandbox.clock.advance(seconds=seconds)

    async def let_pass_async(clock: Clock, seconds: float) -> None:
        let_pass(clock, seconds)
        await asyncio.sleep(0)

    monkeypatch.setattr(socket, "getaddrinfo", only_here)
    monkeypatch.setattr(Clock, "sleep", let_pass)
    monkeypatch.setattr(Clock, "sleep_async", let_pass_async)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tap.jpg").write_bytes(b"\xff\xd8\xff\xe0 a photo")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "corner_shop.json").write_text(json.dumps(shop()), encoding="utf-8")
    for sandbox in served:
        sandbox.reset()
        for principal in sandbox.principals:
            for name, value in sandbox.env(principal).items():
                monkeypatch.setenv(name, value)
        if sandbox.name == "dispatch":
            sandbox.given("appointments", 3, status="scheduled")
    logger = logging.getLogger("accordant")
    level = logger.level
    yield
    logger.setLevel(level)


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize("page", [page for page in PAGES if page not in NOT_HERE and blocks(page)])
def test_the_samples_of_a_page_run(page: str) -> None:
    """A reader who copies the samples of a page, in their order, gets programs that run."""
    run(programs(page))


def test_every_block_is_run_or_says_why_not() -> None:
    """At most a handful of blocks are not run, each with its reason, and no block hides in a way that is not found."""
    samples = [sample for page in PAGES if page not in NOT_HERE for sample in blocks(page)]
    skipped = [(sample.page, sample.reason) for sample in samples if sample.reason is not None]
    assert len(samples) - len(skipped) >= 35
    assert len(skipped) <= 3, skipped
    written = sum(
        (ROOT / page).read_text(encoding="utf-8").count("```python") for page in PAGES if page not in NOT_HERE
    )
    assert len(samples) == written


@pytest.mark.usefixtures("desk")
def test_a_wrong_sample_is_found() -> None:
    """A sample that breaks fails at its line of the page; one that is marked is kept with its reason."""
    text = "# x\n\n```python\na = 1\n```\n\n<!-- not run: why -->\n```python\nb\n```\n\n```python\nprint(a)\n\nc\n```\n"
    found = find("docs/page.md", text)
    assert [(sample.line, sample.reason) for sample in found] == [(4, None), (9, "why"), (13, None)]
    with pytest.raises(NameError, match="'c'") as caught:
        run([sample for sample in found if sample.reason is None])
    assert caught.traceback[-1].lineno == 14


def test_a_client_with_placeholders_is_made_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Dispatch(client_id="...")` in a sample never reaches the vendor: it becomes the client of the variables."""
    monkeypatch.setenv("DISPATCH_CLIENT_ID", "x")
    monkeypatch.setenv("DISPATCH_CLIENT_SECRET", "y")
    monkeypatch.setenv("DISPATCH_BASE_URL", "http://127.0.0.1:1")
    code = """
        from accordant.dispatch import Dispatch
        api = Dispatch(client_id="...", client_secret="...", environment="sandbox", timeout=5)
        assert api.base_url == "http://127.0.0.1:1", api.base_url
        api.close()
    """
    run([Block("docs/page.md", 1, "\n".join(line.strip() for line in code.splitlines()), None)])
