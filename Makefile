# Everything runs in an environment of its own, .venv, made on first use.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# Every pinned dependency has wheels for these versions of Python; tensorflow 2.21 has none for 3.14.
SUPPORTED := Python 3.11, 3.12 or 3.13
IS_SUPPORTED := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c "$(IS_SUPPORTED)" 2>/dev/null && echo $$name && break; done)

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# On a terminal pip shows its progress; elsewhere each stage is one line. A folder of wheels that pip's configuration
# names and that is absent is no fault: pip's warning about it, once a package, is dropped. Other messages pass.
PIP := $(BIN)/python -m pip install $(if $(MAKE_TERMOUT),,--quiet)
WITHOUT_NOISE := 2> >(sed "/^WARNING: Location '.*' is ignored: /d" >&2)
export HF_HUB_OFFLINE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test check lint types parity references bench docs clean

help: ## list the targets
	@echo "make TARGET [PYTHON=path/to/python], with $(SUPPORTED)"
	@sed -n 's/^\([a-z ]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS=$$'\t' read -r target text; do \
		printf '  %-12s%s\n' "$$target" "$$text"; done

$(INSTALLED): pyproject.toml constraints.txt
	@$(or $(PYTHON),false) -c "$(IS_SUPPORTED)" 2>/dev/null || { \
		echo "error: $(if $(PYTHON),$(PYTHON) cannot be used,no usable Python was found): ftcore needs $(SUPPORTED), with its venv" >&2; \
		echo "install one of these, or name one: make $(or $(MAKECMDGOALS),demo) PYTHON=path/to/python" >&2; exit 1; }
	@echo "Installing with $$($(PYTHON) --version) into $(VENV), once; it takes a few minutes"
	@echo "1 of 3: an environment and pip"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --upgrade pip $(WITHOUT_NOISE)
	@# torch comes first and by exact version: an open range would pull gigabytes of CUDA libraries.
	@echo "2 of 3: PyTorch"
	@$(PIP) torch==2.13.0 $(WITHOUT_NOISE)
	@echo "3 of 3: TensorFlow, transformers and all other packages"
	@$(PIP) --constraint constraints.txt --editable '.[dev]' $(WITHOUT_NOISE)
	@touch $@

demo: $(INSTALLED) ## fine-tune a model on both backends, compare the runs and write a report
	$(BIN)/ftcore compare examples/quickstart.yaml --backends torch,tf

# Two processes, each of one thread: tiny models gain nothing from more. In the order of their folders, the files with
# the slowest tests do not all come last.
test check: export OMP_NUM_THREADS := 1

test: $(INSTALLED) lint types ## linters, types and the whole suite
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

check: $(INSTALLED) ## the fast tests
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m 'not slow and not realdata'

lint: $(INSTALLED) ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED) ## mypy
	$(BIN)/mypy

parity: $(INSTALLED) ## measure how near the backends are on all-MiniLM-L6-v2 and Banking77
	$(BIN)/python benchmarks/parity.py

$(VENV)/.peers: $(INSTALLED)
	@$(PIP) --constraint constraints.txt --editable '.[dev,peers]' $(WITHOUT_NOISE)
	@touch $@

# Nothing else should run meanwhile.
bench: $(VENV)/.peers ## measure speed and memory, an hour or so on 2 cores; writes docs/speed.md
	$(BIN)/ftcore bench benchmarks/suites/banking77-speed.yaml --allow-code --output benchmarks/results/banking77-speed.json
	$(BIN)/ftcore bench benchmarks/suites/banking77-curves.yaml --output benchmarks/results/banking77-curves.json
	$(BIN)/python benchmarks/modes.py
	$(BIN)/python benchmarks/step_profile.py
	$(BIN)/python benchmarks/lengths.py
	$(BIN)/python benchmarks/rows.py
	$(BIN)/python benchmarks/page.py

docs: $(INSTALLED) ## write the generated pages: docs/spec.md, docs/semantics.md and docs/parity.md
	$(BIN)/python benchmarks/spec_reference.py
	$(BIN)/ftcore doctor --semantics --markdown > docs/semantics.md
	$(BIN)/python benchmarks/families.py

# Conformance compares with these values where transformers is not installed.
references: $(INSTALLED) ## write the stored reference values, after cases of conformance were added or changed
	$(BIN)/python -m ftcore.conformance.references
	$(BIN)/python -m ftcore.conformance.family_sources

clean: ## delete the environment and what was built
	rm -rf $(VENV) build dist
