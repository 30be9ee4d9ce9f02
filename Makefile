# Two commands set everything up: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test lint types check servers tools bench clean

demo: $(VENV)/.run
	@sh demo/demo.sh $(BIN)/rotation

test: $(VENV)/.test
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.test
	$(BIN)/mypy

check: lint types test

# the four mail servers and the shells of the checkers' tests, unpacked beside the project (root,
# Debian or Ubuntu); nothing is installed on the host but the libraries that the servers need
servers:
	sh tests/servers/install.sh
	sh tests/checkers/install.sh

# small Debians with the real packages of the tools that checkers run and that audit knows (root,
# Debian or Ubuntu; about a gigabyte)
tools:
	sh tests/checkers/presets/install.sh
	sh tests/audit/install.sh

bench: $(VENV)/.test
	$(BIN)/python bench/run.py
	$(BIN)/python bench/calendars.py

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'rotation needs Python 3.11 or newer; try: make PYTHON=python3.11 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || sh demo/need-venv.sh $(PYTHON)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'

$(VENV)/.run: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test
	@touch $@

clean:
	rm -rf $(VENV) .servers .tools .tools-audit .pytest_cache .mypy_cache .ruff_cache .hypothesis
