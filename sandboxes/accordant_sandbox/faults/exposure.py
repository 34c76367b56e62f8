"""Faults that show more than the document says: secrets, and fields that nobody announced."""

from __future__ import annotations

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.faults.applicability import anywhere
from accordant_sandbox.faults.document_fields import Field, records
from accordant_sandbox.faults.effects import good, own
from accordant_sandbox.faults.registry import FaultRegistry
from accordant_sandbox.http.exchange import Answer

__all__ = ["FAULTS"]

registry = FaultRegistry("exposure")
LEAK = "secret_leak"


def any_field(_: Field) -> bool:
    """Whether the document names any field of the record at all."""
    return True


@registry.answer(does="Every record shows a password hash.", oracle=LEAK, where=anywhere(any_field))
def password_hash_shown(call: ActiveCall, answer: Answer) -> Answer | None:
    """What a record keeps secret is not shown."""
    return _with(call, answer, "password_hash", "$2b$12$sandbox.invented.hash.of.nothing")


@registry.answer(
    does="Every record shows the credential of the request that asked for it.", oracle=LEAK, where=anywhere(any_field)
)
def credential_shown(call: ActiveCall, answer: Answer) -> Answer | None:
    """A credential that was sent does not come back."""
    sent = {name.lower(): value for name, value in call.request.headers}
    found = next((sent[name] for name in ("authorization", "x-api-key") if name in sent), None)
    return None if found is None else _with(call, answer, "trace", found)


@registry.answer(
    does="Every record has one more field than the document says.",
    oracle="undocumented_field",
    where=anywhere(any_field),
)
def undocumented_addition(call: ActiveCall, answer: Answer) -> Answer | None:
    """A record has the documented fields and no others."""
    return _with(call, answer, "beta_score", 1)


def _with(call: ActiveCall, answer: Answer, name: str, value: object) -> Answer | None:
    if not good(call, answer):
        return None
    found = records(call.operation, own(answer).body)
    for record in found:
        record[name] = value
    return answer if found else None


FAULTS = registry.faults
