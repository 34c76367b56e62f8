"""Rules that give the document one shape, whatever version and habits it came with."""

from __future__ import annotations

import copy
import re
from itertools import product
from typing import Any

from accordant_runtime import is_array, is_object

from ...errors import CodegenError
from ..document import METHODS, below, follow, operations, pointer, resolve, sent_path, walk

_VARIABLE = re.compile(r"{([^{}]+)}")

_CHARSET = re.compile(r"\s*;\s*charset\s*=[^;]*", re.IGNORECASE)
_WITHOUT_BODY = {"204", "205", "304"}


def newer_version(document: dict[str, Any], losses: list[str]) -> None:
    """OpenAPI 3.0's ``nullable`` and boolean exclusive bounds become 3.1's, and the version says so.

    A type beside a reference, which says nothing in 3.0, goes where the schema there has another one.
    """
    if str(document.get("openapi", "")).startswith("3.0"):
        for place, schema in list(walk(document)):
            _lone_reference(document, place, schema, losses)
            if isinstance(schema.get("nullable"), bool):
                _nullable(schema, schema.pop("nullable"))
            for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
                if schema.get(exclusive) is True and bound in schema:
                    schema[exclusive] = schema.pop(bound)
                elif isinstance(schema.get(exclusive), bool):
                    del schema[exclusive]
    document["openapi"] = "3.1.0"


def _lone_reference(document: dict[str, Any], place: str, schema: dict[str, Any], losses: list[str]) -> None:
    stated = schema.get("type")
    if not isinstance(schema.get("$ref"), str) or not isinstance(stated, str):
        return
    target = follow(document, {"$ref": schema["$ref"]})
    own = target.get("type", "object" if "properties" in target else stated) if is_object(target) else stated
    if own != stated:
        schema.pop("type")
        schema.pop("format", None)
        losses.append(f"{place}: type {stated!r} beside a reference to what is {own!r} says nothing")


def _nullable(schema: dict[str, Any], nullable: bool) -> None:
    """Say with a type or an alternative that null is allowed; a schema that says nothing of its type allows it."""
    if not nullable:
        return
    if is_array(schema.get("enum")) and None not in schema["enum"]:
        schema["enum"].append(None)
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    if is_array(schema.get("anyOf")):
        schema["anyOf"].append({"type": "null"})
    elif "$ref" in schema or is_array(schema.get("allOf")) or is_array(schema.get("oneOf")):
        inner = {key: schema.pop(key) for key in ("$ref", "allOf", "oneOf", "discriminator") if key in schema}
        several = inner.get("allOf", [])
        schema["anyOf"] = [several[0] if set(inner) == {"allOf"} and len(several) == 1 else inner, {"type": "null"}]


def own_parameters(document: dict[str, Any], _losses: list[str]) -> None:
    """Every operation lists its own parameters: those of the path item and references are written out.

    A key among the paths that is no path is left out.
    """
    for path, _, operation in list(operations(document)):
        shared = document["paths"][path].get("parameters", [])
        own = [copy.deepcopy(follow(document, item)) for item in operation.get("parameters", [])]
        names = {(item["name"], item["in"]) for item in own}
        inherited = [copy.deepcopy(follow(document, item)) for item in shared]
        own = [item for item in inherited if (item["name"], item["in"]) not in names] + own
        if own:
            operation["parameters"] = own
    for path in [path for path in document["paths"] if not path.startswith("/")]:
        del document["paths"][path]  # an extension, which may be anything
    for item in document["paths"].values():
        item.pop("parameters", None)


def query_in_paths(document: dict[str, Any], losses: list[str]) -> None:
    """What a path says behind a ``?`` are query parameters: those with a variable, and those with one value alone.

    The path keeps it: like what is behind a ``#``, it tells operations apart (:func:`..document.sent_path`).
    """
    for path, item in document["paths"].items():
        if sent_path(path) == path.partition("#")[0]:
            continue
        query = path.partition("#")[0].partition("?")[2]
        losses.append(f"{below('$.paths', path)}: what is behind the ? is taken as query parameters")
        for method in [each for each in METHODS if is_object(item.get(each))]:
            for pair in filter(None, re.split("[&?]", query)):
                name, _, value = pair.partition("=")
                _ask(item[method], name, value)


def _ask(operation: dict[str, Any], name: str, value: str) -> None:
    """Give an operation the query parameter of a pair in its path: a path parameter moves there."""
    parameters: list[dict[str, Any]] = operation.setdefault("parameters", [])
    variable = _VARIABLE.fullmatch(value)
    moved = [each for each in parameters if variable and (each["name"], each["in"]) == (variable[1], "path")]
    known = [each for each in parameters if (each["name"], each["in"]) == (name, "query")]
    if moved and not known:
        moved[0] |= {"name": name, "in": "query", "required": True}
    elif moved:
        parameters.remove(moved[0])
    elif not known:
        schema = {"type": "string"} if _VARIABLE.search(value) else {"type": "string", "enum": [value]}
        parameters.append({"name": name, "in": "query", "required": True, "schema": schema})
    elif not _VARIABLE.search(value):
        known[0] |= {"required": True, "schema": {"type": "string", "enum": [value]}}


def path_variables(document: dict[str, Any], losses: list[str]) -> None:
    """The parameters of a path are the variables of its template, and each is required."""
    for path, method, operation in operations(document):
        place = f"{below('$.paths', path)}.{method}"
        variables = list(dict.fromkeys(_VARIABLE.findall(sent_path(path))))
        parameters: list[dict[str, Any]] = operation.get("parameters", [])
        for item in [item for item in parameters if item["in"] == "path"]:
            if item["name"] in variables:
                item["required"] = True
            else:
                losses.append(f"{place}: the path has no variable {item['name']!r}, whose parameter is dropped")
                parameters.remove(item)
        known = {item["name"] for item in parameters if item["in"] == "path"}
        for name in [name for name in variables if name not in known]:
            losses.append(f"{place}: the path variable {name!r} is not documented, and is taken as text")
            parameters.append({"name": name, "in": "path", "required": True, "schema": {"type": "string"}})
        if parameters:
            operation["parameters"] = parameters


def own_security(document: dict[str, Any], losses: list[str]) -> None:
    """Every operation says what it needs; the document's own default is copied to those that are silent.

    A way in by a scheme that nothing declares goes where there is another one. Schemes of one way that fill the same
    header or parameter are as many ways: a request carries one of them.
    """
    default = document.get("security", [])
    components = document.get("components")
    schemes: Any = components.get("securitySchemes") if is_object(components) else None
    gone: dict[str, list[str]] = {}
    crowded: list[str] = []
    for path, method, operation in operations(document):
        needed = operation.get("security", default)
        ways: list[dict[str, Any]] = [{name: scopes or [] for name, scopes in item.items()} for item in needed]
        known = [way for way in ways if is_object(schemes) and way.keys() <= schemes.keys()]
        chosen = known if any(known) else ways
        operation["security"] = apart = [each for way in chosen for each in _ways_apart(document, way)]
        if len(apart) > len(chosen):
            crowded.append(f"{below('$.paths', path)}.{method}.security")
        for way in ways if any(known) else ():
            for name in way.keys() - schemes.keys():
                gone.setdefault(name, []).append(f"{below('$.paths', path)}.{method}.security")
    for name, places in gone.items():
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        losses.append(f"{places[0]}{more}: the document does not declare {name}; the other schemes are used")
    if crowded:
        more = f" and {len(crowded) - 1} more" if len(crowded) > 1 else ""
        losses.append(f"{crowded[0]}{more}: schemes that are wanted at once fill one place; any one of them is sent")


def _ways_apart(document: dict[str, Any], way: dict[str, Any]) -> list[dict[str, Any]]:
    """A way in as several, each with one scheme for each header, parameter or cookie."""
    components = document.get("components")
    schemes: Any = components.get("securitySchemes") if is_object(components) else None
    places: dict[tuple[str, str], list[str]] = {}
    for name in way:
        found: Any = follow(document, schemes.get(name)) if is_object(schemes) else None
        node: dict[str, Any] = found if is_object(found) else {"type": "mutualTLS"}
        where, field = ("header", "authorization") if node.get("type") != "mutualTLS" else ("", name)
        if node.get("type") == "apiKey":
            where, field = str(node.get("in")), str(node.get("name"))
        place = (where, field.lower() if where == "header" else field)
        places.setdefault(place, []).append(name)
    return [{name: way[name] for name in names} for names in product(*places.values())]


def media_types(document: dict[str, Any], losses: list[str]) -> None:
    """A media type range (``*/*``) becomes the type that its schema speaks for; its charset, references to media types
    and the content of a response that has none (204) go."""
    for path, method, operation in operations(document):
        responses = operation.get("responses", {})
        for code in sorted(_WITHOUT_BODY & responses.keys()):
            response = follow(document, responses[code])
            if is_object(response) and response.get("content"):
                responses[code] = {name: value for name, value in response.items() if name != "content"}
                place = f"{below('$.paths', path)}.{method}.responses['{code}']"
                losses.append(f"{place}.content: a {code} has no content")
    for place, holder in list(walk(document)):
        content = holder.get("content")
        if not is_object(content):
            continue
        for name in list(content):
            content[name] = media = copy.deepcopy(follow(document, content[name]))
            bare = _CHARSET.sub("", name).strip()
            if bare != name:
                del content[name]
                content.setdefault(bare, media)  # which charset it is says each message
                name = bare
            if "*" not in name:
                continue
            del content[name]
            plain = _plain_media(name, follow(document, media.get("schema", {})))
            if plain not in content:  # beside the type itself its range says nothing new
                losses.append(f"{place}.content: {name} is taken as {plain}")
            content.setdefault(plain, media)
    _follow_renamed(document)


def _follow_renamed(document: dict[str, Any]) -> None:
    """References that lead through a media type follow it to its new name."""
    for _, node in walk(document):
        reference = node.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#") or "/content/" not in reference:
            continue
        keys = pointer(reference)
        for index in range(1, len(keys)):
            try:
                content = resolve(document, _reference(keys[:index]))
            except KeyError:
                break
            if keys[index - 1] == "content" and is_object(content) and keys[index] not in content:
                bare = _CHARSET.sub("", keys[index]).strip()
                keys[index] = bare if bare in content else next(iter(content), bare)
                node["$ref"] = _reference(keys)


def _reference(keys: list[str]) -> str:
    return "#/" + "/".join(key.replace("~", "~0").replace("/", "~1").replace("%", "%25") for key in keys)


def _plain_media(name: str, schema: Any) -> str:
    if name.startswith("text/"):
        return "text/plain"
    if is_object(schema) and (schema.get("format") == "binary" or name.split("/")[0] not in ("*", "application")):
        return "application/octet-stream"
    return "text/plain" if is_object(schema) and schema.get("type") == "string" else "application/json"


def some_response(document: dict[str, Any], losses: list[str]) -> None:
    """An operation without responses gets a ``default`` one without content."""
    for path, method, operation in operations(document):
        if not operation.get("responses"):
            operation["responses"] = {"default": {"description": "Not documented."}}
            losses.append(f"{below('$.paths', path)}.{method}: no responses are documented, answers stay untyped")


def failures_as_elsewhere(document: dict[str, Any], losses: list[str]) -> None:
    """An operation that documents no failure has those that nearly all others share, as far as its path allows."""
    known = [(path, operation) for path, _, operation in operations(document)]
    for path, method, operation in operations(document):
        if any(_is_failure(status) for status in operation["responses"]):
            continue
        peers = [each for place, each in known if ("{" in place) == ("{" in path) and each is not operation]
        shared = _shared_failures([each["responses"] for each in peers])
        if shared:
            operation["responses"] = {**operation["responses"], **shared}
            places = f"{below('$.paths', path)}.{method}"
            losses.append(f"{places}: no failure is documented; {', '.join(shared)} are taken to be as elsewhere")


def _is_failure(status: object) -> bool:
    return str(status)[:1] in ("4", "5") or status == "default"


def _shared_failures(every: list[dict[str, Any]]) -> dict[str, Any]:
    """The failures that at least nine of ten operations, and ten in all, document by the same reference."""
    counts: dict[tuple[str, str], int] = {}
    for responses in every:
        for status, response in responses.items():
            if _is_failure(status) and is_object(response) and isinstance(response.get("$ref"), str):
                counts[str(status), response["$ref"]] = counts.get((str(status), response["$ref"]), 0) + 1
    return {
        status: {"$ref": reference}
        for (status, reference), count in sorted(counts.items())
        if count >= max(10, 0.9 * len(every))
    }


def success_codes(document: dict[str, Any], losses: list[str]) -> None:
    """``x-accordant-success`` names the code that an undocumented success (``2XX``) is taken to have."""
    for path, method, operation in operations(document):
        code = operation.pop("x-accordant-success", None)
        responses = operation["responses"]
        if code is None:
            continue
        if "2XX" in responses:
            renamed = {str(code): responses.pop("2XX")}
            operation["responses"] = {**renamed, **responses}
        else:
            losses.append(f"{below('$.paths', path)}.{method}: x-accordant-success has no undocumented success to name")


def component_names(document: dict[str, Any], _losses: list[str]) -> None:
    """``x-accordant-name`` on a component schema renames it, and every reference to it."""
    schemas: dict[str, Any] = document.get("components", {}).get("schemas", {})
    named = {name: schema.get("x-accordant-name") for name, schema in schemas.items() if is_object(schema)}
    renamed = {name: new for name, new in named.items() if new is not None}
    taken = [renamed.get(name, name) for name in schemas]
    for name, new in renamed.items():
        if taken.count(new) > 1:
            raise CodegenError(
                f"$.components.schemas.{name}: x-accordant-name {new!r} is the name of another schema too"
            )
    if not renamed:
        return
    references = {f"#/components/schemas/{name}": f"#/components/schemas/{new}" for name, new in renamed.items()}
    for _, node in list(walk(document)):
        if isinstance(node.get("$ref"), str):
            node["$ref"] = references.get(node["$ref"], node["$ref"])
    document["components"]["schemas"] = {renamed.get(name, name): schema for name, schema in schemas.items()}
    for new in renamed.values():
        del document["components"]["schemas"][new]["x-accordant-name"]


def models_alone(document: dict[str, Any], _losses: list[str]) -> None:
    """A document that has neither operations nor webhooks is there for its models: all of them are generated."""
    schemas: dict[str, Any] = document.get("components", {}).get("schemas", {})
    if schemas and not document.get("webhooks") and not any(operations(document)):
        document.setdefault("x-accordant-models", list(schemas))


def named_enum_values(document: dict[str, Any], losses: list[str]) -> None:
    """Where an enum has fewer names than values, the last values are called by what they are."""
    for place, schema in walk(document):
        names, values = schema.get("x-enum-varnames"), schema.get("enum")
        if is_array(names) and is_array(values) and 0 < len(names) < len(values):
            losses.append(f"{place}: {len(values)} values and {len(names)} names: the last are called by their values")


def distinct_enum_values(document: dict[str, Any], losses: list[str]) -> None:
    """A value that occurs twice in an enum is kept once."""
    for place, schema in list(walk(document)):
        values = schema.get("enum")
        if not is_array(values):
            continue
        unique: list[Any] = []
        for value in values:
            if not any(value == other and isinstance(value, bool) == isinstance(other, bool) for other in unique):
                unique.append(value)
        if len(unique) != len(values):
            losses.append(f"{place}.enum: repeated values stand once")
            schema["enum"] = unique
