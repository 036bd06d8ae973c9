"""Measure against other packages: ``python tools/bench.py [pytest options]``.

Runs every ``benchmarks/bench_*.py`` and writes ``benchmarks/timings.json``, the one committed file of timings, which
chapters quote. Within a group of benchmarks, ``ratio`` is a median over the median of "ours": above 1 means that the
package is faster. Ratios travel between machines, seconds do not. With options, such as ``-k gaussian``, the results
are shown and the file is left as it is.

At the end stands a table of our time over that of each peer, and in words which limit of ``benchmarks/limits.json`` is
missed; if one is, the exit status is 1. A group without "ours" says what something costs, in multiples of its
"value and gradient".
"""

import json
import os
import platform
import subprocess
import sys
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIMINGS = ROOT / "benchmarks" / "timings.json"
LIMITS = ROOT / "benchmarks" / "limits.json"
RAW = ROOT / "_build" / "benchmarks.json"
PACKAGES = ("numpy", "scipy", "autograd", "statsmodels", "lifelines", "scikit-learn", "torch")
REFERENCES = ("ours", "value and gradient")  # what the others of a group are measured in


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
        reference = next((group[name] for name in REFERENCES if name in group), None)
        for entry in group.values() if reference else ():
            entry["ratio"] = digits(entry["median_seconds"] / reference["median_seconds"])
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


def ours_over(groups):
    """(group, peer, our seconds over its seconds, its entry) for every peer of every group with "ours"."""
    return [
        (name, peer, group["ours"]["median_seconds"] / entry["median_seconds"], entry)
        for name, group in groups.items()
        if "ours" in group
        for peer, entry in group.items()
        if peer != "ours"
    ]


def costs(groups):
    """(group, what, its seconds over those of a value and gradient) in the groups that say what something costs."""
    return [
        (name, what, entry["median_seconds"] / group["value and gradient"]["median_seconds"])
        for name, group in groups.items()
        if "value and gradient" in group
        for what, entry in group.items()
        if what != "value and gradient"
    ]


def limit_of(limits, group, peer):
    """The last limit whose pattern fits the group, or None."""
    fitting = [one for one in limits if one["peer"] == peer and fnmatch(group, one["groups"])]
    return fitting[-1] if fitting else None


def table(groups, limits):
    """One line for each peer: our time over its time, the limit and the aim; then the costs of derivatives."""
    compared = ours_over(groups)
    width = max((len(name) for name, *_ in [*compared, *costs(groups)]), default=0)
    lines = [f"{'':{width}}  {'peer':18}  {'ours/peer':>9}  {'limit':>6}  {'aim':>6}"] if compared else []
    for name, peer, ratio, entry in compared:
        limit = limit_of(limits, name, peer) or {}
        bounds = "  ".join(f"{limit[key]:6g}" if key in limit else " " * 6 for key in ("limit", "aim"))
        short = entry.get("short_of_the_maximum")
        remark = f"  stops {short:.1g} nats an observation below the maximum" if short else ""
        lines.append(f"{name:{width}}  {peer:18}  {ratio:9.2f}  {bounds}{remark}".rstrip())
    lines += [f"{name:{width}}  {what:18}  {ratio:9.2f}  value-and-gradients" for name, what, ratio in costs(groups)]
    return "\n".join(lines)


def missed(groups, limits):
    """A sentence for each limit that is missed, and for each that nothing was measured for."""
    sentences = [
        f"{name}: {ratio:.2f} of the time of {peer}, where at most {limit['limit']:g} is allowed."
        for name, peer, ratio, _ in ours_over(groups)
        if (limit := limit_of(limits, name, peer)) and ratio > limit["limit"]
    ]
    measured = {(name, peer) for name, peer, *_ in ours_over(groups)}
    sentences += [
        f"{one['groups']}: nothing was measured against {one['peer']}; is it installed?"
        for one in limits
        if not any(peer == one["peer"] and fnmatch(name, one["groups"]) for name, peer in measured)
    ]
    return sentences


def short_of_aim(groups, limits):
    """A sentence for each aim that is not reached while its limit is kept."""
    return [
        f"{name}: {ratio:.2f} of the time of {peer} keeps the limit of {limit['limit']:g}; the aim is {limit['aim']:g}."
        for name, peer, ratio, _ in ours_over(groups)
        if "aim" in (limit := limit_of(limits, name, peer) or {}) and limit["aim"] < ratio <= limit["limit"]
    ]


def main(options):
    found = summary(measure(options))
    limits = json.loads(LIMITS.read_text())
    print(table(found["groups"], limits))
    if options:
        selected = [one for one in limits if any(fnmatch(name, one["groups"]) for name in found["groups"])]
        limits = [one for one in selected if any(one["peer"] in group for group in found["groups"].values())]
        print(f"{TIMINGS.name} is left as it is: only a run of all benchmarks, without options, writes it.")
    else:
        TIMINGS.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
        print(f"Written: {TIMINGS.relative_to(ROOT)}")
    exceeded = missed(found["groups"], limits)
    print(
        "\n".join([*short_of_aim(found["groups"], limits), *exceeded] or ["Every limit is kept and every aim reached."])
    )
    if exceeded:
        print(f"{len(exceeded)} of the limits in {LIMITS.relative_to(ROOT)} missed.")
    return 1 if exceeded else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
