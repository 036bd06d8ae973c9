"""Do a notebook's stored results hold on other processors? ``python tools/processors.py [NOTEBOOK ...]``.

A processor decides which loops compute a matrix product, an exponential or a sum, and so their last digits; training
makes large differences of small ones. Every notebook named (all of ``book/`` if none is) is run and compared with what
it stores, as ``make test`` does, once for each of a few processors that this one can imitate: OPENBLAS_CORETYPE chooses
the kernels of OpenBLAS, NPY_DISABLE_CPU_FEATURES the loops of NumPy, GLIBC_TUNABLES the C library's functions. Cells
whose outputs differ or whose assertions fail are listed, and make the command end with 1. ``--only sse avx2`` chooses
among the settings.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import textwrap
from collections import namedtuple
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
LINES_SHOWN = 12  # of each difference

# needs: what NumPy must have found; kernel: of OpenBLAS; keeps: the loops of NumPy beyond its baseline, None for all.
Setting = namedtuple("Setting", "needs kernel keeps threads libc")
SETTINGS = {
    "found": Setting(None, None, None, 1, ""),
    "sse": Setting(None, "Prescott", (), 1, "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4"),
    "avx": Setting(None, "Sandybridge", (), 2, ""),
    "avx2": Setting("X86_V3", "Haswell", ("X86_V3",), 1, ""),
    "avx512": Setting("X86_V4", "SkylakeX", None, 2, ""),
}


def numpy_features():
    """The loops beyond its baseline that this NumPy can use here, such as X86_V3 (AVX2) and X86_V4 (AVX-512)."""
    return tuple(np.show_config(mode="dicts")["SIMD Extensions"].get("found", ()))


def imitable(setting, found, machine):
    """Can a processor of this kind, with these NumPy loops, imitate the setting? Only "found" asks for nothing."""
    if setting.kernel is None:
        return True
    return machine in ("x86_64", "AMD64") and (setting.needs is None or setting.needs in found)


def environment(setting, found):
    """The variables that a run under the setting adds to those of this process; the notebook's kernel inherits them."""
    threads = str(setting.threads)
    chosen = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
    if setting.kernel:
        chosen["OPENBLAS_CORETYPE"] = setting.kernel
    if setting.keeps is not None:
        chosen["NPY_DISABLE_CPU_FEATURES"] = " ".join(name for name in found if name not in setting.keeps)
    if setting.libc:
        chosen["GLIBC_TUNABLES"] = setting.libc
    return chosen


def describe(name, setting, found):
    loops = found if setting.keeps is None else [feature for feature in setting.keeps if feature in found]
    blas = f"BLAS kernels of {setting.kernel}" if setting.kernel else "BLAS kernels as detected"
    return f"{name}: {blas}, NumPy with {' '.join(loops) or 'no more than its baseline'}, {setting.threads} thread(s)"


def compare(path, variables):
    """Run and compare one notebook with these variables set; [(number of the code cell, what nbval said)]."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-vv", "--color=no", "-p", "no:cacheprovider", "--nbval"]
        command += ["-c", ROOT / "pyproject.toml", "--nbval-sanitize-with", ROOT / "tools" / "nbval.cfg"]
        command += [f"--junitxml={report}", path.resolve()]
        result = subprocess.run(command, cwd=ROOT, env=os.environ | variables, capture_output=True, text=True)
        if result.returncode not in (0, 1):
            raise RuntimeError(result.stdout[-2000:] + result.stderr[-2000:])
        cases = ElementTree.parse(report).getroot().iter("testcase")
        return [
            (int(case.get("name").split()[-1]), problem.text or problem.get("message"))
            for case in cases
            for problem in case
            if problem.tag in ("failure", "error")
        ]


def excerpt(said):
    """The lines that differ, or the error, of nbval's long message; in it + is what is stored and - what came."""
    said = re.sub(r"(?:\x1b|#x1B)\[[0-9;]*m", "", said)  # colours, as the report writes them
    if "Cell outputs differ" in said:
        signs = {"+": "stored", "-": "here  "}
        parts = re.findall(r"^ +([-+]) (.*)$", said, re.MULTILINE)
        lines = [f"{signs[sign]}  {text}" for sign, text in parts]
    else:
        lines = re.findall(r"^(?:-+> *\d+ |\w*(?:Error|Exception|Interrupt|Exit)\b).*", said, re.MULTILINE)
    return "\n".join(lines) or said


def report(path, problems):
    """The lines that say which cells of the notebook at `path` differ, and how."""
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    lines = []
    for number, said in problems:
        lines.append(f"  code cell {number} ({code[number].id}): {code[number].source.splitlines()[0]}")
        shown = excerpt(said).splitlines()
        lines += [f"      {line}" for line in shown[:LINES_SHOWN]]
        lines += [f"      … and {len(shown) - LINES_SHOWN} more lines"] if len(shown) > LINES_SHOWN else []
    return lines


def main(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog=textwrap.dedent(__doc__.split("\n\n", 1)[1]),
    )
    parser.add_argument("notebooks", type=Path, nargs="*", metavar="NOTEBOOK")
    parser.add_argument("--only", nargs="+", choices=SETTINGS, metavar="SETTING", help=f"among {', '.join(SETTINGS)}")
    options = parser.parse_args(arguments)
    paths = options.notebooks or sorted((ROOT / "book").glob("*.ipynb"))
    for path in paths:
        if not path.is_file():
            sys.exit(f"No notebook at {path}. Give paths such as book/argmax.ipynb, or none to take them all.")
    found, differing, ran = numpy_features(), 0, 0
    for name in options.only or SETTINGS:
        setting = SETTINGS[name]
        if not imitable(setting, found, platform.machine()):
            print(f"{name}: left out, since this processor cannot imitate it", flush=True)
            continue
        ran += 1
        print(describe(name, setting, found), flush=True)
        for path in paths:
            problems = compare(path, environment(setting, found))
            print(f"{path.name}: " + (f"{len(problems)} cell(s) DIFFER" if problems else "as stored"))
            print("".join(f"{line}\n" for line in report(path, problems)), end="", flush=True)
            differing += bool(problems)
    if not ran:
        sys.exit('None of these settings can be imitated here; without --only, at least "found" is run.')
    if differing:
        sys.exit(
            "Print fewer digits where a number can be made stable. Where it cannot, print it as measured, tag its cell "
            "nbval-ignore-output, and assert its range in the next cell, tagged checked."
        )


if __name__ == "__main__":
    main(sys.argv[1:])
