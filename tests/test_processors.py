"""tools/processors.py: it imitates what it says, and finds the cells that another processor changes."""

import importlib.util
import os
import subprocess
import sys

import nbformat
import pytest

from .conftest import ROOT

TOOL = ROOT / "tools" / "processors.py"
spec = importlib.util.spec_from_file_location("processors", TOOL)
tool = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tool)

FOUND = ("X86_V3", "X86_V4", "AVX512_ICL")


def processors(*arguments):
    return subprocess.run([sys.executable, TOOL, *arguments], capture_output=True, text=True)


def stored(path, *sources_and_printed):
    """A notebook with these code cells, each with the text that it is said to have printed."""
    cells = []
    for count, (source, printed, tags) in enumerate(sources_and_printed, start=1):
        outputs = [nbformat.v4.new_output("stream", name="stdout", text=printed)] if printed else []
        cell = nbformat.v4.new_code_cell(source, execution_count=count, outputs=outputs, metadata={"tags": tags})
        cell.id = f"cell-{count - 1:03d}"
        cells.append(cell)
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
    return path


@pytest.mark.parametrize(
    "name, variables",
    [
        ("found", {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}),
        ("avx", {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL", "OMP_NUM_THREADS": "2"}),
        ("avx2", {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL", "OPENBLAS_CORETYPE": "Haswell"}),
        ("avx512", {"OPENBLAS_CORETYPE": "SkylakeX", "OPENBLAS_NUM_THREADS": "2"}),
    ],
)
def test_a_setting_becomes_variables(name, variables):
    assert tool.environment(tool.SETTINGS[name], FOUND).items() >= variables.items()


def test_what_a_processor_lacks_it_is_not_asked_to_imitate():
    can = {name: tool.imitable(setting, ("X86_V3",), "x86_64") for name, setting in tool.SETTINGS.items()}
    assert can == {"found": True, "sse": True, "avx": True, "avx2": True, "avx512": False}
    assert [name for name, s in tool.SETTINGS.items() if tool.imitable(s, (), "arm64")] == ["found"]


@pytest.mark.skipif(not tool.imitable(tool.SETTINGS["sse"], (), tool.platform.machine()), reason="not an x86 processor")
@pytest.mark.parametrize("name", ["sse", "avx"])
def test_the_libraries_obey(name):
    """A process started with the variables uses other BLAS kernels and fewer NumPy loops, without a warning."""
    found = tool.numpy_features()
    script = (
        "import numpy, scipy.linalg, threadpoolctl\n"
        "from numpy._core._multiarray_umath import __cpu_features__ as has\n"
        "print(*{pool['architecture'] for pool in threadpoolctl.threadpool_info()})\n"
        f"print(*[name for name in {found!r} if has[name]])"
    )
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env=os.environ | tool.environment(tool.SETTINGS[name], found),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    kernels = {"sse": {"Prescott", "Katmai"}, "avx": {"Sandybridge"}}[name]  # OpenBLAS says Katmai for Prescott
    assert set(said[0].split()) <= kernels and said[1] == ""


def test_a_cell_that_differs_is_named_with_both_texts(tmp_path):
    path = stored(
        tmp_path / "threads.ipynb",
        ("import os", "", []),
        ("print('one thread' if os.environ['OMP_NUM_THREADS'] == '1' else 'more')", "one thread\n", []),
    )
    result = processors(path, "--only", "found")
    assert result.returncode == 0, result.stderr
    assert "threads.ipynb: as stored" in result.stdout
    stored(
        path,
        ("import os", "", []),
        ("print('BLAS threads:', os.environ['OMP_NUM_THREADS'])", "BLAS threads: 2\n", []),
    )
    result = processors(path, "--only", "found")
    assert result.returncode == 1 and "nbval-ignore-output" in result.stderr
    assert "threads.ipynb: 1 cell(s) DIFFER" in result.stdout
    assert "code cell 1 (cell-001): print('BLAS threads:'" in result.stdout
    assert "stored  BLAS threads: 2" in result.stdout and "here    BLAS threads: 1" in result.stdout


def test_a_range_that_fails_is_named_even_where_the_digits_may_vary(tmp_path):
    path = stored(
        tmp_path / "range.ipynb",
        ("import os\nn = int(os.environ['OMP_NUM_THREADS'])", "", []),
        ("print(n)", "77\n", ["nbval-ignore-output"]),
        ("assert n > 1", "", ["checked"]),
    )
    before = path.read_bytes()
    result = processors(path, "--only", "found")
    assert result.returncode == 1 and path.read_bytes() == before
    assert "1 cell(s) DIFFER" in result.stdout and "code cell 2" in result.stdout
    assert "AssertionError" in result.stdout


def test_it_says_what_it_needs(tmp_path):
    assert "No notebook at nowhere.ipynb" in processors("nowhere.ipynb").stderr
    wrong = processors("--only", "pentium")
    assert wrong.returncode == 2 and "sse" in wrong.stderr
