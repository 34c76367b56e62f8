"""What eSPACE does beyond storing records: its rules with their evidence, and the lives of its records."""

from __future__ import annotations

from accordant_sandbox.model.lifecycle import Lifecycle, Move
from accordant_sandbox.model.names import names
from accordant_sandbox.model.rules import Rule, RuleBook
from accordant_sandbox.ports import Call, Principal, Row
from accordant_sandbox.vendors.espace.dialect import USER

__all__ = [
    "APPROVED", "COMPLETED", "CREATED", "RESERVING", "RULES", "WORK_ORDER_LIFE", "guard_event", "guard_work_order",
    "user_of",
]  # fmt: skip

RULES = RuleBook(
    [
        # Tokens
        Rule("api_key_token", "seed", "An API key, posted to `requesttoken`, gets the token of its user."),
        Rule("bare_token", "third-party", "The token comes as one JSON string, without the wrapper."),
        Rule("token_year", "third-party", "A token lives exactly 365 days."),
        Rule("wrong_key", "assumed", "An unknown API key is a 401, a malformed or missing one a 400."),
        Rule("token_hash", "assumed", "A token dies with the e-mail address or password that it was issued under."),
        # Answers
        Rule("wrapped", "third-party", "An answer stands in `Data` of a wrapper that says whether the call succeeded."),
        Rule("service_categories_bare", "assumed", "Service categories come in their own wrapper, as documented."),
        Rule("failure_bodies", "assumed", "A failure is the wrapper with `IsSuccessStatusCode` false and no `Data`."),
        Rule("refused_with_200", "third-party", "A submission that lacks information fails with status 200."),
        Rule("includes", "docs", "Lists of parts are null unless `include` names them."),
        Rule("post_to_list", "seed", "A POST to the list of events creates one."),
        Rule("post_to_collection", "assumed", "A POST to the list of other records creates one as well."),
        Rule("patch", "assumed", "PATCH changes what PUT changes, and what is absent stays."),
        Rule("absent_unchanged", "assumed", "What a change leaves out, or gives as null, stays as it is."),
        Rule("ids_in_body", "assumed", "An id in a body that leads nowhere is a 400 that names the field."),
        Rule("parts_go_too", "assumed", "Costs and tasks go with their work order, tasks with their plan."),
        # Who may do what
        Rule("writes_for_administrators", "assumed", "Administrators write plans, equipment, stock, webhooks."),
        Rule("writes_own", "assumed", "Other users change only events and work orders of their own."),
        Rule("auto_approve", "docs", "`AutoApprove` works for administrators and is ignored for others."),
        # Lists
        Rule("wall_clock", "third-party", "Times are the organisation's wall clock, without an offset."),
        Rule("window", "docs", "A date window finds what lies wholly inside: from its first to its last day."),
        Rule("dates_with_times", "third-party", "A date in the query may carry a time, as it did in v1."),
        Rule("from_today", "assumed", "Without any date, events are listed from today on."),
        Rule("next_days", "docs", "`nextDays` finds what begins from now on within so many days."),
        Rule("cap_events", "docs", "A list of events has at most 2000 rows, whatever `topX` says."),
        Rule("cap_occurrences", "docs", "A list of occurrences has 200 rows; `topX` raises that to 2000 at most."),
        Rule("no_schedule", "docs", "An event without a schedule is not listed."),
        # Events
        Rule("draft", "third-party", "A new event is a draft with one schedule."),
        Rule("additional_dates", "third-party", "Each additional date is one more occurrence at the same times."),
        Rule("all_day", "docs", "An all-day event lasts from 00:00 to 23:59."),
        Rule("end_defaults", "assumed", "An event without an end date ends on the day on which it begins."),
        Rule("order_of_times", "third-party", "Set-up, start, end and tear-down follow each other."),
        Rule("needs_item", "docs", "An event is submitted with at least one item, unless it takes place off site."),
        Rule("drafts_reserve_nothing", "docs", "Drafts leave their items free for others, submitted events do not."),
        Rule("conflicts", "assumed", "A submitted event is Conflicted over a taken item, or short of a counted one."),
        Rule("approval", "docs", "Events are approved and declined in the web product."),
        Rule("redated", "assumed", "New dates rebuild the occurrences and send a submitted event back to Pending."),
        Rule("cancel", "docs", "A canceled event and its occurrences are Canceled and stay listed."),
        Rule("approved_for_good", "third-party", "What was finally approved stays marked so when it is canceled."),
        Rule("canceled_for_good", "docs", "A canceled event is restored in the web product alone."),
        Rule("deleted", "assumed", "A deleted event is gone from lists and cannot be read."),
        Rule("all_schedules", "assumed", "Cancellation and deletion are of all schedules of an event."),
        Rule("first_schedule", "assumed", "Without a schedule id the first schedule of the event is meant."),
        Rule("whole_tree", "third-party", "An event shows the whole tree to pick from; `IsScheduled` marks its own."),
        Rule("add_twice", "assumed", "To add an item twice, or remove what is not there, changes nothing."),
        # Work orders, equipment, maintenance, inventory
        Rule("short_description", "assumed", "The short description is the first 100 characters of the full one."),
        Rule("assigning_approves", "docs", "A created work order that is assigned to somebody becomes Approved."),
        Rule("closing", "docs", "Closed and Not Accepted follow upon Completed."),
        Rule("contacts_unchecked", "assumed", "Ids of vendors' contacts are taken as sent: nothing lists them."),
        Rule("cost_ids", "assumed", "A cost is named by its id, or by that of its equipment line."),
        Rule("numbers_and_names", "docs", "Kinds of equipment are numbers in requests and names in answers."),
        Rule("is_deleted", "assumed", "`IsDeleted` in a write of equipment changes nothing; deletion is an operation."),
        Rule("deletion_in_use", "assumed", "Equipment that costs or plans refer to cannot be deleted."),
        Rule("reminder_bits", "assumed", "Reminders: 1 all administrators, 2 whom it is assigned to, 4 the user."),
        Rule("stock_set", "docs", "An update of the stock sets the quantity of an item at one location."),
        # Webhooks
        Rule("webhooks", "seed", "A subscription gets the notifications of its topics at its URL."),
        Rule("webhook_url", "seed", "Each subscription has an address that no other live one has."),
        Rule("webhook_payloads", "third-party", "Notifications look as they did in v1."),
        Rule("webhook_tries", "assumed", "A notification is tried once, or three times under `webhook_tries=3`."),
    ]
)  # fmt: skip

CREATED, APPROVED, COMPLETED = 1, 2, 4
"""Ids of work order statuses that mean something to the rules."""

RESERVING = names(
    "Pending PendingApproval PartialApproved Approved ApprovedWithConflicts ApprovedWithShortage Conflicted "
    "ResourceShortage Requested"
)
"""States of a schedule in which its items are taken."""


def user_of(call: Call) -> int:
    """The id of the user that calls."""
    return int(call.principal.data["user_id"]) if call.principal else 0


def guard_event(principal: Principal, row: Row) -> str | None:
    """The rule that keeps a user from changing an event that is neither owned nor edited by it."""
    user = principal.data.get("user_id")
    own = principal.role != USER or row["OwnerId"] == user or user in row["EditorIds"]
    return None if own else "writes_own"


def guard_work_order(principal: Principal, row: Row) -> str | None:
    """The rule that keeps a user from changing a work order that it neither made nor got assigned."""
    own = principal.role != USER or principal.name == row.get("_by") or row["AssignedId"] == principal.data["user_id"]
    return None if own else "writes_own"


WORK_ORDER_LIFE = Lifecycle(
    "StatusId",
    moves=(Move("*", "1 2 3 4 7 8 9 10"), Move("4", "5 6", rule="closing")),
    rule="closing",
)
