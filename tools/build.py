"""Build the book, and only what changed: ``python tools/build.py [SOURCE [OUTPUT]] [--cold] [--jobs N]``.

SOURCE holds _config.yml, _toc.yml and book/; the pages go to OUTPUT/_build/html. Sphinx reads the pages that were
edited since the last build, and book/_ext/freshness.py finds the others that show something of them. Everything is
built anew, into an empty folder, with --cold, after a build that failed, and whenever something has changed that every
page may depend on: settings, contents, extension, style, sources, the package, the Python in use.
"""

import argparse
import contextlib
import hashlib
import os
import shutil
import sys
import time
from pathlib import Path

PAGES = (".ipynb", ".md")  # in book/: what is read page by page
LEFT_OUT = {"__pycache__", ".ipynb_checkpoints", "results"}  # results: numbers that notebooks hand to each other
FOLDERS = ("book", "mle_helpers")


def inputs(source):
    """The files in `source` that pages are made from, in order: (path within it, whether it is a page)."""
    paths = [path for path in source.iterdir() if path.is_file() and not path.name.startswith(".")]
    for folder in FOLDERS:
        paths += [path for path in (source / folder).rglob("*") if path.is_file()]
    for path in sorted(paths):
        place = path.relative_to(source)
        if not LEFT_OUT & set(place.parts):
            yield place, place.parts[0] == "book" and place.suffix in PAGES


def fingerprint(source, pages=False):
    """Changes with all that every page may depend on and with the list of pages; with `pages`, with their content."""
    digest = hashlib.sha256(f"{sys.version} {sys.prefix}".encode())
    digest.update(repr(sorted(item for item in os.environ.items() if item[0].startswith("BOOK_"))).encode())
    for place, is_page in inputs(source):
        digest.update(place.as_posix().encode() + b"\0")
        if pages or not is_page:
            digest.update(hashlib.sha256((source / place).read_bytes()).digest())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def locked(path):
    """Inside, no other process on this machine holds the lock `path`; it ends with the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        if os.name == "nt":
            import msvcrt

            while True:
                try:
                    msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                    break
                except OSError:
                    time.sleep(0.1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def sphinx(source, output, jobs):
    """Run Jupyter Book there as ``jupyter-book build -W -n --keep-going -q`` does; 0 if there was no warning."""
    # A check of addresses that jsonschema would offer, and that nothing here uses, takes a third of the start.
    sys.modules.setdefault("rfc3987_syntax", None)
    from jupyter_book.sphinx import build_sphinx

    toc = (source / "_toc.yml").as_posix()
    result = build_sphinx(
        source,
        output / "html",
        noconfig=True,
        path_config=source / "_config.yml",
        confoverrides={"external_toc_path": toc, "nitpicky": True, "latex_individualpages": False},
        warningiserror=True,
        keep_going=True,
        quiet=True,
        jobs=jobs,
    )
    return result if isinstance(result, int) else 1


def build(source, output, *, cold=False, jobs=None):
    """Bring OUTPUT/_build/html up to date; returns 0, or 1 if there was a warning or an error, which is printed."""
    output = output / "_build"
    stamp = output / "built-from"
    with locked(output / "lock"):
        now = fingerprint(source)
        if cold or not stamp.exists() or stamp.read_text() != now:
            for folder in ("html", ".doctrees", "jupyter_execute"):
                shutil.rmtree(output / folder, ignore_errors=True)
        stamp.unlink(missing_ok=True)  # a warning that was shown once would not be shown by the next build
        code = sphinx(source, output, jobs or min(os.cpu_count() or 1, 4))
        if code == 0:
            stamp.write_text(now)
    return code


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0].split(":")[0] + ".")
    parser.add_argument("source", nargs="?", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("output", nargs="?", type=Path, help="default: SOURCE")
    parser.add_argument("--cold", action="store_true", help="build all anew")
    parser.add_argument("--jobs", type=int, help="processes that write pages; default: the number of cores, at most 4")
    options = parser.parse_args(arguments)
    source = options.source.resolve()
    return build(source, (options.output or source).resolve(), cold=options.cold, jobs=options.jobs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
