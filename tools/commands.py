"""What `make` and ``python -m tools`` can do: one function for each command; its docstring is what the list shows."""

import inspect
import os
import shutil
import sys
import tempfile
import webbrowser
from pathlib import Path

from tools.environment import LOCKS, ROOT, Trouble, ready, run

SITE = ROOT / "_build" / "html"
BUILD = ["tools/build.py"]
BUILT = ("_build", ".pytest_cache", ".ruff_cache", ".hypothesis", ".benchmarks", "build")
SPREAD = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--max-worker-restart", "0"]
NOTE = "# Written by `make lock` from the ranges in pyproject.toml; do not edit."
FOR_READERS = "What it takes to read, run and build the book, the package itself included."
FOR_DEV = "On top of requirements.txt: oracles, browsers, benchmarks."


def book():
    """build the book from the stored results (OPEN=1 opens it)"""
    python = ready("readers")
    log = ROOT / "_build" / "book.log"
    log.parent.mkdir(exist_ok=True)
    with open(log, "w", encoding="utf-8") as file:
        code = run([python, *BUILD], stdout=file, stderr=file)
    if code:
        print(log.read_text(encoding="utf-8", errors="replace"), end="")
        return code
    print("The book is built. Open _build/html/index.html in a browser, or run: make serve", flush=True)
    if os.environ.get("OPEN"):
        webbrowser.open((SITE / "index.html").as_uri())
    return 0


def serve():
    """build the book and serve it to this machine only (PORT=8000)"""
    port = os.environ.get("PORT") or "8000"
    if code := book():
        return code
    print(f"Open http://localhost:{port}/ in a browser; Ctrl+C stops.", flush=True)
    return run([ready("readers"), "-m", "http.server", "--bind", "127.0.0.1", "--directory", SITE, port])


def test(*arguments):
    """run every test: package, notebooks, pages (ARGS="-k gaussian" to choose)"""
    if code := lint():
        return code
    compare = ["--nbval", "--nbval-sanitize-with", "tools/nbval.cfg"]
    compare += ["--nbval-cell-timeout", "3600", "--nbval-kernel-startup-timeout", "600"]  # on a busy machine too
    return run([ready("dev"), "-m", "pytest", *SPREAD, *compare, "tests", "book", *arguments])


def audit(*arguments):
    """run the tests that repeat a check in every setting, which `make test` leaves out"""
    return run([ready("dev"), "-m", "pytest", *SPREAD, "-m", "audit", "tests", *arguments])


def lint():
    """check the style of code and notebooks, and the spelling"""
    ruff = [ready("dev"), "-m", "ruff"]
    return run([*ruff, "check", "-q", "."]) or run([*ruff, "format", "-q", "--check", "."]) or spelling()


def spelling(*names):
    """look for misspellings (N=book/argmax.ipynb for one file)"""
    return run([ready("dev"), "tools/spelling.py", *names])


def tidy(*names):
    """bring code and notebooks into their normal form, running nothing (N=book/argmax.ipynb for one)"""
    ruff = [ready("dev"), "-m", "ruff"]
    pages = [name for name in names if name.endswith(".ipynb")]
    wrong = run([*ruff, "check", "-q", "--fix", *names]) | run([*ruff, "format", "-q", *names])
    return wrong | (run([ready("dev"), "tools/tidy.py", *pages]) if pages or not names else 0)


def notebooks(*names):
    """run every notebook again and store its results (N=book/argmax.ipynb for one)"""
    return run([ready("readers"), "tools/notebooks.py", *names])


def minutes(*names):
    """say how long each page takes to read (N=book/argmax.ipynb for one)"""
    return run([ready("readers"), "tools/minutes.py", *names])


def lab():
    """open the chapters in JupyterLab"""
    return run([ready("readers"), "-m", "jupyter", "lab", "--LabApp.default_url=/lab/tree/book/likelihood.ipynb"])


def lock(*arguments):
    """pin again what pyproject.toml asks for (ARGS=--upgrade: the newest there is)"""
    command = [ready("dev"), "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    command += ["--fork-strategy", "fewest", "--no-annotate", "--no-header", "--no-emit-index-url"]
    command += ["--no-emit-find-links", *arguments]
    with tempfile.TemporaryDirectory(dir=ROOT / ".venv") as folder:
        asked, readers, within, dev = (Path(folder) / name for name in ("asked", "readers", "within", "dev"))
        asked.write_text("-e .[book]\n", encoding="utf-8")
        shutil.copy(ROOT / "requirements.txt", readers)  # what is pinned stays, where it still serves
        shutil.copy(ROOT / "requirements-dev.txt", dev)
        with open(asked, encoding="utf-8") as file:
            if code := run([*command, "-", "-o", readers], stdin=file):
                return code
        within.write_text("".join(line for line in lines_of(readers) if not line.startswith("-e")), encoding="utf-8")
        if code := run([*command, "--extra", "dev", "--constraint", within, "pyproject.toml", "-o", dev]):
            return code
        for name, (purpose, pins) in zip(LOCKS["dev"], [(FOR_READERS, readers), (FOR_DEV, dev)], strict=True):
            text = "".join([f"{NOTE}\n# {purpose}\n", *lines_of(pins)])
            (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


def lines_of(path):
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def processors(*arguments):
    """do stored results hold on other processors? (N=book/argmax.ipynb for one, else all)"""
    return run([ready("readers"), "tools/processors.py", *arguments])


def seeds(*arguments):
    """do a notebook's claims hold for other seeds? (N=book/argmax.ipynb ARGS="--seeds 0 1 2")"""
    return run([ready("readers"), "tools/seeds.py", *arguments])


def pdf():
    """print the whole book to _build/maximum-likelihood.pdf (needs Chromium)"""
    return book() or run([ready("dev"), "-m", "tools.pdf"])


def parcel():
    """pack the whole site into _build/maximum-likelihood-site.zip"""
    return book() or run([ready("readers"), "-m", "tools.parcel"])


def links():
    """ask every link that leads out of the book whether it still leads anywhere"""
    return run([ready("readers"), "tools/links.py"])


def bench(*arguments):
    """measure against other packages and write benchmarks/timings.json"""
    return run([ready("dev"), "tools/bench.py", *arguments])


def clean():
    """remove all that was built; .venv stays"""
    for name in BUILT:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    return 0


def readers():
    """set up .venv to build, read and run the book"""
    ready("readers")
    return 0


def dev():
    """set up .venv for the tests and benchmarks too"""
    ready("dev")
    return 0


EVERY_DAY = (book, serve, test, lint, tidy, notebooks, minutes, lab)
NOW_AND_THEN = (pdf, parcel, spelling, audit, processors, seeds, links, bench, lock, clean, readers, dev)
NAMES = {parcel: "zip"}  # zip itself is a function of Python
COMMANDS = {NAMES.get(command, command.__name__): command for command in EVERY_DAY + NOW_AND_THEN}


def listing():
    """All commands with what they do, one a line."""
    return "\n".join(f"{name:<12}{command.__doc__}" for name, command in COMMANDS.items())


def main(words):
    """Run one command with its arguments; returns the exit code."""
    if not words or words[0] in ("help", "-h", "--help"):
        print("make COMMAND, or python -m tools COMMAND:\n\n" + listing())
        return 0
    name, *arguments = words
    if name not in COMMANDS:
        print(f"There is no command {name!r}; there are:\n\n{listing()}", file=sys.stderr)
        return 2
    if arguments and not inspect.signature(COMMANDS[name]).parameters:
        print(f"{name} takes no arguments, got: {' '.join(arguments)}", file=sys.stderr)
        return 2
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("PYTHONUTF8", "1")  # files of the course are UTF-8, whatever the system's own encoding
    try:
        return COMMANDS[name](*arguments)
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        return 1
