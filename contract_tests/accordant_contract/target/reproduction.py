"""Requests as command lines that show no secret."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from attrs import field, frozen

from accordant._http.spellings import Spellings
from accordant_runtime import is_object

from ..document.values import Exchange

SERVED: Final = 8801
"""The port at which a user serves the sandbox that a run had in its own process."""
_LONGEST: Final = 20_000
"""Characters of a body that are shown."""

CREDENTIAL: Final = re.compile(
    "auth|cookie|token|secret|(?<!idempotency-)key|password|credential|signature", re.IGNORECASE
)
"""Header names whose values are masked, whatever they are."""


@frozen
class Reproduction:
    """What makes a command line run as pasted: variables for secrets, and an address that is served.

    names: variables by the secret that they hold. base, served: the address that the run used, and one that a user
    reaches.
    """

    names: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    base: str = ""
    served: str = ""

    def knows(self, value: str) -> bool:
        """Whether a header's value holds a secret that has a variable."""
        return any(secret in value for secret in self.names)

    def applied(self, line: str) -> str:
        """A line of words in single quotes, with variables in the place of secrets."""
        for secret in sorted(self.names, key=len, reverse=True):
            if "'" not in secret:
                line = line.replace(secret, f"'\"${self.names[secret]}\"'")
        return line.replace(self.base, self.served) if self.base else line


def token_line(login: Exchange, secrets: Sequence[str], how: Reproduction) -> str:
    """The command that puts into ``TOKEN`` what a login hands out; ``""`` where the login shows no token."""
    document = login.document
    found = (
        {name: value for name, value in document.items() if how.names.get(str(value)) == "TOKEN"}
        if is_object(document)
        else {}
    )
    if not found and how.names.get(str(document)) != "TOKEN":
        return ""
    key = f"[{next(iter(found))!r}]".replace("'", '"') if found else ""
    command = curl(login, secrets, how).replace("curl -i", "curl -s", 1)
    return f"TOKEN=$({command} | python3 -c 'import json, sys; print(json.load(sys.stdin){key})')"


def curl(exchange: Exchange, secrets: Sequence[str], how: Reproduction | None = None) -> str:
    """The request as a command line, its secrets masked, or ``how`` knows a variable for them."""
    how = how or Reproduction()
    request = exchange.request
    words = ["curl", "-i"] if request.method == "GET" else ["curl", "-i", "-X", request.method]
    for name, value in request.headers:
        shown = "***" if CREDENTIAL.search(name) and not how.knows(value) else value
        words += ["-H", _quoted(f"{name}: {shown}")]
    if request.body:
        text = request.body.decode("utf-8", errors="replace")
        if len(text) > _LONGEST:
            text = f"{masked(text, secrets)[:_LONGEST]}..."  # masked before it is cut
        words += ["--data-binary", _quoted(text)]
    line = " ".join([*words, _quoted(request.url)])
    return masked(how.applied(line), secrets)


def masked(text: str, secrets: Sequence[str]) -> str:
    """A text without any of the secrets, however they are spelt there, and without broken characters.

    Those that are too short to be told from words stay (see ``accordant._http.spellings``).
    """
    for secret in sorted(set(secrets), key=len, reverse=True):
        if len(text) >= len(secret):
            text = _spellings(secret).masked(text, "***")
    return text.encode("utf-8", "replace").decode()


@lru_cache(maxsize=1024)
def _spellings(secret: str) -> Spellings:
    return Spellings(secret)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
