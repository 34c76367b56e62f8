"""JUnit XML: a suite per vendor, a case per operation and check."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree as ET

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(records: Sequence[dict[str, Any]]) -> str:
    """The evidence of several vendors as one JUnit document."""
    root = ET.Element("testsuites", name="contract tests")
    for record in records:
        root.append(_suite(record))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(record: dict[str, Any]) -> ET.Element:
    vendor = str(record["vendor"])
    suite = ET.Element("testsuite", name=vendor, timestamp=str(record["started"]), time=str(record.get("seconds", 0)))
    if "not_finished" in record:
        case = ET.SubElement(suite, "testcase", classname=vendor, name="run")
        ET.SubElement(case, "error", message=_clean(record["not_finished"]))
        suite.set("tests", "1")
        suite.set("errors", "1")
        return suite
    if "not_run" in record:
        case = ET.SubElement(suite, "testcase", classname=vendor, name="run")
        ET.SubElement(case, "skipped", message=_clean(record["not_run"]))
        suite.set("tests", "1")
        suite.set("skipped", "1")
        return suite
    cases = list(_cases(record))
    for case in cases:
        suite.append(case)
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(1 for case in cases if case.find("failure") is not None)))
    return suite


def _cases(record: dict[str, Any]) -> Iterator[ET.Element]:
    left = list(record["findings"])
    for operation in record["operations"]:
        for check in operation["checks"]:
            own = [each for each in left if (each["operation"], each["check"]) == (operation["id"], check)]
            left = [each for each in left if each not in own]
            yield _case(str(record["vendor"]), f"{operation['id']}: {check}", own)
    for finding in left:
        yield _case(str(record["vendor"]), f"{finding['operation'] or 'run'}: {finding['check']}", [finding])


def _case(vendor: str, name: str, findings: Sequence[dict[str, Any]]) -> ET.Element:
    case = ET.Element("testcase", classname=vendor, name=name)
    if findings:
        failure = ET.SubElement(case, "failure", message=_clean(findings[0]["message"]))
        lines = [line for each in findings for line in (each["message"], *(x["request"] for x in each["exchanges"]))]
        failure.text = _clean("\n".join(lines))
    return case


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold; a fuzzer sends all of them."""
    return _FORBIDDEN.sub("\ufffd", text)
