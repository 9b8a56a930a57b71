# The commands that people and CI share. `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Every engine, program and provider is a Python of its own: without compiled files each would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

# uv makes the environment from the lock file; where it is missing, a private copy of the pinned release is used.
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --frozen --no-sync
PYTEST := $(RUN) pytest

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.tools/bin/uv:
	@echo "uv is not on PATH: installing uv $(UV_VERSION) into .tools"
	@python3 -m venv .tools && .tools/bin/python -m pip install --quiet uv==$(UV_VERSION)

install: $(if $(filter .tools/bin/uv,$(UV)),.tools/bin/uv) ## Make the environment in .venv from the lock file
	@$(UV) sync --frozen --quiet

tools: install ## Build the pinned tools of the lab (about 15 minutes the first time, then nothing)
	@$(RUN) python -m lab tools --quiet

lint: install ## Format check, lint, types, layers
	@$(RUN) ruff format --check .
	@$(RUN) ruff check .
	@$(RUN) mypy
	@$(RUN) lint-imports

format: install ## Put the code into shape
	@$(RUN) ruff format . && $(RUN) ruff check --fix .

test-unit: install ## Unit tests: seconds, no network
	@$(PYTEST) tests/unit -n auto

test-lab: tools ## Tests on real API servers with simulated nodes, real PostgreSQL, the real Pulumi engine
	@$(PYTEST) tests/lab -n 2 --dist loadfile --no-loadscope-reorder

test-nodes: tools ## Tests on real nodes (Linux, root; loud where that is missing, failing where CI=true)
	@$(PYTEST) tests/nodes

test: lint test-unit test-lab test-nodes ## Everything, with all its own set-up

demo: tools ## A customer's cluster is validated, ZITADEL installed and upgraded; KEEP=1 leaves it running
	@$(RUN) python -m lab demo $(if $(KEEP),--keep)

bench: tools ## Measure, and write docs/benchmarks.md; PARTS="help up" measures only those
	@$(RUN) python -m bench $(PARTS)

bench-upgrade: tools ## Measure an update under load, next to the public chart's settings (minutes; Linux, root)
	@$(RUN) python -m bench upgrade

clean: ## Remove what was built here (not the tools cache)
	@rm -rf dist build .coverage htmlcov .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: help install tools lint format test-unit test-lab test-nodes test demo bench bench-upgrade clean
