"""Does a change move the stamp of the last change?"""

from __future__ import annotations

import datetime
from typing import Final

from accordant_runtime import is_object

from ..document.comparison import changes, short
from ..document.document import Operation
from ..document.values import Finding, Findings
from .dates import changed_stamps, server_date
from .writes import WriteTrial

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
