# One command each for people; CI calls the same.  The environment is made in .venv on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test check lint format types docs generate benchmark real clean

demo: $(STAMP)  ## the main job on a sample schema; leaves demo-report.html to open
	$(BIN)/dsql-compat analyze sample_schemas/shop/schema.sql
	$(BIN)/dsql-compat analyze sample_schemas/shop/schema.sql --output demo-report.html
	@echo "The same as a page: open demo-report.html"

test: $(STAMP)  ## all tests
	$(BIN)/python -m pytest -n auto

check: lint types docs test  ## what CI runs

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: $(STAMP)
	$(BIN)/mypy

docs: $(STAMP)  ## fails when something generated is older than what it is made from
	$(BIN)/python -m dsql_compat.rule_files --check
	$(BIN)/python docs/generate.py --check
	$(BIN)/python -m tests.accuracy.coverage --check
	$(BIN)/python -m tests.accuracy.synopsis --check
	$(BIN)/python -m tests.accuracy.score --check

generate: $(STAMP)  ## the compiled catalogue, the pages made from it, the JSON Schema
	$(BIN)/python -m dsql_compat.rule_files
	$(BIN)/python docs/generate.py
	$(BIN)/python -m tests.accuracy.coverage
	$(BIN)/python -m tests.accuracy.synopsis
	$(BIN)/python -m tests.accuracy.score --write

real: $(STAMP)  ## fetch and dump real schemas from package registries, for the tests marked `real`
	$(BIN)/python -m tests.real.collect $(SCHEMAS)

benchmark: $(STAMP)
	$(BIN)/python benchmarks/run.py

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "dsql-compat needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(STAMP)

clean:
	rm -rf $(VENV) dist build demo-report.html
