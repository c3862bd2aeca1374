# Sets everything up below .venv/ and runs it. Needs Python 3.11 or 3.12 with venv, a C++ compiler, make and cmake.
PYTHON ?= $(shell for p in python3.12 python3.11 python3; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: help setup smoke main plan check test lint bench controls sensitivity lock clean

help:
	@echo "make smoke         run the main job at its smallest: no key, no network but the package index"
	@echo "make main          the main comparison (about ten minutes on two cores)"
	@echo "make plan STUDY=main    what a study would come to, before anything is spent"
	@echo "make check STUDY=smoke  a study again, compared with results/ cell by cell"
	@echo "make test          run the tests        make lint          ruff and mypy"
	@echo "make bench         measure the harness' own cost"
	@echo "make controls      the simulated model's controls (ten minutes on two cores)"
	@echo "make sensitivity   where FGO's lead comes from, as a heat map (a quarter of an hour on two cores)"
	@echo "make lock          resolve requirements/*.lock anew"

setup: $(STAMP)

$(STAMP): requirements/lock.txt requirements/build.txt requirements/installer.txt pyproject.toml
	@sh requirements/check_system.sh "$(PYTHON)"
	"$(PYTHON)" -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/installer.txt
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --build-constraints requirements/build.txt \
		--require-hashes -r requirements/lock.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps -e .
	$(BIN)/python -m compileall -q fgo envs experiments
	@touch $@

smoke: $(STAMP)
	$(BIN)/fgo reproduce smoke

main: $(STAMP)
	$(BIN)/fgo reproduce main

STUDY ?= smoke

plan: $(STAMP)
	$(BIN)/fgo reproduce $(STUDY) --plan

check: $(STAMP)
	$(BIN)/fgo reproduce $(STUDY) --check

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist loadgroup

lint: $(STAMP)
	$(BIN)/ruff format --check fgo envs experiments tests
	$(BIN)/ruff check fgo envs experiments tests
	$(BIN)/mypy

bench: $(STAMP)
	$(BIN)/python -m experiments.bench

controls: $(STAMP)
	$(BIN)/fgo reproduce controls

sensitivity: $(STAMP)
	$(BIN)/fgo reproduce sensitivity

lock: $(STAMP)
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet -o requirements/lock.txt
	echo uv | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet -o requirements/installer.txt
	printf 'setuptools\nwheel\n' | $(BIN)/uv pip compile - --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet -o requirements/build.txt

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache
