"""Rules that write down what an operation does: for the generator, the client, the sandbox and the contract tests.

Everything derived here can be stated by the spec overlay instead; a stated value is never overwritten.
"""

from __future__ import annotations

import re
from typing import Any

from accordant_runtime import is_array, is_object

from ...names import resource_name, singular, snake
from ...types.naming import operation_constant
from ..document import below, follow, operations, sent_path, walk

PREDICATES = ("not_eq", "eq", "in", "gteq", "lteq", "gt", "lt", "null", "contains", "any_of")
_BEFORE_KEY = ("/", "(", "'")
_KEY_AT_END = re.compile(r"/\{[^{}/]+\}/?$")
_METHOD_ACTIONS = {"get": "get", "patch": "update", "put": "replace", "delete": "delete"}
_VERBS = ("list", "get", "create", "update", "delete", "replace", "upsert")


def operation_ids(document: dict[str, Any], losses: list[str]) -> None:
    """Every operation has its own operationId."""
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for path, method, operation in operations(document):
        wanted = str(operation.get("operationId") or f"{method}{re.sub(r'[^A-Za-z0-9]+', '_', path)}".strip("_"))
        name = wanted
        while operation_constant(name) in taken:
            counts[wanted] = counts.get(wanted, 1) + 1
            name = f"{wanted}{counts[wanted]}"
        if name != operation.get("operationId"):
            losses.append(f"{below('$.paths', path)}.{method}.operationId: it is called {name!r} here")
        operation["operationId"] = name
        taken.add(operation_constant(name))


def filters(document: dict[str, Any], _losses: list[str]) -> None:
    """``x-accordant-filter-style: ransack`` explains every ``filter[<field>_<predicate>]`` parameter."""
    if document.get("x-accordant-filter-style") != "ransack":
        return
    for _, _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            found = re.fullmatch(rf"filter\[(\w+?)_({'|'.join(PREDICATES)})\]", parameter["name"])
            if found and "x-accordant-filter" not in parameter:
                parameter["x-accordant-filter"] = {"field": found.group(1), "predicate": found.group(2)}


def operation_facts(document: dict[str, Any], losses: list[str]) -> None:
    """Resource, method name, action, entity and key of every operation."""
    guessed = _resources_by_path([path for path, _, operation in operations(document) if not operation.get("tags")])
    for path, method, operation in operations(document):
        tag = next(iter(operation.get("tags", [])), None) or guessed.get(path, "default")
        if operation.setdefault("x-accordant-resource", resource_name(tag)) != snake(tag) == resource_name(tag)[:-1]:
            line = f"the client has an attribute {snake(tag)!r} itself: the resource is called {resource_name(tag)!r}"
            spot = ".tags[0]" if operation.get("tags") else ""
            losses.append(f"{below('$.paths', path)}.{method}{spot}: {line}")
        collection, keys = _collection(path)
        operation.setdefault("x-accordant-entity", singular(collection))
        action = operation.setdefault("x-accordant-action", _action(document, method, path, operation))
        plain = _without_group(operation["operationId"], operation["x-accordant-resource"])
        operation.setdefault("x-accordant-name", action if action in _VERBS else snake(plain))
        if "x-accordant-key" not in operation and action in ("get", "update", "replace", "delete") and keys:
            operation["x-accordant-key"] = {"parameter": keys[-1], "field": keys[-1]}
    _distinct_method_names(document)


def _resources_by_path(paths: list[str]) -> dict[str, str]:
    """What operations without a tag are about: the first word of the path that tells it from others.

    Versions, ``api`` and ``rest`` are no such words, nor is one that all of several paths begin with.
    """
    words = {path: _words(path) for path in paths}
    while len(words) > 1 and all(len(each) > 1 for each in words.values()):
        if len({each[0] for each in words.values()}) > 1:
            break
        words = {path: each[1:] for path, each in words.items()}
    return {path: each[0] for path, each in words.items() if each}


def _segments(path: str) -> list[str]:
    return [segment for segment in sent_path(path).split("/") if segment]


def _words(path: str) -> list[str]:
    """The fixed segments of a path, each without what comes after a dot or colon."""
    segments = [re.split(r"[.:;?(]", segment)[0] for segment in _segments(path) if "{" not in segment]
    return [segment for segment in segments if segment and not re.fullmatch(r"(?i)v?\d+|api|rest", segment)]


def _without_group(operation_id: str, resource: str) -> str:
    """``EventV2_Reopen`` is ``Reopen`` among the events: servers of one kind put the group before each name."""
    group, _, rest = operation_id.partition("_")
    named = {resource, singular(resource)} & {snake(group), snake(re.sub(r"V\d+$", "", group))}
    return rest if named and re.match(r"[A-Za-z]", rest) else operation_id


def _collection(path: str) -> tuple[str, list[str]]:
    """The last collection segment of a path and the names of its path parameters."""
    segments = _segments(path)
    fixed = [segment for segment in segments if not segment.startswith("{")]
    keys = [segment.strip("{}") for segment in segments if segment.startswith("{")]
    return snake(fixed[-1] if fixed else "root"), keys


def _action(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    by_id = _KEY_AT_END.search(sent_path(path)) is not None and _names_record(document, path, operation)
    if method == "get" and not by_id:
        return "list" if "x-accordant-pagination" in operation else "custom"
    if method == "post":
        return "custom" if by_id or "{" in sent_path(path) else "create"
    return _METHOD_ACTIONS.get(method, "custom") if by_id else "custom"


def _names_record(document: dict[str, Any], path: str, operation: dict[str, Any]) -> bool:
    """Whether the last variable of a path may be a key: an object or a list names no record."""
    name = sent_path(path).rstrip("/").rsplit("{", 1)[-1].rstrip("}")
    parameters: list[dict[str, Any]] = operation.get("parameters", [])
    schemas = [
        follow(document, item.get("schema")) for item in parameters if (item["name"], item["in"]) == (name, "path")
    ]
    schema = schemas[0] if schemas else None
    return not is_object(schema) or schema.get("type") not in ("object", "array")


def _distinct_method_names(document: dict[str, Any]) -> None:
    """Two operations of one resource never share a method name: the later one is called by its operationId."""
    taken: set[tuple[str, str]] = set()
    for _, _, operation in operations(document):
        resource, wanted = operation["x-accordant-resource"], snake(operation["operationId"])
        count = 1
        while (resource, snake(operation["x-accordant-name"])) in taken:
            operation["x-accordant-name"] = wanted if count == 1 else f"{wanted}_{count}"
            count += 1
        taken.add((resource, snake(operation["x-accordant-name"])))


def argument_names(document: dict[str, Any], losses: list[str]) -> None:
    """Every parameter has a Python argument name that is unique in its operation.

    Among namesakes the one that is spelt like the argument keeps the name, else the first; the others say where they
    go (``id_query``), or are numbered (``a_b_2``).
    """
    for path, method, operation in operations(document):
        parameters: list[dict[str, Any]] = operation.get("parameters", [])
        wanted = {index: item.get("x-accordant-name") or snake(item["name"]) for index, item in enumerate(parameters)}
        places: dict[str, set[str]] = {}
        for index in sorted(wanted, key=lambda index: wanted[index] != parameters[index]["name"]):
            item, plain = parameters[index], wanted[index]
            others = places.get(plain, set())
            tries = [plain, *([f"{plain}_{item['in']}"] if item["in"] not in others else [])]
            whole = snake(re.sub(r"\W+", "_", item["name"]))
            tries += [whole] if whole != plain else []
            name = next((each for each in tries if each not in places), "")
            count = 2
            while not name:
                name = f"{plain}_{count}" if f"{plain}_{count}" not in places else ""
                count += 1
            places.setdefault(plain, set()).add(item["in"])
            places.setdefault(name, set())
            item["x-accordant-name"] = name
            if name != plain:
                spot = f"{below('$.paths', path)}.{method}.parameters[{index}]"
                losses.append(f"{spot}: its argument is called {name}, since {plain} is taken")


def references_between_records(document: dict[str, Any], _losses: list[str]) -> None:
    """``<entity>_id`` and ``<entity>Id`` hold the id of that kind of record, where the document knows the kind."""
    entities = {operation["x-accordant-entity"] for _, _, operation in operations(document)}

    def mark(name: str, node: Any) -> None:
        found = re.fullmatch(r"(\w+?)_ids?", snake(name))
        if found and found.group(1) in entities and is_object(node):
            node.setdefault("x-accordant-reference", found.group(1))

    for _, node in walk(document.get("components", {}).get("schemas", {}), names=True):
        properties = node.get("properties")
        if is_object(properties):
            for name, schema in properties.items():
                mark(name, schema)
    for path, _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            mark(parameter["name"], parameter)
            if parameter["in"] == "path" and "x-accordant-reference" not in parameter:
                _mark_path_key(path, parameter, entities)
        if is_array(operation.get("parameters")):
            _mark_filters(operation, entities)


def _mark_path_key(path: str, parameter: dict[str, Any], entities: set[str]) -> None:
    """``/jobs/{id}/contacts``: the key after a collection segment names a record of that collection.

    What comes right after another key (``/jobs/{job}/{format}``), or after a word (``/jobs.{format}``), names no
    record of any collection.
    """
    start = path.split("{" + parameter["name"] + "}")[0]
    before = start.rstrip("/").rsplit("/", 1)[-1]
    entity = singular(snake(before))
    if entity in entities and "{" not in before and start.endswith(_BEFORE_KEY):
        parameter["x-accordant-reference"] = entity


def _mark_filters(operation: dict[str, Any], entities: set[str]) -> None:
    for parameter in operation["parameters"]:
        rule = parameter.get("x-accordant-filter", {})
        found = re.fullmatch(r"(\w+)_id", rule.get("field", ""))
        if found and rule.get("predicate") != "null" and found.group(1) in entities:
            parameter.setdefault("x-accordant-reference", found.group(1))
