"""What opens an operation, from the security schemes of a document: the secrets that each needs, and where they go."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, frozen

from accordant_runtime import is_object

from ..document.values import Pairs
from .vendor import Secrets, in_query

_WRONG = "accordant-nobody-issued-this"
_FLOWS = ("clientCredentials", "password", "authorizationCode", "implicit")


@frozen
class KnownScheme:
    """One security scheme: its name, what kind it is, and its secrets by the client's argument names.

    ``kind`` is ``key``, ``basic``, ``token`` (a bearer token that somebody has to give) or ``grant`` (one that the
    vendor's token endpoint gives for the secrets). ``token`` is what a token is called that is given instead.
    """

    name: str
    kind: str
    secrets: tuple[str, ...]
    where: str = "header"
    field: str = "Authorization"
    token_url: str = ""
    token: str = "token"

    def opens(self, secrets: Secrets) -> Pairs:
        """The header fields and query parameters that carry the secrets; empty where they are not there. A grant is
        opened by the token that is given in its place."""
        if self.kind == "grant":
            return (("Authorization", f"Bearer {secrets[self.token]}"),) if secrets.get(self.token) else ()
        if any(not secrets.get(each) for each in self.secrets):
            return ()
        if self.kind == "basic":
            pair = f"{secrets[self.secrets[0]]}:{secrets[self.secrets[1]]}".encode()
            return (("Authorization", f"Basic {base64.b64encode(pair).decode()}"),)
        value = secrets[self.secrets[0]]
        if self.kind == "token":
            return (("Authorization", f"Bearer {value}"),)
        if self.where == "query":
            return ((in_query(self.field), value),)
        return (("Cookie", f"{self.field}={value}"),) if self.where == "cookie" else ((self.field, value),)

    @property
    def wrong(self) -> Pairs:
        """The same with secrets that nobody has."""
        return self.opens(dict.fromkeys((*self.secrets, self.token), _WRONG))


def known_schemes(declared: Mapping[str, Any]) -> dict[str, KnownScheme]:
    """The schemes of a document by name; those of a kind that no header or parameter opens (mutual TLS) are not among
    them.

    ``x-accordant-arguments`` says what the client calls the secrets; without it they have their plain names, and where
    two schemes need one of the same name, the scheme's before it.
    """
    plain = {name: scheme for name, node in declared.items() if is_object(node) and (scheme := _read(name, node))}
    taken: dict[str, list[str]] = {}
    for name, scheme in plain.items():
        for secret in scheme.secrets:
            taken.setdefault(secret, []).append(name)
    found: dict[str, KnownScheme] = {}
    for name, scheme in plain.items():
        alone = all(len(taken[secret]) == 1 for secret in scheme.secrets)
        prefix = "" if alone else f"{_snake(name)}_"
        called: Any = declared[name].get("x-accordant-arguments")
        own = tuple(_called(called, secret, f"{prefix}{secret}") for secret in scheme.secrets)
        found[name] = evolve(scheme, secrets=own, token=_called(called, "token", f"{prefix}token"))
    return found


def _called(called: Any, secret: str, otherwise: str) -> str:
    """What the client calls a secret: a key, and the token of a bearer scheme, are its only ``argument``."""
    stated: Any = called.get(secret, called.get("argument")) if is_object(called) else None
    return stated if isinstance(stated, str) else otherwise


def merged(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """The pairs with one field for all cookies."""
    every = list(dict.fromkeys(pairs))
    cookies = [value for name, value in every if name == "Cookie"]
    rest = tuple(pair for pair in every if pair[0] != "Cookie")
    return (*rest, ("Cookie", "; ".join(cookies))) if cookies else rest


def _read(name: str, node: Mapping[str, Any]) -> KnownScheme | None:
    kind, scheme = str(node.get("type", "")), str(node.get("scheme", "")).lower()
    if kind == "apiKey" and node.get("in") in ("header", "query", "cookie") and node.get("name"):
        return KnownScheme(name, "key", ("api_key",), str(node["in"]), str(node["name"]))
    if kind == "http" and scheme == "basic":
        return KnownScheme(name, "basic", ("username", "password"))
    if (kind == "http" and scheme == "bearer") or kind == "openIdConnect":
        return KnownScheme(name, "token", ("token",))
    if kind != "oauth2":
        return None
    flows: Any = node.get("flows")
    stated = {flow: flows[flow] for flow in _FLOWS if is_object(flows.get(flow))} if is_object(flows) else {}
    address = next((str(each["tokenUrl"]) for each in stated.values() if each.get("tokenUrl")), "")
    for flow in stated:
        if flow in ("clientCredentials", "password") and address:  # a token that somebody else gave, where none is had
            user = ("username", "password") if flow == "password" else ()
            secrets = ("client_id", "client_secret", *user)
            return KnownScheme(name, "grant", secrets, token_url=str(stated[flow].get("tokenUrl") or address))
    return KnownScheme(name, "token", ("token",))


def _snake(name: str) -> str:
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
