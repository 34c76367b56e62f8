"""What stops a contract run: one sentence for the user, never a traceback."""

from __future__ import annotations


class ContractError(Exception):
    """The run cannot go on; the message says why and what to do."""


class MissingSecretError(ContractError):
    """A target was named, and the environment lacks the credentials for it."""


class SilentTargetError(ContractError):
    """The target has stopped answering in the middle of a run."""


class DeadTargetError(ContractError):
    """Nothing answers at the target's address, or it is not an API."""
