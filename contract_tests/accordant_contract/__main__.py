"""``python -m accordant_contract``: run, cleanup, report, faults, regression, proxy, demo."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from io import TextIOWrapper
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from accordant._cli.streams import settle

from . import extra_commands
from .arguments import parser
from .document.checks import CHECKS
from .document.document import load
from .errors import ContractError, MissingSecretError
from .evidence import store
from .evidence.record import no_result, unfinished
from .printable import printable
from .records.journal import RunJournal, earlier
from .run import cleanup, demo
from .run.fault_table import run_faults
from .run.profiles import profile
from .run.progress import Progress, table
from .run.report import report
from .run.shards import shard
from .run.workers import Job, clean_up, do_all, quiet
from .target import senders, targets, vendor
from .target.addresses import given_parts
from .target.commands import switch

_WELL, _FINDINGS, _NO_VERDICT, _SKIPPED, _INTERRUPTED = 0, 1, 2, 77, 130
_SHOWN = 40


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Do one command, and return its exit code.

    0: all well. 1: findings. 2: no verdict, because of the arguments or because the target is not the API. 77: every
    vendor was skipped, because the environment lacks its address or credentials. 130: interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    quiet()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what an encoding lacks is written as an escape
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _command(words, environment)
        print(end="", flush=True)  # which may be closed
        return code
    except ContractError as error:
        print(f"contract tests: {printable(str(error))}", file=sys.stderr)
    except KeyboardInterrupt:
        print("contract tests: interrupted", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        pass
    except OSError as error:  # such as a full disk below the output
        place = f": {error.filename}" if error.filename else ""
        print(f"contract tests: cannot read or write: {error.strerror or error}{place}", file=sys.stderr)
    finally:
        settle(sys.stdout, sys.stderr)
    return _NO_VERDICT


def _command(words: Sequence[str], environment: Mapping[str, str]) -> int:
    if words[:1] == ["proxy"]:
        return extra_commands.proxy(words[1:], sys.stdout, sys.stderr)
    options = parser().parse_args(words)
    if options.command == "run":
        return _run(options, environment)
    if options.command in extra_commands.COMMANDS:
        return extra_commands.COMMANDS[options.command](options, sys.stdout)
    if options.command == "faults":
        return _faults(options)
    if options.command == "cleanup":
        return _cleanup(options, environment)
    if options.command == "demo":
        return _demo(options, _vendors(options.vendor), environment)
    print(json.dumps(report(_vendors(options.vendor), Path(options.out), options.jobs)))
    return _WELL


def _demo(options: argparse.Namespace, names: Sequence[str], environment: Mapping[str, str]) -> int:
    demo.verify_generated(sys.stdout)
    demo.sessions(names, sys.stdout)
    print("\nContract tests, quick profile", flush=True)
    code = _run(options, environment)
    demo.show_a_fault(names, sys.stdout)
    return code


def _run(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    if options.har:
        return extra_commands.judge_recording(options, _vendors(options.vendor), _summary, sys.stdout)
    if options.target:
        given_parts(options.target, "TARGET")
    if options.target and not options.vendor:
        raise ContractError("TARGET is the address of one vendor's API: say which with VENDOR=<name>")
    _require_known(options)
    # The largest first: with several processes the last one to finish decides how long it takes.
    names = sorted(_vendors(options.vendor, options.package), key=lambda name: -len(load(name).operations))
    jobs = [_job(name, options, environment) for name in names]
    for job in jobs:
        if job.url is not None:
            print(_intent(job), file=sys.stderr)
    partial = bool(options.operation or options.check)
    folder = Path(options.out) / "replay" if partial else Path(options.out)  # a part is no evidence of the whole
    if options.shard:
        folder /= shard(options.shard).folder
    started = datetime.now(UTC).astimezone()
    live = bool(options.target or options.live)
    store.begin(folder, names, started, live=live)  # from here on no older evidence speaks for these vendors
    progress = Progress(sys.stderr, sys.stderr.isatty())
    records: list[dict[str, Any]] = []
    troubles: list[str] = []
    for job, outcome in do_all(jobs, progress, options.jobs):
        if isinstance(outcome, str):
            troubles.append(f"{job.vendor}: {outcome}" if len(jobs) > 1 else outcome)
            outcome = unfinished(job.vendor, started, outcome, live=live)
        store.save(folder, outcome)
        records.append(outcome)
    progress.close()
    records.sort(key=lambda each: str(each["vendor"]))
    page = store.publish(folder, [store.named(str(each["vendor"]), live=live) for each in records])
    if len(records) > len(troubles):
        print(printable(_summary(records)))
        print(f"\nEvidence: {page}")
    for trouble in troubles:
        print(f"contract tests: {printable(trouble)}", file=sys.stderr)
    if any(not each.get("passed", True) for each in records):
        return _FINDINGS
    if troubles:
        return _NO_VERDICT
    return _SKIPPED if all("not_run" in each for each in records) else _WELL


def _require_known(options: argparse.Namespace) -> None:
    """Raise :class:`ContractError` where OPERATION or CHECK names what there is not."""
    if options.shard and options.operation:
        raise ContractError("OPERATION is less than any part: leave SHARD out")
    if options.operation and not options.vendor:
        raise ContractError("OPERATION is an operation of one vendor: say which with VENDOR=<name>")
    if options.operation:
        known = list(load(str(options.vendor)).operations)
        if options.operation not in known:
            near = ", ".join(get_close_matches(str(options.operation), known, 3, 0))
            raise ContractError(f"{options.vendor} has no operation {options.operation!r}; the closest: {near}")
    if options.keep and (options.target or options.live or options.operation or options.check or options.shard):
        raise ContractError("KEEP=1 keeps the cases of a whole run of a sandbox: leave what narrows the run out")
    if options.check and options.check not in CHECKS:
        near = ", ".join(get_close_matches(str(options.check), list(CHECKS), 3, 0))
        raise ContractError(f"there is no check {options.check!r}; the closest: {near}")


def _intent(job: Job) -> str:
    """What a run will do and to whom, said before anything is sent."""
    if urlsplit(str(job.url)).hostname in senders.LOOPBACK:
        rest = (
            "a server that is no sandbox is written to as an account" if job.write else "any other server is only read"
        )
        return f"{job.vendor} at {job.url}: a sandbox on this machine is tested whole; {rest}"
    operations = load(job.vendor).operations.values()
    writes = switch("write", job.vendor)
    if job.write:
        return (
            f"{job.vendor} at {job.url}: {writes}, this run creates records there, changes and deletes those alone, "
            f"and notes them in {job.journals}"
        )
    logins = vendor.load(job.vendor).logins
    reads = sum(each.reads or each.id in logins for each in operations)
    return (
        f"{job.vendor} at {job.url}: this run only reads, with {reads} of {len(operations)} operations; {writes} "
        "allows changes"
    )


def _cleanup(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    """Delete what the journals name, as far as the environment holds the credentials."""
    folder = Path(options.journals)
    if folder.exists() and not folder.is_dir():
        raise ContractError(f"{folder} is no folder: name the one where the runs noted what they made")
    files = earlier(folder, _vendors(options.vendor)[0] if options.vendor else None)
    heads = {file: RunJournal.head(file) for file in files}
    if options.target:
        heads = {file: head for file, head in heads.items() if head.url.rstrip("/") == options.target.rstrip("/")}
    if not heads:
        print(f"nothing is left to delete: {options.journals} holds no journal of a run that was stopped")
    still = skipped = 0
    for file, head in heads.items():
        try:
            target = targets.remote(vendor.load(head.vendor), head.url, environment, write=True)
        except MissingSecretError as missing:
            print(f"SKIPPED {missing}")
            skipped += 1
            continue
        with target:
            left = clean_up([file], target)[file]
        if left is None:
            print(f"SKIPPED {file}: its run is still going on")
            skipped += 1
        else:
            still += len(left)
            told = "\n".join(cleanup.lines(file, left)) or "everything is deleted"
            print(f"{head.vendor} at {head.url}: {told}")
    if still:
        return _FINDINGS
    return _SKIPPED if skipped else _WELL


def _job(name: str, options: argparse.Namespace, environment: Mapping[str, str]) -> Job:
    chosen = profile(options.profile).name
    seed = options.seed
    if seed is None:
        seed = random.SystemRandom().randrange(1, 2**31) if chosen == "nightly" else 7
    url, missing = options.target or None, None
    if options.live and url is None:
        variable = f"{vendor.load(name).prefix}_BASE_URL"
        url = environment.get(variable) or None
        if url is not None:
            given_parts(url, variable)
        missing = None if url else f"{name}: set {variable}, the address of the API to test"
    return Job(
        name,
        chosen,
        seed,
        url,
        options.write,
        Path(options.journals),
        dict(environment),
        missing,
        options.strict,
        options.operation,
        options.check,
        shard(options.shard) if options.shard else None,
        extra_commands.recorded_at(options, name),
        extra_commands.baseline_of(options, name),
        Path(options.corpus),
        options.keep,
    )


def _vendors(name: str | None, package: str | None = None) -> list[str]:
    found = [vendor.load(name).name] if name else list(vendor.names(package))
    if not found:
        raise ContractError(f"{package} has no vendor yet. Add one with `accordant vendor add NAME URL`")
    return found


def _summary(records: Sequence[dict[str, Any]]) -> str:
    parts: list[str] = []
    for record in records:
        if not no_result(record):
            parts += [_checks(record), *(_finding(each) for each in record["findings"][:_SHOWN])]
            if len(record["findings"]) > _SHOWN:
                parts.append(f"... and {len(record['findings']) - _SHOWN} more findings, see the evidence")
    head = ["vendor", "result", "covered", "findings", "allowed", "calls", "seconds", "seed"]
    parts.append(table(head, [_row(each) for each in records], frozenset({2, 3, 4, 5, 6, 7})))
    parts += [_stale(each) for each in records if each.get("stale")]
    parts += [_known(each) for each in records if each.get("known")]
    parts += [_undocumented(each) for each in records if each.get("undocumented")]
    parts += [f"SKIPPED {each['vendor']}: {each['not_run']}" for each in records if "not_run" in each]
    parts += [f"LEFT BEHIND {each['vendor']}: {what}" for each in records for what in each.get("left_behind", ())]
    return "\n\n".join(parts)


def _stale(record: dict[str, Any]) -> str:
    """The hand-written entries that the run left out, since the document no longer has what they name."""
    head = f"STALE {record['vendor']}: left out, as the document has it no more; correct or delete these lines"
    return "\n".join([head, *(f"  {each}" for each in record["stale"])])


def _known(record: dict[str, Any]) -> str:
    """The known deviations that were seen, two lines each."""
    lines = [f"KNOWN {record['vendor']}: {len(record['known'])} deviations of its baseline, which are no findings"]
    for each in record["known"]:
        place = " ".join(part for part in (each["operation"], each["path"]) if part)
        lines += [f"  {each['check']} {place} ({each['times']} times): {each['message']}"]
        lines += [f"    until {each['expires']}: {each['reason']}"]
    return "\n".join(lines)


def _undocumented(record: dict[str, Any]) -> str:
    """The response fields that the document does not know, a line each."""
    fields = [f"  {each['operation']} {each['path']}: {each['type']}" for each in record["undocumented"]]
    strict = switch("strict", record["vendor"])
    head = f"UNDOCUMENTED {record['vendor']}: {len(fields)} response fields (a finding with {strict})"
    return "\n".join([head, *fields[:_SHOWN], *(["  ... see the evidence"] if len(fields) > _SHOWN else [])])


def _row(record: dict[str, Any]) -> list[str]:
    if no_result(record):
        return [str(record["vendor"]), "SKIPPED" if "not_run" in record else "NO RESULT", "", "", "", "", "", ""]
    return [
        str(record["vendor"]),
        "passed" if record["passed"] else "FAILED",
        f"{len(record['covered'])}/{len(record['operations'])}",
        str(len(record["findings"])),
        str(len(record["excused"])),
        str(record["exchanges"]),
        str(record["seconds"]),
        str(record["seed"]),
    ]


def _checks(record: dict[str, Any]) -> str:
    """How many operations each check judged, how often, and in how many of them it found something."""
    sums: dict[str, list[int]] = {}
    for operation in record["operations"]:
        for check, tally in operation["checks"].items():
            line = sums.setdefault(check, [0, 0, 0])
            line[0] += 1
            line[1] += tally["checked"]
            line[2] += 1 if tally["failed"] else 0
    rows = [[check, *map(str, line)] for check, line in sorted(sums.items())]
    head = [str(record["vendor"]), "operations", "judged", "failing"]
    return table(head, rows, frozenset({1, 2, 3}))


def _finding(finding: dict[str, Any]) -> str:
    times = f" ({finding['times']} times)" if finding["times"] > 1 else ""
    place = f" at {finding['path']}" if finding["path"] else ""
    lines = [f"FINDING {finding['check']} {finding['operation']}{place}{times}", f"  {finding['message']}"]
    lines += [f"  {name}: {finding[name]}" for name in ("where", "expected", "seen")]
    lines += [f"  entries: {', '.join(map(str, finding['entries']))}"] if finding.get("entries") else []
    lines += [f"  {each}" for each in finding["token"].splitlines()]
    lines += [f"  {each['request']}" for each in finding["exchanges"][-3:]]
    lines.append(f"  again: {finding['replay']}")
    return "\n".join(lines)


def _faults(options: argparse.Namespace) -> int:
    names = _vendors(options.vendor)
    page = Path(options.write) if options.write else None
    missed = run_faults(
        names, options.fault, options.jobs, more=not options.once, out=sys.stdout, plain=options.plain, page=page
    )
    return _FINDINGS if missed else _WELL


if __name__ == "__main__":
    sys.exit(main())
