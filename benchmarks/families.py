"""Measure every model family on every backend, and write docs/parity.md.

    python benchmarks/families.py

Each backend runs in a process of its own.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ftcore.conformance import table
from ftcore.conformance.array_file import versions_text
from ftcore.conformance.bounds import BOUNDS, FLOAT32_INSIDE
from ftcore.conformance.families import FAMILY_CASES
from ftcore.conformance.kinds.encoder_decoder import TARGET_LENGTHS, TARGET_PADDED
from ftcore.conformance.kinds.image_classifier import EXAMPLES
from ftcore.conformance.kinds.texts import LENGTHS, PADDED
from ftcore.conformance.report import Report
from ftcore.contract import discovery as backends

PAGE = Path(__file__).parents[1] / "docs" / "parity.md"
INTRODUCTION = f"""# Every model family against transformers

Written by `make docs` (`benchmarks/families.py`) from what `ftcore conformance --backend NAME --family all` measures.

For each family a tiny classifier of texts or images, language model, question answering or encoder-decoder, with every
parameter perturbed, is compared with plain transformers and `torch.optim` in float64, which run in another process.
There are {len(LENGTHS)}
texts of {min(LENGTHS)} to {max(LENGTHS)} tokens, padded to {PADDED}. The targets of an encoder-decoder have
{min(TARGET_LENGTHS)} to {max(TARGET_LENGTHS)} tokens, padded to {TARGET_PADDED}. If the family supports packing,
classified texts are also packed into rows. Batch normalization trains with the statistics of {EXAMPLES} images. Each
figure is the largest error of the family's variants:

- forward: the relative L2 error of the hidden states of every layer, in encoder and decoder, and of a classifier's
  logits and loss, padded and packed;
- language model: the relative L2 error of the logits of every token, with the language model head, and of the loss;
- answer span: the relative L2 error of the logits of every token, with the head of question answering, and of the loss;
- gradients: the relative L2 error of the worst parameter; packed: the same in packed rows. A gradient that is zero in
  exact arithmetic (the bias of an attention key) is compared by absolute error;
- ten steps: the relative error of the worst loss of ten steps of AdamW;
- round trip: a checkpoint is read from disk into the network and written back; names, types and bits are compared.

"""


def main() -> int:
    reports = [measure(name) for name in backends.names()]
    lines = [INTRODUCTION.rstrip(), "", *bounds(), ""]
    for report in reports:
        lines += section(report)
    lines += ["## What the variants are", "", *markdown(["family", "variants"], variants())]
    PAGE.write_text("\n".join(lines) + "\n")
    return max(report.exit_code for report in reports)


def measure(backend: str) -> Report:
    command = [sys.executable, "-m", "ftcore", "conformance", "--backend", backend, "--family", "all", "--json"]
    child = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if child.returncode not in (0, 1):
        raise SystemExit(child.returncode)
    return Report.from_json(child.stdout)


def bounds() -> Iterator[str]:
    rows = [
        [name, *(f"{size:.0e}" for size in (bound.outputs, bound.gradient, bound.loss))]
        for name, bound in (*BOUNDS.items(), (f"float64 {table.MARK}", FLOAT32_INSIDE))
    ]
    yield from markdown(["bounds", "forward, language model, answer span", "gradients, packed", "ten steps"], rows)
    yield from ("", table.LEGEND)


def section(report: Report) -> Iterator[str]:
    yield from (f"## {report.backend}", "")
    yield from (f"{versions_text(report.versions)}; against {report.family_references}.", "")
    yield from (*markdown(table.HEADER, table.family_lines(report.rows)), "")


def variants() -> list[list[str]]:
    return [[name, "; ".join(variant.name for variant in cases.every())] for name, cases in FAMILY_CASES.items()]


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows)]


if __name__ == "__main__":
    sys.exit(main())
