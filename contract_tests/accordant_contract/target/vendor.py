"""A vendor as the contract tests know it: how to log in, and its policy. One small module each under ``vendors``."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, TypeAlias

from attrs import field, frozen

import accordant_documents
from accordant_runtime import is_object

from ..document.document import Operation
from ..document.document import load as load_document
from ..document.policy import Policy
from ..document.values import Arguments, Exchange, Pairs
from ..errors import ContractError
from . import vendors as packages
from .commands import switch
from .patience import Limit

Secrets: TypeAlias = Mapping[str, str]
"""Credentials by the client's argument names (``client_id``)."""


@frozen
class Credential:
    """What opens the door: header fields, and what is known of their life.

    A name made by :func:`in_query` is that of a query parameter. ``lifetime`` is in seconds, ``None`` where they never
    expire; ``refresh`` gets the next one.
    """

    headers: Pairs = field(repr=False)
    lifetime: float | None = None
    refresh: str | None = field(default=None, repr=False)


Call: TypeAlias = Callable[[str, Arguments], Exchange]
"""Sends a request to an operation without a credential, and records it."""
Login: TypeAlias = Callable[[Call, Secrets], "Credential | Exchange"]
"""A credential, or the exchange that refused one."""
Refresh: TypeAlias = Callable[[Call, Secrets, str], "Credential | Exchange"]


@frozen
class Scheme:
    """A security scheme with separate secrets, which no login gives: that of an incoming webhook.

    secrets: what it needs; their environment variables are named like those of the login's. principal: the sandbox's
    principal that holds them. headers: the header fields made of them. client: arguments of the client's method, each
    with the secret that it takes. records: kinds of record that nothing but a secret names, with that secret.
    """

    secrets: tuple[str, ...]
    principal: str
    headers: Callable[[Secrets], Pairs]
    client: Mapping[str, str] = field(factory=dict[str, str])
    records: Mapping[str, str] = field(factory=dict[str, str])


@frozen
class TargetVendor:
    """One vendor.

    name: that of its document; its environment variables begin with it in capitals.
    secrets: the credentials that a run needs, by the client's argument names (``client_id``).
    login: how they become a credential. logins: the operations that it uses.
    refresh: how a refresh token becomes the next credential; ``rotates`` says that it is then spent.
    malformed: header fields of credentials that are none, with a name each.
    client: the client's class, ``module:Class``; its asynchronous twin is called ``Async<Class>``.
    foreign_tenant: the principal of another tenant. weaker: principals that lack rights, with the operations (globs)
    that must return 403 to them. Elsewhere ``<VENDOR>_<PRINCIPAL>_*`` variables hold their secrets.
    schemes: security schemes of the document with separate secrets.
    refusal: what a success's body says when it is a failure all the same, else ``None``.
    made: what a success says of the record that it made, where it is not the record itself.
    principal: the sandbox's principal whose secrets the run uses.
    instead: secrets that do as well, where the environment lacks the others.
    sandbox: further arguments of the sandbox.
    limits: how many requests the vendor documents as allowed for one account.
    described: whether its document alone says all of this.
    stale: entries that were left out, as the document no longer has what they name: a sentence each, with its lines.
    """

    name: str
    secrets: tuple[str, ...]
    login: Login
    logins: tuple[str, ...]
    client: str
    malformed: Mapping[str, Pairs]
    policy: Policy = field(factory=Policy)
    refresh: Refresh | None = None
    rotates: bool = False
    foreign_tenant: str | None = None
    weaker: Mapping[str, tuple[str, ...]] = field(factory=dict[str, "tuple[str, ...]"])
    schemes: Mapping[str, Scheme] = field(factory=dict[str, Scheme])
    refusal: Callable[[Any], str | None] = lambda _: None
    made: Callable[[Any], Mapping[str, Any]] = lambda _: {}
    principal: str = "default"
    instead: tuple[str, ...] = ()
    sandbox: Mapping[str, Any] = field(factory=dict[str, Any])
    limits: tuple[Limit, ...] = ()
    described: bool = False
    stale: tuple[str, ...] = ()

    @property
    def prefix(self) -> str:
        """What the names of its environment variables begin with."""
        return self.name.upper()

    @property
    def write_switch(self) -> str:
        """What a user types to allow changes."""
        return switch("write", self.name)

    def variable(self, secret: str) -> str:
        """The environment variable of one secret."""
        return f"{self.prefix}_{secret.upper()}"

    def way(self, operation: Operation) -> tuple[str, ...]:
        """The security schemes by which a run opens an operation: the login's where those are one of its ways, else
        the first; none where it is open."""
        if not operation.secured:
            return ()
        ways = operation.security
        return next((way for way in ways if not any(name in self.schemes for name in way)), ways[0])


def bearer(
    exchange: Exchange, token: str = "access_token", life: str = "expires_in", refresh: str = "refresh_token"
) -> Credential | Exchange:
    """The bearer token in a token response, or the exchange itself where there is none."""
    document = exchange.document
    if not exchange.success or not is_object(document) or not isinstance(document.get(token), str):
        return exchange
    stated, again = document.get(life), document.get(refresh)
    return Credential(
        (("Authorization", f"Bearer {document[token]}"),),
        float(stated) if isinstance(stated, (int, float)) and not isinstance(stated, bool) else None,
        again if isinstance(again, str) else None,
    )


def in_query(name: str) -> str:
    """The name under which a credential's pairs carry a query parameter: no header field can be called so."""
    return f"?{name}"


def names(package: str | None = None) -> tuple[str, ...]:
    """The vendors that can be tested: those with a document; with ``package``, those of that package alone."""
    if package is not None:
        return accordant_documents.names(package)
    return tuple(sorted({*_modules(), *accordant_documents.names()}))


def _modules() -> set[str]:
    """The vendors that a module here describes; the others are what their documents say."""
    return {module.name for module in pkgutil.iter_modules(packages.__path__)}


@cache
def load(name: str) -> TargetVendor:
    """A vendor by name, without what its policy says of operations and fields that the document no longer has.

    Raises :class:`ContractError` when there is no such vendor, or it cannot log in.
    """
    if name not in names():
        known = f"{', '.join(names())}{accordant_documents.unfound()}"
        raise ContractError(f"there is no vendor {name!r}; there are: {known}")
    if name not in _modules():
        described: TargetVendor = import_module(f"{__package__}.from_document").vendor_of(load_document(name))
        return described
    module = f"{packages.__name__}.{name}"
    fitted: TargetVendor = import_module(f"{__package__}.fitting").fitting(
        import_module(module).VENDOR, load_document(name), module
    )
    return fitted
