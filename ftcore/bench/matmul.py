"""NumPy's matrix-multiply rate as a program; peers measure their frameworks' with the same arguments.

python -m ftcore.bench.matmul --shape 512x384x1536 --threads 2 --output FILE.json
"""

import argparse
from pathlib import Path

from ftcore.files import write_json
from ftcore.machine.matmul import Shape, by_numpy, rates


def parser() -> argparse.ArgumentParser:
    """Return a parser of the arguments that every such program takes."""
    found = argparse.ArgumentParser(description="Measure float32 matrix products.")
    found.add_argument("--shape", dest="shapes", action="append", type=_shape, required=True, metavar="MxKxN")
    found.add_argument("--threads", type=int, required=True)
    found.add_argument("--output", type=Path, required=True)
    return found


def _shape(text: str) -> Shape:
    rows, inner, columns = (int(part) for part in text.split("x"))
    return rows, inner, columns


if __name__ == "__main__":
    given = parser().parse_args()
    write_json(given.output, rates(by_numpy, given.shapes))
