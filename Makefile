# Two commands set everything up: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# whatever the umask: tests run parts of the program as other users
OPEN   := umask 022
PIP     = $(OPEN) && $(firstword $(filter %/bin/python,$^ $@) $(BIN)/python) -m pip --quiet --disable-pip-version-check

.PHONY: demo test test-newest test-lowest lint types check servers relays tools clients torture mutants bench clean

demo: $(VENV)/.run
	@sh demo/demo.sh $(BIN)/rotation

test: $(VENV)/.test
	$(BIN)/python -m pytest -n auto --dist loadfile

# the suite, but for the real servers, with the newest versions that users can get, and with the
# lowest that pyproject.toml allows
test-newest: $(VENV)-newest/bin/python
	$(PIP) install --upgrade --upgrade-strategy eager --editable . --group suite
	$(VENV)-newest/bin/python -m pytest -n auto --dist loadfile --ignore tests/servers

test-lowest: $(VENV)-lowest/bin/python
	$(VENV)-lowest/bin/python tests/lowest.py >$(VENV)-lowest/constraints.txt
	$(PIP) install --editable . --group test --constraint $(VENV)-lowest/constraints.txt
	$(VENV)-lowest/bin/python -m pytest -n auto --dist loadfile --ignore tests/servers

# format, names, imports, and the rules of the house: levels, lengths, a page for each command and key
lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -q tests/test_layers.py tests/test_names.py tests/test_pages.py tests/roster/test_pages.py

types: $(VENV)/.test
	$(BIN)/mypy

check: lint types test

# the four mail servers and the shells of the checkers' tests, unpacked beside the project (root,
# Debian or Ubuntu); nothing is installed on the host but the libraries that the servers need
servers:
	$(OPEN) && sh tests/servers/install.sh
	$(OPEN) && sh tests/checkers/install.sh

# two relays with their databases and directories, in the same way
relays:
	$(OPEN) && sh tests/servers/install.sh .servers relays

# small Debians, 12 and 13, with the real packages of the tools that checkers run and that audit knows
# (root, Debian or Ubuntu; some four gigabytes)
tools:
	$(OPEN) && sh tests/checkers/presets/install.sh
	$(OPEN) && sh tests/audit/install.sh

# Chromium, Evolution's calendar store and Thunderbird, for the tests that read pages and mails with
# them (root)
clients: $(VENV)/.test
	bash tests/clients.sh

# every fault at every system call that touches what decides, and mail that keeps coming over a
# hundred handoffs, on all four servers: hours. ROTATION_TORTURE=kinds takes each kind of fault once,
# in minutes; a smaller sample is a part of `make test`;
# ROTATION_SEED chooses another one
torture: $(VENV)/.test
	ROTATION_REQUIRE_SERVERS=1 ROTATION_TORTURE=$${ROTATION_TORTURE:-all} \
	  ROTATION_STREAM=$${ROTATION_STREAM:-100} \
	  $(BIN)/python -m pytest -rP -n auto tests/servers/test_torture.py tests/servers/test_stream.py tests/host/test_power_loss.py

# change one thing at a time and see whether a test notices: MUTANTS="--count 30 --minutes 10 --seed 7"
mutants: $(VENV)-mutants/bin/python
	$(PIP) install --editable . --group mutants
	$(VENV)-mutants/bin/python -m tests.mutants $(MUTANTS)

bench: $(VENV)/.test
	$(BIN)/python bench/run.py

$(VENV)/bin/python $(VENV)-newest/bin/python $(VENV)-lowest/bin/python $(VENV)-mutants/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'rotation needs Python 3.11 or newer; try: make PYTHON=python3.11 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || sh demo/need-venv.sh $(PYTHON)
	$(OPEN) && $(PYTHON) -m venv $(@D:/bin=)
	$(PIP) install --upgrade 'pip>=25.1'

$(VENV)/.run: $(VENV)/bin/python pyproject.toml
	$(PIP) install --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run
	$(PIP) install --group test
	@touch $@

clean:
	rm -rf $(VENV) $(VENV)-newest $(VENV)-lowest $(VENV)-mutants .mutants .servers .tools .tools-audit .pytest_cache .mypy_cache .ruff_cache .hypothesis
