# Each verb is one line; the environment it needs is made on the way. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: run test lint bench demo openapi clients fuzz help
# Test files run side by side: four keep two cores busy; a larger machine may say JOBS=8.
JOBS ?= 4
FUZZ_CASES ?= 100000
bin := .venv/bin
fuzz := tests/contract/test_fuzz.py
# An environment knows its place by heart: in a directory that was moved or copied it is made again.
moved := $(shell test ! -f .venv/place || test "$$(cat .venv/place)" = "$$PWD" || rm -rf .venv)

run: .venv/runtime ## Start Fullcircle here: http://127.0.0.1:8000/docs
	@exec $(bin)/fullcircle up

demo: .venv/runtime ## Walk the whole loop on a stack of its own, and tell the story
	@exec $(bin)/fullcircle demo

test: .venv/dev ## Run every test: unit, integration, contract, e2e, faults (`make fuzz` is a run of its own)
	$(bin)/python -m pytest --numprocesses $(JOBS) --dist loadfile --no-loadscope-reorder --ignore $(fuzz)

lint: .venv/dev ## Style, types, and the arrows between the rooms
	$(bin)/ruff check . && $(bin)/ruff format --check . && $(bin)/mypy && $(bin)/lint-imports

bench: .venv/dev ## Measure what is published, and print it beside its goal
	$(bin)/python -m benchmarks

openapi: .venv/runtime ## Write docs/openapi again
	$(bin)/fullcircle openapi

clients: .venv/clients ## Generate the clients from the document, compile them and make a call
	$(bin)/python -m pytest tests/contract/test_clients.py

fuzz: .venv/dev ## Throw 100,000 generated requests at every route; FUZZ_CASES for another number, 0 for five minutes
	FUZZ_CASES=$(FUZZ_CASES) $(bin)/python -m pytest $(fuzz)

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-8s  %s\n", $$1, $$2 }' Makefile

.venv/runtime: requirements.lock pyproject.toml deploy/environment deploy/tools.lock
	@deploy/environment requirements.lock && rm -f .venv/dev && touch $@

.venv/dev: requirements-dev.lock requirements.lock pyproject.toml deploy/environment deploy/tools.lock
	@deploy/environment requirements-dev.lock && touch .venv/runtime $@

.venv/clients: .venv/dev $(wildcard deploy/clients/*)
	@deploy/clients/prepare && touch $@
