"""Python names for what a document names."""

from __future__ import annotations

import keyword
import re

_RESERVED = frozenset({"self", "cls", "options", "None", "True", "False"})


def snake(text: str) -> str:
    """``FilterJob ID`` becomes ``filter_job_id``; ``filter[x_eq]`` becomes ``x_eq``; the result is an identifier."""
    bracket = re.fullmatch(r"[^\[\]]+\[([^\[\]]+)\](\[\])?", text)
    text = bracket.group(1) if bracket else text
    text = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", text)
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text)
    text = re.sub(r"\W+", "_", text).strip("_").lower()
    text = "".join(character for character in text if f"a{character}".isidentifier()) or "value"
    return identifier(re.sub(r"__+", "_", text))


def identifier(text: str) -> str:
    """A valid Python identifier that is no keyword and shadows nothing that methods need."""
    if not text[0].isidentifier():
        text = f"n{text}"
    return f"{text}_" if keyword.iskeyword(text) or text in _RESERVED else text


def constant(text: str) -> str:
    """``listAppointments`` becomes ``LIST_APPOINTMENTS``."""
    return snake(text).upper()


def pascal(text: str) -> str:
    """``survey_responses`` becomes ``SurveyResponses``."""
    name = "".join(part[:1].upper() + part[1:] for part in re.split(r"[\W_]+", text) if part)
    return f"N{name}" if name[:1].isdigit() else name


def singular(text: str) -> str:
    """The singular of an English plural, by rule: ``companies`` → ``company``, ``statuses`` → ``status``."""
    for plural, single in (("ies", "y"), ("sses", "ss"), ("uses", "us"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if text.endswith(plural) and len(text) > len(plural) + 1:
            return text[: -len(plural)] + single
    return text[:-1] if text.endswith("s") and not text.endswith(("ss", "us", "is")) else text
