# Each target sets up .venv by itself: from the network once, then not until a requirement file,
# the interpreter or the place of this folder changes.

.DELETE_ON_ERROR:
.SUFFIXES:
SHELL := /bin/bash
.DEFAULT_GOAL := help

# TensorFlow has wheels for these.
PYTHON ?= $(shell for version in "" 3.11 3.12 3.13; do \
	"python3$$version" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	2>/dev/null && echo "python3$$version" && break; done)

# What an environment was made from is in the name of its mark, so that a stale one is rebuilt
# whatever the dates of files say. An environment does not survive being moved.
key = $(shell { pwd; $(PYTHON) --version; cat $(1); } | cksum | tr ' ' -)
RUN := .venv/run-$(call key,requirements.txt)
DEV := .venv/dev-$(call key,requirements.txt requirements/dev.txt)
BENCH := .venv/bench-$(call key,requirements.txt requirements/bench.txt)

# The environment comes first in PATH because DVC runs the stages as `python -m stages.NAME`.
IN_VENV := unset DVC_ROOT; export PATH="$$PWD/.venv/bin:$$PATH";

.PHONY: help repro test soak lint format bench lock clean python git browser

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

repro: git $(RUN) ## run the study: the raw table to the finished report
	@$(IN_VENV) python -m dvc repro

test: git $(DEV) browser ## run the tests that a change needs, 6 minutes; installs Chromium by apt-get where there is none
	@$(IN_VENV) python -m pytest

soak: git $(DEV) browser ## run the long forms of tests, a quarter of an hour: fifty kills, the whole study on every backend, fuzzers, planted faults
	@$(IN_VENV) python -m pytest -m "soak or hypothesis" --hypothesis-profile=long

lint: $(DEV) ## check style, types and the import rules
	@$(IN_VENV) ruff check . && ruff format --check . && python -m mypy && lint-imports

format: $(DEV) ## rewrite the code in the project's style
	@$(IN_VENV) ruff check --fix . ; ruff format .

bench: $(BENCH) ## measure the search beside its peers, and its store; about 38 minutes on 2 cores, the portfolio not counted
	@$(IN_VENV) python -m benchmarks

lock: $(DEV) ## resolve pyproject.toml into the pinned requirement files again
	@$(IN_VENV) python -m uv --version >/dev/null && \
	export UV_CUSTOM_COMPILE_COMMAND="make lock" && \
	options="--universal --python-version 3.11 --generate-hashes --fork-strategy fewest --no-emit-index-url --quiet --extra pipeline" && \
	python -m uv pip compile pyproject.toml $$options -o requirements.txt && \
	python -m uv pip compile pyproject.toml $$options --extra dev -c requirements.txt -o requirements/dev.txt && \
	for extra in bench dask ray; do \
		python -m uv pip compile pyproject.toml $$options --extra $$extra -c requirements/dev.txt -o requirements/$$extra.txt || exit; \
	done

clean: ## remove the environment and the tools' caches; data and DVC's cache stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(RUN): | python
	@echo "Setting up .venv with $(PYTHON) from requirements.txt; this takes a few minutes once."
	@$(PYTHON) -m venv --clear .venv || { \
		echo "error: $(PYTHON) cannot make environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch "$@"

$(DEV): $(RUN)
	@echo "Adding to .venv what the tests need, from requirements/dev.txt."
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch "$@"

$(BENCH): $(RUN)
	@echo "Adding to .venv the peers of the benchmarks, from requirements/bench.txt."
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch "$@"

python:
	@test -n "$(PYTHON)" || { \
		echo "error: no python3 from 3.11 to 3.13 in PATH, which TensorFlow needs; name one with PYTHON=/path/to/python3" >&2; exit 1; }

# DVC keeps what it knows beside git: a source archive has none.
git:
	@test -e .git || { \
		echo "error: this folder is not a git repository, which DVC needs. Make it one, then try again:" >&2; \
		echo "    git init" >&2; exit 1; }

# The tests open the pages in it. From the system, not from Playwright, whose browsers come from elsewhere.
browser:
	@command -v chromium >/dev/null && exit; \
	root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	command -v apt-get >/dev/null && echo "Installing Chromium, which the tests of the pages need." && \
	$$root apt-get update --quiet=2 && \
	$$root env DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends \
		chromium fonts-dejavu-core >/dev/null || { \
		echo "error: the tests need a browser, and none could be installed; put \"chromium\" into PATH" >&2; exit 1; }
