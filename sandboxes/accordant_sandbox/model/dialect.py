"""The dialect: one frozen object per vendor with its choices where an OpenAPI document leaves open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from accordant_sandbox.http.exchange import Answer, Request
from accordant_sandbox.model.envelopes import Envelope
from accordant_sandbox.model.limits import Bucket, Spent
from accordant_sandbox.model.problems import Kind, Problem
from accordant_sandbox.model.query import Named, QueryStyle
from accordant_sandbox.ports import Authenticator, Call

__all__ = ["Dialect", "ProblemMapper", "Reading"]

ProblemMapper: TypeAlias = Callable[[Problem, Call | None, Request], Answer]


@dataclass(frozen=True, slots=True)
class Reading:
    """How texts of a format are read: a function that makes the documented form of a text, or raises ValueError.

    `rule` is noted when a text came in another form.
    """

    read: Callable[[str], str]
    rule: str | None = None


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a vendor speaks.

    Args:
        envelope: What surrounds records in a success.
        problem: Turns a problem into status, headers and body. The call is None for requests that match no operation.
        authenticators: The check of each security scheme of the document, by scheme name.
        query: How query parameters are spelled.
        any_case_paths: Literal path segments match without case.
        any_case_bodies: Property names in bodies match without case; they are stored in the documented spelling.
        path_aliases: Further path templates, each with the documented one that it means.
        readings: How texts of a format are read where the vendor takes more forms than it documents, by format. They
            apply to bodies and query parameters.
        null_is_absent: A null in a property of a body that does not allow it counts as if it were not there.
        include: The query parameter that names the parts which a response shall hold (see `Collection.parts`).
        include_rule: The vendor's rule behind it.
        preflight: Headers of the response to OPTIONS, which browsers ask before a call; empty = the method is unknown.
        bad_path_parameter: Problem kind of a path parameter that does not fit its schema.
        media_aliases: Further request media types, each with the documented one that it is read as.
        limits: Rate-limit buckets.
        limit_headers: Headers that tell a client what is left of a limit.
        stamp: Adds the headers that every response of the vendor carries.
        opened_by: Operations that a setting opens to callers without a credential: operation id to setting.
        denied: What a role may not use: by role, globs of operation ids, each with the rule that says so.
        settings: Names and defaults of the vendor's settings. A value has the kind of its default; a tuple has the
            texts that a setting may be, the default first.
    """

    envelope: Envelope
    problem: ProblemMapper
    authenticators: Mapping[str, Authenticator]
    query: QueryStyle = field(default_factory=Named)
    any_case_paths: bool = False
    any_case_bodies: bool = False
    path_aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    readings: Mapping[str, Reading] = field(default_factory=dict[str, "Reading"])
    null_is_absent: bool = False
    include: str = ""
    include_rule: str | None = None
    preflight: Mapping[str, str] = field(default_factory=dict[str, str])
    bad_path_parameter: Kind = "not_found"
    media_aliases: Mapping[str, str] = field(default_factory=dict[str, str])
    limits: tuple[Bucket, ...] = ()
    limit_headers: Callable[[Spent], Mapping[str, str]] | None = None
    stamp: Callable[[Call | None, Answer, str], None] | None = None
    opened_by: Mapping[str, str] = field(default_factory=dict[str, str])
    denied: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
