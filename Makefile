VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin
export PYTHONDONTWRITEBYTECODE := # the tests begin hundreds of programs, each of which would compile all anew

help:  ## list what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/ready: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

test: $(VENV)/ready  ## set up everything and run the tests, but for the slow ones
	$(BIN)/pytest -q -n 2 --dist worksteal -m "not slow and not postgres" --ignore tests/real --ignore tests/cluster

slow: $(VENV)/ready  ## run the slow tests
	$(BIN)/pytest -q -n 2 --dist worksteal -m "slow and not postgres" --ignore tests/real --ignore tests/cluster

# What the short form on PostgreSQL plays: the store's tests, the worked cases, and what the desk does
ON_POSTGRES = tests/store tests/properties/test_cases.py $(addprefix tests/cli/test_,finding.py calls.py \
	calls_told_and_done.py why_json.py why_in_words.py show.py patient_card.py switch_commands.py imports_command.py \
	audit.py) tests/queries tests/delivery/test_receipts.py tests/intake/test_complete_files.py
postgres: $(VENV)/ready  ## run the tests of the store, the cases and the desk on PostgreSQL
	$(BIN)/pytest -q -n 2 --dist worksteal --postgres -m "not slow" $(ON_POSTGRES)

real: $(VENV)/ready  ## run the tests that need real servers (.ci/servers installs them); they skip what is not there
	$(BIN)/pytest -q tests/real

cluster: $(VENV)/ready  ## several hosts, lost hosts and failovers, with 20,000 messages (root; .ci/servers installs what it needs)
	NOTIFY_LONG_TESTS=1 $(BIN)/pytest -q -n 2 --dist loadfile tests/cluster

test-all: test slow postgres real  ## run all tests

check: $(VENV)/ready  ## formatting, lint and strict types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

demo: $(VENV)/ready  ## set up everything and play the tour
	$(BIN)/notify demo

build: $(VENV)/ready  ## make the package, in dist/
	$(BIN)/python -m hatchling build

bench: $(VENV)/ready  ## measure import, idle run, sending, start-up and searches beside their peers
	$(BIN)/python -m benchmarks.importing 10000 100000 1000000
	$(BIN)/python -m benchmarks.idle 1000000
	$(BIN)/python -m benchmarks.formats 1000000
	$(BIN)/python -m benchmarks.sending 10000
	$(BIN)/python -m benchmarks.silent_servers 300 10
	$(BIN)/python -m benchmarks.start_up 15
	$(BIN)/python -m benchmarks.finding 200000 1000000
	$(BIN)/python -m benchmarks.engines 1000000 10000

$(VENV)/ready-to-fuzz: $(VENV)/ready tests/fuzz/requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes \
		-r tests/fuzz/requirements.txt || \
		{ echo "make fuzz needs atheris, which exists for Linux on x86-64 with Python 3.11 to 3.13" >&2; exit 1; }
	touch $@

FUZZ_RUNS ?= 4000
fuzz: $(VENV)/ready-to-fuzz  ## try that many inputs on each reader, always the same: FUZZ_RUNS=4000
	for reader in csv ndjson fhir hl7 workbook packed import; do \
		$(BIN)/python -m tests.fuzz $$reader --runs $(FUZZ_RUNS) --seed 1 || exit 1; \
	done

reference: $(VENV)/ready  ## write anew what is made from the program: the tables of docs/, the manual page
	$(BIN)/python -m notifycli.cli.reference docs/commands.md docs/reasons.md docs/when-something-is-wrong.md
	$(BIN)/python -m notifycli.cli.manual docs/notify.1

pictures: $(VENV)/ready  ## take the pictures of notify browse anew
	$(BIN)/python -m tests.support.browser_pictures docs

LOCALE = notifycli/cli/locale
messages: $(VENV)/ready  ## bring the screens' translations up to date with the program, and compile them
	$(BIN)/pybabel -q extract -k N_ -k Sentence --add-location=file --project=notifycli \
		-o $(LOCALE)/notifycli.pot notifycli
	$(BIN)/pybabel -q update -D notifycli -i $(LOCALE)/notifycli.pot -d $(LOCALE) \
		-N --ignore-obsolete --ignore-pot-creation-date -w 120
	$(BIN)/pybabel -q compile -D notifycli -d $(LOCALE) --statistics

lock:  ## pin the development dependencies with hashes (needs pip-tools)
	for pinned in requirements-dev tests/fuzz/requirements; do \
		pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-trusted-host \
			--no-emit-find-links --output-file $$pinned.txt $$pinned.in || exit 1; \
	done

.PHONY: help test slow postgres real cluster test-all check demo build bench fuzz reference pictures messages lock
