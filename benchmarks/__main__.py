"""`python -m benchmarks bench`, `lab` and `chaos`."""

from __future__ import annotations

import argparse
import os
import sys

from .bench import command as bench
from .chaos.command import chaos
from .lab.command import lab


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    commands = parser.add_subparsers(dest="command", required=True)
    table = commands.add_parser("lab", help="the behaviour table")
    table.add_argument("--case", help="only cases whose id or group holds this text")
    table.add_argument("--json", help="also write the table as JSON (or set LAB_JSON)")
    table.add_argument("--write", help="also write the page of the documentation")
    table.add_argument("--no-peers", action="store_true", help="our clients only")
    storm = commands.add_parser("chaos", help="many calls through faults")
    storm.add_argument("--vendor", help="one vendor instead of all")
    storm.add_argument("--calls", type=int, default=20_000, help="calls for each client (20000)")
    storm.add_argument("--seed", type=int, default=7)
    speed = commands.add_parser("bench", help="the performance table")
    speed.add_argument("--only", help=f"some of {','.join(bench.SECTIONS)}")
    speed.add_argument("--rounds", type=int, default=15, help="rounds, each contender once in each (15)")
    speed.add_argument(
        "--json", default=os.environ.get("BENCH_JSON"), help="also write the table as JSON (or set BENCH_JSON)"
    )
    given = parser.parse_args(arguments)
    if given.command == "bench":
        return bench.main(given)
    if given.command == "lab":
        code, text = lab(given.case, json_path=given.json, page=given.write, peers=not given.no_peers)
        print(text)
        return code
    code = 0
    for line, good in chaos(given.vendor, given.calls, given.seed):
        print(line, flush=True)
        code = code if good else 1
    return code


if __name__ == "__main__":
    sys.exit(main())
