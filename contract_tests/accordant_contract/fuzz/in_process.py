"""The fuzzer's requests handed to a sandbox in this process: what would cross two sockets does not need to."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import ReadTimeoutError

from ..target.targets import Target
from .sending import sent_by


class SandboxAdapter(HTTPAdapter):
    """Sends the requests of a session by a target's own sender."""

    def __init__(self, target: Target) -> None:
        super().__init__()
        self._target = target

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Have the target respond; what it raises becomes what a session raises."""
        headers = [(_text(name), _text(value)) for name, value in request.headers.items()]
        body: Any = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        try:
            status, pairs, content = self._target.send(
                str(request.method), str(request.url), headers, content, self._target.timeout
            )
        except TimeoutError as error:
            told = f"Read timed out. (read timeout={self._target.timeout})"
            inner = ReadTimeoutError(ConnectionPool("sandbox"), str(request.url), told)  # as it comes from a socket
            raise requests.exceptions.ReadTimeout(inner, request=request) from error
        except ConnectionError as error:
            raise requests.exceptions.ConnectionError(str(error), request=request) from error
        # What the transport of the sandbox gives is decoded already.
        kept = HTTPHeaderDict([pair for pair in pairs if pair[0].lower() != "content-encoding"])
        raw = HTTPResponse(BytesIO(content), kept, status, version=11, preload_content=False, decode_content=False)
        return self.build_response(request, raw)


@contextmanager
def in_process(schema: Any, target: Target) -> Generator[None]:
    """While this lasts, schemathesis's sessions reach a sandbox of this process without a socket."""
    if not target.fuzzed_in_process:
        yield
        return
    transport = schema.transport
    original: Callable[..., Any] = transport.send
    adapter = SandboxAdapter(target)

    def send(case: Any, *, session: requests.Session | None = None, **how: Any) -> Any:
        if session is None:
            with requests.Session() as session:
                return original(case, session=_mounted(session, adapter), **how)
        return original(case, session=_mounted(session, adapter), **how)

    with sent_by(transport, send):
        yield


def _mounted(session: requests.Session, adapter: SandboxAdapter) -> requests.Session:
    if session.adapters.get("http://") is not adapter:
        for scheme in ("http://", "https://"):
            session.mount(scheme, adapter)
        session.trust_env = False  # no proxy leads into this process
    return session


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
