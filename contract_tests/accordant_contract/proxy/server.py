"""The proxy as a server on loopback: it passes traffic on in one thread, and judges it in another."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from types import TracebackType
from urllib.parse import urlsplit

import uvicorn

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.server.prompt_server import PromptServer
from accordant_sandbox.server.serve import bind

from ..errors import ContractError
from ..run.workers import quiet
from .passing import Passed, PassThrough
from .reporting import Reporter


class ValidatingProxy(AbstractContextManager["ValidatingProxy"]):
    """Listens on loopback from the beginning of a ``with`` block to its end, and then has judged all that passed."""

    def __init__(self, reporter: Reporter, port: int = 0) -> None:
        quiet()
        try:
            self._listening = bind("127.0.0.1", port)
        except SandboxError as error:
            raise ContractError(str(error)) from None
        self._judging = ThreadPoolExecutor(1, "accordant-proxy-judge")
        self.errors: list[BaseException] = []
        """What went wrong in judging: a fault of the proxy's, which passes traffic on all the same."""
        self._reporter = reporter
        self._passing = PassThrough(reporter.upstream, self._later)
        config = uvicorn.Config(
            self._passing,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._server = PromptServer(config)
        number: int = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{number}{urlsplit(reporter.upstream).path.rstrip('/')}"
        self._thread = threading.Thread(target=self._run, name="accordant-proxy", daemon=True)

    def __enter__(self) -> ValidatingProxy:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.end()
        self._thread.join(timeout=10)
        self._listening.close()
        self._judging.shutdown(wait=True)

    def _later(self, passed: Passed) -> None:
        self._judging.submit(self._take, passed)

    def _take(self, passed: Passed) -> None:
        try:
            self._reporter.take(passed)
        except Exception as error:
            self.errors.append(error)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        try:
            await self._server.serve(sockets=[self._listening])
        finally:
            await self._passing.close()
