"""A vendor without a module below ``vendors``: its login comes from the security schemes, its policy is empty."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from importlib import import_module

from accordant_sandbox.http.addresses import parts_of

from ..document.document import Document, Operation
from ..document.values import Arguments, Exchange, Pairs
from .commands import package_of
from .schemes import KnownScheme, known_schemes, merged
from .token_requests import ASKED
from .vendor import Call, Credential, Scheme, Secrets, TargetVendor, bearer


def vendor_of(document: Document) -> TargetVendor:
    """The vendor as its document describes it.

    The schemes that open most operations are the login; every other scheme keeps its secrets for itself.
    """
    known = known_schemes(document.schemes)
    main = _main(document, known)
    granted = next((each for each in main if each.kind == "grant"), None)
    endpoint = _token_endpoint(document, granted) if granted is not None else None
    others = {
        name: Scheme((scheme.token,) if scheme.kind == "grant" else scheme.secrets, "default", scheme.opens)
        for name, scheme in known.items()
        if scheme not in main
    }
    wrong = merged(pair for scheme in main for pair in scheme.wrong)
    return TargetVendor(
        name=document.name,
        secrets=tuple(dict.fromkeys(secret for scheme in main for secret in scheme.secrets)),
        instead=(granted.token,) if granted is not None else (),
        login=_login(main, endpoint),
        logins=() if endpoint is None else (endpoint.id,),
        client=_client(document.name),
        malformed={"credentials that nobody issued": wrong} if wrong else {},
        schemes=others,
        described=True,
    )


def _main(document: Document, known: dict[str, KnownScheme]) -> tuple[KnownScheme, ...]:
    """The schemes that open most operations together; the first of the document where several do."""
    ways = Counter(way for each in document.operations.values() if each.secured for way in dict.fromkeys(each.security))
    usable = [(count, way) for way, count in ways.items() if all(name in known for name in way)]
    most = max((count for count, _ in usable), default=0)
    way = next((way for count, way in usable if count == most), ())
    return tuple(known[name] for name in way)


def _token_endpoint(document: Document, scheme: KnownScheme) -> Operation | None:
    """The documented operation at the address where a grant gives its token."""
    path = parts_of(scheme.token_url).path.rstrip("/")
    posts = [each for each in document.operations.values() if each.method == "POST"]
    return next((each for each in posts if path and path.endswith(each.path.rstrip("/"))), None)


def _login(
    main: tuple[KnownScheme, ...], endpoint: Operation | None
) -> Callable[[Call, Secrets], Credential | Exchange]:
    def login(call: Call, secrets: Secrets) -> Credential | Exchange:
        pairs: list[tuple[str, str]] = []
        lifetime: float | None = None
        for scheme in main:
            found = _granted(scheme, endpoint, call, secrets) if scheme.kind == "grant" else scheme.opens(secrets)
            if isinstance(found, Exchange):
                return found
            if isinstance(found, Credential):
                lifetime, found = found.lifetime, found.headers
            pairs += found
        return Credential(merged(pairs), lifetime)

    return login


def _granted(
    scheme: KnownScheme, endpoint: Operation | None, call: Call, secrets: Secrets
) -> Credential | Exchange | Pairs:
    """The token for the secrets, or the one that was given."""
    if given := scheme.opens(secrets):
        return given
    grant = "password" if len(scheme.secrets) > 2 else "client_credentials"
    plain = ("client_id", "client_secret", "username", "password")
    body = {
        "grant_type": grant,
        **{name: secrets.get(each, "") for name, each in zip(plain, scheme.secrets, strict=False)},
    }
    asked = ASKED + scheme.token_url if endpoint is None else endpoint.id
    return bearer(call(asked, Arguments(body=body)))


def _client(name: str) -> str:
    """The client's class, ``module:Class``: the one that has a twin called ``Async<Class>``."""
    module = f"{package_of(name)}.{name}"
    words = "".join(part[:1].upper() + part[1:] for part in re.split(r"_+", name) if part)
    try:
        exported: list[str] = import_module(module).__all__
    except (ImportError, AttributeError):
        exported = []
    twins = [each for each in exported if f"Async{each}" in exported]
    return f"{module}:{twins[0] if len(twins) == 1 else words}"
