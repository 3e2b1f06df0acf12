# `make demo` and `make test` set everything up by themselves: Python 3.11 or newer and make are enough.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test test-full test-report bench lint clean

demo: $(STAMP)
	$(BIN)/flexpension compare lower-floor platform-cofunding carer-credits \
	  --by exposure --by exposure,sex --by exposure,form --band --report demo-report.html

test: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not full and not report" --ignore=tests/benchmarks

test-full: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not report" --ignore=tests/benchmarks

test-report: $(VENV)/.browser
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
	  { echo "make test-report needs chromium and chromedriver (Debian: chromium, chromium-driver)"; exit 1; }
	$(BIN)/python -m pytest -m report tests/test_report_browser.py

bench: $(STAMP)
	$(BIN)/python tests/benchmarks/bench.py $(OUT)

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "flexpension needs Python 3.11 or newer; none was found. Set PYTHON=..."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[test]"
	@touch $@

$(VENV)/.browser: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[report-test]"
	@touch $@

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis demo-report.html
	find simulate scenarios calibration tests -name __pycache__ -type d -prune -exec rm -rf {} +
