"""The fuzzer's requests to a sandbox in this process: the same responses and errors, without a socket."""

from __future__ import annotations

import pytest
import requests

from accordant_contract.fuzz.in_process import SandboxAdapter
from accordant_contract.target import targets, vendor
from accordant_contract.target.targets import Target


def session(target: Target) -> requests.Session:
    """A session whose requests go to a target in process."""
    made = requests.Session()
    made.mount("http://", SandboxAdapter(target))
    return made


def test_a_response_is_what_the_sandbox_gave() -> None:
    """Status, fields and body arrive as over HTTP, and no server is started for it."""
    with targets.local(vendor.load("dispatch"), way="mixed") as target, session(target) as sent:
        assert target.fuzzed_in_process
        found = sent.get(f"{target.base}/v3/jobs", headers={"Authorization": "Bearer none"})
        assert target.sandbox is not None
        assert [(entry.status, entry.path) for entry in target.sandbox.journal][-1] == (found.status_code, "/v3/jobs")
    assert found.status_code == 401
    assert found.headers["Content-Type"].startswith("application/json")
    assert found.json()


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (TimeoutError("slow"), requests.exceptions.ReadTimeout),
        (ConnectionResetError("gone"), requests.exceptions.ConnectionError),
    ],
)
def test_a_broken_connection_is_one_for_the_fuzzer_too(
    raised: OSError, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the sandbox raises where a connection would break is what a session raises."""

    def broken(*_: object) -> None:
        raise raised

    with targets.local(vendor.load("dispatch"), way="mixed") as target, session(target) as sent:
        monkeypatch.setattr(target, "send", broken)
        with pytest.raises(expected):
            sent.get(f"{target.base}/v3/jobs")


def test_over_http_the_fuzzer_goes_over_http() -> None:
    """Runs that reach their sandbox over HTTP, as the full profile does, fuzz it over HTTP as well."""
    with targets.local(vendor.load("dispatch"), way="http") as target:
        assert not target.fuzzed_in_process
