# Each target installs what it needs into .venv first, and again only when the project's requirements change.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

PORTABLE := $(addprefix tests/gpusim/test_,numeric_casts.py numeric_operators.py numeric_functions.py numeric_exact.py \
	libdevice.py half.py narrow_casts.py infer.py)

.PHONY: demo test test-portable test-plain test-plain-fast test-browser lint lint-js benchmark conformance gallery pictures clean

demo: $(VENV)/.installed-lm
	$(BIN)/python -m puzzles tour

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -q -n auto $(PYTEST_ARGS)

# The numbers on another processor: Numba and NumPy without the vector instructions of this one, in another place.
test-portable: $(VENV)/.installed-dev
	cache=$$(mktemp -d) && trap 'rm -rf "$$cache"' EXIT && \
	simd=$$($(BIN)/python -c 'import numpy; print(*numpy.show_config("dicts")["SIMD Extensions"].get("found", ""))') && \
	NUMBA_CACHE_DIR="$$cache" NUMBA_CPU_NAME=generic NPY_DISABLE_CPU_FEATURES="$$simd" OMP_NUM_THREADS=1 \
	LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 TZ=Asia/Kathmandu \
	$(BIN)/python -m pytest -q -n auto $(PORTABLE) $(PYTEST_ARGS)

# With the `numba.cuda` that comes with Numba, as on a Mac: an environment without numba-cuda and what it brings.
PLAIN := $(VENV)-plain
FAST  := $(addprefix tests/gpusim/test_,plain.py host_api.py host_array.py host_launch.py host_jit.py host_inference.py \
	infer.py libdevice.py numeric_table.py) tests/puzzles/test_catalog.py tests/test_platforms.py tests/test_elsewhere.py

test-plain: $(PLAIN)/.installed-plain
	$(PLAIN)/bin/python -m pytest -q -n auto -rs $(PYTEST_ARGS)

test-plain-fast: $(PLAIN)/.installed-plain
	$(PLAIN)/bin/python -m pytest -q -n auto $(FAST) $(PYTEST_ARGS)

$(PLAIN)/.installed-plain: pyproject.toml constraints.txt tests/plain_requirements.py
	test -x $(PLAIN)/bin/python || $(PYTHON) -m venv $(PLAIN)
	$(PLAIN)/bin/python tests/plain_requirements.py > $(PLAIN)/requirements.txt
	$(PLAIN)/bin/python -m pip install --quiet -c constraints.txt -r $(PLAIN)/requirements.txt
	$(PLAIN)/bin/python -m pip install --quiet --no-deps -e .
	touch $@

# The player, notebooks in JupyterLab, pages and gallery in Chromium: the one that is installed, or Playwright's own.
test-browser: $(VENV)/.installed-browser
	command -v chromium >/dev/null || command -v google-chrome >/dev/null || $(BIN)/python -m playwright install --with-deps chromium
	$(BIN)/python -m pytest -q -m browser $(PYTEST_ARGS)

# Every puzzle's solution as a page to step through, for any static host.
gallery: $(VENV)/.installed-dev
	$(BIN)/python -m puzzles gallery --out out/gallery

# The pictures that README.md shows.
pictures: $(VENV)/.installed-browser
	$(BIN)/python pictures/readme_pictures.py

# The player's script; eslint comes from npm.
lint-js:
	npx --yes eslint@9 gpusim/view/player/js

lint: $(VENV)/.installed-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff check --preview --select PLW1514 . # files opened without an encoding, which Windows has another of
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/hidden_imports.py

benchmark: $(VENV)/.installed-dev
	$(BIN)/python benchmarks/simulator.py

# numba-cuda's own tests, on its simulator and on gpusim, and translated for its successor; those of the `numba.cuda`
# that comes with Numba, where numba-cuda is not installed. Writes tests/conformance/results.
conformance: $(VENV)/.installed-dev $(PLAIN)/.installed-plain
	$(BIN)/python tests/conformance
	cd tests && $(abspath $(BIN))/python -m conformance.mlir
	$(PLAIN)/bin/python tests/conformance

clean:
	rm -rf $(VENV) $(PLAIN) out .mypy_cache .pytest_cache .ruff_cache .hypothesis

# .installed-EXTRA says that the project and its optional dependencies EXTRA are in the environment.
$(VENV)/.installed-%: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[$*]"
	touch $@
