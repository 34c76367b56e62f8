"""Schemathesis as it comes: its own phases and checks, a token, and nothing of ours; to compare with."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection
from typing import Any, Final

import schemathesis
from hypothesis.configuration import set_hypothesis_home_dir
from schemathesis.engine import Status, events, from_schema

from ..document.checks import Failure
from ..run.profiles import PROFILES
from ..run.runner import Run, Settings
from ..target.targets import Target
from .engine import TABLES, Fuzzer, config_from_dict
from .expected_rejections import ExpectedRejections
from .in_process import in_process
from .traffic import operation_of

EXAMPLES: Final = 4
"""Examples of each operation: as many as the quick profile's."""
SECONDS: Final = 20.0
"""Of this process's time, after which a run with a fault is stopped: fifty times what the judges take."""


def failures(target: Target, seed: int, known: Collection[Failure] | None = None) -> set[Failure]:
    """The failures of one run that are not among the known ones.

    A run with known failures, those of the sandbox without a fault, ends at the first other one.
    """
    run = Run(target, Settings(PROFILES["quick"], seed, focus=()))
    fuzzer = Fuzzer(run.session, run.settings.profile, seed, ExpectedRejections(run.document, target.vendor.policy, {}))
    found: set[Failure] = set()
    with tempfile.TemporaryDirectory(prefix="accordant-plain-") as folder:
        set_hypothesis_home_dir(TABLES)
        config = config_from_dict(_configuration(fuzzer, folder))
        schema = schemathesis.openapi.from_dict(dict(run.document.data), config=config)
        with in_process(schema, target):
            begun = time.process_time()
            for event in (stream := from_schema(schema).execute()):
                if isinstance(event, events.ScenarioFinished):
                    found |= _failed(event.recorder) - set(known or ())
                if known is not None and (found or time.process_time() - begun > SECONDS):
                    stream.stop()
    run.context.clients.close()
    return found


def _failed(recorder: Any) -> set[Failure]:
    return {
        (node.name, operation_of(recorder.cases[case].value))
        for case, nodes in recorder.checks.items()
        for node in nodes
        if node.status == Status.FAILURE
    }


def _configuration(fuzzer: Fuzzer, folder: str) -> dict[str, Any]:
    """What a user gives it: the address, a credential, a seed; all else is as schemathesis comes."""
    target = fuzzer.session.target
    return {
        "seed": fuzzer.seed,
        "base-url": target.base,
        "workers": 1,
        "continue-on-failure": True,
        "request-timeout": target.timeout,
        "headers": fuzzer.headers(),
        **({"auth": {"openapi": keys}} if (keys := fuzzer.keys()) else {}),
        "generation": {"max-examples": EXAMPLES, "database": "none"},
        "cache": {"enabled": False, "directory": folder},
    }
