"""Writes the reference arrays of the variants on standard input: `python -m ftcore_references --output FILE`.

`ftcore.conformance.family_sources` writes the variants.
"""

import argparse
import importlib.metadata
import json
import sys
from pathlib import Path

import torch

from ftcore.conformance import array_file
from ftcore.conformance.families import Variant
from ftcore_references.families import compute


def main() -> None:
    """Write the arrays of the variants on standard input, under "FAMILY/VARIANT/"."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    output = parser.parse_args().output
    torch.set_num_threads(1)
    variants = [Variant(**fields) for fields in json.load(sys.stdin)]
    arrays = {f"{one.family}/{one.name}/{key}": value for one in variants for key, value in compute(one).items()}
    versions = {package: importlib.metadata.version(package) for package in ("torch", "transformers")}
    array_file.write(output, arrays, array_file.versions_text(versions))


if __name__ == "__main__":
    main()
