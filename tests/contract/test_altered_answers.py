"""A run through something that alters a vendor's responses is red, and says what was altered."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from accordant_contract.__main__ import main
from accordant_sandbox import Sandbox

from .loopback_servers import AlteringProxy


def a_number(_: str) -> object:
    """Another type."""
    return 7


def shortened(text: str) -> object:
    """A text that is as valid as the one that was written."""
    return text[:-1]


def same(text: str) -> object:
    """No change."""
    return text


FIELDS = {
    "dispatch": ("title", "getJob", "updateJob"),
    "dibop": ("description", "getOrchestration", "updateOrchestration"),
    "dime_scheduler": ("text", "listNotifications", "updateNotification"),
    "espace": ("SerialNumber", "Equipment_Equipment", "Equipment_Update"),
}
"""A text of each vendor's records, an operation that reads it, and one that writes it."""
CASES = [
    (name, field, which, check, alter)
    for name, (field, reads, writes) in FIELDS.items()
    for which, check, alter in ((reads, "client_truth", a_number), (writes, "read_after_write", shortened))
]


def run(name: str, field: str, alter: Callable[[str], object], folder: Path, *more: str) -> int:
    """The command at a sandbox, through a proxy."""
    with Sandbox(name) as sandbox, AlteringProxy(sandbox.url, field, alter) as proxy:
        variables = {key: value for each in sandbox.principals for key, value in sandbox.env(each).items()}
        return main(["run", "--vendor", name, "--target", proxy.url, "--out", str(folder), *more], variables)


@pytest.mark.parametrize(
    ("name", "field", "operation", "check", "alter"), CASES, ids=[f"{each[2]}-{each[3]}" for each in CASES]
)
def test_a_run_through_a_proxy_that_alters_answers_is_red_and_names_what(
    name: str,
    field: str,
    operation: str,
    check: str,
    alter: Callable[[str], object],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`make contract VENDOR= TARGET=` through something that changes a field, or a text in a valid way, exits with 1:
    operation and path, check, expected, seen."""
    assert run(name, field, alter, tmp_path, "--operation", operation, "--check", check) == 1
    said = capsys.readouterr().out
    finding = re.search(rf"^FINDING {check} {operation} at (\S+).*\n(?:  .*\n)+", said, re.MULTILINE)
    assert finding, said
    assert finding[1].endswith(f".{field}")
    expected, seen = (re.search(rf"^  {word}: (.+)$", finding[0], re.MULTILINE) for word in ("expected", "seen"))
    assert expected, finding[0]
    assert seen, finding[0]
    assert expected[1] != seen[1]
    if alter is shortened:
        assert expected[1].strip("'\"").startswith(seen[1].strip("'\""))
    else:
        assert "integer" in seen[1]


def test_a_proxy_that_alters_nothing_leaves_a_run_green(tmp_path: Path) -> None:
    """It is the altered field that is found, not the proxy."""
    field, _, writes = FIELDS["dispatch"]
    more = ("--operation", writes, "--check", "read_after_write")
    assert run("dispatch", field, same, tmp_path, *more) == 0
