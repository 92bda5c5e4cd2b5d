# Each target does all of its own set-up: Python 3.11 to 3.14, pip, git and make are enough.
#
#   make demo                 leads are routed in two stand-in CRMs while you watch (two minutes)
#   make demo DATA=FOLDER     the same with the companies and leads of FOLDER/accounts.csv and FOLDER/leads.csv
#   make demo FAULTS=storm    the same while both CRMs fail in every way they know
#   make test                 the tests that take seconds;  make test-all  all of them
#   make check                format, lint, types, import contracts, dead code, the example configuration
#   make bench-crm            what the CRMs cost: calls per lead, webhooks, limits, waits, memory (fifteen minutes)
#   make bench-router         the rules beside three rule engines, which get an environment of their own (two minutes)
#   make bench-sla            due times beside three libraries, which get an environment of their own; a million calls; a million clocks (five minutes)
#   make install              .venv with the `fairlead` command

VENV := .venv
BIN := $(VENV)/bin
# The two locks are installed into one environment, each with a stamp, so that a second call starts at once.
RUN := $(VENV)/.installed-run
TEST := $(VENV)/.installed-test
PEERS := .venv-peers/.installed
# A process for each core. A test shares nothing with those of another process: each has servers and folders of its own.
AT_ONCE := -n auto --dist worksteal
PACKAGES := domain router sla_monitor playbook connectors ledger runtime sandbox scripts

.DELETE_ON_ERROR:
.PHONY: install demo test test-all check bench bench-crm bench-router bench-sla truth lock clean

install: $(RUN)
	@echo "Installed. The command is $(BIN)/fairlead; try: $(BIN)/fairlead --help"

demo: $(RUN)
	@$(BIN)/fairlead demo $(if $(DATA),--data "$(DATA)") $(if $(FAULTS),--faults "$(FAULTS)")

test: $(TEST)
	$(BIN)/pytest $(AT_ONCE) -m "not slow"

test-all: $(TEST)
	$(BIN)/pytest $(AT_ONCE)

check: $(TEST)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/vulture $(PACKAGES) .ci/vulture_allowed.py --ignore-decorators "@click.*"
	$(BIN)/fairlead check

bench: $(TEST) $(PEERS)
	$(BIN)/python -m benchmarks

bench-crm: $(TEST)
	$(BIN)/python -m benchmarks backlog webhooks daemon memory

bench-router: $(TEST) $(PEERS)
	$(BIN)/python -m benchmarks router

bench-sla: $(TEST) $(PEERS)
	$(BIN)/python -m benchmarks due evidence sweep

truth: $(TEST)
	$(BIN)/pytest tests/truth

# Needs uv (pip install uv). The newest versions that setup.cfg allows, with the hashes of every file; the second lock
# has the same versions as the first.
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-header --quiet --upgrade
lock:
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	$(LOCK) --extra build -o requirements.lock setup.cfg
	$(LOCK) --extra build --extra test -c requirements.lock -o requirements-test.lock setup.cfg
	$(LOCK) -o benchmarks/requirements.lock benchmarks/requirements.in

# What was made here, the ledger and the logs of `fairlead up` included.
clean:
	rm -rf $(VENV) .venv-peers var build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(RUN): requirements.lock setup.cfg pyproject.toml scripts/setup.sh
	@sh scripts/setup.sh requirements.lock $(PYTHON)
	@touch $@

$(TEST): requirements-test.lock $(RUN)
	@sh scripts/setup.sh requirements-test.lock $(PYTHON)
	@touch $@

# What the benchmarks are compared with. Where it cannot be installed, the table says so.
$(PEERS): benchmarks/requirements.lock $(RUN)
	@$(BIN)/python -m venv --clear .venv-peers
	@.venv-peers/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r benchmarks/requirements.lock \
		&& touch $@ || echo "The peers could not be installed." >&2
