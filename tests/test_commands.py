"""The commands, by `make` and by ``python -m tools``: what they say when something is missing, and the locks."""

import importlib
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from tools import commands, environment

from .conftest import ROOT

SHELL_TOOLS = ("sh", "make", "dirname")
NEEDED = ("Makefile", "pyproject.toml", "requirements.txt", "requirements-dev.txt")
BASE = sys._base_executable
NOWHERE = "http://127.0.0.1:9/simple"
NO_NETWORK = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": NOWHERE,
    "PIP_RETRIES": "0",
    "UV_INDEX_URL": NOWHERE,
    "UV_NO_CACHE": "1",
}
NO_VENV = "This Python has no venv module. On Debian or Ubuntu: sudo apt install python3-venv."
by_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")


@pytest.fixture
def clone(tmp_path):
    """What the commands need, in a folder of its own, and a PATH that holds nothing but basic programs."""
    for name in NEEDED:
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "bin"
    path.mkdir()
    for tool in SHELL_TOOLS:
        if found := shutil.which(tool):
            (path / tool).symlink_to(found)
    return tmp_path


def add(clone, name, script):
    program = clone / "bin" / name
    program.write_text(f"#!{shutil.which('sh')}\n{script}\n")
    program.chmod(0o755)


def said_by(clone, command, **changes):
    """Exit code and lines of a command; make's own closing line "make: *** ..." is left out."""
    changing = "PYTHON|PIP_|UV_|VIRTUAL|MAKE|MFLAGS|(ARGS|N|OPEN|PORT)$"  # the last are what make passes on
    kept = {key: value for key, value in os.environ.items() if not re.match(changing, key)}
    kept["PATH"] = str(clone / "bin")
    result = subprocess.run(command, cwd=clone, env=kept | changes, capture_output=True, text=True)
    lines = (result.stdout + result.stderr).splitlines()
    return result.returncode, [line for line in lines if not line.startswith("make")]


def make(clone, *arguments, **changes):
    return said_by(clone, ["make", *arguments], **changes)


WITHOUT_ENSUREPIP = """
import sys
class Hide:
    def find_spec(name, *_):
        if name == "ensurepip":
            raise ModuleNotFoundError(name=name)
sys.meta_path.insert(0, Hide)
"""


def without_ensurepip(clone):
    """A folder for PYTHONPATH by which ensurepip is missing, as it is in Debian's bare python3."""
    folder = clone / "bare"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WITHOUT_ENSUREPIP)
    return str(folder)


# --- a Python to start from -------------------------------------------------------------------------------


@by_make
def test_without_python_one_sentence_says_so(clone):
    code, said = make(clone, "book")
    assert code != 0
    assert said == [
        "No Python was found. Install Python 3.11 or newer, or name the one you have: make book PYTHON=/path/to/python3"
    ]


@by_make
def test_an_old_python_is_named(clone):
    add(clone, "python3", "exit 1")
    code, said = make(clone, "book")
    assert code != 0 and len(said) == 1
    assert said[0].startswith("The Python found here, python3, is too old: this course needs Python 3.11 or newer.")


@by_make
def test_a_newer_python_beside_the_old_one_is_found(clone):
    add(clone, "python3", "exit 1")
    add(clone, "python3.12", f'exec {BASE} "$@"')
    code, said = make(clone, "help")
    assert code == 0 and any(line.startswith("book ") for line in said)


@by_make
@pytest.mark.parametrize("script", [None, "exit 1"], ids=["missing", "old"])
def test_the_python_that_was_asked_for_must_serve(clone, script):
    if script:
        add(clone, "mypython", script)
    code, said = make(clone, "book", "PYTHON=mypython")
    assert code != 0 and len(said) == 1
    assert said[0].startswith("PYTHON=mypython is ")


@by_make
def test_the_python_that_was_asked_for_is_the_one(clone):
    add(clone, "python3", "exit 1")
    add(clone, "mypython", f'echo by mypython; exec {BASE} "$@"')
    code, said = make(clone, "help", "PYTHON=mypython")
    assert code == 0 and said[0] == "by mypython"


def test_an_old_python_is_told_so_where_there_is_no_make():
    source = (ROOT / "tools" / "__main__.py").read_text()
    pretend = f"import sys; sys.version_info = (3, 9, 0); exec({source!r})"
    result = subprocess.run([sys.executable, "-c", pretend], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode != 0
    assert result.stderr.strip() == "This Python is too old: the course needs Python 3.11 or newer."


# --- .venv ------------------------------------------------------------------------------------------------


@by_make
def test_a_python_without_venv_is_explained_by_make(clone):
    add(clone, "python3", f'exec {BASE} "$@"')
    code, said = make(clone, "test", PYTHONPATH=without_ensurepip(clone))
    assert code != 0 and len(said) == 1
    assert said[0].startswith(NO_VENV)
    assert not (clone / ".venv").exists()


def test_a_python_without_venv_is_explained(clone):
    code, said = said_by(clone, [BASE, "-m", "tools", "test"], PYTHONPATH=without_ensurepip(clone))
    assert code != 0 and len(said) == 1
    assert said[0].startswith(NO_VENV)
    assert not (clone / ".venv").exists()


def test_without_a_network_one_sentence_says_so(clone):
    command = ["make", "book", f"PYTHON={BASE}"] if shutil.which("make") else [BASE, "-m", "tools", "book"]
    code, said = said_by(clone, command, **NO_NETWORK)
    assert code != 0
    assert said[0].startswith("Setting up .venv from the lock.")
    assert said[1:] == [
        "The packages could not be downloaded. Is this machine online? What was tried is in .venv/setup.log."
    ]


def a_venv(clone):
    """An environment of the clone that is as the locks want it, as far as its stamps say."""
    subprocess.run([BASE, "-m", "venv", "--without-pip", clone / ".venv"], check=True)
    for kind in environment.LOCKS:
        (clone / ".venv" / f"lock-{kind}").write_text(environment.fingerprint(clone, kind))
    return environment.venv_python(clone / ".venv")


def test_nothing_is_installed_again_until_the_lock_changes(clone, monkeypatch, capsys):
    a_venv(clone)
    installed = []
    monkeypatch.setattr(environment, "install", lambda python, kind, *_: installed.append(kind))
    monkeypatch.setattr(environment, "find_chromium", lambda *_: None)
    environment.ready("dev", clone)
    assert installed == [] and capsys.readouterr().out == ""
    with open(clone / "requirements-dev.txt", "a") as lock:
        lock.write("one-more==1.0\n")
    environment.ready("readers", clone)
    assert installed == []  # the readers' lock has not changed
    environment.ready("dev", clone)
    environment.ready("dev", clone)
    assert installed == ["dev"]


def test_what_could_not_be_installed_is_tried_again(clone, monkeypatch):
    def fail(*_):
        raise environment.Trouble("no")

    a_venv(clone)
    (clone / ".venv" / "lock-readers").unlink()
    monkeypatch.setattr(environment, "install", fail)
    for _ in range(2):
        with pytest.raises(environment.Trouble):
            environment.ready("readers", clone)


@by_make
def test_where_all_is_set_up_the_environment_s_own_python_is_enough(clone):
    a_venv(clone)
    assert make(clone, "readers") == (0, [])


@pytest.mark.parametrize("harm", ["moved", "emptied", "broken"])
def test_an_environment_that_cannot_serve_is_made_anew(clone, harm):
    python = a_venv(clone)
    marker = clone / ".venv" / "old"
    marker.touch()
    environment.create(clone / ".venv", clone)
    assert marker.exists()  # it can serve
    if harm == "moved":
        (clone / ".venv" / "place").write_text("/somewhere/else")
    else:
        (python if harm == "broken" else clone / ".venv" / "pyvenv.cfg").unlink()
    environment.create(clone / ".venv", clone)
    assert not marker.exists() and environment.works(python)


@pytest.mark.parametrize("system", ["posix", "nt"])
def test_an_environment_s_python_is_where_that_system_keeps_it(system):
    base = Path("some") / "place"
    folder = Path(sysconfig.get_path("scripts", f"{system}_venv", {"base": str(base)}).replace("\\", "/"))
    python = environment.venv_python(base, system)
    assert python.parent == folder and python.name == {"nt": "python.exe", "posix": "python"}[system]


def test_setting_up_needs_nothing_but_the_standard_library_and_no_one_system():
    for module in ("__main__", "environment", "commands"):
        source = (ROOT / "tools" / f"{module}.py").read_text()
        for name in re.findall(r"^(?:from|import) ([\w]+)", source, re.MULTILINE):
            assert name == "tools" or name in sys.stdlib_module_names, f"{module}: {name}"
        # each of these exists on one kind of system only
        assert not re.search(r"\b(fcntl|pwd|resource|os\.(fork|kill|getuid|setsid|exec\w+)|shell=True)\b", source)


# --- commands ---------------------------------------------------------------------------------------------


def test_every_command_says_what_it_does_and_make_has_the_same():
    listed = " ".join(re.findall(r"^COMMANDS [:+]= (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)).split()
    assert set(listed) == {*commands.COMMANDS, "help"}
    for name, command in commands.COMMANDS.items():
        assert command.__doc__ and f"\n{name} " in f"\n{commands.listing()}"


@pytest.mark.parametrize("words", [[], ["help"], ["--help"]])
def test_alone_it_lists_the_commands(words, capsys):
    assert commands.main(words) == 0
    assert commands.listing() in capsys.readouterr().out


def test_a_command_that_does_not_exist_is_named(capsys):
    assert commands.main(["bok"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("There is no command 'bok'; there are:") and commands.listing() in said


def test_arguments_that_a_command_does_not_take_are_named(capsys):
    assert commands.main(["lint", "book"]) == 2
    assert capsys.readouterr().err == "lint takes no arguments, got: book\n"


def test_a_build_that_fails_shows_its_log_and_fails(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    monkeypatch.setattr(commands, "ready", lambda kind: sys.executable)
    monkeypatch.setattr(commands, "BUILD", ["-c", "print('no such page'); raise SystemExit(3)"])
    assert commands.book() == 3
    assert capsys.readouterr().out == "no such page\n"


WAITER = """
import signal, sys, time
def end(*_):
    time.sleep(0.5)
    print("put in order", flush=True)
    sys.exit(7)
signal.signal(signal.SIGINT, end)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
while True:
    time.sleep(60)
"""
RUNNER = "import sys; from tools.environment import run; sys.exit(run([sys.executable, '-c', sys.argv[1]]))"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals between processes")
@pytest.mark.parametrize("sent", ["SIGINT", "SIGTERM"])
def test_a_program_that_is_interrupted_may_put_things_in_order(sent):
    outer = subprocess.Popen(
        [sys.executable, "-c", RUNNER, WAITER], cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert outer.stdout.readline() == "ready\n"
    if sent == "SIGINT":
        os.killpg(outer.pid, signal.SIGINT)  # a terminal sends Ctrl+C to all
    else:
        outer.send_signal(signal.SIGTERM)  # as a supervisor does, to the one it started
    assert outer.stdout.read() == "put in order\n"
    assert outer.wait() == 7


def test_the_exit_code_of_a_program_is_handed_on():
    assert environment.run([sys.executable, "-c", "raise SystemExit(5)"]) == 5


@pytest.mark.parametrize("name", ["book", "notebooks", "lab"])
def test_reading_needs_no_lock_of_the_developers(monkeypatch, name):
    asked = []
    monkeypatch.setattr(commands, "ready", lambda kind: asked.append(kind) or sys.executable)
    monkeypatch.setattr(commands, "run", lambda command, **options: 0)
    assert commands.main([name]) == 0
    assert set(asked) == {"readers"}


def test_tools_is_this_folder_s():
    assert Path(importlib.import_module("tools").__file__).parent == ROOT / "tools"


# --- the locks --------------------------------------------------------------------------------------------


def pins(name):
    """{package: [versions]} of a lock."""
    found = {}
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith(("#", "-e ")):
            package, version = re.fullmatch(r"([a-z0-9-]+)==([^ ;]+)( ;.*)?", line).group(1, 2)
            found.setdefault(package, []).append(version)
    return found


def wanted(*extras):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = list(project["dependencies"]) if "book" in extras else []
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return {re.match(r"[A-Za-z0-9-]+", line)[0].lower() for line in lines}


def test_the_readers_lock_holds_the_package_and_every_direct_dependency():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    assert "-e ." in lines
    assert wanted("book") <= set(pins("requirements.txt"))


def test_the_developers_lock_adds_to_it_and_never_contradicts_it():
    readers, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert wanted("dev") <= set(dev)
    assert all(dev[name] == readers[name] for name in set(dev) & set(readers))


def test_one_pin_of_the_numerical_packages_serves_every_python():
    readers = pins("requirements.txt")
    for name in ("numpy", "scipy", "matplotlib", "autograd"):
        assert len(readers[name]) == 1, f"{name}: {readers[name]}. Run: make lock"


def test_no_lock_names_a_host_or_holds_a_framework():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text and "--index" not in text and "--find-links" not in text
        assert not {"torch", "tensorflow", "jax"} & set(pins(name))
