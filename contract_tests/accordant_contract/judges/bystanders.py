"""Does a write leave other records alone?"""

from __future__ import annotations

from accordant_runtime import is_object

from ..document.comparison import changes, short
from ..document.document import Operation
from ..document.values import ABSENT, Exchange, Finding, Findings
from .dates import changed_stamps
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
    yield from _stamps_moved(operation, name, before, after, exchanges)
    for each in changes(before.record, after.record, after.schema, operation.schemas):
        text = f"{name}, which it does not concern, changed: {each}"
        values = (short(each.wanted), short(each.found))
        yield Finding("bystander_untouched", operation.id, text, each.path, "", exchanges, *values)


def _stamps_moved(
    operation: Operation, name: str, before: RecordReading, after: RecordReading, exchanges: tuple[Exchange, ...]
) -> Findings:
    """The stamp of a record's last change stays where nothing else of it changed, although it may move without a write
    to the record itself."""
    if not is_object(before.record) or not is_object(after.record):
        return
    one, other = changed_stamps(before.record), changed_stamps(after.record)
    moved = [field for field in one.keys() & other.keys() - operation.clients_set if one[field] != other[field]]
    around = {**before.record, **{field: after.record[field] for field in moved}}
    for field in moved if around == after.record else ():
        values = (short(before.record[field]), short(after.record[field]))
        text = f"{name}, which it does not concern, says that it changed: $.{field} is {values[1]}, not {values[0]}"
        yield Finding("bystander_untouched", operation.id, text, f"$.{field}", "", exchanges, *values)
