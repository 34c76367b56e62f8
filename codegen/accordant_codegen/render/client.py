"""The client of a vendor for which nobody has written one: five files that declare it, from the document alone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from accordant_runtime import is_object

from ..names import client_class_name
from ..text import clean, docstring, quoted, safe
from .credentials import ClientArgument, CredentialsView, scheme_text, view_credentials
from .package import tidy, write
from .public_models import public_models
from .servers import ServersView, VariableView, view_servers

MARK: Final = "# Made from {place} by `{command}`.\n# It is written anew until you delete these two lines."
_MARK_BEGINS: Final = MARK.partition("{")[0]
FILES: Final = ("__init__.py", "client.py", "auth.py", "vendor.py", "models.py")
_LONGEST_TITLE: Final = 60


@frozen
class Packages:
    """Where a vendor's packages can be imported from: the client that is made, and the generated code."""

    client: str
    generated: str


@frozen
class ClientFiles:
    """The files of a client by their names, formatted; what of the document they leave out; the blocking class."""

    files: dict[str, str]
    losses: tuple[str, ...]
    class_name: str


def client_files(
    document: dict[str, Any],
    vendor: str,
    packages: Packages | None = None,
    *,
    document_url: str | None = None,
    place: str = "the document",
    command: str = "make regenerate",
) -> ClientFiles:
    """The client of a vendor from its effective document: ``__init__.py``, ``client.py``, ``auth.py``, ``vendor.py``,
    ``models.py``.

    ``document_url`` is where the document was found, for relative servers; ``place`` is what the files call it, and
    ``command`` is what makes them anew.
    """
    packages = packages or Packages(f"accordant.{vendor}", f"accordant_generated.{vendor}")
    credentials = view_credentials(document)
    servers = view_servers(document, document_url, [each.name for each in credentials.arguments])
    title = clean(document.get("info", {}).get("title")).replace('"', "'")[:_LONGEST_TITLE].strip() or vendor
    view = _Client(vendor, title, packages, credentials, servers, MARK.format(place=place, command=command))
    files = {
        "__init__.py": view.package(),
        "client.py": view.client(),
        "auth.py": view.auth(),
        "vendor.py": view.vendor_file(),
        "models.py": public_models(view.mark, title, packages.generated),
    }
    with tempfile.TemporaryDirectory(prefix="accordant-client-") as scratch:
        folder = Path(scratch) / "files"
        write(files, folder)
        tidy([folder])
        files = {name: (folder / name).read_text(encoding="utf-8") for name in files}
    return ClientFiles(files, (*credentials.losses, *servers.losses), view.name)


def note_arguments(document: dict[str, Any]) -> None:
    """Write down, at each security scheme that an operation names, what the client calls its secrets
    (``x-accordant-arguments``), so that sandboxes and contract tests call them the same."""
    declared: Any = document.get("components", {}).get("securitySchemes")
    for scheme in view_credentials(document).schemes:
        if scheme.takes and is_object(declared) and is_object(declared.get(scheme.name)):
            called = {kind: argument.name for kind, argument in scheme.takes.items()}
            declared[scheme.name]["x-accordant-arguments"] = called


def is_made(text: str) -> bool:
    """Whether a file is one of those that are made anew, and nobody has taken it over."""
    return text.startswith(_MARK_BEGINS)


def is_written_by_hand(folder: Path) -> bool:
    """Whether the client in a folder is none that was made: every one of its files has been taken over."""
    present = [folder / name for name in FILES if (folder / name).exists()]
    return len(present) == len(FILES) and not any(is_made(path.read_text(encoding="utf-8")) for path in present)


@frozen
class _Client:
    """The texts of one client."""

    vendor: str
    title: str
    packages: Packages
    credentials: CredentialsView
    servers: ServersView
    mark: str

    @property
    def name(self) -> str:
        return client_class_name(self.vendor)

    @property
    def prefix(self) -> str:
        return self.vendor.upper()

    @property
    def tokens(self) -> bool:
        return any(each.kind == "token" for each in self.credentials.arguments)

    def package(self) -> str:
        shown = ", ".join(f'{each.name}="..."' for each in self._likeliest())
        return f'''{self.mark}
"""{safe(self.title)}.

::

    from {self.packages.client} import {self.name}

    with {self.name}({shown}) as api:
        ...
"""

from .client import Async{self.name}, {self.name}

__all__ = {sorted([self.name, f"Async{self.name}"])}
'''

    def _likeliest(self) -> list[ClientArgument]:
        """The arguments of the first way to the first operation that wants any."""
        for need in self.credentials.needs:
            schemes = [each for each in self.credentials.schemes if each.name in need]
            shown = [each.takes[kind] for each in schemes for kind in _LIKELY if kind in each.takes]
            if shown:
                return [each for each in shown if not (each.name == "token" and len(shown) > 1)]
        return []

    def vendor_file(self) -> str:
        environments = "".join(f"{quoted(name)}: {quoted(url)}," for name, url in self.servers.environments.items())
        first = self.servers.default
        default = "" if first == "production" else f"default_environment={quoted(first)},"
        variables = "".join(
            f"ServerVariable({quoted(each.name)}, {quoted(each.argument)}, {quoted(each.default)},"
            f" {_texts(each.choices)}),"
            for each in self.servers.variables
        )
        lines = f"\nVARIABLES: Final = ({variables})\n" if variables else ""
        return f'''{self.mark}
"""The addresses of {safe(self.title)}, as its document names them."""

from __future__ import annotations

from typing import Final

from accordant.clients import ServerVariable, Vendor

VENDOR: Final = Vendor(
    name={quoted(self.vendor)},
    title={quoted(self.title)},
    variable_prefix={quoted(self.prefix)},
    environments={{{environments}}},
    {default}
)
{lines}'''

    def auth(self) -> str:
        schemes = "".join(f"{scheme_text(each)}," for each in self.credentials.schemes)
        needs = "".join(f"{_texts(each)}," for each in self.credentials.needs)
        return f'''{self.mark}
"""The credentials of {safe(self.title)}, as its document declares them."""

from __future__ import annotations

from typing import Final

from accordant.clients import (
    ApiKeyScheme,
    BasicScheme,
    BearerScheme,
    CertificateScheme,
    OAuth2Scheme,
    Security,
    UnusableScheme,
)

SECURITY: Final = Security(
    {quoted(self.prefix)},
    schemes=({schemes}),
    needs=({needs}),
    public={self.credentials.public},
)
'''

    def client(self) -> str:
        arguments = [*self.credentials.arguments]
        declared = "".join(f"{each.name}: {each.annotation} = None, " for each in arguments)
        declared += "".join(f"{each.argument}: {_annotation(each)} = None, " for each in self.servers.variables)
        base, generic = ("VendorClient, Generic[TokenT]", True) if self.tokens else ("VendorClient", False)
        kinds = ("[str | TokenProvider]", "[AnyToken]") if generic else ("", "")
        title = safe(self.title)
        own = f"{self.name}Client"
        star = "*, " if declared else ""
        more = [quoted(each.argument) for each in self.servers.variables]
        return f'''{self.mark}
"""The clients for {title}."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Generic, Literal, Self, Unpack

from accordant.clients import (
    AnyToken,
    AsyncClient,
    Client,
    ClientSettings,
    TokenProvider,
    TokenT,
    VendorClient,
    filled,
    located,
    only_settings,
)
from {self.packages.generated}.client import AsyncResources, Resources

from .auth import SECURITY
from .vendor import VARIABLES, VENDOR

class {own}({base}):
    """What both clients for {title} are made from."""

    def __init__(self, {star}{declared}**settings: Unpack[ClientSettings]) -> None:
        """{self._words()}"""
{self._constructor(arguments)}

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **settings: Unpack[ClientSettings]) -> Self:
        """{self._from_env()}"""
        variables = SECURITY.variables({", ".join(["environ", *more])})
        del environ
        only_settings(settings, cls.from_env)
        return cls({"**variables.arguments(), " if self._arguments() else ""}**variables.settings(settings))


class {self.name}({own}{kinds[0]}, Client, Resources):
    """A client for {title} that waits for its responses; safe to share among threads."""


class Async{self.name}({own}{kinds[1]}, AsyncClient, AsyncResources):
    """A client for {title} on an event loop; safe to share among its tasks."""
'''

    def _arguments(self) -> list[str]:
        return [
            *(each.name for each in self.credentials.arguments),
            *(each.argument for each in self.servers.variables),
        ]

    def _constructor(self, arguments: list[ClientArgument]) -> str:
        lines = [f"given = SECURITY.given({', '.join(f'{each.name}={each.name}' for each in arguments)})"]
        if arguments:
            lines.append("# Tracebacks that print local variables must not find them.")
            lines.append(f"del {', '.join(each.name for each in arguments)}")
        lines.append("only_settings(settings, self._constructor)")
        if self.servers.variables:
            values = ", ".join(f"{quoted(each.argument)}: {each.argument}" for each in self.servers.variables)
            lines.append(f"values = filled(VARIABLES, {{{values}}})")
            lines.append("vendor = located(VENDOR, VARIABLES, values, settings)")
            lines.append("super().__init__(vendor, SECURITY.auth(given, vendor, settings, values), settings)")
        else:
            lines.append("super().__init__(VENDOR, SECURITY.auth(given, VENDOR, settings), settings)")
        return "\n".join(f"        {line}" for line in lines)

    def _words(self) -> str:
        """The docstring of the constructor: what each argument is."""
        said = [_sentence(each) for each in self.credentials.arguments if each.doc]
        said += [_variable_sentence(each) for each in self.servers.variables]
        names = [f'``"{name}"``' for name in self.servers.environments]
        names.sort(key=lambda name: self.servers.default not in name)
        if len(names) > 1:
            said.append(f"``environment`` is {names[0]} (the default), {_listed(names[1:])}.")
        elif not names:
            said.append("``base_url`` is the address, which the document does not name.")
        said.append("The other settings are described at :class:`accordant.ClientSettings`.")
        more = "Raises ``ConfigurationError`` when credentials are missing or an address would be used without TLS. "
        return docstring(" ".join(said), 8, more=f"{more}Nothing is sent before the first call.")

    def _from_env(self) -> str:
        names = [f"``{self.prefix}_{name.upper()}``" for name in self._arguments()]
        address = f"``{self.prefix}_ENVIRONMENT`` or ``{self.prefix}_BASE_URL``, which ``settings`` overrule"
        reads = f"{', '.join(names)} where they are set, and {address}" if names else address
        more = f"Reads {reads}. Raises ``ConfigurationError`` naming what is missing."
        what = "credentials" if self.credentials.arguments else "its address"
        return docstring(f"A client with {what} from the environment (or from ``environ``).", 8, more=more)


_LIKELY: Final = ("argument", "username", "password", "client_id", "client_secret", "token")


def _texts(values: tuple[str, ...]) -> str:
    return f"({''.join(f'{quoted(each)}, ' for each in values)})"


def _annotation(variable: VariableView) -> str:
    if not variable.choices:
        return "str | None"
    return f"Literal[{', '.join(quoted(each) for each in variable.choices)}] | None"


def _sentence(argument: ClientArgument) -> str:
    words = argument.doc if "``" in argument.doc and f"``{argument.name}``" in argument.doc else ""
    text = words or f"``{argument.name}`` {argument.doc}"
    return f"{text[:1].upper() if text[:1] != '`' else '`'}{text[1:]}."


def _variable_sentence(variable: VariableView) -> str:
    words = f"``{variable.argument}`` is a part of the address"
    if variable.doc:
        words += f": {variable.doc.rstrip('.')}"
    if variable.choices:
        return f"{words} ({', '.join(variable.choices)}; {variable.default} by default)."
    return f"{words} ({variable.default} by default)." if variable.default else f"{words}."


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else f"or {names[0]}"
