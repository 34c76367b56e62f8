"""Addresses with variables in them: ``https://{region}.example.com``, filled by arguments of the client."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from attrs import evolve, frozen

from .._keywords import did_you_mean
from .._setting_checks import check_values
from .._settings import ClientSettings
from .._vendor import Vendor
from ..errors import ConfigurationError

_OUTSIDE: Final = re.compile(r"[\\/?#@\s]")
"""What would end the host of a URL, so that the rest of a value would become something else."""
_UNFIT: Final = re.compile(r"[\\?#@\s]")
"""The same for its path."""


@frozen
class ServerVariable:
    """A variable of the document's servers: its name there, the client's argument for it, and what it may be."""

    name: str
    argument: str
    default: str = ""
    choices: tuple[str, ...] = ()

    def value(self, given: object) -> str:
        """What fills it; raises ``ConfigurationError`` for anything that it cannot be."""
        if given is None:
            return self.default
        if not isinstance(given, str):
            raise ConfigurationError(f"{self.argument} must be a str, not {type(given).__name__}")
        if self.choices and given not in self.choices:
            known = ", ".join(map(repr, self.choices))
            hint = did_you_mean(given, self.choices)
            raise ConfigurationError(f"{self.argument} must be one of {known}; it is {given!r}{hint}")
        return given


def filled(variables: Iterable[ServerVariable], given: Mapping[str, object]) -> dict[str, str]:
    """The values of the variables by their names in the document; ``given`` are arguments of the client."""
    return {each.name: each.value(given.get(each.argument)) for each in variables}


def located(
    vendor: Vendor, variables: tuple[ServerVariable, ...], values: Mapping[str, str], settings: ClientSettings
) -> Vendor:
    """The vendor with its addresses filled. Where ``base_url`` is given, nothing else is needed."""
    check_values(settings)
    chosen = settings.get("environment") or vendor.default_environment
    template = vendor.environments.get(chosen, "")
    if not settings.get("base_url"):
        for each in variables:
            _check(each, values[each.name], template, vendor)
    environments = {name: _fill(url, values) for name, url in vendor.environments.items()}
    used = [each for each in variables if f"{{{each.name}}}" in template]
    source = ", ".join(f"{each.argument} is {values[each.name]!r}" for each in used)
    return evolve(vendor, environments=environments, address_source=source or vendor.address_source)


def _check(variable: ServerVariable, value: str, template: str, vendor: Vendor) -> None:
    """Refuse a value that would lead elsewhere than where the document has the variable."""
    before, found, _ = template.partition(f"{{{variable.name}}}")
    if not found:
        return
    host = "://" not in before or "/" not in before.partition("://")[2]
    if not value and host:
        full = f"{vendor.variable_prefix}_{variable.argument.upper()}"
        raise ConfigurationError(
            f"{variable.argument} is missing, a part of the address {template}: give it or base_url, or use "
            f"from_env() with {full}"
        )
    # The first variable may be the scheme and the host at once: then all of it is the user's own choice.
    if before and (_OUTSIDE if host else _UNFIT).search(value):
        what = "a part of the host" if host else "a part of the path"
        raise ConfigurationError(f"{variable.argument} must be {what} of {template}; it is {value!r}")


def _fill(template: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template
