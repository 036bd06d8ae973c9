# The course in two commands: `make book` and `make test`. `make` alone lists the rest.
# PYTHON=/path/to/python3 chooses the Python that .venv is made from (3.11 or newer).
PY := .venv/bin/python
PORT ?= 8000
export PYTHON
export OMP_NUM_THREADS ?= 1
.DEFAULT_GOAL := help
.PHONY: help book serve test lint notebooks lab lock bench clean readers dev

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile

book: readers ## build the book from the stored results (OPEN=1 opens it)
	@mkdir -p _build && .venv/bin/jupyter-book build . --all -W -n --keep-going -q > _build/book.log || { cat _build/book.log; exit 1; }
	@echo "The book is built. Open _build/html/index.html in a browser, or run: make serve"
	@if [ -n "$(OPEN)" ]; then $(PY) -m webbrowser "file://$(CURDIR)/_build/html/index.html"; fi

serve: book ## build the book and serve it to this machine only (PORT=8000)
	@echo "Open http://localhost:$(PORT)/ in a browser; Ctrl+C stops."
	@$(PY) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

test: dev lint ## run every test: package, notebooks, pages (ARGS="-k gaussian" to choose)
	@$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile --max-worker-restart 0 --nbval --nbval-sanitize-with tools/nbval.cfg tests book $(ARGS)

lint: dev ## check the style of code and notebooks
	@$(PY) -m ruff check -q . && $(PY) -m ruff format -q --check .

notebooks: readers ## run every notebook again and store its results (N=book/argmax.ipynb for one)
	@$(PY) tools/notebooks.py $(N)

lab: readers ## open the chapters in JupyterLab
	@$(PY) -m jupyter lab --LabApp.default_url=/lab/tree/book/likelihood.ipynb

lock: dev ## pin again what pyproject.toml asks for
	@sh tools/lock.sh

bench: dev ## measure against other packages and write benchmarks/timings.json
	@$(PY) tools/bench.py $(ARGS)

clean: ## remove all that was built; .venv stays
	@rm -rf _build .pytest_cache .ruff_cache .hypothesis .benchmarks build

readers dev:
	@sh tools/setup.sh $@
