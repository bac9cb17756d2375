"""What every child process of a comparison shares: one line on failure, exit code 2."""

import sys
from collections.abc import Callable

from ftcore.errors import FtcoreError


def exit_code(work: Callable[[], object]) -> int:
    """Do the work; return 0, or 2 with the error's line on standard error."""
    try:
        work()
    except FtcoreError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0
