# run: serve the site here · test: every check and test · check: static checks only
PYTHON ?= python3
PY := .venv/bin/python
export PYTHONDONTWRITEBYTECODE ?=
.DEFAULT_GOAL := help
.PHONY: help run test check fmt bench pebble pebble-eval screenshots setup setup-dev chromium

help: ## what each word does
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup:
	@$(PYTHON) -I config/bootstrap.py worker,redis

setup-dev:
	@$(PYTHON) -I config/bootstrap.py worker,models,redis,dev

run: setup ## serve the site with a worker on http://127.0.0.1:8000 (PORT=… for another port)
	@exec $(PY) -m config.launch

check: setup-dev ## format, lint, types, import contracts, templates, migrations, deploy check
	@$(PY) -m tests.checks

chromium: setup-dev
	@$(PY) -m tests.browser.chromium

test: check chromium ## every check and every test: unit, system, browser
	@$(PY) -m pytest -n auto -m "not system and not browser"
	@$(PY) -m pytest -m "system or browser"  # real servers and clocks: one at a time

fmt: setup-dev ## format code in place
	@$(PY) -m ruff format . && $(PY) -m ruff check --fix .

bench: setup-dev ## print page, queue and run figures
	@$(PY) -m bench

pebble: setup-dev ## train the small models anew, in a folder outside the tree
	@$(PY) -m pebble build

pebble-eval: setup-dev ## measure the committed models and compare with their cards
	@$(PY) -m pebble evaluate

screenshots: setup-dev chromium ## draw the pictures of docs/ from the running site
	@$(PY) -m tests.browser.screenshots
