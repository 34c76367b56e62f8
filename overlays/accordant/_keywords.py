"""Names that somebody misspelt: what was probably meant, and the errors that say so."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

_ALIKE: Final = 0.6
_SHORTEST: Final = 3
_LONG: Final = 8
"""Names from this length on may differ by two letters and still be taken for a misspelling."""


def refuse_unknown(given: dict[str, Any], known: Collection[str], function: Callable[..., object]) -> None:
    """Raise ``TypeError`` where ``given``, the further keywords of ``function``, holds names that are not ``known``.

    The values are taken out of ``given`` first: a misspelt secret must not stay in a frame of the traceback.
    """
    unknown = [name for name in given if name not in known]
    if not unknown:
        return
    for name in unknown:
        del given[name]
    called = function.__qualname__.removesuffix(".__init__")
    names = sorted({*known, *_own_keywords(function)})
    raise TypeError("; ".join(_unexpected(called, name, names) for name in unknown))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``"; did you mean 'x'?"`` with the known word that is most like ``word``; empty where none is."""
    meant = _most_alike(word, list(known))
    return f"; did you mean {meant!r}?" if meant is not None else ""


def misspelt(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` is certainly a misspelling of: a letter or two differ, or only case and ``_``."""
    for right in known:
        if _bare(name) == _bare(right) or _distance(name, right) <= (2 if len(right) >= _LONG else 1):
            return right
    return None


def _unexpected(called: str, name: str, names: list[str]) -> str:
    hint = did_you_mean(name, names) or f"; it takes {', '.join(names)}"
    return f"{called}() got an unexpected keyword argument {name!r}{hint}"


def _own_keywords(function: Callable[..., object]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [item.name for item in parameters if item.kind in kinds and item.name != "self"]


def _most_alike(word: str, known: list[str]) -> str | None:
    import difflib  # only those who misspell pay for it

    by_form = {_bare(name): name for name in known}
    found = difflib.get_close_matches(_bare(word), by_form, n=1, cutoff=_ALIKE)
    if found:
        return by_form[found[0]]
    inside = [name for form, name in by_form.items() if len(word) >= _SHORTEST and _bare(word) in form]
    return inside[0] if len(inside) == 1 else None


def _bare(name: str) -> str:
    return name.replace("_", "").replace("-", "").strip().lower()


def _distance(one: str, other: str) -> int:
    """Letters left out, added, replaced, or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        oldest, before, row = before, row, [i]
        for j, opposite in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != opposite))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == opposite:
                cost = min(cost, oldest[j - 2] + 1)
            row.append(cost)
    return row[-1]
