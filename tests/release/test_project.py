"""A project of a user's own: the whole session, and what each command says where it cannot work.

`make wheel-test` plays the same session with the built wheel, in a clean environment.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import accordant_documents
from accordant._cli import main as command
from accordant._cli import project as projects
from accordant.testing import Sandbox
from accordant_codegen.layout import layout_of, of_package
from release.environments import clean_environ
from release.project import Session, document, play
from tests import warm

Accordant = Callable[..., tuple[int, str, str]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; what the commands tell Python of a project is forgotten afterwards."""
    folder = tmp_path / "acme-clients"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("PYTHONPATH", accordant_documents.VARIABLE):
        monkeypatch.setenv(name, "")
    for name in [name for name in sys.modules if name.partition(".")[0] == "acme_clients"]:
        monkeypatch.delitem(sys.modules, name)
    documents: Any = accordant_documents
    documents._places_of.cache_clear()
    return folder


@pytest.fixture
def accordant(here: Path, capsys: pytest.CaptureFixture[str]) -> Accordant:
    """Runs the command in that folder; gives its exit code and what it said."""
    del here

    def run(*words: str) -> tuple[int, str, str]:
        try:
            code = command.main(words)
        except SystemExit as stopped:
            code = int(stopped.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return code, said.out, said.err

    return run


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the project with one vendor is kept, once a test has made it."""
    return tmp_path_factory.mktemp("kept") / "shop"


@pytest.fixture
def shop(here: Path, accordant: Accordant, kept: Path) -> Path:
    """A project with one vendor, not tested yet; gives its folder."""
    if kept.exists():
        shutil.copytree(kept, here.parent, dirs_exist_ok=True)
        return here
    assert accordant("init")[0] == 0
    file = here.parent / "openapi.json"
    file.write_text(json.dumps(document()))
    code, _, wrong = accordant("vendor", "add", "shop", str(file), "--no-contract")
    assert (code, wrong) == (0, "")
    shutil.copytree(here.parent, kept)
    return here


class _Warm(Session):
    """The same commands in processes that begin with the libraries loaded; `make wheel-test` begins with nothing."""

    def _start(self, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        return warm.run(words, cwd=self.folder, env=clean_environ() | self.environ, timeout=300)


def test_a_whole_session(tmp_path: Path) -> None:
    """From an empty folder to a client that is tested, brought up to date and removed again, by the commands alone."""
    play(_Warm(Path(sys.executable), tmp_path), installed=False)


def test_a_project_is_a_package_that_depends_on_accordant(here: Path, accordant: Accordant) -> None:
    """`accordant init` writes a package with its own name, which needs this accordant and not its tools."""
    code, said, _ = accordant("init")
    assert code == 0
    assert said.endswith("next: pip install -e .; accordant vendor add NAME URL\n")
    project = tomllib.loads((here / "pyproject.toml").read_text())
    assert project["project"]["name"] == "acme-clients"
    assert project["project"]["dependencies"] == ["accordant>=0.1.0,<0.2"]
    assert project["project"]["entry-points"]["accordant.packages"] == {"acme_clients": "acme_clients"}
    assert project["tool"]["accordant"] == {"package": "acme_clients"}
    assert layout_of(here) == of_package("acme_clients")
    assert (here / "src" / "acme_clients" / "py.typed").exists()


def test_a_project_begins_in_a_new_folder_or_beside_version_control(here: Path, accordant: Accordant) -> None:
    """`accordant init FOLDER` makes the folder; a README, hidden files and a virtual environment are left alone."""
    place = here / "new"
    (place / ".git").mkdir(parents=True)
    (place / "env").mkdir()
    (place / "env" / "pyvenv.cfg").touch()
    (place / "README.md").write_text("Ours.\n")
    code, said, _ = accordant("init", "new", "--name", "Their Clients")
    assert code == 0
    assert "next: cd new; pip install -e ." in said
    assert (place / "README.md").read_text() == "Ours.\n"
    assert (place / "src" / "their_clients" / "__init__.py").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("init",), "is not empty: it has notes.txt. Use a folder that is empty or new"),
        (("init", "notes.txt"), "is a file. Name a folder that is empty or new"),
        (("init", "new", "--name", "3 clients"), "'3 clients' cannot be the name of a project"),
        (("init", "new", "--name", "json"), "it is a word or a module of Python's"),
        (("init", "new", "--name", "accordant"), "accordant's own packages are called so"),
        (("vendor", "add", "shop", "x.json"), "this is no project"),
        (("pull",), "this is no project"),
        (("regenerate",), "this is no project"),
    ],
)
def test_what_cannot_begin(here: Path, accordant: Accordant, words: tuple[str, ...], said: str) -> None:
    """A folder with files, a bad name and a folder that is no project are refused in one line; nothing is written."""
    (here / "notes.txt").touch()
    code, out, err = accordant(*words)
    assert (code, out) == (1, "")
    assert err.startswith("accordant: ")
    assert err.count("\n") == 1
    assert said in err
    assert [each.name for each in here.iterdir()] == ["notes.txt"]


def test_what_is_not_installed_yet(shop: Path, accordant: Accordant) -> None:
    """Where the package is not installed, the first call is printed with the command that installs it."""
    code, said, _ = accordant("vendor", "add", "store", str(shop.parent / "openapi.json"), "--no-contract")
    assert code == 0
    assert "A first call, against its sandbox (once before it: pip install -e .):" in said
    assert "from acme_clients.store import Store" in said


def test_what_cannot_be_compared_has_a_status_of_its_own(accordant: Accordant) -> None:
    """`accordant drift` returns 3 where it cannot compare, since 1 and 2 are verdicts."""
    assert accordant("drift")[0] == 3
    assert accordant("drift", "--no-such-option")[0] == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("vendor", "add", "Shop-2", "x.json"), "Try 'shop_2'"),
        (("vendor", "add", "dispatch", "x.json"), "accordant has a vendor or a module of that name"),
        (("vendor", "add", "shop", "x.json"), "there is a vendor 'shop' already: specs/shop, overlays/shop, "),
        (("vendor", "add", "other", "nowhere.json"), "nowhere.json: the file does not exist"),
        (("vendor", "add", "other", "http://127.0.0.1:9/x"), "cannot be fetched"),
        (("pull", "shopp"), "there is no vendor 'shopp'; there are: shop. Did you mean 'shop'?"),
        (("pull", "shop"), "Run `accordant pull shop --url ...` once"),
        (("pull", "--url", "x.json"), "--url is the document of one vendor. Name it with NAME"),
        (("regenerate", "shopp"), "Did you mean 'shop'?"),
        (("vendor", "guess", "shopp"), "Did you mean 'shop'?"),
    ],
)
def test_wrong_use(shop: Path, accordant: Accordant, words: tuple[str, ...], said: str) -> None:
    """A wrong name, a document that is not there and a server that is not there are one line; the project stays."""
    before = {each for each in shop.rglob("*") if "__pycache__" not in each.parts}
    code, _, err = accordant(*words)
    assert code == 1
    assert err.startswith("accordant: ")
    assert said in err
    assert "make " not in err
    assert {each for each in shop.rglob("*") if "__pycache__" not in each.parts} == before


def test_other_commands_know_the_vendors_of_the_project(
    shop: Path, accordant: Accordant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a project, and in a folder of it, the commands of accordant know its vendors as well as accordant's."""
    monkeypatch.chdir(shop / "specs")
    assert "from acme_clients.shop import Shop" in accordant("vendors")[1]
    assert json.loads(accordant("spec", "shop")[1])["info"]["title"] == "Shop"
    assert "things.list" in accordant("call", "shop")[1]
    assert "faults" in accordant("sandbox", "shop", "--fault", "list")[1]
    assert accordant("sandbox", "shopp")[0] == 2
    assert accordant("contract", "shopp")[0] == 2
    assert "name it" in accordant("contract", "--operation", "getThing")[2]


def test_a_changed_document_says_what_to_type(shop: Path, accordant: Accordant) -> None:
    """A document that was changed by hand is refused with the commands of a project."""
    file = shop / "specs" / "shop" / "openapi.json"
    file.write_text(file.read_text().replace("things", "stuff"))
    code, _, err = accordant("regenerate")
    assert code == 1
    for typed in (
        "`accordant drift shop --document specs/shop/openapi.json`",
        "`accordant pull shop --url specs/shop/openapi.json`",
        "`accordant regenerate shop`",
    ):
        assert typed in err


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('package = "acme-clients"', "has one key, package"),
        ("", "has one key, package"),
        ('package = "a"\ncolour = "red"', "has one key, package"),
    ],
)
def test_a_table_that_is_wrong(here: Path, accordant: Accordant, table: str, said: str) -> None:
    """What is wrong in [tool.accordant] is named with what to write."""
    (here / "pyproject.toml").write_text(f"[tool.accordant]\n{table}\n")
    code, _, err = accordant("regenerate")
    assert code == 1
    assert said in err


def test_the_project_is_the_nearest_one(here: Path) -> None:
    """A folder belongs to the project above it, a `pyproject.toml` without the table or with an error to none."""
    (here / "pyproject.toml").write_text('[tool.accordant]\npackage = "acme_clients"\n')
    inner = here / "a" / "b"
    inner.mkdir(parents=True)
    (here / "a" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    (inner / "pyproject.toml").write_text("[tool.accordant]\npackage = \n")
    assert projects.find_project(inner) == projects.Project(here, "acme_clients")


def _nothing(*_: object) -> None:
    """What Python finds where nothing is installed."""


def test_without_the_extra(here: Path, accordant: Accordant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, a command and an import say in one line what to install."""
    del here
    needed = "pip install 'accordant[workbench]'"
    for name in [each for each in sys.modules if each.partition(".")[0] in ("accordant_codegen", "accordant_contract")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("importlib.util.find_spec", _nothing)
    for tool, words in (("accordant_codegen", ("init",)), ("accordant_contract", ("contract", "dispatch"))):
        with pytest.raises(ImportError, match="needs an extra: pip install 'accordant"):
            __import__(tool)
        assert accordant(*words) == (2, "", f"accordant: this command needs an extra: {needed}\n")


def test_a_package_that_is_gone_disturbs_nobody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A package that is named and cannot be found has no vendors; it is told to who asks for one that there is not."""
    monkeypatch.setenv(accordant_documents.VARIABLE, "no_such_package,..")
    assert "dispatch" in accordant_documents.names()
    assert accordant_documents.package("dispatch") == "accordant"
    gone = "ACCORDANT_PACKAGES names what cannot be imported: no_such_package, .."
    with pytest.raises(KeyError, match="there is no document 'shop'") as caught:
        accordant_documents.load("shop")
    assert gone in str(caught.value)
    with pytest.raises(ValueError, match="unknown vendor 'other_shop'") as refused:
        Sandbox("other_shop")
    assert gone in str(refused.value)
    for words in (["spec", "other_shop"], ["contract", "other_shop"]):
        assert command.main(words) == 2
        assert capsys.readouterr().err.endswith(f"{gone}\n")
    assert os.environ[accordant_documents.VARIABLE]


OLD_NAMES = """\
overlay: 1.0.0
info: {title: Old names, version: 1.0.0}
actions:
  - target: $.paths['/things'].get
    description: "[docs] Renamed."
    update: {x-accordant-deprecated-name: fetch_all}
  - target: $.components.schemas.Thing.properties.title
    description: "[docs] Renamed."
    update: {x-accordant-deprecated-name: label}
  - target: $.components.schemas.Thing
    description: "[docs] Renamed."
    update: {x-accordant-deprecated-name: Item}
  - target: $.components.schemas.Thing.properties.state
    description: "[docs] Renamed."
    update: {x-accordant-deprecated-name: {SHUT: closed}}
  - target: $.components.schemas.NewThing.properties.title
    description: "[docs] Renamed."
    update: {x-accordant-deprecated-name: label}
"""
CODE = """\
from acme_clients.shop import Shop
from acme_clients.shop.models import Item, ThingState
api = Shop(key="x")
for row in api.things.fetch_all():
    print(row.label)
api.things.create(label="a")
print(ThingState.SHUT)
"""


def test_old_names_in_a_project_work_and_are_listed(shop: Path, accordant: Accordant) -> None:
    """A project's own overlay keeps old names alive, for its client and raw responses too; `accordant upgrade-check`
    lists their uses as warnings, which count with --strict, and a change that `accordant drift` tells as a use."""
    (shop / "overlays" / "shop" / "old.overlay.yaml").write_text(OLD_NAMES)
    code, said, wrong = accordant("regenerate", "shop")
    assert (code, wrong) == (0, "")
    with Sandbox("shop") as sandbox, import_module("acme_clients.shop").Shop(**sandbox.credentials) as api:
        models = import_module("acme_clients.shop.models")
        with pytest.warns(DeprecationWarning, match=r"things\.fetch_all is the old name of things\.list") as warned:
            raw = api.raw(api.things.fetch_all)
        assert warned[0].filename == __file__
        with pytest.warns(DeprecationWarning, match=r"models\.Item is the old name of models\.Thing") as warned:
            assert isinstance(raw.parse().items[0], models.Item)
        assert warned[0].filename == __file__
        with pytest.warns(DeprecationWarning, match=r"things\.create: `label` is the old name of `title`") as warned:
            assert api.raw(api.things.create, label="a").status == 201
        assert warned[0].filename == __file__
    assert "fetch_all" not in accordant("call", "shop")[1]
    assert accordant("call", "shop", "things.fetch_all", "--help")[0] == 0
    (shop / "app.py").write_text(CODE)
    done = subprocess.run(
        [sys.executable, "-m", "accordant", "upgrade-check", "app.py"], cwd=shop, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == [
        "app.py:2:38: warning: models.Item is an old name; write `Thing`",
        "app.py:4:23: warning: things.fetch_all is an old name; write `things.list`",
        "app.py:5:15: warning: Thing.label is an old name; write `title`",
        "app.py:6:25: warning: things.create: `label` is the old name of an argument; write `title`",
        "app.py:7:18: warning: ThingState.SHUT is an old name; write `CLOSED`",
        "1 file read: 0 to change, 5 warnings",
    ]
    assert (done.returncode, done.stderr) == (0, "")
    newer = document()
    del newer["paths"]["/things/{id}"]["delete"]
    (shop / "newer.json").write_text(json.dumps(newer))
    code, said, _ = accordant("drift", "shop", "--document", "newer.json", "--json")
    assert code == 1
    (shop / "changes.json").write_text(said)
    (shop / "app.py").write_text("from acme_clients.shop import Shop\nShop(key='x').things.delete(1)\n")
    done = subprocess.run(
        [sys.executable, "-m", "accordant", "upgrade-check", "app.py", "--changes=changes.json"],
        cwd=shop,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("app.py:2:22: things.delete: is gone; ")
    assert done.returncode == 1
