"""How a list pages: the parameters that choose a page, and what of a response holds the rows and leads to the next."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from attrs import frozen

from accordant_runtime import is_array, is_object

from ..read.document import follow, pointer
from . import words
from .facts import Guess, Shape, Subject, Unguessed, plain, quoted
from .rows import FoundRows, find_rows

KIND = "paging"
_Good: TypeAlias = Callable[[tuple[str, ...], Shape], bool]
_PAGED = re.compile(
    r"\bpag(e|es|ing|ination|inate|inated)\b|\bresults?\b|\brecords?\b|\bitems?\b|\brows?\b", re.IGNORECASE
)
_VAGUE = ("start", "from")
_ALIKE = ("starting", "start", "after", "page", "next")


@frozen
class _Chosen:
    """The parameters of a list that choose its page, by their wire names."""

    page: str | None = None
    offset: str | None = None
    cursor: str | None = None
    size: str | None = None

    @property
    def any(self) -> bool:
        return any((self.page, self.offset, self.cursor, self.size))


def guess_paging(subject: Subject) -> list[Guess] | Unguessed | None:
    """The guess of a GET, why it is not made where its parameters look like paging, or ``None`` where they do not."""
    if subject.method != "get" or "x-accordant-pagination" in subject.data:
        return None
    rows = find_rows(subject)
    chosen = _parameters(subject, _echoed(subject, rows))
    if not chosen.any:
        return None
    if isinstance(rows, str):
        return subject.unguessed(KIND, rows)
    if subject.by_id and rows.way and not (chosen.page or chosen.offset or chosen.cursor):
        return subject.unguessed(KIND, "the path names one record")
    found = _style(subject, chosen, rows)
    if isinstance(found, str):
        return subject.unguessed(KIND, found)
    pagination, reason = found
    update: dict[str, Any] = {"x-accordant-pagination": pagination, "x-accordant-action": "list"}
    return [Guess(subject.target, KIND, reason, update), *_numbers(subject, pagination)]


def _echoed(subject: Subject, rows: FoundRows | str) -> frozenset[str]:
    """What the response says beside its rows: a parameter that it repeats there is about the page."""
    holder = subject.success
    for name in () if isinstance(rows, str) else rows.way[:-1]:
        holder = holder.properties[name] if holder is not None else None
    if holder is None:
        return frozenset()
    inner = [shape.properties for name, shape in holder.properties.items() if plain(name) in words.META]
    return frozenset(plain(name) for names in (holder.properties, *inner) for name in names)


def _parameters(subject: Subject, echoed: frozenset[str]) -> _Chosen:
    """What each parameter is by its name and type; the first word of a list of words is the surest."""
    query = {plain(each["name"]): each for each in reversed(subject.query)}
    documented = {name: Shape(subject.document, each.get("schema", {})) for name, each in query.items()}

    def first(names: tuple[str, ...], good: Callable[[str, dict[str, Any], Shape], bool]) -> str | None:
        found = next((name for name in names if name in query and good(name, query[name], documented[name])), None)
        return None if found is None else str(query[found]["name"])

    def number(name: str, parameter: dict[str, Any], shape: Shape) -> bool:
        return _is_number(name, parameter, shape) or (
            name in echoed and shape.may_be("string") and not shape.enumerated
        )

    size = first(words.SIZE, number)
    page = first(words.PAGE, number)
    offsets = words.OFFSET if size is not None else tuple(each for each in words.OFFSET if each not in _VAGUE)
    return _Chosen(page, first(offsets, number), first(words.CURSOR, _is_cursor), size)


def _is_number(_name: str, parameter: dict[str, Any], shape: Shape) -> bool:
    """A number, or a text that is described like one: a `page` may as well be the name of a page.

    So is what may be a number or something else, such as an object with a number and a size.
    """
    if any(each.types == frozenset({"integer"}) for each in shape.choices):
        return True
    if shape.enumerated and not shape.may_be("integer", "number"):
        return False
    if shape.types and shape.may_be("integer", "number"):
        return True
    if not shape.may_be("string", "integer", "number"):
        return False
    described = f"{parameter.get('description', '')} {shape.word('description') or ''}"
    sample = str(shape.word("default") or shape.word("example") or parameter.get("example") or "")
    return sample.isdigit() or (
        _PAGED.search(described) is not None and not re.search(r"\bnames?\b|\bslug\b", described)
    )


def _is_cursor(name: str, parameter: dict[str, Any], shape: Shape) -> bool:
    dated = shape.word("format") in ("date", "date-time") or re.search(
        r"\b(date|time|timestamp|unix|created|updated|iso)\b", str(parameter.get("description", "")), re.IGNORECASE
    )
    return shape.may_be("string", "integer") and not shape.enumerated and (not dated or "token" in name)


def _style(subject: Subject, chosen: _Chosen, rows: FoundRows) -> tuple[dict[str, Any], str] | str:
    """The pagination with its reason, or why there is none."""
    around = _Around(subject, rows)
    if chosen.cursor is not None:
        leads = around.next(chosen.cursor)
        if leads is not None:
            found = {"style": "cursor", "items": rows.path, "cursor": chosen.cursor, **leads}
            found |= {"limit": chosen.size} if chosen.size else {}
            way = f"`{chosen.cursor}` takes {_told(leads)}"
            return _with_extent(subject, found, around, chosen, way, rows)
    if chosen.page is not None:
        found = {"style": "page", "items": rows.path, "page": chosen.page}
        found |= {"size": chosen.size} if chosen.size else {}
        found |= {"start": 0} if _from_zero(subject, chosen.page) else {}
        return _with_extent(subject, found, around, chosen, f"`{chosen.page}` is the number of a page", rows)
    if chosen.offset is not None:
        if _from_one(subject, chosen.offset):
            return f"`{chosen.offset}` counts from 1, for which there is no style"
        found = {"style": "offset", "items": rows.path, "offset": chosen.offset}
        found |= {"limit": chosen.size} if chosen.size else {}
        return _with_extent(subject, found, around, chosen, f"`{chosen.offset}` counts the rows before the page", rows)
    if chosen.cursor is not None:
        return f"nothing in the response gives the next `{chosen.cursor}`"
    return f"`{chosen.size}` bounds the list, and no parameter leads to the next page"


def _with_extent(
    subject: Subject, found: dict[str, Any], around: _Around, chosen: _Chosen, way: str, rows: FoundRows
) -> tuple[dict[str, Any], str]:
    total = around.total()
    found |= {"total": total} if total else {}
    found |= around.end() if found["style"] != "cursor" or "next-row" in found else around.end(sure=True)
    most = Shape(subject.document, _schema(subject, chosen.size)).word("maximum") if chosen.size else None
    found |= {"max-limit": most} if type(most) is int and 0 < most <= 10_000 else {}
    size = f", `{chosen.size}` bounds its rows" if chosen.size else ""
    count = f", `{total}` counts all of them" if total else ""
    return found, f"{way}{size}; the rows are {rows.shown}{count}."


def _told(leads: dict[str, Any]) -> str:
    if "next-row" in leads:
        return f"`{leads['next-row']}` of the last row"
    return f"the header `{leads['next-header']}`" if "next-header" in leads else f"`{leads['next']}` in the response"


def _schema(subject: Subject, name: str | None) -> Any:
    found: Any = next((each.get("schema") for each in subject.query if each["name"] == name), None)
    return found


def _from_zero(subject: Subject, name: str) -> bool:
    parameter = next(each for each in subject.query if each["name"] == name)
    shape = Shape(subject.document, parameter.get("schema", {}))
    said = re.search(
        r"\b(0|zero)[ -](based|index)|start(s|ing)? (at|from|with) (0|zero)", str(parameter.get("description", ""))
    )
    return said is not None or bool(shape.word("default") in (0, "0") and shape.word("minimum") in (0, None))


def _from_one(subject: Subject, name: str) -> bool:
    parameter = next(each for each in subject.query if each["name"] == name)
    shape = Shape(subject.document, parameter.get("schema", {}))
    return 1 in (shape.word("default"), shape.word("minimum"))


class _Around:
    """What a response has around its rows."""

    def __init__(self, subject: Subject, rows: FoundRows) -> None:
        self.subject = subject
        self.rows = rows
        success = subject.success
        walked = success.walk() if success is not None and rows.way else ()
        inside = len(rows.way)
        self._found = [
            (way, shape)
            for way, shape in walked
            if way[:inside] != rows.way and (way[:-1] == rows.way[: len(way) - 1] or self._describes(way))
        ]

    def _describes(self, way: tuple[str, ...]) -> bool:
        """Whether the objects on the way describe the response: those of the rows, then words such as `meta`."""
        return all(
            plain(name) in words.META or name == (self.rows.way[index] if index < len(self.rows.way) else None)
            for index, name in enumerate(way[:-1])
        )

    def _first(self, names: tuple[str, ...], good: _Good) -> str | None:
        for name in names:
            for way, shape in self._found:
                if plain(way[-1]) == name and good(way, shape):
                    return ".".join(way)
        return None

    def total(self) -> str | None:
        """The number of all rows. One that may be null or may not come would be missed by every walk."""

        def whole(_way: tuple[str, ...], shape: Shape) -> bool:
            return shape.types == frozenset({"integer"}) or (
                shape.types == frozenset({"number"}) and shape.word("format") is None
            )

        def said(way: tuple[str, ...], shape: Shape) -> bool:
            text = str(shape.word("description") or "").lower()
            return whole(way, shape) and ("total" in text or "across all pages" in text)

        return self._first(words.TOTAL, whole) or self._first(("count", "size", "length"), said)

    def next(self, cursor: str) -> dict[str, Any] | None:
        """What gives the next cursor; an address holds it in its query."""

        def carries(_way: tuple[str, ...], shape: Shape) -> bool:
            return shape.may_be("string", "integer", "number") and bool(shape.types - {"null"} or not shape.is_record)

        names = (*self._alike(cursor), *words.NEXT, *words.NEXT_ADDRESS)
        found = self._first(names, carries) or self._first(("next", "nextpage"), carries) or self._linked(carries)
        if found is not None:
            return {"next": found}
        told = self._told_by(cursor)
        if told is not None:
            return {"next": told}
        header = self._header()
        if header is not None:
            return {"next-header": header}
        row = self.rows.row.properties
        field = next((each for each in ("id", "uuid", "uid") if each in row and self._takes(cursor, row[each])), None)
        more = self._first(words.MORE, _is_flag)
        after = plain(cursor) in ("startingafter", "startafter", "afterid", "after")
        return {"next-row": field} if field and more and after else None

    def _takes(self, cursor: str, value: Shape) -> bool:
        """Whether a parameter takes what a row shows: one that is a number takes no text."""
        asked = Shape(self.subject.document, _schema(self.subject, cursor))
        return not asked.types or asked.may_be("string") or value.types != frozenset({"string"})

    def _told_by(self, cursor: str) -> str | None:
        """The path that the parameter's description names: `next_cursor` of the last response's `response_metadata`."""
        described = next((each.get("description") for each in self.subject.query if each["name"] == cursor), None)
        names = [each for each in re.findall(r"`([A-Za-z_]+)`", str(described or "")) if each != cursor]
        value = next((each for each in names if plain(each) in words.NEXT), None)
        holder = next((each for each in names if plain(each) in words.META and each != value), None)
        return None if value is None else ".".join(each for each in (holder, value) if each)

    def _alike(self, cursor: str) -> tuple[str, ...]:
        """What the vendor may call the next value of a parameter."""
        name = plain(cursor)
        bare = name
        for word in _ALIKE:
            bare = bare.removeprefix(word)
        others = (f"next{name}", f"next{bare}") if bare else (f"next{name}",)
        return (*others, name) if name not in ("next", "nextpage") else others

    def _linked(self, carries: _Good) -> str | None:
        """An address among links: ``links.next``, ``_links.next.href``."""
        for way, shape in self._found:
            spelling = [plain(name) for name in way]
            if spelling[-2:] == ["next", "href"] and carries(way, shape):
                return ".".join(way)
        return next((f"{'.'.join(way)}.href" for way, each in self._found if self._holds_href(way, each)), None)

    def _holds_href(self, way: tuple[str, ...], shape: Shape) -> bool:
        return plain(way[-1]) == "next" and shape.is_record and "href" in shape.properties

    def _header(self) -> str | None:
        """The response header that names the next page."""
        responses: dict[str, Any] = self.subject.data.get("responses", {})
        for status, response in responses.items():
            headers = follow(self.subject.document, response).get("headers") if status.startswith("2") else None
            for name in headers if is_object(headers) else ():
                if name.lower() == "link" or plain(name).removeprefix("x") in words.NEXT[:10]:
                    return str(name)
        return None

    def end(self, *, sure: bool = False) -> dict[str, str]:
        """The flag that tells the last page; ``sure`` leaves words out that may mean something else."""
        more = self._first(words.MORE, _is_flag)
        last = self._first(words.LAST[:3] if sure else words.LAST, _is_flag)
        return {"more": more} if more else {"last": last} if last else {}


def _is_flag(_way: tuple[str, ...], shape: Shape) -> bool:
    return shape.types == frozenset({"boolean"})


def _numbers(subject: Subject, pagination: dict[str, Any]) -> list[Guess]:
    """A position or a size that is documented as text is a number: a walk counts with it."""
    guesses: list[Guess] = []
    for key in ("page", "size", "offset", "limit"):
        name = pagination.get(key)
        shape = Shape(subject.document, _schema(subject, name))
        if name is None or not shape.types or shape.may_be("integer", "number"):
            continue
        place = _place(subject, name)
        if place is not None:
            reason = f"`{name}` is documented as text, and is a number: a walk over the pages counts with it."
            guesses.append(Guess(place, "number", reason, {"schema": {"type": "integer"}}))
    return guesses


def _place(subject: Subject, name: str) -> str | None:
    """Where the document declares the parameter, as the overlay meets it: normalisation wrote it out."""
    holder = f"$.paths{quoted(subject.path)}"
    for place, parameters in (
        (subject.target, subject.raw.get("parameters")),
        (holder, subject.raw_item.get("parameters")),
    ):
        for item in parameters if is_array(parameters) else ():
            reference = item.get("$ref")
            known = follow(subject.document, item)
            if not is_object(known) or known.get("name") != name or known.get("in") != "query":
                continue
            if isinstance(reference, str):
                keys = pointer(reference)
                return "$" + "".join(quoted(key) for key in keys) if "parameters" in keys else None
            return f"{place}.parameters[?@.name == {quoted(name)[1:-1]}]"
    return None
