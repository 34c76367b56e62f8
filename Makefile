# The commands of the repository. `make help` lists them; each needs nothing but Python 3.11, make and git.

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
CI_READY := build/ci-venv/.ready
DOCS := .venv-docs
DOCS_READY := $(DOCS)/.ready
CODE := runtime overlays sandboxes codegen contract_tests benchmarks release tests examples hatch_build.py
# What pyright looks at in `make test`: a quarter of its time would go to the tests, which mypy looks at as strictly.
SHIPPED := generated $(filter-out tests,$(CODE))

VENDOR ?=
NAME ?=
TARGET ?=
WRITE ?=
STRICT ?=
OPERATION ?=
CHECK ?=
SHARD ?=
ONCE ?=
BASELINE ?=
EVIDENCE ?=
FINDING ?= 1
OUT ?=
HAR ?=
HAR_OUT ?=
PROFILE ?= quick
SEED ?=
PORT ?=
URL :=
DOC :=
OLD :=
JSON :=
STRICT :=
SECONDS :=
MEGABYTES :=
FAULT ?=
CASE ?=
DIR ?=
ONLY ?=
MYPY ?=
CONTRACT ?=
CALLS ?= 20000
ROOM ?=
TYPES ?=
PYRIGHT ?=
RAISE ?=
REFRESH ?=
ROUNDS ?= 15
TAG ?=
VERSION ?=
DRAFT ?=
SINCE ?=

# A process that may not keep what it has compiled compiles it again and again: a run of the tests starts hundreds.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test transports lint format types mypy pyright check-generated regenerate sandbox contract contract-cleanup live-rows regression spec-lint tighten faults report bench lab chaos wheel wheel-test consumer reference lock clean pull drift coverage mutants vendor guess corpus dist changelog upgrades workflows audit docs browser

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "accordant needs Python 3.11 or newer; set PYTHON=")'
	@echo "Preparing $(VENV) (hash-locked; the first time it downloads)" >&2
	@$(PYTHON) -m venv $(VENV)
	@$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt >&2
	@$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . >&2
	@touch $(READY)

demo: $(READY) ## verify the generated code, play a session against every sandbox, run the contract tests quickly
	@$(RUN) -m accordant_contract demo

test: $(READY) lint ## everything that CI needs: lint, types, generated code, tests, contract tests [TYPES=all: pyright over the tests too, as CI has it]
	@rm -rf build/tests
	@$(MAKE) --no-print-directory -j3 BEHIND="nice -n 10" PYRIGHT="$(if $(filter all,$(TYPES)),,$(SHIPPED))" tests-contract mypy tests-client tests-codegen pyright tests-rest tests-sandbox check-generated
	@cat build/tests/*.log | awk '/ passed.* in [0-9.]+s/ { for (i = 2; i <= NF; i++) { sub(/,$$/, "", $$i); n[$$i] += $$(i - 1) } } \
		END { printf "make test: %d tests passed, %d were skipped\n", n["passed"], n["skipped"] }'

# Groups of tests, each in a process of its own: what a group needs is collected and made once. Three jobs at a time on two cores, since
# tests wait for programs that they started. Their order keeps both cores busy to the end, and so does that the longest group, the contract
# tests, has the others behind it, and pyright, the last long one, a little less so. What pytest says comes when a group is over.
ROOMS := contract client codegen sandbox
.PHONY: $(ROOMS:%=tests-%) tests-rest
$(ROOMS:%=tests-%): tests-%: ; @$(call tests,$*,tests/$*)
tests-rest: ; @$(call tests,rest,tests $(ROOMS:%=--ignore=tests/%))
define tests
mkdir -p build/tests; echo "tests-$(1) ..."
@$(if $(filter contract,$(1)),,$(BEHIND)) $(RUN) -m pytest -q --color=no $(2) >build/tests/$(1).log 2>&1; ended=$$?; grep -vE '^[.sxX]*( *\[ *[0-9]+%\])?$$' build/tests/$(1).log; exit $$ended
endef

transports: $(READY) ## the client's tests and its lab on the other HTTP libraries too [TRANSPORT=httpx2]
	@for each in $(or $(TRANSPORT),httpx2 fast); do \
		echo "$$each:"; ACCORDANT_TRANSPORT=$$each $(RUN) -m pytest tests/client -n 3 --dist worksteal -q || exit 1; \
		ACCORDANT_TRANSPORT=$$each $(RUN) -m benchmarks lab || exit 1; done

coverage: $(READY) ## line and branch coverage of runtime, overlays, codegen, engine and judges [ROOM=judges: that room only] [RAISE=1: raise the floors]
	@$(RUN) -m tests.quality.coverage_floor $(if $(ROOM),--room $(ROOM)) $(if $(filter 1,$(RAISE)),--raise)

mutants: $(READY) ## do the tests notice 200 small faults? [ONLY=regular expression] [WRITE=docs/testing.md] [RAISE=1] [REFRESH=1: replace those that are gone]
	@$(RUN) -m tests.quality.mutants $(if $(ONLY),--only "$(ONLY)") $(if $(WRITE),--write $(WRITE)) $(if $(filter 1,$(RAISE)),--raise) $(if $(filter 1,$(REFRESH)),--refresh)

lint: $(READY) ## style of the hand-written code
	@$(RUN) -m ruff check --quiet $(CODE)
	@$(RUN) -m ruff format --check --quiet $(CODE)
	@echo "lint: clean"

format: $(READY) ## format the hand-written code
	@$(RUN) -m ruff check --fix --quiet $(CODE)
	@$(RUN) -m ruff format --quiet $(CODE)

types: $(READY) ## mypy --strict and pyright strict over everything, generated code included
	@$(MAKE) --no-print-directory -j2 mypy pyright

mypy: $(READY)
	@rm -f .mypy_cache/complete
	@$(BEHIND) $(RUN) -m mypy && touch .mypy_cache/complete

pyright: $(READY)
	@$(if $(BEHIND),nice -n 5) $(RUN) -m tests.quality.pyright --level error $(PYRIGHT)

check-generated: $(READY) ## regenerate in a scratch place, fail on any difference [VENDOR=]
	@$(RUN) -m accordant_codegen check-generated $(if $(VENDOR),--vendor $(VENDOR))

regenerate: $(READY) ## rewrite the generated code and say what changed [VENDOR=]
	@$(RUN) -m accordant_codegen regenerate $(if $(VENDOR),--vendor $(VENDOR))

pull: $(READY) ## fetch the vendor's document, say what it changes, replace it [VENDOR=] [URL=address, page or file] [SECONDS=] [MEGABYTES=]
	@$(RUN) -m accordant_codegen pull $(if $(VENDOR),--vendor $(VENDOR)) $(if $(URL),--url '$(URL)') $(if $(SECONDS),--seconds $(SECONDS)) $(if $(MEGABYTES),--megabytes $(MEGABYTES))

drift: $(READY) ## what a newer document changes for callers [VENDOR=] [DOC=address or file] [OLD=another document] [JSON=1] [STRICT=1]
	@$(RUN) -m accordant_codegen drift $(if $(VENDOR),--vendor $(VENDOR)) $(if $(DOC),--document '$(DOC)') $(if $(OLD),--against '$(OLD)') $(if $(filter 1,$(JSON)),--json) $(if $(filter 1,$(STRICT)),--strict) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(MEGABYTES),--megabytes $(MEGABYTES))

vendor: $(READY) ## a new vendor from any document: client, guesses, sandbox, contract tests: NAME= URL=address, page or file
	@$(RUN) -m accordant_codegen vendor --name '$(NAME)' --url '$(URL)'

guess: $(READY) ## print as an overlay what can be guessed beyond what the overlays say, for operations that are new: VENDOR=
	@$(RUN) -m accordant_codegen guess --vendor '$(VENDOR)'

sandbox: $(READY) ## run one sandbox in the foreground: VENDOR= [PORT=] [FAULT=name|list]
	@$(RUN) -m accordant_sandbox $(VENDOR) $(if $(PORT),--port $(PORT)) $(foreach name,$(FAULT),--fault $(name))

contract: $(READY) ## contract tests, on the local sandbox or, reading only unless WRITE=1, on TARGET= [VENDOR=] [PROFILE=quick|full|nightly] [SEED=] [STRICT=1] [OPERATION=] [CHECK=] [SHARD=1/4] [JOBS=cores] [KEEP=1] [BASELINE=file] [HAR_OUT=path: record it] [HAR=file: judge a recording instead]
	@$(RUN) -m accordant_contract run --profile $(PROFILE) $(if $(SEED),--seed $(SEED)) $(if $(VENDOR),--vendor $(VENDOR)) $(if $(TARGET),--target $(TARGET)) $(if $(filter 1,$(WRITE)),--write) $(if $(filter 1,$(STRICT)),--strict) $(if $(OPERATION),--operation $(OPERATION)) $(if $(CHECK),--check $(CHECK)) $(if $(SHARD),--shard $(SHARD)) $(if $(JOBS),--jobs $(JOBS)) $(if $(filter 1,$(KEEP)),--keep) $(if $(CORPUS),--corpus '$(CORPUS)') $(if $(BASELINE),--baseline '$(BASELINE)') $(if $(HAR),--har '$(HAR)') $(if $(HAR_OUT),--har-out '$(HAR_OUT)')

contract-cleanup: $(READY) ## delete what runs with WRITE=1 made at an account and could not delete [VENDOR=] [TARGET=]
	@$(RUN) -m accordant_contract cleanup $(if $(VENDOR),--vendor $(VENDOR)) $(if $(TARGET),--target $(TARGET))

regression: $(READY) ## write a finding as a test for pytest, through our client: EVIDENCE=build/evidence/dispatch.json [FINDING=1] [OUT=file]
	@$(RUN) -m accordant_contract regression --evidence '$(EVIDENCE)' --finding $(FINDING) $(if $(OUT),--file '$(OUT)')

spec-lint: $(READY) ## what the effective documents leave open: types, required, formats, bounds [VENDOR=] [JSON=1]
	@$(RUN) -m accordant_contract spec-lint $(if $(VENDOR),--vendor $(VENDOR)) $(if $(filter 1,$(JSON)),--json)

tighten: $(READY) ## propose overlay actions from recorded responses, with their evidence: VENDOR= [HAR=file] [TARGET=] [OUT=file]
	@$(RUN) -m accordant_contract tighten --vendor '$(VENDOR)' $(if $(HAR),--har '$(HAR)') $(if $(TARGET),--target $(TARGET)) $(if $(OUT),--file '$(OUT)')

live-rows: $(READY) ## count and hash every row of each sandbox before and after runs at its address: reading, WRITE=1, SIGKILL [VENDOR=] [WRITE=docs/contract-figures.md]
	@$(RUN) -m accordant_contract live-rows $(if $(VENDOR),--vendor $(VENDOR)) $(if $(WRITE),--write $(WRITE))

faults: $(READY) ## switch the sandbox into every fault, then at eight other operations alone; a check must catch it [VENDOR=] [FAULT=] [ONCE=1] [PLAIN=1: beside plain schemathesis] [WRITE=docs/contract-figures.md]
	@$(RUN) -m accordant_contract faults $(if $(filter 1,$(ONCE)),--once) $(if $(PLAIN),--plain $(PLAIN)) $(if $(WRITE),--write $(WRITE)) $(if $(VENDOR),--vendor $(VENDOR)) $(foreach name,$(FAULT),--fault $(name))

report: $(READY) ## one JSON object: operations documented, generated, in the sandbox, covered by contract tests
	@$(RUN) -m accordant_contract report

bench: $(READY) ## how fast and how small, beside stock and peers [ONLY=models,calls,...] [ROUNDS=15]; BENCH_JSON=path writes JSON
	@$(RUN) -m benchmarks bench --rounds $(ROUNDS) $(if $(ONLY),--only $(ONLY))

lab: $(READY) ## how the clients behave when a server does not: one row a case [CASE=] [WRITE=docs/lab.md]; LAB_JSON=path writes JSON
	@$(RUN) -m benchmarks lab $(if $(CASE),--case $(CASE)) $(if $(WRITE),--write $(WRITE))

chaos: $(READY) ## calls through 20 % faults, judged by what the server holds [VENDOR=] [CALLS=] [SEED=]
	@$(RUN) -m benchmarks chaos --calls $(CALLS) $(if $(VENDOR),--vendor $(VENDOR)) $(if $(SEED),--seed $(SEED))

corpus: $(READY) ## every document of a folder through make vendor, in a temporary place: DIR= [ONLY=text] [MYPY=1] [CONTRACT=0] [WRITE=docs/corpus.md]
	@$(RUN) -m benchmarks corpus --dir '$(DIR)' $(if $(ONLY),--only '$(ONLY)') $(if $(MYPY),--mypy) $(if $(filter 0,$(CONTRACT)),--no-contract) $(if $(WRITE),--write $(WRITE))

wheel: $(READY) ## build the wheel into dist/
	@$(RUN) -m hatchling build -t wheel

wheel-test: $(READY) ## install the wheel into clean environments, newest and lowest dependencies, each Python found; try it there [ONLY=3.12]
	@$(RUN) -m release.wheel_test $(if $(ONLY),--only '$(ONLY)')

consumer: $(READY) ## build the wheel, install it and examples/consumer into a clean environment; its tests and types run there
	@$(RUN) -m release.consumer

reference: $(READY) ## rewrite docs/api.md, the list of every vendor's methods
	@$(RUN) -m release.reference

docs: $(DOCS_READY) ## build the documentation site into build/site; a warning is an error
	@$(DOCS)/bin/python -m release.site

browser: $(READY) ## open the site, the evidence page and the pages of a sandbox in Chromium, wide and narrow [CHROMIUM=its path]
	@$(RUN) -m pytest -q tests/browser

$(DOCS_READY): requirements/docs.txt
	@echo "Preparing $(DOCS) (hash-locked; the first time it downloads)" >&2
	@$(PYTHON) -m venv $(DOCS)
	@$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt >&2
	@touch $(DOCS_READY)

dist: $(READY) ## build the source distribution and the wheel of a release into dist/: TAG=vX.Y.Z
	@$(RUN) -m release.dist --tag '$(TAG)'

changelog: $(CI_READY) ## move the fragments of changes/ into CHANGELOG.md as one version: VERSION=X.Y.Z [DRAFT=1: print it only]
	@build/ci-venv/bin/towncrier build --yes --version '$(VERSION)' $(if $(filter 1,$(DRAFT)),--draft)

upgrades: $(READY) ## write what a version changes for callers, for accordant upgrade-check: VERSION=X.Y.Z [SINCE=tag or commit; the newest tag]
	@$(RUN) -m release.upgrades --version '$(VERSION)' $(if $(SINCE),--since '$(SINCE)')

$(CI_READY): requirements/ci.txt
	@$(PYTHON) -m venv build/ci-venv
	@build/ci-venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/ci.txt >&2
	@touch $(CI_READY)

workflows: $(CI_READY) ## are the workflows valid, and safe to run?
	@build/ci-venv/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@build/ci-venv/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	@build/ci-venv/bin/zizmor --offline --quiet --no-progress .github
	@echo "workflows: valid, and zizmor finds nothing"

audit: $(CI_READY) ## does a locked requirement have a known vulnerability? (asks the index)
	@for file in requirements/*.txt; do \
		build/ci-venv/bin/pip-audit --progress-spinner off --require-hashes --disable-pip -r $$file || exit 1; done

lock: ## lock the requirements of the repository's commands anew, with hashes and without any index host (needs pip-tools) [ONLY=dev]
	@for name in $(if $(ONLY),$(ONLY),$(basename $(notdir $(wildcard requirements/*.in)))); do \
		pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header \
			--strip-extras --allow-unsafe --output-file requirements/$$name.txt requirements/$$name.in || exit 1; done

clean: ## remove what the commands made, the virtual environment included
	@rm -rf $(VENV) $(DOCS) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis .cache
