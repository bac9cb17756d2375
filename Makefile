# Everything runs in an environment of its own, .venv, made on first use.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
export HF_HUB_OFFLINE := 1

.PHONY: demo test check lint types parity references bench docs clean

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	# torch first and by exact version: an open range would pull gigabytes of CUDA libraries.
	$(BIN)/python -m pip install --quiet torch==2.13.0
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: $(INSTALLED)
	$(BIN)/ftcore compare examples/quickstart.yaml --backends torch,tf

# Two processes, each of one thread: tiny models gain nothing from more.
test check: export OMP_NUM_THREADS := 1

test: $(INSTALLED) lint types
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

check: $(INSTALLED)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m 'not slow and not realdata'

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)
	$(BIN)/mypy

parity: $(INSTALLED)
	$(BIN)/python benchmarks/parity.py

$(VENV)/.peers: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,peers]'
	touch $@

# An hour or so on 2 cores; nothing else should run meanwhile.
bench: $(VENV)/.peers
	$(BIN)/ftcore bench benchmarks/suites/banking77-speed.yaml --allow-code --output benchmarks/results/banking77-speed.json
	$(BIN)/ftcore bench benchmarks/suites/banking77-curves.yaml --output benchmarks/results/banking77-curves.json
	$(BIN)/python benchmarks/modes.py
	$(BIN)/python benchmarks/step_profile.py
	$(BIN)/python benchmarks/lengths.py
	$(BIN)/python benchmarks/rows.py
	$(BIN)/python benchmarks/page.py

docs: $(INSTALLED)
	$(BIN)/ftcore doctor --semantics --markdown > docs/semantics.md
	$(BIN)/python benchmarks/families.py

# What conformance compares with where transformers is not installed; needed where cases were added or changed.
references: $(INSTALLED)
	$(BIN)/python -m ftcore.conformance.references
	$(BIN)/python -m ftcore.conformance.family_sources

clean:
	rm -rf $(VENV) build dist
