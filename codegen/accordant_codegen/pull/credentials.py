"""Values that a pull takes from the environment: ``source.toml`` names the variables, and no message shows a value."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from ..errors import CodegenError

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET_HEADERS = re.compile(r"authorization|cookie|api-?key|token|secret|password", re.IGNORECASE)
_SECRET_QUERY = re.compile(
    r"(.*[-_.])?(api-?_?key|token|access-?token|secret|password|passwd|signature|sig|subscription-?key)", re.IGNORECASE
)


class EnvironmentValues:
    """Fills ``${NAME}`` from the environment, and puts the name back wherever a value would be shown."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._shown: dict[str, str] = {}

    def fill(self, template: str, place: str) -> str:
        """The template with the values of its variables; one that is not set is an error that names it."""

        def value(found: re.Match[str]) -> str:
            name = found[1]
            text = self._environment.get(name, "").strip()
            if not text:
                raise CodegenError(
                    f"{place} needs the environment variable {name}, which is not set. Set it and repeat"
                )
            for form in (text, quote(text, safe=""), quote(text), quote_plus(text)):
                self._shown[form] = f"${{{name}}}"
            return text

        return _VARIABLE.sub(value, template)

    def basic(self, template: str, place: str) -> str:
        """The value of an ``Authorization`` header for ``user:password``."""
        text = base64.b64encode(self.fill(template, place).encode()).decode()
        self._shown[text] = "..."
        return f"Basic {text}"

    def hide(self, text: str) -> str:
        """The text without any value that was filled in."""
        for value, name in sorted(self._shown.items(), key=lambda item: -len(item[0])):
            text = text.replace(value, name)
        return text


def check_url(url: str) -> None:
    """Refuse an address that holds the value of a credential: it would be written into ``source.toml``."""
    try:
        parts = urlsplit(url)
        user, query = parts.username, parse_qsl(parts.query, keep_blank_values=True)
        _ = parts.port
    except ValueError as error:
        raise CodegenError(
            f"the address cannot be read ({error}). Give one such as https://host/openapi.json"
        ) from None
    if user is not None:
        raise CodegenError(
            f"the address of {parts.hostname} holds a user name or password, which would be written into source.toml. "
            'Write `basic = "${USER_VARIABLE}:${PASSWORD_VARIABLE}"` below [pull] there, and set the two variables'
        )
    for name, value in query:
        if _SECRET_QUERY.fullmatch(name) and value and not _VARIABLE.search(value):
            raise CodegenError(
                f"the address of {parts.hostname} holds the value of {name!r}, which would be written into "
                f"source.toml. Set an environment variable and write {name}=${{ITS_NAME}} in the address"
            )


def check_header(name: str, value: str, place: str) -> None:
    """Refuse a credential that ``source.toml`` itself holds."""
    if _SECRET_HEADERS.search(name) and not _VARIABLE.search(value):
        raise CodegenError(
            f"{place}: {name} is a credential and must not be written into a file. "
            "Set an environment variable and write ${ITS_NAME} instead"
        )


def is_secret(value: str) -> bool:
    """Whether a template takes something from the environment."""
    return _VARIABLE.search(value) is not None
