"""The view of what the vendor sends unasked: a module with one value for each webhook."""

from __future__ import annotations

from attrs import frozen

from ..names import constant
from ..text import clean, docstring, quoted
from ..types.code import CLASS, RUNTIME, Need, code, named
from ..types.naming import RESERVED
from ..types.typed import decoder, output_text
from .imports import import_lines
from .late import LateSpelling
from .models import Catalogue

MODULE = "received"


@frozen
class WebhookView:
    """One webhook: its constant, its value and what is said of it."""

    constant: str
    annotation: str
    value: str
    doc: str


@frozen
class WebhooksView:
    """The module of a document's webhooks; ``topic`` is the literal of the property that says which one a body is."""

    webhooks: tuple[WebhookView, ...]
    imports: tuple[str, ...]
    type_imports: tuple[str, ...]
    topic: str = ""


def view_webhooks(catalogue: Catalogue) -> WebhooksView | None:
    """The view of the module; None where the document has no webhook with a payload that is read."""
    taken = RESERVED.union(catalogue.models, catalogue.enums)
    typed = catalogue.types_with(LateSpelling()).of
    views: list[WebhookView] = []
    needs: set[Need] = set()
    names: set[str] = set()
    for webhook in catalogue.parsed.webhooks:
        kind = typed(webhook.payload)
        plain = constant(webhook.name)
        plain = f"{plain}_WEBHOOK" if plain in taken else plain
        name, count = plain, 1
        while name in names:
            count += 1
            name = f"{plain}_{count}"
        names.add(name)
        payload, reading = output_text(kind, optional=False), decoder(kind)
        needs |= code(payload, reading, named(RUNTIME, "WebhookReader")).needs
        value = f"WebhookReader({quoted(webhook.name)}, {quoted(webhook.method.upper())}, {reading})"
        views.append(WebhookView(name, f"WebhookReader[{payload}]", value, docstring(clean(webhook.doc), 0)))
    if not views:
        return None
    classes = {need for need in needs if need[0] == CLASS}
    eager = {need for need in needs if need[0] != CLASS} | {(RUNTIME, "WebhookTable"), ("typing", "Final")}
    eager |= {("typing", "TYPE_CHECKING")} if classes else set()
    return WebhooksView(
        tuple(views),
        import_lines(eager, catalogue.module),
        import_lines(classes, catalogue.module, ".models."),
        quoted(catalogue.parsed.topic) if catalogue.parsed.topic else "",
    )
