# Verbs that a newcomer and CI share.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= auto
ARGS ?=

# Bytecode is kept, whatever the environment says: without it each process compiles Parley, and each worker every test.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup demo test soak check bench pictures lock

setup: $(VENV)/.ready

$(VENV)/.ready: requirements/dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q src
	@touch $@

demo: setup
	@$(BIN)/parley demo $(ARGS)

test: setup
	@sh tests/postgres_server.sh
	@sh tests/dovecot_server.sh
	@sh tests/chromium.sh
	$(BIN)/ruff check src tests bench examples spec
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

soak: setup
	@sh tests/chromium.sh
	PARLEY_EFFORT=10 $(BIN)/pytest -n $(WORKERS) --dist worksteal -m "soak or not soak" $(ARGS)

pictures: setup
	@sh tests/chromium.sh
	@$(BIN)/python docs/make_pictures.py

lock:
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --extra dev pyproject.toml -o requirements/dev.lock
