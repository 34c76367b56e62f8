"""Schemathesis as it comes: its own phases and checks, a token, and nothing of ours; to compare with."""

from __future__ import annotations

import copy
import tempfile
import time
from collections.abc import Collection, Mapping
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
"""Of this process's time, after which a run with a fault is stopped: many times what the judges take."""


def failures(
    target: Target, seed: int, operations: Collection[str], known: Collection[Failure] | None = None
) -> set[Failure]:
    """The failures of one run over some operations that are not among the known ones.

    A run with known failures, those of the sandbox without a fault, ends at the first other one. A request that came
    to nothing counts as well: schemathesis reports it, though it is the failure of no check.
    """
    run = Run(target, Settings(PROFILES["quick"], seed, focus=()))
    fuzzer = Fuzzer(run.session, run.settings.profile, seed, ExpectedRejections(run.document, target.vendor.policy, {}))
    found: set[Failure] = set()
    with tempfile.TemporaryDirectory(prefix="accordant-plain-") as folder:
        set_hypothesis_home_dir(TABLES)
        config = config_from_dict(_configuration(fuzzer, folder))
        schema = schemathesis.openapi.from_dict(_part(run.document.data, operations), config=config)
        with in_process(schema, target):
            begun = time.process_time()
            for event in (stream := from_schema(schema).execute()):
                if isinstance(event, events.ScenarioFinished):
                    found |= _failed(event.recorder) - set(known or ())
                elif isinstance(event, events.NonFatalError):
                    found |= {(f"error: {type(event.value).__name__}", event.label)} - set(known or ())
                if known is not None and (found or time.process_time() - begun > SECONDS):
                    stream.stop()
    run.context.clients.close()
    return found


def _part(data: Mapping[str, Any], operations: Collection[str]) -> dict[str, Any]:
    """The document with these operations alone."""
    part: dict[str, Any] = copy.deepcopy(dict(data))
    for path, item in list(part["paths"].items()):
        for method in [name for name, each in item.items() if "operationId" in each]:
            if item[method]["operationId"] not in operations:
                del item[method]
        if not any("operationId" in each for each in item.values()):
            del part["paths"][path]
    return part


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
