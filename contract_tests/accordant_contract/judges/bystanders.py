"""Does a write leave other records alone?"""

from __future__ import annotations

from ..document.comparison import changes, short
from ..document.document import Operation
from ..document.values import ABSENT, Exchange, Finding, Findings
from .writes import RecordReading


def bystander_untouched(
    operation: Operation, written: Exchange, name: str, before: RecordReading, after: RecordReading
) -> Findings:
    """A write changes the records that it names; another one (``name``) of the same kind is the same after it."""
    if before.record is ABSENT:
        return
    exchanges = (*before.exchanges, written, *after.exchanges)
    if after.record is ABSENT:
        text = f"{name}, which it does not concern, is gone"
        yield Finding("bystander_untouched", operation.id, text, kind="gone", exchanges=exchanges)
        return
    for each in changes(before.record, after.record, after.schema, operation.schemas):
        text = f"{name}, which it does not concern, changed: {each}"
        values = (short(each.wanted), short(each.found))
        yield Finding("bystander_untouched", operation.id, text, each.path, "", exchanges, *values)
