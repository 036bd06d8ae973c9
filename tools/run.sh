#!/bin/sh
# Find a Python, and run a command of the course by it:  sh tools/run.sh COMMAND [ARGUMENT ...]
# PYTHON=... chooses the Python that .venv is made from.
set -eu
cd "$(dirname "$0")/.."

stop() {
  printf '%s\n' "$*" >&2
  exit 1
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

ask="Install Python 3.11 or newer, or name the one you have: make book PYTHON=/path/to/python3"
if [ -n "${PYTHON:-}" ]; then
  command -v "$PYTHON" >/dev/null 2>&1 || stop "PYTHON=$PYTHON is not a program that can be run here. $ask"
  new_enough "$PYTHON" || stop "PYTHON=$PYTHON is too old: this course needs Python 3.11 or newer. $ask"
  exec "$PYTHON" -m tools "$@"
fi
old=
for name in python3 python3.14 python3.13 python3.12 python3.11 python .venv/bin/python; do
  command -v "$name" >/dev/null 2>&1 || continue
  if new_enough "$name"; then
    exec "$name" -m tools "$@"
  fi
  old=$name
done
[ -z "$old" ] || stop "The Python found here, $old, is too old: this course needs Python 3.11 or newer. $ask"
stop "No Python was found. $ask"
