# The commands of this project. `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

HOST ?= 127.0.0.1
PORT ?= 5005
# More for pytest, such as ARGS="-k policy -x".
ARGS ?=

bin := .venv/bin
tools := .tools
# Nothing about a conversation may leave the machine.
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: help
help: ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "make %-12s %s\n", $$1, $$2 }'

.PHONY: setup
setup: ## install what running needs, without starting anything
	@scripts/bootstrap.sh

.PHONY: setup-speech
setup-speech: ## the same, and what hears callers by the audio stream (docs/phone.md)
	@scripts/bootstrap.sh speech

.PHONY: run
run: ## set everything up and serve the bot with its chat page (HOST=127.0.0.1 PORT=5005)
	@scripts/bootstrap.sh
	@$(bin)/backline train --if-changed
	@exec $(bin)/backline serve --host "$(HOST)" --port "$(PORT)"

# No servers; servers of their own, often waited for, and the walk through all decisions, which one
# process makes for a whole file; a browser, whose own waits are short; what measures time or needs
# all cores.
pure_tests := tests/unit tests/understanding tests/docs
browser_tests := tests/browser
timed_tests := tests/faults $(addprefix tests/phone/,test_stream.py test_stream_triages.py)

.PHONY: test
test: ## run all the tests (ARGS="-k policy" picks some)
	@scripts/bootstrap.sh dev
	@scripts/bootstrap.sh docs
	@scripts/bootstrap.sh sbom
	@$(bin)/backline train --if-changed
ifeq ($(strip $(ARGS)),)
	@echo "Tests that start no server, on all cores:"
	@failed=0; pytest="$(bin)/python -m pytest -q --durations 15"; \
	$$pytest --numprocesses logical --dist worksteal $(pure_tests) || failed=1; \
	echo "Tests with servers of their own, three files at a time:"; \
	$$pytest --numprocesses 3 --dist loadfile $(addprefix --ignore=,$(pure_tests) $(browser_tests) $(timed_tests)) || failed=1; \
	echo "Tests in a browser, two files at a time:"; \
	$$pytest --numprocesses 2 --dist loadfile $(browser_tests) || failed=1; \
	echo "Tests that measure time, one after the other:"; \
	$$pytest $(timed_tests) || failed=1; \
	exit $$failed
else
	@$(bin)/python -m pytest $(ARGS)
endif

.PHONY: train
train: ## train the model, changed or not
	@scripts/bootstrap.sh
	@$(bin)/backline train

.PHONY: chat
chat: ## talk to the bot here in the terminal
	@scripts/bootstrap.sh
	@$(bin)/backline train --if-changed
	@exec $(bin)/backline chat

.PHONY: db
db: ## create the database, or bring it to the newest version
	@scripts/bootstrap.sh
	@$(bin)/backline db upgrade

.PHONY: lint
lint: ## check style, types, the direction of imports, how large functions and modules are, and the lexicon
	@scripts/bootstrap.sh dev
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@$(bin)/mypy
	@$(bin)/lint-imports
	@$(bin)/python scripts/bounds
	@$(bin)/backline lexicon lint --brief

.PHONY: eval
eval: ## measure understanding and write docs/evaluation.md (ARGS="--mistakes --texts FILE")
	@scripts/bootstrap.sh dev
	@$(bin)/backline train --if-changed
	@$(bin)/python -m tests.understanding $(ARGS)

.PHONY: eval-phone
eval-phone: ## measure how well callers are heard, fills docs/phone-evaluation.md (about 15 minutes; needs espeak-ng, flite, sox)
	@scripts/bootstrap.sh dev
	@$(bin)/backline train --if-changed
	@$(bin)/python -m tests.phone.evaluation $(ARGS)

widget := backline/web/widget

$(widget)/node_modules: $(widget)/package-lock.json
	@cd $(widget) && npm ci --silent
	@touch $@

.PHONY: widget
widget: $(widget)/node_modules ## build the chat widget from backline/web/widget (needs Node 18 or later)
	@cd $(widget) && npm run --silent check && npm run --silent build

.PHONY: widget-check
widget-check: $(widget)/node_modules ## check the widget's types and weight, and that the built file is its source's
	@cd $(widget) && npm run --silent check && npm run --silent build -- --check

.PHONY: policy
policy: ## write the rules of backline/policy/rules.py into the table of docs/policy.md
	@scripts/bootstrap.sh
	@$(bin)/backline policy --write docs/policy.md

.PHONY: stories
stories: ## have Rasa play the conversations of tests/conversations
	@scripts/bootstrap.sh dev
	@$(bin)/backline train --if-changed
	@$(bin)/rasa data validate --fail-on-warnings
	@$(bin)/rasa test core --stories tests/conversations --fail-on-prediction-errors

.PHONY: screenshots
screenshots: ## take the pictures of docs/images anew (needs Chromium)
	@scripts/bootstrap.sh dev
	@$(bin)/backline train --if-changed
	@$(bin)/python scripts/screenshots

.PHONY: bench
bench: ## measure against stock Rasa and write docs/performance.md (about 20 minutes; ARGS="--without-stock")
	@scripts/bootstrap.sh dev
	@$(bin)/backline train --if-changed
	@$(bin)/python -m bench $(ARGS)

.PHONY: bench-desk
bench-desk: ## measure each page of the clinic's desk with 50,000 conversations, writes docs/performance-desk.md (some minutes)
	@scripts/bootstrap.sh dev
	@$(bin)/python -m bench.desk $(ARGS)

.PHONY: population
population: ## play the policy on 20,000 simulated people, fills docs/policy-evaluation.md (a few seconds)
	@scripts/bootstrap.sh dev
	@$(bin)/python -m bench.population --write docs/policy-evaluation.md

.PHONY: load
load: ## how many people one server carries, fills docs/capacity.md (about 6 minutes; ARGS="--shares 0.5 0.9")
	@scripts/bootstrap.sh dev
	@$(bin)/backline train --if-changed
	@$(bin)/python -m bench.load $(ARGS)

.PHONY: load-messaging
load-messaging: ## 200 people at once over each messaging webhook, writes docs/performance-messaging.md (about 7 minutes)
	@scripts/bootstrap.sh dev
	@$(bin)/backline train --if-changed
	@$(bin)/python -m bench.messaging $(ARGS)

.PHONY: faults
faults: ## break one part after the other under load, fills docs/reliability.md (about 20 minutes; ARGS="kill clock" breaks some; needs nginx and faketime)
	@scripts/bootstrap.sh dev
	@$(bin)/backline train --if-changed
	@$(bin)/python -m bench.faults $(ARGS)

# Not of the environment: it needs later packages than Rasa allows.
audit_tool := pip-audit==2.10.1

.PHONY: audit
audit: ## known advisories of the locked packages against docs/advisories.yml (asks the package index)
	@scripts/bootstrap.sh dev
	@report=$$(mktemp); trap 'rm -f "$$report"' EXIT; uv=$$(scripts/bootstrap.sh uv); \
		"$$uv" tool run --quiet "$(audit_tool)" --requirement requirements/runtime.txt --disable-pip \
		--progress-spinner off --format json --output "$$report" >/dev/null 2>&1 || true; \
		$(bin)/python -m bench.advisories "$$report"

.PHONY: fuzz
fuzz: ## throw 100,000 malformed inputs at a server of its own, fills docs/security.md (about 20 minutes; ARGS="--cases 2000"; needs espeak-ng)
	@scripts/bootstrap.sh dev
	@$(bin)/backline train --if-changed
	@$(bin)/python -m bench.fuzz $(ARGS)

.PHONY: docs
docs: ## build the documentation into build/docs (its links are checked; open build/docs/index.html)
	@scripts/bootstrap.sh docs
	@NO_MKDOCS_2_WARNING=1 $(tools)/docs/bin/mkdocs build --quiet --strict
	@echo "Built build/docs."

.PHONY: sbom
sbom: ## list what is installed to run as CycloneDX, dist/backline.cdx.json
	@scripts/bootstrap.sh
	@scripts/bootstrap.sh sbom
	@$(tools)/sbom/bin/python scripts/sbom dist/backline.cdx.json

.PHONY: recordings
recordings: ## record all that the bot does, or compare two recordings (ARGS="make FOLDER", ARGS="compare FOLDER FOLDER")
	@scripts/bootstrap.sh dev
	@$(bin)/backline train --if-changed
	@$(bin)/python -m bench.recordings $(ARGS)

.PHONY: format
format: ## put the code in the project's style
	@scripts/bootstrap.sh dev
	@$(bin)/ruff check --fix-only --quiet .
	@$(bin)/ruff format .

.PHONY: lock
lock: ## recompile requirements/*.txt from pyproject.toml (ARGS=--upgrade takes newer versions)
	@uv=$$(scripts/bootstrap.sh uv); UV="$$uv" scripts/lock $(ARGS)

.PHONY: clean
clean: ## remove models and caches (keeps the packages, and the database with what patients said)
	@rm -rf models/*.tar.gz models/.trained-from.json .rasa results build dist *.egg-info .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache
	@find . -name __pycache__ -not -path './.venv/*' -not -path './.tools/*' -prune -exec rm -rf {} +
	@echo "Removed models and caches. 'make distclean' removes the installed packages too."

.PHONY: distclean
distclean: clean ## remove the installed packages too
	@rm -rf .venv .tools
