"""All that a run changes in schemathesis and hypothesis, for as long as it fuzzes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from ..target.session import TargetSession
from .addresses import past_bad_addresses
from .constants import no_constants_of_the_code
from .in_process import in_process
from .patience import patiently
from .sending import past_the_environment


@contextmanager
def adapted(schema: Any, session: TargetSession) -> Generator[None]:
    """While this lasts, the fuzzer sends as the target needs it, and makes up what the seed alone decides."""
    target = session.target
    with (
        in_process(schema, target),
        past_the_environment(schema.transport, target.base),
        patiently(schema, session),
        past_bad_addresses(),
        no_constants_of_the_code(),
    ):
        yield
