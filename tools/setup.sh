#!/bin/sh
# Make .venv hold what the lock says:  sh tools/setup.sh readers|dev
# "readers" is enough to build, read and run the book; "dev" adds what the tests and benchmarks need.
# Nothing is installed unless the lock has changed. PYTHON=... chooses the Python that .venv is made from.
set -eu
cd "$(dirname "$0")/.."

stop() {
  printf '%s\n' "$*" >&2
  exit 1
}

case ${1:-} in
  readers) locks="requirements.txt" ;;
  dev) locks="requirements.txt requirements-dev.txt" ;;
  *) stop "Say which: sh tools/setup.sh readers, or sh tools/setup.sh dev." ;;
esac
venv=.venv
py=$venv/bin/python
log=$venv/setup.log
here=$(pwd)

fingerprint() { # of the files that decide what is installed, and of the place, because .venv cannot be moved
  { cat "$@" pyproject.toml; printf '%s' "$here"; } | cksum
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

if [ -x "$py" ] && new_enough "$py" && [ -f "$venv/lock-$1" ] &&
  [ "$(cat "$venv/lock-$1")" = "$(fingerprint $locks)" ]; then
  exit 0
fi

# 1. A Python to start from.
ask="Install Python 3.11 or newer, or name the one you have: make book PYTHON=/path/to/python3"
python=
old=
if [ -n "${PYTHON:-}" ]; then
  command -v "$PYTHON" >/dev/null 2>&1 || stop "PYTHON=$PYTHON is not a program that can be run here. $ask"
  new_enough "$PYTHON" || stop "PYTHON=$PYTHON is too old: this course needs Python 3.11 or newer. $ask"
  python=$PYTHON
else
  for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
    command -v "$name" >/dev/null 2>&1 || continue
    if new_enough "$name"; then
      python=$name
      break
    fi
    old=$name
  done
  if [ -z "$python" ]; then
    [ -z "$old" ] || stop "The Python found here, $old, is too old: this course needs Python 3.11 or newer. $ask"
    stop "No Python was found. $ask"
  fi
fi

# 2. The course's own environment.
if [ -f "$venv/place" ] && [ "$(cat "$venv/place")" != "$here" ]; then
  rm -rf "$venv" # the folder was moved or copied
elif [ -e "$venv" ] && { ! [ -x "$py" ] || ! new_enough "$py"; }; then
  rm -rf "$venv"
fi
if ! [ -e "$venv" ]; then
  "$python" -c 'import venv, ensurepip' >/dev/null 2>&1 ||
    stop "This Python has no venv module. On Debian or Ubuntu: sudo apt install python3-venv. Then try again."
  "$python" -m venv "$venv" >/dev/null 2>&1 ||
    stop "The folder $venv could not be made here. Is there room on the disk, and may you write in $here?"
fi
printf '%s' "$here" >"$venv/place"

# 3. What the lock says, by uv if it can be had (fast), else by pip.
printf '%s\n' "Setting up $venv from the lock. The first time takes a few minutes."
set --
for lock in $locks; do
  set -- "$@" -r "$lock"
done
offline() {
  grep -qiE 'resolution|not known|failed to establish|unreachable|connection (refused|error|aborted)|timed out|dns error|error sending request|from versions: none' "$log"
}
no_network="The packages could not be downloaded. Is this machine online? What was tried is in $log."
pip() { "$py" -m pip --disable-pip-version-check --quiet "$@"; }

"$py" -m pip --version >/dev/null 2>&1 || "$py" -m ensurepip >"$log" 2>&1 || true
uv=$(sed -n 's/^\(uv==[^ ;]*\).*/\1/p' requirements-dev.txt)
if pip install --retries 2 "$uv" >"$log" 2>&1; then
  if ! "$py" -m uv pip install --quiet --python "$py" "$@" >"$log" 2>&1; then
    pip install "$@" >>"$log" 2>&1 || { offline && stop "$no_network"; stop "Installing the packages failed. The reason stands in $log."; }
  fi
else
  offline && stop "$no_network"
  pip install "$@" >"$log" 2>&1 || { offline && stop "$no_network"; stop "Installing the packages failed. The reason stands in $log."; }
fi

# 4. For the tests of the built pages: a Chromium, where one can be had. Without it those tests are skipped.
case " $locks " in
  *requirements-dev.txt*)
    if ! "$py" tests/browser/chromium.py >/dev/null 2>&1; then
      "$py" -m playwright install chromium >>"$log" 2>&1 ||
        printf '%s\n' "No Chromium was found or could be downloaded: the tests of the built pages will be skipped."
    fi
    fingerprint $locks >"$venv/lock-dev"
    ;;
esac
fingerprint requirements.txt >"$venv/lock-readers"
