"""TensorFlow's import without the information lines that it writes before its log level counts."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_NOISE = re.compile(rb"^(I0000 |WARNING: All log messages before absl::InitializeLog)")


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back what is written to file descriptor 2; afterwards pass on every line but the information lines."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            for line in held:
                if not _NOISE.match(line):
                    os.write(2, line)
