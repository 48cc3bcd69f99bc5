# make demo · make test · make serve · make bench · make help: each makes .venv itself
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# What decides, and what keeps the trail: every branch of it is walked by the tests.
DECIDES := specs/judge.py,specs/criterion.py,specs/endotoxin.py,specs/result.py,specs/sheet.py,$\
	specs/eligibility.py,specs/scores.py,specs/words.py,mscbank/bags/lifecycle.py,$\
	mscbank/bags/rules.py,mscbank/infusions/rules.py,mscbank/infusions/halves.py,$\
	mscbank/infusions/onpaper_rules.py,mscbank/infusions/correction_rules.py,mscbank/audit/chain.py,$\
	mscbank/audit/checkpoints.py,mscbank/audit/service.py,mscbank/audit/verify.py,$\
	mscbank/audit/verifier/verify.py

.PHONY: help demo test walk serve bench mutants screenshots translations clean

help:  ## say what there is to make
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:[^#]*## / - /'

$(READY): setup.cfg pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("mscbank needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $(READY)

demo: $(READY)  ## tell the reference trial in ./instance, write ./out, serve the pages
	$(BIN)/mscbank demo --out out

serve: $(READY)  ## serve what stands in ./instance
	MSCBANK_HTTPS=no $(BIN)/mscbank serve

test: $(READY)  ## every test on SQLite and PostgreSQL, with coverage
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report=term:skip-covered
	$(BIN)/coverage report --fail-under=100 --include='$(DECIDES)'

walk: $(READY)  ## every page and every form, by all who may, light, dark, small, large, on paper (15 minutes)
	MSCBANK_EVERY_FORM=yes $(BIN)/python -m pytest tests/browser/test_every_page.py

bench: $(READY)  ## measure: ratios in one run, written to docs/bench.md (20 minutes)
	$(BIN)/python -m tests.performance

mutants: $(READY)  ## change the judge in every small way: the tests must notice each time (minutes)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[test,mutants]'
	$(BIN)/mutmut run
	! $(BIN)/mutmut results | grep .

screenshots: $(READY)  ## the pictures in docs/, taken from the demo
	$(BIN)/python -m tests.browser.screenshots

translations: $(READY)  ## bring the French catalogue up to the source, and say what it lacks
	$(BIN)/python -m mscbank.translations

clean:  ## take away what make made
	rm -rf $(VENV) build mutants *.egg-info
