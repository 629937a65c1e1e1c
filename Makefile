# make run and make test are all a fresh machine needs; make help lists the rest.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.PHONY: help run test test-all test-lowest test-newest ui docs lint format bench clean distclean
.DEFAULT_GOAL := help

help: ## list what can be done
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

run: .venv/run.stamp ## set up, fetch data and weights, run the default experiment; ARGS="metric=euclidean" changes it
	$(BIN)/python -m prh.run $(ARGS)

test: .venv/dev.stamp ## the test suite, lint and types included
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --maxprocesses 8 $(ARGS)

test-all: ARGS = -m 'slow or not slow'
test-all: test ## the slow tests too

test-lowest: ## the library alone, with the oldest versions it takes
	$(PYTHON) scripts/try_library.py lowest

test-newest: ## the library alone, with the newest versions it takes
	$(PYTHON) scripts/try_library.py newest

ui: .venv/run.stamp ## open the MLflow UI on 127.0.0.1:5000
	$(BIN)/python -m prh.ui $(ARGS)

docs: .venv/dev.stamp ## the documentation site, in site/; warnings and broken links are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
	$(BIN)/python scripts/check_site.py

lint: .venv/dev.stamp ## ruff and mypy only
	$(BIN)/ruff check .
	$(BIN)/mypy

format: .venv/dev.stamp ## rewrite the code in the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/dev.stamp ## extraction beside the bare forward pass; metrics beside bare products and peers (25 minutes)
	$(BIN)/python scripts/bench_extract.py
	$(BIN)/python scripts/bench_sweep.py
	$(BIN)/python scripts/bench_similarity.py

clean: ## remove the environment and what tools left; recorded runs and cached data stay
	rm -rf .venv build dist site *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

distclean: ## the same and, once you say yes, all recorded runs: mlruns and outputs
	@printf 'Delete mlruns, outputs and multirun, with all results in them, for good? Type yes: '
	@read answer && test "$$answer" = yes || { echo 'Nothing is deleted.'; exit 1; }
	@$(MAKE) --no-print-directory clean
	rm -rf outputs multirun mlruns/mlflow.db mlruns/mlflow.db-* mlruns/.mlflow.lock mlruns/artifacts

.venv/run.stamp: pyproject.toml constraints.txt
	@echo 'Installing prh and what it needs into .venv, which takes some minutes the first time.'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[experiment]'
	touch $@

.venv/dev.stamp: .venv/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@
