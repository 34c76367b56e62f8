"""Drifts that no list of faults has, planted between the run and a sandbox: a check sees each, and none without it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from attrs import define, field

from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets
from accordant_contract.target import vendor as vendors
from accordant_contract.target.senders import Reply, Send
from accordant_runtime import is_array, is_object


@define
class Sent:
    """A request on its way to a sandbox, and what a drift remembers from one to the next."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    content: bytes
    timeout: float | None
    on: Send
    memory: dict[str, Any] = field(repr=False)

    @property
    def path(self) -> str:
        """The path of its address."""
        return urlsplit(self.url).path

    @property
    def query(self) -> list[tuple[str, str]]:
        """The pairs of its query."""
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)

    @property
    def body(self) -> Any:
        """Its JSON body, or nothing."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None

    def go(self, **other: Any) -> Reply:
        """Send it, with another body, query, method or other headers where they are given."""
        url, headers = self.url, other.get("headers", self.headers)
        if "query" in other:
            url = urlsplit(url)._replace(query=urlencode(other["query"])).geturl()
        content = json.dumps(other["body"]).encode() if "body" in other else self.content
        headers = [each for each in headers if each[0].lower() != "content-length"]
        return self.on(other.get("method", self.method), other.get("url", url), headers, content, self.timeout)


Drift: TypeAlias = Callable[[Sent], Reply]


def shown(reply: Reply, change: Callable[[dict[str, Any]], None]) -> Reply:
    """A reply with every object of its JSON changed."""
    try:
        document = json.loads(reply[2])
    except ValueError:
        return reply
    pending = [document]
    for each in pending:
        if is_object(each):
            pending += each.values()
            change(each)
        elif is_array(each):
            pending += each
    content = json.dumps(document).encode()
    return reply[0], [each for each in reply[1] if each[0].lower() != "content-length"], content


def rewritten(method: str, path: str, change: Callable[[dict[str, Any]], Any]) -> Drift:
    """A drift in what is stored: bodies that are sent to a path are changed before they arrive."""

    def drift(sent: Sent) -> Reply:
        body = sent.body
        if sent.method != method or not re.search(path, sent.path) or not is_object(body):
            return sent.go()
        other = {**body}
        change(other)
        return sent.go(body=other)

    return drift


def filter_lost_later(sent: Sent) -> Reply:
    asks = dict(sent.query)
    later = asks.get("offset", "0") not in ("", "0")
    return sent.go(query=[each for each in sent.query if not (later and each[0].startswith("filter"))])


def unknown_is_all(sent: Sent) -> Reply:
    reply = sent.go()
    wanted = [value for name, value in sent.query if name.endswith("_in]")]
    if wanted and reply[0] == 200 and b'"appointments":[]' in reply[2].replace(b" ", b""):
        return sent.go(query=[each for each in sent.query if not each[0].endswith("_in]")])
    return reply


def found_by_its_beginning(sent: Sent) -> Reply:
    reply, name = sent.go(), dict(sent.query).get("equipmentName", "").lower()
    if not name or reply[0] != 200:
        return reply
    document = json.loads(reply[2])
    document["Data"] = [row for row in document["Data"] if row["Name"].lower().startswith(name)]
    return reply[0], reply[1], json.dumps(document).encode()


def change_of_nobody(sent: Sent) -> Reply:
    reply = sent.go()
    if sent.method != "PATCH" or reply[0] != 404:
        return reply
    rows = json.loads(sent.go(method="GET", url=sent.url.rpartition("/")[0])[2])
    return 200, (("Content-Type", "application/json"),), json.dumps({"customer": rows["customers"][0]}).encode()


def deletion_of_nobody(sent: Sent) -> Reply:
    reply = sent.go()
    gone: list[str] = sent.memory.setdefault("gone", [])
    if sent.method == "DELETE" and reply[0] == 204:
        gone.append(sent.path)
    return (204, (), b"") if sent.method == "DELETE" and reply[0] == 404 and sent.path not in gone else reply


def made_by_another(sent: Sent) -> Reply:
    if sent.method == "PUT":
        sent.memory[sent.path] = True
    other = {"created_by": "somebody else"} if sent.path in sent.memory else {}
    return shown(sent.go(), lambda each: each.update(other if "created_by" in each else {}))


def others_restamped(sent: Sent) -> Reply:
    reply = sent.go()
    if sent.method == "PATCH" and reply[0] == 200:
        sent.memory["at"] = json.loads(reply[2])["customer"]["updated_at"]
    latest = sent.memory.get("at", "")
    return shown(
        reply, lambda each: each.update({"updated_at": latest} if each.get("updated_at", "~") < latest else {})
    )


def cleared_by_nothing(sent: Sent) -> Reply:
    return sent.go(body={"notes": ""}) if sent.method == "PATCH" and sent.body == {} else sent.go()


def token_with_more(sent: Sent) -> Reply:
    given = dict(sent.headers).get("Authorization", "")
    known: set[str] = sent.memory.setdefault("known", set())
    good = next((each for each in known if given != each and given.startswith(each)), "")
    if good:
        return sent.go(headers=[("Authorization", good)])
    reply = sent.go()
    if given and reply[0] == 200:
        known.add(given)
    return reply


def any_letter_case(sent: Sent) -> Reply:
    body = sent.body if sent.path.endswith("/login") else None
    password = body.get("password") if is_object(body) else None
    good: str = sent.memory.get("password", "")
    if is_object(body) and isinstance(password, str) and password.lower() == good.lower():
        return sent.go(body={**body, "password": good})
    reply = sent.go()
    if isinstance(password, str) and reply[0] == 200:
        sent.memory["password"] = password
    return reply


def to_the_minute(body: dict[str, Any]) -> None:
    if isinstance(body.get("time"), str):
        body["time"] = re.sub(r":\d\d(Z|[+-]\d\d:\d\d)$", r":00\1", body["time"])


def on_at_first(body: dict[str, Any]) -> None:
    if body.get("enabled") is False:
        body["enabled"] = True


def name_made_up(body: dict[str, Any]) -> None:
    body["name"] = body.get("name") or "made up"


def mail_passed_over(body: dict[str, Any]) -> None:
    if "@" not in str(body.get("email", "@")):
        del body["email"]


def time_made_up(body: dict[str, Any]) -> None:
    if not re.fullmatch(r"\d\d:\d\d:\d\d", str(body.get("StartTime", "09:30:00"))):
        body["StartTime"] = "09:30:00"


DRIFTS: Final[Mapping[str, tuple[str, Sequence[str], str, Drift]]] = {
    "filters count on the first page alone": ("dispatch", ["listJobs"], "filter_truth", filter_lost_later),
    "values that nobody has are no filter": ("dispatch", ["listAppointments"], "filter_truth", unknown_is_all),
    "texts are found by their beginning": (
        *("espace", ["Equipment_EquipmentList"], "filter_truth"),
        found_by_its_beginning,
    ),
    "what nobody made is changed": ("dispatch", ["updateCustomer"], "read_after_write", change_of_nobody),
    "what nobody made is deleted": ("dispatch", ["deleteBrand"], "delete_is_final", deletion_of_nobody),
    "a replacement makes its sender the maker": (
        *("dibop", ["updateOrchestration"], "untouched_fields"),
        made_by_another,
    ),
    "a change restamps the others": ("dispatch", ["updateCustomer"], "bystander_untouched", others_restamped),
    "a change of nothing empties a field": ("dispatch", ["updateCustomer"], "untouched_fields", cleared_by_nothing),
    "a token may have more": ("dispatch", ["listAttachments"], "auth_enforced", token_with_more),
    "the case of a password does not matter": ("dibop", ["login"], "auth_enforced", any_letter_case),
    "seconds are cut off": (
        *("dispatch", ["createAppointment"], "date_truth"),
        rewritten("POST", "/appointments$", to_the_minute),
    ),
    "false is true at first": (
        *("dibop", ["createAlertRule"], "read_after_write"),
        rewritten("POST", "/alert-rules$", on_at_first),
    ),
    "an empty name is made up": (
        *("dibop", ["updateAlertRule"], "negative_data_rejection"),
        rewritten("PUT", "/alert-rules/", name_made_up),
    ),
    "a wrong e-mail is passed over": (
        *("dispatch", ["updateCustomer"], "negative_data_rejection"),
        rewritten("PATCH", "/customers/", mail_passed_over),
    ),
    "a wrong time is made up": (
        *("espace", ["EventV2_Create"], "negative_data_rejection"),
        rewritten("POST", "/event/create$", time_made_up),
    ),
}
"""What a vendor may do: where, the operations that a run is about, and the check that has to see it."""


def checks(vendor: str, focus: Sequence[str], drift: Drift) -> set[str]:
    """The checks that find something in a run of the probes with these operations."""
    with targets.local(vendors.load(vendor), way="process") as target:
        on, memory = target.send, dict[str, Any]()

        def send(
            method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, timeout: float | None
        ) -> Reply:
            return drift(Sent(method, url, headers, body, timeout, on, memory))

        target.send = send
        run = Run(target, Settings(PROFILES["quick"], focus=focus, fuzz=False))
        run.execute()
        return {seen.finding.check for seen in run.results.findings.values()}


@pytest.mark.parametrize("name", DRIFTS)
def test_a_drift_that_nobody_listed_is_seen(name: str) -> None:
    """What a vendor does otherwise than its document says is found by the check whose sentence it breaks."""
    vendor, focus, check, drift = DRIFTS[name]
    assert check in checks(vendor, focus, drift)


@pytest.mark.parametrize("name", DRIFTS)
def test_what_carries_a_drift_is_none_itself(name: str) -> None:
    """The same runs find nothing where requests and responses pass unchanged."""
    vendor, focus, _, _ = DRIFTS[name]
    assert checks(vendor, focus, Sent.go) == set()
