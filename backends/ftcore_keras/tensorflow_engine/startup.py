"""Hides the information lines that TensorFlow writes during import, before its log level takes effect."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_NOISE = re.compile(rb"^(I0000 |WARNING: All log messages before absl::InitializeLog)")


@contextmanager
def quiet() -> Iterator[None]:
    """Capture file descriptor 2 in the context, then write out every line except the information lines."""
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
