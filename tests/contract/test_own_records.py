"""A run that may write at an account: it touches none but its own records, and deletes them again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve

from accordant_contract import __main__ as command
from accordant_contract.document.document import Operation, load
from accordant_contract.document.values import Arguments, Exchange
from accordant_contract.errors import ContractError, NotJudgedError
from accordant_contract.records.journal import MadeRecord, OpenWrite, RunJournal, earlier
from accordant_contract.records.store import RecordStore
from accordant_contract.run import cleanup
from accordant_contract.run.live_rows import kill_in_the_middle, rows
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.run.workers import clean_up, processes, quiet
from accordant_contract.target import senders, targets, vendor
from accordant_contract.target.patience import Patience
from accordant_contract.target.request_builder import build
from accordant_runtime import dumps
from accordant_sandbox import Sandbox

SHORT: Final = evolve(PROFILES["quick"], examples=2, chains=2, fields=2)
OVER_HTTP: Final = ("dispatch",)
"""The vendor that a whole run reaches over HTTP; for the others, server and sockets would cost more than the run."""
MANY: Final = ("dime_scheduler", "espace")
"""Vendors with many operations of a kind: every second is tried here, and each by `make live-rows`."""
WHEN: Final = datetime(2026, 3, 1, 9, tzinfo=UTC)


def account(name: str, url: str, secrets: dict[str, str]) -> targets.Target:
    """A sandbox as if it were somebody's account, at which the run may write."""
    target = targets.remote(vendor.load(name), url, secrets)
    patience = Patience((), target.now, target.wait)
    return evolve(target, control=None, writes=True, guarded=True, exclusive=False, patience=patience)


def in_process(target: targets.Target, sandbox: Sandbox) -> targets.Target:
    """The same account, reached without sockets."""
    within = sandbox.credentials
    return evolve(target, base=str(within["base_url"]).rstrip("/"), send=sandbox.transport, client_arguments=within)


def _leave_to_the_system(_: int) -> None:
    """Do not wait until a file is on the disk."""


@pytest.mark.parametrize("name", vendor.names())
def test_a_run_leaves_an_account_as_it_was(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each record is there again after a run with WRITE=1, and no other; writes were tried, and nothing is found."""
    monkeypatch.setattr(os, "fsync", _leave_to_the_system)  # nothing is killed here, and the disk takes long
    with Sandbox(name, **vendor.load(name).sandbox) as sandbox:
        before = rows(sandbox)
        with (
            account(name, sandbox.url, sandbox.env()) as target,
            RunJournal.begin(tmp_path, name, target.base, WHEN) as kept,
        ):
            reached = target if name in OVER_HTTP else in_process(target, sandbox)
            focus = list(load(name).operations)[:: 2 if name in MANY else 1]
            run = Run(reached, Settings(SHORT, journal=kept, fuzz=False, focus={*focus, *vendor.load(name).logins}))
            run.execute()
        assert rows(sandbox) == before
        assert run.left_behind == []
        assert not earlier(tmp_path)
        operations = run.document.operations
        assert {"create", "upsert", "delete"} & {operations[each].action for each in run.results.covered}
        # The sandbox's calendar stands still, which an account's does not.
        found = [each.finding for each in run.results.findings.values() if each.finding.check != "date_truth"]
        assert not found, [each.message for each in found]


def _write_until_killed(name: str, url: str, secrets: dict[str, str], folder: str) -> None:
    quiet()
    with account(name, url, secrets) as target:
        journal = RunJournal.begin(Path(folder), name, url, WHEN)
        Run(target, Settings(SHORT, journal=journal, fuzz=False)).execute()


@pytest.mark.parametrize("name", vendor.names())
def test_what_a_killed_run_made_is_deleted_later(name: str, tmp_path: Path) -> None:
    """After SIGKILL in the middle of its writes, the journal on disk is enough to delete all that the run made."""
    with Sandbox(name, **vendor.load(name).sandbox) as sandbox:
        before = rows(sandbox)
        child = processes().Process(
            target=_write_until_killed, args=(name, sandbox.url, sandbox.env(), str(tmp_path)), daemon=True
        )
        child.start()
        assert child.pid is not None
        kill_in_the_middle(child.pid, child.is_alive, lambda: int(rows(sandbox) != before))
        child.join()
        assert rows(sandbox) != before
        files = earlier(tmp_path, name, sandbox.url)
        with account(name, sandbox.url, sandbox.env()) as target:
            assert list(clean_up(files, target).values()) == [[]]
        assert rows(sandbox) == before
        assert not earlier(tmp_path)


def test_a_cleanup_makes_nothing_and_forgets_nothing(tmp_path: Path) -> None:
    """Records of every kind whose deletion names others are deleted without a new one being made; none is left."""
    with Sandbox("dime_scheduler") as sandbox:
        before = rows(sandbox)
        with (
            account("dime_scheduler", sandbox.url, sandbox.env()) as target,
            RunJournal.begin(tmp_path, "dime_scheduler", sandbox.url, WHEN) as journal,
        ):
            run = Run(target, Settings(SHORT, journal=journal))
            operations = run.document.operations
            kinds = sorted({each.entity for each in operations.values() if each.action == "delete"})
            assert len([each for each in kinds if run.context.filler.make(each)]) > 30
        done = len(sandbox.journal)
        with account("dime_scheduler", sandbox.url, sandbox.env()) as target:
            assert list(clean_up(earlier(tmp_path), target).values()) == [[]]
        assert rows(sandbox) == before
        called = {operations[entry.operation] for entry in list(sandbox.journal)[done:] if entry.operation}
        assert not [each.id for each in called if each.action in ("create", "upsert")]


@pytest.mark.parametrize("arrived", [True, False])
def test_a_write_that_was_killed_is_undone_by_its_key(tmp_path: Path, arrived: bool) -> None:
    """A record that no list shows is deleted by the key that its write named, whether the write arrived or not."""
    with Sandbox("dime_scheduler") as sandbox:
        before = rows(sandbox)
        with (
            account("dime_scheduler", sandbox.url, sandbox.env()) as target,
            RunJournal.begin(tmp_path, "dime_scheduler", sandbox.url, WHEN) as journal,
        ):
            context = Run(target, Settings(SHORT, journal=journal)).context
            operation = context.session.document.operations["upsertJob"]
            arguments, guard = context.filler.arguments(operation), context.session.guard
            assert arguments is not None
            assert guard is not None
            guard.begin(operation, arguments)
            if arrived:
                headers = context.session.opening(operation)
                request = build(operation, arguments, target.base, headers)
                assert target.send(request.method, request.url, request.headers, request.body, 5.0)[0] == 200
                assert rows(sandbox) != before
        with account("dime_scheduler", sandbox.url, sandbox.env()) as target:
            assert list(clean_up(earlier(tmp_path), target).values()) == [[]]
        assert rows(sandbox) == before


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Run]:
    """A run that may write, at a Dispatch account, with an empty journal."""
    with (
        Sandbox("dispatch") as sandbox,
        account("dispatch", sandbox.url, sandbox.env()) as target,
        RunJournal.begin(tmp_path, "dispatch", sandbox.url, WHEN) as journal,
    ):
        yield Run(target, Settings(SHORT, journal=journal))


def test_what_a_cleanup_makes_is_deleted_too(running: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that is made on the way to the deletion of another one is deleted as well."""
    context, journal = running.context, running.settings.journal
    assert journal is not None
    assert context.filler.make("brand") is not None
    calling, making = RecordStore.call, iter(range(2))

    def call(store: RecordStore, operation: Operation, arguments: Arguments, **how: Any) -> Exchange:
        exchange = calling(store, operation, arguments, **how)
        if operation.action == "delete" and next(making, None) is not None:
            context.filler.make("brand")
        return exchange

    monkeypatch.setattr(RecordStore, "call", call)
    assert cleanup.clean(context, journal) == []
    assert next(making, None) is None
    assert journal.made == []


@pytest.fixture
def session(running: Run) -> Any:
    """The session of such a run."""
    return running.session


def test_no_request_leaves_for_somebody_elses_record(session: Any) -> None:
    """Whatever asks for it, a change or deletion of a record that the run did not make is not sent."""
    with pytest.raises(NotJudgedError, match="brand 1 is not the run's own"):
        session.call("deleteBrand", Arguments(path={"id": 1}))
    with pytest.raises(NotJudgedError, match="job 101 is not the run's own"):
        session.call("createAppointment", Arguments(body={"appointment": {"job_id": 101}, "job_id": 101}))
    with pytest.raises(NotJudgedError, match="the API cannot delete a job again"):
        session.call("createJob", Arguments(body={}))
    with pytest.raises(NotJudgedError, match="may change a record"):
        session.unjudged(session.document.operations["listJobs"], "DELETE", Arguments())


def test_a_run_that_writes_needs_a_journal() -> None:
    """Without a journal a run at an account does not begin: what it makes could be lost."""
    with (
        Sandbox("dispatch") as sandbox,
        account("dispatch", sandbox.url, sandbox.env()) as target,
        pytest.raises(ContractError, match="needs a journal"),
    ):
        Run(target, Settings(SHORT))


def test_a_journal_survives(tmp_path: Path) -> None:
    """A journal that was cut off in the middle of a line still names every record and every open write before it."""
    journal = RunJournal.begin(tmp_path, "dispatch", "https://api.dispatch.test", WHEN)
    journal.settled(journal.intend(OpenWrite("createBrand", ("accordant elm",))), MadeRecord("brand", 7))
    journal.settled(journal.intend(OpenWrite("createBrand", ())), MadeRecord("brand", 8))
    journal.gone(MadeRecord("brand", 7))
    journal.intend(OpenWrite("createCustomer", ("accordant kelp",), (("organization", 9),)))
    assert RunJournal.resume(journal.file) is None  # its run goes on
    journal.close()
    with journal.file.open("a", encoding="utf-8") as stream:
        stream.write('{"settled": 3, "ent')
    found = RunJournal.resume(journal.file)
    assert found is not None
    assert found.made == [MadeRecord("brand", 8)]
    assert list(found.open_writes.values()) == [
        OpenWrite("createCustomer", ("accordant kelp",), (("organization", 9),))
    ]
    found.close()


def test_cleanup_says_what_there_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says that nothing is left, which variables it lacks, and which file is no journal."""
    arguments = ["cleanup", "--journals", str(tmp_path)]
    assert command.main(arguments, {}) == 0
    assert "nothing is left to delete" in capsys.readouterr().out
    journal = RunJournal.begin(tmp_path, "dispatch", "https://api.dispatch.test", WHEN)
    journal.settled(journal.intend(OpenWrite("createBrand", ())), MadeRecord("brand", 7))
    journal.close()
    assert command.main(arguments, {}) == 77
    assert "DISPATCH_CLIENT_ID" in capsys.readouterr().out
    (tmp_path / "dispatch-other.jsonl").write_text("[]\n", encoding="utf-8")
    assert command.main(arguments, {}) == 2
    assert "dispatch-other.jsonl is no journal" in capsys.readouterr().err


def test_a_write_that_no_list_could_show_is_left_behind(tmp_path: Path) -> None:
    """A write without a known result is done with only once a list was read whole; where none can be, it is listed."""
    with Sandbox("dispatch") as sandbox, account("dispatch", sandbox.url, sandbox.env()) as target:
        reaches = target.send

        def send(method: str, url: str, *rest: Any) -> senders.Reply:
            return (500, [], b"") if "/brands" in url else reaches(method, url, *rest)

        journal = RunJournal.begin(tmp_path, "dispatch", sandbox.url, WHEN)
        journal.intend(OpenWrite("createBrand", ("accordant elm",)))
        journal.close()
        files = earlier(tmp_path)
        left = clean_up(files, evolve(target, send=send))[files[0]]
        assert left is not None
        assert [each.what for each in left] == ["createBrand, write 1"]
        assert clean_up(earlier(tmp_path), target) == {files[0]: []}


def test_what_a_reading_does_not_find_is_not_left_behind(tmp_path: Path) -> None:
    """Where a deletion is refused, a record that is there is listed, and one that is not there is done with."""
    with Sandbox("dibop") as sandbox, account("dibop", sandbox.url, sandbox.env()) as target:
        reaches = target.send

        def send(method: str, url: str, *rest: Any) -> senders.Reply:
            return (400, [], b"") if method == "DELETE" else reaches(method, url, *rest)

        there = sandbox.state.orchestrations.all()[0]["id"]
        gone = f"{there[:-4]}0000"
        journal = RunJournal.begin(tmp_path, "dibop", sandbox.url, WHEN)
        for key in (there, gone):
            journal.settled(journal.intend(OpenWrite("createOrchestration", ())), MadeRecord("orchestration", key))
        journal.close()
        files = earlier(tmp_path)
        left = clean_up(files, evolve(target, send=send))[files[0]]
        assert left is not None
        assert [each.what for each in left] == [f"orchestration {there}"]


def test_a_refusal_in_a_success_deletes_nothing(tmp_path: Path) -> None:
    """A deletion that HTTP 200 answers and its body refuses has deleted nothing: a list tells what is there still."""
    refused = dumps({"content": '{"Error": "Not found"}', "contentType": "application/json", "statusCode": 500})
    with (
        Sandbox("dime_scheduler") as sandbox,
        account("dime_scheduler", sandbox.url, sandbox.env()) as target,
    ):
        reaches = target.send

        def send(method: str, url: str, *rest: Any) -> senders.Reply:
            there = method == "DELETE" and url.endswith("/notification")
            return (200, [("content-type", "application/json")], refused) if there else reaches(method, url, *rest)

        there = sandbox.state.notifications.all()[0]["connectorId"]
        journal = RunJournal.begin(tmp_path, "dime_scheduler", sandbox.url, WHEN)
        for key in (there, "gone before"):
            journal.settled(journal.intend(OpenWrite("upsertNotification", ())), MadeRecord("notification", key))
        journal.close()
        files = earlier(tmp_path)
        left = clean_up(files, evolve(target, send=send))[files[0]]
        assert left is not None
        assert [each.what for each in left] == [f"notification {there}"]


def test_a_deletion_of_several_deletes_each(tmp_path: Path) -> None:
    """What one request deletes as a list is settled, row by row."""
    with (
        Sandbox("dime_scheduler") as sandbox,
        account("dime_scheduler", sandbox.url, sandbox.env()) as target,
        RunJournal.begin(tmp_path, "dime_scheduler", target.base, WHEN) as kept,
    ):
        run = Run(target, Settings(SHORT, journal=kept, fuzz=False))
        operations = run.document.operations
        made = [run.context.filler.arguments(operations["upsertNotification"]) for _ in range(2)]
        bodies = [each.body for each in made if each is not None]
        for body in bodies:
            assert run.context.store.call(operations["upsertNotification"], Arguments(body=body)).success
        assert sum(each.entity == "notification" for each in kept.made) == 2
        assert run.context.store.call(operations["deleteNotification"], Arguments(body=bodies)).success
        assert not any(each.entity == "notification" for each in kept.made)
