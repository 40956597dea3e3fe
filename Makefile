# Two commands matter: `make run` and `make test`. `make help` lists the rest.

PORT ?= 8000
ROUNDS ?= 10
WORKERS ?= 2
BIN := .venv/bin

# Given here it wins; otherwise the settings decide (the environment, .env, ./instance).
ifdef DATA_DIR
export ALLIANCE_DATA_DIR := $(abspath $(DATA_DIR))
endif

.DEFAULT_GOAL := help
.PHONY: help run soak test check lint types floors templates test-sqlite test-postgresql bench screenshots migration lock wheel messages format python python-dev system clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: python ## install, migrate, load the demonstration content, serve (PORT=8000 DATA_DIR=instance)
	@$(BIN)/alliance serve --port $(PORT) --check
	@$(BIN)/alliance demo
	@exec $(BIN)/alliance serve --port $(PORT)

test: python-dev system ## install what is lacking, then every check and every test, on SQLite and on PostgreSQL
	@$(MAKE) --no-print-directory --keep-going lint types floors templates test-sqlite test-postgresql

soak: python-dev system ## what `make test` does in short, in full: 10,000 made-up inputs a parser, 200 rounds of processes killed under load (long)
	HYPOTHESIS_PROFILE=soak $(BIN)/pytest -n $(WORKERS) -q -m hypothesis
	$(BIN)/python -m bench.kill_rounds --rounds 200

check: lint types floors templates ## every check that is not a test

lint: python-dev ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: python-dev ## mypy --strict
	$(BIN)/mypy

floors: python-dev ## which room may import which
	$(BIN)/lint-imports --no-logo

templates: python-dev ## djlint
	$(BIN)/djlint --lint --quiet templates

test-sqlite: python-dev system
	ALLIANCE_TEST_DATABASE=sqlite $(BIN)/pytest -n $(WORKERS) -q

test-postgresql: python-dev system
	ALLIANCE_TEST_DATABASE=postgresql $(BIN)/pytest -n $(WORKERS) -q -m "not browser"

bench: python-dev ## measurements and endurance, never run as tests (ROUNDS=10)
	$(BIN)/python -m bench.pages
	$(BIN)/python -m bench.fanout
	$(BIN)/python -m bench.posting
	$(BIN)/python -m bench.search
	$(BIN)/python -m bench.freshness
	$(BIN)/python -m bench.digest
	$(BIN)/python -m bench.kill_rounds --rounds $(ROUNDS)

screenshots: python-dev system ## every page in six languages at 360 and 1280 px, light and dark, into screenshots/index.html
	$(BIN)/python -m bench.screenshots screenshots

migration: python-dev ## a new migration from what the models say: make migration M="add a column"
	@test -n "$(M)" || { echo 'alliance: say what changes: make migration M="add a column"' >&2; exit 2; }
	$(BIN)/alliance migration "$(M)"
	$(BIN)/ruff check -q --fix migrations
	$(BIN)/ruff format -q migrations

messages: python-dev ## collect the messages of code and templates into every language's catalogue
	@mkdir -p alliance/locale
	$(BIN)/pybabel -q extract -F babel.cfg -k _l -k ngettext:1,2 --no-location --sort-output --project Alliance --copyright-holder Alliance -o alliance/locale/messages.pot .
	@for language in ar zh fr ru es; do test -f alliance/locale/$$language/LC_MESSAGES/messages.po || $(BIN)/pybabel -q init -l $$language -i alliance/locale/messages.pot -d alliance/locale; done
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-pot-creation-date -i alliance/locale/messages.pot -d alliance/locale

format: python-dev ## ruff: put the code in its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: python-dev ## compile the lock files again from pyproject.toml; what they name stays (UPGRADE=--upgrade: take the newest)
	$(BIN)/uv pip compile -q pyproject.toml $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements.lock
	$(BIN)/uv pip compile -q pyproject.toml --extra dev $(UPGRADE) -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements-dev.lock

wheel: python-dev ## dist/alliance-*.whl
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean: ## remove what was made, but not the data
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

python:
	@deploy/python.sh run

python-dev:
	@deploy/python.sh dev

system:
	@deploy/system.sh
