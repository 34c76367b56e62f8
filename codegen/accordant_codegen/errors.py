"""What a user of the codegen commands can be told."""

from __future__ import annotations


class CodegenError(Exception):
    """A command cannot do its work; the message is complete and needs no traceback."""


class DocumentError(CodegenError):
    """A document cannot be used.

    ``file`` names it, ``path`` is the JSON path of the place, ``problem`` says what is wrong and ``advice`` what to do.
    """

    def __init__(self, file: str, path: str, problem: str, advice: str) -> None:
        super().__init__(f"{file}: {path}: {problem}. {advice}")
        self.file = file
        self.path = path
        self.problem = problem
        self.advice = advice
