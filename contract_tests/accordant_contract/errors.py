"""What stops a contract run: one sentence for the user, never a traceback."""

from __future__ import annotations


class ContractError(Exception):
    """The run cannot go on; the message says why and what to do."""


class MissingSecretError(ContractError):
    """A target was named, and the environment lacks the credentials for it."""


class SilentTargetError(ContractError):
    """The target has stopped responding in the middle of a run."""


class DeadTargetError(ContractError):
    """Nothing responds at the target's address, or it is not the API."""


class NotJudgedError(ContractError):
    """A step of a run came to nothing through no fault of the API's; ``again`` says whether to do it once more."""

    def __init__(self, message: str, *, again: bool = False) -> None:
        super().__init__(message)
        self.again = again
