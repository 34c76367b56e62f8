"""Which things of a network lead back to themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

__all__ = ["circles"]


def circles(names: Iterable[str], after: Callable[[str], Iterable[str]]) -> list[list[str]]:
    """The names in groups, those together that lead to each other; what a group leads to comes before it.

    Each name is asked once for what follows it.

    Tarjan's algorithm, with an explicit stack: the longest way through a document may be longer than Python's stack.
    """
    order: dict[str, int] = {}
    lowest: dict[str, int] = {}
    groups: list[list[str]] = []
    grouped: set[str] = set()
    waiting: list[str] = []
    for first in names:
        way: list[tuple[str, Iterator[str]]] = []
        step: str | None = None if first in order else first
        while step is not None or way:
            if step is not None:
                order[step] = lowest[step] = len(order)
                waiting.append(step)
                way.append((step, iter(after(step))))
            name, following = way[-1]
            step = None
            for other in following:
                if other not in order:
                    step = other
                    break
                if other not in grouped:
                    lowest[name] = min(lowest[name], order[other])
            if step is not None:
                continue
            way.pop()
            if way:
                lowest[way[-1][0]] = min(lowest[way[-1][0]], lowest[name])
            if lowest[name] == order[name]:
                group: list[str] = []
                while name not in grouped:
                    group.append(waiting.pop())
                    grouped.add(group[-1])
                groups.append(group)
    return groups
