VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin

help:  ## list what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/ready: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

test: $(VENV)/ready  ## set up everything and run the tests
	$(BIN)/pytest

check: $(VENV)/ready  ## formatting, lint and strict types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

demo: $(VENV)/ready  ## set up everything and play the tour
	$(BIN)/notify demo

build: $(VENV)/ready  ## make the package, in dist/
	$(BIN)/python -m hatchling build

bench: $(VENV)/ready  ## measure import, idle run and sending beside their peers
	$(BIN)/python -m benchmarks.importing 10000 100000 1000000
	$(BIN)/python -m benchmarks.idle 1000000
	$(BIN)/python -m benchmarks.sending 10000

reference: $(VENV)/ready  ## write the README's command reference anew from --help
	$(BIN)/python -m notifycli.cli.reference README.md

lock:  ## pin the development dependencies with hashes (needs pip-tools)
	pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
		--output-file requirements-dev.txt requirements-dev.in

.PHONY: help test check demo build bench reference lock
