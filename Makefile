# Everything lands in .venv; nothing else on the machine is touched.
PYTHON ?= python3
UV_VERSION = 0.13.9
BIN = .venv/bin
export UV_PYTHON_DOWNLOADS = never

.PHONY: install install-dev run test check bench clean

# What the bot needs to run.
install: .venv/.installed

# What its engineers need besides.
install-dev: .venv/.installed-dev

$(BIN)/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"

.venv/.installed: $(BIN)/uv pyproject.toml uv.lock
	$(BIN)/uv sync --frozen --inexact --no-default-groups --compile-bytecode --quiet
	$(BIN)/python -m compileall -q bot handlers scheduler
	@touch $@

.venv/.installed-dev: $(BIN)/uv pyproject.toml uv.lock
	$(BIN)/uv sync --frozen --inexact --compile-bytecode --quiet
	$(BIN)/python -m compileall -q bot handlers scheduler
	@touch $@ .venv/.installed

# What it is measured against.
.venv/.installed-bench: $(BIN)/uv pyproject.toml uv.lock
	$(BIN)/uv sync --frozen --inexact --group bench --compile-bytecode --quiet
	@touch $@ .venv/.installed-dev .venv/.installed

# The bot on SQLite, with the web chat at http://127.0.0.1:8000.
run: install
	$(BIN)/python -m bot

test: install-dev
	$(BIN)/python -m pytest

check: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m bot check

# DATA=folder adds labelled questions.
bench: .venv/.installed-bench
	$(BIN)/python -m bench $(if $(DATA),--data $(DATA))

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
