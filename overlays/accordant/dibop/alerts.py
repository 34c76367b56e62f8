"""The message that DIBOP posts to your own server when an alert rule fires."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accordant_runtime import DecodeError, Notes, is_object, loads

if TYPE_CHECKING:
    from accordant_generated.dibop.models.fired_alert import FiredAlert


def parse_alert(body: bytes | str, *, lenient: bool = False) -> FiredAlert:
    """Read the body of an alert webhook.

    The vendor documents the content and no signature [docs]; the JSON keys are [assumed]. So treat a message as a hint,
    and look at what it says through the API before you act upon it.

    Args:
        body: The body of the POST request as it came.
        lenient: Take a message that differs from the document: what is wrong or unknown is kept as it came.

    Raises a DecodeError, with the places that differ, when the message is not what the document promises.
    """
    from accordant_generated.dibop.models.fired_alert import FiredAlert

    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    notes = Notes()
    try:
        document = loads(content, notes)
    except ValueError as error:
        raise DecodeError(f"the alert is not JSON: {error}", body=content) from None
    alert = FiredAlert.decode(document, notes)
    if not lenient or not is_object(document):
        notes.raise_any("the alert differs from the document", content)
    return alert
