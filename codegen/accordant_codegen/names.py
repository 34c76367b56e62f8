"""Python names for what a document names.

Python reads names in Unicode's normal form NFKC, in which ``\ufb01`` and ``fi`` are the same; so every name is put into
it before it is compared with another.
"""

from __future__ import annotations

import hashlib
import keyword
import re
import unicodedata
from functools import lru_cache
from typing import Final

_RESERVED = frozenset({"self", "cls", "options", "None", "True", "False"})
CLIENT_ATTRIBUTES: Final = frozenset(
    {"base_url", "capture", "close", "deviations", "environment", "from_env", "raw", "request", "with_options"}
)
"""What a client has itself; a resource of that name could not be reached."""
_CLIENT_IMPORTS: Final = frozenset(
    {
        *("AnyToken", "AsyncClient", "AsyncResources", "Client", "ClientSettings", "Final", "Generic", "Literal"),
        *("Mapping", "Resources", "Self", "Sequence", "TokenProvider", "TokenT", "Unpack", "VendorClient"),
    }
)
"""What the module of a client imports."""
DEVICES: Final = frozenset(
    {"aux", "con", "nul", "prn", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}
)
"""What is no file under Windows, whatever its suffix."""
LONGEST: Final = 120
"""Bytes of a name: file names end at 255, with a suffix and further words."""


def normal(text: str) -> str:
    """The text as Python reads it within a name."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _may_stay(character: str) -> bool:
    """Whether a character separates words or belongs to a name: a superscript two does neither."""
    return f"a{character}".isidentifier() or not character.isalnum()


def shortened(name: str, text: str, longest: int = LONGEST) -> str:
    """The name, or where it has too many bytes its beginning and a hash of the text that it was made from."""
    if len(name.encode("utf-8", "replace")) <= longest:
        return name
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{name.encode('utf-8', 'replace')[: longest - 9].decode('utf-8', 'ignore').rstrip('_')}_{digest}"


@lru_cache(maxsize=16384)
def snake(text: str) -> str:
    """``FilterJob ID`` becomes ``filter_job_id``; ``filter[x_eq]`` becomes ``x_eq``; the result is an identifier."""
    source, text = text, normal("".join(filter(_may_stay, text)))
    bracket = re.fullmatch(r"[^\[\]]+\[([^\[\]]+)\](\[\])?", text)
    text = bracket.group(1) if bracket else text
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", text)
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    text = normal(re.sub(r"\W+", "_", text).lower())
    text = re.sub(r"\W+", "_", "".join(filter(_may_stay, text)))  # a small letter may be a letter and an accent
    text = re.sub(r"__+", "_", text.strip("_") or "value")
    return identifier(shortened(_begun(text), source))


def identifier(text: str) -> str:
    """A valid Python identifier that is no keyword and shadows nothing that methods need."""
    text = _begun(text)
    return f"{text}_" if keyword.iskeyword(text) or text in _RESERVED else text


def _begun(text: str) -> str:
    return text if text[0].isidentifier() else f"n{text}"


def constant(text: str) -> str:
    """``listAppointments`` becomes ``LIST_APPOINTMENTS``."""
    return normal(snake(text).upper())


def pascal(text: str) -> str:
    """``survey_responses`` becomes ``SurveyResponses``."""
    name = "".join(part[:1].upper() + part[1:] for part in re.split(r"[\W_]+", normal(text)) if part)
    return normal(f"N{name}" if name[:1].isdigit() else name)


def singular(text: str) -> str:
    """The singular of an English plural, by rule: ``companies`` → ``company``, ``statuses`` → ``status``."""
    for plural, single in (("ies", "y"), ("sses", "ss"), ("uses", "us"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if text.endswith(plural) and len(text) > len(plural) + 1:
            return text[: -len(plural)] + single
    return text[:-1] if text.endswith("s") and not text.endswith(("ss", "us", "is")) else text


def resource_name(tag: str) -> str:
    """The client's attribute for the operations of a tag; none that the client has already."""
    name = snake(tag)
    return f"{name}_" if name in CLIENT_ATTRIBUTES else name


def client_class_name(vendor: str) -> str:
    """What the blocking client of a vendor is called; the other one has ``Async`` before it."""
    name = pascal(vendor)
    return f"{name}Api" if {name, f"Async{name}", f"{name}Client"} & _CLIENT_IMPORTS else name


def module_name(name: str, taken: frozenset[str]) -> str:
    """The module of a resource: none that every package has, and no device of Windows."""
    plain = name
    while plain.endswith("_resource"):
        plain = plain.removesuffix("_resource")
    return f"{name}_resource" if plain in taken | DEVICES else name
