"""Where an operation goes: to the client's own address, or to one that the document names for it alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from accordant_runtime import Operation

from .._http.addresses import is_loopback, require_tls
from .._http.messages import origin
from ..errors import ConfigurationError, RequestError
from .session import Session


def server_of(session: Session, operation: Operation[Any]) -> str:
    """The address of an operation that names its addresses; credentials may travel there from now on.

    Where the document names as many addresses for the operation as there are environments, each belongs to one. A
    client with an address of its user's own, such as a sandbox, sends everything there: nobody says that what the
    document names for the vendor's own environments belongs to it.
    """
    environments = [url.rstrip("/") for url in session.vendor.environments.values()]
    known = session.base_url in environments
    position = environments.index(session.base_url) if known else 0
    chosen = operation.servers[position if len(operation.servers) == len(environments) else 0].rstrip("/")
    if chosen.startswith("/") or not chosen:
        parts = urlsplit(session.base_url)
        return f"{parts.scheme}://{parts.netloc}{chosen}"
    local = is_loopback(session.origin[1]) and is_loopback(urlsplit(chosen).hostname or "")
    if environments and not known and not local:
        return session.base_url
    if any(operation.security):
        try:
            require_tls(chosen, f"the address that the document names for {operation.id}")
        except ConfigurationError as error:
            raise RequestError(f"{operation.id}: no credentials are sent: {error}") from None
    session.servers.add(origin(chosen))
    session.sources.setdefault(origin(chosen), "the document names this address for the operation")
    return chosen
