"""Does a change move the stamp of the last change, and leave that of the making?"""

from __future__ import annotations

import datetime
from typing import Final

from accordant_runtime import is_object

from ..document.comparison import changes, short
from ..document.document import Operation
from ..document.values import Finding, Findings
from .dates import changed_stamps, server_date, tells_of_making
from .writes import WriteTrial, read_around

PASSED: Final = datetime.timedelta(seconds=2)
"""What must have passed since the last change: a stamp may have whole seconds only."""


def stamp_moves(operation: Operation, trial: WriteTrial) -> Findings:
    """A change that took effect moves the stamp that says when the record was changed.

    Both times are the vendor's own: the stamp before, and the Date of the response to the change.
    """
    before, after, now = trial.before, trial.after, server_date(trial.exchange)
    if before is None or after is None or now is None or not (is_object(before.record) and is_object(after.record)):
        return
    later = changed_stamps(after.record)
    known = later.keys() - operation.clients_set
    stamps = {name: value for name, value in changed_stamps(before.record).items() if name in known}
    stale = [name for name, value in stamps.items() if value.tzinfo and later[name] <= value and now - value > PASSED]
    if not stale or not list(changes(before.record, after.record, after.schema, operation.schemas, frozenset(stamps))):
        return
    for name in stale:
        text = f"changed at {now.isoformat()}, and {name} still says {stamps[name].isoformat()}"
        exchanges = (*before.exchanges, trial.exchange, *after.exchanges)
        shown = short(after.record[name])
        yield Finding(
            "date_truth", operation.id, text, f"$.{name}", "not moved", exchanges, f"about {now.isoformat()}", shown
        )


def making_stays(operation: Operation, trial: WriteTrial) -> Findings:
    """Whatever a record is replaced by, the vendor's own fields go on saying when it was made, and by whom."""
    before, after = trial.before, trial.after
    if before is None or after is None or not (is_object(before.record) and is_object(after.record)):
        return
    for name in before.record.keys() & after.record.keys():
        if tells_of_making(name) and name not in operation.clients_set:
            wanted, found = {name: before.record[name]}, {name: after.record[name]}
            for each in changes(wanted, found, after.schema, operation.schemas):
                text = f"a replacement changed what says how it was made: {each}"
                values = (short(each.wanted), short(each.found))
                yield Finding("untouched_fields", operation.id, text, each.path, "made", read_around(trial), *values)
