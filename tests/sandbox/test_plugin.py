"""The pytest plugin, as other repositories use it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from accordant_sandbox import vendors
from tests import warm

pytest_plugins = ["pytester"]

HELPERS = '''
import json

import pytest

def call(sandbox, method, target, body=None, token=None):
    """Status and JSON body of one call, in process or over HTTP."""
    credentials = sandbox.credentials
    send = credentials.get("transport") or over_http
    headers = [("Content-Type", "application/json")] + ([("Authorization", f"Bearer {token}")] if token else [])
    content = b"" if body is None else json.dumps(body).encode()
    status, _, answer = send(method, credentials["base_url"] + target, headers, content, 5.0)
    return status, json.loads(answer or b"null")

def over_http(method, url, headers, body, timeout):
    import httpx
    answer = httpx.request(method, url, headers=headers, content=body, timeout=timeout, verify=False)
    return answer.status_code, list(answer.headers.items()), answer.content

def log_in(sandbox):
    login = {name: value for name, value in sandbox.credentials.items() if name.startswith("client_")}
    return call(sandbox, "POST", "/v3/oauth/token", {"grant_type": "client_credentials", **login})[1]["access_token"]
'''

PLUGINS = ("-p", "no:cacheprovider", "-p", "accordant_sandbox.server.pytest_plugin")
Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a test file with these lines in it, in a process of its own with no other plugin.

    In this process, what such a run imports would be forgotten after it: half of a library that the next test uses.
    ``cold`` is a process that has no library loaded yet, as a user's.
    """
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(source: str, *options: str, cold: bool = False) -> pytest.RunResult:
        pytester.makeconftest("")
        pytester.makepyfile(helpers=HELPERS)
        pytester.makepyfile(test_it=f"from helpers import *\n{source}")
        words = [*PLUGINS, "--strict-markers", *options]
        if cold:
            return pytester.runpytest_subprocess(*words)
        words = ["-m", "pytest", f"--basetemp={pytester.path / 'base'}", *words]
        began = time.perf_counter()
        done = warm.run(words, cwd=pytester.path, libraries=warm.PYTEST)
        outcome = (done.returncode, done.stdout.splitlines(), done.stderr.splitlines())
        return pytest.RunResult(*outcome, time.perf_counter() - began)

    return run


def test_every_vendor_has_a_fixture(run: Run) -> None:
    """There is a fixture named after every vendor, and the factory."""
    result = run("", "--fixtures")
    for vendor in vendors():
        result.stdout.fnmatch_lines([f"{vendor}_sandbox*"])
    result.stdout.fnmatch_lines(["accordant_sandbox*"])


def test_a_test_gets_a_sandbox_of_its_own(run: Run) -> None:
    """What one test does to its sandbox, the next one does not see."""
    source = """
@pytest.mark.parametrize("number", [1, 2])
def test_own(dispatch_sandbox, number):
    assert len(dispatch_sandbox.state.appointments) == 0
    dispatch_sandbox.given("appointments", 3)
    assert call(dispatch_sandbox, "GET", "/v3/appointments", token=log_in(dispatch_sandbox))[1]["meta"]["total"] == 3
"""
    run(source, cold=True).assert_outcomes(passed=2)


def test_the_marker_says_how_a_sandbox_begins(run: Run) -> None:
    """`@pytest.mark.sandbox` sets seed, clock, random seed, settings and faults; the closest marker wins."""
    source = """
@pytest.mark.sandbox(seed="empty", clock="2027-05-01T12:00:00Z")
class TestMarked:
    @pytest.mark.sandbox(seed="default", random_seed=11, settings={"token_lifetime": 60}, faults=["wrong_type"])
    def test_marked(self, dispatch_sandbox):
        token = log_in(dispatch_sandbox)
        assert dispatch_sandbox.clock.text() == "2027-05-01T12:00:00Z"
        assert dispatch_sandbox.engine.random_seed == 11
        assert isinstance(call(dispatch_sandbox, "GET", "/v3/jobs/123", token=token)[1]["job"]["customer_id"], str)
        dispatch_sandbox.clock.advance(seconds=61)
        assert call(dispatch_sandbox, "GET", "/v3/jobs/123", token=token)[0] == 401

    def test_outer(self, dispatch_sandbox):
        assert len(dispatch_sandbox.state.jobs) == 0
"""
    run(source).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("sed='empty'", "unknown argument of @pytest.mark.sandbox 'sed'; did you mean 'seed'?"),
        ("'empty'", "@pytest.mark.sandbox takes keywords only, not 'empty'"),
        ("seed='emty'", "unknown seed 'emty'; did you mean 'empty'?"),
        ("faults=['page_overlp']", "unknown fault 'page_overlp'; did you mean 'page_overlap'?"),
        ("settings={'single_gt': 1}", "unknown setting 'single_gt'; did you mean 'single_get'?"),
        ("clock='noon'", "clock: 'noon' is not an RFC 3339 instant with an offset"),
        ("mode='https'", "unknown mode 'https'; did you mean 'http'?"),
    ],
)
def test_a_wrong_marker_is_an_error(run: Run, marker: str, words: str) -> None:
    """An argument that does not exist, or has an impossible value, is an error in one line that says what to do."""
    result = run(f"@pytest.mark.sandbox({marker})\ndef test_it(dispatch_sandbox): pass")
    result.assert_outcomes(errors=1)
    assert any(line.removeprefix("E").strip().startswith(words) for line in result.outlines), result.outlines
    assert "Traceback" not in result.stdout.str()


def test_the_factory_makes_several_sandboxes(run: Run) -> None:
    """`accordant_sandbox` makes as many as a test wants; its keywords win over the marker's, and are checked."""
    source = """
@pytest.mark.sandbox(seed="empty")
def test_two(accordant_sandbox):
    one, other = accordant_sandbox("dispatch"), accordant_sandbox("dispatch", seed="default")
    assert (len(one.state.jobs), len(other.state.jobs) > 0) == (0, True)

def test_misspelt(accordant_sandbox):
    accordant_sandbox("dispatch", sed="empty")

def test_nobody(accordant_sandbox):
    accordant_sandbox("dispath")
"""
    result = run(source)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["*unknown argument of accordant_sandbox() 'sed'; did you mean 'seed'?*"])
    result.stdout.fnmatch_lines(["*unknown vendor 'dispath'; did you mean 'dispatch'?*"])


def test_over_http_the_same_test_runs_unchanged(run: Run) -> None:
    """With `mode="http"` credentials lead to a server, which is kept from test to test; each sees its own sandbox."""
    source = """
seen = []

@pytest.mark.sandbox(mode="http")
@pytest.mark.parametrize("number", [1, 2])
def test_served(dispatch_sandbox, number):
    assert "transport" not in dispatch_sandbox.credentials
    dispatch_sandbox.given("appointments", number)
    answer = call(dispatch_sandbox, "GET", "/v3/appointments", token=log_in(dispatch_sandbox))
    assert answer[1]["meta"]["total"] == number
    seen.append(dispatch_sandbox.url)
    assert len(set(seen)) == 1

def test_on_demand(dispatch_sandbox):
    assert dispatch_sandbox.credentials["base_url"] == "http://dispatch.sandbox.localhost"
    assert dispatch_sandbox.env()["DISPATCH_BASE_URL"] == seen[0]
"""
    run(source).assert_outcomes(passed=3)


def test_the_mode_can_be_chosen_for_a_whole_run(run: Run) -> None:
    """`--sandbox-mode=http` sends every test that does not say otherwise over HTTP."""
    source = """
def test_served(dispatch_sandbox):
    assert dispatch_sandbox.credentials["base_url"].startswith("http://127.0.0.1:")

@pytest.mark.sandbox(mode="inprocess")
def test_in_process(dispatch_sandbox):
    assert "transport" in dispatch_sandbox.credentials
"""
    run(source, "--sandbox-mode=http").assert_outcomes(passed=2)


def test_a_defect_fails_the_test(run: Run) -> None:
    """A sandbox that broke its own document fails the test that used it."""
    source = """
from accordant_sandbox.http.response_validation import Defect

def test_it(dispatch_sandbox):
    dispatch_sandbox.engine.defects.append(Defect("getJob", 200, "$.job.id", "type", "is text"))
"""
    result = run(source)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*dispatch sandbox: it broke its own document: getJob 200 $.job.id: is text (type)*"])


def test_a_fault_that_never_acted_fails_the_test(run: Run) -> None:
    """A fault that was armed and did nothing proved nothing, so the test fails; one that acted is fine."""
    source = """
@pytest.mark.sandbox(faults=["page_overlap"])
def test_idle(dispatch_sandbox): pass

def test_idle_block(dispatch_sandbox):
    with dispatch_sandbox.fault("wrong_type"):
        pass

def test_acted(dispatch_sandbox):
    token = log_in(dispatch_sandbox)
    with dispatch_sandbox.fault("undocumented_status", on="getJob", times=1):
        assert call(dispatch_sandbox, "GET", "/v3/jobs/123", token=token)[0] == 202
"""
    result = run(source)
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(["*the fault 'page_overlap' was armed and never acted*"])
    result.stdout.fnmatch_lines(["*the fault 'wrong_type' was armed and never acted*"])


def test_a_request_to_nowhere_fails_the_test(run: Run) -> None:
    """A path or method that the vendor does not have fails the test and names the closest path, unless allowed."""
    source = """
def test_path(dispatch_sandbox):
    assert call(dispatch_sandbox, "GET", "/v3/job")[0] == 404

def test_method(dispatch_sandbox):
    assert call(dispatch_sandbox, "PUT", "/v3/jobs/123")[0] == 404

@pytest.mark.sandbox(allow_unknown_routes=True)
def test_allowed(dispatch_sandbox):
    assert call(dispatch_sandbox, "GET", "/v3/job")[0] == 404
"""
    result = run(source)
    result.assert_outcomes(passed=3, errors=2)
    result.stdout.fnmatch_lines(["*GET /v3/job: no such path; the closest one is /v3/jobs*"])
    result.stdout.fnmatch_lines(["*PUT /v3/jobs/123: the path does not have this method*"])


def test_a_failure_shows_the_last_exchanges_without_secrets(run: Run) -> None:
    """The report of a failed test has the last ten exchanges; no token, password or secret is in it."""
    source = """
def test_it(dispatch_sandbox):
    token = log_in(dispatch_sandbox)
    with dispatch_sandbox.fault("wrong_type", on="getJob"):
        for number in range(12):
            call(dispatch_sandbox, "GET", "/v3/jobs/123?api_key=hidden-key", token=token)
    print("TOKEN", token[::-1])
    assert dispatch_sandbox.journal.count == 0
"""
    result = run(source, "--show-capture=all", "--tb=line")
    result.assert_outcomes(failed=1)
    text = result.stdout.str()
    backwards = next(line.split()[1] for line in result.outlines if line.startswith("TOKEN"))
    assert backwards[::-1] not in text
    assert "hidden-key" not in text
    assert "secret_key" not in text
    result.stdout.fnmatch_lines(
        [
            "*accordant sandbox dispatch: the last 10 of 13 exchanges*",
            "#4 2026-03-01T09:00:00Z GET /v3/jobs/123?api_key=[*][*][*] -> 200 getJob  faults: wrong_type",
        ]
    )
    assert "#3 " not in text


def test_a_failed_test_is_not_blamed_twice(run: Run) -> None:
    """What is wrong with the sandbox of a test that failed already stands in its report, not in a second error."""
    source = """
@pytest.mark.sandbox(faults=["page_overlap"])
def test_it(dispatch_sandbox):
    assert False
"""
    result = run(source)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["! the fault 'page_overlap' was armed and never acted*"])


def test_a_whole_suite_runs_under_a_fault(run: Run) -> None:
    """`--sandbox-faults` arms faults in every sandbox; one that finds nothing to do there is not blamed."""
    source = """
def test_met(dispatch_sandbox):
    assert call(dispatch_sandbox, "GET", "/v3/jobs/123", token=log_in(dispatch_sandbox))[0] == 202

def test_not_met(dispatch_sandbox): pass
"""
    run(source, "--sandbox-faults=undocumented_status, page_overlap").assert_outcomes(passed=2)


def test_an_unknown_fault_on_the_command_line_stops_the_run(run: Run) -> None:
    """A misspelt fault is a usage error before the first test."""
    result = run("def test_it(dispatch_sandbox): pass", "--sandbox-faults=page_overlp")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--sandbox-faults: unknown fault 'page_overlp'; did you mean 'page_overlap'?*"])


def test_the_journal_of_a_run_is_a_file(run: Run, pytester: pytest.Pytester) -> None:
    """`--sandbox-journal` writes every exchange of every test, a JSON object a line, without secrets."""
    source = """
def test_one(dispatch_sandbox): log_in(dispatch_sandbox)
def test_two(dispatch_sandbox): log_in(dispatch_sandbox)
"""
    pytester.path.joinpath("journal.jsonl").write_text("of an earlier run\n")
    run(source, "--sandbox-journal=journal.jsonl").assert_outcomes(passed=2)
    text = pytester.path.joinpath("journal.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["test"], line["vendor"], line["operation"], line["status"]) for line in lines] == [
        ("test_it.py::test_one", "dispatch", "createToken", 200),
        ("test_it.py::test_two", "dispatch", "createToken", 200),
    ]
    assert lines[0]["answer"]["access_token"] == "***"
    assert "secret_key" not in text


def test_a_journal_that_cannot_be_written_stops_the_run(run: Run) -> None:
    """A journal in a folder that does not exist is a usage error before the first test."""
    result = run("def test_it(): pass", "--sandbox-journal=nowhere/journal.jsonl")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--sandbox-journal=nowhere/journal.jsonl: No such file or directory*"])


def test_the_plugin_costs_nothing_until_it_is_used() -> None:
    """Loading the plugin loads neither server nor validator nor JSON library, nor anything else of the sandbox."""
    heavy = ("starlette", "uvicorn", "jsonschema_rs", "orjson", "httpx", "accordant_documents", "accordant_sandbox.")
    loaded = f"[name for name in sys.modules if name.startswith({heavy!r})]"
    code = f"import sys, accordant_sandbox.server.pytest_plugin\nprint({loaded})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "['accordant_sandbox.server', 'accordant_sandbox.server.pytest_plugin']"


SCOPED = """
@pytest.fixture(scope="{scope}")
def shop(accordant_sandbox_{scope}):
    return accordant_sandbox_{scope}("dispatch", seed="empty")

def test_one(shop):
    shop.given("brands", 2)

def test_two(shop):
    assert len(shop.state.brands) == 2
"""


@pytest.mark.parametrize("scope", ["module", "session"])
def test_a_sandbox_may_outlive_a_test(run: Run, scope: str) -> None:
    """A fixture of a module or of the whole run has a sandbox whose records the next test finds."""
    run(SCOPED.format(scope=scope)).assert_outcomes(passed=2)


@pytest.mark.parametrize("scope", ["module", "session"])
def test_a_sandbox_that_outlives_a_test_is_checked_as_well(run: Run, scope: str) -> None:
    """A call to nowhere is told at the end of the scope, and the failed test shows the last exchanges."""
    source = SCOPED.format(scope=scope) + "    call(shop, 'GET', '/nowhere')\n    assert False\n"
    result = run(source)
    result.assert_outcomes(passed=1, failed=1, errors=1)
    result.stdout.fnmatch_lines(["*accordant sandbox dispatch: the last 1*", "*GET /nowhere*"])
    result.stdout.fnmatch_lines(["*GET /nowhere: no such path*"])


def test_a_stub_that_was_never_called_fails_the_test(run: Run) -> None:
    """A stub that nothing called proves nothing, and the test says so."""
    result = run("def test_it(dispatch_sandbox): dispatch_sandbox.stub('getJob', status=503)")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*stub 1 of getJob was never called: the test proved nothing with it*"])


def test_a_missing_extra_is_said_when_tests_are_collected(run: Run, pytester: pytest.Pytester) -> None:
    """Without the extra, a suite that uses sandboxes stops at once, with the command that installs it; others run."""
    pytester.makepyfile(without="import sys\nsys.modules['uvicorn'] = None\n")
    hidden = ("-p", "without")
    result = run("def test_it(dispatch_sandbox): pass", *hidden, cold=True)
    result.stderr.fnmatch_lines(
        ["ERROR: test_it.py::test_it uses an accordant sandbox*'accordant[[]sandbox]'*uvicorn*"]
    )
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    run("def test_it(): pass", *hidden, cold=True).assert_outcomes(passed=1)


def test_workers_write_one_journal(run: Run, pytester: pytest.Pytester) -> None:
    """Under xdist the journal of a run is one file as well, with the exchanges of every worker."""
    source = """
@pytest.mark.parametrize("number", range(6))
def test_one(dispatch_sandbox, number): log_in(dispatch_sandbox)
"""
    pytester.path.joinpath("journal.jsonl.gw7").write_text("of an earlier run\n")
    run(source, "-p", "xdist", "-n", "2", "--sandbox-journal=journal.jsonl").assert_outcomes(passed=6)
    lines = [json.loads(line) for line in pytester.path.joinpath("journal.jsonl").read_text().splitlines()]
    assert sorted(line["test"] for line in lines) == [f"test_it.py::test_one[{number}]" for number in range(6)]
    assert [each.name for each in pytester.path.iterdir() if ".gw" in each.name] == []
