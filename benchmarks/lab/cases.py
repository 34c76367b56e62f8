"""What a case is: a script, calls, and what is promised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import field, frozen

from .server import Act

if TYPE_CHECKING:
    from .shapes import Shapes
    from .stage import Stage

VENDORS = ("dispatch", "dibop", "dime_scheduler", "espace")
TWINS = ("sync", "async")
GROUPS = (
    *("stray bytes", "cuts", "framing", "time", "statuses", "waits", "writes", "tokens"),
    *("redirects", "bodies", "lists", "settings", "life", "secrets", "proxies"),
)

Script: TypeAlias = Callable[["Shapes"], Sequence[Act]]
"""A server's acts, in the vendor's own shapes."""


@frozen
class Expect:
    """What the documentation promises.

    ``outcomes`` has one text for each call; ``|`` separates what would be equally right. ``requests`` and ``tokens``
    count what reached the server, ``elsewhere`` what reached another host. ``waits`` are the seconds that the client
    waited between attempts. ``words`` must be in the last error. ``notes`` are kinds of deviations. ``within`` are
    seconds for the whole case.
    """

    outcomes: tuple[str, ...]
    requests: int | None = None
    tokens: int | None = None
    elsewhere: int | None = None
    waits: tuple[float, ...] | None = None
    words: str | None = None
    notes: tuple[str, ...] | None = None
    within: float = 6.0

    def text(self) -> str:
        """The promise in a line."""
        parts = [", ".join(outcome.replace("|", " or ") for outcome in self.outcomes)]
        parts += _counted(self.requests, self.tokens, self.elsewhere)
        parts += [] if self.waits is None else [_waited(self.waits)]
        parts += [] if self.words is None else [f'says "{self.words}"']
        parts += [] if self.notes is None else [f"notes: {', '.join(self.notes) or 'none'}"]
        return "; ".join(parts)


@frozen
class Seen:
    """What happened."""

    outcomes: tuple[str, ...]
    requests: int = 0
    tokens: int = 0
    elsewhere: int = 0
    waits: tuple[float, ...] = ()
    message: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    def text(self, expect: Expect) -> str:
        """What happened, as far as something is promised about it."""
        parts = [", ".join(self.outcomes)]
        parts += _counted(
            None if expect.requests is None else self.requests,
            None if expect.tokens is None else self.tokens,
            None if expect.elsewhere is None else self.elsewhere,
        )
        parts += [] if expect.waits is None else [_waited(self.waits)]
        if expect.words is not None:
            told = expect.words.lower() in self.message.lower()
            parts.append(f'says "{expect.words}"' if told else f'does not say "{expect.words}"')
        parts += [] if expect.notes is None else [f"notes: {', '.join(self.notes) or 'none'}"]
        parts += ["late"] if self.seconds > expect.within else []
        return "; ".join(parts)

    def keeps(self, expect: Expect) -> bool:
        """Whether this is what is promised."""
        wanted = expect.outcomes
        return (
            len(wanted) == len(self.outcomes)
            and all(seen in promise.split("|") for promise, seen in zip(wanted, self.outcomes, strict=True))
            and expect.requests in (None, self.requests)
            and expect.tokens in (None, self.tokens)
            and expect.elsewhere in (None, self.elsewhere)
            and (expect.waits is None or _close(expect.waits, self.waits))
            and (expect.words is None or expect.words.lower() in self.message.lower())
            and expect.notes in (None, self.notes)
            and self.seconds <= expect.within
        )


@frozen(kw_only=True)
class Case:
    """One row of the table.

    The calls are words: ``get 7``, ``create``, ``delete 7``, ``list``, ``head``, ``raw``, ``pause``, and ``32 x get 7``
    for as many at a time. ``login`` makes the client obtain a token. ``run`` is for what no script says: it gets the
    stage and returns the only outcome. ``peers`` tells whether other clients can be put into the same case.
    """

    id: str
    group: str
    title: str
    expect: Expect
    script: Script | None = None
    calls: tuple[str, ...] = ()
    tokens: Script | None = None
    elsewhere: Script | None = None
    settings: Mapping[str, Any] = field(factory=dict[str, Any])
    vendors: tuple[str, ...] = VENDORS
    twins: tuple[str, ...] = TWINS
    login: bool = False
    tls: bool = False
    tunnel: Act | None = None
    greeting: Act | None = None
    host: str | None = None
    real_waits: bool = False
    peers: bool = True
    run: Callable[[Stage], str] | None = None

    @property
    def for_peers(self) -> bool:
        """Whether other clients can be put into the same case."""
        plain = self.run is None and self.script is not None and not (self.login or self.tls or self.tunnel)
        known = all(call.split()[0] in ("get", "create", "delete", "pause") for call in self.calls)
        return self.peers and plain and known and self.host is None


@frozen
class Row:
    """One client in one case."""

    case: str
    vendor: str
    twin: str
    expected: str
    seen: str
    ok: bool


def judge(case: Case, vendor: str, twin: str, seen: Seen) -> Row:
    """The row for what happened."""
    return Row(case.id, vendor, twin, case.expect.text(), seen.text(case.expect), seen.keeps(case.expect))


def _counted(requests: int | None, tokens: int | None, elsewhere: int | None) -> list[str]:
    named = (("request", requests), ("token request", tokens), ("request to the other host", elsewhere))
    return [_plural(count, name) for name, count in named if count is not None]


def _plural(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name.replace('request', 'requests', 1)}"


def _waited(waits: Sequence[float]) -> str:
    return "no wait" if not waits else "waits " + ", ".join(f"{seconds:g} s" for seconds in waits)


def _close(promised: Sequence[float], seen: Sequence[float]) -> bool:
    return len(promised) == len(seen) and all(abs(a - b) < 0.75 for a, b in zip(promised, seen, strict=True))
