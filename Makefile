# `make render` and `make test` do all of it on a fresh machine; see setup/install.sh for what they install.
# Kept to what GNU make 3.81 understands, which macOS ships.

PYTHON := .venv/bin/python
# The bare text, so that make expands no `$` in it: ARGS='--prompt "It costs $5"' arrives as it was written
override ARGS := $(value ARGS)
export ARGS
# Only as it is typed after `make words`: many a shell has a LANGUAGE of its own
NEW_LANGUAGE := $(if $(filter command,$(origin LANGUAGE)),'$(LANGUAGE)')

.PHONY: help render test test-all lint words bench docs gallery setup setup-test setup-docs clean distclean

help: ## show this list (what a bare `make` does)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  Arguments are passed on in ARGS, split into words as a shell would but with nothing expanded:"
	@echo "    make render ARGS='--prompt \"The capital of France is\"'"
	@echo "    make test ARGS='-k recorder -x'"
	@echo "  A \" inside such a prompt is written \\\". Or, after \`make setup\`: $(PYTHON) render.py --help"

render: setup ## set up, then run render.py (everything into output/)
	@$(PYTHON) setup/with_args.py render.py

test: setup-test ## set up, then run the tests (under 20 minutes)
	@OMP_NUM_THREADS=1 $(PYTHON) setup/with_args.py -m pytest -n 2 --dist loadfile -m "not full"

test-all: setup-test ## the same with the full fuzz, kill and comparison counts
	@OMP_NUM_THREADS=1 $(PYTHON) setup/with_args.py -m pytest -n 2 --dist loadfile

lint: setup-test ## ruff, mypy and the import rules; all of them, even if one fails
	@failed=; \
	check() { echo "== $$*"; "$$@" || failed="$$failed $$name"; }; \
	name=ruff-check;  check $(PYTHON) -m ruff check .; \
	name=ruff-format; check $(PYTHON) -m ruff format --check .; \
	name=mypy;        check $(PYTHON) -m mypy; \
	name=imports;     check $(PYTHON) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'; \
	if [ -n "$$failed" ]; then echo "lint failed:$$failed" >&2; exit 1; fi

words: setup ## bring the catalogues in step with the code; LANGUAGE=fr begins a language
	@$(PYTHON) -m scenes.wording.catalogues $(NEW_LANGUAGE)

bench: setup-test ## measure the ratios of README's performance table
	@for file in benchmarks/*.py; do echo "== $$file"; $(PYTHON) "$$file" || exit 1; done

docs: setup-docs ## build the documentation in build/docs, with drafts of three loops unless there is a gallery
	@$(PYTHON) -m docs.build

gallery: setup ## make the loops that the documentation shows, in docs/_gallery (takes long)
	@$(PYTHON) -m docs.gallery

setup: ## only install what a run needs
	@bash setup/install.sh

setup-test: ## only install what the tests and checks need too
	@bash setup/install.sh --test

setup-docs: ## only install what the documentation needs too
	@bash setup/install.sh --docs

clean: ## remove caches and build leftovers (output/ and .venv stay)
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build media *.egg-info
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean ## remove .venv too
	@rm -rf .venv/.stamp-* && rm -rf .venv
