#!/bin/sh
# Pin what pyproject.toml asks for, for every Python from 3.11 on: requirements.txt, then requirements-dev.txt within it.
set -eu
cd "$(dirname "$0")/.."
compile() {
  .venv/bin/python -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --fork-strategy fewest \
    --no-annotate --no-header --no-emit-index-url --no-emit-find-links "$@"
}
note="# Written by \`make lock\` from the ranges in pyproject.toml; do not edit."
echo "-e .[book]" | compile - >.venv/readers.txt
grep -v '^-e' .venv/readers.txt >.venv/constraints.txt
compile --extra dev --constraint .venv/constraints.txt pyproject.toml >.venv/dev.txt
{ echo "$note"; echo "# What it takes to read, run and build the book, the package itself included."; cat .venv/readers.txt; } >requirements.txt
{ echo "$note"; echo "# On top of requirements.txt: oracles, browsers, benchmarks."; cat .venv/dev.txt; } >requirements-dev.txt
