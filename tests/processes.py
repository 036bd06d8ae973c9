"""Processes that tests start: each ends with the run, however the run ends; and waiting for states, not seconds.

Every pytest process (each worker of pytest-xdist too) has a mark of its own in its environment. All that it starts
inherits the mark, in whatever session or process group: servers, kernels, browsers, builds. A keeper, which carries
no mark, reads from a pipe that only the pytest process holds. When the pipe closes, because pytest is done, was
interrupted or was killed, the keeper ends what still carries the mark.
"""

import contextlib
import os
import subprocess
import sys
import time
import uuid

import psutil

MARK = "MLE_TESTS_STARTED_BY"
SLOW = 300  # seconds a busy machine may take; waiting ends as soon as what is waited for is there
PATIENCE = 5  # seconds a process has to end by itself before it is killed


def wait_for(condition, what):
    """The first true value of `condition()`; a TimeoutError that says `what` was waited for after SLOW seconds."""
    deadline = time.monotonic() + SLOW
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"After {SLOW} s still waiting for {what}.")
        time.sleep(0.05)
    return found


def lives(process):
    """Whether a process runs; what has ended and was not yet asked for its exit code does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def carrying(name, value):
    """Living processes of this user in whose environment `name` is `value`."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(name) == value and lives(process):
                found.append(process)
    return found


def end(processes, patience=PATIENCE):
    """Ask all to end, wait, kill those that have not; no error if one is gone already."""
    for how in (psutil.Process.terminate, psutil.Process.kill):
        for process in filter(lives, processes):
            with contextlib.suppress(psutil.Error):
                how(process)
        deadline = time.monotonic() + patience
        while any(map(lives, processes)) and time.monotonic() < deadline:
            time.sleep(0.05)


def end_with_children(process, patience=4 * PATIENCE):
    """End a `subprocess.Popen` first, so that it can tidy up after itself, then all that it had started."""
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(process.pid)
        started = parent.children(recursive=True)
        end([parent], patience)
        end(started, patience)
    process.wait(patience)


def start_keeper():
    """Mark what this process starts from now on; returns the keeper, which acts when its stdin closes."""
    environment = {key: value for key, value in os.environ.items() if key != MARK}
    os.environ[MARK] = uuid.uuid4().hex
    command = [sys.executable, __file__, os.environ[MARK]]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    # In a session of its own: Ctrl-C in the terminal must not reach it.
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, start_new_session=True, **silent)


def pytest_configure(config):
    config.keeper = start_keeper()


def pytest_unconfigure(config):
    config.keeper.stdin.close()
    config.keeper.wait(4 * PATIENCE)


if __name__ == "__main__":
    sys.stdin.buffer.read()  # returns when the other end is gone
    while left := carrying(MARK, sys.argv[1]):  # again, for what was just being started
        end(left)
