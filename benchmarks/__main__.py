"""`python -m benchmarks bench`, `lab`, `chaos` and `corpus`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from accordant._cli.streams import settle
from accordant_contract.errors import ContractError
from accordant_contract.evidence.marked import marked_page, put
from accordant_contract.evidence.store import write

from .bench import command as bench
from .chaos.command import chaos
from .corpus.command import Wanted, corpus
from .corpus.rows import Corpus, Row
from .corpus.table import MARK, page, section, text
from .lab.cases import VENDORS
from .lab.command import lab


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    try:
        return _main(arguments)
    finally:
        settle(sys.stdout, sys.stderr)


def _main(arguments: list[str] | None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    commands = parser.add_subparsers(dest="command", required=True)
    table = commands.add_parser("lab", help="the behaviour table")
    table.add_argument("--case", help="only cases whose id or group holds this text")
    table.add_argument("--json", help="also write the table as JSON (or set LAB_JSON)")
    table.add_argument("--write", help="also write the page of the documentation")
    table.add_argument("--no-peers", action="store_true", help="our clients only")
    storm = commands.add_parser("chaos", help="many calls through faults")
    storm.add_argument("--vendor", help="one vendor instead of all")
    storm.add_argument("--calls", type=_counted, default=20_000, help="calls for each client (20000)")
    storm.add_argument("--seed", type=int, default=7)
    speed = commands.add_parser("bench", help="the performance table")
    speed.add_argument("--only", help=f"some of {','.join(bench.SECTIONS)}")
    speed.add_argument("--rounds", type=_counted, default=15, help="rounds, each contender once in each (15)")
    speed.add_argument(
        "--json", default=os.environ.get("BENCH_JSON"), help="also write the table as JSON (or set BENCH_JSON)"
    )
    documents = commands.add_parser("corpus", help="what becomes of a folder of documents")
    documents.add_argument("--dir", type=Path, required=True, help="the folder")
    documents.add_argument("--only", default="", help="only files whose names hold this text")
    documents.add_argument("--mypy", action="store_true", help="also mypy --strict over what is generated")
    documents.add_argument("--no-contract", action="store_true", help="leave the contract tests out; they take longest")
    documents.add_argument("--write", type=Path, help="also write the page of the documentation")
    given = parser.parse_args(arguments)
    if given.command == "bench":
        return bench.main(given)
    if given.command == "corpus":
        return _corpus(given)
    if given.command == "lab":
        code, table_text = lab(given.case, json_path=given.json, page=given.write, peers=not given.no_peers)
        print(table_text)
        return code
    if given.vendor is not None and given.vendor not in VENDORS:
        print(f"chaos: there is no vendor {given.vendor!r}; there are: {', '.join(VENDORS)}", file=sys.stderr)
        return 2
    code = 0
    for line, good in chaos(given.vendor, given.calls, given.seed):
        print(line, flush=True)
        code = code if good else 1
    return code


def _counted(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not possible: give a whole number, 1 or more")
    return int(text)


def _corpus(given: argparse.Namespace) -> int:
    if not given.dir.is_dir():
        print(f"DIR={str(given.dir)!r} is no folder; give one that holds OpenAPI documents", file=sys.stderr)
        return 2
    try:
        if given.write is not None and given.write.exists():
            marked_page(given.write, MARK)
    except ContractError as error:
        print(f"{error}; WRITE= names a page with them, or one that is not there yet", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for row in corpus(Wanted(given.dir, given.only, given.mypy, contract=not given.no_contract)):
        rows.append(row)
        print(f"{row.name}: {row.seconds:.0f} s{'' if row.good else ', not as it has to be'}", file=sys.stderr)
    found = Corpus(tuple(rows))
    print(text(found))
    return 1 if found.missed() or not _written(given.write, found) else 0


def _written(target: Path | None, found: Corpus) -> bool:
    """Write the table: into a page that is there between its marks, else as a new page."""
    if target is None:
        return True
    try:
        if target.exists():
            put(target, MARK, section(found))
        else:
            write(target, page(found))
    except ContractError as error:
        print(f"the table was not written: {error}", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
