"""The checks by name, each with the sentence that it holds a vendor to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

Failure: TypeAlias = tuple[str, str]
"""A check of schemathesis and the operation at which it failed."""

OURS: Final[Mapping[str, str]] = {
    "page_shape": "A page holds no more rows than asked for, none twice, and as many as its total leaves.",
    "page_walk": "Walks with different page sizes see the same rows in the same order, each once, as many as total.",
    "list_truth": "A row of a list shows what the same record shows when it is read alone.",
    "read_after_write": "What was sent is what the answer and a later reading show.",
    "text_truth": "A text comes back as it was written: marks, spaces, line breaks, any script, to its full length.",
    "documented_default": "A property that was not sent shows its documented default.",
    "bulk_effect": "What a write of several items does to one of them, it does to all.",
    "bystander_untouched": "A write leaves the records alone that it does not name.",
    "header_truth": "Headers are true of their body: charset, length, ETag; what is private is not cached for all.",
    "redirect_truth": "A redirect to a file leads to the bytes that were uploaded.",
    "untouched_fields": "A change leaves alone what it did not carry.",
    "count_effect": "A create adds one row, a delete takes one away, a change neither.",
    "delete_is_final": "What was deleted cannot be read, and cannot be deleted again.",
    "failed_write_no_trace": "A refused write leaves everything as it was.",
    "filter_truth": "A filter lets through exactly the rows that fit it.",
    "auth_enforced": "Without a good credential of the right holder the answer is 401 or 403.",
    "token_lifecycle": "A token works from the moment it is issued until its stated end, and a spent one never again.",
    "client_truth": "The generated client decodes every success without a note and writes back the same JSON.",
    "retry_after": "A refusal for now says truthfully how long to wait, and remaining counts are honest.",
    "date_truth": "Instants come back as they were sent, and stamps tell the present.",
    "reference_effects": "What the vendor says happens to other records happens.",
    "idempotency": "Repeating what may be repeated changes nothing more.",
    "secret_leak": "No response shows a secret that the run sent, nor an undocumented field that is called like one.",
    "undocumented_field": "A success shows only fields that the document knows (judged in a strict run, else listed).",
    "known_deviation": "What is listed as a known deviation is still there: an entry that the vendor has mended goes.",
    "client_survives": "The real client, sync and async, gets through a scripted walk and sees the same rows.",
}

SCHEMATHESIS: Final[Mapping[str, str]] = {
    "response_schema_conformance": "A body fits its schema, formats included.",
    "status_code_conformance": "The status is one that the document lists.",
    "content_type_conformance": "A body comes as a documented media type, and says which.",
    "response_headers_conformance": "Documented headers are there, fit their schema, and do not contradict themselves.",
    "not_a_server_error": "Nothing that a client sends makes the server fail.",
    "negative_data_rejection": "A request that the document forbids is refused, where it has a failure for that.",
    "positive_data_acceptance": "A request that the document allows is accepted.",
    "unsupported_method": "A method that the document does not declare is refused.",
    "missing_required_header": "A request without a required header is refused.",
    "ignored_auth": "The fuzzer's requests without a good credential are refused.",
    "use_after_free": "The fuzzer cannot use a record after deleting it.",
    "ensure_resource_availability": "The fuzzer can use a record after creating it.",
    "allow_header_conformance": "The Allow header names the declared methods.",
    "hollow_run": "Every operation succeeded, three checks or more judged it, and few calls ran into a rate limit.",
}

CONTENT: Final = frozenset(
    {
        *(
            "read_after_write",
            "text_truth",
            "untouched_fields",
            "count_effect",
            "delete_is_final",
            "page_walk",
            "filter_truth",
            "list_truth",
        ),
        *("token_lifecycle", "reference_effects", "idempotency", "bulk_effect", "bystander_untouched"),
    }
)
"""The checks that hold what an operation did, or what it shows, against something else than its response alone."""

CHECKS: Final[Mapping[str, str]] = {**OURS, **SCHEMATHESIS}
