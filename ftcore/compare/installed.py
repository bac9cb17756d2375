"""Run as a child process: can these backends be loaded? It keeps their frameworks out of the parent."""

import sys
from collections.abc import Sequence

from ftcore import backend as backends
from ftcore.compare.child import exit_code


def load_each(names: Sequence[str]) -> None:
    """Load each backend; raises BackendError for the first that is not installed."""
    for name in names:
        backends.load(name)


if __name__ == "__main__":
    sys.exit(exit_code(lambda: load_each(sys.argv[1:])))
