# Each target installs what it needs into .venv first, and again only when the project's requirements change.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: demo test lint benchmark conformance clean

demo: $(VENV)/.installed-lm
	$(BIN)/python -m puzzles tour

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -q -n auto $(PYTEST_ARGS)

lint: $(VENV)/.installed-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports

benchmark: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/simulator.py

# numba-cuda's own tests, on its simulator and on gpusim, and translated for its successor; writes tests/conformance/results.
conformance: $(VENV)/.installed-dev
	$(BIN)/python tests/conformance
	cd tests && $(abspath $(BIN))/python -m conformance.mlir

clean:
	rm -rf $(VENV) out .mypy_cache .pytest_cache .ruff_cache .hypothesis

# .installed-EXTRA says that the project and its optional dependencies EXTRA are in the environment.
$(VENV)/.installed-%: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[$*]"
	touch $@
