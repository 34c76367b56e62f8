"""Names that somebody misspelt: what was probably meant, and the errors that say so."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from accordant_runtime import bare_name

_ALIKE: Final = 0.6
_SHORTEST: Final = 3


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


def _unexpected(called: str, name: str, names: list[str]) -> str:
    hint = did_you_mean(name, names) or f"; it takes {', '.join(names)}"
    return f"{called}() got an unexpected keyword argument {name!r}{hint}"


def _own_keywords(function: Callable[..., object]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [item.name for item in parameters if item.kind in kinds and item.name != "self"]


def _most_alike(word: str, known: list[str]) -> str | None:
    import difflib  # only those who misspell pay for it

    by_form = {bare_name(name): name for name in known}
    found = difflib.get_close_matches(bare_name(word), by_form, n=1, cutoff=_ALIKE)
    if found:
        return by_form[found[0]]
    inside = [name for form, name in by_form.items() if len(word) >= _SHORTEST and bare_name(word) in form]
    return inside[0] if len(inside) == 1 else None
