"""What DIBOP does beyond storing records: its rules with their evidence."""

from __future__ import annotations

from typing import Any

from accordant_sandbox.engine.auth import Principal
from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.model.collections import Row
from accordant_sandbox.model.rules import Rule, RuleBook

__all__ = ["RULES", "scope", "visible"]

RULES = RuleBook(
    [
        # Who is calling
        Rule("login", "seed", "An e-mail address and a password get a JWT, which is sent as a bearer token."),
        Rule(
            "token_life", "seed", "A JWT lives as long as `expires_in` says, 1 to 4 hours; then 401, and a new login."
        ),
        Rule(
            "api_key", "seed", "An API key is sent as a bearer token too; it has no end and an administrator's rights."
        ),
        Rule("login_refused", "assumed", "A wrong password, a deactivated user and one who signs in by SSO get 401."),
        Rule("role_at_once", "docs", "A changed role holds from the next request on, without a new login."),
        Rule("viewer_reads_only", "assumed", "A Viewer reads everything and changes nothing: 403."),
        Rule(
            "platform_admin_no_payloads",
            "docs",
            "A Platform Admin sees no data of an enterprise and runs nothing: 403.",
        ),
        Rule("enterprise_scope", "docs", "Records of another enterprise do not exist: 404, never 403."),
        # Answers
        Rule("error_envelope", "assumed", "A failure is `{error: {code, message, details, request_id}}`."),
        Rule("invalid_parameters", "seed", "A bad path, query or JSON text is 400, a body that breaks its schema 422."),
        Rule(
            "page_refused", "assumed", "A page below 1 or a size beyond 1 to 200 is 400; a page past the end is empty."
        ),
        Rule("period", "assumed", "`from` counts and `to` does not; a period that ends before it begins is 400."),
        Rule("rate_limits", "seed", "An enterprise may make 300 requests and start 60 executions a minute, else 429."),
        # Orchestrations
        Rule("orchestration_name", "assumed", "Names of orchestrations are unique in an enterprise: 409."),
        Rule("step_names", "assumed", "Step names are unique, and neither `parameters` nor `_context`: 422."),
        Rule("replace_all", "assumed", "PUT replaces the whole record: what is left out takes its default."),
        Rule("archived_closed", "assumed", "An archived orchestration takes a change of its status alone: 409."),
        Rule("running_not_deleted", "assumed", "An orchestration with a running execution is not deleted: 409."),
        Rule("executions_stay", "assumed", "Executions of a deleted orchestration can still be read."),
        # Executions
        Rule("only_active_runs", "assumed", "Only an active orchestration runs: 409."),
        Rule("execute_async", "assumed", "Execute answers at once; the execution is `running` and ends by itself."),
        Rule(
            "parameters_checked", "assumed", "A required parameter that is missing or a value of another type is 422."
        ),
        Rule("failed", "docs", "A step that fails ends the execution as `failed`; the steps after it are skipped."),
        Rule("partial", "docs", "An execution that went on after a failed step ends as `partial`."),
        Rule("retried", "docs", "A failed step is tried again as often as error handling says."),
        Rule("branch", "assumed", "The steps of the branch that a condition does not take are skipped."),
        Rule("handled", "assumed", "An error handler decides about the failure of the steps that it names, or of all."),
        Rule("call_logged", "docs", "Every call of a step at another system is one row of the API call log."),
        Rule(
            "call_fails_step", "docs", "A network error, a timeout and a 4xx or 5xx of the other system fail the step."
        ),
        Rule("pii_masked", "assumed", "Personal data is masked in call logs and traces, not in canonical records."),
        # Systems
        Rule("drafts_hidden", "docs", "Draft connectors are seen only by their maker."),
        Rule("ping_in_body", "assumed", "A ping is 200 whatever the system does; the outcome stands in the body."),
        Rule("ping_unconnected", "assumed", "A system that the enterprise has no connection to is not pinged: 409."),
        Rule("ping_health", "assumed", "A ping sets the system's health: `online` is healthy, anything else offline."),
        # Canonical data
        Rule("domains", "docs", "There are 22 canonical domains in four categories."),
        Rule("domain_fit", "assumed", "A record fits the fields of its domain, and may hold more: else 422."),
        Rule("business_key", "assumed", "The business key of a record is unique in its domain: 409."),
        # Alert rules
        Rule("alert_name", "docs", "Names of alert rules are unique: 409."),
        Rule("alert_scope", "assumed", "A scope names orchestrations and systems that exist: 422."),
        Rule("alert_defaults", "docs", "A condition takes the defaults of its type for what is left out."),
        Rule("alert_fired", "docs", "A rule that fires posts JSON to the URL of its webhook channel."),
        Rule("alert_cooldown", "docs", "A rule that fired is silent until its cooldown is over."),
        Rule("alert_evaluation", "assumed", "Rules are judged whenever an execution ends or a system is pinged."),
        # Incoming webhooks
        Rule("webhook_secret", "seed", "A webhook is authorised by its own secret in `X-Webhook-Secret`: else 401."),
        Rule("webhook_parameters", "assumed", "The keys of a webhook's body become the parameters of the execution."),
        Rule(
            "webhook_refused",
            "assumed",
            "A webhook that is off, filtered, or whose orchestration is not active is 409.",
        ),
        # Observability
        Rule("sla", "assumed", "The SLA is the share of executions that succeeded; running ones do not count."),
        Rule("points", "assumed", "A chart has a point for each hour, day or week in which something happened."),
    ]
)


def scope(tx: Transaction, principal: Principal) -> tuple[str, tuple[Any, ...]]:
    """`visible` as data."""
    del tx
    return ("_tenant", (None, principal.tenant))


def visible(tx: Transaction, principal: Principal, row: Row) -> bool:
    """Whether a principal sees a row: what is its enterprise's, and what is everyone's."""
    owner = row.get("_tenant")
    if owner is not None and owner != principal.tenant:
        tx.rule("enterprise_scope")
        return False
    return True
