"""Ask every link that leads out of the book whether it still leads anywhere: ``python -m tools links``.

Sphinx asks; this sorts what it was told. A page that is gone (404, 410) or whose host is gone makes the command end
with 1. A site that only turns robots away, is slow or is down today is listed, and is no failure.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / "_build" / "links"
BUILD = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"
GONE = re.compile(r"^(404|410) |NameResolutionError|Name or service not known|getaddrinfo failed")


def verdict(answer):
    """What an entry of Sphinx's report means: "works", "gone", "unsure", or "inside", a link within the book."""
    if answer["status"] in ("unchecked", "ignored", "local"):
        return "inside"
    if answer["status"] in ("working", "redirected"):
        return "works"
    return "gone" if GONE.search(answer["info"]) or answer["code"] in (404, 410) else "unsure"


def summary(answers):
    """(lines to print, exit code) for all entries of the report."""
    sorted_out = {"works": [], "gone": [], "unsure": [], "inside": []}
    for answer in answers:
        sorted_out[verdict(answer)].append(answer)
    works, gone, unsure = (sorted_out[kind] for kind in ("works", "gone", "unsure"))
    if gone and not works and not unsure:
        return ["No link could be asked. Is this machine online?"], 1
    lines = [f"unsure  {a['filename']}: {a['uri']} ({a['info'][:100]})" for a in unsure]
    lines += [f"GONE    {a['filename']}: {a['uri']} ({a['info'][:100]})" for a in gone]
    lines.append(f"{len(works)} links lead somewhere, {len(unsure)} could not be asked, {len(gone)} are gone.")
    return lines, 1 if gone else 0


def main():
    report = OUTPUT / "_build" / "html" / "output.json"  # Jupyter Book keeps every builder's output there
    report.unlink(missing_ok=True)
    options = ["build", ".", "--all", "--builder", "linkcheck", "--path-output", str(OUTPUT), "--keep-going", "-q"]
    said = subprocess.run([sys.executable, "-c", BUILD, *options], cwd=ROOT, capture_output=True, text=True)
    if not report.is_file():
        sys.exit(f"The links could not be collected:\n{said.stdout[-3000:]}{said.stderr[-3000:]}")
    lines, code = summary(json.loads(line) for line in report.read_text(encoding="utf-8").splitlines())
    print("\n".join(lines))
    return code


if __name__ == "__main__":
    sys.exit(main())
