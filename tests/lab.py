"""JupyterLab for tests: on this machine only, with settings, data and signatures of its own, and gone afterwards."""

import contextlib
import json
import os
import socket
import subprocess
import sys

from .processes import end_with_children, wait_for

QUIET = {"apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}}


def own_places(place):
    """The environment variables that keep Jupyter's files within `place`."""
    kinds = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    kinds |= {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces"}
    return {name: str(place / folder) for name, folder in kinds.items()}


def answering(folder):
    """What the server wrote about itself, once its port takes connections (it may write first), else None."""
    for file in folder.glob("jpserver-*.json"):
        with contextlib.suppress(ValueError, OSError):  # half written; not listening yet
            server = json.loads(file.read_text())
            socket.create_connection(("127.0.0.1", server["port"]), timeout=5).close()
            return server


@contextlib.contextmanager
def jupyterlab(place, folder, *, python=sys.executable, environment=None, settings=None, options=()):
    """Serve `folder`, keep files in `place`: (address, token) inside, no process of it left behind afterwards."""
    for name, values in (QUIET | (settings or {})).items():
        file = place / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    command = [python, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += ["--ServerApp.port=0", f"--ServerApp.root_dir={folder}", "--LabApp.news_url=None", *options]
    environment = {**(environment or os.environ), **own_places(place)}
    with open(place / "log", "w") as log:
        # In a session of its own: Ctrl-C reaches the tests, which then end it in good order.
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)

    def listening():
        assert process.poll() is None, (place / "log").read_text()
        return answering(place / "runtime")

    try:
        server = wait_for(listening, "JupyterLab to listen")
        yield server["url"].rstrip("/").replace("localhost", "127.0.0.1"), server["token"]
    finally:
        end_with_children(process)
