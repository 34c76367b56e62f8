"""What a caller must show, and where the server is, in two documents."""

from __future__ import annotations

from typing import Any

from accordant_runtime import is_array, is_object

from .lines import WIRE, DriftLine, Impact
from .views import key

_TELLING = ("type", "name", "in", "scheme", "openIdConnectUrl")
_ADDRESSES = ("tokenUrl", "authorizationUrl", "refreshUrl")


class SecurityComparison:
    """Compares the needs of operations, and the schemes that they name."""

    def __init__(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self._documents = (old, new)
        self._schemes = (_schemes(old), _schemes(new))
        self._used: set[str] = set()

    def operation(self, before: dict[str, Any], after: dict[str, Any], label: str) -> list[DriftLine]:
        """Credentials that served so far must go on serving."""
        was, now = (_needs(each, document) for each, document in zip((before, after), self._documents, strict=True))
        was = [{self._renamed(name): scopes for name, scopes in each.items()} for each in was]
        self._used.update(name for each in was for name in each)
        found: list[DriftLine] = []
        if not was or {} in was:
            if now and {} not in now:
                text = f"needs credentials now: {_alternatives(now)}"
                found.append(DriftLine("security-added", Impact.BREAKING, WIRE, label, text))
            return found
        if not now or {} in now:
            return [DriftLine("security-removed", Impact.ADDITIVE, WIRE, label, "needs no credentials any more")]
        for need in was:
            if not any(_enough(need, other) for other in now):
                text = f"does not accept {_need(need)} any more; it takes {_alternatives(now)}"
                found.append(DriftLine("security-changed", Impact.BREAKING, WIRE, label, text))
        for need in now:
            wider = [other for other in was if set(need) == set(other)]
            if wider and need not in was and all(_enough(other, need) for other in wider):
                text = f"{_need(need)} will do; it was {_alternatives(wider)}"
                found.append(DriftLine("security-scope-removed", Impact.ADDITIVE, WIRE, label, text))
            if not any(set(need) == set(other) for other in was) and any(
                any(_enough(other, each) for each in now) for other in was
            ):
                text = f"accepts {_need(need)} too"
                found.append(DriftLine("security-alternative-added", Impact.ADDITIVE, WIRE, label, text))
        return found

    def _renamed(self, name: str) -> str:
        """The name that a scheme has in the newer document: another one for the same scheme is no change."""
        old, new = self._schemes
        if name in new or name not in old:
            return name
        return next((other for other in new if key(new[other]) == key(old[name]) and other not in old), name)

    def schemes(self) -> list[DriftLine]:
        """How each scheme that is in use has changed."""
        old, new = self._schemes
        found: list[DriftLine] = []
        for name in [each for each in old if each in new and each in self._used]:
            was, now = old[name], new[name]
            place = f"security scheme {name}"
            parts = [word for word in _TELLING if was.get(word) != now.get(word)]
            if parts:
                shown = ", ".join(f"{word} is {now.get(word)} (it was {was.get(word)})" for word in parts)
                found.append(DriftLine("security-scheme-changed", Impact.BREAKING, WIRE, place, shown))
            found += _flows(was, now, place)
        return found


def _flows(was: dict[str, Any], now: dict[str, Any], place: str) -> list[DriftLine]:
    found: list[DriftLine] = []
    before, after = _flows_of(was), _flows_of(now)
    for name in before:
        if name not in after:
            found.append(DriftLine("security-flow-removed", Impact.BREAKING, WIRE, place, f"the flow {name} is gone"))
            continue
        for word in _ADDRESSES:
            if before[name].get(word) != after[name].get(word):
                text = f"{word} of the flow {name} is {after[name].get(word)} (it was {before[name].get(word)})"
                found.append(DriftLine("security-address-changed", Impact.BREAKING, WIRE, place, text))
    fresh = [f"the flow {name} is new" for name in after if name not in before]
    return found + [DriftLine("security-flow-added", Impact.ADDITIVE, WIRE, place, text) for text in fresh]


def _flows_of(scheme: dict[str, Any]) -> dict[str, dict[str, Any]]:
    flows: Any = scheme.get("flows")
    items = flows.items() if is_object(flows) else ()
    return {str(name): flow for name, flow in items if is_object(flow)}


def _schemes(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    schemes: Any = document.get("components", {}).get("securitySchemes")
    items = schemes.items() if is_object(schemes) else ()
    told = (*_TELLING, "flows")
    return {str(name): {word: item.get(word) for word in told} for name, item in items if is_object(item)}


def _needs(operation: dict[str, Any], document: dict[str, Any]) -> list[dict[str, tuple[str, ...]]]:
    needed: Any = operation.get("security", document.get("security"))
    return [
        {str(name): tuple(str(each) for each in scopes) if is_array(scopes) else () for name, scopes in item.items()}
        for item in (needed if is_array(needed) else ())
        if is_object(item)
    ]


def _enough(given: dict[str, tuple[str, ...]], needed: dict[str, tuple[str, ...]]) -> bool:
    return all(name in given and set(scopes) <= set(given[name]) for name, scopes in needed.items())


def _need(need: dict[str, tuple[str, ...]]) -> str:
    parts = [f"{name} with {', '.join(scopes)}" if scopes else name for name, scopes in need.items()]
    return " and ".join(parts) or "no credentials"


def _alternatives(needs: list[dict[str, tuple[str, ...]]]) -> str:
    return " or ".join(_need(need) for need in needs) or "none"


def servers(before: Any, after: Any, label: str) -> list[DriftLine]:
    """Addresses that came and went."""
    was, now = _addresses(before), _addresses(after)
    gone = [each for each in was if each not in now]
    fresh = [each for each in now if each not in was]
    found = [DriftLine("server-removed", Impact.BREAKING, WIRE, label, f"{each} is gone") for each in gone]
    return found + [DriftLine("server-added", Impact.ADDITIVE, WIRE, label, f"{each} is new") for each in fresh]


def _addresses(servers: Any) -> list[str]:
    """The addresses as one has them who sets no variable: a variable with the old value as default changes nothing."""
    items = servers if is_array(servers) else []
    return [_address(item).rstrip("/") or "/" for item in items if is_object(item)]


def _address(server: dict[str, Any]) -> str:
    address, variables = str(server.get("url") or "/"), server.get("variables")
    for name, variable in variables.items() if is_object(variables) else ():
        if is_object(variable) and "default" in variable:
            address = address.replace("{" + str(name) + "}", str(variable["default"]))
    return address
