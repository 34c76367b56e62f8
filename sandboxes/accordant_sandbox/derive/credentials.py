"""Credentials out of a document's security schemes: who may call, with what, and where a token is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

from accordant_sandbox.derive.names import snake
from accordant_sandbox.engine.auth import AnyOf, Basic, Bearer, HeaderKey, PlacedKey
from accordant_sandbox.http.addresses import parts_of
from accordant_sandbox.http.document import Document
from accordant_sandbox.http.json_types import is_array, is_object
from accordant_sandbox.ports import Authenticator, Call, Principal, Tx

__all__ = ["AskedScheme", "SchemeBook", "path_of"]

Sort: TypeAlias = Literal["key", "basic", "token", "grant", "open"]
_FLOWS: Final = ("clientCredentials", "password", "authorizationCode", "implicit", "deviceAuthorization")
_VALUES: Final = {
    "api_key": "sandbox-api-key-0001",
    "username": "user@sandbox.example.com",
    "password": "sandbox-password",
    "token": "sandbox-token-0001",
    "client_id": "sandbox-client",
    "client_secret": "sandbox-client-secret",
}


@dataclass(frozen=True, slots=True)
class AskedScheme:
    """One security scheme: what sort it is, its secrets by the client's argument names, where a key goes.

    sort: `key`, `basic`, `token` (a bearer token that is given), `grant` (one that the token endpoint gives for the
    secrets), or `open` for what no request of a sandbox can show (mutual TLS, a scheme that is not declared).
    """

    name: str
    sort: Sort
    secrets: tuple[str, ...] = ()
    where: str = "header"
    field: str = "Authorization"
    token_url: str = ""
    discovery: str = ""

    @property
    def kind(self) -> str:
        """The kind of its tokens: that of every scheme which the client gives the same secrets for."""
        return f"scheme:{'+'.join(self.secrets) or self.name}"


class SchemeBook:
    """Every security scheme that a document declares or asks for."""

    def __init__(self, document: Document) -> None:
        components = document.data.get("components")
        declared = components.get("securitySchemes") if is_object(components) else None
        nodes: dict[str, Any] = declared if is_object(declared) else {}
        asked = {name for each in document.operations.values() for way in each.requirements for name in way}
        known = {name: _read(name, node) for name, node in nodes.items() if name in asked}
        for name in asked - known.keys():
            known[name] = AskedScheme(name, "open")
        homes = {_origin(str(each.get("url", ""))) for each in _objects(document.data.get("servers"))}
        given = {name: _given(each, nodes.get(name), homes) for name, each in known.items()}
        self.schemes: Mapping[str, AskedScheme] = _with_own_names(given, nodes)
        self.undeclared: tuple[str, ...] = tuple(sorted(asked - nodes.keys()))
        """Schemes that operations ask for and the document does not declare: they ask for nothing."""

    @property
    def credentials(self) -> dict[str, str]:
        """The client arguments that open every operation."""
        secrets = (secret for each in self.schemes.values() for secret in each.secrets)
        return {secret: _value(secret) for secret in secrets}

    @property
    def authenticators(self) -> dict[str, Authenticator]:
        """The check of each scheme."""
        return {
            name: self._anybody if scheme.sort == "open" else _authenticator(scheme)
            for name, scheme in self.schemes.items()
        }

    def _anybody(self, call: Call) -> Principal | None:
        """Who calls by a scheme that no request of a sandbox can show: anybody, but where the operation has another way
        that a request can show."""
        if any(all(self.schemes[name].sort != "open" for name in way) for way in call.operation.requirements):
            return None
        row = call.tx.table("_principals").get("default")
        return Principal.of(row) if row is not None else None

    def fill(self, tx: Tx) -> None:
        """Store the one principal, its keys and tokens, and the client that token endpoints know."""
        tx.put("_principals", {"name": "default", "tenant": "tenant", "role": "default"})
        for scheme in self.schemes.values():
            values = [_value(secret) for secret in scheme.secrets]
            if scheme.sort in ("key", "basic", "token"):
                row = {"token": ":".join(values), "kind": scheme.kind, "principal": "default"}
                tx.put("_tokens", {**row, "expires_at": None, "revoked": False})
            elif scheme.sort == "grant":
                login = dict(zip(("client_id", "client_secret"), values[:2], strict=True))
                tx.put("_clients", {**login, "principal": "default"})

    def user(self, username: str, password: str) -> str | None:
        """The principal with that user name and password."""
        pairs = [scheme.secrets[-2:] for scheme in self.schemes.values() if len(scheme.secrets) == 4]
        known = any((username, password) == (_value(name), _value(secret)) for name, secret in pairs)
        return "default" if known else None


def _read(name: str, node: Any) -> AskedScheme:
    if not is_object(node):
        return AskedScheme(name, "open")
    kind, scheme = str(node.get("type", "")), str(node.get("scheme", "")).lower()
    if kind == "apiKey" and node.get("in") in ("header", "query", "cookie") and node.get("name"):
        return AskedScheme(name, "key", ("api_key",), str(node["in"]), str(node["name"]))
    if kind == "http" and scheme == "basic":
        return AskedScheme(name, "basic", ("username", "password"))
    if kind == "openIdConnect":
        return AskedScheme(name, "token", ("token",), discovery=str(node.get("openIdConnectUrl", "")))
    if kind == "http":
        return AskedScheme(name, "token", ("token",)) if scheme == "bearer" else AskedScheme(name, "open")
    return _oauth(name, node.get("flows")) if kind == "oauth2" else AskedScheme(name, "open")


def _oauth(name: str, flows: Any) -> AskedScheme:
    stated = {flow: flows[flow] for flow in _FLOWS if is_object(flows.get(flow))} if is_object(flows) else {}
    address = next((str(each["tokenUrl"]) for each in stated.values() if each.get("tokenUrl")), "")
    for flow in ("clientCredentials", "password"):
        if flow in stated and address:  # where no flow says where a token is had, somebody else has to give one
            user = ("username", "password") if flow == "password" else ()
            secrets = ("client_id", "client_secret", *user)
            return AskedScheme(name, "grant", secrets, token_url=str(stated[flow].get("tokenUrl") or address))
    return AskedScheme(name, "token", ("token",), token_url=address)


def _given(scheme: AskedScheme, node: Any, homes: set[str]) -> AskedScheme:
    """The scheme with a token in the place of its grant, where the token endpoint is on another host than the API: a
    client of the sandbox must not go there."""
    away = scheme.sort == "grant" and _origin(scheme.token_url) not in {"", *homes}
    takes = node.get("x-accordant-arguments") if is_object(node) else None
    return replace(scheme, sort="token", secrets=("token",)) if away and is_object(takes) else scheme


def _origin(url: str) -> str:
    return parts_of(url).netloc.lower()


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if is_object(each)] if is_array(value) else []


def _with_own_names(known: Mapping[str, AskedScheme], nodes: Mapping[str, Any]) -> dict[str, AskedScheme]:
    """The schemes with what the client calls their secrets (``x-accordant-arguments``); where the document does not say
    it, with their names before secrets that several of them need."""
    needed: dict[str, int] = {}
    for scheme in known.values():
        for secret in scheme.secrets:
            needed[secret] = needed.get(secret, 0) + 1
    found: dict[str, AskedScheme] = {}
    for name, scheme in known.items():
        node = nodes.get(name)
        said = node.get("x-accordant-arguments") if is_object(node) else None
        called: Mapping[str, Any] = said if is_object(said) else {}
        prefix = "" if all(needed[secret] == 1 for secret in scheme.secrets) else f"{snake(name)}_"
        secrets = (called.get(secret, called.get("argument", f"{prefix}{secret}")) for secret in scheme.secrets)
        found[name] = replace(scheme, secrets=tuple(map(str, secrets)))
    return found


def _value(secret: str) -> str:
    plain = next((name for name in sorted(_VALUES, key=len, reverse=True) if secret.endswith(name)), "token")
    return _VALUES[plain] if secret == plain else f"{_VALUES[plain]}-{secret.removesuffix(plain).strip('_')}"


def _authenticator(scheme: AskedScheme) -> Authenticator:
    if scheme.sort == "basic":
        return Basic(scheme.kind)
    if scheme.sort == "grant":
        return Bearer()
    if scheme.sort == "token":
        return _either(Bearer(scheme.kind), Bearer()) if scheme.token_url or scheme.discovery else Bearer(scheme.kind)
    if scheme.where == "header":
        return HeaderKey(scheme.field, scheme.kind)
    return PlacedKey("query" if scheme.where == "query" else "cookie", scheme.field, scheme.kind)


def _either(first: Authenticator, second: Authenticator) -> Authenticator:
    return AnyOf((first, second))


def path_of(url: str) -> str:
    """The path of an address, absolute or not."""
    return parts_of(url).path.rstrip("/")
