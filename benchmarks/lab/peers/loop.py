"""The loop of a peer's process: one case a line in, its outcomes a line out.

These modules run in an environment that holds the peers and nothing of this repository; they import no other room.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Verb: TypeAlias = Callable[[Any, str], str]
"""A call on a client, with the number of its record; returns the outcome in the words of the table."""


def serve(make: Callable[[str, float, int | None], Any], verbs: Mapping[str, Verb]) -> None:
    """Play cases until there are no more. ``make`` gets address, timeout and retries (``None``: its own)."""
    for line in sys.stdin:
        case: dict[str, Any] = json.loads(line)
        api = make(case["url"], case["timeout"], case["retries"])
        outcomes: list[str] = []
        for words in case["calls"]:
            name, _, number = words.partition(" ")
            if name == "pause":
                import time

                time.sleep(0.12)
                continue
            try:
                outcomes.append(verbs[name](api, number))
            except Exception as error:  # whatever comes is what is to be seen
                outcomes.append(type(error).__name__)
        sys.stdout.write(json.dumps(outcomes) + "\n")
        sys.stdout.flush()


def result(response: Any, show: Callable[[Any], str]) -> str:
    """The outcome of a client that returns errors instead of raising them."""
    status = response.response.status_code
    if response.error is not None or not 200 <= status < 300:
        return f"error {status} returned"
    return show(response.data)
