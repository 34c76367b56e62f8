"""``python -m contract_tests``: run, report, faults, demo."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .document.document import load
from .errors import ContractError
from .evidence import store
from .run import demo, fault_matrix
from .run.profiles import PROFILES, profile
from .run.progress import Progress, table
from .run.report import report
from .run.workers import Job, do_all, quiet
from .target import vendor

_FAILED, _WELL = 1, 0
_SHOWN = 40


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Do one command; answers its exit code: 0 all well, 1 findings or trouble."""
    options = _parser().parse_args(arguments)
    quiet()
    try:
        if options.command == "run":
            return _run(options, environment)
        if options.command == "faults":
            return _faults(options)
        if options.command == "demo":
            demo.verify_generated(sys.stdout)
            demo.sessions(_vendors(options.vendor), sys.stdout)
            print("\nContract tests, quick profile")
            return _run(options, environment)
        print(json.dumps(report(_vendors(options.vendor), Path(options.out), options.jobs)))
        return _WELL
    except ContractError as error:
        print(f"contract tests: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("contract tests: interrupted", file=sys.stderr)
    except BrokenPipeError:
        sys.stderr.close()
    return _FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m contract_tests", description="Contract tests of vendor APIs.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="probe and fuzz a vendor's API, and write the evidence")
    run.add_argument("--target", metavar="URL", help="the API's address, credentials come from the environment")
    run.add_argument("--write", action="store_true", help="allow a run at an address to change what it holds")
    run.add_argument("--live", action="store_true", help="each vendor at its <VENDOR>_BASE_URL; others are skipped")
    run.add_argument("--profile", default="quick", help=f"one of {', '.join(PROFILES)} (default: quick)")
    run.add_argument("--seed", type=int, help="seed of every choice (default: 7; nightly: a new one)")
    faults = commands.add_parser("faults", help="arm every fault of the sandbox; the named check must catch each")
    faults.add_argument("--fault", metavar="NAME", help="this one only")
    shown = commands.add_parser("report", help="print the reach as one JSON object")
    play = commands.add_parser("demo", help="check the generated code, play a session each, run the quick profile")
    play.set_defaults(target=None, live=False, write=False, profile="quick", seed=7)
    for command in (run, faults, shown, play):
        command.add_argument("--vendor", metavar="NAME", help="this one only (default: all)")
        command.add_argument("--jobs", type=int, default=2, help="how many processes work at a time (default: 2)")
    for command in (run, shown, play):
        command.add_argument("--out", default="build/evidence", metavar="DIR", help="folder of the evidence")
    return parser


def _run(options: argparse.Namespace, environment: Mapping[str, str]) -> int:
    if options.target and not options.vendor:
        raise ContractError("TARGET is the address of one vendor's API: say which with VENDOR=<name>")
    # The largest first: with several processes the last one to finish decides how long it takes.
    names = sorted(_vendors(options.vendor), key=lambda name: -len(load(name).operations))
    jobs = [_job(name, options, environment) for name in names]
    for job in jobs:
        if job.url is not None:
            print(_intent(job), file=sys.stderr)
    progress = Progress(sys.stderr, sys.stderr.isatty())
    records: list[dict[str, Any]] = []
    troubles: list[str] = []
    for job, outcome in do_all(jobs, progress, options.jobs):
        if isinstance(outcome, str):
            troubles.append(f"{job.vendor}: {outcome}" if len(jobs) > 1 else outcome)
        else:
            store.save(Path(options.out), outcome)
            records.append(outcome)
    progress.close()
    if records:
        records.sort(key=lambda each: str(each["vendor"]))
        page = store.publish(Path(options.out), [str(each["vendor"]) for each in records])
        print(_summary(records))
        print(f"\nEvidence: {page}")
    for trouble in troubles:
        print(f"contract tests: {trouble}", file=sys.stderr)
    failed = troubles or any(not each.get("passed", True) for each in records)
    return _FAILED if failed else _WELL


def _intent(job: Job) -> str:
    """What a run will do and to whom, said before anything is sent."""
    operations = load(job.vendor).operations.values()
    if job.write:
        return f"{job.vendor} at {job.url}: WRITE=1, this run creates, changes and deletes records there"
    logins = vendor.load(job.vendor).logins
    reads = sum(each.reads or each.id in logins for each in operations)
    return (
        f"{job.vendor} at {job.url}: this run only reads, with {reads} of {len(operations)} operations; WRITE=1 allows "
        "changes (a sandbox on this machine is always tested whole)"
    )


def _job(name: str, options: argparse.Namespace, environment: Mapping[str, str]) -> Job:
    chosen = profile(options.profile).name
    seed = options.seed
    if seed is None:
        seed = random.SystemRandom().randrange(1, 2**31) if chosen == "nightly" else 7
    url, missing = options.target or None, None
    if options.live and url is None:
        variable = f"{vendor.load(name).prefix}_BASE_URL"
        url = environment.get(variable) or None
        missing = None if url else f"{name}: set {variable}, the address of the API to test"
    return Job(name, chosen, seed, url, options.write, options.vendor is not None, dict(environment), missing)


def _vendors(name: str | None) -> list[str]:
    return [vendor.load(name).name] if name else list(vendor.names())


def _summary(records: Sequence[dict[str, Any]]) -> str:
    parts: list[str] = []
    for record in records:
        if "not_run" not in record:
            parts += [_checks(record), *(_finding(each) for each in record["findings"][:_SHOWN])]
            if len(record["findings"]) > _SHOWN:
                parts.append(f"... and {len(record['findings']) - _SHOWN} more findings, see the evidence")
    head = ["vendor", "result", "covered", "findings", "allowed", "calls", "seconds", "seed"]
    parts.append(table(head, [_row(each) for each in records], frozenset({2, 3, 4, 5, 6, 7})))
    parts += [f"SKIPPED {each['vendor']}: {each['not_run']}" for each in records if "not_run" in each]
    return "\n\n".join(parts)


def _row(record: dict[str, Any]) -> list[str]:
    if "not_run" in record:
        return [str(record["vendor"]), "SKIPPED", "", "", "", "", "", ""]
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
    lines += [f"  {each['request']}" for each in finding["exchanges"][-3:]]
    return "\n".join(lines)


def _faults(options: argparse.Namespace) -> int:
    missed = 0
    for name in _vendors(options.vendor):
        faults = fault_matrix.chosen(name, options.fault)
        width = max(len(fault) for fault in faults)
        begun = time.monotonic()
        print(f"{name}: {len(faults)} runs")
        for outcome in fault_matrix.try_all(name, faults, options.jobs):
            missed += not outcome.well
            verdict = f"caught by {outcome.caught}" if outcome.caught else "nothing found"
            mark = "ok  " if outcome.well else "MISS"
            print(f"{mark} {outcome.fault.ljust(width)} -> {outcome.expected}: {verdict} ({outcome.calls} calls)")
            if not outcome.well:
                print(f"     {outcome.message}"[:300])
            sys.stdout.flush()
        print(f"{name}: {len(faults)} runs in {time.monotonic() - begun:.1f} s")
    print("every fault was caught by its check" if not missed else f"{missed} of the runs did not go as they must")
    return _FAILED if missed else _WELL


if __name__ == "__main__":
    sys.exit(main())
