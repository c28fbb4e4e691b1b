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

# The environment comes first in PATH because DVC runs the stages as `python -m stages.NAME`.
IN_VENV := unset DVC_ROOT; export PATH="$$PWD/.venv/bin:$$PATH";

.PHONY: help repro clean python git

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

repro: git $(RUN) ## run the study: the raw table to the finished report
	@$(IN_VENV) python -m stages.study.params && python -m dvc repro

clean: ## remove the environment, the tools' caches and the site; data and DVC's cache stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache docs/_build docs/reference/api

$(RUN): | python
	@echo "Setting up .venv with $(PYTHON) from requirements.txt; this takes a few minutes once."
	@$(PYTHON) -m venv --clear .venv || { \
		echo "error: $(PYTHON) cannot make environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch "$@"

python:
	@test -n "$(PYTHON)" || { \
		echo "error: no python3 from 3.11 to 3.13 in PATH, which TensorFlow needs; name one with PYTHON=/path/to/python3" >&2; exit 1; }

# DVC keeps what it knows beside git: a source archive has none.
git:
	@test -e .git || { \
		echo "error: this folder is not a git repository, which DVC needs. Make it one, then try again:" >&2; \
		echo "    git init" >&2; exit 1; }

# What is for work on gridlanes itself. A study of one's own is made without.
-include developing.mk
