"""From successful responses to values: exactly the documented type, or an error that says what came instead."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from accordant_runtime import (
    UNSET,
    Answer,
    Deviation,
    ListOf,
    Notes,
    Operation,
    Redirect,
    TooDeepError,
    descend,
    dumps,
    is_array,
    is_object,
    loads,
    whole,
)

from .._deviations import scrubbed_deviations
from .._http.messages import HttpResponse
from .._http.secrets import secret_fields, secrets_of
from .._http.transport import detached
from .._paging.next_page import is_last, next_cursor
from .._paging.styles import Rows
from .._problems import Problem
from .._vendor import declared_failure
from ..errors import AccordantError, APIStatusError, ResponseDecodeError
from .attempts import CallState
from .charsets import in_utf8, text_of
from .record_key import other_record
from .status_errors import parsed_or_none, scrubbed, shortfall, status_error
from .time_zones import aware
from .values import STREAMED, values_in

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R", bound="ResponseReader")

_BOM: Final = b"\xef\xbb\xbf"


def _without_frames(read: Callable[Concatenate[R, P], T]) -> Callable[Concatenate[R, P], T]:
    """Raise errors without the frames that they come from: those hold the response as it came, unscrubbed."""

    @wraps(read)
    def reading(reader: R, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(reader, *args, **kwargs)
        except AccordantError as error:
            if error.__cause__ is None and error.__suppress_context__:
                error.__context__ = None  # a parser's error, which holds the whole response
            raise detached(error) from error.__cause__
        except RecursionError:
            raise reader.unreadable("the body is nested too deeply for the calls that are under way") from None

    return reading


class ResponseReader:
    """One response on its way to a value."""

    def __init__(self, operation: Operation[Any], state: CallState) -> None:
        self.session = state.session
        self.operation = operation
        self.state = state
        self.response = state.response
        self.notes = Notes(state.session.vendor.wall_clock, state.redactor.text)

    def failed(self) -> APIStatusError | None:
        """The error that the response is, when it is one."""
        response = self.response
        if response.ok or (300 <= response.status < 400 and self.operation.answer(response.status) is not None):
            return None
        return self._status_error(None)

    @_without_frames
    def value(self) -> Any:
        """The response as the operation's type."""
        answer = self._answer
        result: Any = None
        if answer.kind == "redirect":
            result = self._redirect()
        elif answer.kind == "nothing":
            self._require_nothing()
        else:
            self._require_whole()
            if answer.kind == "json":
                document = self._document(answer)
                result = self._decoded(answer, document)
                self._compare_key(answer, document)
            elif answer.kind in STREAMED:
                return values_in(self, answer, self.response.content)
            else:
                result = answer.decode(self.response.content if answer.kind == "bytes" else self._text(), self.notes)
        self.judge()
        zone = self.session.zone
        return result if zone is None else aware(result, zone)

    @_without_frames
    def streamed(self) -> Answer[Any] | None:
        """The response whose values come one by one; ``None`` where the status promises none."""
        answer = self.operation.answer(self.response.status) or next(iter(self.operation.answers))
        kind = self.response.media_type
        if answer.kind not in STREAMED or self.response.status == 204:
            return None
        if "html" in kind or (answer.kind != "lines" and kind not in ("", "text/event-stream")):
            raise self.unreadable(f"the content type is {kind} where {answer.content_type} was promised")
        return answer

    @_without_frames
    def whole(self) -> ResponseReader:
        """The same; raises ``ResponseDecodeError`` for a success of which a part is missing."""
        if self.response.ok:
            self._require_whole()
        return self

    @_without_frames
    def rows(self) -> Rows:
        """The response as a page of the operation's list, structure checked, rows not yet decoded."""
        pagination = self.operation.pagination
        assert pagination is not None
        self._require_whole()
        document = self._document(self._answer)
        items = descend(document, pagination.items)
        if not is_array(items):
            raise self._promise_broken(pagination.items, items, "array")
        total: Any = None
        if pagination.total is not None:
            total = whole(descend(document, pagination.total))
            if type(total) is not int or total < 0:
                raise self._promise_broken(pagination.total, total, "integer, 0 or more")
        cursor = next_cursor(pagination, document, items, self.response.headers)
        if self.notes.items and pagination.next is not None:
            self._require_sendable(pagination.next, cursor)
        return Rows(items, total, cursor, last=is_last(pagination, document))

    def _require_sendable(self, path: str, cursor: Any) -> None:
        """Refuse a cursor that no request could carry, such as half a character."""
        try:
            dumps(None if cursor is UNSET else cursor)
        except TypeError:
            raise self._promise_broken(path, cursor, "a cursor that can be sent") from None

    @_without_frames
    def decoded_rows(self, rows: Rows) -> list[Any]:
        """The rows of a page as the operation's type, in the place of what came: ``rows`` has these afterwards."""
        path = self.operation.pagination.items if self.operation.pagination else ""
        if rows.repeated:
            self.notes.add("bad_value", "the next page", "the first page again", f".{path}" if path else "")
        mark = len(self.notes.items)
        result = ListOf(self._answer.decode).in_place(rows.items, self.notes)
        if path and len(self.notes.items) != mark:
            self.notes.items[mark:] = [note.below(f".{path}") for note in self.notes.items[mark:]]
        if self.notes.items:
            prefix = f"$.{path}" if path else "$"
            roots = {f"{prefix}[{index}]" for index in range(len(rows.items))}
            self._require_roots(roots)
        self.judge()
        zone = self.session.zone
        decoded: list[Any] = result if zone is None else aware(result, zone)
        return decoded

    def judge(self) -> None:
        """Apply the client's policy to what was noted; a response that passes may be kept."""
        found = self.notes.items
        if found and self.session.deviating(self.operation.id, self.response.status, found):
            raise self.unreadable(_first(found), found)
        catalogues = self.session.catalogues
        if self.operation.id in catalogues.operations and self.state.attempts:
            catalogues.keep(self.operation.id, self.state.request, self.response)

    @cached_property
    def _answer(self) -> Answer[Any]:
        """The documented response for the status; a 2xx that is not documented is read like one that is.

        Where a response without a body is documented, one that has none is that, whatever its status says.
        """
        status = self.response.status
        answer = self.operation.answer(status)
        if answer is not None and self.response.content:
            return answer
        documented = [item for item in self.operation.answers if item.status.startswith("2")]
        if answer is None and not documented:
            raise self.unreadable(f"status {status} is not documented")
        if answer is None:
            self.notes.add("status", " or ".join(item.status for item in documented), str(status))
        nothing = next((item for item in documented if item.kind == "nothing"), None)
        if nothing is not None and not self.response.content:
            return nothing
        return answer or documented[0]

    def _decoded(self, answer: Answer[T], document: Any) -> T:
        """Decode, and refuse what has not even the right shape: it must not pass for the documented type."""
        result = answer.read(document, self.notes)
        kind: Any = type(result)
        if secret_fields(kind):
            self.session.redactor.notice(*secrets_of(result))
        if self.notes.items:
            root = "$"
            if answer.envelope:
                enveloped = descend(document, answer.envelope) is not UNSET
                root = f"$.{answer.envelope}" if enveloped else "$"
                if not enveloped:
                    self._require_record(answer.envelope, document)
            self._require_roots({root})
        return result

    def _compare_key(self, answer: Answer[Any], document: Any) -> None:
        """Note a record that is not the one that was asked for."""
        fields = self.operation.entity.returned
        if not fields:
            return
        record, url = answer.part(document), self.state.request.url
        number = record.get(fields[0]) if is_object(record) else None
        if type(number) is int and url.endswith(f"/{number}"):  # most records are found by a number
            return
        found = other_record(self.operation, url, record)
        if found is not None:
            enveloped = answer.envelope and descend(document, answer.envelope) is not UNSET
            self.notes.items.append(found.below(f".{answer.envelope}") if enveloped else found)

    def _require_record(self, envelope: str, document: Any) -> None:
        """Without its envelope a response is read bare; one that lacks the record's own id as well is neither."""
        key = self.operation.entity.key_field or "id"
        missing = any(note.kind == "missing" and note.path.count(".") == 1 for note in self.notes.items)
        if missing and is_object(document) and key not in document:
            raise self._promise_broken(envelope, UNSET, "object")

    def _require_roots(self, roots: set[str]) -> None:
        wrong = [
            note for note in self.notes.items if note.path in roots and note.kind in ("wrong_type", "null", "missing")
        ]
        if wrong:
            raise self.unreadable(_first(wrong), wrong)

    def _redirect(self) -> Redirect:
        location = self.response.headers.get("location")
        if not location:
            raise self.unreadable(f"status {self.response.status} came without a Location header")
        return Redirect(self.response.status, location)

    def _document(self, answer: Answer[Any]) -> Any:
        response = self.response
        content = response.content.removeprefix(_BOM)
        if not content.strip():
            raise self.unreadable("the body is empty where JSON was promised")
        kind = response.media_type
        if kind and "json" not in kind and kind != answer.content_type.partition(";")[0].strip().lower():
            raise self.unreadable(f"the content type is {kind} where {answer.content_type} was promised")
        document = self._parsed(content)
        self._require_success(document)
        return document

    def _require_nothing(self) -> None:
        """Where nothing is promised JSON may come nevertheless; a page of some gateway is no success."""
        self._require_whole()
        content = self.response.content.removeprefix(_BOM)
        self._require_success(self._parsed(content) if content.strip() else None)

    def _parsed(self, content: bytes) -> Any:
        try:
            return loads(content if content.isascii() else in_utf8(self.response, content, self.notes), self.notes)
        except TooDeepError as error:
            raise self.unreadable(f"the body cannot be read: {error}") from None
        except ValueError as error:
            raise self.unreadable(f"the body is not JSON: {error}") from None

    def _require_success(self, document: Any) -> None:
        """Raise the error that a vendor hides in a 2xx response."""
        hidden = self.session.vendor.hidden_problem
        if hidden is declared_failure and self.operation.failure is None:
            return
        if hidden(self.operation, self.response, document) is not None:
            safe = scrubbed(self.session, self.response)
            raise self._status_error(hidden(self.operation, safe, parsed_or_none(safe)))

    def _text(self) -> str:
        try:
            return text_of(self.response)
        except (ValueError, LookupError) as error:
            raise self.unreadable(f"the body is not text: {error}") from None

    def _require_whole(self) -> None:
        if self.response.broken is not None:
            raise self.unreadable(shortfall(self.response))

    def _promise_broken(self, path: str, value: Any, expected: str) -> ResponseDecodeError:
        notes = Notes(shown=self.session.redactor.text)
        notes.mismatch(value, path, expected)
        return self.unreadable(_first(notes.items), notes.items)

    def unreadable(self, message: str, deviations: list[Deviation] | None = None) -> ResponseDecodeError:
        """The error for a response that is not what was promised."""
        response: HttpResponse = scrubbed(self.session, self.response)
        return ResponseDecodeError(
            self.session.redactor.text(message),
            operation=self.operation.id,
            status=response.status,
            content_type=response.headers.get("content-type", ""),
            request_id=self.session.request_id(response.headers),
            deviations=scrubbed_deviations(self.session.redactor, deviations or ()),
            body=response.content,
            may_have_been_applied=self.state.write and self.state.attempts > 0,
        )

    def _status_error(self, problem: Problem | None) -> APIStatusError:
        return status_error(
            self.session,
            self.response,
            operation=self.operation.id,
            method=self.state.request.method,
            path=self.state.path,
            attempts=self.state.attempts,
            may_have_been_applied=self.state.may_have_been_applied,
            problem=problem,
            decode=self.operation.error_decoder(self.response.status),
        )


def _first(deviations: list[Deviation]) -> str:
    more = f" (and {len(deviations) - 1} more)" if len(deviations) > 1 else ""
    return f"{deviations[0]}{more}"
