"""What Dime.Scheduler does beyond storing records: its rules with their evidence."""

from __future__ import annotations

from accordant_sandbox.model.rules import Rule, RuleBook

__all__ = ["RULES"]

RULES = RuleBook(
    [
        # Who asks
        Rule("api_key", "seed", "The header X-API-KEY opens every operation."),
        Rule("jwt", "seed", "POST /token gives a token for user name and password; it is sent as a bearer token."),
        Rule("jwt_life", "assumed", "A token lives an hour."),
        Rule("key_first", "assumed", "When a good key and a token are sent, the key decides who asks."),
        Rule("administration", "assumed", "Users, connectors and the tenant's set-up are for administrators."),
        # How it speaks
        Rule(
            "any_case",
            "sdk",
            "Paths, query parameters with their booleans, and properties are read in any letter case.",
        ),
        Rule("cors", "sdk", "Browsers may call from any origin; OPTIONS needs no key."),
        Rule("plural_category", "sdk", "`/categories` is the same route as `/category`."),
        Rule("old_names", "sdk", "`constraintDatetime` of the connector is read as `constraintDate`."),
        Rule(
            "wall_clock",
            "assumed",
            "Times are read without seconds or with an offset too; answers have neither offset.",
        ),
        Rule(
            "result_in_200",
            "sdk",
            "A write answers 200 with a ContentResult; its inner statusCode says whether it worked.",
        ),
        Rule("refused_in_200", "assumed", "A refused write has inner status 500, an Error and a Description."),
        Rule("refused_by_status", "assumed", "Under `refusals=status` a refused write has a real error status."),
        Rule("malformed_400", "assumed", "What does not fit the documented schema is refused with 400."),
        Rule("problem_details", "assumed", "Errors are RFC 7807 problem details."),
        # Writing
        Rule("upsert", "docs", "POST creates a record or updates the one with the same natural key."),
        Rule("put_is_post", "assumed", "PUT does what POST does."),
        Rule("one_or_many", "sdk", "A body holds one record or an array of them."),
        Rule(
            "one_after_another",
            "assumed",
            "Records of an array are written in order; the first failure ends it, earlier ones stay.",
        ),
        Rule("keeps_omitted", "assumed", "A field that is left out or null keeps its stored value."),
        Rule("empty_key", "docs", "An empty key is an error that names it."),
        Rule("needs_parent", "docs", "A record needs the job, task, resource or appointment that it belongs to."),
        Rule(
            "names_unchecked", "assumed", "Names of categories, time markers, pins and filter values are not checked."
        ),
        Rule("unknown_delete", "assumed", "Deleting what does not exist is refused."),
        Rule("cascade", "assumed", "What belongs to a deleted record goes with it."),
        Rule("container_members", "docs", "A container is deleted with its members."),
        Rule("filter_group_made", "assumed", "A filter value makes its group when there is none."),
        Rule("numeric_text", "docs", "Coordinates of a job are read as numbers or numeric text, and shown as numbers."),
        # Jobs and tasks
        Rule("create_job", "sdk", "A task with `createJob` makes the job that it lacks."),
        Rule(
            "check_appointments",
            "docs",
            "A job or task with appointments is deleted only with `checkAppointments` false.",
        ),
        Rule("job_by_number", "assumed", "Of several jobs with one number, the first is shown."),
        Rule("open_tasks", "assumed", "A task is open until it is complete."),
        Rule("tasks_unpaged", "assumed", "Without page and page size, all tasks are listed."),
        Rule("assigned_once", "assumed", "Assigning a resource to a task again changes nothing."),
        Rule("budget_ledger", "sdk", "Budget entries are added and removed, never changed."),
        Rule("budget_match", "assumed", "Deleting budget entries removes those that hold all given values."),
        # Appointments
        Rule("appointment_key", "docs", "An appointment is found by its number, else its id, else its GUID."),
        Rule("appointment_number", "third-party", "The server makes the number of a new appointment."),
        Rule(
            "appointment_same",
            "docs",
            "Without identity, a further resource joins the appointment of the same task and time.",
        ),
        Rule(
            "appointment_times", "assumed", "A new appointment needs start and end, and ends no earlier than it starts."
        ),
        Rule(
            "appointment_unnamed", "assumed", "A write that names no appointment is refused with 400, an import in 200."
        ),
        Rule("appointment_any_id", "assumed", "An appointment is read by its number, its id or its GUID."),
        Rule("by_id_or_name", "sdk", "Category and time marker are given by name, or by id."),
        Rule("replace_resource", "docs", "`replaceResource` puts the resource in the place of all others."),
        Rule(
            "resource_of_appointment",
            "docs",
            "Deleting with a resource removes it, and the appointment with its last one.",
        ),
        Rule("sub_setter_delete", "assumed", "Deleting a category, lock, ... of an appointment or task resets it."),
        Rule("period_reaches_in", "assumed", "The appointments of a period are those that reach into it."),
        Rule("recurrence", "assumed", "A series is an RRULE; each occurrence is an appointment, at most 366 of them."),
        Rule("recurrence_delete", "assumed", "Deleting a series by any of its appointments removes all of them."),
        Rule("series_exception", "assumed", "An appointment of a series that is changed becomes an exception."),
        # Notifications and lists
        Rule(
            "notification_key", "docs", "A notification with a connectorId is found by it; one without is always new."
        ),
        Rule("notification_delete", "docs", "Without connectorId, a job's or task's notifications are deleted."),
        Rule(
            "list_text",
            "sdk",
            "`sort`, `group` and `filter` are text: `field:desc`, or arrays of property and direction or value.",
        ),
        Rule("free_form", "assumed", "Scorers, appointment fields and dependencies have fields of our choice."),
        # Import
        Rule("import_prefix", "docs", "Only procedures whose names begin with `mboc_` can be called."),
        Rule("import_pairs", "sdk", "Names and values of parameters are paired by position."),
        Rule("import_unknown", "sdk", "Parameters that a procedure does not know are ignored."),
        Rule("import_alias", "sdk", "Two procedures have a second name."),
        Rule("import_own", "docs", "A tenant may have procedures of its own; the setting `procedures` names them."),
        Rule("import_clear", "sdk", "The Clear procedures remove all filter values of a task or resource."),
        Rule("import_ticks", "sdk", "Time spans are read as text or as ticks of 100 ns."),
        # What is calculated, sent or only taken in
        Rule("message", "docs", "A message is shown to a user, or to all, and not stored."),
        Rule("user_login", "assumed", "A user with a password can sign in; it has no administrator's rights."),
        Rule("geocode", "assumed", "Every address has coordinates, always the same ones."),
        Rule(
            "recommend",
            "assumed",
            "A slot is free time of a resource that has the required filter values, the earliest first.",
        ),
        Rule("optimize", "assumed", "A request for optimisation is taken in; the plan stays as it is."),
        Rule("setup", "assumed", "A tenant set-up is taken in whole."),
        Rule("webhook_location", "assumed", "A subscription's id is the last segment of its Location."),
        Rule(
            "webhook_source", "assumed", "A subscription gets the appointments of its source, of the event in its path."
        ),
        Rule("webhook_limit", "sdk", "Too many subscriptions are answered 429."),
    ]
)
