"""What comes in at all: the size of a body, and who may use the control plane."""

from __future__ import annotations

import re
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.exchange import Reply, Request

__all__ = ["MAX_BODY", "body_limit", "control_refusal", "control_token", "names_loopback", "refused_body"]

SHORTEST_TOKEN: Final = 16
MAX_BODY: Final = 10 * 1024 * 1024
"""Bytes of a request's body that a sandbox takes, unless the setting `max_body` says otherwise."""
_HOST: Final = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9A-Za-z.-]+))(?::[0-9]{1,5})?")


def body_limit(setting: Any) -> int:
    """The setting `max_body`.

    Raises:
        SandboxError: It is no number of bytes.
    """
    if not isinstance(setting, int) or isinstance(setting, bool) or setting < 1:
        raise SandboxError(f"max_body={setting!r}: give a number of bytes, such as max_body=20000000")
    return setting


def refused_body(limit: int) -> Reply:
    """The reply to a body that is too large."""
    message = f"the body is larger than {limit} bytes, the most that this sandbox takes; the setting max_body raises it"
    reply = Reply.plain(413, orjson.dumps({"error": message}), "application/json")
    reply.headers.set("Connection", "close")
    return reply


def names_loopback(host: str) -> bool:
    """Whether a `Host` header names this machine: 127.0.0.0/8, [::1] or localhost, with a port or without."""
    found = _HOST.fullmatch(host.strip())
    if found is None:
        return False
    if (found[2] or "").lower() == "localhost":
        return True
    try:
        return ip_address(found[1] or found[2]).is_loopback
    except ValueError:
        return False


def control_token(given: str | None) -> str | None:
    """The token that the control plane asks for; None for none.

    Raises:
        SandboxError: It is too short to keep anybody out, or cannot travel in a header.
    """
    if given is None:
        return None
    if len(given) < SHORTEST_TOKEN or not given.isascii() or not given.isprintable() or " " in given:
        raise SandboxError(f"a control token has {SHORTEST_TOKEN} or more printable ASCII characters and no blanks")
    return given


def control_refusal(request: Request, token: str | None = None) -> tuple[int, str] | None:
    """Why a request may not use the control plane: status and sentence; None where it may.

    With a token every request but those for the two pages needs it, and the `Host` header may name any machine: who
    does not know the token gets nowhere. Without one only this machine is served. A web page can have a browser send
    requests to this machine, under a host name of the page's own (DNS rebinding), or as a form. Neither gets through:
    the first names another host, and the second has no JSON content type. In process there is no browser, and the
    transport itself takes requests for the sandbox's own names alone.
    """
    hosts = request.headers.get_all("host")
    if token is not None and request.over_socket:
        sent = request.headers.get("authorization") or ""
        shows_page = request.method == "GET" and request.path.rstrip("/") in ("/_sandbox", "/_sandbox/docs")
        if not shows_page and not compare_digest(sent.encode(), f"Bearer {token}".encode()):
            return 401, "the control plane needs its token: send the header Authorization: Bearer TOKEN"
    elif request.over_socket and not (hosts and all(map(names_loopback, hosts))):
        named = ", ".join(map(repr, hosts)) or "none"
        return 403, f"the control plane answers to a loopback Host only (127.0.0.1, [::1], localhost), not to {named}"
    origin = request.headers.get("origin")
    if origin is not None and _netloc(origin) != (hosts[0] if hosts else urlsplit(request.root).netloc).lower():
        return 403, "the control plane answers pages of its own origin only"
    if request.method == "GET":
        return None
    if request.headers.get("sec-fetch-site") not in (None, "same-origin", "none"):
        return 403, "the control plane answers pages of its own origin only"
    if request.over_socket and request.media_type != "application/json":
        return 415, "the control plane takes JSON: send the header Content-Type: application/json"
    return None


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
