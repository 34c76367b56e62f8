"""The behaviour table: what its rows say can be relied on."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from attrs import evolve

from benchmarks.lab import command, peer_runs
from benchmarks.lab.cases import GROUPS, TWINS, VENDORS, Case, Expect, Seen, judge
from benchmarks.lab.command import lab, table_of
from benchmarks.lab.registry import chosen, registry
from benchmarks.lab.replies import cut, hang, http
from benchmarks.lab.running import play, run_here
from benchmarks.lab.server import Connection, LabServer
from benchmarks.lab.table import Table, escaped

ROOT = Path(__file__).resolve().parents[2]
QUICK = (
    *("stray/second-response", "stray/before-write", "stray/204-body", "cuts/in-body", "cuts/idle-closed"),
    *("framing/two-lengths", "framing/length-and-chunks", "time/hung", "statuses/404", "statuses/503-once"),
    *("waits/seconds", "waits/reset-epoch", "writes/cut", "writes/500", "writes/delete-cut", "tokens/expires-zero"),
    *("tokens/utf16", "tokens/refused-200", "tokens/single-flight", "redirects/302", "bodies/html", "bodies/surrogate"),
    *("bodies/other-record-strict", "bodies/bomb", "lists/deleted", "lists/cycle", "settings/typo-enviroment"),
    *("settings/url-blank", "life/closed", "life/cancelled", "secrets/plain", "proxies/tunnel", "proxies/407"),
)
"""Cases of every group that take next to no time."""
BY_ID = {case.id: case for case in registry()}
NAMED = BY_ID["statuses/404"]


@pytest.mark.parametrize("name", QUICK)
def test_promises(name: str) -> None:
    """The clients of all vendors keep what the documentation promises in this case."""
    wrong = [row for row in run_here([BY_ID[name]]) if not row.ok]
    assert not wrong


def test_the_quick_cases_are_of_every_group() -> None:
    """The cases that every test run plays leave out no group."""
    assert {BY_ID[name].group for name in QUICK} == set(GROUPS)


def test_the_registry() -> None:
    """There are at least 120 rows, every one with a name of its own, a known group and something promised."""
    cases = registry()
    assert len(cases) >= 120
    assert {name: count for name, count in Counter(case.id for case in cases).items() if count > 1} == {}
    assert {case.group for case in cases} == set(GROUPS)
    titles = Counter((case.group, case.title) for case in cases)
    assert {title: count for title, count in titles.items() if count > 1} == {}
    for case in cases:
        assert case.id.partition("/")[0] == case.group.partition(" ")[0], case.id
        assert case.expect.outcomes, case.id
        assert set(case.vendors) <= set(VENDORS), case.id
        assert set(case.twins) <= set(TWINS), case.id
        assert (case.run is None) != (case.script is None), case.id


def test_every_vendor_meets_most_cases() -> None:
    """No vendor's clients are left out of more than a quarter of the cases."""
    met = Counter(vendor for case in registry() for vendor in case.vendors)
    assert all(met[vendor] > 0.75 * len(registry()) for vendor in VENDORS)


def test_a_missed_promise_makes_the_exit_code_1() -> None:
    """A row that is not as promised is shown with what was seen, and the command fails."""
    wrong = evolve(NAMED, expect=Expect(("GoneError",), 1), vendors=("dispatch",))
    code, text = lab(cases=[wrong], peers=False)
    assert code == 1
    assert "MISS a read gets 404" in text
    assert "dispatch sync: NotFoundError; 1 request" in text
    assert text.endswith("1 cases, 2 rows: 0 as promised, 2 missed")


def test_kept_promises_make_the_exit_code_0() -> None:
    """Where everything is as promised the command succeeds."""
    code, text = lab(cases=[evolve(NAMED, vendors=("espace",))], peers=False)
    assert (code, text.splitlines()[-1]) == (0, "1 cases, 2 rows: 2 as promised, 0 missed")


@pytest.mark.parametrize(
    "expect",
    [
        Expect(("NotFoundError",), requests=2),
        Expect(("NotFoundError",), words="no such words"),
        Expect(("NotFoundError",), waits=(2.0,)),
        Expect(("NotFoundError",), tokens=1),
        Expect(("NotFoundError",), notes=("duplicate",)),
        Expect(("NotFoundError", "1")),
        Expect(("NotFoundError",), within=0.0),
    ],
)
def test_every_part_of_a_promise_counts(expect: Expect) -> None:
    """Requests, words, waits, tokens, notes, the number of outcomes and the time can each make a row a miss."""
    assert play(NAMED, "dibop", "sync").ok
    assert not play(evolve(NAMED, expect=expect), "dibop", "sync").ok


def test_alternatives() -> None:
    """Any of several equally right outcomes will do, and no other."""
    case = evolve(NAMED, expect=Expect(("NotFoundError|GoneError",)))
    assert judge(case, "dibop", "sync", Seen(("GoneError",))).ok
    assert not judge(case, "dibop", "sync", Seen(("ConflictError",))).ok
    assert case.expect.text() == "NotFoundError or GoneError"


def test_a_case_that_breaks_is_a_miss() -> None:
    """An error in the lab itself is a row that is not as promised, not the end of the table."""

    def broken(_: object) -> str:
        raise LookupError("the lab is broken")

    case = Case(id="life/broken", group="life", title="broken", run=broken, expect=Expect(("ok",)))
    assert play(case, "dispatch", "sync").seen == "LookupError: the lab is broken"


def test_servers_end() -> None:
    """Whatever a script does with its connections, nothing of the server is left."""
    before = threading.active_count()
    run_here([evolve(BY_ID[name], vendors=("dispatch",)) for name in QUICK if BY_ID[name].script])
    assert threading.active_count() <= before
    with LabServer([http({}), cut()]) as server:
        pass
    assert server.ended


def test_a_late_server_misses_no_request() -> None:
    """A request that was sent is counted, also when its client gave up before the server came to read it."""

    def late(connection: Connection, _request: bytes) -> None:
        connection.wait(60)  # until the server ends

    for _ in range(20):
        server = LabServer([hang()], greeting=late)
        with server, socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: vendor\r\n\r\n")
        assert len(server.requests) == 1
        assert server.ended


def test_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LAB_JSON writes every row with its group, its case, what was promised and what was seen."""
    path = tmp_path / "some" / "lab.json"
    monkeypatch.setenv("LAB_JSON", str(path))
    lab(cases=[evolve(NAMED, vendors=("dispatch",))], peers=False)
    data = json.loads(path.read_text())
    assert (data["cases"], data["missed"], len(data["rows"])) == (1, 0, 2)
    assert data["rows"][0] == {
        **{"case": "statuses/404", "group": "statuses", "title": "a read gets 404", "vendor": "dispatch", "ok": True},
        **{"twin": "sync", "expected": NAMED.expect.text(), "seen": NAMED.expect.text()},
    }


def test_choosing() -> None:
    """CASE chooses by a part of the id or the group; one that chooses nothing is an error that says so."""
    assert {case.group for case in chosen("stray")} == {"stray bytes"}
    assert len(chosen(None)) == len(registry())
    assert lab("no-such-case") == (2, f"no case of {len(registry())} has 'no-such-case' in its id or its group")


def test_a_page_shows_every_case(tmp_path: Path) -> None:
    """A page is not written from a part of the cases."""
    code, text = lab("statuses/404", page=str(tmp_path / "lab.md"), peers=False)
    assert (code, text) == (2, "a page shows every case: leave CASE out")
    assert not (tmp_path / "lab.md").exists()


def test_the_page_of_the_documentation() -> None:
    """docs/lab.md has a row for every case, with its promise, and no row for a case that is gone."""
    page = (ROOT / "docs" / "lab.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| case |")]
    assert len(rows) == len(registry())
    for case, row in zip(registry(), rows, strict=True):
        assert row.startswith(f"| {escaped(case.title)} | {escaped(case.expect.text())} |"), case.id
    assert page == page.replace(str(ROOT), "")


def test_the_page_is_the_same_each_time() -> None:
    """The same behaviour is the same text, for no row shows a time."""
    cases = [evolve(BY_ID[name], vendors=("dispatch",)) for name in ("time/hung", "waits/seconds", "writes/cut")]
    assert table_of(cases, apart=False, peers=False).page() == table_of(cases, apart=False, peers=False).page()


def test_peers_that_cannot_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the peers' environment their columns say so, and our rows decide alone."""
    monkeypatch.setattr(peer_runs, "interpreter", lambda: None)
    code, text = lab(cases=[evolve(NAMED, vendors=("dispatch",))])
    assert code == 0
    assert "openai: not installed | stripe: not installed | dimescheduler: not installed" in text


def test_peers_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a peer does, the exit code is that of our own rows."""

    def peers(_: Sequence[Case]) -> Mapping[tuple[str, str], str]:
        return {("statuses/404", "openai"): "a wrong record"}

    monkeypatch.setattr(command, "run_peers", peers)
    code, text = lab(cases=[evolve(NAMED, vendors=("dispatch",))])
    assert code == 0
    assert "openai: a wrong record" in text


def test_the_lock_of_the_peers_is_hashed_and_names_no_index() -> None:
    """The peers are pinned with hashes, and no package index is named."""
    text = (ROOT / "requirements" / "lab.txt").read_text(encoding="utf-8")
    pinned = [line for line in text.splitlines() if "==" in line and not line.startswith((" ", "#"))]
    assert {"openai", "stripe", "dimescheduler"} <= {line.partition("==")[0] for line in pinned}
    assert text.count("--hash=sha256:") >= len(pinned)
    assert "index" not in text
    assert "://" not in text


def test_cells_are_escaped() -> None:
    """What a server sent cannot break the page: bars, tags and line ends are harmless in a cell."""
    table = Table([evolve(NAMED, title="a | b <i>\nc")], [], {})
    assert r"| a \| b \<i\> c |" in table.page()
