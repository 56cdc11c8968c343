# Fristwerk. `make` alone says what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ROOMS := protection workflows activities adapters workers services api client cli sandbox deploy tests benchmarks
# Three test processes keep two cores busy, because tests wait for servers; TESTS narrows what is run, e.g.
# make test TESTS=tests/mail
JOBS ?= 3
TESTS ?= tests
UV_COMPILE = $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
  --override requirements-override.txt
export PYTHONTZPATH :=
# Programs are started again and again; a shell that forbids Python to keep what it compiled makes each start twice as long.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup browser up down status test test-all check audit sbom format bench load growth chaos mutants lock clean fuzz openapi histories upgrade-drill

help:  ## Show this list
	@echo "Fristwerk keeps the protection clock of sales leads. What you can do here:"
	@echo
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "Start with: make up"

setup: $(STAMP)  ## Make .venv from the hash-locked requirements (only when they changed)

$(STAMP): requirements-setup.lock requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Fristwerk needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Try: make setup PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is incomplete here (on Debian: apt install python3-venv)." >&2; exit 1; }
	@echo "Installing the locked packages into $(VENV) …"
	@$(BIN)/uv --version >/dev/null 2>&1 || \
	  $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-setup.lock
	@VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip sync -q --require-hashes requirements-dev.lock
	@VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/uv pip install -q --no-build-isolation --no-deps --offline \
	  --config-settings editable_mode=compat -e .
	@touch $(STAMP)

up: setup  ## Start everything: database, Temporal with UI, mail sink, workers (Ctrl-C stops it)
	@$(BIN)/fristwerk up $(ARGS)

down: setup  ## Stop what `make up` started, from another window
	@$(BIN)/fristwerk stop

status: setup  ## Show what runs where
	@$(BIN)/fristwerk status

# Only what is run with pages needs one; elsewhere than on Debian as root nothing is installed.
browser: setup
	@$(if $(filter tests tests/e2e%,$(TESTS)),$(BIN)/python -m tests.e2e.browser.chromium)

test: browser  ## Run the tests with the coverage gates (90 % overall, 100 % of protection/)
	@rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest $(TESTS) -n $(JOBS) --dist loadfile --no-loadscope-reorder -q -m "not slow"
	@$(BIN)/coverage combine -q
	$(BIN)/coverage report --fail-under=90
	$(BIN)/coverage report --include='protection/*' --fail-under=100

# Slow are: the generated ledgers after the twentieth, played through workflows (engine and SQL are asked all of them in every
# run; the workflow asks the same engine), nine of ten previews of ledgers, the long fuzz, memory of large imports, and what
# starts servers of its own besides those that every run starts.
test-all: browser  ## Run every test, the long conformance run too
	FRISTWERK_EXAMPLES=5000 $(BIN)/python -m pytest $(TESTS) -n $(JOBS) --dist loadfile --no-loadscope-reorder -q

check: setup  ## Lint, format, types, arrows, dead code, dependencies, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@echo "$(BIN)/vulture (functions, methods, classes and imports that nobody uses)"; \
	  ! $(BIN)/vulture $(wildcard $(ROOMS)) | grep -E 'unused (function|method|class|import|property)|unreachable'
	$(BIN)/deptry .
	$(BIN)/python -m tests.operations.compose
	$(BIN)/python -m tests.operations.manifests
	$(BIN)/python -m tests.operations.watching
	@echo "$(BIN)/squawk sql/migrations (the way up)"; for file in sql/migrations/*.sql; do \
	  sed '/^-- migrate:down/,$$d' $$file | $(BIN)/squawk --stdin-filepath $$file || exit 1; done

audit: setup  ## Ask for known vulnerabilities of what the product is built from (needs the net; fails where it has none)
	$(BIN)/python -m tests.operations.audit $(ARGS)

sbom: setup  ## Write build/sbom.cdx.json: everything the product is built from (CycloneDX)
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --validate \
	  --output-format JSON --output-file build/sbom.cdx.json

format: setup  ## Put the code into the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

fuzz: setup  ## Ask the API over 5,000 things made up from its document, in every role; prints what it answered
	$(BIN)/python -m pytest tests/fuzz -m slow -q -s

openapi: setup  ## Write docs/openapi.json and the client anew, after a change of the API
	$(BIN)/python -m tests.api.document
	$(BIN)/python -m tests.client.generate

upgrade-drill: setup  ## Live leads through three builds, the first of them from git: make upgrade-drill BASE=<commit>
	UPGRADE_FROM=$(or $(BASE),$(error say which build runs now: make upgrade-drill BASE=<commit>)) \
	  $(BIN)/python -m pytest tests/upgrade/test_drill.py -q

histories: setup  ## Write down anew what workflows command along recorded histories (docs/operations/upgrades.md)
	$(BIN)/python -m tests.replay.commands $(ARGS)

chaos: setup  ## Hit everything while clients act, and prove that nothing is lost; ARGS="--minutes 20 --seed 2"
	$(BIN)/python -m tests.chaos $(ARGS)

bench: setup  ## Measure against something bare; one JSON line per ratio, then a table
	$(BIN)/python -m benchmarks

load: setup  ## Measure 100 and 500 users alone (a part of `make bench`)
	$(BIN)/python -m benchmarks $(foreach users,100 500,--only load-$(users)-served $(foreach route,protection list activities holds registrations,$(foreach share,p95 p99,--only load-$(users)-$(route)-$(share))))

growth: setup  ## Measure what open leads cost; ARGS="--leads 1000 --leads 10000 --due 5000"
	$(BIN)/python -m benchmarks.growth $(ARGS)

mutants: setup  ## Change protection/ in many small ways and see whether the tests notice
	FRISTWERK_EXAMPLES=40 $(BIN)/mutmut run
	$(BIN)/mutmut results

lock: setup  ## Resolve the requirements again (hashes, no addresses)
	$(UV_COMPILE) requirements-setup.in -o requirements-setup.lock
	$(UV_COMPILE) requirements.in -o requirements.lock
	$(UV_COMPILE) requirements-dev.in -o requirements-dev.lock

clean:  ## Remove caches and reports (keeps .venv and your data in .fristwerk)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.* htmlcov mutants build *.egg-info
	find $(ROOMS) -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
