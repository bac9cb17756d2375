"""Program that measures the matrix-multiply rate of NumPy, or of a backend's libraries.

python -m ftcore.bench.matmul --shape 512x384x1536 --threads 2 --output FILE.json
python -m ftcore.bench.matmul --shape 512x384x1536 --threads 2 --output FILE.json --backend torch

The file holds operations per second by shape; for a backend by library and shape.
"""

import argparse
from pathlib import Path

from ftcore.contract import discovery as backends
from ftcore.files import write_json
from ftcore.machine import Shape, by_numpy, rates


def parser() -> argparse.ArgumentParser:
    """Return a parser of the arguments of every such program."""
    found = argparse.ArgumentParser(description="Measure float32 matrix products.")
    found.add_argument("--shape", dest="shapes", action="append", type=_shape, required=True, metavar="MxKxN")
    found.add_argument("--threads", type=int)
    found.add_argument("--output", type=Path, required=True)
    return found


def _shape(text: str) -> Shape:
    rows, inner, columns = (int(part) for part in text.split("x"))
    return rows, inner, columns


if __name__ == "__main__":
    words = parser()
    words.add_argument("--backend")
    given = words.parse_args()
    if given.backend is None:
        write_json(given.output, rates(by_numpy, given.shapes))
    else:
        libraries = backends.load(given.backend).matrix_products(given.threads)
        write_json(given.output, {name: rates(prepare, given.shapes) for name, prepare in libraries.items()})
