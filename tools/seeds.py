"""Do a notebook's claims hold from other seeds? ``python tools/seeds.py book/NAME.ipynb --seeds 0 1 2``.

Every run executes a temporary copy of the notebook in which the constant ``SEED`` has another value, and reports the
cells whose asserts fail; the notebook itself is left as it is. ``--threads`` sets OMP_NUM_THREADS and ``--kernel``
OPENBLAS_CORETYPE (such as Sandybridge or Haswell), since either changes the last digits of matrix products, and
training makes large differences of small ones. What is printed may differ from run to run; only errors count.
"""

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

CONSTANT = re.compile(r"^SEED = \d+\b", re.MULTILINE)
PLAIN = re.compile(r"\x1b\[[0-9;]*m")


def with_seed(notebook, seed):
    """The notebook with ``SEED = seed`` in the one cell that sets it."""
    homes = [cell for cell in notebook.cells if cell.cell_type == "code" and CONSTANT.search(cell.source)]
    if len(homes) != 1:
        raise ValueError(f"expected one code cell with a line such as 'SEED = 0', found {len(homes)}")
    homes[0].source = CONSTANT.sub(f"SEED = {seed}", homes[0].source)
    return notebook


def failures(notebook, folder):
    """Run all cells, going on after errors; for each that failed its number, first line and error."""
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # a local kernel needs no encryption
        timeout=1200,
        allow_errors=True,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    found = []
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                arrow = re.search(r"^-+> *\d+ (.+)$", PLAIN.sub("", "\n".join(output.traceback)), re.MULTILINE)
                line = arrow[1].strip() if arrow else cell.source.splitlines()[0]
                found.append(f"cell {number}: {output.ename} {output.evalue[:120]} at: {line}")
    return found


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=1, help="OMP_NUM_THREADS (1)")
    parser.add_argument("--kernel", help="OPENBLAS_CORETYPE, such as Sandybridge")
    options = parser.parse_args(arguments)
    if not options.notebook.is_file():
        sys.exit(f"No notebook at {options.notebook}. Give a path such as book/variational-autoencoders.ipynb.")
    if options.threads < 1 or min(options.seeds) < 0:
        sys.exit("--threads must be at least 1, and seeds must not be negative.")
    # The kernel of each run is a new process and takes these with it.
    os.environ.update(OMP_NUM_THREADS=str(options.threads), OPENBLAS_NUM_THREADS=str(options.threads))
    if options.kernel:
        os.environ["OPENBLAS_CORETYPE"] = options.kernel
    where = f"{options.threads} thread(s), BLAS kernel {options.kernel or 'as detected'}"
    failed = False
    for seed in options.seeds:
        try:
            notebook = with_seed(nbformat.read(options.notebook, as_version=4), seed)
        except ValueError as error:
            sys.exit(f"{options.notebook.name}: {error}.")
        with tempfile.TemporaryDirectory() as folder:
            found = failures(notebook, folder)
        print(f"{options.notebook.name}, SEED = {seed}, {where}: {'all asserts hold' if not found else 'FAILED'}")
        print("".join(f"  {line}\n" for line in found), end="", flush=True)
        failed |= bool(found)
    sys.exit(failed)


if __name__ == "__main__":
    main(sys.argv[1:])
