"""From ``securitySchemes`` to what a client takes: its arguments, and the schemes as text of Python."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

from attrs import evolve, field, frozen

from accordant_runtime import is_array, is_object

from ..names import snake
from ..read.document import below, operations
from ..text import clean, quoted

SETTINGS: Final = frozenset(
    {
        *("base_url", "catalogue_ttl", "clock", "deadline", "deviations", "environment", "http", "max_response_bytes"),
        *("observer", "on_attempt", "rate_limits", "retries", "time_zone", "timeout", "token_store", "transport"),
        *("cls", "environ", "self", "settings"),
    }
)
"""What the constructor of every client takes already, and the names that it needs itself."""
GRANTS: Final = {
    "clientCredentials": "client_credentials",
    "password": "password",
    "authorizationCode": "authorization_code",
}
_PLACE: Final = "$.components.securitySchemes"
_ENDS: Final = re.compile(r"_(auth|authentication|authorization|security|scheme)$")
_TELLING: Final = re.compile(r"key|token|secret|password|session|_id$|^id$")
_CHALLENGES: Final = frozenset({"digest", "hawk", "hoba", "mutual", "negotiate", "scram-sha-1", "scram-sha-256"})

ArgumentKind: TypeAlias = Literal["text", "token", "words"]


@frozen
class ClientArgument:
    """A credential that the constructor takes, and what is said of it."""

    name: str
    doc: str
    kind: ArgumentKind = "text"

    @property
    def annotation(self) -> str:
        """Its type in the declaration."""
        return {"text": "str | None", "token": "TokenT | None", "words": "Sequence[str] | None"}[self.kind]


@frozen
class SchemeView:
    """One scheme: ``takes`` are its arguments by what they are to it. Schemes of one ``group`` share theirs."""

    name: str
    kind: str
    node: Mapping[str, Any]
    takes: Mapping[str, ClientArgument] = field(factory=dict[str, ClientArgument])
    group: str = ""
    why: str = ""


@frozen
class CredentialsView:
    """What a document says about credentials, and what of it cannot be used."""

    schemes: tuple[SchemeView, ...]
    needs: tuple[tuple[str, ...], ...]
    public: bool
    losses: tuple[str, ...]

    @property
    def arguments(self) -> tuple[ClientArgument, ...]:
        """The arguments in the order of the schemes, tokens last."""
        found = {each.name: each for scheme in self.schemes for each in scheme.takes.values()}
        return tuple(sorted(found.values(), key=lambda each: each.kind == "token"))


def view_credentials(document: dict[str, Any]) -> CredentialsView:
    """Read the schemes that operations name, and give each argument a plain name that no other has."""
    declared: Any = document.get("components", {}).get("securitySchemes", {})
    declared = declared if is_object(declared) else {}
    wanted = _wanted(document)
    needs = tuple(dict.fromkeys(need for _, security in wanted for need in security if need))
    named = dict.fromkeys(name for need in needs for name in need)
    losses = [
        f"{below(_PLACE, name)}: no operation names it in its `security`, so the client does not take it. "
        "Add `security` in the overlay where it is wanted"
        for name in declared
        if name not in named
    ]
    views = [_read(name, declared.get(name)) for name in [*(n for n in declared if n in named), *named] if name]
    views = list({view.name: view for view in views}.values())
    places = {name: place for place, security in reversed(wanted) for need in security for name in need}
    for view in views:
        if view.why:
            place = below(_PLACE, view.name) if view.name in declared else f"{places[view.name]}.security"
            losses.append(f"{place}: the security scheme {view.name} cannot be used: {view.why}")
    public = not needs or any(not all(security) or not security for _, security in wanted)
    return CredentialsView(tuple(_named(views)), needs, public, tuple(losses))


def _wanted(document: dict[str, Any]) -> list[tuple[str, tuple[tuple[str, ...], ...]]]:
    """What each operation wants, by its JSON path; what the document itself wants comes first where any inherits it."""
    found = [
        (f"$.paths['{path}'].{method}", _alternatives(operation.get("security", document.get("security"))))
        for path, method, operation in operations(document)
    ]
    default = _alternatives(document.get("security"))
    return sorted(found, key=lambda each: each[1] != default)


def _alternatives(security: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(item) for item in security if is_object(item)) if is_array(security) else ()


def _read(name: str, node: Any) -> SchemeView:
    """One scheme with arguments that have plain names."""
    if not is_object(node):
        return SchemeView(name, "none", {}, why="the document does not declare it: correct that in an overlay")
    kind, scheme = node.get("type"), str(node.get("scheme") or "")
    if kind == "apiKey" and node.get("in") in ("header", "query", "cookie") and isinstance(node.get("name"), str):
        where = {"header": "the header", "query": "the query parameter", "cookie": "the cookie"}[node["in"]]
        key = ClientArgument(_key_name(name), _said(f"is sent in {where} ``{clean(node['name'])}`` as it is", node))
        return SchemeView(name, "key", node, {"argument": key})
    if kind == "http" and scheme.lower() == "basic":
        pair = "``username`` and ``password`` are sent as Basic credentials"
        takes = {"username": ClientArgument("username", _said(pair, node)), "password": ClientArgument("password", "")}
        return SchemeView(name, "basic", node, takes)
    if kind == "http" and scheme.lower() == "bearer":
        doc = _said("is a bearer token, or a function that returns one", node)
        return SchemeView(name, "bearer", node, {"argument": ClientArgument("token", doc, "token")})
    if kind == "http" and scheme:
        more = ", which depends on the request or on a challenge" if scheme.lower() in _CHALLENGES else ""
        doc = f"is what follows ``{clean(scheme)}`` in the header ``Authorization``{more}: a text, or a function that "
        return SchemeView(
            name, "other", node, {"argument": ClientArgument("credentials", _said(f"{doc}returns one", node), "token")}
        )
    if kind in ("oauth2", "openIdConnect"):
        return _oauth2(name, node)
    if kind == "mutualTLS":
        return SchemeView(name, "certificate", node)
    return SchemeView(name, "none", node, why=f"its type {kind!r} is not known, or something is missing in it")


def _oauth2(name: str, node: Mapping[str, Any]) -> SchemeView:
    stated: Any = node.get("flows")
    flows: dict[str, Any] = stated if is_object(stated) else {}
    if node["type"] == "openIdConnect":
        urls = {"discovery_url": node.get("openIdConnectUrl")}
        grants = list(GRANTS.values())
    else:
        found = [flows[flow] for flow in GRANTS if is_object(flows.get(flow))]
        urls = {
            "token_url": next((flow["tokenUrl"] for flow in found if flow.get("tokenUrl")), ""),
            "refresh_url": next((flow["refreshUrl"] for flow in found if flow.get("refreshUrl")), ""),
        }
        grants = [grant for flow, grant in GRANTS.items() if is_object(flows.get(flow))]
    urls = {key: secure(url.strip()) for key, url in urls.items() if isinstance(url, str) and url.strip()}
    grants = grants if urls else []
    return SchemeView(name, "oauth2", {"urls": urls, "grants": grants}, _tokens(node, grants))


def secure(url: str) -> str:
    """The address with TLS, where it is not this machine's."""
    local = re.match(r"http://(localhost|127\.|\[::1\]|[^/]*\.localhost)", url)
    return f"https://{url.removeprefix('http://')}" if url.startswith("http://") and not local else url


def _tokens(node: Mapping[str, Any], grants: list[str]) -> dict[str, ClientArgument]:
    takes: dict[str, ClientArgument] = {}
    if grants:
        takes["client_id"] = ClientArgument(
            "client_id", "``client_id`` and ``client_secret`` are those of an application"
        )
        takes["client_secret"] = ClientArgument("client_secret", "")
    if "password" in grants:
        takes["username"] = ClientArgument(
            "username", "with ``username`` and ``password`` the client acts as that user"
        )
        takes["password"] = ClientArgument("password", "")
    if {"authorization_code", "password"} & set(grants):
        takes["refresh_token"] = ClientArgument("refresh_token", "goes on with a session that was begun elsewhere")
    if {"client_credentials", "password"} & set(grants):
        takes["scopes"] = ClientArgument("scopes", "are what to ask for; without them the vendor decides", "words")
    if grants:
        takes["token_url"] = ClientArgument("token_url", "replaces the address of the token endpoint")
    doc = _said("is a bearer token, or a function that returns one", node)
    takes["token"] = ClientArgument("token", doc, "token")
    return takes


def _said(words: str, node: Mapping[str, Any]) -> str:
    """What is said of an argument; a short word of the vendor's own is added."""
    own = clean(node.get("description")).rstrip(".")
    return f"{words} ({own})" if 0 < len(own) <= 80 and "`" not in own else words


def _key_name(scheme: str) -> str:
    """What a key is called after its scheme, where the document has several."""
    name = snake(scheme)
    while _ENDS.search(name):
        name = _ENDS.sub("", name)
    name = name.replace("apikey", "api_key")
    return name if _TELLING.search(name) and name not in SETTINGS else f"{name}_key"


def _named(views: list[SchemeView]) -> Iterator[SchemeView]:
    """The schemes with names that differ: an argument that several have gets the scheme's name before it."""
    keys = [view for view in views if view.kind == "key"]
    if len(keys) == 1:
        views = [
            evolve(view, takes={"argument": evolve(view.takes["argument"], name="api_key")}) if view in keys else view
            for view in views
        ]
    views = _grouped(views)
    holders: dict[str, set[str]] = {}
    for view in views:
        for argument in view.takes.values():
            holders.setdefault(argument.name, set()).add(view.group or view.name)
    taken: Counter[str] = Counter()
    names: dict[tuple[str, str], str] = {}
    for view in views:
        for argument in view.takes.values():
            own = (view.group or view.name, argument.name)
            if own not in names:
                shared = len(holders[argument.name]) > 1 and view.kind != "key"
                name = _prefixed(view.name, argument.name) if shared else argument.name
                taken[name] += 1
                names[own] = name if taken[name] == 1 else f"{name}_{taken[name]}"
    for view in views:
        yield evolve(
            view, takes=_renamed(view.takes, {each: names[view.group or view.name, each] for each in _plain(view)})
        )


def _plain(view: SchemeView) -> list[str]:
    return [argument.name for argument in view.takes.values()]


def _renamed(takes: Mapping[str, ClientArgument], names: Mapping[str, str]) -> dict[str, ClientArgument]:
    """The arguments with their final names, in what is said of them as well."""
    called: dict[str, ClientArgument] = {}
    for kind, argument in takes.items():
        doc = re.sub(r"``(\w+)``", lambda found: f"``{names.get(found[1], found[1])}``", argument.doc)
        called[kind] = evolve(argument, name=names[argument.name], doc=doc)
    return called


def _grouped(views: list[SchemeView]) -> list[SchemeView]:
    """OAuth 2 schemes with one token endpoint are one account: Swagger 2.0 needs a scheme for each of its flows."""
    urls = {view.node["urls"].get("token_url") for view in views if view.kind == "oauth2" and view.node["urls"]}
    alone = len(urls) <= 1 and None not in urls
    return [evolve(view, group="oauth2" if alone else view.name) if view.kind == "oauth2" else view for view in views]


def _prefixed(scheme: str, argument: str) -> str:
    """The argument after its scheme, where that does not end with it: ``basic_username``, ``access_token``."""
    name = snake(scheme)
    prefix = _ENDS.sub("", name) or name
    return prefix if prefix.endswith(f"_{argument}") else f"{prefix}_{argument}"


def scheme_text(view: SchemeView) -> str:
    """The scheme as text of Python."""
    name = quoted(view.name)
    called = {kind: argument.name for kind, argument in view.takes.items()}
    if view.kind == "key":
        where, wire = quoted(view.node["in"]), quoted(view.node["name"])
        return f"ApiKeyScheme({name}, {where}, {wire}{_keyword('argument', called, 'api_key')})"
    if view.kind == "basic":
        own = f"{_keyword('username', called, 'username')}{_keyword('password', called, 'password')}"
        return f"BasicScheme({name}{own})"
    if view.kind == "bearer":
        return f"BearerScheme({name}{_keyword('argument', called, 'token')})"
    if view.kind == "other":
        return f"BearerScheme({name}, {quoted(called['argument'])}, {quoted(view.node['scheme'])})"
    if view.kind == "certificate":
        return f"CertificateScheme({name})"
    if view.kind == "none":
        return f"UnusableScheme({name}, {quoted(view.why)})"
    parts = [f"{key}={quoted(url)}" for key, url in view.node["urls"].items()]
    if view.node["grants"]:
        parts.append(f"grants=({''.join(f'{quoted(grant)}, ' for grant in view.node['grants'])})")
    renamed = {kind: name for kind, name in called.items() if kind != name}
    if renamed:
        parts.append(f"names={{{', '.join(f'{quoted(kind)}: {quoted(own)}' for kind, own in renamed.items())}}}")
    return f"OAuth2Scheme({', '.join([name, *parts])})"


def _keyword(kind: str, called: Mapping[str, str], default: str) -> str:
    return "" if called[kind] == default else f", {kind}={quoted(called[kind])}"
