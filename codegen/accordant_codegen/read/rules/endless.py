"""Schemas that no finite value fits, because they require themselves."""

from __future__ import annotations

from typing import Any, Final

from accordant_runtime import is_array, is_object

_PREFIX: Final = "#/components/schemas/"


def no_endless_requirement(document: dict[str, Any], losses: list[str]) -> None:
    """Let a property be left out that a schema requires within itself for ever: nothing could fit it.

    A schema has a finite value if what it requires has one. That is worked out from below, so that what is left are
    those schemas that only an endless value fits.
    """
    every: Any = document.get("components", {}).get("schemas")
    schemas: dict[str, Any] = every if is_object(every) else {}
    finite = _finite(schemas)
    for name in [each for each in schemas if each not in finite]:
        for place, node in _parts(schemas[name], f"$.components.schemas.{name}"):
            known: Any = node.get("properties")
            required: Any = node.get("required")
            if not is_object(known) or not is_array(required):
                continue
            endless = [each for each in required if each in known and not _ends(known[each], finite)]
            if endless:
                node["required"] = [each for each in required if each not in endless]
                shown = ", ".join(f"`{each}`" for each in endless)
                losses.append(f"{place}: no finite value has {shown}, which requires itself; it may be left out")


def _finite(schemas: dict[str, Any]) -> set[str]:
    """The schemas that some finite value fits."""
    found: set[str] = set()
    while True:
        more = {name for name, node in schemas.items() if name not in found and _ends(node, found)}
        if not more:
            return found
        found |= more


def _ends(node: Any, finite: set[str]) -> bool:
    """Whether a finite value fits a schema, with these schemas known to have one."""
    if not is_object(node):
        return True
    reference = str(node.get("$ref", ""))
    if reference.startswith(_PREFIX) and reference.removeprefix(_PREFIX) not in finite:
        return False
    if not all(_ends(part, finite) for part in _listed(node.get("allOf"))):
        return False
    for keyword in ("anyOf", "oneOf"):
        choices = _listed(node.get(keyword))
        if choices and not any(_ends(each, finite) for each in choices):
            return False
    types = node.get("type")
    if (is_array(types) and "null" in types) or node.get("nullable"):
        return True
    known, required = node.get("properties"), _listed(node.get("required"))
    if is_object(known) and not all(_ends(known[each], finite) for each in required if each in known):
        return False
    least = node.get("minItems")
    return not (isinstance(least, int) and least > 0) or _ends(node.get("items"), finite)


def _parts(node: Any, place: str) -> list[tuple[str, dict[str, Any]]]:
    """A schema and the parts that always count, with their places."""
    if not is_object(node):
        return []
    found = [(place, node)]
    for index, part in enumerate(_listed(node.get("allOf"))):
        found += _parts(part, f"{place}.allOf[{index}]")
    return found


def _listed(value: Any) -> list[Any]:
    return value if is_array(value) else []
