"""``python -m tools COMMAND``: the same commands as `make`, for machines without it. Alone it lists them."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  this file is for the Python that somebody has
    sys.exit("This Python is too old: the course needs Python 3.11 or newer.")

from tools.commands import main  # noqa: E402  an older Python could not read it

sys.exit(main(sys.argv[1:]))
