"""From ``servers`` to the environments of a client and the variables in their addresses."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from attrs import frozen

from accordant_runtime import is_array, is_object

from ..names import snake
from ..text import clean
from .credentials import SETTINGS, secure

_WORDS: Final = ("production", "sandbox", "staging", "test", "demo", "development", "preview", "mock", "local")
_VARIABLE: Final = re.compile(r"\{([^{}]+)\}")
_LONGEST: Final = 24


@frozen
class VariableView:
    """A variable of the servers' addresses: its name there, the client's argument, and what it may be."""

    name: str
    argument: str
    default: str
    choices: tuple[str, ...]
    doc: str


@frozen
class ServersView:
    """The addresses of a vendor by the names of the environments, in the order of the document, and the default."""

    environments: Mapping[str, str]
    default: str
    variables: tuple[VariableView, ...]
    losses: tuple[str, ...]


def view_servers(document: dict[str, Any], document_url: str | None, taken: Collection[str]) -> ServersView:
    """Read the servers; relative ones are below ``document_url``. ``taken`` are arguments that the client has."""
    losses: list[str] = []
    servers: Any = document.get("servers")
    servers = [each for each in servers if is_object(each)] if is_array(servers) else []
    if not servers and document_url:  # OpenAPI: without servers the API is where its document is
        servers = [{"url": "/"}]
    environments: dict[str, str] = {}
    nodes: dict[str, Any] = {}
    first = ""
    for index, server in enumerate(servers):
        place = f"$.servers[{index}]"
        url = _address(server.get("url"), document_url, place, losses)
        if url is None or url in environments.values():
            continue
        own: Any = server.get("variables") if is_object(server.get("variables")) else {}
        stages = own.get("environment")
        if _by_environment(stages) and "{environment}" in url and not environments:
            for stage in stages["enum"]:
                environments[snake(str(stage))] = url.replace("{environment}", str(stage))
            first = snake(str(stages.get("default", stages["enum"][0])))
        else:
            environments[_name(server, url, environments)] = url
        nodes = {**own, **nodes}
    if not environments:
        losses.append("$.servers: no address can be used, so the client needs base_url")
    used = dict.fromkeys(name for url in environments.values() for name in _VARIABLE.findall(url))
    variables = tuple(_variable(name, nodes.get(name), taken) for name in used)
    return ServersView(environments, _default(environments, first), variables, tuple(losses))


def _by_environment(node: Any) -> bool:
    """Whether a variable is what a client calls its environment."""
    return is_object(node) and is_array(node.get("enum")) and bool(node["enum"])


def _address(url: Any, document_url: str | None, place: str, losses: list[str]) -> str | None:
    """The whole address of a server, with TLS; ``None`` where that cannot be had."""
    if not isinstance(url, str) or not url.strip():
        losses.append(f"{place}.url: it is no address")
        return None
    # Variables are kept apart from what URLs are made of.
    whole = url.strip() if "://" in url else _joined(document_url, url.strip())
    if whole is None:
        losses.append(f"{place}.url: {clean(url)} is relative, and nobody knows to what: it is no environment")
        return None
    if not re.match(r"(https?|\{[^{}]+\})://[^/]", whole):
        losses.append(f"{place}.url: {clean(url)} is no http address: it is no environment")
        return None
    kept = re.split(r"[?#]", whole)[0].rstrip("/")
    if secure(kept) != kept:
        losses.append(f"{place}.url: credentials travel over TLS alone: {secure(kept)} is used instead of {kept}")
    return secure(kept)


def _joined(document_url: str | None, url: str) -> str | None:
    if url.startswith("//"):
        return f"https:{url}"
    if not document_url or not document_url.startswith(("http://", "https://")):
        return None
    return urljoin(document_url, url)


def _name(server: Mapping[str, Any], url: str, taken: Collection[str]) -> str:
    """What an environment is called: a word of its description or address, else its description, else a number."""
    described = clean(server.get("description"))
    text = f"{described} {urlsplit(url).netloc}".lower()
    if "localhost" in text or "127.0.0.1" in text:
        text = "local"
    word = next((each for each in _WORDS if re.search(rf"(?<![a-z]){each}(?![a-z])", text)), None)
    if re.search(r"(?<![a-z])(live|prod)(?![a-z])", text):
        word = word or "production"
    short = snake(described) if described and len(described) <= _LONGEST else ""
    wanted = [each for each in (word, short or None, None if taken else "production") if each]
    return next((each for each in wanted if each not in taken), f"server_{len(taken) + 1}")


def _default(environments: Mapping[str, str], first: str) -> str:
    """The environment of a client that names none: production, else the first that is not this machine."""
    remote = [name for name in environments if name != "local"]
    return next((name for name in ("production", first, *remote, *environments) if name in environments), "production")


def _variable(name: str, node: Any, taken: Collection[str]) -> VariableView:
    node = node if is_object(node) else {}
    argument = snake(name)
    if argument in SETTINGS or argument in taken:
        argument = f"server_{argument}"
    choices = tuple(str(each) for each in node["enum"]) if is_array(node.get("enum")) else ()
    default = "" if node.get("default") is None else str(node["default"])
    if choices and default and default not in choices:
        choices = (default, *choices)
    return VariableView(
        name, argument, default or (choices[0] if choices else ""), choices, clean(node.get("description"))
    )
