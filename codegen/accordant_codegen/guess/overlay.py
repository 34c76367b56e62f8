"""The guesses as an OpenAPI Overlay that a person reads and corrects."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

import yaml

from ..text import clean
from .facts import Unguessed
from .guess import Guesses

_WIDTH = 118


def as_overlay(guesses: Guesses, *, title: str, document: str, command: str = "make regenerate") -> str:
    """The text of an overlay file: one `[assumed]` action for each guess, and at its end what was not guessed.

    ``document`` is the path of the vendor's document, as seen from the overlay; ``command`` is what reads the overlay.
    """
    lines = [
        f"# What we guess about {clean(title)} from the names and shapes in its document; nothing was tried.",
        "#",
        "# Each action is one guess with its reason. When you know better, correct its update or delete the action,",
        f"# say where you know it from ([docs], [sdk], [seed]) in place of [assumed], and run `{command}`.",
        "# docs/extensions.md says what the keys mean. The end lists what was looked at and not guessed.",
        "",
        "overlay: 1.0.0",
        "",
        "info:",
        f"  title: {_scalar(f'What accordant guesses about {clean(title)}')}",
        "  version: 1.0.0",
        "",
        f"extends: {_scalar(PurePath(document).as_posix())}",
        "",
        "actions:" if guesses.made else "actions: []",
    ]
    for each in guesses.made:
        lines += [f"  - target: {_scalar(each.target)}", f"    description: {_scalar(f'[assumed] {each.reason}')}"]
        lines += ["    update:", *_block(each.update, "      ")]
    if guesses.left:
        lines += ["", "# Not guessed:", *(f"#   {clean(str(each))}" for each in guesses.left)]
    return "\n".join(lines) + "\n"


def report(guesses: Guesses, most: int = 12) -> list[str]:
    """What a person is told: the counts of the guesses, and what was not guessed, kinds with many places summed up."""
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(guesses.counts().items())) or "nothing"
    lines = [f"guessed: {counts}"]
    reasons: dict[tuple[str, str], list[Unguessed]] = {}
    for each in guesses.left:
        reasons.setdefault((each.kind, re.sub(r"`[^`]*`", "`…`", each.why)), []).append(each)
    for (kind, why), places in list(reasons.items())[:most]:
        where = places[0].place if len(places) == 1 else f"{len(places)} operations, the first is {places[0].place}"
        lines.append(f"not guessed: {kind}: {places[0].why if len(places) == 1 else why} ({where})")
    if len(reasons) > most:
        lines.append(f"not guessed: {len(reasons) - most} further reasons, see the end of the overlay")
    return lines


def _scalar(text: str) -> str:
    dumped: str = yaml.safe_dump(text, width=10**6, allow_unicode=True, default_style=_style(text))
    return dumped.removesuffix("...\n").strip()


def _style(text: str) -> str | None:
    """The style that needs the fewest signs, so that an action reads like one that a person wrote."""
    return "'" if text[:1] in "[{'\"" or ": " in text or " #" in text else None


def _block(update: dict[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, value in update.items():
        flow: str = yaml.safe_dump(value, width=10**6, allow_unicode=True, default_flow_style=True, sort_keys=False)
        text = flow.removesuffix("...\n").strip()
        short = not isinstance(value, dict) or len(text) + len(indent) + len(key) < _WIDTH
        if short:
            lines.append(f"{indent}{key}: {text}")
        else:
            block: str = yaml.safe_dump(value, width=10**6, allow_unicode=True, sort_keys=False)
            lines += [f"{indent}{key}:", *(f"{indent}  {line}" for line in block.splitlines())]
    return lines
