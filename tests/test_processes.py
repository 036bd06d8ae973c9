"""No process outlives a test run: not a stubborn one, not a kernel or a browser, however the run ends."""

import json
import os
import signal
import subprocess
import sys
import uuid

import psutil
import pytest

from .conftest import ROOT
from .processes import SLOW, carrying, end_with_children, lives, wait_for

SEEN = "MLE_TESTS_SEEN_BY"
STUBBORN = """
import signal, subprocess, sys, threading
for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(one, signal.SIG_IGN)
if len(sys.argv) < 2:
    subprocess.Popen([sys.executable, __file__, "child"], start_new_session=True)
print("deaf", flush=True)
threading.Event().wait()
"""
NESTED = f"""
import json, os, signal, subprocess, sys, threading, urllib.request
import pytest
from playwright.sync_api import sync_playwright
from tests.browser.chromium import find
from tests.lab import jupyterlab

signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background is deaf to it

def stay(tmp_path):
    script = tmp_path / "stubborn.py"
    script.write_text({STUBBORN!r})
    said = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, start_new_session=True, text=True).stdout
    assert said.readline() and said.readline()

def ready():
    with open(os.environ["READY"] + ".part", "w") as file:
        json.dump({{"worker": os.getpid()}}, file)
    os.replace(os.environ["READY"] + ".part", os.environ["READY"])
    threading.Event().wait()

def test_plain(tmp_path):
    stay(tmp_path)
    ready()

def test_with_jupyterlab_and_a_browser(tmp_path):
    stay(tmp_path)
    with jupyterlab(tmp_path, tmp_path) as (address, token), sync_playwright() as playwright:
        headers = {{"Authorization": "token " + token}}
        start = urllib.request.Request(address + "/api/kernels", b'{{"name": "python3"}}', headers)
        assert json.loads(urllib.request.urlopen(start).read())["id"]
        if path := find():
            playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        ready()

@pytest.fixture
def failing(tmp_path):
    stay(tmp_path)
    raise RuntimeError("on purpose")

def test_fails_while_it_is_set_up(failing):
    pass
"""


@pytest.fixture
def run(tmp_path):
    """run(test, *options) -> a pytest run in a process of its own; `run.seen()` lists what is left of it."""
    (tmp_path / "test_nested.py").write_text(NESTED)
    value = uuid.uuid4().hex

    def run(test, *options):
        command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "tests.processes"]
        command += ["-p", "no:cacheprovider", *options, f"{tmp_path / 'test_nested.py'}::{test}"]
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
        environment = {**kept, "PYTHONPATH": str(ROOT), SEEN: value, "READY": str(tmp_path / "ready")}
        with open(tmp_path / "said", "w") as said:
            return subprocess.Popen(
                command, cwd=tmp_path, env=environment, stdout=said, stderr=said, start_new_session=True
            )

    run.seen = lambda: carrying(SEEN, value)
    run.ready = tmp_path / "ready"
    run.said = tmp_path / "said"
    yield run
    for process in run.seen():
        process.kill()


def names(processes):
    return [" ".join(process.as_dict(["cmdline"])["cmdline"] or ["?"]) for process in processes if lives(process)]


ENDINGS = ["SIGINT", "SIGTERM", "SIGKILL"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals.")
@pytest.mark.parametrize(
    "test, options, ending",
    [
        *[("test_plain", (), ending) for ending in ENDINGS],
        ("test_with_jupyterlab_and_a_browser", ("-n", "1"), "SIGKILL"),
        ("test_with_jupyterlab_and_a_browser", ("-n", "1"), "SIGKILL of the worker"),
    ],
)
def test_an_interrupted_run_leaves_no_process(run, test, options, ending):
    process = run(test, *options)
    wait_for(lambda: run.ready.exists() or process.poll() is not None, "the nested run to have started all")
    assert process.poll() is None, run.said.read_text()
    before = len(run.seen())
    assert before >= (9 if "jupyterlab" in test else 4), names(run.seen())
    worker = json.loads(run.ready.read_text())["worker"]
    os.kill(worker if "worker" in ending else process.pid, getattr(signal, ending.split()[0]))
    process.wait(SLOW)
    wait_for(lambda: not run.seen(), "the end of all that the run had started")


def test_a_failing_fixture_leaves_no_process(run):
    process = run("test_fails_while_it_is_set_up")
    assert process.wait(SLOW) == 1, run.said.read_text()
    assert "on purpose" in run.said.read_text()
    assert not run.seen()


def test_a_process_that_does_not_listen_is_ended_with_its_children(tmp_path):
    script = tmp_path / "stubborn.py"
    script.write_text(STUBBORN)
    process = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() and process.stdout.readline()
    started = psutil.Process(process.pid).children(recursive=True)
    assert len(started) == 1
    end_with_children(process, patience=0.5)
    assert process.poll() is not None
    wait_for(lambda: not any(map(lives, started)), "the end of what it had started")
