"""A vendor without a module below ``vendors``: its login comes from the security schemes, its policy is empty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

from codegen.names import client_class_name
from codegen.render.credentials import view_credentials

from ..document.document import Document, Operation
from ..document.values import Arguments, Exchange, Pairs
from ..errors import ContractError
from .schemes import KnownScheme, known_schemes, merged
from .vendor import Call, Credential, Scheme, Secrets, TargetVendor, bearer


def vendor_of(document: Document) -> TargetVendor:
    """The vendor as its document describes it.

    The schemes that open most operations are the login; every other scheme keeps its secrets for itself.
    """
    known = _as_the_client_calls_them(document, known_schemes(document.schemes))
    main = _main(document, known)
    granted = next((each for each in main if each.kind == "grant"), None)
    endpoint = _token_endpoint(document, granted) if granted is not None else None
    others = {
        name: Scheme(scheme.secrets, "default", scheme.opens) for name, scheme in known.items() if scheme not in main
    }
    wrong = merged(pair for scheme in main for pair in scheme.wrong)
    return TargetVendor(
        name=document.name,
        secrets=tuple(dict.fromkeys(secret for scheme in main for secret in scheme.secrets)),
        instead=() if granted is None else (granted.token,),
        login=_login(main, endpoint),
        logins=() if endpoint is None else (endpoint.id,),
        client=f"accordant.{document.name}:{client_class_name(document.name)}",
        malformed={"credentials that nobody issued": wrong} if wrong else {},
        schemes=others,
    )


def _as_the_client_calls_them(document: Document, known: dict[str, KnownScheme]) -> dict[str, KnownScheme]:
    """The schemes with the arguments of the client that is made from the document: a user has one name for a secret."""
    views = {view.name: view.takes for view in view_credentials(dict(document.data)).schemes}
    return {
        name: scheme.called({kind: argument.name for kind, argument in views.get(name, {}).items()})
        for name, scheme in known.items()
    }


def _main(document: Document, known: dict[str, KnownScheme]) -> tuple[KnownScheme, ...]:
    """The schemes that open most operations together; the first of the document where several do."""
    ways = Counter(each.security[0] for each in document.operations.values() if each.secured)
    usable = [(count, way) for way, count in ways.items() if all(name in known for name in way)]
    most = max((count for count, _ in usable), default=0)
    way = next((way for count, way in usable if count == most), ())
    return tuple(known[name] for name in way)


def _token_endpoint(document: Document, scheme: KnownScheme) -> Operation | None:
    """The documented operation at the address where a grant gives its token."""
    path = urlsplit(scheme.token_url).path.rstrip("/")
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
    if secrets.get(scheme.token):
        return (("Authorization", f"Bearer {secrets[scheme.token]}"),)
    if endpoint is None:
        raise ContractError(
            f"the token endpoint of {scheme.name!r} is no operation of the document: give a {scheme.token} instead of "
            f"{', '.join(scheme.secrets)}"
        )
    grant = "password" if "username" in scheme.fields else "client_credentials"
    given = {kind: secrets.get(name, "") for kind, name in zip(scheme.fields, scheme.secrets, strict=True)}
    body = {"grant_type": grant, **given}
    return bearer(call(endpoint.id, Arguments(body=body)))
