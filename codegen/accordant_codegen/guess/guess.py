"""Every guess about a document, and what was left as it is."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import jsonpath_rfc9535
from attrs import frozen

from ..read import rules
from .credentials import credentials
from .examples import example_schemas
from .facts import Guess, Shape, Subject, Unguessed, plain, subjects
from .others import entities, idempotency, references, success_code
from .paging import guess_paging
from .records import Paths, common_frame, guess_record
from .rows import find_rows

_NOT_MET = "the document has it by a reference, where no overlay action reaches it"


@frozen
class Guesses:
    """The actions in document order, and what was not guessed."""

    made: tuple[Guess, ...]
    left: tuple[Unguessed, ...]

    def counts(self) -> dict[str, int]:
        """How many guesses of each kind there are."""
        return dict(Counter(guess.kind for guess in self.made))


def guess(document: dict[str, Any], met: dict[str, Any] | None = None) -> Guesses:
    """Guess what a corrected document of OpenAPI 3 (its overlays applied, mended, not yet normalised) leaves open.

    ``met`` is the document as an overlay meets it, before it was mended; a guess whose place is not there is left. The
    same document gives the same guesses. What an overlay has stated is never guessed.
    """
    raw = document if met is None else met
    normal = copy.deepcopy(document)
    shown = list(example_schemas(normal))
    for each, media in shown:
        media.update(copy.deepcopy(each.update))
    rules.normalise(normal)
    found = subjects(normal, raw)
    frame = common_frame(found)
    for subject in found:
        subject.frame = frame
    paths = Paths(_methods(found), _rows(found))
    made: dict[tuple[str, str], Guess] = {(each.target, each.kind): each for each, _ in shown}
    left: list[Unguessed] = []
    for subject in found:
        guesses, unguessed = _of_operation(subject, paths)
        for each in guesses:
            made.setdefault((each.target, each.kind), each)
        left += unguessed
    left = _with_keys_of_path(found, made, left)
    for each in credentials(document):
        made.setdefault((each.target, each.kind), each)
    for each in references(normal, raw, entities(found)):
        made.setdefault((each.target, each.kind), each)
    absent = {each.target for each in made.values() if not jsonpath_rfc9535.find(each.target, raw)}
    left += [Unguessed(each.target, each.kind, _NOT_MET) for each in made.values() if each.target in absent]
    return Guesses(tuple(each for each in made.values() if each.target not in absent), tuple(left))


def _of_operation(subject: Subject, paths: Paths) -> tuple[list[Guess], list[Unguessed]]:
    paging = guess_paging(subject)
    made: list[Guess] = []
    left: list[Unguessed] = []
    if isinstance(paging, Unguessed):
        left.append(paging)
    elif paging is not None:
        made += paging
    more, unguessed = guess_record(subject, paths, paged=bool(made) or "x-accordant-pagination" in subject.data)
    made += [each for each in more if not each.update.keys() & subject.raw.keys()]
    left += unguessed
    action = next((each.update["x-accordant-action"] for each in made if "x-accordant-action" in each.update), None)
    code = success_code(subject, action or subject.data["x-accordant-action"])
    if code is not None and "x-accordant-success" not in subject.raw:
        made.append(code)
    key = idempotency(subject)
    return made + ([key] if key is not None else []), left


def _methods(found: list[Subject]) -> dict[str, set[str]]:
    methods: dict[str, set[str]] = {}
    for subject in found:
        methods.setdefault(subject.path, set()).add(subject.method)
    return methods


def _rows(found: list[Subject]) -> dict[str, Shape]:
    lists = ((each.path, find_rows(each)) for each in found if each.method == "get" and not each.by_id)
    return {path: rows.row for path, rows in lists if not isinstance(rows, str) and rows.row.is_record}


def _with_keys_of_path(
    found: list[Subject], made: dict[tuple[str, str], Guess], left: list[Unguessed]
) -> list[Unguessed]:
    """Let the operations on one record share its key: a deletion, say, shows no record that would tell, and a change
    may show a part of it. What reading it shows counts first.

    Returns what is still not guessed.
    """
    of_path: dict[str, Any] = {}
    for subject in sorted(found, key=lambda each: each.method != "get"):
        if subject.method in ("get", "put", "patch", "post") and subject.by_id:
            guess = made.get((subject.target, "key"))
            stated = guess.update["x-accordant-key"] if guess is not None else subject.data.get("x-accordant-key")
            stated = stated if stated and stated.get("parameter") else None  # the key of a row names no record here
            if stated and not any(each.kind == "key" and each.place == subject.target for each in left):
                of_path.setdefault(subject.path, {"parameter": stated.get("parameter"), "field": stated.get("field")})
    of_kind = _keys_of_kinds(found, of_path)
    missing = {each.place for each in left if each.kind == "key"}
    for subject in found:
        key = of_path.get(subject.path) or of_kind.get((subject.data.get("x-accordant-entity"), subject.key))
        own: Any = subject.data.get("x-accordant-key") or {}
        if key is None or "x-accordant-key" in subject.raw:
            continue
        if subject.data["x-accordant-action"] not in ("update", "replace", "delete", "get"):
            continue
        mine = made.get((subject.target, "key"))
        if mine is not None and (subject.path not in of_path or mine.update["x-accordant-key"] == key):
            continue
        if mine is not None or subject.target in missing or subject.method == "delete":
            missing.discard(subject.target)
            made.pop((subject.target, "key"), None)
            if (own.get("parameter"), own.get("field")) != (key["parameter"], key["field"]):
                reason = f"`{key['parameter']}` in the path is the record's `{key['field']}`, as in the others of it."
                made[subject.target, "key"] = Guess(subject.target, "key", reason, {"x-accordant-key": key})
    return [each for each in left if each.kind != "key" or each.place in missing]


def _keys_of_kinds(found: list[Subject], of_path: dict[str, Any]) -> dict[tuple[Any, str | None], Any]:
    """The key of a kind of record, by the kind and by a variable that is called after it: where the paths that show the
    records of the kind are of one mind about the field."""
    fields: dict[Any, set[str]] = {}
    for subject in found:
        key = of_path.get(subject.path)
        if key is not None:
            fields.setdefault(subject.data.get("x-accordant-entity"), set()).add(key["field"])
    agreed = {kind: next(iter(each)) for kind, each in fields.items() if kind and len(each) == 1}
    keys: dict[tuple[Any, str | None], Any] = {}
    for subject in found:
        kind, key = subject.data.get("x-accordant-entity"), subject.key
        if kind in agreed and key is not None and plain(key) in ("id", f"{plain(str(kind))}id"):
            keys[kind, key] = {"parameter": key, "field": agreed[kind]}
    return keys
