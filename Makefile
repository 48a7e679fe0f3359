# `make run` shows the site, `make test` tests it. Both need nothing but Python 3.11 or newer: they make their own
# environment in .venv. PORT, DATA_DIR, DATABASE_URL and STARTER_PASSWORD may be set, here or in the environment.

PORT ?= 8000
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN = .venv/bin
export PYTHONUNBUFFERED = 1

# Install a requirements file, unless .venv holds just that already and its Python works.
install = @{ $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& cat requirements.txt $(1) | cmp -s - .venv/installed-$(1); } || { \
	test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found."; exit 1; }; \
	echo "Installing $(1) into .venv: this takes a minute the first time."; \
	$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || $(PYTHON) -m venv --clear .venv; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(1) \
	&& cat requirements.txt $(1) > .venv/installed-$(1); }

.PHONY: help run test format check check-python check-templates check-imports check-types check-django check-content metrics bench mutants audit folds fonts guide demonstration starter-findings upgrade-dump runtime tools

help:
	@echo "make run     the site on http://127.0.0.1:$(PORT), with starter content in an empty database"
	@echo "make test    the whole test suite, on SQLite and on PostgreSQL   (ARGS=\"-k feed\" for some of it)"
	@echo "             one file at once, on SQLite: $(BIN)/python -m pytest tests/referrals/test_ledger.py"
	@echo "make format  put code and templates in the style that \`make check\` wants"
	@echo "make check   style, templates, imports between rooms, types, migrations, deployment settings, starter content"
	@echo "make metrics size and complexity of the product code, to compare two commits"
	@echo "make bench   speed and size beside a bare WSGI function"
	@echo "make mutants small changes to the rules of pages, words, signatures and money: which of them do tests notice?"
	@echo "make audit   accessibility of every public page in a browser"
	@echo "make folds   what stands on the first screen of each kind of page, its words, length and bytes"
	@echo "make fonts   the typefaces, cut down anew from their npm packages"
	@echo "make guide   the pictures of the staff guide and of the README, from a running site"
	@echo "make demonstration   what the checks say of two real pages, into docs/demonstration.md"
	@echo "make starter-findings   keep how few findings the starter content has now, which \`make check\` holds"
	@echo "make upgrade-dump   a filled site of this version, for the versions after it to migrate (tests/upgrade)"

runtime:
	$(call install,requirements.txt)

tools:
	$(call install,requirements-dev.txt)

run: export SITE_URL = http://127.0.0.1:$(PORT)
run: export DEBUG = false
run: runtime
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py starter
	@exec $(BIN)/python manage.py serve --port $(PORT)

test: tools
	@$(BIN)/python -m tests.run $(ARGS)

format: tools
	$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
	$(BIN)/djlint templates clinic_site/devtools --reformat --quiet

check: check-python check-templates check-imports check-types check-django check-content

check-python: tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-templates: tools
	$(BIN)/djlint templates clinic_site/devtools --check --lint

check-imports: tools
	$(BIN)/lint-imports --no-cache --no-logo

# mypy's plugin reads the settings, and those a folder for the data
check-types: tools
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	SITE_URL=http://127.0.0.1:1 DATA_DIR=$$folder $(BIN)/mypy

# the settings of a site that patients reach: https, a key of its own, nothing from this shell
check-django: tools
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	key=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') && \
	production="env -u DATABASE_URL -u DEBUG SITE_URL=https://clinic.example SECRET_KEY=$$key DATA_DIR=$$folder $(BIN)/python manage.py" && \
	$$production makemigrations --check --dry-run && \
	$$production check --deploy --fail-level WARNING

# the editorial checks, on the starter content: nothing stops it, and what is left to judge only falls
check-content: tools
	@$(BIN)/python -m tests.editorial.starter_findings

metrics: tools
	@$(BIN)/python -m tests.metrics $(ARGS)

bench: tools
	@$(BIN)/python -m tests.bench $(ARGS)

mutants: tools
	@$(BIN)/python -m tests.mutants $(ARGS)

audit: tools
	@$(BIN)/python -m tests.audit $(ARGS)

folds: tools
	@$(BIN)/python -m tests.folds $(ARGS)

fonts: tools
	@$(BIN)/python -m tests.fonts

guide: tools
	@$(BIN)/python -m tests.guide

demonstration: tools
	@$(BIN)/python -m tests.editorial.demonstration > docs/demonstration.md

starter-findings: tools
	@$(BIN)/python -m tests.editorial.starter_findings --write

upgrade-dump: tools
	@$(BIN)/python -m tests.upgrade $(ARGS)
