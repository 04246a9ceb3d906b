# Everything works in a fresh clone with Python 3.11 to 3.13 and make; the environment is .venv.
SHELL := /bin/bash
.DEFAULT_GOAL := help
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
TIDU := .venv/bin/tidu
PY := .venv/bin/python
DATA ?= .tidu

.PHONY: help setup demo up down status check test coverage authz revocation fuzz simulate bench faults mutants

help: ## This list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

# Compiled once here: five services that each compile every library for themselves start ten seconds later.
setup: $(UV) ## Install the locked environment into .venv (brings uv if it is missing)
	@$(UV) sync --locked --quiet --compile-bytecode

demo: setup ## Start the stack, drive real cases through it, replay and verify them
	@$(TIDU) demo

up: setup ## Start the stack and keep it (DATA=folder)
	@$(TIDU) up --data "$(DATA)"

down: setup ## Stop the stack; its data stays
	@$(TIDU) down --data "$(DATA)"

status: setup ## Addresses, processes, memory, seconds to ready
	@$(TIDU) status --data "$(DATA)"

check: setup ## Lint, format, types, import contracts, anatomy, rules, reference data
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PY) -m tests.anatomy
	$(PY) -m tests.points
	$(TIDU) schemas check
	$(TIDU) rules check
	$(TIDU) data check

test: setup ## All tests, on the first backend there is: environment, Docker, embedded; the end says what was left out and why
	.venv/bin/pytest -n 3 --dist loadscope -rs

coverage: setup ## Every branch of the rule evaluator is taken by assessment's unit tests, or this fails
	.venv/bin/coverage run -m pytest -q tests/unit/assessment
	.venv/bin/coverage report

authz: setup ## Every route × role × relation × state against tests/authz/expected.yaml (SLICE=1: pairwise)
	@$(PY) -m tests.authz $(if $(SLICE),--slice)

revocation: setup ## Seconds until all five services refuse a revoked token, under load (TRIES=200, RATE=50)
	@$(PY) -m tests.authz.revocation --tries $(or $(TRIES),200) --rate $(or $(RATE),50)

fuzz: setup ## Requests made from the five OpenAPI documents: no server error, no answer they do not know (CASES=6000, SEED=1, ONLY=path)
	@PYTHONHASHSEED=0 $(PY) -m tests.fuzz --cases $(or $(CASES),6000) --seed $(or $(SEED),1) --only "$(ONLY)"

simulate: setup ## The kernel in simulated worlds (SEEDS=10000, or SEED=123 step by step)
	@$(PY) -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),10000))

faults: setup ## Faults on the real stack, checked from outside (SCENARIO=name, LONG=1, SEED=n)
	@$(PY) -m tests.faults $(SCENARIO) $(if $(LONG),--long) $(if $(SEED),--seed $(SEED))

mutants: setup ## Mutation testing (long): all, or M=services/review/domain, N=200 for a sample
	nice -n 19 $(PY) -m tests.mutation "$(M)" --sample $(or $(N),0)

bench: $(UV) ## Measure against bare peers (B=replay for one, LIST=1, QUICK=1 to try it, LONG=1 for the largest sizes, PAIRS=9, SEED=n)
	@$(UV) sync --locked --quiet --compile-bytecode --group bench
	@$(PY) -m bench $(B) $(if $(LIST),--list) $(if $(QUICK),--quick) $(if $(LONG),--long) $(if $(PAIRS),--pairs $(PAIRS)) $(if $(SEED),--seed $(SEED))

# A private environment, because a system's pip may refuse to install anything.
.uv/bin/uv:
	@for python in python3.13 python3.12 python3.11 python3; do \
	  if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then \
	    echo "uv is missing: bringing it into .uv with $$python"; \
	    "$$python" -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv && exit 0; \
	    echo "That failed. Install uv yourself (or the system's python3-venv package) and try again." >&2; exit 1; \
	  fi; \
	done; \
	echo "Python 3.11, 3.12 or 3.13 is needed." >&2; exit 1
