"""`accordant upgrade-check`: each kind of use is found where it is, however the code comes to it, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from accordant._cli.upgrade import changes as data
from tests.client.command_line import run

FORMER = "tre" + "aty"
"""The project's former name, which no file but its data may spell."""
HEAD = "from accordant.dispatch import AsyncDispatch, Dispatch\nfrom accordant.dispatch import models\n"


def change(kind: str, place: str, text: str = "is not what it was", **more: str) -> dict[str, str]:
    return {"layer": "code", "impact": "breaking", "kind": kind, "place": place, "text": text, **more}


CHANGES = [
    change("method-renamed", "appointments.find", "is called appointments.list now", now="appointments.list"),
    change("method-removed", "jobs.explode", "is gone"),
    change("argument-renamed", "appointments.list", name="state_in", now="status_in"),
    change("argument-removed", "appointments.create", "argument `colour` is gone", name="colour"),
    change("required-argument-added", "appointments.create", "argument `job_id` is new and required", name="job_id"),
    change("argument-moved", "appointments.get", "argument `id` has another position", name="elsewhere"),
    change("argument-type-changed", "appointments.create", "argument `duration` takes `int`", name="duration"),
    change("return-changed", "appointments.delete", "returns `None` (it was `Appointment`)"),
    change("class-renamed", "models.Visit", "is called Appointment now", now="Appointment"),
    change("field-renamed", "models.Appointment", "field `starts` is called `time` now", name="starts", now="time"),
    change("field-became-optional", "models.Appointment", "field `duration` may be UNSET", name="duration"),
    change("required-field-added", "models.AppointmentCreate", "field `job_id` is new and required", name="job_id"),
    change("enum-member-removed", "models.AppointmentStatus", "LATE is gone", name="LATE", value="late"),
]


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A file of changes, as `accordant drift --json` prints them."""
    place = tmp_path / "changes.json"
    place.write_text(json.dumps({"vendor": "dispatch", "changes": CHANGES}))
    return place


def found(folder: Path, listed: Path, code: str, *options: str) -> list[str]:
    """The lines that are printed of this code, without the file and the summary."""
    file = folder / "app.py"
    file.write_text(HEAD + code)
    lines = run("upgrade-check", str(file), "--changes", str(listed), *options).out.splitlines()
    assert lines[-1].startswith("1 file read: ")
    assert all(line.startswith(f"{file.as_posix()}:") for line in lines[:-1])
    return [line.removeprefix(f"{file.as_posix()}:") for line in lines[:-1]]


USES = {
    "method renamed": (
        "api.appointments.find()",
        18,
        "appointments.find: is called appointments.list now; write `appoi",
    ),
    "method gone": ("api.jobs.explode(1)", 10, "jobs.explode: is gone; the changelog says"),
    "argument renamed": (
        "api.appointments.list(state_in=['x'])",
        32,
        "appointments.list: is not what it was; write `stat",
    ),
    "argument gone": ("api.appointments.create(job_id=1, colour=2)", 42, "argument `colour` is gone; leave it out"),
    "argument is required": ("api.appointments.create(time=None)", 1, "new and required; give `job_id`"),
    "argument by position": ("api.appointments.get(1, 2)", 1, "another position; give it by its name"),
    "argument of another type": (
        "api.appointments.create(job_id=1, duration=3)",
        44,
        "`duration` takes `int`; give what",
    ),
    "other result": ("api.appointments.delete(1)", 1, "returns `None` (it was `Appointment`); look at what is done"),
    "class": ("models.Visit", 8, "models.Visit: is called Appointment now; write `Appointment`"),
    "field of a result": ("api.appointments.get(1).starts", 25, "field `starts` is called `time` now; write `time`"),
    "field of a row": ("[row.starts for row in api.appointments.list()]", 6, "field `starts` is called `time` now"),
    "field of the first": ("api.appointments.list().first().starts", 33, "field `starts` is called `time` now"),
    "field that may be absent": ("api.appointments.get(1).duration", 25, "may be UNSET; reckon with UNSET"),
    "field that is given": ("models.Appointment(starts=1)", 27, "field `starts` is called `time` now"),
    "field that is required": ("models.AppointmentCreate()", 1, "field `job_id` is new and required; give `job_id`"),
    "member": ("models.AppointmentStatus.LATE", 26, "LATE is gone"),
    "value of a member": ("api.appointments.list(status_eq='late')", 33, "the value 'late' is gone"),
    "raw": ("api.raw(api.appointments.create, time=None)", 1, "new and required; give `job_id`"),
    "short raw": ("api.raw.appointments.find()", 22, "is called appointments.list now"),
    "parsed raw": ("api.raw(api.appointments.get, 1).parse().starts", 42, "field `starts`"),
    "method that is not called": ("print(api.jobs.explode)", 16, "jobs.explode: is gone"),
}


@pytest.mark.parametrize("name", USES)
def test_every_kind_of_change_is_found(tmp_path: Path, listed: Path, name: str) -> None:
    """A use of each kind of change is listed once: line and column, what happened, what to do instead."""
    code, column, said = USES[name]
    lines = found(tmp_path, listed, f"api = Dispatch(token='x')\n{code}\n")
    assert len(lines) == 1
    assert lines[0].startswith(f"4:{column}: ")
    assert said in lines[0]


def test_arguments_of_a_renamed_method_are_judged_by_its_new_name(tmp_path: Path, listed: Path) -> None:
    """Where a method and one of its arguments were renamed, both are listed."""
    lines = found(tmp_path, listed, "Dispatch().appointments.find(state_in=['x'])\n")
    assert [line.partition(";")[2] for line in lines] == [" write `appointments.list`", " write `status_in`"]


WAYS = {
    "an assignment": "api = Dispatch()\napi.jobs.explode()",
    "the environment": "api = Dispatch.from_env()\napi.jobs.explode()",
    "a copy with options": "api = Dispatch().with_options(timeout=1)\napi.jobs.explode()",
    "a with block": "with Dispatch() as api:\n    api.jobs.explode()",
    "an async with block": "async def f():\n    async with AsyncDispatch() as api:\n        await api.jobs.explode()",
    "a parameter": "def f(api: Dispatch):\n    api.jobs.explode()",
    "a parameter whose annotation is a text": "def f(*, api: 'Dispatch | None' = None):\n    api.jobs.explode()",
    "an attribute of self": (
        "class A:\n    def use(self):\n        self.api.jobs.explode()\n"
        "    def __init__(self):\n        self.api = Dispatch()"
    ),
    "a declared attribute": "class A:\n    api: Dispatch\n    def use(self):\n        self.api.jobs.explode()",
    "what a function returns": "def make():\n    return Dispatch()\nmake().jobs.explode()",
    "what a function says that it returns": "def make() -> Dispatch: ...\nmake().jobs.explode()",
    "a resource in a name": "jobs = Dispatch().jobs\njobs.explode()",
    "a method in a name": "run = Dispatch().jobs.explode",
    "another name of the module": "import accordant.dispatch as d\nd.Dispatch().jobs.explode()",
    "the whole name of the module": "import accordant.dispatch\naccordant.dispatch.Dispatch().jobs.explode()",
    "the module of the client": "from accordant.dispatch.client import Dispatch as D\nD().jobs.explode()",
    "a walrus": "if (api := Dispatch()):\n    api.jobs.explode()",
    "try and finally": "api = Dispatch()\ntry:\n    pass\nfinally:\n    api.jobs.explode()",
    "match": "api = Dispatch()\nmatch 1:\n    case _:\n        api.jobs.explode()",
    "lambda": "api = Dispatch()\nf = lambda: api.jobs.explode()",
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_a_client_is_followed(tmp_path: Path, listed: Path, way: str) -> None:
    """A client is known however the code comes to it."""
    lines = found(tmp_path, listed, WAYS[way] + "\n")
    assert [line.partition(": ")[2].partition(";")[0] for line in lines] == ["jobs.explode: is gone"]


def test_models_are_followed_through_annotations_and_loops(tmp_path: Path, listed: Path) -> None:
    """Fields of models are found through annotations, loops, lists and attributes that hold models."""
    code = (
        "def f(one: models.Appointment, more: list[models.Appointment]):\n"
        "    one.starts\n"
        "    for each in sorted(more):\n"
        "        each.starts\n"
        "    more[0].starts\n"
        "    for page in Dispatch().appointments.list().collect():\n"
        "        page.starts = 1\n"
    )
    assert [line.split(":")[0] for line in found(tmp_path, listed, code)] == ["4", "6", "7", "9"]


NOTHING = {
    "a foreign object": "api = object()\napi.jobs.explode()",
    "a name that is bound anew": "api = Dispatch()\napi = object()\napi.jobs.explode()",
    "another vendor": "from accordant.dibop import Dibop\nDibop().jobs.explode()",
    "what is unchanged": "Dispatch().appointments.list(status_in=['draft'], limit=3).first().time",
    "an argument that may be inside": "given = {}\nDispatch().appointments.create(**given)",
    "a field of a foreign object": "starts = object()\nstarts.starts",
    "the same words in a text": "print('api.jobs.explode()')",
}


@pytest.mark.parametrize("case", NOTHING)
def test_other_code_is_left_alone(tmp_path: Path, listed: Path, case: str) -> None:
    """What is not known to be a use of accordant, and what has not changed, is not listed."""
    assert found(tmp_path, listed, NOTHING[case] + "\n") == []


def test_exit_codes(tmp_path: Path, listed: Path) -> None:
    """0 says that nothing was found, 1 that there are uses, 2 that something could not be read; the rest is read."""
    clean, used, broken = tmp_path / "clean.py", tmp_path / "used.py", tmp_path / "broken.py"
    clean.write_text("import os\n")
    assert run("upgrade-check", str(clean)).code == 0
    used.write_text(f"{HEAD}Dispatch().jobs.explode()\n")
    assert run("upgrade-check", str(tmp_path), "--changes", str(listed)).code == 1
    broken.write_text("def f(:\n")
    done = run("upgrade-check", str(tmp_path), "--changes", str(listed))
    assert done.code == 2
    assert "jobs.explode: is gone" in done.out
    assert done.err.startswith(f"accordant: {broken.as_posix()}: line 1: it is no Python that Python 3.")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name a file or a folder"),
        (("nowhere.py",), "nowhere.py: there is no such file or folder"),
        ((".", "--form"), "there is no option '--form'; did you mean '--from'?"),
        ((".", "--from"), "--from needs a value"),
        ((".", "--from", "9.9"), "there is no version '9.9' to come from; there are: "),
        ((".", "--changes", "nowhere.json"), "nowhere.json: No such file"),
    ],
)
def test_a_wrong_command_line_is_one_line(words: tuple[str, ...], said: str) -> None:
    """What is wrong with the command line is said in one line, with exit code 2."""
    done = run("upgrade-check", *words)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err


@pytest.mark.parametrize("text", ["{", "[]x", "3", '{"a": 1}', '{"changes": [1]}'])
def test_a_file_that_holds_no_changes_is_refused(tmp_path: Path, text: str) -> None:
    """A file that is no list of changes is refused in one line that says what makes one."""
    place = tmp_path / "changes.json"
    place.write_text(text)
    done = run("upgrade-check", str(tmp_path), "--changes", str(place))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "accordant drift --json prints what is expected" in done.err


def test_folders_are_walked(tmp_path: Path, listed: Path) -> None:
    """A folder is read with those below it, in order, but for virtual environments, caches and hidden folders."""
    for place in ("b.py", "a/c.py", "a/d.pyi", ".hidden/x.py", "env/x.py", "node_modules/x.py", "a/notes.txt"):
        file = tmp_path / "src" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{HEAD}Dispatch().jobs.explode()\n")
    (tmp_path / "src" / "env" / "pyvenv.cfg").write_text("")
    done = run("upgrade-check", str(tmp_path / "src"), "--changes", str(listed))
    assert [Path(line.split(":")[0]).name for line in done.out.splitlines()[:-1]] == ["b.py", "c.py", "d.pyi"]
    assert done.out.splitlines()[-1] == "3 files read: 3 to change, 0 warnings"


def test_json(tmp_path: Path, listed: Path) -> None:
    """`--json` prints one object with every use and every file that could not be read."""
    (tmp_path / "app.py").write_text(f"{HEAD}Dispatch().jobs.explode()\n")
    (tmp_path / "broken.py").write_text("(")
    done = run("upgrade-check", str(tmp_path), "--changes", str(listed), "--json")
    told = json.loads(done.out)
    assert (done.code, done.err) == (2, "")
    assert told["uses"] == [
        {
            "file": (tmp_path / "app.py").as_posix(),
            "line": 3,
            "column": 17,
            "what": "jobs.explode: is gone",
            "instead": "the changelog says what to do instead, if anything",
            "version": "",
            "warning": False,
        }
    ]
    assert len(told["errors"]) == 1
    assert "broken.py" in told["errors"][0]


def test_the_old_name_of_the_project_is_found(tmp_path: Path) -> None:
    """Code that imports the project by its former name is told of each import, name and text that has it."""
    (tmp_path / "app.py").write_text(
        f"import logging\nimport {FORMER}.dispatch\nfrom {FORMER}.errors import NotFoundError, {FORMER.title()}Error\n"
        f"logging.getLogger('{FORMER}')\nKEY = 'x-{FORMER}-name'\napi = {FORMER}.dispatch.Dispatch()\n"
    )
    (tmp_path / "other.py").write_text(f"peace = '{FORMER}'\n")
    done = run("upgrade-check", str(tmp_path))
    lines = [line.partition("app.py:")[2] for line in done.out.splitlines()[:-1]]
    assert lines == [
        f"2:1: the package {FORMER}.dispatch is called accordant.dispatch now (in 0.1.0); write `accordant.dispatch`",
        f"3:1: the package {FORMER}.errors is called accordant.errors now (in 0.1.0); write `accordant.errors`",
        f"3:42: accordant.errors.{FORMER.title()}Error: {FORMER.title()}Error is called AccordantError now (in 0.1.0); "
        "write `AccordantError`",
        f"4:19: '{FORMER}' is 'accordant' now (in 0.1.0); write 'accordant'",
        f"5:7: 'x-{FORMER}-name' is 'x-accordant-name' now (in 0.1.0); write 'x-accordant-name'",
    ]
    assert done.code == 1
    assert run("upgrade-check", str(tmp_path), "--from", "0.1.0").code == 0


def version(start: str, *changes: dict[str, str]) -> dict[str, Any]:
    return {"from": start, "changes": [{"vendor": "dispatch", **each} for each in changes]}


def test_versions_follow_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes of every version since the one that the code was written for count, and what was renamed twice is told
    with its newest name. What the installed version has is not listed."""
    releases = {
        "0.1.0": version("0.0.1", change("method-removed", "appointments.list", "is gone")),
        "0.2.0": version("0.1.0", change("method-renamed", "jobs.find", "is called jobs.seek now", now="jobs.seek")),
        "0.10.0": version("0.2.0", change("method-renamed", "jobs.seek", "is called jobs.list now", now="jobs.list")),
    }
    monkeypatch.setattr(data, "shipped", lambda: releases)
    file = tmp_path / "app.py"
    file.write_text(f"{HEAD}api = Dispatch()\napi.jobs.find()\napi.jobs.seek()\napi.appointments.list()\n")
    lines = run("upgrade-check", str(file)).out.splitlines()[:-1]
    assert [line.partition("app.py:")[2] for line in lines] == [
        "4:10: jobs.find: is called jobs.seek now (in 0.2.0); write `jobs.list`",
        "5:10: jobs.seek: is called jobs.list now (in 0.10.0); write `jobs.list`",
    ]
    lines = run("upgrade-check", str(file), "--from", "v0.2.0").out.splitlines()[:-1]
    assert [line.partition("app.py:")[2].partition(":")[0] for line in lines] == ["5"]
    assert sorted(releases, key=data.numbers) == ["0.1.0", "0.2.0", "0.10.0"]


def test_public_names_written_by_hand_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules, names and arguments of accordant itself that are gone are found in imports, attributes and calls."""
    own = [
        change("module-removed", "accordant.pigeons", "the module is gone"),
        change("name-removed", "accordant.errors", "GhostError is gone", name="GhostError"),
        change("argument-removed", "accordant.ClientSettings", "argument `patience` is gone", name="patience"),
    ]
    releases = {"0.2.0": {"from": "0.1.0", "changes": [{"vendor": "", **each} for each in own]}}
    monkeypatch.setattr(data, "shipped", lambda: releases)
    file = tmp_path / "app.py"
    file.write_text(
        f"{HEAD}import accordant.pigeons\nfrom accordant import pigeons, errors\nerrors.GhostError\n"
        "from accordant.errors import GhostError, NotFoundError\nDispatch(patience=3)\nDispatch.from_env(patience=3)\n"
    )
    lines = [line.partition("app.py:")[2] for line in run("upgrade-check", str(file)).out.splitlines()[:-1]]
    assert [line.split(" (in")[0] for line in lines] == [
        "3:1: accordant.pigeons: the module is gone",
        "4:23: accordant.pigeons: the module is gone",
        "5:8: accordant.errors.GhostError: GhostError is gone",
        "6:30: accordant.errors.GhostError: GhostError is gone",
        "7:19: accordant.ClientSettings: argument `patience` is gone",
        "8:28: accordant.ClientSettings: argument `patience` is gone",
    ]


@pytest.mark.parametrize(
    "code", ["x = " + " + ".join(["'a'"] * 5000), "x = y" + ".z()" * 3000, "x = " + "[" * 3000 + "]" * 3000]
)
def test_code_that_is_nested_too_deep(code: str, tmp_path: Path, listed: Path) -> None:
    """A file that Python's own parser, or a walk through it, gives up is named, and costs no other file its report."""
    (tmp_path / "deep.py").write_text(f"{HEAD}{code}\n")
    (tmp_path / "used.py").write_text(f"{HEAD}Dispatch().jobs.explode()\n")
    done = run("upgrade-check", str(tmp_path), "--changes", str(listed))
    assert done.code == 2
    assert "jobs.explode: is gone" in done.out
    assert done.err.startswith(f"accordant: {tmp_path.as_posix()}/deep.py: ")
    assert "nested" in done.err


def test_changes_that_are_nested_too_deep(tmp_path: Path) -> None:
    """A file of changes that nobody can parse is refused as one that is no JSON."""
    place = tmp_path / "changes.json"
    place.write_text("[" * 100_000)
    done = run("upgrade-check", str(tmp_path), "--changes", str(place))
    assert (done.code, "it is no JSON" in done.complaint) == (2, True)
