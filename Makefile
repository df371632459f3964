# What people type; `make` alone lists it. Set-up happens by itself and takes no time once it is done.
# Settings go behind the word: make demo PORT=9000 DATA_DIR=/data/touchstone PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin
JOBS ?= 2
MAKEFLAGS += --no-print-directory

.PHONY: help demo serve setup test lint verify messages lock format clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

demo: setup ## everything, with demo content, at http://127.0.0.1:8600; Ctrl+C ends it
	@$(BIN)/python -m config.up --demo

serve: setup ## the scoring server alone: the models below ROOT=var/runs, at PORT=8602
	@$(BIN)/python -m rewardtrain serve --root $(or $(ROOT),var/runs) --port $(or $(PORT),8602) $(ARGS)

setup: ## the virtual environment, the locked packages, the front end
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Install Python 3.11 or newer, or name it: make demo PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) config/install.py

test: lint ## linters, then all tests, by JOBS=2 processes; ARGS= goes to pytest
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile $(ARGS)

lint: setup ## ruff, import contracts, mypy, Django's own checks
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "Some files are not formatted: make format" >&2; exit 1; }
	@report=$$($(BIN)/lint-imports --no-logo) || { echo "$$report" >&2; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python manage.py check --fail-level WARNING
	@$(BIN)/python manage.py makemigrations --check --dry-run

verify: setup ## the long measurements of bench/, as var/verify/*.json and one table
	@$(BIN)/python -m bench $(ARGS)

messages: setup ## collect the words of the interface into locale/, for translators
	@$(BIN)/python -m config.translations collect

lock: setup ## resolve the Python packages anew (UPGRADE=1: to their newest versions)
	@$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --no-annotate \
		--custom-compile-command "make lock" --quiet $(if $(UPGRADE),--upgrade) -o requirements.lock

format: setup ## sort imports, lay out the code
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

clean: ## remove what set-up and tests made; var/ with your data stays
	@rm -rf .venv node_modules staticfiles .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
