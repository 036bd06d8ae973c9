"""Make ``.venv`` hold what the lock says, and run programs in it. Nothing but the standard library, on any system.

"readers" is enough to build, read and run the book; "dev" adds what the tests and benchmarks need. Nothing is installed
unless the lock has changed.
"""

import hashlib
import importlib
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = {"readers": ["requirements.txt"], "dev": ["requirements.txt", "requirements-dev.txt"]}
UNREACHED = re.compile(  # what pip and uv say of a network that is not there
    "resolution|not known|failed to establish|unreachable|connection (refused|error|aborted)|timed out|dns error"
    "|error sending request|from versions: none|getaddrinfo",
    re.IGNORECASE,
)


class Trouble(Exception):
    """What went wrong and what to do, in one sentence for the reader of a terminal."""


def venv_python(venv, system=os.name):
    """Where an environment keeps its Python: ``system`` is "nt" on Windows, "posix" elsewhere."""
    return venv / "Scripts" / "python.exe" if system == "nt" else venv / "bin" / "python"


def fingerprint(root, kind):
    """Of the files that decide what is installed, and of the place, because an environment cannot be moved."""
    digest = hashlib.sha256(str(root).encode())
    for name in [*LOCKS[kind], "pyproject.toml"]:
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def in_place(root, kind):
    """Whether ``.venv`` already holds what the lock says."""
    stamp = root / ".venv" / f"lock-{kind}"
    return stamp.is_file() and stamp.read_text() == fingerprint(root, kind) and works(venv_python(root / ".venv"))


def works(python):
    """Whether this is a Python that the course can run on."""
    check = [str(python), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    try:
        return subprocess.run(check, capture_output=True).returncode == 0
    except OSError:
        return False


def ready(kind, root=ROOT):
    """Set up ``.venv`` for "readers" or "dev", if that is not done yet; returns its Python. Raises Trouble."""
    venv = root / ".venv"
    python = venv_python(venv)
    if not in_place(root, kind):
        create(venv, root)
        print("Setting up .venv from the lock. The first time takes a few minutes.", flush=True)
        with open(venv / "setup.log", "w", encoding="utf-8", errors="replace") as log:
            install(python, kind, root, log)
            if kind == "dev":
                find_chromium(python, root, log)
        for done in LOCKS if kind == "dev" else [kind]:
            (venv / f"lock-{done}").write_text(fingerprint(root, done))
    return python


def create(venv, root):
    """The course's own environment, new if there is none, if it was moved or copied, or if its Python does not run."""
    place = venv / "place"
    moved = place.is_file() and place.read_text() != str(root)
    if venv.exists() and (moved or not (venv / "pyvenv.cfg").is_file() or not works(venv_python(venv))):
        shutil.rmtree(venv)
    if not venv.exists():
        try:
            importlib.import_module("venv"), importlib.import_module("ensurepip")
        except ImportError:
            raise Trouble(
                "This Python has no venv module. On Debian or Ubuntu: sudo apt install python3-venv. Then try again."
            ) from None
        base = getattr(sys, "_base_executable", None) or sys.executable  # not an environment that may be replaced
        if subprocess.run([base, "-m", "venv", str(venv)], capture_output=True).returncode:
            raise Trouble(
                f"The folder .venv could not be made here. Is there room on the disk, and may you write in {root}?"
            )
    place.write_text(str(root))


def install(python, kind, root, log):
    """Everything in the locks, by uv if it can be had (fast), else by pip."""
    wanted = [argument for lock in LOCKS[kind] for argument in ("-r", lock)]
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    uv = re.search(r"^uv==[^ ;\n]+", (root / "requirements-dev.txt").read_text(encoding="utf-8"), re.MULTILINE)[0]

    def attempt(command):
        return subprocess.run([str(word) for word in command], cwd=root, stdout=log, stderr=log).returncode == 0

    if not attempt([python, "-m", "pip", "--version"]):
        attempt([python, "-m", "ensurepip"])
    by_uv = [python, "-m", "uv", "pip", "install", "--quiet", "--python", python, *wanted]
    if attempt([*pip, "--retries", "2", uv]):
        if attempt(by_uv) or attempt([*pip, *wanted]):
            return
    elif not unreached(log) and attempt([*pip, *wanted]):
        return
    if unreached(log):
        raise Trouble(
            "The packages could not be downloaded. Is this machine online? What was tried is in .venv/setup.log."
        )
    raise Trouble("Installing the packages failed. The reason stands in .venv/setup.log.")


def unreached(log):
    """Whether what was written to the log so far speaks of a missing network."""
    log.flush()
    return UNREACHED.search(Path(log.name).read_text(encoding="utf-8", errors="replace")) is not None


def find_chromium(python, root, log):
    """For the tests of the built pages: a Chromium, where one can be had. Without it those tests are skipped."""
    there = subprocess.run([str(python), "tests/browser/chromium.py"], cwd=root, capture_output=True).returncode == 0
    download = [str(python), "-m", "playwright", "install", "chromium"]
    if not there and subprocess.run(download, cwd=root, stdout=log, stderr=log).returncode:
        print("No Chromium was found or could be downloaded: the tests of the built pages will be skipped.")


def run(command, **options):
    """Run a program to its end, in the root of the course; returns its exit code.

    An interrupt or a request to end reaches the program, which may have to put things in order; it is waited for.
    """
    words = [str(word) for word in command]
    with subprocess.Popen(words, **{"cwd": ROOT, **options}) as process:
        before = signal.signal(signal.SIGTERM, lambda *_: process.terminate())
        try:
            code = wait(process)
        finally:
            signal.signal(signal.SIGTERM, before)
    return code if code >= 0 else 128 - code


def wait(process):
    """The exit code, however often Ctrl+C is pressed: the terminal sends that to the program as well."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
