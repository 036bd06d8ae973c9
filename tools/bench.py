"""Measure against other packages: ``python tools/bench.py [pytest options]``.

Runs every ``benchmarks/bench_*.py`` and writes ``benchmarks/timings.json``, the one committed file of timings, which
chapters quote. Within a group of benchmarks, ``ratio`` is a median over the median of "ours": above 1 means that the
package is faster. Ratios travel between machines, seconds do not. With options, such as ``-k gaussian``, the results
are shown and the file is left as it is.
"""

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIMINGS = ROOT / "benchmarks" / "timings.json"
RAW = ROOT / "_build" / "benchmarks.json"
PACKAGES = ("numpy", "scipy", "autograd", "statsmodels", "scikit-learn", "torch")


def measure(options):
    RAW.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-o", "python_files=bench_*.py", "-o", "python_functions=bench_*"]
    command += ["-p", "no:cacheprovider", "--benchmark-json", RAW, "--benchmark-columns=median,iqr,rounds"]
    command += ["--benchmark-sort=name", *options, "benchmarks"]
    code = subprocess.run(command, cwd=ROOT, env={"OMP_NUM_THREADS": "1", **os.environ}).returncode
    if code:
        sys.exit(code)
    return json.loads(RAW.read_text())


def name_of(benchmark):
    """The peer it measures: the parameter "peer", or else the name of the function."""
    parameters = benchmark["params"] or {}
    return parameters.get("peer") or benchmark["name"].split("[")[0].removeprefix("bench_")


def installed():
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def digits(value, n=3):
    """Rounded to n significant digits."""
    return float(f"{value:.{n}g}")


def summary(raw):
    """What is committed: where and when, then for each group the medians and their ratios to ours."""
    groups = {}
    for benchmark in raw["benchmarks"]:
        entry = {"median_seconds": digits(benchmark["stats"]["median"]), "rounds": benchmark["stats"]["rounds"]}
        entry |= {
            key: digits(value, 5) if isinstance(value, float) else value
            for key, value in benchmark["extra_info"].items()
        }
        groups.setdefault(benchmark["group"] or benchmark["name"], {})[name_of(benchmark)] = entry
    for group in groups.values():
        if "ours" in group:
            for entry in group.values():
                entry["ratio"] = digits(entry["median_seconds"] / group["ours"]["median_seconds"])
    machine = raw["machine_info"]
    return {
        "date": raw["datetime"][:10],
        "machine": {
            "processor": machine["cpu"].get("brand_raw", machine["machine"]),
            "cores": os.cpu_count(),
            "system": platform.system(),
            "threads": int(os.environ.get("OMP_NUM_THREADS", 1)),
        },
        "python": platform.python_version(),
        "packages": installed(),
        "groups": dict(sorted(groups.items())),
    }


def main(options):
    raw = measure(options)
    if options:
        print(f"{TIMINGS.name} is left as it is: only a run of all benchmarks, without options, writes it.")
        return
    TIMINGS.write_text(json.dumps(summary(raw), indent=1, ensure_ascii=False) + "\n")
    print(f"Written: {TIMINGS.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])
