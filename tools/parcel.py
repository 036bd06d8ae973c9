"""The whole site as one zip that opens from the disk: ``python -m tools.parcel [SITE [ZIP]]``.

The same site gives the same bytes: names in order, one date for all, no trace of who packed it or where.
"""

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE, ZIP = ROOT / "_build" / "html", ROOT / "_build" / "maximum-likelihood-site.zip"
FOLDER = "maximum-likelihood"  # what unpacking makes
LICENCES = ("LICENSE", "LICENSE-CONTENT", "CITATION.cff")
LEFT_OUT = {".buildinfo"}  # notes of Sphinx to itself
DATE = (2026, 1, 1, 0, 0, 0)


def files(site):
    """{name in the parcel: path} of the site and its licences, in the order of the names."""
    found = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    found = {name: path for name, path in found.items() if name not in LEFT_OUT}
    found |= {name: ROOT / name for name in LICENCES if (ROOT / name).is_file()}
    return dict(sorted(found.items()))


def pack(site, target):
    """Write the zip of the folder ``site`` to ``target``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as parcel:
        for name, path in files(site).items():
            entry = zipfile.ZipInfo(f"{FOLDER}/{name}", DATE)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # on every system as if packed on Unix
            entry.compress_type = zipfile.ZIP_DEFLATED
            parcel.writestr(entry, path.read_bytes(), compresslevel=9)


def main(site=SITE, target=ZIP):
    site, target = Path(site), Path(target)
    if not (site / "index.html").is_file():
        sys.exit(f"There is no built book in {site}: build it first (make book).")
    pack(site, target)
    print(f"The site in one file, {target.stat().st_size / 1e6:.0f} MB: {target}\nUnpacked, open {FOLDER}/index.html.")


if __name__ == "__main__":
    main(*sys.argv[1:])
