"""Small models that lie inside of others, such as an address: their fields are read where they are.

A call takes longer than to read two or three fields. What is written here reads an object that has exactly the fields
of its model, each of its documented type, which nearly every one is; any other is left to the model's own function.
"""

from __future__ import annotations

from typing import Any, Final

from ._decoders import number, untyped
from ._straight import EXACT, bare, key_named, only_sets_fields, rest_of

_MOST_FIELDS: Final = 8


def is_small(model: type[Any]) -> bool:
    """Whether a model is read where it lies: few fields, each of a type that JSON and Python have in common."""
    if not 1 <= len(model.WIRE) <= _MOST_FIELDS or model.REST is not untyped:
        return False
    if any(_test("", decode) is None for _, decode in model.WIRE.values()):
        return False
    return rest_of(model) is not None and only_sets_fields(model)


def object_lines(v: str, model: type[Any], index: int, names: dict[str, Any]) -> list[str]:
    """The lines that read the object ``v`` into ``m``, which stays None for one that is not as usual.

    ``index`` is the number of its field; what the lines name is put among the ``names``.
    """
    fields = [(f"i{number}", attribute, *field) for number, (attribute, field) in enumerate(model.WIRE.items())]
    keys = [key_named(names, f"{index}_{attribute}", wire) for _, attribute, wire, _ in fields]
    names[f"Model_{index}"] = model
    tests = [test for i, _, _, decode in fields if (test := _test(i, decode))]
    return [
        "m = None",
        f"if type({v}) is dict and len({v}) == {len(fields)}:",
        "    try:",
        *(f"        {i} = {v}[{key}]" for (i, *_), key in zip(fields, keys, strict=True)),
        "    except KeyError:",
        "        pass",
        "    else:",
        f"        if {' and '.join(tests) or 'True'}:",
        f"            m = new(Model_{index})",
        *(f"            m.{attribute} = {i}" for i, attribute, _, _ in fields),
        "            m._rest = None",
    ]


def list_lines(v: str, model: type[Any], index: int, names: dict[str, Any]) -> list[str]:
    """The lines that read the list ``v`` into ``m``, which stays None where an item is not as usual."""
    return [
        "items = None",
        f"if type({v}) is list:",
        f"    items = {v}.copy()",
        f"    for index, item in enumerate({v}):",
        *(f"        {line}" for line in object_lines("item", model, index, names)),
        "        if m is None:",
        "            items = None",
        "            break",
        "        items[index] = m",
        "m = items",
    ]


def _test(v: str, decode: Any) -> str | None:
    """The test that a value is of the type that its decoder takes as it is; None for other decoders, ``""`` for one
    that takes all."""
    inner, null = bare(decode)
    if inner is untyped:
        return ""
    if inner is number:
        kinds = ["float", "int"]
    elif inner in EXACT:
        kinds = [EXACT[inner].__name__]
    else:
        return None
    tests = [f"type({v}) is {kind}" for kind in kinds] + ([f"{v} is None"] if null else [])
    return f"({' or '.join(tests)})" if len(tests) > 1 else tests[0]
