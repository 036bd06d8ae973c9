"""Workflows, forms for issues and hooks: valid by their published schemas, and calling only commands that exist."""

import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml

from tools import commands

from .conftest import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.stem != "config")
SCHEMAS = [
    *(("github-workflows", path) for path in WORKFLOWS),
    *(("github-issue-forms", path) for path in FORMS),
    ("github-issue-config", GITHUB / "ISSUE_TEMPLATE" / "config.yml"),
]
MISSPELT = "T" + "eh"  # written so that this file is not stopped
HOOKS = ROOT / ".pre-commit-config.yaml"


def check(schema, path):
    """What the schema says against a file: (valid?, in words)."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", path]
    result = subprocess.run(command, capture_output=True, text=True)
    return result.returncode == 0, result.stdout + result.stderr


def calls(text):
    """The commands of the course that a workflow or a hook calls, with what follows them."""
    found = re.findall(r"(?:\bmake|-m tools|tools/run\.sh) +(.+)", text)
    return [line.split() for line in found]


@pytest.mark.parametrize("schema, path", SCHEMAS, ids=lambda value: getattr(value, "stem", value))
def test_keeps_to_the_published_schema(schema, path):
    valid, said = check(schema, path)
    assert valid, said


BROKEN = {
    "github-workflows": ("runs-on: ubuntu-latest", "run-on: ubuntu-latest"),
    "github-issue-forms": ("type: textarea", "type: textbox"),
    "github-issue-config": ("blank_issues_enabled: true", "blank_issues_enabled: perhaps"),
}


@pytest.mark.parametrize("schema", BROKEN)
def test_the_schema_refuses_a_slip(schema, tmp_path):
    path = next(path for name, path in SCHEMAS if name == schema)
    slip = tmp_path / path.name
    slip.write_text(path.read_text().replace(*BROKEN[schema]))
    assert slip.read_text() != path.read_text()
    valid, said = check(schema, slip)
    assert not valid and path.name in said


@pytest.mark.parametrize("path", [*WORKFLOWS, HOOKS], ids=lambda path: path.stem)
def test_calls_only_commands_that_exist(path):
    called = calls(re.sub(r"(^|\s)#.*", "", path.read_text()))
    assert called
    for name, *_ in called:
        assert name in commands.COMMANDS, f"{path.name}: there is no command {name!r}; see tools/commands.py."


def test_every_python_from_the_oldest_allowed_on_is_tested():
    matrix = yaml.safe_load((GITHUB / "workflows" / "book.yml").read_text())["jobs"]["test"]["strategy"]["matrix"]
    minors = [int(version.split(".")[1]) for version in matrix["python"]]
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert oldest == f">=3.{minors[0]}" and minors == list(range(minors[0], minors[0] + len(minors)))
    assert len(minors) >= 4


def test_the_book_is_published_only_after_all_tests():
    jobs = yaml.safe_load((GITHUB / "workflows" / "book.yml").read_text())["jobs"]
    assert set(jobs["publish"]["needs"]) == set(jobs) - {"publish"}


def test_hooks_are_valid_and_run(tmp_path, monkeypatch):
    """As a contributor meets them: a misspelt word stops the commit, and says where."""
    pre_commit = [sys.executable, "-m", "pre_commit"]
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "home"))
    subprocess.run([*pre_commit, "validate-config", HOOKS], check=True)
    (tmp_path / "tools").mkdir()
    runner = f'#!/bin/sh\nshift\nexec "{sys.executable}" "{ROOT / "tools" / "spelling.py"}" "$PWD/$1"\n'
    (tmp_path / "tools" / "run.sh").write_text(runner)
    shutil.copy(HOOKS, tmp_path)
    (tmp_path / "page.md").write_text(f"{MISSPELT} likelihood.\n")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    command = [*pre_commit, "run", "spelling", "--files", "page.md"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 1 and f"{MISSPELT} ==> The" in result.stdout, result.stdout + result.stderr
    (tmp_path / "page.md").write_text("The likelihood.\n")
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
