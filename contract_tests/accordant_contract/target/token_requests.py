"""A token from an endpoint that is no operation of the document: OAuth 2.0 says how it is asked for (RFC 6749)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

from ..document.values import Arguments, Exchange, Request, Response
from ..errors import ContractError
from .senders import LOOPBACK
from .targets import Target

ASKED: Final = "POST "
"""What the name of a call begins with that goes to an address, and not to an operation."""
_FORM: Final = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"))


def ask(target: Target, url: str, form: Mapping[str, str]) -> Exchange:
    """Send a form to a token endpoint; raises :class:`ContractError` where credentials would travel unencrypted.

    A sandbox of ours has the endpoint at its own address.
    """
    where = urlsplit(urljoin(f"{target.base}/", url))
    base = urlsplit(target.base)
    if target.sandbox is not None or base.hostname in LOOPBACK:
        where = where._replace(scheme=base.scheme, netloc=base.netloc)
    elif where.scheme != "https":
        raise ContractError(f"the token endpoint {where.geturl()} is not reached over https: give a token instead")
    body = urlencode(form).encode()
    request = Request("POST", where.geturl(), _FORM, body)
    arguments, at = Arguments(body=dict(form)), target.now()
    try:
        status, pairs, content = target.send("POST", request.url, request.headers, body, target.timeout)
    except (ConnectionError, TimeoutError) as error:
        failure = str(error) or type(error).__name__
        return Exchange(ASKED + url, request, None, arguments, "valid", failure, at=at)
    return Exchange(ASKED + url, request, Response(status, tuple(pairs), content), arguments, "valid", at=at)
