"""`python -m accordant`: the command `accordant`, where it is not on the path."""

import sys

from ._cli.main import main

if __name__ == "__main__":
    sys.exit(main())
