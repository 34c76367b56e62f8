"""A rule about addresses that nobody can read, such as ``https://[::1``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from accordant_runtime import is_array, is_object

from ..document import METHODS, below

_VARIABLE = re.compile(r"\{[^{}]*\}")
_OF_SCHEMES = ("openIdConnectUrl",)
_OF_FLOWS = ("authorizationUrl", "tokenUrl", "refreshUrl")


def readable_addresses(document: dict[str, Any], losses: list[str]) -> None:
    """A server, and the address of a security scheme, that is no address is left out: no client could go there."""
    for place, node in _with_servers(document):
        servers = node.get("servers")
        if not is_array(servers):
            continue
        broken = [index for index, each in enumerate(servers) if is_object(each) and not is_readable(each.get("url"))]
        losses += [f"{place}.servers[{index}].url: it is no address, and the server is left out" for index in broken]
        if len(broken) == len(servers) > 0:
            del node["servers"]
        elif broken:
            node["servers"] = [each for index, each in enumerate(servers) if index not in broken]
    for place, node, names in _of_schemes(document):
        for name in names:
            if not is_readable(node.get(name)):
                losses.append(f"{place}.{name}: it is no address, and is left out")
                del node[name]


def is_readable(url: Any) -> bool:
    """Whether an address can be taken apart, whatever its variables are; what is no text is somebody else's matter."""
    try:
        return not isinstance(url, str) or urlsplit(_VARIABLE.sub("1", url.strip())).port != -1
    except ValueError:
        return False


def _with_servers(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "$", document
    paths = document.get("paths")
    for path, item in paths.items() if is_object(paths) else ():
        if is_object(item):
            place = below("$.paths", path)
            yield place, item
            yield from ((f"{place}.{method}", item[method]) for method in METHODS if is_object(item.get(method)))


def _of_schemes(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], tuple[str, ...]]]:
    components = document.get("components")
    schemes = components.get("securitySchemes") if is_object(components) else None
    for name, scheme in schemes.items() if is_object(schemes) else ():
        if not is_object(scheme):
            continue
        place = below("$.components.securitySchemes", name)
        yield place, scheme, _OF_SCHEMES
        flows = scheme.get("flows")
        for flow, node in flows.items() if is_object(flows) else ():
            if is_object(node):
                yield f"{place}.flows.{flow}", node, _OF_FLOWS
