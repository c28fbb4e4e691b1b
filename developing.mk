# What is for work on gridlanes itself; Makefile has what a study needs, and includes this.

.PHONY: study test soak lint format docs links bench lock browser

DEV := .venv/dev-$(call key,requirements.txt requirements/dev.txt)
BENCH := .venv/bench-$(call key,requirements.txt requirements/bench.txt)

study: python ## make a folder for a study of your own, as in: make study DIR=../mine
	@$(PYTHON) -m new_study "$$DIR"

test: git $(DEV) browser ## run the tests that a change needs, 6 minutes; installs Chromium by apt-get where there is none
	@$(IN_VENV) python -m pytest

soak: git $(DEV) browser ## run the long forms of tests: fifty kills, the whole study on every backend, fuzzers, planted faults
	@$(IN_VENV) python -m pytest -m "soak or hypothesis" --hypothesis-profile=long

lint: $(DEV) ## check style, types and the import rules
	@$(IN_VENV) ruff check . && ruff format --check . && python -m mypy && lint-imports

format: $(DEV) ## rewrite the code in the project's style
	@$(IN_VENV) ruff check --fix . ; ruff format .

docs: $(DEV) ## build the site of the documentation, docs/_build/html/index.html
	@$(IN_VENV) python -m sphinx --quiet --fail-on-warning --keep-going docs docs/_build/html && \
	echo "docs/_build/html/index.html"

links: $(DEV) ## ask the web whether what the documentation links to is still there
	@$(IN_VENV) python -m sphinx -b linkcheck --quiet docs docs/_build/links

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

$(DEV): $(RUN)
	@echo "Adding to .venv what the tests need, from requirements/dev.txt."
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch "$@"

$(BENCH): $(RUN)
	@echo "Adding to .venv the peers of the benchmarks, from requirements/bench.txt."
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch "$@"

# The tests open the pages in it. From the system, not from Playwright, whose browsers come from elsewhere.
browser:
	@command -v chromium >/dev/null && exit; \
	root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	command -v apt-get >/dev/null && echo "Installing Chromium, which the tests of the pages need." && \
	$$root apt-get update --quiet=2 && \
	$$root env DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends \
		chromium fonts-dejavu-core >/dev/null || { \
		echo "error: the tests need a browser, and none could be installed; put \"chromium\" into PATH" >&2; exit 1; }
