"""What Binder will do, done here: the repository is accepted, and the readers' lock alone runs a chapter."""

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
import uuid
from pathlib import Path

import nbformat
import pytest
import websocket

from .conftest import ROOT
from .lab import jupyterlab
from .processes import SLOW

CHAPTER = "book/likelihood.ipynb"
LEFT_OUT = {".git", ".venv", "_build", "build", "mle_helpers.egg-info"}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The repository as a clone would have it."""
    target = tmp_path_factory.mktemp("binder") / "course"
    caches = shutil.ignore_patterns("__pycache__", ".*_cache", ".ipynb_checkpoints", ".hypothesis", ".benchmarks")
    shutil.copytree(ROOT, target, ignore=lambda place, names: {*caches(place, names), *(LEFT_OUT & set(names))})
    return target


def test_repo2docker_accepts_the_repository(copy):
    command = [Path(sys.executable).parent / "jupyter-repo2docker", "--no-build", "--debug", copy]
    result = subprocess.run(command, capture_output=True, text=True)
    said = result.stdout + result.stderr
    assert result.returncode == 0, said[-2000:]
    assert re.search(r'pip install --no-cache-dir -r "requirements.txt"', said)
    # The lock holds a local reference (-e .), so the whole repository must be there before pip runs.
    assert said.index("COPY --chown=0:0 src/ ${REPO_DIR}/") < said.index('-r "requirements.txt"')


@pytest.fixture(scope="module")
def python(copy):
    """A new environment that holds what requirements.txt says and nothing else."""
    place = copy.parent / "environment"
    uv = [sys.executable, "-m", "uv"]
    python = place / "bin" / "python"
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, place], check=True)
    install = [*uv, "pip", "install", "--quiet", "--python", python, "-r", "requirements.txt"]
    result = subprocess.run(install, cwd=copy, capture_output=True, text=True)
    if result.returncode and not os.environ.get("CI") and re.search("dns|connect|sending request", result.stderr):
        pytest.skip("No network: the readers' lock could not be installed in a new environment.")
    assert result.returncode == 0, result.stderr
    return python


@pytest.fixture(scope="module")
def server(python, copy):
    """JupyterLab, started there as Binder starts it, with nothing of this machine's own set-up: (address, token)."""
    place = copy.parent / "home"
    place.mkdir()
    clean = {key: value for key, value in os.environ.items() if not re.match("PYTHON|JUPYTER|VIRTUAL", key)}
    environment = {**clean, "HOME": str(place), "PATH": f"{python.parent}:{os.environ['PATH']}"}
    with jupyterlab(place, copy, python=python, environment=environment) as server:
        yield server


def ask(server, path, data=None):
    address, token = server
    request = urllib.request.Request(f"{address}/{path}", headers={"Authorization": f"token {token}"})
    if data is not None:
        request.data = json.dumps(data).encode()
    with urllib.request.urlopen(request, timeout=SLOW) as reply:
        return reply.read()


def run_cell(channel, code):
    """Send one cell over the kernel's websocket; its reply and all that it printed."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "username": "",
        "session": "s",
        "version": "5.3",
    }
    header["version"] = "5.3"
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    channel.send(json.dumps(message))
    printed, reply, idle = "", None, False
    while reply is None or not idle:
        received = json.loads(channel.recv())
        if received["parent_header"].get("msg_id") != header["msg_id"]:
            continue
        if received["msg_type"] == "stream":
            printed += received["content"]["text"]
        elif received["msg_type"] == "execute_reply":
            reply = received["content"]
        elif received["msg_type"] == "status":
            idle = received["content"]["execution_state"] == "idle"
    return reply, printed


def test_a_chapter_opens_in_jupyterlab(server):
    assert b"jupyter-config-data" in ask(server, f"lab/tree/{CHAPTER}")
    stored = json.loads(ask(server, f"api/contents/{CHAPTER}?content=1"))
    assert stored["type"] == "notebook" and len(stored["content"]["cells"]) > 10


def test_a_chapter_runs_there_and_prints_what_is_stored(server, copy):
    kernel = json.loads(ask(server, "api/kernels", {"name": "python3", "path": "book"}))["id"]
    address, token = server
    channel = websocket.create_connection(
        f"{address.replace('http', 'ws')}/api/kernels/{kernel}/channels?token={token}", timeout=SLOW
    )
    try:
        for number, cell in enumerate(nbformat.read(copy / CHAPTER, as_version=4).cells):
            if cell.cell_type == "code":
                reply, printed = run_cell(channel, cell.source)
                assert reply["status"] == "ok", f"cell {number}: {reply.get('ename')}: {reply.get('evalue')}"
                stored = "".join(output.text for output in cell.outputs if output.output_type == "stream")
                assert printed == stored, f"cell {number}"
        _, where = run_cell(channel, "import mle_helpers; print(mle_helpers.__file__)")
        assert Path(where.strip()).is_relative_to(copy)
    finally:
        channel.close()


def test_only_the_readers_lock_is_there(python):
    code = "import importlib.util as u; print([n for n in ('statsmodels', 'sklearn', 'playwright') if u.find_spec(n)])"
    assert subprocess.run([python, "-c", code], capture_output=True, text=True).stdout == "[]\n"
