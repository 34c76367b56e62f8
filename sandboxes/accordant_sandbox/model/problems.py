"""What a vendor refuses, without saying how: the dialect's mapper turns a problem into status, headers and body."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

__all__ = ["Kind", "Problem"]

Kind: TypeAlias = Literal[
    "bad_request",
    "unauthenticated",
    "forbidden",
    "not_found",
    "wrong_method",
    "conflict",
    "invalid",
    "unsupported_media",
    "too_many",
    "refused",
    "oauth",
]


class Problem(Exception):  # noqa: N818 - what a vendor answers, not what goes wrong here
    """A refusal.

    kind:
        bad_request: malformed (broken JSON, unreadable query value); unauthenticated; forbidden; not_found;
        wrong_method: known path, other method; conflict: against the present state; invalid: well-formed, but breaks
        the schema or a rule; unsupported_media; too_many: rate limit; refused: a success status whose envelope says
        no; oauth: an error of a token endpoint, whose `code` is that of RFC 6749.
    """

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        details: Sequence[tuple[str, str]] = (),
        code: str = "",
        retry_after: int | None = None,
        rule: str | None = None,
    ) -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.message = message
        self.details = tuple(details)
        """Field and sentence, one pair per finding."""
        self.code = code
        self.retry_after = retry_after
        """Seconds to wait, for `too_many`."""
        self.rule = rule
        """Name of the vendor's rule that refused, where one did."""
