"""What an operation does to which record, and how a response wraps it: action, envelope, key."""

from __future__ import annotations

import re
from typing import Any

from attrs import field, frozen

from accordant_runtime import is_object

from ..names import singular, snake
from ..read.document import follow
from . import words
from .facts import Guess, Shape, Subject, Unguessed, plain
from .rows import find_rows, is_side

_KEYS = ("id", "uuid", "uid", "guid", "sid", "key", "code", "number", "slug", "name")
_EITHER = re.compile("(?<=[a-z0-9])Or(?=[A-Z])|[_-]or[_-]")
_FRAMED = frozenset({"data", "result", "response", "payload"})
_SHORT = 3
"""Letters of a field's name that may stand at the end of a variable's by chance."""
_KINDS = 3
"""So many kinds of records below different paths are wrapped alike by no chance."""
_SEARCHES = frozenset({"search", "query", "lookup", "filter", "find"})
_WRAPPERS = frozenset({"data", "result", "response", "item", "record", "resource", "payload", "content", "value"})


@frozen
class Paths:
    """What other operations of the document say of a path."""

    methods: dict[str, set[str]]
    rows: dict[str, Shape] = field(factory=dict[str, Shape])
    """What the lists show, by their paths."""

    def below(self, path: str) -> bool:
        """Whether there are operations on one record directly below a path."""
        start = path.rstrip("/") + "/{"
        depth = start.count("/")
        return any(each.startswith(start) and each.endswith("}") and each.count("/") == depth for each in self.methods)

    def variable(self, path: str) -> str | None:
        """What the operations on one record directly below a path call it; ``None`` where they are not of one mind."""
        start = path.rstrip("/") + "/{"
        ends = {each.removeprefix(start) for each in self.methods if each.startswith(start)}
        found = {each.removesuffix("}") for each in ends if each.endswith("}") and "/" not in each}
        return found.pop() if len(found) == 1 else None


def common_frame(found: list[Subject]) -> frozenset[str]:
    """The scalars beside the data in responses about many kinds of records: they describe the response."""
    holds: dict[frozenset[str], set[tuple[str, frozenset[str]]]] = {}
    for subject in found:
        success = subject.success
        if success is None or success.is_choice:
            continue
        own = {name: shape for name, shape in success.properties.items() if not is_side(plain(name))}
        inner = {name for name, shape in success.properties.items() if shape.is_record or shape.is_list}
        wrappers = [name for name in inner if plain(name) in _FRAMED]
        if len(wrappers) != 1 or inner & own.keys() - {*wrappers}:
            continue
        data = success.properties[wrappers[0]]
        row = data.items if data.is_list else data
        if row is None or not row.is_record:
            continue
        unknown = frozenset(own) - inner
        holds.setdefault(unknown, set()).add((subject.last, frozenset(row.properties)))
    return frozenset[str]().union(*(names for names, kinds in holds.items() if _differ(kinds)))


def _differ(kinds: set[tuple[str, frozenset[str]]]) -> bool:
    return min(len({path for path, _ in kinds}), len({names for _, names in kinds})) >= _KINDS


def guess_record(subject: Subject, paths: Paths, *, paged: bool) -> tuple[list[Guess], list[Unguessed]]:
    """The guesses of one operation beside its paging, and what was looked at without one."""
    acted = None if paged else _action(subject, paths)
    action = "list" if paged else subject.data["x-accordant-action"]
    found: list[Guess | Unguessed | None] = [acted]
    if isinstance(acted, Guess):
        action = acted.update["x-accordant-action"]
    wrapped = None if paged else _envelope(subject, action)
    envelope = wrapped.update["x-accordant-envelope"] if isinstance(wrapped, Guess) else ""
    envelope = envelope or str(subject.data.get("x-accordant-envelope") or "")
    found += [wrapped, _key(subject, action, envelope, paths)]
    return [each for each in found if isinstance(each, Guess)], [each for each in found if isinstance(each, Unguessed)]


def _action(subject: Subject, paths: Paths) -> Guess | Unguessed | None:
    if subject.data["x-accordant-action"] in ("get", "update", "replace", "delete") and _is_part(subject):
        reason = f"`{subject.key}` comes right after the record's key: it names a part of the record."
        return Guess(subject.target, "action", reason, {"x-accordant-action": "custom"})
    if subject.method == "post":
        return _post(subject, paths)
    if subject.method == "get" and not subject.by_id and subject.data["x-accordant-action"] == "custom":
        return _plain_list(subject)
    return None


def _is_part(subject: Subject) -> bool:
    """Whether a path ends with two variables of which the first is the key of the record, and the second is none."""
    names = [each.strip("{}") for each in subject.segments[-2:] if each.startswith("{") and each.endswith("}")]
    kinds = {
        each["name"]: each.get("x-accordant-reference")
        for each in subject.data.get("parameters", [])
        if each.get("in") == "path"
    }
    own = subject.data.get("x-accordant-entity")
    return len(names) == 2 and bool(own) and kinds.get(names[0]) == own and not kinds.get(names[1])


def _post(subject: Subject, paths: Paths) -> Guess | None:
    """What a POST does: the path says `create` of all that have no variable, and of nothing else."""
    derived = subject.data["x-accordant-action"]
    methods = paths.methods[subject.path]

    def said(action: str, reason: str, **more: Any) -> Guess:
        return Guess(subject.target, "action", reason, {"x-accordant-action": action, **more})

    if plain(subject.last) in _SEARCHES and not subject.by_id:
        reason = f"`{subject.last}` reads and makes nothing; it may be sent again."
        return said("custom", reason, **{"x-accordant-idempotent": True})
    if subject.by_id:
        if (
            derived == "custom"
            and "requestBody" in subject.data
            and "get" in methods
            and not methods & {"put", "patch"}
        ):
            return said("update", "A POST to the path of one record, which no PUT or PATCH changes, changes it.")
        return None
    below = paths.below(subject.path)
    collection = below and not methods & {"put", "patch", "delete"}
    if derived == "custom" and collection and _shows_record(subject):
        return said("create", "A POST to a collection, below whose path single records are, makes one.")
    if derived == "custom" and _makes_row(subject, paths.rows.get(subject.path)):
        return said("create", "A POST that returns 201 with a record such as the list at its path holds makes one.")
    plural = singular(snake(subject.last)) != snake(subject.last)
    if derived == "create" and not (collection or plural or "get" in methods or (below and _shows_record(subject))):
        reason = f"`{subject.last}` is no collection: nothing reads a record or a list at or below this path."
        return said("custom", reason)
    return None


def _makes_row(subject: Subject, row: Shape | None) -> bool:
    """Whether a POST beside a list shows a new one of its rows, and does not ask for one that is there already."""
    if row is None or "201" not in subject.data.get("responses", {}) or not _shows_record(subject):
        return False
    wrapped = _envelope(subject, "create")
    record = _record(subject, "create", wrapped.update["x-accordant-envelope"] if isinstance(wrapped, Guess) else "")
    body, entity = subject.body, plain(str(subject.data.get("x-accordant-entity", "")))
    asked = {plain(name) for name in body.properties} if body is not None else set[str]()
    own = {"id", *(f"{entity}{key}" for key in (*_KEYS[:5], "ids"))}
    shared = record.properties.keys() & row.properties.keys() if record is not None else set[str]()
    return not asked & own and "id" in {plain(name) for name in shared} and 2 * len(shared) >= len(row.properties)


def _shows_record(subject: Subject) -> bool:
    """Whether a success shows one record that has an id, or nothing at all."""
    success = subject.success
    if success is None:
        return "201" in subject.data.get("responses", {})
    wrapped = _envelope(subject, "create")
    record = _record(subject, "create", wrapped.update["x-accordant-envelope"] if isinstance(wrapped, Guess) else "")
    return record is not None and _own_key(subject, record, None) is not None


def _plain_list(subject: Subject) -> Guess | Unguessed | None:
    """A list that nothing pages, which the path names."""
    rows = find_rows(subject)
    if isinstance(rows, str):
        return subject.unguessed("list", rows) if rows.endswith("of one record") else None
    if not rows.row.is_record:
        return None
    named = not rows.way or plain(rows.way[-1]) in subject.nouns or all(plain(each) in words.ROWS for each in rows.way)
    success = subject.success
    if not named or success is None:
        return None
    hidden = _hidden(subject, success, rows.way)
    if hidden:
        return subject.unguessed("list", f"{rows.shown} holds rows, and {hidden} beside them would be hidden")
    reason = f"The rows are {rows.shown}, which the path names; nothing pages them."
    return Guess(subject.target, "action", reason, {"x-accordant-action": "list"})


def _envelope(subject: Subject, action: str) -> Guess | Unguessed | None:
    """The key that holds the record or the records of a success."""
    success = subject.success
    if success is None or "x-accordant-envelope" in subject.data or success.is_choice or not success.properties:
        return None
    if action == "list":
        rows = find_rows(subject)
        if isinstance(rows, str) or not rows.way:
            return None
        return _wrapped(subject, success, rows.way, "the list")
    if action not in ("get", "create", "update", "replace", "upsert", "delete"):
        return None
    way: tuple[str, ...] = ()
    holder = success
    while len(way) < 3 and (name := _wrapper(subject, holder)) is not None:
        way, holder = (*way, name), holder.properties[name]
    return _wrapped(subject, success, way, "the record") if way else None


def _wrapper(subject: Subject, holder: Shape) -> str | None:
    """The one property of an object that is a record named like a wrapper or like the path."""
    inner = [name for name, shape in holder.properties.items() if shape.is_record and not shape.is_choice]
    inner = [name for name in inner if not holder.properties[name].repeats(holder)]
    names = [name for name in inner if "." not in name and (plain(name) in _WRAPPERS or plain(name) in subject.nouns)]
    others = [name for name in holder.properties if name not in names and name not in subject.frame]
    if len(names) != 1 or any(plain(name) in _KEYS[:6] for name in others):
        return None
    return names[0] if len(others) <= 4 and all(is_side(plain(name)) for name in others) else None


def _wrapped(subject: Subject, success: Shape, way: tuple[str, ...], what: str) -> Guess | Unguessed:
    path, hidden = ".".join(way), _hidden(subject, success, way)
    if hidden:
        return subject.unguessed("envelope", f"`{path}` holds {what}, and {hidden} beside it would be hidden")
    reason = f"`{path}` holds {what}; what is beside it describes the response."
    return Guess(subject.target, "envelope", reason, {"x-accordant-envelope": path})


def _hidden(subject: Subject, success: Shape, way: tuple[str, ...]) -> str:
    """What a caller would not see who gets only what is at the end of a way."""
    hidden: list[str] = []
    holder = success
    for name in way:
        beside = holder.properties.keys() - {name} - subject.frame
        hidden += [other for other in holder.properties if other in beside and not is_side(plain(other))]
        holder = holder.properties[name]
    return ", ".join(f"`{name}`" for name in hidden)


def _key(subject: Subject, action: str, envelope: str, paths: Paths) -> Guess | Unguessed | None:
    """The field of the record that holds its id, and the path variable that names it."""
    record = _record(subject, action, envelope)
    if action in ("list", "create"):
        found = _own_key(subject, record, None) if record is not None else None
        variable = paths.variable(subject.path)
        if found not in (None, "id") and record is not None and variable in record.shared:
            found = variable  # the operations on one record call it so
        variable = variable if action == "list" else None
        if found is None and record is not None and variable is not None:
            named = _own_key(subject, record, variable)  # as the operations on one record say
            wanted = _formats(subject.document, subject.path, variable)
            own: Any = follow(subject.document, record.shared[named].node) if named is not None else {}
            found = named if wanted <= {str(own.get("format"))} else None
        if found == "id" and (action == "create" or paths.below(subject.path)):
            return None  # what everybody takes for granted, or the operations on one record say
        what = "A row" if action == "list" else "The record that was made"
        reason = f"{what} is known by its `{found}`."
        return Guess(subject.target, "key", reason, {"x-accordant-key": {"field": found}}) if found else None
    name = subject.key
    if action not in ("get", "update", "replace", "delete") or name is None:
        return None
    if record is None and subject.success is not None and not envelope:
        record = subject.success  # one of several schemas, which may have their key in common
    if record is None or not record.shared:
        record = paths.rows.get(subject.path.rstrip("/").rpartition("/")[0])  # what the list above it shows
    if record is None or not record.shared:
        return None if action == "delete" else subject.unguessed("key", "no record is described that could show the id")
    found = _own_key(subject, record, name)
    if found is None and action != "delete" and plain(name) in ("id", "identifier", f"{_entity(subject)}id"):
        found = _own_key(subject, record, None)  # as lists and creations say; what a deletion shows may be its outcome
    if found is None:
        return subject.unguessed("key", f"no field of the record is called like `{name}` or `id`")
    stated: Any = subject.data.get("x-accordant-key") or {}
    if (stated.get("parameter"), stated.get("field")) == (name, found):
        return None
    reason = f"`{name}` in the path is the record's `{found}`."
    return Guess(subject.target, "key", reason, {"x-accordant-key": {"parameter": name, "field": found}})


def _entity(subject: Subject) -> str:
    return plain(str(subject.data.get("x-accordant-entity", "")))


def _formats(document: dict[str, Any], path: str, variable: str) -> set[str]:
    """The formats that operations directly below a path document for its variable."""
    item: dict[str, Any] = document["paths"].get(f"{path.rstrip('/')}/{{{variable}}}", {})
    nodes = [item, *(each for each in item.values() if is_object(each))]
    every = [follow(document, each) for node in nodes for each in node.get("parameters", ())]
    schemas = [follow(document, each.get("schema", {})) for each in every if each.get("name") == variable]
    return {str(each["format"]) for each in schemas if is_object(each) and "format" in each}


def _own_key(subject: Subject, record: Shape, variable: str | None) -> str | None:
    """The field of a record that is its id: spelt like the path's variable, or `id`, `uuid` and the like."""
    values = {name: shape for name, shape in record.shared.items() if not shape.is_record and not shape.is_list}
    fields = {plain(name): name for name in reversed(values)}
    entity = _entity(subject)
    if variable is None:
        wanted = [*_KEYS[:6], *(f"{entity}{key}" for key in _KEYS[:6] if entity)]
    else:
        asked = plain(variable)
        endings = [key for key in _KEYS if asked.endswith(key)]
        either = sorted(map(plain, _EITHER.split(variable)), key=_rank)
        wanted = [asked, *(name for each in either for name in (each, each.replace(entity, "", 1)))]
        wanted += [*endings, *(f"{entity}{key}" for key in endings)]
        wanted += ["id"] if asked.endswith(("id", "identifier")) else []
        wanted += sorted((each for each in fields if len(each) > _SHORT and asked.endswith(each)), key=len)[-1:]
    return next((fields[name] for name in wanted if name in fields), None)


def _rank(name: str) -> int:
    """How likely responses show the key of a record under a name: an id before a name."""
    return next((place for place, key in enumerate(_KEYS) if name.endswith(key)), len(_KEYS))


def _record(subject: Subject, action: str, envelope: str) -> Shape | None:
    """The schema of the record, or of a row."""
    success = subject.success
    if success is None or success.is_choice:
        return None
    if action == "list":
        rows = find_rows(subject)
        return None if isinstance(rows, str) else rows.row
    shape = success
    for name in envelope.split(".") if envelope else ():
        if name not in shape.properties:
            break  # a record that is documented bare
        shape = shape.properties[name]
    return shape
