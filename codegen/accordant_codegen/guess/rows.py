"""Where a response holds its rows."""

from __future__ import annotations

from attrs import frozen

from . import words
from .facts import Shape, Subject, plain


@frozen
class FoundRows:
    """A list in a response: the names that lead to it, and the schema of a row."""

    way: tuple[str, ...]
    row: Shape

    @property
    def path(self) -> str:
        """The same with dots, as the extensions write it."""
        return ".".join(self.way)

    @property
    def shown(self) -> str:
        """The same for people."""
        return f"`{self.path}`" if self.way else "the response itself"


def find_rows(subject: Subject) -> FoundRows | str:
    """The list of a success, or why there is none.

    A list may be a field of one record (the tags of a user). It counts as the rows only where its name says so, or
    where nothing is beside it but what describes a response.
    """
    success = subject.success
    if success is None:
        return "no success with JSON is documented"
    if success.is_choice:
        return "the response is one of several schemas"
    if success.is_list:
        return _as_rows((), success)
    every = [(way, shape) for way, shape in success.walk() if shape.is_list]
    lists = [each for each in every if plain(each[0][-1]) not in words.NOT_ROWS - subject.nouns]
    if not lists and len(every) == 1 and _is_paged(subject, success, every[0][0]):
        lists = every
    if not lists:
        return "the response has no list" if success.is_record else "the response is not described"
    chosen = _choose(subject, lists, success)
    return chosen if isinstance(chosen, str) else _as_rows(*chosen)


def _as_rows(way: tuple[str, ...], shape: Shape) -> FoundRows | str:
    row = shape.items
    if row is None:
        return "the rows of the list are not described"
    return "the rows are lists themselves" if row.is_list else FoundRows(way, row)


def _choose(
    subject: Subject, lists: list[tuple[tuple[str, ...], Shape]], success: Shape
) -> tuple[tuple[str, ...], Shape] | str:
    depth = min(len(way) for way, _ in lists)
    named = [each for each in lists if plain(each[0][-1]) in subject.nouns]
    alike = [each for each in lists if plain(each[0][-1]).endswith(tuple(_long(subject.nouns)))]
    usual = [each for each in lists if plain(each[0][-1]) in words.ROWS]
    for group in (named, usual, alike):
        near = [each for each in group if all(_describes(name) for name in each[0][:-1])]
        near = [each for each in near if len(each[0]) == min(len(way) for way, _ in near)]
        if len(near) == 1 and not (_is_record(subject, success, near[0][0]) and group is not usual):
            return near[0]
    near = [each for each in lists if len(each[0]) == depth]
    records = [each for each in near if (items := each[1].items) is not None and items.is_record]
    only = records if len(records) == 1 else near
    if len(only) != 1:
        return f"the response has several lists: {', '.join(sorted('.'.join(way) for way, _ in near))}"
    if _is_record(subject, success, only[0][0]):
        return f"`{'.'.join(only[0][0])}` is a field of one record"
    return only[0]


def _long(nouns: frozenset[str]) -> list[str]:
    """The words that are long enough to end another: `envelopeTemplates` are templates."""
    return sorted(each for each in nouns if len(each) > 4 and each.endswith("s"))


def _describes(name: str) -> bool:
    """Whether a name on the way to the rows is a wrapper's."""
    return plain(name) in words.META | {plain(each) for each in words.ROWS} | {"embedded", "paginatedresult", "search"}


def _is_record(subject: Subject, success: Shape, way: tuple[str, ...]) -> bool:
    """Whether the object that holds a list is a record: something is beside the list that describes no response,
    and nothing there tells of pages."""
    if _is_paged(subject, success, way):
        return False
    asked = {plain(each["name"]) for each in subject.query}
    holder = success
    for name in way:
        for other, shape in holder.properties.items():
            known = is_side(plain(other)) or plain(other) in asked
            if other != name and not known and not (shape.is_list and plain(other) in words.NOT_ROWS):
                return True
        holder = holder.properties[name]
    return False


def _is_paged(subject: Subject, success: Shape, way: tuple[str, ...]) -> bool:
    """Whether the objects that hold a list say something of pages: a total, the next page, or the size asked for."""
    asked = {plain(each["name"]) for each in subject.query} & {*words.SIZE, *words.PAGE, *words.OFFSET}
    sure = {*words.TOTAL, *words.NEXT[:12], *words.NEXT_ADDRESS[:8], *words.MORE, *asked} - {"after", "next", "start"}
    holder = success
    for name in way[:-1]:
        holder = holder.properties[name]
    if any(shape.is_record and not is_side(plain(name)) for name, shape in holder.properties.items()):
        return False
    holder = success
    for name in way:
        beside = {plain(other) for other in holder.properties if other != name}
        if beside & sure or beside & {"pagination", "paging", "pageinfo", "listmetadata", "responsemetadata"}:
            return True
        if any(
            "next" in holder.properties[each].properties for each in ("links", "_links") if each in holder.properties
        ):
            return True
        holder = holder.properties[name]
    return False


_PAGES = frozenset(
    {*words.SIDE, *words.TOTAL, *words.NEXT, *words.NEXT_ADDRESS, *words.MORE, *words.LAST, *words.PAGE, *words.OFFSET}
    | {*words.SIZE, *words.CURSOR}
)


def is_side(name: str) -> bool:
    """Whether a name (plain) describes the response or its pages, and no record."""
    return name in _PAGES or name.startswith(("total", "next", "prev", "hasmore", "hasnext", "hasprev"))
